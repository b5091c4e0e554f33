"""还到哪里就在哪里流通: what floating did to the branches, and which copies to move where to even it out (A2-6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from lending import calendar, cities
from lending.catalogue import STANDS_AT
from lending.database import Database, Row
from lending.policy import Policy

LONGEST = 200  # moves suggested at once


@dataclass(frozen=True, slots=True)
class Balance:
    """A point's copies now and its share: as many as have their home there. `over` is negative when it has too few."""

    point_id: int
    name: str
    kind: str
    here: int
    share: int
    tolerance: int
    city: str = ""
    shut: bool = False  # for good: whatever stands there is to be carried away, and nothing goes there

    @property
    def over(self) -> int:
        """How many more than its share, 0 within the tolerance."""
        difference = self.here - self.share
        return difference if abs(difference) > self.tolerance else 0


@dataclass(frozen=True, slots=True)
class Move:
    """A copy on a shelf that is better off elsewhere."""

    copy_id: int
    barcode: str
    title: str
    call_number: str
    shelf: str
    from_point: int
    to_point: int


POINTS = (
    "SELECT p.id, p.name, p.kind, p.city, EXISTS (SELECT 1 FROM shut_points s WHERE s.point_id = p.id) AS shut "
    "FROM points p ORDER BY p.id"
)
COUNTS = (  # all by the index alone, less the gone ones in one pass: millions of copies are not looked at one by one
    "SELECT point_id, home_point_id, COUNT(*) AS n FROM copies GROUP BY point_id, home_point_id UNION ALL "
    "SELECT point_id, home_point_id, -COUNT(*) FROM copies WHERE state IN ('lost', 'withdrawn') "
    "GROUP BY +point_id, home_point_id"
)
CANDIDATES = (  # first what is there twice, then what is far from home; never the last copy before a second one
    f"SELECT c.id, c.barcode, t.title, c.call_number, {STANDS_AT} AS shelf, c.title_id, c.home_point_id, "
    "(SELECT COUNT(*) FROM copies d WHERE d.title_id = c.title_id AND d.point_id = c.point_id "
    "AND d.state = 'available') AS twins FROM copies c JOIN titles t ON t.id = c.title_id "
    "WHERE c.point_id = :p AND c.state = 'available' ORDER BY twins DESC, c.home_point_id = :p, c.id LIMIT :n"
)


def balances(db: Database, policy: Policy, day: date) -> list[Balance]:
    """Every point with its copies and its share. What lies in a locker is to be carried away: it has no tolerance.

    Nor has a point that closes for good, and no share either.
    """
    here, homes = Counter[int](), Counter[int]()
    for row in db.all(COUNTS):
        here[row["point_id"]] += row["n"]
        homes[row["home_point_id"]] += row["n"]
    made, closing = [], calendar.closing_for_good(db, day)
    for row in db.all(POINTS):
        share = 0 if row["shut"] or row["id"] in closing else homes[row["id"]]
        spare = 0 if row["kind"] == "locker" else share * policy.returns.tolerance_percent // 100
        shut = bool(row["shut"])
        made.append(Balance(row["id"], row["name"], row["kind"], here[row["id"]], share, spare, row["city"], shut))
    return made


def moves(
    db: Database, policy: Policy, day: date, limit: int = LONGEST, standing: list[Balance] | None = None
) -> list[Move]:  # fmt: skip
    """Copies to carry from points that have too many to points that have too few, from the fullest first.

    Each goes home if home has too few, else to the branch that lacks most. Nothing set aside or on loan is moved, and
    no more than brings either side back to its share. Where books do not stay in another city, those that stand in one
    come first, all of them, and no other leaves its city (A2-16). `standing` are the balances, where they are known.
    """
    standing, closing = standing or balances(db, policy, day), calendar.closing_for_good(db, day)
    open_doors = [one for one in standing if one.kind == "branch" and not one.shut and one.point_id not in closing]
    lacking = {one.point_id: one.share - one.here for one in open_doors}
    anywhere = policy.cities.return_anywhere or len({one.city for one in standing if one.city}) < 2
    city = {one.point_id: "" if anywhere else one.city for one in standing}
    found = [_move(copy, copy["point_id"], copy["home_point_id"]) for copy in cities.strays(db, policy, limit)]
    for move in found:
        if move.to_point in lacking:
            lacking[move.to_point] -= 1
    going, leaving = {move.copy_id for move in found}, Counter(move.from_point for move in found)
    for source in sorted((one for one in standing if one.over > 0), key=lambda one: (-one.over, one.point_id)):
        near = {point: short for point, short in lacking.items() if city[point] == city[source.point_id]}
        for copy in db.all(CANDIDATES, p=source.point_id, n=min(source.over, limit)):
            if copy["id"] in going or leaving[source.point_id] >= source.over:
                continue
            target = _target(copy, near, source.shut)
            if target is None:
                break
            if len(found) >= limit:
                return found
            near[target] -= 1
            lacking[target] -= 1
            leaving[source.point_id] += 1
            found.append(_move(copy, source.point_id, target))
    return found


def standing_at(db: Database, point_id: int) -> int:
    """How many copies stand on the shelves there."""
    return int(db.value("SELECT COUNT(*) FROM copies WHERE point_id = :p AND state = 'available'", p=point_id))


def _move(copy: Row, start: int, target: int) -> Move:
    named = {name: copy[name] for name in ("barcode", "title", "call_number", "shelf")}
    return Move(copy["id"], **named, from_point=start, to_point=target)


def _target(copy: Row, lacking: dict[int, int], away: bool) -> int | None:
    """Home if it lacks books, else the branch that lacks most; None when nobody lacks any and it need not go away."""
    if lacking.get(copy["home_point_id"], 0) > 0:
        return int(copy["home_point_id"])
    needy = max(lacking, key=lambda point: (lacking[point], -point), default=None)
    return needy if needy is not None and (away or lacking[needy] > 0) else None
