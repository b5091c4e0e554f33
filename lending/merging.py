"""One person, two readers' records: the second is taken into the first, or the reasons against it are named (A1-20)."""

from __future__ import annotations

from datetime import datetime

from lending import (
    calendar_links,
    credit,
    decisions,
    deeds,
    entries,
    freezes,
    mandates,
    minors,
    outside,
    readers,
    rents,
    secret_forms,
    sign_ups,
    subscriptions,
)
from lending.database import Database, writing
from lending.entries import Entry
from lending.errors import LendingError, fact
from lending.model import stamp
from lending.policy import Policy

MOVED = (  # table, column: what goes along as it is
    ("loans", "reader_id"), ("orders", "reader_id"), ("home_returns", "reader_id"), ("compensations", "reader_id"),
    ("purchases", "reader_id"), ("moved_dates", "reader_id"), ("credit_checks", "reader_id"), ("cards", "reader_id"),
    ("drifting", "owner_id"), ("drifting", "holder_id"), ("holds", "reader_id"),
    ("appeals", "reader_id"), ("evidence_photos", "reader_id"), ("proofs", "reader_id"),
    ("door_codes", "reader_id"), ("deeds", "reader_id"), ("deeds", "actor_id"), ("minor_consents", "guardian_id"),
    ("looks", "reader_id"), ("drives", "reader_id"), ("fee_refunds", "reader_id"),
)  # fmt: skip
ONCE = ("cart_items", "shelf_items", "reviews", "unfound_askers")  # what one reader has once for a title
UNTOLD = (  # moved where the other record does not say the same
    "notices", "suggestions", "special_readers", "sign_ups", "subscriptions", "calendar_links", "draw_entries",
)  # fmt: skip
LEFT = (  # under the old number: lines that never change, and what is over
    "credit_lines", "freezes",
    "outside_calls", "rent_consents", "rent_records", "secret_forms",
    "mandate_tries", "minors", "minor_consents",
)  # fmt: skip
BOTH_WAIT = (
    "SELECT 1 FROM holds a JOIN holds b ON b.title_id = a.title_id AND b.state IN ('waiting', 'ready') "
    "WHERE a.reader_id = :k AND b.reader_id = :g AND a.state IN ('waiting', 'ready') LIMIT 1"
)
OF_THEIR_BOOK = (  # who has lost a book and whose it is would be one (A1-23)
    "SELECT 1 FROM compensations k JOIN drifting d ON d.id = k.drifting_id WHERE k.reader_id = :k AND d.owner_id = :g "
    "AND k.state NOT IN ('settled', 'found') LIMIT 1"
)
SAME_WISH = "(s.title = suggestions.title OR s.wish_id = suggestions.wish_id)"
SAME_EVENT = f"s.event_id = sign_ups.event_id AND s.{sign_ups.LIVE}"
REASONS = ("limit", "frozen", "overdue", "case", "hold", "transfer", "draw", "child")


@fact
class CannotMerge(LendingError):
    """Two records cannot become one now; `reasons` are of REASONS, with the numbers of "limit"."""

    reasons: tuple[str, ...]
    in_hand: int = 0
    limit: int = 0


def merge(db: Database, kept: int, gone: int, policy: Policy, now: datetime) -> None:
    """Everything of `gone` belongs to `kept` from now on; conduct goes along as one line. Raises CannotMerge."""
    with writing(db) as db:
        _refuse(db, kept, gone, policy, now)
        conduct = credit.balance(db, gone) - _start(db, gone)
        books, back = _redeemed(db, kept, gone, policy)
        trusted = db.value("SELECT 1 FROM readers WHERE id = :g AND standing = 'trusted'", g=gone)
        _move(db, kept, gone, now)
        outside.drop(db, gone)
        rents.stop(db, gone)
        if trusted:
            db.run("UPDATE readers SET standing = 'trusted' WHERE id = :k", k=kept)
        db.run(
            "INSERT INTO merged_readers (gone_id, kept_id, at) VALUES (:g, :k, :now)", g=gone, k=kept, now=stamp(now)
        )
        _move_address(db, kept, gone)
        number = db.value("SELECT number FROM readers WHERE id = :g", g=gone)
        line = entries.append(db, kept, Entry("merged", f"reader:{number}", "A1-20", conduct + back), policy, now)
        for book in books:
            entries.append(db, kept, Entry("redeem", book, "A1-20", 0), policy, now)
        if conduct < 0:
            freezes.begin_if_below(db, kept, line, conduct, policy, now)


