"""Kills the web service and the sender at random moments while people talk, and says what came of it."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lending.vault import Vault
from tests.crash import library
from tests.crash.people import Crowd

PEOPLE = 8  # talking at once
LONGEST = 0.25  # seconds a process lives at most after it has come back
LOOK_EVERY = 10  # kills


@dataclass
class Outcome:
    """What a run left. `doubled` counts messages sent once more than they were written."""

    kills: dict[str, int] = field(default_factory=lambda: {"web": 0, "work": 0})
    problems: list[str] = field(default_factory=list)
    updates: int = 0
    orders: int = 0
    unsent: int = 0
    never_shown: int = 0
    doubled: int = 0
    whole: str = ""
    recoveries: list[float] = field(default_factory=list)  # seconds from a kill of the web service to the next 200


@cache
def _mother() -> subprocess.Popen[str]:
    """The process that forks all victims of ours; it ends with us."""
    command = [sys.executable, "-m", "tests.crash.nursery"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Nursery:
    """Where the victims of one library come from."""

    def __init__(self, data: Path, api: str, sabotage: str) -> None:
        self._order = {"data": str(data), "api": api, "sabotage": sabotage}
        self._folder = data.parent
        self.port = self._ask("door")
        self.alive = {role: self._ask(role) for role in ("web", "work")}

    def _ask(self, role: str) -> int:
        mother = _mother()
        assert mother.stdin and mother.stdout
        mother.stdin.write(json.dumps(self._order | {"role": role}) + "\n")
        mother.stdin.flush()
        return int(mother.stdout.readline())

    def kill(self, role: str) -> None:
        """No last words; another takes its place."""
        try:
            os.kill(self.alive[role], signal.SIGKILL)
        except ProcessLookupError as error:
            said = (self._folder / f"{role}.log").read_text(errors="replace")[-2_000:]
            raise RuntimeError(f"{role} had ended before it was killed: {said}") from error
        self.alive[role] = self._ask(role)

    def close(self) -> None:
        """End everything."""
        for child in self.alive.values():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


@contextmanager
def town(folder: Path, sabotage: str, seed: int) -> Iterator[tuple[Crowd, Nursery, Path]]:
    """A library, its processes, and people about to talk."""
    data = folder / "data"
    library.build(data)
    with Crowd(seed) as crowd:
        nursery = Nursery(data, crowd.base_url.removesuffix("/bot"), sabotage)
        crowd.port = nursery.port
        try:
            yield crowd, nursery, data / "shuxin.sqlite"
        finally:
            crowd.over.set()
            nursery.close()


def run(folder: Path, kills: int, sabotage: str = "", seed: int = 1) -> Outcome:
    """So many kills; it ends as soon as something is found wrong."""
    outcome, chance = Outcome(), random.Random(seed)
    with town(folder, sabotage, seed) as (crowd, nursery, path):
        visits = [crowd.visit] * PEOPLE + [crowd.look_around]
        people = [threading.Thread(target=crowd.live, args=(visit,), daemon=True) for visit in visits]
        for person in people:
            person.start()
        for number in range(1, kills + 1):
            _kill_one(crowd, nursery, outcome, chance)
            if number % LOOK_EVERY == 0 and (found := _look(crowd, path)):
                outcome.problems = found
                return outcome
        _wind_down(crowd, people, path)
        _judge(crowd, path, outcome)
    return outcome


def _kill_one(crowd: Crowd, nursery: Nursery, outcome: Outcome, chance: random.Random) -> None:
    """The web service two times of three, every other time in the midst of an update, however long one takes here."""
    role = "web" if chance.random() < 2 / 3 else "work"
    time.sleep(chance.uniform(0.01, LONGEST))
    if chance.random() < 0.5:
        crowd.speaking.clear()
        crowd.speaking.wait(LONGEST)
        time.sleep(chance.uniform(0, crowd.takes))
    killed = time.monotonic()
    nursery.kill(role)
    outcome.kills[role] += 1
    while role == "web" and crowd.last_taken[0] < killed:  # what had set out before says nothing of the new one
        if time.monotonic() > killed + 30:
            raise RuntimeError("the web service did not come back")
        time.sleep(0.001)
    if role == "web":
        outcome.recoveries.append(crowd.last_taken[1] - killed)


def _look(crowd: Crowd, path: Path) -> list[str]:
    """Is something wrong for good? Work still going on behind an acknowledgement gets half a second."""
    acknowledged, heard, ordered = crowd.acknowledged.copy(), crowd.heard.copy(), crowd.ordered.copy()
    time.sleep(0.5)
    return library.problems(path, acknowledged, heard, crowd.asked, ordered)


def _wind_down(crowd: Crowd, people: list[threading.Thread], path: Path) -> None:
    """Let everybody finish what they are at, and everything be sent."""
    crowd.closing.set()
    for person in people:
        person.join(timeout=60)
    until = time.monotonic() + 60
    while _unsent(path) and time.monotonic() < until:
        time.sleep(0.1)


def _unsent(path: Path) -> int:
    with sqlite3.connect(path) as conn:
        return int(conn.execute("SELECT COUNT(*) FROM outbox WHERE state <> 'sent'").fetchone()[0])


def _judge(crowd: Crowd, path: Path, outcome: Outcome) -> None:
    outcome.problems = library.problems(path, crowd.acknowledged, crowd.heard, crowd.asked, crowd.ordered)
    outcome.problems += [f"no answer with {button!r} ever came" for button in crowd.stuck]
    outcome.updates, outcome.orders, outcome.unsent = len(crowd.acknowledged), len(crowd.ordered), _unsent(path)
    sends = crowd.sends()
    with sqlite3.connect(path) as conn:
        Vault(path.with_name("keys")).attach(conn)
        written = conn.execute("SELECT unseal(chat), COUNT(*) FROM outbox GROUP BY address").fetchall()
    outcome.never_shown = sum(max(0, n - sends[int(chat)]) for chat, n in written)
    outcome.doubled = sum(max(0, sends[int(chat)] - n) for chat, n in written)
    outcome.whole = library.whole(path)
