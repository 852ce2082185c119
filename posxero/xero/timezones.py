"""Xero's names of time zones, which are those of Windows without spaces and in capitals, by their IANA names.

The zones where shops that keep their books in Xero are; any other stays unset, and the owner sets it.
"""

from typing import Final

ZONES: Final = {
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "FIJISTANDARDTIME": "Pacific/Fiji",
    "TONGASTANDARDTIME": "Pacific/Tongatapu",
    "SAMOASTANDARDTIME": "Pacific/Apia",
    "CENTRALPACIFICSTANDARDTIME": "Pacific/Guadalcanal",
    "WESTPACIFICSTANDARDTIME": "Pacific/Port_Moresby",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EAUSTRALIASTANDARDTIME": "Australia/Brisbane",
    "TASMANIASTANDARDTIME": "Australia/Hobart",
    "CENAUSTRALIASTANDARDTIME": "Australia/Adelaide",
    "AUSCENTRALSTANDARDTIME": "Australia/Darwin",
    "WAUSTRALIASTANDARDTIME": "Australia/Perth",
    "TOKYOSTANDARDTIME": "Asia/Tokyo",
    "KOREASTANDARDTIME": "Asia/Seoul",
    "CHINASTANDARDTIME": "Asia/Shanghai",
    "TAIPEISTANDARDTIME": "Asia/Taipei",
    "SINGAPORESTANDARDTIME": "Asia/Singapore",
    "SEASIASTANDARDTIME": "Asia/Bangkok",
    "SRILANKASTANDARDTIME": "Asia/Colombo",
    "INDIASTANDARDTIME": "Asia/Kolkata",
    "PAKISTANSTANDARDTIME": "Asia/Karachi",
    "ARABIANSTANDARDTIME": "Asia/Dubai",
    "ARABSTANDARDTIME": "Asia/Riyadh",
    "EAFRICASTANDARDTIME": "Africa/Nairobi",
    "SOUTHAFRICASTANDARDTIME": "Africa/Johannesburg",
    "WCENTRALAFRICASTANDARDTIME": "Africa/Lagos",
    "EGYPTSTANDARDTIME": "Africa/Cairo",
    "ISRAELSTANDARDTIME": "Asia/Jerusalem",
    "TURKEYSTANDARDTIME": "Europe/Istanbul",
    "GTBSTANDARDTIME": "Europe/Bucharest",
    "FLESTANDARDTIME": "Europe/Kyiv",
    "WEUROPESTANDARDTIME": "Europe/Berlin",
    "CENTRALEUROPESTANDARDTIME": "Europe/Budapest",
    "CENTRALEUROPEANSTANDARDTIME": "Europe/Warsaw",
    "ROMANCESTANDARDTIME": "Europe/Paris",
    "GMTSTANDARDTIME": "Europe/London",
    "GREENWICHSTANDARDTIME": "Africa/Abidjan",
    "UTC": "UTC",
    "NEWFOUNDLANDSTANDARDTIME": "America/St_Johns",
    "ATLANTICSTANDARDTIME": "America/Halifax",
    "EASTERNSTANDARDTIME": "America/New_York",
    "USEASTERNSTANDARDTIME": "America/Indiana/Indianapolis",
    "CENTRALSTANDARDTIME": "America/Chicago",
    "CANADACENTRALSTANDARDTIME": "America/Regina",
    "MOUNTAINSTANDARDTIME": "America/Denver",
    "USMOUNTAINSTANDARDTIME": "America/Phoenix",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "ALASKANSTANDARDTIME": "America/Anchorage",
    "HAWAIIANSTANDARDTIME": "Pacific/Honolulu",
    "SAWESTERNSTANDARDTIME": "America/La_Paz",
    "SAPACIFICSTANDARDTIME": "America/Bogota",
    "ESOUTHAMERICASTANDARDTIME": "America/Sao_Paulo",
}


def iana(name: str | None) -> str:
    """Return the IANA name of Xero's; "" for one that is not known."""
    return ZONES.get((name or "").upper(), "")
