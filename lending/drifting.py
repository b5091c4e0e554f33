"""漂流书: a reader's own books go from reader to reader; the owner sees where, never who, and can ask back (A1-23).

Terms: lend (可借阅: comes home after each reader), drift (可漂流: goes on), gift (可赠送: whoever takes it owns it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import audience, notices
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import library_day, parse_stamp, stamp

TERMS = ("lend", "drift", "gift")
STEPS = {  # name: from which states, to which
    "recall": (("away",), "recalled"),  # 请回：下一站是主人
    "release": (("recalled",), "away"),  # 继续漂流
    "end": (("home",), "ended"),  # 收回，不再漂流
}


@fact
class TooManyOwnBooks(LendingError):
    """The reader has registered as many books as one can."""

    limit: int


@dataclass(frozen=True, slots=True)
class OwnBook:
    """A reader's own book. `hops`: readers it has been with; `near`: the service point its present reader likes."""

    id: int
    title_id: int
    title: str
    owner_id: int
    holder_id: int
    terms: str
    state: str
    hops: int
    since: datetime
    near: int | None
    lost: bool  # said to be, and its case is not at its end
    damaged: bool  # the same

    @property
    def only_home(self) -> bool:
        """Whether the next to have it can only be its owner."""
        return self.holder_id != self.owner_id and (self.terms == "lend" or self.state == "recalled" or self.damaged)

    def days(self, now: datetime) -> int:
        """How long it has been where it is."""
        return (library_day(now) - library_day(self.since)).days


SELECT = (
    "SELECT d.id, d.title_id, t.title, d.owner_id, d.holder_id, d.terms, d.state, d.hops, d.since, "
    "r.point_id AS near, EXISTS (SELECT 1 FROM compensations k WHERE k.drifting_id = d.id "
    "AND k.state NOT IN ('settled', 'found') AND k.kind = 'lost') AS lost, EXISTS (SELECT 1 FROM compensations k "
    "WHERE k.drifting_id = d.id AND k.state NOT IN ('settled', 'found') AND k.kind <> 'lost') AS damaged "
    "FROM drifting d JOIN titles t ON t.id = d.title_id JOIN readers r ON r.id = d.holder_id "
    "WHERE d.state <> 'ended' "
)


def _own(row: Row) -> OwnBook:
    flags = {name: bool(row[name]) for name in ("lost", "damaged")}
    return OwnBook(**{**row, **flags, "since": parse_stamp(row["since"])})


def _one(db: Database, own_id: int, side: str, reader_id: int) -> OwnBook:
    row = db.one(SELECT + f"AND d.id = :id AND d.{side} = :r", id=own_id, r=reader_id)
    if row is None:
        raise UnknownThing("own_book", str(own_id))
    return _own(row)


def held(db: Database, own_id: int, holder_id: int) -> OwnBook:
    """The book in this reader's hands. Raises UnknownThing."""
    return _one(db, own_id, "holder_id", holder_id)


def owned(db: Database, own_id: int, owner_id: int) -> OwnBook:
    """This reader's own book, wherever it is. Raises UnknownThing."""
    return _one(db, own_id, "owner_id", owner_id)


def of_reader(db: Database, reader_id: int) -> list[OwnBook]:
    """What the reader owns or has from others, own books first."""
    rows = db.all(SELECT + "AND (d.owner_id = :r OR d.holder_id = :r) ORDER BY d.owner_id <> :r, d.id", r=reader_id)
    return [_own(row) for row in rows]


def came_back_from(db: Database, own: OwnBook, days: int, now: datetime) -> int | None:
    """The reader it came home from within these days, whom nobody has asked about its state yet."""
    if own.holder_id != own.owner_id or own.days(now) > days:
        return None
    found = db.value(  # a gift that has changed its owner did not come home
        "SELECT x.giver_id FROM transfers x JOIN readers r ON r.id = x.giver_id WHERE x.drifting_id = :d "
        "AND x.state = 'done' AND x.receiver_id = :owner AND r.number <> 'NOBODY' "
        "AND EXISTS (SELECT 1 FROM transfers o WHERE o.drifting_id = :d AND o.state = 'done' AND o.giver_id = :owner) "
        "AND NOT EXISTS (SELECT 1 FROM compensations k WHERE k.drifting_id = :d AND k.reader_id = x.giver_id) "
        "ORDER BY x.id DESC LIMIT 1",
        d=own.id, owner=own.owner_id,
    )  # fmt: skip
    return None if found is None else int(found)


