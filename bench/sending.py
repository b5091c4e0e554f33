"""How much of Telegram's permitted rate the sender uses, and what it loses when the network misbehaves.

`python -m bench.sending [--messages 600]`. The permitted rate is 30 a second; its true rule is unpublished, so two
models of it are tried: strict (30 in any second that slides by, one too many silences everything for 3 s) and lenient
(a leaky bucket with a burst of 30). The peer, in the same run, is a plain loop that sends one message after another.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.table import Figure, show
from bot import outbox
from bot.channels.telegram import TelegramChannel
from bot.deliver import Deliverer
from bot.events import Reply
from bot.migrations import migrations as bot_migrations
from bot.pacer import Pacer
from lending.database import Store
from lending.migrations import migrations as lending_migrations
from search.migrations import migrations as search_migrations
from tests.fakes.telegram_http import Parameters
from tests.fakes.telegram_rules import LenientLimit, Limit, StrictLimit
from tests.fakes.telegram_server import TOKEN, FakeTelegram

PERMITTED = 30.0  # a second
ROUND_TRIP = 0.060  # seconds
GOAL = 0.95
FIRST_PERSON = 1000
MODELS: dict[str, Callable[[], Limit]] = {"strict": StrictLimit, "lenient": LenientLimit}


@dataclass
class Result:
    """What came of one run."""

    seconds: float
    lost: int
    doubled: int
    refused: int
    share: float


def people(n: int) -> range:
    """Their chats."""
    return range(FIRST_PERSON, FIRST_PERSON + n)


def result(telegram: FakeTelegram, n: int, started: float) -> Result:
    """Count what the chats show."""
    seen = [len(telegram.inbox(person)) for person in people(n)]
    moments = [at for at, method, _ in telegram.calls if method == "sendMessage"]
    seconds = (max(moments) - started) if moments else 0.0
    lost, doubled = seen.count(0), sum(count - 1 for count in seen if count > 1)
    refused = sum(refusal.code == 429 for refusal in telegram.refused)
    return Result(seconds, lost, doubled, refused, (n - lost) / seconds / PERMITTED)


def in_turn(model: str, n: int) -> Result:
    """The peer: one after another, each after the answer to the last."""
    with FakeTelegram(MODELS[model](), latency=ROUND_TRIP) as telegram:
        channel = TelegramChannel(TOKEN, telegram.base_url)
        started = time.monotonic()
        for person in people(n):
            telegram.join(person)
            channel.send(str(person), Reply("您借的《围城》后天到期。"), None)
        channel.close()
        return result(telegram, n, started)


def with_outbox(limit: Limit | None, n: int, fault: Callable[[str, Parameters], str], **settings: object) -> Result:
    """Our sender as in service, from a store on disk."""
    with FakeTelegram(limit, latency=ROUND_TRIP) as telegram, tempfile.TemporaryDirectory() as folder:
        store = filled_store(Path(folder), telegram, n)
        channel = TelegramChannel(TOKEN, telegram.base_url)
        telegram.fault = fault
        block_some(telegram, n, int(settings.pop("blocked", 0)))  # type: ignore[call-overload]
        started = time.monotonic()
        run_until_done(Deliverer(store, channel, **({"clock": lambda: datetime.now(UTC)} | settings)), store)  # type: ignore[arg-type]
        channel.close()
        store.close()
        return result(telegram, n, started)


def filled_store(folder: Path, telegram: FakeTelegram, n: int) -> Store:
    """A store with a reminder for each."""
    store = Store(folder / "bench.db")
    with store.writing() as db:
        lending_migrations.apply(db)
        bot_migrations.apply(db)
        search_migrations.apply(db)
        for person in people(n):
            telegram.join(person)
            key = f"due:{person}"
            outbox.put(db, "telegram", str(person), Reply("您借的《围城》后天到期。"), datetime.now(UTC), key=key)
    return store


def block_some(telegram: FakeTelegram, n: int, blocked: int) -> None:
    """The last of them have blocked the bot."""
    for person in people(n)[n - blocked :]:
        telegram.block(person)


def run_until_done(deliverer: Deliverer, store: Store) -> None:
    """Until the outbox is empty."""
    stop = threading.Event()
    thread = threading.Thread(target=deliverer.run, args=(stop,))
    thread.start()
    while store.db.value("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"):
        time.sleep(0.05)
    stop.set()
    thread.join()


def faults(n: int) -> list[Figure]:
    """5 % have blocked us, 2 % of connections are cut before and 2 % after delivery."""
    cut: Counter[str] = Counter()
    chance, guard = random.Random(1), threading.Lock()

    def fault(method: str, parameters: Parameters) -> str:
        if int(parameters.get("chat_id", 0)) >= FIRST_PERSON + n - blocked:
            return ""
        with guard:
            kind = chance.choices(("", "cut before", "cut after"), (96, 2, 2))[0]
            cut[kind] += 1
        return kind

    blocked = n // 20
    looks = iter(range(10**9))
    made = with_outbox(
        None,
        n,
        fault,
        blocked=blocked,
        pacer=Pacer(200),
        clock=lambda: datetime.now(UTC) + timedelta(minutes=5 * next(looks)),
    )
    lost = made.lost - blocked
    before, after = cut["cut before"], cut["cut after"]
    print(f"\nnetwork trouble, {n} messages: {blocked} blocked, {before} cut before, {after} after delivery")
    print(f"  lost {lost} (goal 0), doubled {made.doubled} (goal: {after}, no more than were cut after delivery)")
    return [
        Figure("sending through cut connections: lost", lost, 0, at_most=True),
        Figure("sending through cut connections: doubled", made.doubled, after, at_most=True),
    ]


def measure(n: int = 600) -> list[Figure]:
    """Both models of the limit, then the cut connections."""
    print(f"{n} messages, round trip {ROUND_TRIP * 1000:.0f} ms, permitted {PERMITTED:.0f}/s, goal {GOAL} of it\n")
    print("limit    sender           share  of the peer  lost  doubled  refused  seconds")
    found: list[Figure] = []
    for model, make in MODELS.items():
        peer, ours = in_turn(model, min(n, 100)), with_outbox(make(), n, lambda method, parameters: "")
        for name, made in (("one by one", peer), ("outbox", ours)):
            print(
                f"{model:8} {name:14} {made.share:7.3f} {made.share / peer.share:12.2f} {made.lost:5} {made.doubled:8}"
                f" {made.refused:8} {made.seconds:8.1f}"
            )
        bad = ours.lost + ours.doubled + ours.refused
        found += [
            Figure(f"sending, {model} limit: of the permitted rate", ours.share, GOAL),
            Figure(f"sending, {model} limit: lost, doubled or refused", bad, 0, at_most=True),
        ]
    return found + faults(min(n, 600))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=600)
    raise SystemExit(not show(measure(arguments.parse_args().messages)))
