"""送到哪里: where the courier brings a reader's books, whole enough to be found by the district it lies in (A4-11)."""

from __future__ import annotations

from lending import catalogue, cities, readers, shipping
from lending.database import Database
from lending.errors import BadAddress
from lending.policy import Policy

FEWEST_DIGITS = 7  # of a telephone at home


def keep(db: Database, reader_id: int, name: str, phone: str, district: str, place: str, policy: Policy) -> None:
    """For this and later orders, with its district, and its city where the library is in several.

    Raises BadAddress naming what is missing, OutsideServiceArea.
    """
    given = (("name", name), ("phone", phone), ("address", place))
    missing = [part for part, value in given if not value.strip()]
    if "phone" not in missing and sum(sign.isdigit() for sign in phone) < FEWEST_DIGITS:
        missing.append("phone")
    if missing:
        raise BadAddress(tuple(missing))
    city = city_of(db, district)
    zone = shipping.zone_of(policy, district, city)
    place = place if district in place else f"{district} {place}"
    if city not in place and cities.named(db):
        place = f"{city} {place}"
    readers.set_delivery(db, reader_id, name, phone, place, zone)


def districts(db: Database) -> list[str]:
    """Those in which the library has a point, which a courier reaches."""
    return sorted({point.district for point in catalogue.points(db) if point.district})


def city_of(db: Database, district: str) -> str:
    """The one city that has a district of this name; '' where none or several have."""
    found = {point.city for point in catalogue.points(db) if point.district == district}
    return found.pop() if len(found) == 1 else ""
