"""Is this card the reader's own? From the number typed into a form to a card that opens the account (A3-32).

    typed ──yes──▶ linked ──remove──▶ removed      linked is `taken` where the card opens another reader's account
      │ └─face──▶ face ──no──▶ declined
      │            │ cannot tell
      └─desk──▶ desk ──no──▶ declined              face, desk ──withdraw──▶ withdrawn      desk ──lapse──▶ lapsed

Of a number its keyed hash is kept, and its end; of a face that somebody outside said yes, and their receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from lending import cards, notices
from lending.cards import CardTaken
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.model import Verdict, parse_stamp, stamp
from lending.policy import Policy

NEXT = {  # (state, what happened) → state; "linked" is "taken" where the card opens another reader's account
    ("face", "yes"): "linked", ("face", "no"): "declined", ("face", "cannot_tell"): "desk",
    ("desk", "yes"): "linked", ("desk", "no"): "declined", ("desk", "lapse"): "lapsed",
    ("face", "withdraw"): "withdrawn", ("desk", "withdraw"): "withdrawn",
    ("linked", "remove"): "removed",
}  # fmt: skip
HASHED = ("face", "desk", "linked", "taken")  # in every other state nothing of the number is left but its end
FACE = "face"  # a verifier of persons among what is still to be asked (lending/outside.py)
LEAST, MOST = 4, 40  # letters and digits of a card's number


class NoAnswer(Exception):
    """A partner outside did not answer, or not in a form that can be understood; nothing of the question is in it."""


class CardSystem(Protocol):
    """Another library's or city's own system, which knows whose card has which password."""

    name: str
    simulated: bool

    def verify(self, kind: str, number: str, password: str) -> Verdict:
        """Does the password belong to that card? Raises NoAnswer. Never called inside a transaction."""
        ...


class Begun(NamedTuple):
    """A question to a verifier of persons: their receipt, and the page on which the person is looked at."""

    reference: str
    url: str


class PersonVerifier(Protocol):
    """Somebody outside who compares a face with the card's holder. We see neither face nor picture (A3-32)."""

    name: str
    simulated: bool

    def begin(self, kind: str, number: str, back: str) -> Begun:
        """Ask; the person is led `back` afterwards. Raises NoAnswer. Never called inside a transaction."""
        ...

    def answer(self, reference: str) -> Verdict | None:
        """What they found; None while the person is not done. Raises NoAnswer."""
        ...


class Claim(NamedTuple):
    """A card as it may be kept: kind, keyed hash, and the end of its number."""

    kind: str
    digest: str
    tail: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One card on its way to being a reader's own."""

    id: int
    reader_id: int
    kind: str
    tail: str
    way: str
    state: str
    decided_by: str
    made_at: datetime
    changed_at: datetime


COLUMNS = ", ".join(Proof.__dataclass_fields__)


def claim(kind: str, number: str, key: bytes) -> Claim | None:
    """What may be kept of a number; None when it cannot be a card's."""
    plain = "".join(filter(str.isalnum, number))
    return Claim(kind, cards.digest(number, key), cards.tail(number, kind)) if LEAST <= len(plain) <= MOST else None


def _proof(row: Row) -> Proof:
    return Proof(**{**row, **{name: parse_stamp(row[name]) for name in ("made_at", "changed_at")}})


def proven(db: Database, reader_id: int, card: Claim, way: str, now: datetime, decided_by: str = "") -> str:
    """The card is the reader's: "linked", "already" when it was before, "taken" when it opens another's account."""
    with writing(db) as db:
        state = _link(db, reader_id, card, now)
        if state != "already":
            proof_id = _insert(db, reader_id, card, way, state, now, decided_by=decided_by)
            _tell(db, reader_id, proof_id, state, card.kind, card.tail, now)
    return state


def _link(db: Database, reader_id: int, card: Claim, now: datetime) -> str:
    try:
        if not cards.keep(db, reader_id, card.kind, card.digest, card.tail, now):
            return "already"
    except CardTaken:
        return "taken"
    db.run(
        "UPDATE proofs SET state = 'removed', digest = '', changed_at = :now WHERE digest = :d AND state = 'linked'",
        d=card.digest, now=stamp(now),
    )  # fmt: skip
    return "linked"


def ask(db: Database, reader_id: int, card: Claim, way: str, now: datetime, reference: str = "") -> int:
    """Somebody must look: `way` is face or desk. An earlier question about the same card is withdrawn."""
    with writing(db) as db:
        db.run(
            "UPDATE proofs SET state = 'withdrawn', digest = '', changed_at = :now "
            "WHERE reader_id = :r AND digest = :d AND state IN ('face', 'desk')",
            r=reader_id, d=card.digest, now=stamp(now),
        )  # fmt: skip
        proof_id = _insert(db, reader_id, card, way, way, now, reference)
        if way == "desk":
            _tell(db, reader_id, proof_id, "desk", card.kind, card.tail, now)
    return proof_id


def _insert(
    db: Database, reader_id: int, card: Claim, way: str, state: str, now: datetime, reference: str = "",
    decided_by: str = "",
) -> int:  # fmt: skip
    return int(
        db.value(
            "INSERT INTO proofs (reader_id, kind, digest, tail, way, state, reference, decided_by, made_at, "
            "changed_at) VALUES (:r, :kind, :d, :tail, :way, :state, :ref, :by, :now, :now) RETURNING id",
            r=reader_id, kind=card.kind, d=card.digest if state in HASHED else "", tail=card.tail, way=way, state=state,
            ref=reference[:80], by=decided_by, now=stamp(now),
        )
    )  # fmt: skip


