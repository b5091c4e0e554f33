"""荐购: what readers would like the library to buy, one voice each, and what becomes of it.

The table is a wish's life. Proposer is whoever asked first; who asked is told at each step (A10-11).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from lending import audience, holds, loans, notices
from lending.database import Database, Row, writing
from lending.errors import LendingError, NotAllowed, UnknownThing, fact
from lending.model import parse_stamp, stamp
from lending.policy import Policy
from lending.stock import letters

STEPS = {  # name: from which states, to which
    "consider": (("new", "declined"), "considered"),  # 采购中考虑
    "order": (("new", "considered"), "ordered"),  # 已订购
    "arrive": (("new", "considered", "ordered", "declined"), "arrived"),  # 到馆，不买的也可能捐来、由书店带来
    "decline": (("new", "considered", "ordered"), "declined"),  # 不买（原因）
}
OPEN = ("new", "considered", "ordered")


@fact
class WishMoved(LendingError):
    """The wish no longer stands where the step begins."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A title asked for. `title_id` once it is here, `reason` once it is declined."""

    id: int
    title: str
    state: str
    reason: str
    title_id: int | None
    votes: int
    made_at: datetime
    changed_at: datetime


SELECT = (
    "SELECT w.id, w.title, w.state, w.reason, w.title_id, w.made_at, w.changed_at, "
    "(SELECT COUNT(*) FROM suggestions s WHERE s.wish_id = w.id) AS votes FROM wishes w "
)


def _wish(row: Row) -> Wish:
    return Wish(**{**row, "made_at": parse_stamp(row["made_at"]), "changed_at": parse_stamp(row["changed_at"])})


def wish(db: Database, wish_id: int) -> Wish:
    """Raises UnknownThing."""
    row = db.one(SELECT + "WHERE w.id = :id", id=wish_id)
    if row is None:
        raise UnknownThing("wish", str(wish_id))
    return _wish(row)


def listed(db: Database, states: tuple[str, ...] = OPEN, limit: int = 100) -> list[Wish]:
    """Wishes in these states, most voices first, the older before the younger; without names."""
    marks = ", ".join(f"'{state}'" for state in states if state in ("new", *(after for _, after in STEPS.values())))
    rows = db.all(SELECT + f"WHERE w.state IN ({marks}) ORDER BY votes DESC, w.made_at, w.id LIMIT :n", n=limit)
    return [_wish(row) for row in rows]


def of_reader(db: Database, reader_id: int, limit: int = 20) -> list[Wish]:
    """What this reader asked for, the newest first."""
    rows = db.all(
        SELECT + "WHERE w.id IN (SELECT wish_id FROM suggestions WHERE reader_id = :r) ORDER BY w.id DESC LIMIT :n",
        r=reader_id, n=limit,
    )  # fmt: skip
    return [_wish(row) for row in rows]


def suggest(db: Database, reader_id: int, title: str, now: datetime) -> tuple[bool, Wish]:
    """Ask for a title, or join those who have; whether this voice is new, and the wish as it stands (A10-11)."""
    title = " ".join(title.split())[:200]
    with writing(db) as db:
        db.run(
            "INSERT INTO wishes (key, title, made_at, changed_at) VALUES (:key, :title, :now, :now) "
            "ON CONFLICT (key) DO NOTHING",
            key=letters(title) or title, title=title, now=stamp(now),
        )  # fmt: skip
        wish_id = int(db.value("SELECT id FROM wishes WHERE key = :key", key=letters(title) or title))
        return vote(db, reader_id, wish_id, now)


def vote(db: Database, reader_id: int, wish_id: int, now: datetime) -> tuple[bool, Wish]:
    """One voice of one reader; False when it was given before. Raises UnknownThing."""
    with writing(db) as db:
        asked = wish(db, wish_id)
        new = db.run(
            "INSERT INTO suggestions (reader_id, title, made_at, wish_id) SELECT :r, :t, :now, :w "
            "WHERE NOT EXISTS (SELECT 1 FROM suggestions WHERE reader_id = :r AND wish_id = :w) "
            "ON CONFLICT (reader_id, title) DO UPDATE SET wish_id = :w WHERE suggestions.wish_id IS NULL",
            r=reader_id, t=asked.title, now=stamp(now), w=wish_id,
        )  # fmt: skip
        return bool(new), wish(db, wish_id)


