"""清点: what should stand at a branch is listed, what stands there is scanned, what is left is missing (E3).

The list is written down when it begins. Whatever is lent, sent away or moved meanwhile leaves it by itself (a trigger
of the schema), so only what has stood still and was never seen can become missing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import copy_states, shelf_order
from lending.catalogue import STANDS_AT, Copy, scanned
from lending.copy_states import LISTED
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import CopyState, parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # name: from which state, to which
    "end": ("open", "ended"),  # 清点完了：没扫到的记为清点缺失
    "call_off": ("open", "called_off"),  # 不清点了：什么都不记
}
NOT_ON_SHELVES = ("ebook", "audiobook")  # forms that nobody can scan
LONGEST_CODE = 60
MOST_CODES = 2_000  # pasted at once
CHUNK = 500  # scans cleared in one turn
HERE, STRAY, ELSEWHERE, FOUND, UNKNOWN = "here", "stray", "elsewhere", "found", "unknown"


@fact
class TakeMoved(LendingError):
    """The stock-taking is over: this step is no longer possible."""

    state: str


@fact
class NothingScanned(LendingError):
    """Nothing has been scanned yet: everything would be missing."""


@dataclass(frozen=True, slots=True)
class StockTake:
    """A stock-taking. `shelf` and `call_number` are beginnings, '' for all; `unseen` is still to be found.

    `totals` counts by outcome the scans that are cleared, `cleared_at` is when the last of them were.
    """

    id: int
    point_id: int
    shelf: str
    call_number: str
    material: str
    state: str
    begun_by: str
    begun_at: datetime
    ended_at: datetime | None
    expected: int
    missing: int
    unseen: int
    seen: int
    totals: dict[str, int]
    cleared_at: datetime | None

    def holds(self, copy: Copy) -> bool:
        """Whether the copy belongs to what is gone through, as it stands in the catalogue."""
        return (
            copy.point_id == self.point_id
            and (copy.stands_at.startswith(self.shelf) or copy.point_id != copy.home_point_id)
            and copy.call_number.startswith(self.call_number)
            and (copy.material == self.material if self.material else copy.material not in NOT_ON_SHELVES)
        )


TAKE = (
    "SELECT s.id, s.point_id, s.shelf, s.call_number, s.material, s.state, s.begun_by, s.begun_at, s.ended_at, "
    "s.expected, s.missing, s.totals, s.cleared_at, "
    "(SELECT COUNT(*) FROM stock_take_copies WHERE take_id = s.id) AS unseen, "
    "(SELECT COUNT(*) FROM stock_take_scans WHERE take_id = s.id) AS seen FROM stock_takes s "
)
EXPECTED = (  # substr, for what is written may hold the signs of LIKE
    "SELECT :take, id FROM copies c WHERE point_id = :p AND state = 'available' "
    f"AND substr({STANDS_AT}, 1, length(:shelf)) = :shelf AND substr(call_number, 1, length(:call)) = :call "
    "AND (material = :material OR (:material = '' AND material NOT IN ('ebook', 'audiobook')))"
)


def _take(row: Row) -> StockTake:
    moments = {name: parse_stamp(row[name]) if row[name] else None for name in ("begun_at", "ended_at", "cleared_at")}
    totals = json.loads(row["totals"])
    return StockTake(**{**row, **moments, "totals": totals, "seen": row["seen"] + sum(totals.values())})


def take(db: Database, take_id: int) -> StockTake:
    """Raises UnknownThing."""
    row = db.one(TAKE + "WHERE s.id = :id", id=take_id)
    if row is None:
        raise UnknownThing("stock_take", str(take_id))
    return _take(row)


def listed(db: Database, limit: int = 50) -> list[StockTake]:
    """Those under way first, then the newest."""
    return [_take(row) for row in db.all(TAKE + "ORDER BY s.state <> 'open', s.id DESC LIMIT :n", n=limit)]


def begin(
    db: Database, point_id: int, shelf: str, call_number: str, material: str, actor: str, now: datetime
) -> StockTake:
    """List what should stand there; the same one that is under way goes on. Raises UnknownThing for no such point."""
    given = {"p": point_id, "shelf": shelf.strip()[:60], "call": call_number.strip()[:60], "material": material}
    with writing(db) as db:
        if not db.value("SELECT 1 FROM points WHERE id = :p", p=point_id):
            raise UnknownThing("point", str(point_id))
        same = (
            "SELECT id FROM stock_takes WHERE point_id = :p AND shelf = :shelf AND call_number = :call "
            "AND material = :material AND state = 'open'"
        )
        if (known := db.value(same, **given)) is not None:
            return take(db, known)
        made = db.value(
            "INSERT INTO stock_takes (point_id, shelf, call_number, material, state, begun_by, begun_at, expected) "
            "VALUES (:p, :shelf, :call, :material, 'open', :who, :now, 0) RETURNING id",
            who=actor, now=stamp(now), **given,
        )  # fmt: skip
        expected = db.run(f"INSERT INTO stock_take_copies (take_id, copy_id) {EXPECTED}", take=made, **given)
        db.run("UPDATE stock_takes SET expected = :n WHERE id = :id", n=expected, id=made)
        return take(db, made)


def codes(pasted: str) -> list[str]:
    """The barcodes of what was scanned or pasted, each once: one a line, or parted by blanks, commas and the like."""
    parts = pasted.replace(",", " ").replace("，", " ").replace(";", " ").replace("；", " ").split()
    return list(dict.fromkeys(part[:LONGEST_CODE] for part in parts))


def scan(
    db: Database, take_id: int, barcodes: Iterable[str], actor: str, policy: Policy, now: datetime
) -> list[tuple[str, str]]:
    """Each barcode as (barcode, what it means): one of HERE … UNKNOWN, or how the copy stands instead of on the shelf.

    What was lost or missing is found by this, and stands here. Scanning twice changes nothing.
    Raises UnknownThing, TakeMoved.
    """
    with writing(db) as db:
        one = _open(db, take_id)
        return [_scan(db, one, barcode, actor, policy, now) for barcode in barcodes]


def _open(db: Database, take_id: int) -> StockTake:
    one = take(db, take_id)
    if one.state != "open":
        raise TakeMoved(one.state)
    return one


def _scan(db: Database, one: StockTake, barcode: str, actor: str, policy: Policy, now: datetime) -> tuple[str, str]:
    copy, outcome = None, UNKNOWN
    try:
        copy = scanned(db, barcode)
        barcode, outcome = copy.barcode, _means(one, copy)
    except UnknownThing:
        barcode = barcode.strip()[:LONGEST_CODE]
    if copy is not None and outcome == FOUND:
        copy_states.step(db, barcode, "find", actor, policy, now, one.point_id)
    if copy is not None:  # seen, whoever else goes through these shelves
        db.run("DELETE FROM stock_take_copies WHERE copy_id = :c", c=copy.id)
    db.run(
        "INSERT INTO stock_take_scans (take_id, barcode, copy_id, outcome, scanned_by, at) "
        "VALUES (:take, :barcode, :copy, :outcome, :who, :now) ON CONFLICT (take_id, barcode) DO UPDATE "
        "SET outcome = CASE outcome WHEN 'found' THEN 'found' ELSE excluded.outcome END, at = excluded.at, "
        "scanned_by = excluded.scanned_by",
        take=one.id, barcode=barcode, copy=copy.id if copy else None, outcome=outcome, who=actor, now=stamp(now),
    )  # fmt: skip
    return barcode, outcome


def _means(one: StockTake, copy: Copy) -> str:
    """What it says that this copy stands here."""
    if copy.state == CopyState.LOST:
        return FOUND
    if copy.state != CopyState.AVAILABLE:
        return copy.standing
    if copy.point_id != one.point_id:
        return ELSEWHERE
    return HERE if one.holds(copy) else STRAY


# ---- the end ---------------------------------------------------------------------------------------------------------


UNSEEN = "c.id IN (SELECT copy_id FROM stock_take_copies WHERE take_id = :take)"


def not_seen(db: Database, take_id: int, limit: int) -> list[Row]:
    """What should be there and was not scanned, along the shelves: what would become missing now."""
    shelves = db.all(
        f"SELECT {STANDS_AT} AS shelf FROM copies c WHERE {UNSEEN} GROUP BY 1", take=take_id
    )
    found: list[Row] = []
    for one in sorted(shelves, key=lambda one: shelf_order.by_value(one["shelf"])):  # no more of them than are shown
        rows = db.all(LISTED + f"WHERE {UNSEEN} AND {STANDS_AT} = :shelf", take=take_id, shelf=one["shelf"])
        found += sorted(rows, key=shelf_order.along)
        if len(found) >= limit:
            break
    return found[:limit]


SCANS = (  # state, hold_id, point_id and missing_since are as of now; lent_since: a reader has got it after the scan
    "SELECT s.barcode, s.outcome, s.scanned_by, t.title, c.state, c.hold_id, c.point_id, c.missing_since, "
    "EXISTS (SELECT 1 FROM loans l WHERE l.copy_id = s.copy_id AND l.returned_at IS NULL "
    "AND (s.outcome NOT IN ('on_loan', 'found') OR l.started_at > s.at)) AS lent_since, "
    f"c.call_number, {STANDS_AT} AS shelf FROM stock_take_scans s LEFT JOIN copies c ON c.id = s.copy_id "
    "LEFT JOIN titles t ON t.id = c.title_id WHERE s.take_id = :take {} ORDER BY s.at DESC, s.id DESC LIMIT :n"
)


def to_look_at(db: Database, take_id: int, limit: int) -> list[Row]:
    """Scans that ask for something to be done, the newest first."""
    return db.all(SCANS.format("AND s.outcome <> 'here'"), take=take_id, n=limit)


def scan_of(db: Database, take_id: int, barcode: str) -> Row | None:
    """What the scan of one copy said, and how the copy stands now; None for one that was not scanned."""
    return next(iter(db.all(SCANS.format("AND s.barcode = :b"), take=take_id, b=barcode, n=1)), None)


def newest(db: Database, take_id: int, limit: int) -> list[Row]:
    """The last scans."""
    return db.all(SCANS.format(""), take=take_id, n=limit)


def _step(db: Database, name: str, take_id: int, actor: str, now: datetime) -> None:
    before, after = STEPS[name]
    changed = db.run(
        f"UPDATE stock_takes SET state = '{after}', ended_by = :who, ended_at = :now "
        f"WHERE id = :id AND state = '{before}'",
        who=actor, now=stamp(now), id=take_id,
    )  # fmt: skip
    if changed != 1:
        raise TakeMoved(take(db, take_id).state)


def end(db: Database, take_id: int, actor: str, policy: Policy, now: datetime) -> int:
    """What was not seen until this very moment is missing from now on; returns how many copies are.

    Raises UnknownThing, TakeMoved, NothingScanned.
    """
    with writing(db) as db:
        if not _open(db, take_id).seen:
            raise NothingScanned()
        _step(db, "end", take_id, actor, now)
        gone = db.all(
            "SELECT c.barcode FROM stock_take_copies s JOIN copies c ON c.id = s.copy_id "
            "WHERE s.take_id = :take ORDER BY c.id",
            take=take_id,
        )
        for copy in gone:
            copy_states.step(db, copy["barcode"], "miss", actor, policy, now)
        db.run("UPDATE stock_takes SET missing = :n WHERE id = :id", n=len(gone), id=take_id)
        _clear(db, take_id)
        return len(gone)


def call_off(db: Database, take_id: int, actor: str, now: datetime) -> None:
    """Nothing comes of it but what was found. Raises UnknownThing, TakeMoved."""
    with writing(db) as db:
        take(db, take_id)
        _step(db, "call_off", take_id, actor, now)
        _clear(db, take_id)


def _clear(db: Database, take_id: int) -> None:
    db.run("DELETE FROM stock_take_copies WHERE take_id = :take", take=take_id)


def clear_scans(db: Database, policy: Policy, now: datetime) -> int:
    """The single scans of what ended long enough ago go, a chunk a turn, their counts stay; returns how many went."""
    done, before = 0, stamp(now - timedelta(days=policy.stock.scans_days))
    over = "SELECT id FROM stock_takes WHERE cleared_at = '' AND state <> 'open' AND ended_at < :before ORDER BY id"
    for row in db.all(over, before=before):
        while gone := _clear_some(db, row["id"], now):
            done += gone
    return done


def _clear_some(db: Database, take_id: int, now: datetime) -> int:
    with writing(db) as db:
        rows = db.all(
            "DELETE FROM stock_take_scans WHERE id IN (SELECT id FROM stock_take_scans WHERE take_id = :take LIMIT :n) "
            "RETURNING outcome",
            take=take_id, n=CHUNK,
        )  # fmt: skip
        totals = Counter(take(db, take_id).totals) + Counter(row["outcome"] for row in rows)
        db.run(
            "UPDATE stock_takes SET totals = :totals, cleared_at = :at WHERE id = :take",
            totals=json.dumps(totals), at="" if rows else stamp(now), take=take_id,
        )  # fmt: skip
        return len(rows)
