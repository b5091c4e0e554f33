"""A locker's machine that does not exist: it numbers what happens to it, keeps it while it is offline, and tells it
later, late, backwards or twice, by the webhook's own function (D-13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from lending import door_codes, points
from lending.database import Database
from lending.policy import Policy
from partners import locker_simulator

Line = dict[str, Any]
MOST_KEPT = 50


@dataclass(slots=True)
class Machine:
    """What one machine holds in its own memory; `kept` is told when it is online again."""

    locker: str
    offline: bool = False
    kept: list[Line] = field(default_factory=list)
    last: Line | None = None
    guard: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: 'kept', or what the library answered; the number, and the code the screen shows."""

    result: str
    seq: int
    code: str = ""


def happen(
    machine: Machine, db: Database, event: str, facts: Line, door_key: bytes, policy: Policy, now: datetime
) -> Told:
    """Something happens at the doors. Raises UnknownThing for a locker there is not, ValueError when it is full."""
    with machine.guard:
        run, seq = _next(machine, db)
        line = {"locker": machine.locker, "run": run, "seq": seq, "event": event, "at": now.isoformat(), **facts}
        code = door_codes.sign(door_codes.key_of(door_key, machine.locker), machine.locker, seq, now)
        machine.last = line
        if not machine.offline:
            return Told(_tell(db, line, policy, now), seq, code)
        if len(machine.kept) >= MOST_KEPT:
            raise ValueError("its memory is full")
        machine.kept.append(line)
        return Told("kept", seq, code)


def _next(machine: Machine, db: Database) -> tuple[int, int]:
    """The newest run of numbers, and the next of them."""
    point = points.point_by_code(db, machine.locker)
    newest = "SELECT run, seq FROM locker_reports WHERE point_id = :p ORDER BY run DESC, seq DESC LIMIT 1"
    heard = db.one(newest, p=point.id) or {"run": 0, "seq": 0}
    return heard["run"], 1 + max([heard["seq"], *(line["seq"] for line in machine.kept)])


def _tell(db: Database, line: Line, policy: Policy, now: datetime) -> str:
    return str(locker_simulator.log(db, line, policy, now)["result"])


def cut_off(machine: Machine) -> None:
    """The network is gone; doors still open, and nobody hears of it."""
    with machine.guard:
        machine.offline = True


def reconnect(machine: Machine, db: Database, policy: Policy, now: datetime) -> list[Told]:
    """Online again: whatever was kept is told, the last first, as bad networks do."""
    with machine.guard:
        machine.offline = False
        told = [Told(_tell(db, line, policy, now), line["seq"]) for line in reversed(machine.kept)]
        machine.kept.clear()
        return told


def say_again(machine: Machine, db: Database, policy: Policy, now: datetime) -> Told | None:
    """The last line once more, as machines do when an answer is lost; None when there is none to say."""
    with machine.guard:
        if machine.last is None or machine.offline:
            return None
        return Told(_tell(db, machine.last, policy, now), machine.last["seq"])
