"""Loans with several processes at once: lending at desks, renewing, returning, handing on the same copy (B2-1, B2-2).

Each process does everything to every copy in an order of its own. What each was told must add up to what the store
holds afterwards: nothing lent twice, nothing lost, nothing done that nobody heard of.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from lending import loans, transfers
from lending.loans import Loan
from lending.model import library_day
from tests.lending.world import World

HOME = Path(__file__).parents[2]
PROCESSES, COPIES = 4, 10
Deed = tuple[str, int, str, int]  # what, by which reader, to which barcode, loan or transfer

RACE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from lending import checkouts, loans, transfers
from lending.database import Store
from lending.errors import LendingError
from lending.policy import load_policy

store, policy, now = Store(Path(sys.argv[1])), load_policy(), datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
db = store.db

def lend(reader, barcode, number):
    return "" if checkouts.check_out(db, barcode, reader, policy, now).again else "lent"

def renew(reader, barcode, number):
    return "renewed" if any(one.due_at for one in loans.renew(db, reader, [number], policy, now)) else ""

def give_back(reader, barcode, number):
    return "returned" if loans.check_in(db, barcode, 1, policy, now).loan_id else ""

def hand_on(reader, barcode, number):
    return "handed on" if transfers.finish(db, reader, number, policy, now) else ""

DEEDS = {"lend": lend, "renew": renew, "return": give_back, "hand on": hand_on}
deeds = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
told = []
for what, *values in deeds:
    try:
        told.append([what, values[1], DEEDS[what](*values)])
    except LendingError as error:
        told.append([what, values[1], type(error).__name__])
print(json.dumps(told))
"""


def race(world: World, shares: list[list[Deed]]) -> Counter[tuple[str, str]]:
    """A process for each share; all are let go together. How often each barcode's deeds were told which outcome."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(world.store.path)],
            cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in shares
    ]  # fmt: skip
    for process, deeds in zip(started, shares, strict=True):
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(deeds) + "\n")
        process.stdin.flush()
    for process in started:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told: Counter[tuple[str, str]] = Counter()
    for process in started:
        told.update((barcode, outcome) for _, barcode, outcome in json.loads(process.communicate(timeout=60)[0]))
    return told


def heard(told: Counter[tuple[str, str]], outcome: str) -> int:
    return sum(times for (_, one), times in told.items() if one == outcome)


def lent(world: World, number: int) -> list[Loan]:
    """So many readers with a book each."""
    return [world.lend(world.reader(), title)[0] for title in world.books(number)]


def offered(world: World, loan: Loan) -> int:
    """A transfer of this loan that only waits for the giver's last word."""
    code, made = transfers.offer(world.db, loan.reader_id, loan.id, world.policy, world.now)
    transfers.accept(world.db, world.reader(), code, world.policy, world.now)
    return made.id


def shuffled(deeds: list[Deed], seed: int) -> list[Deed]:
    mixed = [*deeds]
    random.Random(seed).shuffle(mixed)
    return mixed


def count(world: World, condition: str) -> int:
    return int(world.db.value(f"SELECT COUNT(*) FROM loans WHERE {condition}"))


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_at_once_adds_up(world: World, seed: int) -> None:
    """B2-1, B2-2, F-7: one open loan a copy, and each outcome told is one outcome kept."""
    begun = lent(world, COPIES)
    handed = {loan.id: offered(world, loan) for loan in begun}
    desks = [world.reader() for _ in range(PROCESSES)]
    shares = []
    for n, desk in enumerate(desks):
        deeds: list[Deed] = []
        for loan in begun:
            deeds += [
                ("lend", desk, loan.barcode, 0), ("renew", loan.reader_id, loan.barcode, loan.id),
                ("return", 0, loan.barcode, 0), ("hand on", loan.reader_id, loan.barcode, handed[loan.id]),
            ]  # fmt: skip
        shares.append(shuffled(deeds, seed * 100 + n))
    told = race(world, shares)

    assert heard(told, "lent") == count(world, "at_desk = 1") > 0
    assert heard(told, "returned") == count(world, "ended_as = 'returned'") > 0
    assert heard(told, "handed on") == count(world, "ended_as = 'transferred'")
    assert heard(told, "handed on") == world.db.value("SELECT COUNT(*) FROM transfers WHERE state = 'done'")
    assert heard(told, "renewed") == world.db.value("SELECT SUM(renewals) FROM loans")
    assert count(world, "1 = 1") == COPIES + heard(told, "lent") + heard(told, "handed on")
    assert count(world, "renewals > 1") == 0

    out = {row["copy_id"] for row in world.db.all("SELECT copy_id FROM loans WHERE returned_at IS NULL")}
    assert len(out) == count(world, "returned_at IS NULL"), "one open loan a copy"
    assert out == {row["id"] for row in world.db.all("SELECT id FROM copies WHERE state = 'on_loan'")}
    points = world.db.all("SELECT object FROM credit_lines WHERE event = 'borrow'")
    assert len(points) == len({row["object"] for row in points}) == count(world, "1 = 1"), "a line for each loan"


def test_the_same_deed_in_every_process_is_done_once(world: World) -> None:
    """One copy to one of four desks; one renewal; one return; one hand-over."""
    shelf = world.book("孤本")
    barcode = str(world.db.value("SELECT barcode FROM copies WHERE title_id = :t", t=shelf))
    renewed, returned, handed = lent(world, 3)
    transfer, desks = offered(world, handed), [world.reader() for _ in range(PROCESSES)]
    told = race(
        world,
        [
            [
                ("lend", desk, barcode, 0), ("renew", renewed.reader_id, renewed.barcode, renewed.id),
                ("return", 0, returned.barcode, 0), ("hand on", handed.reader_id, handed.barcode, transfer),
            ]
            for desk in desks
        ],
    )  # fmt: skip
    others = PROCESSES - 1
    assert told == {
        (barcode, "lent"): 1, (barcode, "NotForLoan"): others,
        (renewed.barcode, "renewed"): 1, (renewed.barcode, ""): others,
        (returned.barcode, "returned"): 1, (returned.barcode, ""): others,
        (handed.barcode, "handed on"): 1, (handed.barcode, "UnknownThing"): others,
    }  # fmt: skip
    due = library_day(loans.loan(world.db, renewed.id).due_at)
    assert due == library_day(renewed.due_at) + timedelta(days=world.policy.lending.renewal_days), "moved once"
