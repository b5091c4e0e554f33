"""授权: one reader lets another act for them, by a one-time code and the consent of both; the table is its life (D-12).

Nobody ever learns a password or a card's number. What may be done stands in scopes.py, what was done in deeds.py.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lending import minors, notices
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import library_day, parse_stamp, stamp, start_of_day
from lending.policy import Policy
from lending.scopes import OFFERED, SCOPES, NotInScope, allows

STEPS = {  # name: from which states, to which, and who takes it
    "accept": (("offered",), "accepted", ()),  # 收到码的人同意
    "confirm": (("accepted",), "active", ("grantor_id",)),  # 给码的人认出是谁，最后同意
    "withdraw": (("offered", "accepted"), "withdrawn", ("grantor_id",)),
    "decline": (("accepted",), "declined", ("proxy_id",)),
    "revoke": (("active",), "revoked", ("grantor_id", "proxy_id")),  # 任何一方，立刻
    "expire": (("offered", "accepted", "active"), "expired", ()),
}
RELATIONS = ("mother", "father", "partner", "child", "friend", "family")  # what a reader calls who acts for them
DIGITS = 8


@fact
class CannotMandate(LendingError):
    """`reason`: code, tries (n a day), own, most (n people), minor, guardian (has one), child (a minor is none)."""

    reason: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Mandate:
    """What `proxy_id` may do for `grantor_id`, and until when. `kind` is "given" or "guardian"."""

    id: int
    grantor_id: int
    proxy_id: int | None
    kind: str
    relation: str
    scopes: tuple[str, ...]
    state: str
    expires_at: datetime


COLUMNS = "id, grantor_id, proxy_id, kind, relation, scopes, state, expires_at"


def _mandate(row: Row) -> Mandate:
    return Mandate(**{**row, "scopes": tuple(row["scopes"].split()), "expires_at": parse_stamp(row["expires_at"])})


def mandate(db: Database, mandate_id: int) -> Mandate:
    """Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM mandates WHERE id = :id", id=mandate_id)
    if row is None:
        raise UnknownThing("mandate", str(mandate_id))
    return _mandate(row)


def of_reader(db: Database, reader_id: int, now: datetime) -> list[Mandate]:
    """What stands or waits for a word, given by the reader or to them, the oldest first."""
    rows = db.all(
        f"SELECT {COLUMNS} FROM mandates WHERE (grantor_id = :r OR proxy_id = :r) "
        "AND state IN ('accepted', 'active') AND expires_at > :now ORDER BY id",
        r=reader_id, now=stamp(now),
    )  # fmt: skip
    return [_mandate(row) for row in rows]


# ---- may somebody act? ---------------------------------------------------------------------------------------------


def between(db: Database, proxy_id: int, grantor_id: int, now: datetime) -> Mandate | None:
    """The mandate that stands between the two this moment."""
    row = db.one(
        f"SELECT {COLUMNS} FROM mandates WHERE grantor_id = :g AND proxy_id = :p AND state = 'active' "
        "AND expires_at > :now",
        g=grantor_id, p=proxy_id, now=stamp(now),
    )  # fmt: skip
    return _mandate(row) if row else None


def require(db: Database, proxy_id: int, grantor_id: int, act: str, now: datetime) -> Mandate:
    """The mandate that covers the act. Raises UnknownThing where none stands any more, NotInScope.

    Ask in the transaction that acts: then a mandate taken back a moment before covers nothing.
    """
    found = between(db, proxy_id, grantor_id, now)
    if found is None:
        raise UnknownThing("mandate", str(grantor_id))
    if not allows(found.scopes, act):
        raise NotInScope(act)
    return found


# ---- giving --------------------------------------------------------------------------------------------------------


def offer(
    db: Database, grantor_id: int, relation: str, scopes: Iterable[str], key: bytes, policy: Policy, now: datetime
) -> tuple[str, Mandate]:
    """A code for whoever is to act for the reader; an earlier one is dead from now on. Raises CannotMandate."""
    chosen = [scope for scope in OFFERED if scope in set(scopes)]
    if not chosen or relation not in RELATIONS:
        raise UnknownThing("scope", " ".join(chosen))
    with writing(db) as db:
        if minors.is_minor(db, grantor_id, now):
            raise CannotMandate("minor")
        return _offer(db, grantor_id, "given", relation, chosen, key, policy, now)


def offer_guardian(db: Database, child_id: int, key: bytes, policy: Policy, now: datetime) -> tuple[str, Mandate]:
    """A code for a minor's guardian. Raises CannotMandate for who is none, or has a guardian already."""
    with writing(db) as db:
        if not minors.is_minor(db, child_id, now):
            raise CannotMandate("child")
        if guardian_of(db, child_id, now) is not None:
            raise CannotMandate("guardian")
        return _offer(db, child_id, "guardian", "family", SCOPES, key, policy, now)


