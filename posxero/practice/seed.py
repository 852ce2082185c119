"""Invents the contacts of an organisation: plausible, and the same ones every time."""

import string
from collections.abc import Iterator
from random import Random
from uuid import UUID

from posxero.practice import edge_cases, groups, names, places
from posxero.practice.folding import fold
from posxero.practice.records import ACTIVE, ARCHIVED
from posxero.practice.rules import blank
from posxero.practice.shapes import Json

FIRST_UPDATE = 1_672_531_200_000  # 2023-01-01
LAST_UPDATE = 1_751_328_000_000  # 2025-07-01
BULK_UPDATE = 1_700_000_000_000  # one in eight was brought in by one bulk import and shares its moment
KINDS = (  # IsCustomer, IsSupplier, share
    (True, False, 46),
    (False, False, 27),
    (False, True, 18),
    (True, True, 9),
)
ARCHIVED_SHARE, MERGED_SHARE = 0.05, 0.4  # of all; of the archived
SHARED_PHONE = "555 0199"  # a reception's number
SHARED_EMAIL = "accounts@harbourgroup.example"


def contacts(tenant_id: str, count: int) -> Iterator[Json]:
    """Invent `count` contacts of an organisation, the odd ones first. Names are unique among all of them."""
    inventor = _Inventor(Random(tenant_id))  # noqa: S311 - the same contacts every time
    for odd in edge_cases.ODDITIES[:count]:
        held = groups.of_contact(tenant_id, odd["Name"])
        yield inventor.keep(inventor.begin(odd["Name"]) | odd | ({"ContactGroups": held} if held else {}))
    for _ in range(count - len(edge_cases.ODDITIES)):
        yield inventor.keep(inventor.invent())


