"""Pools: loans counted together and apart from others, by how they were made and of which material (A2-3, B5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lending import cities
from lending.database import Database
from lending.policy import Policy
from lending.rules import Pool
from lending.stock import named


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many days a loan of a pool is, and how often and for how many days it is renewed."""

    loan_days: int
    renewals: int
    renewal_days: int


@dataclass(frozen=True, slots=True)
class Full:
    """A pool that so many more books would overfill."""

    pool: str
    limit: int
    in_hand: int
    books: int


def pool_for(policy: Policy, way: str, material: str) -> Pool | None:
    """The first pool that takes loans made this way ("order", "desk") of this material; None when no pool does."""
    fits = (pool for pool in policy.pools if way in pool.ways and (not pool.materials or material in pool.materials))
    return next(fits, None)


def terms(policy: Policy, pool_name: str) -> Terms:
    """The pool's own terms, and those of [lending] for what it does not say."""
    pool, rules = next((one for one in policy.pools if one.name == pool_name), None), policy.lending
    usual = Terms(rules.loan_days, rules.renewals, rules.renewal_days)
    if pool is None:
        return usual
    return Terms(
        usual.loan_days if pool.loan_days is None else pool.loan_days,
        usual.renewals if pool.renewals is None else pool.renewals,
        usual.renewal_days if pool.renewal_days is None else pool.renewal_days,
    )


def in_hand(db: Database, reader_id: int, policy: Policy) -> Counter[str]:
    """How many books count in each pool: on loan, and in orders on their way."""
    counts: Counter[str] = Counter()
    for row in db.all(
        "SELECT pool, COUNT(*) AS n FROM loans WHERE reader_id = :r AND returned_at IS NULL GROUP BY pool", r=reader_id
    ):
        counts[row["pool"]] += row["n"]
    for row in db.all(
        "SELECT c.material, COUNT(*) AS n FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
        "JOIN copies c ON c.id = i.copy_id WHERE o.reader_id = :r AND o.state NOT IN ('done', 'cancelled', 'refused') "
        "GROUP BY c.material",
        r=reader_id,
    ):
        pool = pool_for(policy, "order", row["material"])
        counts[pool.name if pool else ""] += row["n"]
    return counts


def wanted(policy: Policy, way: str, materials: Iterable[str]) -> Counter[str]:
    """How many books of these materials, taken this way, each pool would count."""
    return Counter(pool.name for one in materials if (pool := pool_for(policy, way, one)))


def overfull(db: Database, reader_id: int, more: Mapping[str, int], policy: Policy) -> list[Full]:
    """Pools of certain materials that so many more books would overfill; empty when all have room (B2-3).

    How many of all materials a reader may have stands in decisions.py.
    """
    apart = {pool.name: pool.limit for pool in policy.pools if pool.materials and more.get(pool.name)}
    held = in_hand(db, reader_id, policy) if apart else Counter()
    return [
        Full(name, most, held[name], more[name]) for name, most in apart.items() if held[name] + more[name] > most
    ]


def cart_materials(db: Database, title_ids: Iterable[int], reader_id: int, point_id: int | None) -> dict[int, str]:
    """What each of the titles is made of: the material of the copy that goes if this reader orders them there now.

    Where none is free, that of its first copy.
    """
    marks, values = named(title_ids)
    rows = db.all(
        f"SELECT title_id, material FROM copies WHERE id IN (SELECT COALESCE({cities.THE_COPY}, "
        "(SELECT MIN(id) FROM copies WHERE title_id = k.title_id)) FROM "
        f"(SELECT id AS title_id FROM titles WHERE id IN ({marks})) k)",
        r=reader_id, p=point_id, **values,
    )  # fmt: skip
    return {row["title_id"]: row["material"] for row in rows}