def advance(
    db: Database, wish_id: int, name: str, policy: Policy, now: datetime, reason: str = "", title_id: int | None = None
) -> Wish:
    """Move a wish one step, and tell everyone who asked. To arrive needs the title, to decline a reason.

    What has arrived is kept for the proposer first. Raises UnknownThing, WishMoved, ValueError without title or reason.
    """
    if (name == "arrive" and title_id is None) or (name == "decline" and not reason.strip()):
        raise ValueError(f"{name} needs more")
    before, after = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    with writing(db) as db:
        asked = wish(db, wish_id)
        if title_id is not None and not db.value("SELECT 1 FROM titles WHERE id = :t AND withdrawn = 0", t=title_id):
            raise UnknownThing("title", str(title_id))
        changed = db.run(
            f"UPDATE wishes SET state = '{after}', reason = :reason, title_id = :t, changed_at = :now "
            f"WHERE id = :id AND state IN ({states})",
            reason=reason.strip()[:300], t=title_id, now=stamp(now), id=wish_id,
        )  # fmt: skip
        if changed != 1:
            raise WishMoved(asked.title, asked.state)
        if title_id is not None:
            _keep_for_proposer(db, wish_id, title_id, policy, now)
        for voice in db.all("SELECT reader_id FROM suggestions WHERE wish_id = :w ORDER BY id", w=wish_id):
            notices.record(
                db, voice["reader_id"], "wish_moved", f"wish:{wish_id}", f"{after} {stamp(now)}", now,
                notices.outside_quiet_hours(now, policy), wish=wish_id, state=after,
            )  # fmt: skip
        return wish(db, wish_id)


def bought(db: Database, title: str, title_id: int, policy: Policy, now: datetime) -> None:
    """The title came by another way than the library's own purchase: whoever asked for it hears so. Call in `writing`.

    A wish that has arrived already stays as it is; one that was declined has come all the same; what is 下架 has not.
    """
    lent = "AND EXISTS (SELECT 1 FROM titles t WHERE t.id = :t AND t.withdrawn = 0)"
    wish_id = db.value(f"SELECT id FROM wishes WHERE key = :key {lent}", key=letters(title) or title, t=title_id)
    if wish_id is not None:
        with suppress(WishMoved):
            advance(db, wish_id, "arrive", policy, now, title_id=title_id)


SEEN = "copies_seen_by_wishes"  # of the counters: the newest copy that was compared with what was asked for
CHUNK = 1_000
NEW = (
    "SELECT DISTINCT t.id, t.title, t.subtitle, t.volume FROM copies c JOIN titles t ON t.id = c.title_id "
    "WHERE c.id > :seen AND c.id <= :last AND t.withdrawn = 0 ORDER BY t.id"
)


def settle(db: Database, policy: Policy, now: datetime) -> int:
    """Copies that came into the stock by any way (imported, given, bought again) are what somebody asked for.

    Any number of times, one effect; returns how many wishes arrived.
    """
    arrived = 0
    while (newest := int(db.value("SELECT COALESCE(MAX(id), 0) FROM copies"))) > (seen := _seen(db)):
        keys = {row["key"] for row in db.all("SELECT key FROM wishes WHERE state <> 'arrived'")}
        last = min(newest, seen + CHUNK) if keys else newest
        named = ((row["id"], name) for row in db.all(NEW, seen=seen, last=last) for name in _names(row)) if keys else ()
        found = [(title_id, name) for title_id, name in named if (letters(name) or name) in keys]
        with writing(db) as door:
            if _seen(door) != seen:
                break
            for title_id, name in found:
                wanted = "SELECT 1 FROM wishes WHERE key = :key AND state <> 'arrived'"
                if door.value(wanted, key=letters(name) or name):
                    bought(door, name, title_id, policy, now)
                    arrived += 1
            door.run("UPDATE counters SET value = :last WHERE name = :name", last=last, name=SEEN)
    return arrived


def _seen(db: Database) -> int:
    return int(db.value("SELECT value FROM counters WHERE name = :name", name=SEEN))


def _names(row: Row) -> list[str]:
    """What a reader may have called it: 三体, and 三体2 of its second volume."""
    more = [row["title"] + row[part] for part in ("volume", "subtitle") if row[part]]
    return [row["title"], *more]


def _keep_for_proposer(db: Database, wish_id: int, title_id: int, policy: Policy, now: datetime) -> None:
    """The first who asked is first in the queue, unless the book is with them; a copy on the shelf is kept at once."""
    first = db.value("SELECT reader_id FROM suggestions WHERE wish_id = :w ORDER BY id LIMIT 1", w=wish_id)
    if first is None or loans.has_title(db, first, title_id):
        return
    with suppress(NotAllowed):  # a child may ask for what is for adults only, and hears that it came
        audience.refuse(db, first, title_id, policy.minors.adult_classes, now)
        if holds.join(db, first, title_id, now):
            holds.serve_waiting(db, policy, now)