def _offer(
    db: Database, grantor_id: int, kind: str, relation: str, scopes: Iterable[str], key: bytes, policy: Policy,
    now: datetime,
) -> tuple[str, Mandate]:  # fmt: skip
    given = sum(one.grantor_id == grantor_id for one in of_reader(db, grantor_id, now))
    if given >= policy.family.most:
        raise CannotMandate("most", policy.family.most)
    db.run(
        "UPDATE mandates SET state = 'withdrawn', code_hash = NULL, ended_at = :now "
        "WHERE grantor_id = :g AND state = 'offered'",
        g=grantor_id, now=stamp(now),
    )  # fmt: skip
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    number = _write(
        db, grantor_id, None, kind, relation, scopes, "offered", now + timedelta(minutes=policy.codes.minutes), now,
        _hashed(code, key),
    )  # fmt: skip
    return f"SQ {code[:4]} {code[4:]}", mandate(db, number)


def _hashed(code: str, key: bytes) -> str:
    return hmac.new(key, f"mandate:{code}".encode(), "sha256").hexdigest()


def _write(
    db: Database, grantor_id: int, proxy_id: int | None, kind: str, relation: str, scopes: Iterable[str], state: str,
    until: datetime, now: datetime, code_hash: str | None = None,
) -> int:  # fmt: skip
    return int(
        db.value(
            "INSERT INTO mandates "
            "(grantor_id, proxy_id, kind, relation, scopes, code_hash, state, made_at, expires_at) VALUES "
            " (:g, :p, :kind, :relation, :scopes, :hash, :state, :now, :until) RETURNING id",
            g=grantor_id, p=proxy_id, kind=kind, relation=relation, scopes=" ".join(scopes), hash=code_hash,
            state=state, now=stamp(now), until=stamp(until),
        )
    )  # fmt: skip


# ---- taking --------------------------------------------------------------------------------------------------------


def look(db: Database, proxy_id: int, code: str, key: bytes, policy: Policy, now: datetime) -> Mandate:
    """What a code offers, whose it is, before anything is agreed to; a wrong one is counted. Raises CannotMandate."""
    day, most = str(library_day(now)), policy.codes.tries_a_day
    tries = db.value("SELECT tries FROM mandate_tries WHERE reader_id = :r AND day = :day", r=proxy_id, day=day) or 0
    if tries >= most:
        raise CannotMandate("tries", most)
    row = db.one(
        f"SELECT {COLUMNS} FROM mandates WHERE code_hash = :h AND state = 'offered' AND expires_at > :now",
        h=_hashed(code, key), now=stamp(now),
    )  # fmt: skip
    if row is None:
        with writing(db) as door:
            door.run(
                "INSERT INTO mandate_tries (reader_id, day, tries) VALUES (:r, :day, 1) "
                "ON CONFLICT (reader_id, day) DO UPDATE SET tries = mandate_tries.tries + 1",
                r=proxy_id, day=day,
            )  # fmt: skip
        raise CannotMandate("code")
    found = _mandate(row)
    _fits(db, found.grantor_id, proxy_id, found.kind, now)
    return found


def _fits(db: Database, grantor_id: int, proxy_id: int, kind: str, now: datetime) -> None:
    """Nobody acts for themselves, and a guardian is of age."""
    if grantor_id == proxy_id:
        raise CannotMandate("own")
    if kind == "guardian" and minors.is_minor(db, proxy_id, now):
        raise CannotMandate("child")


def accept(db: Database, proxy_id: int, code: str, key: bytes, policy: Policy, now: datetime) -> Mandate:
    """Whoever has the code agrees; it opens nothing more, and the giver is asked once again. Raises as `look` does."""
    with writing(db) as db:
        offered = look(db, proxy_id, code, key, policy, now)
        until = now + timedelta(hours=policy.family.confirm_hours)
        accepted = _step(db, "accept", offered.id, None, now, until, proxy_id)
        _tell(db, accepted.grantor_id, accepted, "accepted", now)
        return accepted


def confirm(db: Database, grantor_id: int, mandate_id: int, policy: Policy, now: datetime) -> Mandate:
    """The giver knows who it is: from now on the other may act. An older mandate between the two ends.

    Raises UnknownThing when it does not wait for this any more, CannotMandate.
    """
    with writing(db) as db:
        waiting = mandate(db, mandate_id)
        if waiting.kind == "given" and minors.is_minor(db, grantor_id, now):
            raise CannotMandate("minor")
        if waiting.proxy_id is not None:
            _make_room(db, grantor_id, waiting.proxy_id, waiting.kind, now)
        active = _step(db, "confirm", mandate_id, grantor_id, now, _until(db, waiting, policy, now))
        _tell(db, active.proxy_id or 0, active, "active", now)
        return active


