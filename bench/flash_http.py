"""The 16-second day over HTTP: 6,000 presses of "确认下单" at the webhook as served, 40 connections, no pause.

`python -m bench.flash_http`. Each is a whole update as Telegram sends it: secret, parsing, inbox, conversation, the
order with the day's money, the reply into the outbox, answered 200 after the commit. The load and the Bot API stay on
one processor, for they stand for what is elsewhere; the service may use all. The figure is taken from the
first 3,333 presses, all of which are free; the 2,667 after them hear the price.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import web
from bench.table import Figure, show
from bot import contacts, conversations
from bot.finder import Finder
from bot.migrations import migrations as bot_migrations
from lending import cart, credit, importing, readers
from lending.database import Database, Store
from lending.migrations import migrations as lending_migrations
from lending.policy import Policy, load_policy
from lending.stock import CopyEntry, store_copies
from search.migrations import migrations as search_migrations
from tests.fakes.telegram_server import TOKEN

PRESSING, FREE, REAL, GOAL, ROUNDS = 6_000, 3_333, 208, 10.0, 3
AT_ONCE = 1e9  # updates a second: all are due from the first moment, each connection sends its next at once
Update = dict[str, Any]


def prepare(data: Path) -> None:
    """The sample catalogue with copies enough, and 6,000 readers who have agreed to ¥0 and have only to confirm."""
    store, policy, now = Store(data / "shuxin.sqlite"), load_policy("zhejiang"), datetime.now(UTC)
    with store.writing() as db:
        for migrations in (lending_migrations, bot_migrations, search_migrations):
            migrations.apply(db)
    importing.load_sample(store)
    known = [row["id"] for row in store.db.all("SELECT id FROM titles ORDER BY popularity DESC, id LIMIT 300")]
    point = store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    with store.writing() as db:
        store_copies(db, [CopyEntry(f"FLASH{n}", known[n % len(known)], point) for n in range(PRESSING)])
        for n in range(PRESSING):
            _about_to_order(db, n, known[n % len(known)], policy, now)
    Finder(store, data / "index").open()
    store.close()


def _about_to_order(db: Database, n: int, title: int, policy: Policy, now: datetime) -> None:
    reader = readers.join(db, "zh_Hans", now)
    credit.open_ledger(db, reader.id, policy, now)
    readers.set_standing(db, reader.id, "trusted")
    readers.set_delivery(db, reader.id, "林书", "13800000000", "文三路 1 号", "province")
    cart.add(db, reader.id, title, policy, now)
    draft = {"key": f"k{n}", "titles": [title], "way": "delivery", "point": 0, "fee": 0}
    conversations.save(db, reader.id, "", {"draft": draft, "way": ["delivery", 0], "confirm": f"ok:k{n}"})
    contacts.add(db, "telegram", str(web.FIRST_CHAT + n), reader.id, now)


def press(n: int) -> Update:
    """Reader n presses "确认下单"."""
    chat = {"id": web.FIRST_CHAT + n, "type": "private", "first_name": "小信"}
    user = {"id": web.FIRST_CHAT + n, "is_bot": False, "first_name": "小信", "language_code": "zh-hans"}
    message = {"message_id": n, "date": 1_763_600_000, "chat": chat, "text": "请确认"}
    query = {"id": str(n), "from": user, "chat_instance": "1", "data": f"ok:k{n}", "message": message}
    return {"update_id": n + 1, "callback_query": query}


def fire(port: int, batch: list[Update]) -> float:
    """Seconds until the last of them was answered 200; the load is a process of its own."""
    order = {
        "port": port, "path": "/webhooks/telegram", "headers": {"X-Telegram-Bot-Api-Secret-Token": web.SECRET},
        "rate": AT_ONCE, "connections": web.CONNECTIONS, "seed": 1, "updates": batch, "apart": True,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], cwd=web.ROOT, input=json.dumps(order), stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    if answer["errors"]:
        raise RuntimeError(f"{answer['errors']} presses were not answered 200")
    return float(max(answer["seconds"]))


def sale(data: Path) -> tuple[float, int, int]:
    """A fresh library's sale: seconds of the free ones, how many became free, and the fen left."""
    prepare(data)
    ours, telegram = web.free_port(), web.free_port()
    environment = {
        "SHUXIN_DATA": str(data), "SHUXIN_POLICY": "zhejiang", "SHUXIN_TELEGRAM_TOKEN": TOKEN,
        "SHUXIN_TELEGRAM_SECRET": web.SECRET, "SHUXIN_TELEGRAM_API": f"http://127.0.0.1:{telegram}",
        "SHUXIN_PUBLIC_URL": f"http://127.0.0.1:{ours}", "SHUXIN_SIMULATORS": "0",
    }  # fmt: skip
    with (
        web.running(["-m", "bench.botapi", str(telegram), "apart"], {}, telegram),
        web.running(["-m", "flask", "serve", "--port", str(ours)], environment, ours),
    ):
        time.sleep(2)  # its index and its first tick
        seconds = fire(ours, [press(n) for n in range(FREE)])
        fire(ours, [press(n) for n in range(FREE, PRESSING)])
    store = Store(data / "shuxin.sqlite")
    free = store.db.value("SELECT COUNT(*) FROM orders WHERE free_fen = 300 AND fee_fen = 0")
    left = store.db.value("SELECT SUM(budget_fen - used_fen) FROM free_days")
    store.close()
    return seconds, int(free), int(left)


def measure() -> list[Figure]:
    """Each round in a fresh library."""
    multiples, wrong = [], 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            seconds, free, left = sale(Path(name))
        multiples.append(FREE / seconds / REAL)
        wrong += (free, left) != (FREE, 100)
    spread = f"{min(multiples):.2f}–{max(multiples):.2f} over {ROUNDS} rounds"
    return [
        Figure("free orders over HTTP, 40 connections, × 208/s", median(multiples), GOAL, note=spread),
        Figure("rounds over HTTP with not exactly 3,333 free orders", wrong, 0, at_most=True),
    ]


if __name__ == "__main__":
    raise SystemExit(not show(measure()))
