"""The two organisations that Practice Xero's user may share, and what their settings answer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

FAMILY = UUID("7d0f6a5e-51c6-4a0e-9f1d-3a2f0b7c1e11")  # every fixed id is derived from it


@dataclass(frozen=True)
class Organisation:
    """One organisation, as the consent page, /connections and /Organisation show it."""

    tenant_id: str
    name: str
    short_code: str
    city: str

    def shape(self) -> dict[str, Any]:
        """Give the element of GET /Organisation."""
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
            "PeriodLockDate": "/Date(1254268800000+0000)/",
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
    return Organisation(str(uuid5(FAMILY, name)), name, short_code, city)


ORGANISATIONS = (
    _organisation("Kiwi Outfitters Ltd", "!Kw1Ot", "Wellington"),
    _organisation("Harbour Books & Gifts", "!hB7gf", "Nelson"),
)


def by_tenant(tenant_id: str) -> Organisation | None:
    """Give the organisation of a tenant id, or None."""
    return next((each for each in ORGANISATIONS if each.tenant_id == tenant_id.lower()), None)


def by_short_code(short_code: str) -> Organisation | None:
    """Give the organisation of a short code, or None."""
    return next((each for each in ORGANISATIONS if each.short_code == short_code), None)


def accounts(tenant_id: str) -> list[dict[str, Any]]:
    """Give the elements of GET /Accounts: a small chart of accounts."""
    chart = (
        ("090", "Business Bank Account", "BANK", "NONE", "ASSET"),
        ("200", "Sales", "REVENUE", "OUTPUT2", "REVENUE"),
        ("260", "Other Revenue", "REVENUE", "OUTPUT2", "REVENUE"),
        ("310", "Cost of Goods Sold", "DIRECTCOSTS", "INPUT2", "EXPENSE"),
        ("404", "Bank Fees", "EXPENSE", "NONE", "EXPENSE"),
        ("610", "Accounts Receivable", "CURRENT", "NONE", "ASSET"),
        ("800", "Accounts Payable", "CURRLIAB", "NONE", "LIABILITY"),
        ("820", "GST", "CURRLIAB", "NONE", "LIABILITY"),
    )
    return [
        {
            "AccountID": str(uuid5(FAMILY, f"{tenant_id} {code}")),
            "Code": code,
            "Name": name,
            "Status": "ACTIVE",
            "Type": kind,
            "TaxType": tax,
            "Class": group,
            "EnablePaymentsToAccount": kind == "REVENUE",
            "ShowInExpenseClaims": False,
            "HasAttachments": False,
            "UpdatedDateUTC": "/Date(1672531200000+0000)/",
            "AddToWatchlist": False,
        }
        for code, name, kind, tax, group in chart
    ]


def tax_rates() -> list[dict[str, Any]]:
    """Give the elements of GET /TaxRates: those of New Zealand."""
    rates = (
        ("15% GST on Expenses", "INPUT2", "INPUT", 15.0),
        ("15% GST on Income", "OUTPUT2", "OUTPUT", 15.0),
        ("No GST", "NONE", "NONE", 0.0),
        ("Zero Rated", "ZERORATED", "OUTPUT", 0.0),
    )
    return [
        {
            "Name": name,
            "TaxType": kind,
            "ReportTaxType": report,
            "CanApplyToAssets": True,
            "CanApplyToEquity": True,
            "CanApplyToExpenses": report != "OUTPUT",
            "CanApplyToLiabilities": True,
            "CanApplyToRevenue": report != "INPUT",
            "DisplayTaxRate": rate,
            "EffectiveRate": rate,
            "Status": "ACTIVE",
            "TaxComponents": [{"Name": "GST", "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}],
        }
        for name, kind, report, rate in rates
    ]
