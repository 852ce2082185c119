"""Generate the contacts of an organisation: plausible, and the same ones every time."""

import string
from collections.abc import Iterator
from random import Random
from uuid import UUID

from posxero.practice import edge_cases, groups
from posxero.practice.folding import fold
from posxero.practice.records import ACTIVE, ARCHIVED
from posxero.practice.rules import new_record
from posxero.practice.seed_data import BUSINESSES, NAMES, Place
from posxero.practice.shapes import Json

FIRST_UPDATE_AT = 1_672_531_200_000  # 2023-01-01
LAST_UPDATE_AT = 1_751_328_000_000  # 2025-07-01
BULK_IMPORT_AT = 1_700_000_000_000  # one in eight was brought in by one bulk import and shares its UpdatedDateUTC
ROLE_SHARES = (  # IsCustomer, IsSupplier, share
    (True, False, 46),
    (False, False, 27),
    (False, True, 18),
    (True, True, 9),
)
ARCHIVED_SHARE, MERGED_SHARE = 0.05, 0.4  # of all; of the archived
SHARED_PHONE = "555 0199"  # a reception's number
SHARED_EMAIL = "accounts@harbourgroup.example"


def generate_contacts(tenant_id: str, count: int) -> Iterator[Json]:
    """Generate `count` contacts of an organisation, the edge cases first. Names are unique among all of them."""
    generator = _Generator(Random(tenant_id))  # noqa: S311 - the same contacts every time
    for edge_case in edge_cases.EDGE_CASES[:count]:
        joined = groups.groups_of_contact(tenant_id, edge_case["Name"])
        yield generator.add(
            generator.start_record(edge_case["Name"]) | edge_case | ({"ContactGroups": joined} if joined else {})
        )
    for _ in range(count - len(edge_cases.EDGE_CASES)):
        yield generator.add(generator.generate())


