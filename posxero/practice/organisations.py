"""The two organisations that Practice Xero's user may share, and what their settings answer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Pacific/Auckland")  # of every organisation
ID_NAMESPACE = UUID("7d0f6a5e-51c6-4a0e-9f1d-3a2f0b7c1e11")  # every fixed id is derived from it


@dataclass(frozen=True)
class Organisation:
    """One organisation, as the consent page, /connections and /Organisation show it."""

    tenant_id: str
    name: str
    short_code: str
    city: str

    def as_element(self) -> dict[str, Any]:
        """Return the element of GET /Organisation, without the lock dates."""
        return {
            "Name": self.name,
            "LegalName": self.name,
            "PaysTax": True,
            "Version": "NZ",
            "OrganisationType": "COMPANY",
            "BaseCurrency": "NZD",
            "CountryCode": "NZ",
            "IsDemoCompany": False,
            "OrganisationStatus": "ACTIVE",
            "TaxNumber": "101-202-303",
            "FinancialYearEndDay": 31,
            "FinancialYearEndMonth": 3,
            "SalesTaxBasis": "PAYMENTS",
            "SalesTaxPeriod": "TWOMONTHS",
            "DefaultSalesTax": "Tax Exclusive",
            "DefaultPurchasesTax": "Tax Exclusive",
            "CreatedDateUTC": "/Date(1672531200000)/",
            "OrganisationEntityType": "COMPANY",
            "Timezone": "NEWZEALANDSTANDARDTIME",
            "ShortCode": self.short_code,
            "OrganisationID": self.tenant_id,
            "Edition": "BUSINESS",
            "Class": "PREMIUM",
            "Addresses": [{"AddressType": "POBOX", "City": self.city, "Country": "New Zealand"}],
            "PaymentTerms": {},
        }


def _organisation(name: str, short_code: str, city: str) -> Organisation:
    return Organisation(str(uuid5(ID_NAMESPACE, name)), name, short_code, city)


ORGANISATIONS = (
    _organisation("Kiwi Outfitters Ltd", "!Kw1Ot", "Wellington"),
    _organisation("Harbour Books & Gifts", "!hB7gf", "Nelson"),
)


def by_tenant(tenant_id: str) -> Organisation | None:
    """Return the organisation of a tenant id, or None."""
    return next((each for each in ORGANISATIONS if each.tenant_id == tenant_id.lower()), None)
