"""还到哪里就在哪里流通: what floating did to the branches, and which copies to move where to even it out (A2-6)."""

from __future__ import annotations

from dataclasses import dataclass

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


COUNTS = (
    "SELECT p.id, p.name, p.kind, "
    "(SELECT COUNT(*) FROM copies c WHERE c.point_id = p.id AND c.state NOT IN ('lost', 'withdrawn')) AS here, "
    "(SELECT COUNT(*) FROM copies c WHERE c.home_point_id = p.id AND c.state NOT IN ('lost', 'withdrawn')) AS share "
    "FROM points p ORDER BY p.id"
)
CANDIDATES = (  # first what is there twice, then what is far from home; never the last copy before a second one
    "SELECT c.id, c.barcode, t.title, c.call_number, c.shelf, c.title_id, c.home_point_id, "
    "(SELECT COUNT(*) FROM copies d WHERE d.title_id = c.title_id AND d.point_id = c.point_id "
    "AND d.state = 'available') AS twins FROM copies c JOIN titles t ON t.id = c.title_id "
    "WHERE c.point_id = :p AND c.state = 'available' ORDER BY twins DESC, c.home_point_id = :p, c.id LIMIT :n"
)


def balances(db: Database, policy: Policy) -> list[Balance]:
    """Every point with its copies and its share. What lies in a locker is to be carried away: it has no tolerance."""
    made = []
    for row in db.all(COUNTS):
        spare = 0 if row["kind"] == "locker" else row["share"] * policy.returns.tolerance_percent // 100
        made.append(Balance(row["id"], row["name"], row["kind"], row["here"], row["share"], spare))
    return made


def moves(db: Database, policy: Policy, limit: int = LONGEST) -> list[Move]:
    """Copies to carry from points that have too many to points that have too few, from the fullest first.

    Each goes home if home has too few, else to the branch that lacks most. Nothing set aside or on loan is moved, and
    no more than brings either side back to its share.
    """
    standing = balances(db, policy)
    lacking = {one.point_id: one.share - one.here for one in standing if one.kind == "branch" and one.here < one.share}
    found: list[Move] = []
    for source in sorted((one for one in standing if one.over > 0), key=lambda one: (-one.over, one.point_id)):
        for copy in db.all(CANDIDATES, p=source.point_id, n=min(source.over, limit - len(found))):
            target = _target(copy, lacking)
            if target is None:
                return found
            lacking[target] -= 1
            found.append(
                Move(
                    copy["id"],
                    copy["barcode"],
                    copy["title"],
                    copy["call_number"],
                    copy["shelf"],
                    source.point_id,
                    target,
                )
            )
    return found


def _target(copy: Row, lacking: dict[int, int]) -> int | None:
    """Home if it lacks books, else the branch that lacks most; None when nobody lacks any."""
    if lacking.get(copy["home_point_id"], 0) > 0:
        return int(copy["home_point_id"])
    needy = max(lacking, key=lambda point: (lacking[point], -point), default=None)
    return needy if needy is not None and lacking[needy] > 0 else None