def adrift(
    db: Database, reader_id: int, now: datetime, limit: int = 20, classes: tuple[str, ...] = ()
) -> list[OwnBook]:  # fmt: skip
    """Books of others that may go on to this reader, those longest in one place first; nobody's name goes with them.

    A child is shown none for adults only, by the mark or by the pack's `classes`.
    """
    kept, bound = audience.condition(classes)
    rows = db.all(
        SELECT + "AND d.owner_id <> :r AND d.holder_id <> :r AND d.state <> 'recalled' AND lost = 0 AND damaged = 0 "
        f"AND (d.terms <> 'lend' OR d.holder_id = d.owner_id) AND NOT ({kept} AND {audience.IS_CHILD}) "
        "ORDER BY d.since, d.id LIMIT :n",
        r=reader_id, n=limit, today=str(library_day(now)), **bound,
    )  # fmt: skip
    return [_own(row) for row in rows]


def register(
    db: Database, owner_id: int, title_id: int, terms: str, now: datetime, most: int | None = None,
    classes: tuple[str, ...] = (),
) -> OwnBook:  # fmt: skip
    """A book of the reader's own joins, where they have fewer than `most`; `classes` are those kept for adults.

    Raises UnknownThing for a title or terms we have not, NotAllowed, TooManyOwnBooks.
    """
    with writing(db) as db:
        if terms not in TERMS:
            raise UnknownThing("terms", terms[:20])
        if not db.value("SELECT 1 FROM titles WHERE id = :t", t=title_id):
            raise UnknownThing("title", str(title_id))
        audience.refuse(db, owner_id, title_id, classes, now)
        mine = "SELECT COUNT(*) FROM drifting WHERE owner_id = :r AND state <> 'ended'"
        if most is not None and db.value(mine, r=owner_id) >= most:
            raise TooManyOwnBooks(most)
        number = db.value(
            "INSERT INTO drifting (title_id, owner_id, holder_id, terms, state, since, made_at) "
            "VALUES (:t, :r, :r, :terms, 'home', :now, :now) RETURNING id",
            t=title_id, r=owner_id, terms=terms, now=stamp(now),
        )  # fmt: skip
        return owned(db, number, owner_id)


def hand_on(db: Database, own_id: int, giver_id: int, receiver_id: int, now: datetime) -> None:
    """From hand to hand; home when it is the owner's, and a gift becomes the receiver's own. Call in `writing`."""
    changed = db.run(
        "UPDATE drifting SET holder_id = :to, since = :now, hops = hops + 1, "
        "owner_id = CASE WHEN terms = 'gift' THEN :to ELSE owner_id END, "
        "terms = CASE WHEN terms = 'gift' THEN 'drift' ELSE terms END, "
        "state = CASE WHEN owner_id = :to OR terms = 'gift' THEN 'home' ELSE 'away' END "
        "WHERE id = :id AND holder_id = :giver AND state <> 'ended'",
        id=own_id, giver=giver_id, to=receiver_id, now=stamp(now),
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("own_book", str(own_id))


def _step(db: Database, name: str, own_id: int, owner_id: int) -> OwnBook:
    before, after = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    changed = db.run(
        f"UPDATE drifting SET state = '{after}' WHERE id = :id AND owner_id = :r AND state IN ({states})",
        id=own_id, r=owner_id,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("own_book", str(own_id))
    row = db.one(SELECT.replace("d.state <> 'ended'", "TRUE") + "AND d.id = :id", id=own_id)
    assert row is not None
    return _own(row)


def recall(db: Database, owner_id: int, own_id: int, now: datetime) -> OwnBook:
    """The owner asks for it; whoever has it is told, once each time. Raises UnknownThing when it is not away."""
    with writing(db) as db:
        own = _step(db, "recall", own_id, owner_id)
        notices.record(
            db, own.holder_id, "own_book_recalled", f"own:{own.id}", stamp(now), now, title=own.title_id, own=own.id
        )
        return own


def release(db: Database, owner_id: int, own_id: int) -> OwnBook:
    """Let it drift on after all. Raises UnknownThing when it was not asked back."""
    with writing(db) as db:
        return _step(db, "release", own_id, owner_id)


def end(db: Database, owner_id: int, own_id: int) -> OwnBook:
    """At home for good. Raises UnknownThing when it is not at home."""
    with writing(db) as db:
        return _step(db, "end", own_id, owner_id)
