"""Whatever can stand open in the store ends by itself, or somebody at the library sees it: a check over the schema.

Each state that a table may hold stands below once: it is an end, the clock acts on it, it stands in a list of the
staff's front page, or it is nobody's to hurry (a book lent from reader to reader, a rule that goes on).
"""

from __future__ import annotations

import re

from admin.waiting import WORK
from lending.database import Store

ENDS = {
    "appeals": "reversed declined withdrawn", "appointments": "given_back freed over", "boxes": "free",
    "compensations": "settled found", "door_claims": "mended moved", "draw_entries": "lost used expired returned",
    "draw_windows": "drawn", "drifting": "ended", "drives": "done released undone", "escalations": "closed",
    "events": "cancelled over", "fee_refunds": "given not_paid", "holds": "filled cancelled expired",
    "home_returns": "done cancelled",
    "locker_reports": "done settled", "mandates": "withdrawn declined revoked expired", "notices": "told dropped",
    "orders": "refused done cancelled", "outbox": "sent", "outside_calls": "ended",
    "parcels": "signed returned lost", "proofs": "linked taken declined lapsed withdrawn removed",
    "purchases": "refused cancelled", "rent_records": "completed cancelled refused", "reviews": "shown refused",
    "shelf_checks": "found not_found", "sign_ups": "given_back late_back came late absent",
    "stock_takes": "ended called_off", "transfers": "done declined withdrawn expired", "unfound": "found missing",
    "wishes": "arrived declined", "copies": "withdrawn",
}  # fmt: skip
CLOCK = {
    "draw_entries": "entered won", "draw_windows": "open closed", "holds": "ready", "locker_reports": "waiting",
    "mandates": "offered accepted", "notices": "waiting", "outbox": "queued sending", "outside_calls": "waiting",
    "parcel_follows": "waiting", "proofs": "face", "transfers": "offered accepted", "sign_ups": "signed_up waiting",
}  # fmt: skip
STAFF = {  # the word by which a count of the front page knows them
    "appeals": "open proposed", "appointments": "booked", "boxes": "to_empty",
    "compensations": "reported assessed replacing paying",
    "door_claims": "open", "escalations": "open", "events": "planned", "fee_refunds": "open",
    "home_returns": "asked collected",
    "locker_reports": "disputed", "orders": "in_review approved picking packed shipped in_locker at_counter",
    "outbox": "failed", "parcel_follows": "refused", "parcels": "created at_pickup_point problem refused returning",
    "proofs": "desk", "purchases": "asked approved", "reviews": "waiting", "shelf_checks": "open", "unfound": "open",
    "wishes": "new",
}  # fmt: skip
WITH_ANOTHER = {  # a box or a copy ends with its order, loan or hold, a parcel on its way with its order, and so on
    "boxes": "reserved filled out_of_order", "drives": "taken",
    "copies": "available reserved in_transit awaiting on_loan damaged lost", "escalations": "claimed answered",
    "parcels": "collected in_transit out_for_delivery", "parcel_follows": "followed", "rent_records": "open",
    "purchases": "sent", "holds": "waiting",
}  # fmt: skip
NOBODYS = {
    "drifting": "home away recalled", "mandates": "active", "stock_takes": "open", "wishes": "considered ordered",
}  # fmt: skip


def test_each_state_of_the_store_ends_or_is_seen(store: Store) -> None:
    may_hold: dict[str, list[str]] = {}
    for row in store.db.all("SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
        if found := re.search(r"\bstate TEXT[^,]*?CHECK\s*\(\s*(?:state IN )?\(([^)]*)\)", row["sql"]):
            may_hold[row["name"]] = sorted(re.findall(r"'(\w+)'", found[1]))
    said: dict[str, list[str]] = {}
    for part in (ENDS, CLOCK, STAFF, WITH_ANOTHER, NOBODYS):
        for table, states in part.items():
            said.setdefault(table, []).extend(states.split())
    assert {table: sorted(states) for table, states in said.items()} == may_hold


def test_what_waits_for_the_staff_is_counted_on_their_front_page() -> None:
    counts = [one.count for one in WORK]

    def told(count: str, table: str, state: str) -> bool:
        return bool(re.search(rf"\b{table}\b", count)) and (f"'{state}'" in count) != ("state NOT IN" in count)

    unseen = [
        (table, state)
        for table, states in STAFF.items()
        for state in states.split()
        if not any(told(count, table, state) for count in counts)
    ]
    assert unseen == []
