"""The 16-second day again: 10,000 yuan of free delivery, 6,000 readers who press at once (A2-27), and the draw instead.

`python -m bench.flash`. In process, 64 callers place real orders (`orders.place`: reader's facts, cart, copy, the day's
money, order, items, holds; every answer after its commit is on disk) from a delivery library of the 浙江 pack; the
figure is free orders a second until the money is gone, as a multiple of the real sale's 208 a second (3,333 in 16 s).
Who comes too late is told the price, and nothing of their order is kept. Over HTTP it is in bench.flash_http.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from bench import flash_http, library
from bench.orders import hand_rate, opened
from bench.table import Figure, show
from lending import orders
from lending.database import Store
from lending.errors import PriceChanged
from lending.lots import drawn_order, lots_for
from lending.model import Fulfilment
from lending.policy import Policy, load_policy

POLICY = load_policy("zhejiang")
PRESSING, FREE, LEFT_FEN = 6_000, 3_333, 100  # ¥10,000 at ¥3 an order
REAL = 208  # orders a second of the real sale
CALLERS, RUNS, GOAL = 64, 50, 30.0
HAND_RUNS = 7
DAYS, HAND, LUCK = 30, 0.5, 0.25  # of the fairness model, see `fairness`


def build(path: Path) -> None:
    """bench.library with everybody's address in the province."""
    library.build(path)
    store = Store(path)
    with store.writing() as db:
        db.run("UPDATE readers SET name = '林书', phone = '13800000000', address = '文三路 1 号', zone = 'province'")
    store.close()


# ---- in process ------------------------------------------------------------------------------------------------------


def sale(path: Path) -> tuple[float, str]:
    """Everybody presses; seconds until the last free order was answered, and what is wrong with the books, or ''."""
    store, answered, other = opened(path), [0.0] * PRESSING, list[str]()
    ready = threading.Barrier(CALLERS + 1)

    def press(caller: int) -> None:
        store.db.value("SELECT 1")  # a server's threads have their connections open before the sale
        ready.wait()
        for reader in range(1 + caller, PRESSING + 1, CALLERS):
            try:
                orders.place(
                    store.db, reader, Fulfilment.DELIVERY, None, f"flash-{reader}", POLICY, library.NOW, agreed_fen=0
                )
                answered[reader - 1] = time.perf_counter()
            except PriceChanged:
                continue
            except Exception as error:
                other.append(repr(error))

    threads = [threading.Thread(target=press, args=(caller,)) for caller in range(CALLERS)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    wrong = "; ".join(other[:3]) or accounts(store, sum(moment > 0 for moment in answered))
    store.close()
    return max(answered) - started, wrong


def accounts(store: Store, told_free: int) -> str:
    """What does not add up after a sale, or ''."""
    expected = {
        "SELECT COUNT(*) FROM orders WHERE free_fen = 300 AND fee_fen = 0": FREE,
        "SELECT budget_fen - used_fen FROM free_days": LEFT_FEN,
        "SELECT used_fen - (SELECT SUM(free_fen) FROM orders) FROM free_days": 0,
        "SELECT COUNT(DISTINCT copy_id) - COUNT(*) FROM order_items WHERE open = 1": 0,
    }
    found = {sql: store.db.value(sql) for sql in expected}
    wrong = [f"{sql}: {found[sql]}, not {value}" for sql, value in expected.items() if found[sql] != value]
    return "; ".join(wrong if told_free == FREE else [f"{told_free} were told free", *wrong])


def sales(folder: Path, template: Path) -> tuple[list[float], list[str]]:
    """Run after run on a fresh copy: multiples of the real sale, and what was wrong."""
    multiples, wrong = [], []
    for number in range(RUNS):
        path = folder / "sale.db"
        for old in folder.glob("sale.db*"):
            old.unlink()
        shutil.copy(template, path)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        seconds, error = sale(path)
        multiples.append(FREE / seconds / REAL)
        wrong += [f"run {number}: {error}"] if error else []
    return multiples, wrong


def by_hand(folder: Path) -> float:
    """What one caller makes of the machine in the same minutes, by the SQL of an order alone: its multiple."""
    template = folder / "hand-template.db"
    library.build(template)
    return median(hand_rate(folder, template) for _ in range(HAND_RUNS)) / REAL


# ---- fairness --------------------------------------------------------------------------------------------------------


def gini(wins: Iterable[int]) -> float:
    """0 where everybody has won as often, towards 1 where few have won everything."""
    ordered = sorted(wins)
    total = sum(ordered)
    return sum((2 * place - len(ordered) - 1) * won for place, won in enumerate(ordered, 1)) / (len(ordered) * total)


def fairness(policy: Policy) -> tuple[float, float]:
    """Gini of wins after a month in which all 6,000 try every day: first come, and drawn.

    The model of first come: a reader's reaction is their own hand's speed times the day's luck, both lognormal (the
    spread of hands twice that of luck). The draw is the product's own, with the policy's lots.
    """
    chance = random.Random(16)
    hands = [chance.lognormvariate(0, HAND) for _ in range(PRESSING)]
    fast, drawn, last = [0] * PRESSING, [0] * PRESSING, dict[int, int]()
    for day in range(DAYS):
        reaction = [hand * chance.lognormvariate(0, LUCK) for hand in hands]
        for reader in sorted(range(PRESSING), key=reaction.__getitem__)[:FREE]:
            fast[reader] += 1
        lots = {
            str(reader): lots_for(policy, day - last[reader] if reader in last else None, special=False)
            for reader in range(PRESSING)
        }
        for ticket in drawn_order(f"day {day}", lots)[:FREE]:
            drawn[int(ticket)] += 1
            last[int(ticket)] = day
    return gini(fast), gini(drawn)


# ---- all of it -------------------------------------------------------------------------------------------------------


def measure() -> list[Figure]:
    """All of it."""
    gc.freeze()  # as `flask serve` does
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template.db"
        build(template)
        multiples, wrong = sales(folder, template)
        hand = by_hand(folder)
    for line in wrong:
        print(line)
    fast, drawn = fairness(POLICY)
    spread = f"{min(multiples):.1f}–{max(multiples):.1f} over {RUNS} runs"
    return [
        Figure(f"free orders, {CALLERS} callers, × the real sale's 208/s", median(multiples), GOAL, note=spread),
        Figure("orders of one caller by hand in the same minutes, likewise", hand),
        Figure(f"runs of {RUNS} with not exactly 3,333 free orders", len(wrong), 0, at_most=True),
        *flash_http.measure(),
        Figure("Gini of wins in a month, first come", fast),
        Figure("Gini of wins in a month, drawn", drawn, fast / 2, at_most=True, note="model in bench/flash.py"),
    ]


if __name__ == "__main__":
    raise SystemExit(not show(measure()))