def _make_room(db: Database, grantor_id: int, proxy_id: int, kind: str, now: datetime) -> None:
    """One mandate between two readers, and one guardian for a child."""
    if kind == "guardian" and guardian_of(db, grantor_id, now) is not None:
        raise CannotMandate("guardian")
    db.run(
        "UPDATE mandates SET state = 'revoked', ended_at = :now "
        "WHERE grantor_id = :g AND proxy_id = :p AND kind = 'given' AND state = 'active'",
        g=grantor_id, p=proxy_id, now=stamp(now),
    )  # fmt: skip


def _until(db: Database, waiting: Mandate, policy: Policy, now: datetime) -> datetime:
    if waiting.kind == "guardian":
        until = minors.minor_until(db, waiting.grantor_id)
        return start_of_day(until) if until else now
    return now + timedelta(days=policy.family.mandate_days)


def decline(db: Database, proxy_id: int, mandate_id: int, now: datetime) -> Mandate:
    """Whoever had agreed has thought again. Raises UnknownThing when it is over already."""
    with writing(db) as db:
        over = _step(db, "decline", mandate_id, proxy_id, now)
        _tell(db, over.grantor_id, over, "declined", now)
        return over


def withdraw(db: Database, grantor_id: int, mandate_id: int, now: datetime) -> Mandate:
    """The giver takes the code back, or says "not this one". Raises UnknownThing when it is over already."""
    with writing(db) as db:
        over = _step(db, "withdraw", mandate_id, grantor_id, now)
        if over.proxy_id is not None:
            _tell(db, over.proxy_id, over, "withdrawn", now)
        return over


# ---- guardians -----------------------------------------------------------------------------------------------------


def guardian_of(db: Database, child_id: int, now: datetime) -> int | None:
    """Who answers for a minor this moment."""
    return db.value(
        "SELECT proxy_id FROM mandates WHERE grantor_id = :c AND kind = 'guardian' AND state = 'active' "
        "AND expires_at > :now",
        c=child_id, now=stamp(now),
    )  # fmt: skip


def children_of(db: Database, guardian_id: int, now: datetime) -> list[int]:
    """For whom a reader answers, the one known longest first."""
    rows = db.all(
        "SELECT grantor_id FROM mandates WHERE proxy_id = :g AND kind = 'guardian' AND state = 'active' "
        "AND expires_at > :now ORDER BY id",
        g=guardian_id, now=stamp(now),
    )  # fmt: skip
    return [row["grantor_id"] for row in rows]


def appoint(db: Database, child_id: int, guardian_id: int, now: datetime, tell: bool = True) -> Mandate:
    """A guardian known in person, or one who has just added their own child. Raises CannotMandate."""
    with writing(db) as db:
        _fits(db, child_id, guardian_id, "guardian", now)
        until = minors.minor_until(db, child_id)
        if until is None or start_of_day(until) <= now:
            raise CannotMandate("child")
        _make_room(db, child_id, guardian_id, "guardian", now)
        active = mandate(
            db, _write(db, child_id, guardian_id, "guardian", "family", SCOPES, "active", start_of_day(until), now)
        )
        if tell:
            _tell(db, guardian_id, active, "active", now)
        return active


def note_minor(db: Database, child_id: int, until: date, by: str, now: datetime) -> bool:
    """The reader is a child until that day, and so long a guardian may act. False when they are grown up already."""
    with writing(db) as db:
        if not minors.note(db, child_id, until, by, now):
            return False
        db.run(
            "UPDATE mandates SET expires_at = :until WHERE grantor_id = :c AND kind = 'guardian' AND state = 'active'",
            c=child_id, until=stamp(start_of_day(until)),
        )  # fmt: skip
        return True


def foretell_grown(db: Database, policy: Policy, now: datetime) -> int:
    """Guardians whose power ends soon, for the child is grown up then: each is told once; returns how many."""
    soon = db.all(
        "SELECT proxy_id, grantor_id, expires_at FROM mandates WHERE kind = 'guardian' AND state = 'active' "
        "AND expires_at > :now AND expires_at <= :soon AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.reader_id = "
        "proxy_id AND n.event = 'minor' AND n.object = 'grows:' || grantor_id || '@' || expires_at)",
        now=stamp(now), soon=stamp(now + timedelta(days=policy.minors.grown_notice_days)),
    )  # fmt: skip
    if not soon:
        return 0
    due = notices.outside_quiet_hours(now, policy)
    with writing(db) as db:
        return sum(
            notices.record(
                db, row["proxy_id"], "minor", f"grows:{row['grantor_id']}@{row['expires_at']}", "grows", now, due,
                child=row["grantor_id"], until=row["expires_at"],
            )
            for row in soon
        )  # fmt: skip


