"""The names, trades and places from which the contacts of an organisation are generated, read from data/*.json."""

from importlib.resources import files

import msgspec


class Names(msgspec.Struct, frozen=True):
    """First and last names of people."""

    first_names: list[str]
    last_names: list[str]


class Place(msgspec.Struct, frozen=True):
    """A town with its postcode and the area code of its phones."""

    city: str
    region: str
    postcode: str
    area_code: str


class Businesses(msgspec.Struct, frozen=True):
    """The parts of business names and addresses."""

    trades: list[str]
    supplies: list[str]
    endings: list[str]
    places: list[Place]
    streets: list[str]
    email_hosts: list[str]


_DATA = files("posxero.practice") / "data"
NAMES = msgspec.json.decode((_DATA / "names.json").read_bytes(), type=Names)
BUSINESSES = msgspec.json.decode((_DATA / "businesses.json").read_bytes(), type=Businesses)