def _move_address(db: Database, kept: int, gone: int) -> None:
    """Name, address and city stand in one record only, so that forgetting it forgets them; those of `kept` win."""
    ours, theirs = readers.reader(db, kept), readers.reader(db, gone)
    if not ours.address and theirs.name and theirs.phone and theirs.address:
        readers.set_delivery(db, kept, theirs.name, theirs.phone, theirs.address, theirs.zone)
    elif not ours.phone and theirs.phone:
        readers.set_phone(db, kept, theirs.phone)
    if not ours.city and theirs.city is not None:
        readers.set_city(db, kept, theirs.city)
    gone_from = "city = NULL, name = '', called = '', phone = '', phone_tail = '', address = '', zone = ''"
    db.run(f"UPDATE readers SET {gone_from} WHERE id = :g", g=gone)


def _start(db: Database, reader_id: int) -> int:
    asked = "SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = :r AND event = 'start'"
    return int(db.value(asked, r=reader_id))


def _redeemed(db: Database, kept: int, gone: int, policy: Policy) -> tuple[list[str], int]:
    """Books had for points (A6-5) that come along, and the points spent on those that are too many now."""
    ours, theirs = (
        db.value("SELECT COUNT(*) FROM credit_lines WHERE reader_id = :r AND event = 'redeem'", r=reader_id)
        for reader_id in (kept, gone)
    )
    rule = policy.ledger.redemption
    more = min(theirs, max(0, rule.max_books - ours)) if rule else theirs
    back = rule.points * (theirs - more) if rule and rule.consume else 0
    return [f"book:{ours + n + 1}" for n in range(more)], back


def _refuse(db: Database, kept: int, gone: int, policy: Policy, now: datetime) -> None:
    ours, theirs = decisions.facts(db, kept, now), decisions.facts(db, gone, now)
    most, in_hand = decisions.limit(ours, policy)[0], ours.in_hand + theirs.in_hand
    running = {
        "limit": bool(ours.in_hand and theirs.in_hand and in_hand > most),
        "frozen": bool(ours.frozen_until or theirs.frozen_until),
        "overdue": theirs.overdue > 0,
        "case": _any(db, "appeals WHERE reader_id = :g AND state IN ('open', 'proposed')", gone)
        or _any(db, "compensations WHERE reader_id = :g AND state NOT IN ('settled', 'found')", gone)
        or bool(db.value(OF_THEIR_BOOK, k=kept, g=gone)),
        "hold": bool(db.value(BOTH_WAIT, k=kept, g=gone)),
        "transfer": _any(
            db, "transfers WHERE (giver_id = :g OR receiver_id = :g) AND state IN ('offered', 'accepted')", gone
        ),
        "child": _crosses_ages(db, kept, gone, now),
        "draw": _any(db, "draw_entries WHERE reader_id = :g AND state IN ('entered', 'won')", gone),
    }
    reasons = tuple(name for name in REASONS if running[name])
    if reasons:
        raise CannotMerge(reasons, in_hand, most)


def _crosses_ages(db: Database, kept: int, gone: int, now: datetime) -> bool:
    """A child's record is joined with the child's own second chat only, never with a grown reader's (D-12)."""
    if minors.is_minor(db, gone, now):
        return not minors.is_minor(db, kept, now) or mandates.guardian_of(db, gone, now) is not None
    if not minors.is_minor(db, kept, now):
        return False
    trusted = db.value("SELECT 1 FROM readers WHERE id = :g AND standing = 'trusted'", g=gone)
    return bool(trusted) or mandates.guardian_of(db, kept, now) == gone


def _any(db: Database, where: str, gone: int) -> bool:
    return bool(db.value(f"SELECT 1 FROM {where} LIMIT 1", g=gone))