# ---- ending --------------------------------------------------------------------------------------------------------


def revoke(db: Database, reader_id: int, mandate_id: int, now: datetime) -> Mandate:
    """Over at once, by either of the two; the other is told. A child does not dismiss its guardian.

    With a guardian go the consents they gave. Raises UnknownThing when it is over already, CannotMandate.
    """
    with writing(db) as db:
        standing = mandate(db, mandate_id)
        if standing.kind == "guardian" and standing.grantor_id == reader_id:
            raise CannotMandate("minor")
        over = _step(db, "revoke", mandate_id, reader_id, now)
        _after(db, over, now)
        _tell(db, over.grantor_id if over.proxy_id == reader_id else over.proxy_id or 0, over, "revoked", now)
        return over


def end(db: Database, mandate_id: int, now: datetime) -> Mandate:
    """Ended by the library, in person; both are told. Raises UnknownThing when it is over already."""
    with writing(db) as db:
        standing = mandate(db, mandate_id)
        over = _step(db, "revoke", mandate_id, standing.grantor_id, now)
        _after(db, over, now)
        for reader_id in (over.grantor_id, over.proxy_id or 0):
            _tell(db, reader_id, over, "ended", now)
        return over


def _after(db: Database, over: Mandate, now: datetime) -> None:
    if over.kind == "guardian":
        minors.withdraw_all(db, over.grantor_id, now)


def expire_due(db: Database, now: datetime) -> int:
    """What was left alone or has had its time is over; both are told of a mandate. Returns how many."""
    over = "SELECT id FROM mandates WHERE state IN ('offered', 'accepted', 'active') AND expires_at <= :now"
    if not db.all(over, now=stamp(now)):
        return 0
    with writing(db) as db:
        rows = db.all(over, now=stamp(now))
        for row in rows:
            before = mandate(db, row["id"])
            ended = _step(db, "expire", row["id"], None, now)
            for reader_id in (ended.grantor_id, ended.proxy_id) if before.state == "active" else ():
                _tell(db, reader_id or 0, ended, "expired", now)
        return len(rows)


def forget(db: Database, reader_id: int) -> None:
    """Nobody acts for the reader any more, nor they for anybody; that a child is one stays. Call in `writing`."""
    db.run("DELETE FROM mandates WHERE grantor_id = :r OR proxy_id = :r", r=reader_id)
    db.run("DELETE FROM mandate_tries WHERE reader_id = :r", r=reader_id)
    minors.forget_consents(db, reader_id)


def change_hands(db: Database, kept: int, gone: int, now: datetime) -> None:
    """Two records are one person: what stands goes along unless it stands there already. Call in `writing`."""
    for mine, other in (("grantor_id", "proxy_id"), ("proxy_id", "grantor_id")):
        twice = f"SELECT 1 FROM mandates k WHERE k.{mine} = :k AND k.{other} = mandates.{other} AND k.state = 'active'"
        db.run(
            f"UPDATE mandates SET state = 'revoked', code_hash = NULL, ended_at = :now WHERE {mine} = :g "
            f"AND state IN ('offered', 'accepted', 'active') AND ({other} = :k OR EXISTS ({twice}))",
            k=kept, g=gone, now=stamp(now),
        )  # fmt: skip
        db.run(f"UPDATE mandates SET {mine} = :k WHERE {mine} = :g AND COALESCE({other}, 0) <> :k", k=kept, g=gone)


def _step(
    db: Database, name: str, mandate_id: int, who: int | None, now: datetime, until: datetime | None = None,
    proxy_id: int | None = None,
) -> Mandate:  # fmt: skip
    """One row of the table, guarded. Raises UnknownThing where the mandate does not stand at its beginning."""
    before, after, whose = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    mine = f"AND ({' OR '.join(f'{side} = :who' for side in whose)}) " if whose else ""
    alive = "" if name == "expire" else "AND expires_at > :now "
    changed = db.run(
        f"UPDATE mandates SET state = '{after}', code_hash = NULL, ended_at = :ended, "
        "proxy_id = COALESCE(proxy_id, :proxy), expires_at = COALESCE(:until, expires_at) "
        f"WHERE id = :id {mine}{alive}AND state IN ({states})",
        id=mandate_id, who=who, now=stamp(now), ended=None if after in ("accepted", "active") else stamp(now),
        proxy=proxy_id, until=stamp(until) if until else None,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("mandate", str(mandate_id))
    return mandate(db, mandate_id)


def _tell(db: Database, reader_id: int, about: Mandate, step: str, now: datetime) -> None:
    notices.record(db, reader_id, "mandate", f"mandate:{about.id}", step, now, mandate=about.id)
