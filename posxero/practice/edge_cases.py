"""Edge cases: the first contacts of every organisation of Practice Xero."""

from posxero.practice.records import ARCHIVED, ERASED
from posxero.practice.shapes import Json

CUSTOMER: Json = {"IsCustomer": True, "IsSupplier": False}
GENERAL: Json = {"IsCustomer": False, "IsSupplier": False}
SUPPLIER: Json = {"IsCustomer": False, "IsSupplier": True}
BOTH: Json = {"IsCustomer": True, "IsSupplier": True}
SPLIT_PHONE: Json = {"PhoneNumber": "476 1189", "PhoneAreaCode": "3", "PhoneCountryCode": "64"}
UNSPLIT_PHONE: Json = {"PhoneNumber": "+64 3 476 1189", "PhoneAreaCode": "", "PhoneCountryCode": ""}
DUE_ON_THE_20TH: Json = {"Day": 20, "Type": "OFFOLLOWINGMONTH"}
LONG_TRUST = "The Trustees of the " + "Waiōhau and Te Teko Community Sports, Arts and Heritage " * 4 + "Trust"

EDGE_CASES: tuple[Json, ...] = (
    {
        "Name": "Aroha Ngata",
        "FirstName": "Aroha",
        "LastName": "Ngata",
        "EmailAddress": "aroha.ngata@mail.example",
        "AccountNumber": "KO-AROHA",
        "Phones": {"DEFAULT": SPLIT_PHONE, "MOBILE": {"PhoneNumber": "021 555 014"}},
        "Addresses": {
            "STREET": {"AddressLine1": "14 Rātā Street", "City": "Ōtaki", "Country": "New Zealand"},
            "POBOX": {"AttentionTo": "The Ngata whānau", "AddressLine1": "PO Box 77", "City": "Ōtaki"},
        },
    }
    | CUSTOMER,
    {"Name": "Te Ohu Whakaū Māori Arts", "EmailAddress": "kiaora@teohu.example", "Phones": {}} | GENERAL,
    {"Name": "Siobhán O'Brien", "FirstName": "Siobhán", "LastName": "O'Brien", "EmailAddress": ""} | CUSTOMER,
    {"Name": 'Dave "Macca" McKenzie', "FirstName": "Dave", "LastName": "McKenzie", "Phones": {"DEFAULT": UNSPLIT_PHONE}}
    | CUSTOMER,
    {"Name": "Renée & François Pâtisserie", "EmailAddress": "bonjour@patisserie.example"} | BOTH,
    {"Name": LONG_TRUST[:240], "EmailAddress": "trustees@waiohau.example"} | GENERAL,
    {"Name": "W" * 255, "EmailAddress": ""} | GENERAL,
    {"Name": "Nguyễn Thị Hương", "FirstName": "Hương", "LastName": "Nguyễn", "Phones": {"DEFAULT": SPLIT_PHONE}}
    | CUSTOMER,
    {"Name": "王小明", "FirstName": "小明", "LastName": "王", "EmailAddress": "xiaoming@mail.example"} | CUSTOMER,
    {"Name": "مقهى النخيل", "EmailAddress": "palms@mail.example"} | GENERAL,
    {"Name": "Surf 🏄 Shack", "EmailAddress": "hello@surfshack.example"} | CUSTOMER,
    {"Name": "Smith, Jones & Partners", "EmailAddress": "office@sjp.example", "CompanyNumber": "1846239"} | CUSTOMER,
    {"Name": "Jose Fernandez", "EmailAddress": "family@fernandez.example"} | CUSTOMER,
    {"Name": "José Fernández", "EmailAddress": "family@fernandez.example"} | CUSTOMER,
    {
        "Name": "Bayside Wholesale Club",
        "EmailAddress": "accounts@bayside.example",
        "BankAccountDetails": "12-3141-0592653-00",
        "TaxNumber": "101-202-303",
        "CompanyNumber": "9429031595070",
        "SalesDefaultAccountCode": "200",
        "SalesDefaultLineAmountType": "INCLUSIVE",
        "PaymentTerms": {"Bills": DUE_ON_THE_20TH, "Sales": {"Day": 7, "Type": "DAYSAFTERBILLDATE"}},
        "ContactPersons": [
            {"FirstName": "Ngaio", "EmailAddress": "ngaio@bayside.example", "IncludeInEmails": True},
            {"FirstName": "Tom", "LastName": "Hall", "EmailAddress": "tom@bayside.example", "IncludeInEmails": False},
        ],
        "Balances": {"AccountsReceivable": {"Outstanding": 760.0, "Overdue": 120.0}},
        "Phones": {"DDI": {"PhoneNumber": "555 0142", "PhoneAreaCode": "9", "PhoneCountryCode": "64"}},
        "Addresses": {
            "STREET": {
                "AttentionTo": "Goods inwards",
                "AddressLine1": "Unit 4",
                "AddressLine2": "220 Marine Parade",
                "AddressLine3": "Ahuriri",
                "AddressLine4": "Behind the silos",
                "City": "Napier",
                "Region": "Hawke's Bay",
                "PostalCode": "4110",
                "Country": "New Zealand",
            }
        },
    }
    | BOTH,
    {"Name": "Southern Merino Mills Ltd", "EmailAddress": "orders@merino.example"} | SUPPLIER,
    {"Name": "Huia Couriers", "Phones": {"DEFAULT": {"PhoneNumber": "0800 555 010"}}} | SUPPLIER,
    {"Name": "Old Dunedin Drapery", "ContactStatus": ARCHIVED} | CUSTOMER,
    {"Name": "Closed Supplies Co", "ContactStatus": ARCHIVED} | SUPPLIER,
    {"Name": "Forgotten Customer", "ContactStatus": ERASED} | CUSTOMER,
    {"Name": "Pat O\u2019Reilly", "FirstName": "Pat", "LastName": "O\u2019Reilly", "ContactNumber": "CRM-00042"}
    | CUSTOMER,
    {"Name": "Only a Name"} | GENERAL,
)