class _Inventor:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._names: set[str] = set()
        self._winner = ""
        self._kinds = [kind[:2] for kind in KINDS]
        self._shares = [kind[2] for kind in KINDS]

    def begin(self, name: str) -> Json:
        record = blank(str(UUID(int=self._random.getrandbits(128), version=4)))
        customer, supplier = self._random.choices(self._kinds, self._shares)[0]
        return record | {
            "Name": name,
            "IsCustomer": customer,
            "IsSupplier": supplier,
            "UpdatedDateUTC": self._moment(),
            "DefaultCurrency": "NZD",
        }

    def keep(self, record: Json) -> Json:
        self._names.add(record["Name"].casefold())
        if record["ContactStatus"] == ACTIVE:
            self._winner = record["ContactID"]
        return record

    def invent(self) -> Json:
        record = self.begin("")
        person = self._maybe(0.1 if record["IsSupplier"] else 0.6)
        first, last = self._random.choice(names.FIRST_NAMES), self._random.choice(names.LAST_NAMES).replace("-", " ")
        record["Name"] = self._person(first, last) if person else self._company(last, record["IsSupplier"])
        if person or self._maybe(0.5):
            record |= {"FirstName": first, "LastName": last}
        record |= self._scalars(record["Name"])
        place = self._random.choice(places.PLACES)
        record["Phones"] = self._phones(place[3])
        record["Addresses"] = self._addresses(place, first, last)
        if not person:
            record |= self._of_company(first, last, has_email="EmailAddress" in record)
        if self._maybe(ARCHIVED_SHARE):
            record["ContactStatus"] = ARCHIVED
            if self._winner and self._maybe(MERGED_SHARE):
                record["MergedToContactID"] = self._winner
        return record

    def _maybe(self, share: float) -> bool:
        return self._random.random() < share

    def _moment(self) -> int:
        return BULK_UPDATE if self._maybe(0.125) else self._random.randrange(FIRST_UPDATE, LAST_UPDATE)

    def _company(self, surname: str, supplier: bool) -> str:  # noqa: FBT001 - read at its only call
        place, other = (self._random.choice(places.PLACES)[0] for _ in range(2))
        trade = self._random.choice(places.SUPPLIES if supplier else places.TRADES)
        ending = self._random.choice(places.ENDINGS)
        name = f"{self._random.choice((place, surname))} {trade} {ending}".strip()
        return self._unused(name, f"{name} ({other})")

    def _person(self, first: str, last: str) -> str:
        initials = (f"{first} {letter} {last}" for letter in self._random.sample(string.ascii_uppercase, 3))
        return self._unused(f"{first} {last}", *initials)

    def _unused(self, *ideas: str) -> str:
        for name in ideas:
            if name.casefold() not in self._names:
                return name
        name, number = ideas[-1], 2
        while f"{name} {number}".casefold() in self._names:
            number += self._random.randrange(1, 1000)
        return f"{name} {number}"

    def _scalars(self, name: str) -> Json:
        scalars: Json = {}
        if self._maybe(0.8):
            local = "".join(letter if letter.isascii() and letter.isalnum() else "." for letter in fold(name))
            host = self._random.choice(places.EMAIL_HOSTS)
            scalars["EmailAddress"] = f"{'.'.join(filter(None, local.split('.')))[:60]}@{host}"
            if self._maybe(0.02):
                scalars["EmailAddress"] = SHARED_EMAIL
        if self._maybe(0.15):
            scalars["AccountNumber"] = f"KO-{len(self._names):06d}"
        if self._maybe(0.1):
            scalars["BankAccountDetails"] = f"12-3141-{self._random.randrange(10**7):07d}-00"
        return scalars

    def _phones(self, area: str) -> Json:
        random, number = self._random, f"555 {self._random.randrange(10_000):04d}"
        phones: Json = {}
        if self._maybe(0.03):
            number = SHARED_PHONE
        if self._maybe(0.5):
            phones["DEFAULT"] = _phone(number, area[1:], "64")
        elif self._maybe(0.7):
            phones["DEFAULT"] = _phone(f"{area} {number}")
        if self._maybe(0.45):
            mobile = f"{random.choice(('21', '22', '27'))} {random.randrange(10**6):06d}"
            phones["MOBILE"] = _phone(f"0{mobile}") if self._maybe(0.6) else _phone(mobile[3:], mobile[:2], "+64")
        if self._maybe(0.08):
            phones["DDI"] = _phone(f"+64 {area[1:]} 555 {random.randrange(10_000):04d}")
        if self._maybe(0.04):
            phones["FAX"] = _phone(f"555 {random.randrange(10_000):04d}", area)
        return phones

    def _addresses(self, place: tuple[str, str, str, str], first: str, last: str) -> Json:
        city, region, postcode, _ = place
        addresses: Json = {}
        town = {"City": city, "Region": region, "PostalCode": postcode, "Country": "New Zealand"}
        if self._maybe(0.7):
            house = f"{self._random.randrange(1, 400)} {self._random.choice(places.STREETS)}"
            addresses["STREET"] = {"AddressLine1": house} | town
        if self._maybe(0.4):
            addresses["POBOX"] = {"AddressLine1": f"PO Box {self._random.randrange(100, 9999)}"} | town
            if self._maybe(0.4):
                addresses["POBOX"]["AttentionTo"] = f"{first} {last}"
        return addresses

    def _of_company(self, first: str, last: str, *, has_email: bool) -> Json:
        random = self._random
        extra: Json = {}
        if self._maybe(0.3):
            extra["CompanyNumber"] = f"{random.randrange(10**6, 10**7)}"
            extra["TaxNumber"] = f"1{random.randrange(10, 40)}-{random.randrange(100, 999)}-202"
        if self._maybe(0.2):
            terms = {"Day": random.choice((7, 14, 20)), "Type": "OFFOLLOWINGMONTH"}
            extra["PaymentTerms"] = {"Bills": terms, "Sales": terms}
        if has_email and self._maybe(0.25):
            address = f"{fold(first)}@{random.choice(places.EMAIL_HOSTS)}"
            address = address if address.isascii() else "office@example.org"
            person = {"FirstName": first, "LastName": last, "EmailAddress": address, "IncludeInEmails": True}
            extra["ContactPersons"] = [person]
        return extra


def _phone(number: str, area: str = "", country: str = "") -> Json:
    return {"PhoneNumber": number, "PhoneAreaCode": area, "PhoneCountryCode": country}
