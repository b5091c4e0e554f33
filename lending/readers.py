"""Who borrows: a reader's own record, made at the first word and never asking who they are again (A1-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import notices, sealed
from lending.database import Database, Row, writing
from lending.errors import BadAddress, UnknownThing
from lending.model import stamp, typed


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
    guess_for: bool  # wants books guessed for them (A1-18)
    news_on: bool  # sees the newest announcement under the greeting (A2-17)
    plain: bool  # likes large letters and few words (A10-3)
    called: str  # what a guardian calls their child; `name` is who takes a parcel in
    city: str | None = None  # whose points come first (A2-16); "" all alike, None not asked yet

    @property
    def known_as(self) -> str:
        """What others call the reader: a name, or the number."""
        return self.called or self.name or self.number


TAIL = 4  # last digits of a phone, by which a librarian finds its reader


def _reader(row: Row) -> Reader:
    row |= {name: bool(row[name]) for name in ("reminders_on", "guess_for", "news_on", "plain")}
    return Reader(**row)


COLUMNS = sealed.opened("readers", Reader.__dataclass_fields__)
BY_ID = f"SELECT {COLUMNS} FROM readers WHERE id = :id"


def join(db: Database, language: str, now: datetime, name: str = "", called: str = "") -> Reader:
    """A new reader with a number of their own; no card, no deposit (A1-12). `called` is for a child (D-12)."""
    with writing(db) as db:
        following = db.value("SELECT COALESCE(MAX(id), 0) + 1 FROM readers")
        row = db.one(
            "INSERT INTO readers (number, language, name, called, joined_at) "
            f"VALUES (:number, :language, seal(:name), seal(:called), :now) RETURNING {COLUMNS}",
            number=f"R{following:06d}", language=language, name=name[:60], called=called[:60], now=stamp(now),
        )  # fmt: skip
    assert row is not None
    return _reader(row)


def reader(db: Database, reader_id: int) -> Reader:
    """Raises UnknownThing."""
    row = db.one(BY_ID, id=reader_id)
    if row is None:
        raise UnknownThing("reader", str(reader_id))
    return _reader(row)


NOW = (  # the id behind a number: of a record taken into another that one, for the old one is nobody's (A1-20)
    "WITH RECURSIVE now (id) AS (SELECT id FROM readers WHERE number = :number "
    "UNION ALL SELECT m.kept_id FROM merged_readers m JOIN now ON now.id = m.gone_id) "
    "SELECT id FROM now WHERE id NOT IN (SELECT gone_id FROM merged_readers)"
)


def by_number(db: Database, number: str) -> Reader:
    """Whom a number belongs to, also one from before two records became one. Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM readers WHERE id = ({NOW})", number=typed(number))
    if row is None:
        raise UnknownThing("reader", number)
    return _reader(row)


def by_phone(db: Database, digits: str, limit: int = 20) -> list[int]:
    """Ids of readers whose phone ends in these digits, four or more: by a keyed hash, then opened and compared."""
    rows = db.all(
        f"SELECT id FROM readers WHERE phone_tail = keyed(SUBSTR(:d, -{TAIL})) AND unseal(phone) LIKE '%' || :d "
        "ORDER BY id LIMIT :n",
        d=digits, n=limit,
    )  # fmt: skip
    return [row["id"] for row in rows] if digits.isdecimal() and len(digits) >= TAIL else []


def set_language(db: Database, reader_id: int, language: str) -> None:
    """The language of everything the reader is told from now on (B2-13)."""
    _change(db, reader_id, language=language)


def set_standing(db: Database, reader_id: int, standing: str) -> None:
    """Trusted after the bureau's yes; ladder otherwise."""
    _change(db, reader_id, standing=standing)


def set_point(db: Database, reader_id: int, point_id: int) -> None:
    """Where the reader likes to pick up."""
    _change(db, reader_id, point_id=point_id)


def set_city(db: Database, reader_id: int, city: str) -> None:
    """Whose points are shown first; "" for all alike. Only `cities.choose` knows whether there is such a city."""
    _change(db, reader_id, city=city)


def offer_city(db: Database, reader_id: int) -> bool:
    """Whether the reader is to be asked for a city now: true once in their life. Call in `writing`."""
    return bool(db.run("UPDATE readers SET city = '' WHERE id = :r AND city IS NULL", r=reader_id))


def set_phone(db: Database, reader_id: int, phone: str) -> None:
    """For the courier; the contact button or the delivery address gives it."""
    _change(db, reader_id, phone=phone[:32])


def set_reminders(db: Database, reader_id: int, on: bool, days: int | None = None) -> None:
    """How many days before the due date to remind (None leaves it), or not at all (F-4)."""
    chosen = {} if days is None else {"remind_days": days}
    with writing(db) as db:
        _change(db, reader_id, reminders_on=int(on), **chosen)
        notices.unsay_before(db, reader_id)


def set_guessing(db: Database, reader_id: int, on: bool) -> None:
    """Whether books may be guessed for the reader; off until they say yes (A1-18)."""
    _change(db, reader_id, guess_for=int(on))


def set_news(db: Database, reader_id: int, on: bool) -> None:
    """Whether the newest announcement stands under the greeting (A2-17)."""
    _change(db, reader_id, news_on=int(on))


def set_plain(db: Database, reader_id: int, on: bool) -> None:
    """Whether the reader is shown large letters and answered in few words (A10-3)."""
    _change(db, reader_id, plain=int(on))


def set_delivery(db: Database, reader_id: int, name: str, phone: str, address: str, zone: str) -> None:
    """Where the courier goes. Raises BadAddress naming what is missing."""
    missing = tuple(
        part for part, value in (("name", name), ("phone", phone), ("address", address)) if not value.strip()
    )
    if missing:
        raise BadAddress(missing)
    _change(db, reader_id, name=name.strip()[:60], phone=phone.strip()[:32], address=address.strip()[:200], zone=zone)


def _change(db: Database, reader_id: int, **columns: str | int) -> None:
    """Set these columns of a reader. Raises UnknownThing."""
    secret = sealed.COLUMNS["readers"]
    marks = ", ".join(f"{name} = seal(:{name})" if name in secret else f"{name} = :{name}" for name in columns)
    if "phone" in columns:
        marks += f", phone_tail = keyed(SUBSTR(:phone, -{TAIL}))"
    with writing(db) as db:
        if not db.run(f"UPDATE readers SET {marks} WHERE id = :id", id=reader_id, **columns):
            raise UnknownThing("reader", str(reader_id))