class _Generator:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._names: set[str] = set()
        self._merge_target = ""
        self._roles = [role[:2] for role in ROLE_SHARES]
        self._shares = [role[2] for role in ROLE_SHARES]

    def start_record(self, name: str) -> Json:
        record = new_record(str(UUID(int=self._random.getrandbits(128), version=4)))
        customer, supplier = self._random.choices(self._roles, self._shares)[0]
        return record | {
            "Name": name,
            "IsCustomer": customer,
            "IsSupplier": supplier,
            "UpdatedDateUTC": self._update_time(),
            "DefaultCurrency": "NZD",
        }

    def add(self, record: Json) -> Json:
        self._names.add(record["Name"].casefold())
        if record["ContactStatus"] == ACTIVE:
            self._merge_target = record["ContactID"]
        return record

    def generate(self) -> Json:
        record = self.start_record("")
        person = self._chance(0.1 if record["IsSupplier"] else 0.6)
        first, last = self._random.choice(NAMES.first_names), self._random.choice(NAMES.last_names).replace("-", " ")
        record["Name"] = self._person(first, last) if person else self._company(last, record["IsSupplier"])
        if person or self._chance(0.5):
            record |= {"FirstName": first, "LastName": last}
        record |= self._scalars(record["Name"])
        place = self._random.choice(BUSINESSES.places)
        record["Phones"] = self._phones(place.area_code)
        record["Addresses"] = self._addresses(place, first, last)
        if not person:
            record |= self._company_fields(first, last, has_email="EmailAddress" in record)
        if self._chance(ARCHIVED_SHARE):
            record["ContactStatus"] = ARCHIVED
            if self._merge_target and self._chance(MERGED_SHARE):
                record["MergedToContactID"] = self._merge_target
        return record

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _update_time(self) -> int:
        return BULK_IMPORT_AT if self._chance(0.125) else self._random.randrange(FIRST_UPDATE_AT, LAST_UPDATE_AT)

    def _company(self, surname: str, supplier: bool) -> str:  # noqa: FBT001 - read at its only call
        place, other = (self._random.choice(BUSINESSES.places).city for _ in range(2))
        trade = self._random.choice(BUSINESSES.supplies if supplier else BUSINESSES.trades)
        ending = self._random.choice(BUSINESSES.endings)
        name = f"{self._random.choice((place, surname))} {trade} {ending}".strip()
        return self._unused(name, f"{name} ({other})")

    def _person(self, first: str, last: str) -> str:
        initials = (f"{first} {letter} {last}" for letter in self._random.sample(string.ascii_uppercase, 3))
        return self._unused(f"{first} {last}", *initials)

    def _unused(self, *candidates: str) -> str:
        for name in candidates:
            if name.casefold() not in self._names:
                return name
        name, number = candidates[-1], 2
        while f"{name} {number}".casefold() in self._names:
            number += self._random.randrange(1, 1000)
        return f"{name} {number}"

    def _scalars(self, name: str) -> Json:
        scalars: Json = {}
        if self._chance(0.8):
            local = "".join(letter if letter.isascii() and letter.isalnum() else "." for letter in fold(name))
            host = self._random.choice(BUSINESSES.email_hosts)
            scalars["EmailAddress"] = f"{'.'.join(filter(None, local.split('.')))[:60]}@{host}"
            if self._chance(0.02):
                scalars["EmailAddress"] = SHARED_EMAIL
        if self._chance(0.15):
            scalars["AccountNumber"] = f"KO-{len(self._names):06d}"
        if self._chance(0.1):
            scalars["BankAccountDetails"] = f"12-3141-{self._random.randrange(10**7):07d}-00"
        return scalars

    def _phones(self, area: str) -> Json:
        random, number = self._random, f"555 {self._random.randrange(10_000):04d}"
        phones: Json = {}
        if self._chance(0.03):
            number = SHARED_PHONE
        if self._chance(0.5):
            phones["DEFAULT"] = _phone(number, area[1:], "64")
        elif self._chance(0.7):
            phones["DEFAULT"] = _phone(f"{area} {number}")
        if self._chance(0.45):
            mobile = f"{random.choice(('21', '22', '27'))} {random.randrange(10**6):06d}"
            phones["MOBILE"] = _phone(f"0{mobile}") if self._chance(0.6) else _phone(mobile[3:], mobile[:2], "+64")
        if self._chance(0.08):
            phones["DDI"] = _phone(f"+64 {area[1:]} 555 {random.randrange(10_000):04d}")
        if self._chance(0.04):
            phones["FAX"] = _phone(f"555 {random.randrange(10_000):04d}", area)
        return phones

    def _addresses(self, place: Place, first: str, last: str) -> Json:
        addresses: Json = {}
        town = {"City": place.city, "Region": place.region, "PostalCode": place.postcode, "Country": "New Zealand"}
        if self._chance(0.7):
            house = f"{self._random.randrange(1, 400)} {self._random.choice(BUSINESSES.streets)}"
            addresses["STREET"] = {"AddressLine1": house} | town
        if self._chance(0.4):
            addresses["POBOX"] = {"AddressLine1": f"PO Box {self._random.randrange(100, 9999)}"} | town
            if self._chance(0.4):
                addresses["POBOX"]["AttentionTo"] = f"{first} {last}"
        return addresses

    def _company_fields(self, first: str, last: str, *, has_email: bool) -> Json:
        random = self._random
        extra: Json = {}
        if self._chance(0.3):
            extra["CompanyNumber"] = f"{random.randrange(10**6, 10**7)}"
            extra["TaxNumber"] = f"1{random.randrange(10, 40)}-{random.randrange(100, 999)}-202"
        if self._chance(0.2):
            terms = {"Day": random.choice((7, 14, 20)), "Type": "OFFOLLOWINGMONTH"}
            extra["PaymentTerms"] = {"Bills": terms, "Sales": terms}
        if has_email and self._chance(0.25):
            address = f"{fold(first)}@{random.choice(BUSINESSES.email_hosts)}"
            address = address if address.isascii() else "office@example.org"
            person = {"FirstName": first, "LastName": last, "EmailAddress": address, "IncludeInEmails": True}
            extra["ContactPersons"] = [person]
        return extra


def _phone(number: str, area: str = "", country: str = "") -> Json:
    return {"PhoneNumber": number, "PhoneAreaCode": area, "PhoneCountryCode": country}
