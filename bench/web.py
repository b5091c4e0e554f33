"""The webhook as served (`flask serve`, its worker at work) against a bare Flask view with one durable write.

`python -m bench.web`. Half of the updates are searches in words, half are presses that place an order; 208 a second
at random moments on 40 connections, in turn against each side. The other sides are halted meanwhile. A third side does
the turn's own SQL by hand behind the bare view (bench.byhand): as near to it as those tables let anybody come.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.table import Figure, show
from bot import contacts, conversations
from bot.finder import Finder
from bot.migrations import migrations as bot_migrations
from lending import cart, credit, importing, readers
from lending.database import Database, Store
from lending.migrations import migrations as lending_migrations
from lending.points import PointEntry, store_points
from lending.policy import Policy, load_policy
from lending.stock import CopyEntry, store_copies
from search.migrations import migrations as search_migrations
from tests.fakes.telegram_server import TOKEN

RATE, CONNECTIONS = 208, 40
SECONDS, ROUNDS = 4, 7
GOAL = 1.5
ORDERS = (ROUNDS + 1) * SECONDS * RATE // 2 + 1  # readers with a book in the cart, about to press
BOXES = 50  # a locker
CHATTING = 300  # readers who search
FIRST_CHAT = 1_000_000
SECRET = "a-secret-for-the-webhook"
ROOT = Path(__file__).parent.parent
Update = dict[str, Any]
Rounds = list[dict[str, tuple[float, float]]]  # p50 and p99 of each side in each round, in seconds


def prepare(data: Path) -> list[str]:
    """The sample catalogue with copies enough, and readers who have only to confirm; returns titles to search for."""
    store, policy, now = Store(data / "shuxin.sqlite"), load_policy(), datetime.now(UTC)
    with store.writing() as db:
        lending_migrations.apply(db)
        bot_migrations.apply(db)
        search_migrations.apply(db)
    importing.load_sample(store)
    known = store.db.all("SELECT id, title FROM titles ORDER BY popularity DESC, id LIMIT 300")
    with store.writing() as db:
        rooms = range(ORDERS // BOXES + 1)
        store_points(db, [PointEntry(f"bench{n}", "locker", f"书柜{n}", boxes={"M": BOXES}) for n in rooms])
        points = [row["id"] for row in db.all("SELECT id FROM points WHERE code LIKE 'bench%' ORDER BY id")]
        titles = [known[n % len(known)]["id"] for n in range(ORDERS)]
        store_copies(db, [CopyEntry(f"BENCH{n}", title, points[0]) for n, title in enumerate(titles)])
        for n, title in enumerate(titles):
            _about_to_order(db, n, title, points[n // BOXES], policy, now)
    Finder(store, data / "index").open()
    store.close()
    return [str(row["title"]) for row in known]


def _about_to_order(db: Database, n: int, title: int, point: int, policy: Policy, now: datetime) -> None:
    """A reader whose next press is "确认下单"."""
    reader = readers.join(db, "zh_Hans", now)
    credit.open_ledger(db, reader.id, policy, now)
    readers.set_standing(db, reader.id, "trusted")
    cart.add(db, reader.id, title, policy, now)
    draft = {"key": f"k{n}", "titles": [title], "way": "locker", "point": point}
    conversations.save(db, reader.id, "", {"draft": draft, "way": ["locker", point], "confirm": f"ok:k{n}"})
    contacts.add(db, "telegram", str(FIRST_CHAT + n), reader.id, now)


def updates(titles: list[str]) -> Iterator[Update]:
    """A search and an order by turns, each as Telegram sends it."""
    chance = random.Random(1)
    for number in count(1):
        person = number // 2 if number % 2 else ORDERS + chance.randrange(CHATTING)
        chat = {"id": FIRST_CHAT + person, "type": "private", "first_name": "小信"}
        user = {"id": FIRST_CHAT + person, "is_bot": False, "first_name": "小信", "language_code": "zh-hans"}
        message = {"message_id": number, "date": 1_763_600_000, "chat": chat}
        if number % 2:
            query = {"id": str(number), "from": user, "chat_instance": "1", "data": f"ok:k{person}"}
            yield {"update_id": number, "callback_query": query | {"message": message | {"text": "请确认"}}}
        else:
            yield {"update_id": number, "message": message | {"from": user, "text": chance.choice(titles)}}


# ---- the processes ---------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[int]:
    """A server until the block ends; waits until it listens, and no longer says that it is still starting."""
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            try:
                if _status(port) != 503:
                    break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[1]} did not start") from None
            time.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def _status(port: int) -> int:
    """Raises OSError as long as nobody listens."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as asking:
        asking.request("GET", "/healthz")
        return asking.getresponse().status


