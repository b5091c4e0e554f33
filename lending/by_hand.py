"""What a person changed at a service point since a file last told of it; a file takes it back only if asked to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lending.database import Database, Row
from lending.stops import WEEK

BUS = "bus"  # 阅读大篷车: a branch that is where its stops are (A10-15)
ON_PAGE = ("opens", "branch_type", "stops", "city", "city_en")  # what a librarian can change without a file
TOGETHER = ("city", "city_en")  # one name in two languages


@dataclass(frozen=True, slots=True)
class Differing:
    """A field of the point `name` that a person had set to `by_hand`, and a file to `told`; `kept` is the person's."""

    name: str
    field: str
    by_hand: Any
    told: Any
    kept: bool


def settle(db: Database, now: Row, told: Row, columns: Iterable[str], overwrite: bool) -> tuple[Row, list[Differing]]:
    """The columns as they are to stand, and where person and file differ. A file is silent on what it leaves empty.

    Whether a point is a bus is said by files alone. Where no file's words are known (points from before they were
    kept), whatever the staff page can change counts as changed by hand.
    """
    says = db.value("SELECT says FROM points_as_told WHERE point_id = :id", id=now["id"])
    changed = _changed(now, json.loads(says), columns) if says else set(ON_PAGE)
    if changed & set(TOGETHER):
        changed |= set(TOGETHER)
    differing = {name for name in changed if _means(name, now) != _means(name, told)}
    speaks = {name for name in differing if _means(name, told)}
    taken = speaks if overwrite else set()
    if (now["branch_type"] == BUS) != (told["branch_type"] == BUS):
        taken |= differing & {"branch_type", "stops"}
    if "city" in taken:
        taken |= differing & set(TOGETHER)
    kept = differing - taken
    found = [
        Differing(now["name"], name, _means(name, now), _means(name, told), name in kept)
        for name in columns if name in speaks | taken
    ]  # fmt: skip
    return told | {name: now[name] for name in kept}, found


def remember(db: Database, told: Row) -> None:
    """What the file said, to be compared with what stands there when the next one comes. Call in `writing`."""
    db.run(
        "INSERT INTO points_as_told (point_id, says) SELECT id, :says FROM points WHERE code = :code "
        "ON CONFLICT (point_id) DO UPDATE SET says = excluded.says",
        code=told["code"], says=json.dumps(told, ensure_ascii=False),
    )  # fmt: skip


def _changed(now: Row, before: Row, columns: Iterable[str]) -> set[str]:
    return {name for name in columns if name in before and _means(name, now) != _means(name, before)}


def _means(name: str, row: Row) -> Any:
    """The value apart from how it is written: a day without hours is closed, whether it is named or not."""
    value = row[name]
    if name == "opens":
        return {day: hours for day, hours in json.loads(value).items() if hours or day not in WEEK}
    return json.loads(value) if name == "stops" else value
