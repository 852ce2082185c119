"""The chart of accounts, the tax rates and the currencies of every organisation: those of New Zealand."""

from typing import Any
from uuid import uuid5

from posxero.practice.organisations import ID_NAMESPACE

ACTIVE, ARCHIVED, DELETED = "ACTIVE", "ARCHIVED", "DELETED"
Account = tuple[str, str, str, str, str, dict[str, Any]]

ACCOUNTS: tuple[Account, ...] = (  # code, name, type, tax type, class, and what some have beside them
    ("090", "Business Bank Account", "BANK", "NONE", "ASSET", {"BankAccountNumber": "0209087654321050"}),
    ("200", "Sales", "REVENUE", "OUTPUT2", "REVENUE", {}),
    ("260", "Other Revenue", "REVENUE", "OUTPUT2", "REVENUE", {}),
    ("265", "Till Sales before 2024", "REVENUE", "OUTPUT2", "REVENUE", {"Status": ARCHIVED}),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "INPUT2", "EXPENSE", {}),
    ("404", "Bank Fees", "EXPENSE", "NONE", "EXPENSE", {}),
    ("497", "Bank Revaluations", "EXPENSE", "NONE", "EXPENSE", {"SystemAccount": "BANKCURRENCYGAIN"}),
    ("498", "Unrealised Currency Gains", "EXPENSE", "NONE", "EXPENSE", {"SystemAccount": "UNREALISEDCURRENCYGAIN"}),
    ("499", "Realised Currency Gains", "EXPENSE", "NONE", "EXPENSE", {"SystemAccount": "REALISEDCURRENCYGAIN"}),
    ("610", "Accounts Receivable", "CURRENT", "NONE", "ASSET", {"SystemAccount": "DEBTORS"}),
    ("800", "Accounts Payable", "CURRLIAB", "NONE", "LIABILITY", {"SystemAccount": "CREDITORS"}),
    ("801", "Unpaid Expense Claims", "CURRLIAB", "NONE", "LIABILITY", {"SystemAccount": "UNPAIDEXPCLM"}),
    ("820", "GST", "CURRLIAB", "NONE", "LIABILITY", {"SystemAccount": "GST"}),
    ("840", "Historical Adjustment", "CURRLIAB", "NONE", "LIABILITY", {"SystemAccount": "HISTORICAL"}),
    ("860", "Rounding", "CURRLIAB", "NONE", "LIABILITY", {"SystemAccount": "ROUNDING"}),
    ("877", "Tracking Transfers", "CURRLIAB", "NONE", "LIABILITY", {"SystemAccount": "TRACKINGTRANSFERS"}),
    ("960", "Retained Earnings", "EQUITY", "NONE", "EQUITY", {"SystemAccount": "RETAINEDEARNINGS"}),
    ("970", "Owner A Funds Introduced", "EQUITY", "NONE", "EQUITY", {"EnablePaymentsToAccount": True}),
    ("980", "Owner A Drawings", "EQUITY", "NONE", "EQUITY", {"EnablePaymentsToAccount": True}),
)
TAX_RATES = (  # name, tax type, report tax type, percent, status, what it can apply to; as recorded
    ("12.5% GST on Expenses", "INPUT", "INPUT", 12.5, DELETED, ("Assets", "Equity", "Expenses", "Liabilities")),
    ("12.5% GST on Income", "OUTPUT", "OUTPUT", 12.5, DELETED, ("Assets", "Equity", "Liabilities", "Revenue")),
    ("15% GST on Expenses", "INPUT2", "INPUT", 15.0, ACTIVE, ("Assets", "Equity", "Expenses", "Liabilities")),
    ("15% GST on Income", "OUTPUT2", "OUTPUT", 15.0, ACTIVE, ("Assets", "Equity", "Liabilities", "Revenue")),
    ("GST on Imports", "GSTONIMPORTS", "GSTONIMPORTS", 0.0, ACTIVE, ("Liabilities",)),
    ("No GST", "NONE", "NONE", 0.0, ACTIVE, ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")),
    ("Zero Rated", "ZERORATED", "OUTPUT", 0.0, ACTIVE, ("Liabilities", "Revenue")),
)
USES = ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")
BASE_CURRENCY = "NZD"
CURRENCIES: dict[str, str] = {
    BASE_CURRENCY: "New Zealand Dollar",
    "AUD": "Australian Dollar",
    "USD": "United States Dollar",
    "GBP": "British Pound",
    "EUR": "Euro",
}  # description by code: what an organisation can subscribe to; it always has the first


def accounts(tenant_id: str) -> list[dict[str, Any]]:
    """Return the elements of GET /Accounts: archived ones too, as Xero does."""
    return [
        {
            "AccountID": str(uuid5(ID_NAMESPACE, f"{tenant_id} {code}")),
            "Code": code,
            "Name": name,
            "Status": ACTIVE,
            "Type": kind,
            "TaxType": tax,
            "Class": group,
            "EnablePaymentsToAccount": False,
            "ShowInExpenseClaims": False,
            **({"BankAccountType": "BANK", "CurrencyCode": "NZD"} if kind == "BANK" else {}),
            "HasAttachments": False,
            "UpdatedDateUTC": "/Date(1672531200000+0000)/",
            "AddToWatchlist": False,
            **more,
        }
        for code, name, kind, tax, group, more in ACCOUNTS
    ]


def tax_rates() -> list[dict[str, Any]]:
    """Return the elements of GET /TaxRates: deleted ones too, as Xero does."""
    return [
        {
            "Name": name,
            "TaxType": kind,
            "ReportTaxType": report,
            **{f"CanApplyTo{use}": use in uses for use in USES},
            "DisplayTaxRate": rate,
            "EffectiveRate": rate,
            "Status": status,
            "TaxComponents": [{"Name": "GST", "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}],
        }
        for name, kind, report, rate, status, uses in TAX_RATES
    ]
