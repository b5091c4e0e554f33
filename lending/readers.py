"""Who borrows: a reader's own record, made at the first word and never asking who they are again (A1-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending.database import Database, Row
from lending.errors import BadAddress, UnknownThing
from lending.model import stamp


@dataclass(frozen=True, slots=True)
class Reader:
    """A person the library lends to. `standing`: new, trusted (the bureau said yes) or ladder (D-2)."""

    id: int
    number: str
    name: str
    phone: str
    address: str
    zone: str
    language: str
    point_id: int | None
    standing: str
    remind_days: int | None
    reminders_on: bool


def _reader(row: Row) -> Reader:
    row["reminders_on"] = bool(row["reminders_on"])
    row.pop("joined_at")
    return Reader(**row)


def join(db: Database, language: str, now: datetime, name: str = "") -> Reader:
    """A new reader with a number of their own; no card, no deposit (A1-12)."""
    row = db.one(
        "INSERT INTO readers (number, language, name, joined_at) VALUES ("
        "'R' || SUBSTR('00000' || (SELECT COALESCE(MAX(id), 0) + 1 FROM readers), -6), :language, :name, :now) RETURNING *",
        language=language, name=name[:60], now=stamp(now),
    )  # fmt: skip
    assert row is not None
    return _reader(row)


def reader(db: Database, reader_id: int) -> Reader:
    """Raises UnknownThing."""
    row = db.one("SELECT * FROM readers WHERE id = :id", id=reader_id)
    if row is None:
        raise UnknownThing("reader", str(reader_id))
    return _reader(row)


def by_number(db: Database, number: str) -> Reader:
    """Raises UnknownThing."""
    row = db.one("SELECT * FROM readers WHERE number = :number", number=number.strip().upper())
    if row is None:
        raise UnknownThing("reader", number)
    return _reader(row)


def set_language(db: Database, reader_id: int, language: str) -> None:
    """The language of everything the reader is told from now on (B2-13)."""
    db.run("UPDATE readers SET language = :language WHERE id = :id", language=language, id=reader_id)


def set_standing(db: Database, reader_id: int, standing: str) -> None:
    """Trusted after the bureau's yes; ladder otherwise."""
    db.run("UPDATE readers SET standing = :standing WHERE id = :id", standing=standing, id=reader_id)


def set_point(db: Database, reader_id: int, point_id: int) -> None:
    """Where the reader likes to pick up."""
    db.run("UPDATE readers SET point_id = :point WHERE id = :id", point=point_id, id=reader_id)


def set_phone(db: Database, reader_id: int, phone: str) -> None:
    """For the courier; the contact button or the delivery address gives it."""
    db.run("UPDATE readers SET phone = :phone WHERE id = :id", phone=phone[:32], id=reader_id)


def set_reminders(db: Database, reader_id: int, on: bool, days: int | None = None) -> None:
    """How many days before the due date to remind, or not at all (F-4)."""
    db.run(
        "UPDATE readers SET reminders_on = :on, remind_days = COALESCE(:days, remind_days) WHERE id = :id",
        on=int(on), days=days, id=reader_id,
    )  # fmt: skip


def set_delivery(db: Database, reader_id: int, name: str, phone: str, address: str, zone: str) -> None:
    """Where the courier goes. Raises BadAddress naming what is missing."""
    missing = tuple(
        part for part, value in (("name", name), ("phone", phone), ("address", address)) if not value.strip()
    )
    if missing:
        raise BadAddress(missing)
    db.run(
        "UPDATE readers SET name = :name, phone = :phone, address = :address, zone = :zone WHERE id = :id",
        name=name.strip()[:60], phone=phone.strip()[:32], address=address.strip()[:200], zone=zone, id=reader_id,
    )  # fmt: skip