def _tell(db: Database, reader_id: int, proof_id: int, state: str, kind: str, tail: str, now: datetime) -> None:
    notices.record(db, reader_id, "card_proof", f"proof:{proof_id}", state, now, kind=kind, tail=tail)


def settle(db: Database, proof_id: int, said: str, now: datetime, decided_by: str = "") -> str:
    """One step: `said` is yes, no, cannot_tell, withdraw or lapse. The new state, '' when the step came too late."""
    with writing(db) as db:
        row = db.one("SELECT reader_id, kind, digest, tail, state FROM proofs WHERE id = :id", id=proof_id)
        after = NEXT.get((row["state"], said), "") if row else ""
        if row is None or not after:
            return ""
        if after == "linked":
            after = _link(db, row["reader_id"], Claim(row["kind"], row["digest"], row["tail"]), now)
        after = "withdrawn" if after == "already" else after  # nothing more to prove
        moved = db.run(
            "UPDATE proofs SET state = :after, digest = CASE WHEN :hashed THEN digest ELSE '' END, changed_at = :now, "
            "decided_by = :by WHERE id = :id AND state = :before",
            after=after, hashed=after in HASHED, now=stamp(now), by=decided_by, id=proof_id, before=row["state"],
        )  # fmt: skip
        assert moved == 1, "read in this transaction"
        if said != "withdraw":
            _tell(db, row["reader_id"], proof_id, after, row["kind"], row["tail"], now)
    return after


def withdraw(db: Database, reader_id: int, proof_id: int, now: datetime) -> bool:
    """The reader would rather not, or another way. False when it is none of theirs or had ended."""
    mine = "SELECT 1 FROM proofs WHERE id = :id AND reader_id = :r"
    return bool(db.value(mine, id=proof_id, r=reader_id)) and bool(settle(db, proof_id, "withdraw", now))


def remove(db: Database, reader_id: int, mark: str, now: datetime) -> Proof:
    """The reader takes a card of theirs away: it opens nothing, and nothing of it is kept. Raises UnknownThing."""
    with writing(db) as db:
        gone = cards.remove(db, reader_id, mark)
        proof_id = db.value(
            "UPDATE proofs SET state = 'removed', digest = '', changed_at = :now "
            "WHERE digest = :d AND state = 'linked' RETURNING id",
            d=gone["digest"], now=stamp(now),
        )  # fmt: skip
        card = Claim(gone["kind"], gone["digest"], gone["tail"])
        return proof(db, proof_id or _insert(db, reader_id, card, "", "removed", now))


def tick(db: Database, policy: Policy, now: datetime) -> int:
    """A verifier that does not answer is no "no": a librarian looks; and a request nobody could settle ends."""
    rules = policy.credentials
    slow = {"face": ("cannot_tell", timedelta(minutes=rules.face_minutes)),
            "desk": ("lapse", timedelta(days=rules.request_days))}  # fmt: skip
    done = 0
    for state, (said, after) in slow.items():
        rows = db.all(  # both conditions: the second one names the index
            "SELECT id FROM proofs WHERE state = :s AND state IN ('face', 'desk') AND changed_at <= :then LIMIT 500",
            s=state, then=stamp(now - after),
        )  # fmt: skip
        done += sum(bool(settle(db, row["id"], said, now)) for row in rows)
    return done


# ---- what is so ----------------------------------------------------------------------------------------------------


def proof(db: Database, proof_id: int) -> Proof:
    """Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM proofs WHERE id = :id", id=proof_id)
    if row is None:
        raise UnknownThing("proof", "")
    return _proof(row)


def is_card(db: Database, proof_id: int, digest: str) -> bool:
    """Whether a card shown is the very one that was asked about."""
    return bool(db.value("SELECT 1 FROM proofs WHERE id = :id AND digest = :d", id=proof_id, d=digest))


def reference(db: Database, proof_id: int) -> str:
    """The verifier's receipt; '' when nobody waits for their answer any more."""
    return str(db.value("SELECT reference FROM proofs WHERE id = :id AND state = 'face'", id=proof_id) or "")


def waiting(db: Database, limit: int = 200) -> list[Proof]:
    """What a librarian is to look at, the oldest first."""
    rows = db.all(f"SELECT {COLUMNS} FROM proofs WHERE state = 'desk' ORDER BY made_at, id LIMIT :n", n=limit)
    return [_proof(row) for row in rows]


def how_many(db: Database) -> int:
    """All that a librarian is to look at, also what a list has no room for."""
    return int(db.value("SELECT COUNT(*) FROM proofs WHERE state = 'desk'"))


def of_reader(db: Database, reader_id: int, limit: int = 20) -> list[Proof]:
    """What became of the reader's cards, the latest first."""
    rows = db.all(
        f"SELECT {COLUMNS} FROM proofs WHERE reader_id = :r ORDER BY changed_at DESC, id DESC LIMIT :n",
        r=reader_id, n=limit,
    )  # fmt: skip
    return [_proof(row) for row in rows]