def _move(db: Database, kept: int, gone: int, now: datetime) -> None:
    db.run(
        "UPDATE cards SET blocked_at = :now WHERE reader_id = :g AND kind = 'kiosk' AND blocked_at IS NULL "
        "AND EXISTS (SELECT 1 FROM cards c WHERE c.reader_id = :k AND c.kind = 'kiosk' AND c.blocked_at IS NULL)",
        g=gone, k=kept, now=stamp(now),
    )  # fmt: skip
    _stop_proofs(db, kept, gone, now)
    mandates.change_hands(db, kept, gone, now)
    deeds.change_hands(db, kept, gone)
    minors.forget(db, gone)
    for table, column in MOVED:
        db.run(f"UPDATE {table} SET {column} = :k WHERE {column} = :g", k=kept, g=gone)
    db.run(  # one's own book that was with the other record is at home
        "UPDATE drifting SET state = 'home', since = :now WHERE owner_id = :k AND holder_id = :k "
        "AND state IN ('away', 'recalled')",
        k=kept, now=stamp(now),
    )  # fmt: skip
    db.run(  # a win spent on an order may yet come back with it
        "UPDATE draw_entries SET reader_id = :k WHERE reader_id = :g AND state = 'used' "
        "AND window_id NOT IN (SELECT window_id FROM draw_entries WHERE reader_id = :k)",
        k=kept, g=gone,
    )  # fmt: skip
    for table in ONCE:
        have = f"SELECT title_id FROM {table} WHERE reader_id = :k"
        db.run(f"UPDATE {table} SET reader_id = :k WHERE reader_id = :g AND title_id NOT IN ({have})", k=kept, g=gone)
        db.run(f"DELETE FROM {table} WHERE reader_id = :g", g=gone)
    told = "SELECT 1 FROM notices n WHERE n.reader_id = :k AND n.event = notices.event AND n.object = notices.object"
    db.run(
        f"UPDATE notices SET reader_id = :k WHERE reader_id = :g AND NOT EXISTS ({told} AND n.step = notices.step)",
        k=kept, g=gone,
    )  # fmt: skip
    db.run("DELETE FROM notices WHERE reader_id = :g", g=gone)
    _keep_the_better_place(db, kept, gone)
    same = f"SELECT 1 FROM suggestions s WHERE s.reader_id = :k AND {SAME_WISH}"
    db.run(f"UPDATE suggestions SET reader_id = :k WHERE reader_id = :g AND NOT EXISTS ({same})", k=kept, g=gone)
    db.run("DELETE FROM suggestions WHERE reader_id = :g", g=gone)
    db.run(
        "UPDATE special_readers SET reader_id = :k WHERE reader_id = :g "
        "AND NOT EXISTS (SELECT 1 FROM special_readers s WHERE s.reader_id = :k)",
        k=kept, g=gone,
    )  # fmt: skip
    db.run("DELETE FROM special_readers WHERE reader_id = :g", g=gone)
    both = f"SELECT 1 FROM sign_ups s WHERE s.reader_id = :k AND {SAME_EVENT}"
    db.run(f"UPDATE sign_ups SET reader_id = :k WHERE reader_id = :g AND NOT EXISTS ({both})", k=kept, g=gone)
    sign_ups.forget(db, gone)
    subscriptions.change_hands(db, kept, gone)
    calendar_links.change_hands(db, kept, gone)
    for column, other in (("giver_id", "receiver_id"), ("receiver_id", "giver_id")):
        db.run(f"UPDATE transfers SET {column} = :k WHERE {column} = :g AND COALESCE({other}, 0) <> :k", k=kept, g=gone)
    db.run(
        "UPDATE readers SET on_time_before = on_time_before + (SELECT on_time_before FROM readers WHERE id = :g) "
        "WHERE id = :k",
        k=kept, g=gone,
    )  # fmt: skip


def _keep_the_better_place(db: Database, kept: int, gone: int) -> None:
    """Where both stand in one queue the place that comes first is theirs, and a seat before a place in its queue."""
    db.run(
        "DELETE FROM suggestions WHERE reader_id = :k AND EXISTS (SELECT 1 FROM suggestions s WHERE s.reader_id = :g "
        f"AND s.id < suggestions.id AND {SAME_WISH})",
        k=kept, g=gone,
    )  # fmt: skip
    db.run(
        "DELETE FROM sign_ups WHERE reader_id = :k AND state = 'waiting' AND EXISTS (SELECT 1 FROM sign_ups s "
        f"WHERE s.reader_id = :g AND {SAME_EVENT} AND (s.state <> 'waiting' OR s.id < sign_ups.id))",
        k=kept, g=gone,
    )  # fmt: skip


def _stop_proofs(db: Database, kept: int, gone: int, now: datetime) -> None:
    """A form given to the other record leads nowhere, and what both asked about a card is asked once."""
    secret_forms.close(db, gone, now)
    same = "SELECT 1 FROM proofs p WHERE p.reader_id = :k AND p.digest = proofs.digest AND p.state IN ('face', 'desk')"
    db.run(
        "UPDATE proofs SET state = 'withdrawn', digest = '', changed_at = :now WHERE reader_id = :g "
        f"AND state IN ('face', 'desk') AND (state = 'face' OR EXISTS ({same}))",
        k=kept, g=gone, now=stamp(now),
    )  # fmt: skip