@contextmanager
def sides(folder: Path) -> Iterator[dict[str, tuple[int, int]]]:
    """The service and its peers: port and process of each."""
    ours, theirs, hand, telegram = free_port(), free_port(), free_port(), free_port()
    environment = {
        "SHUXIN_DATA": str(folder / "service"), "SHUXIN_TELEGRAM_TOKEN": TOKEN, "SHUXIN_TELEGRAM_SECRET": SECRET,
        "SHUXIN_TELEGRAM_API": f"http://127.0.0.1:{telegram}", "SHUXIN_PUBLIC_URL": f"http://127.0.0.1:{ours}",
        "SHUXIN_SIMULATORS": "0",
    }  # fmt: skip
    with (
        running(["-m", "bench.botapi", str(telegram)], {}, telegram),
        running(["-m", "flask", "serve", "--port", str(ours)], environment, ours) as service,
        running(["-m", "bench.bare", str(theirs), str(folder / "bare.sqlite")], {}, theirs) as peer,
        running(["-m", "bench.byhand", str(hand), str(folder / "byhand")], {}, hand) as by_hand,
    ):
        yield {"service": (ours, service), "bare": (theirs, peer), "byhand": (hand, by_hand)}


def shoot(port: int, batch: list[Update], seed: int) -> list[float]:
    """Seconds of each update, fired by a process of its own."""
    order = {
        "port": port, "path": "/webhooks/telegram", "headers": {"X-Telegram-Bot-Api-Secret-Token": SECRET},
        "rate": RATE, "connections": CONNECTIONS, "seed": seed, "updates": batch,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], cwd=ROOT, input=json.dumps(order), stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    if answer["errors"]:
        raise RuntimeError(f"{answer['errors']} updates were not answered 200")
    return [float(seconds) for seconds in answer["seconds"]]


def against(sides: dict[str, tuple[int, int]], titles: list[str]) -> Rounds:
    """The first round left out; whoever is not measured stands still."""
    made, ahead = [], updates(titles)
    for _, process in sides.values():
        os.kill(process, signal.SIGSTOP)
    for number in range(ROUNDS + 1):
        batch, found = [next(ahead) for _ in range(RATE * SECONDS)], {}
        for side in random.Random(number).sample(list(sides), len(sides)):
            port, process = sides[side]
            os.kill(process, signal.SIGCONT)
            cuts = quantiles(shoot(port, batch, number), n=100)
            os.kill(process, signal.SIGSTOP)
            found[side] = cuts[49], cuts[98]
        made.append(found)
    return made[1:]


def ordered(folder: Path) -> float:
    """Which part of the presses has become an order: the service did the work it was measured at."""
    store = Store(folder / "shuxin.sqlite")
    share = float(store.db.value("SELECT COUNT(*) FROM orders")) / ((ROUNDS + 1) * SECONDS * RATE // 2)
    store.close()
    return share


def _against_bare(rounds: Rounds, side: str, at: int, label: str, goal: float | None = None) -> Figure:
    """The median of the rounds' ratios."""
    ratios = [found[side][at] / found["bare"][at] for found in rounds]
    ours, bare = (median(found[one][at] for found in rounds) * 1000 for one in (side, "bare"))
    note = f"{min(ratios):.2f}–{max(ratios):.2f} over {ROUNDS} rounds; {ours:.1f} and {bare:.1f} ms"
    return Figure(label, median(ratios), goal, at_most=True, note=note)


def measure() -> list[Figure]:
    """All of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        titles = prepare(folder / "service")
        shutil.copytree(folder / "service", folder / "byhand")
        with sides(folder) as all_sides:
            rounds = against(all_sides, titles)
        share = ordered(folder / "service")
    return [
        _against_bare(rounds, "service", 1, f"webhook p99 at {RATE}/s, of a bare view", GOAL),
        _against_bare(rounds, "service", 0, f"webhook p50 at {RATE}/s, of a bare view"),
        _against_bare(rounds, "byhand", 1, "p99 of the same SQL by hand, likewise"),
        _against_bare(rounds, "byhand", 0, "p50 of the same SQL by hand, likewise"),
        Figure("presses that became an order", share, 1.0),
    ]


if __name__ == "__main__":
    raise SystemExit(not show(measure()))
