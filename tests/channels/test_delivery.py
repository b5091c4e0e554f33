"""The sender over a real network: nothing lost, nothing doubled but what was cut after delivery, order kept."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot import outbox
from bot.channels import TransportError
from bot.channels.telegram import TelegramChannel
from bot.deliver import ATTEMPTS, Deliverer, delay
from bot.events import Button, Reply
from bot.outbox import Claimed
from bot.pacer import Pacer
from lending.database import Database, Store
from tests.fakes.telegram_http import Parameters
from tests.fakes.telegram_rules import StrictLimit
from tests.fakes.telegram_server import FakeTelegram

MakeSender = Callable[..., Deliverer]


def put(store: Store, address: int, text: str, **more: object) -> int:
    with store.writing() as db:
        id = outbox.put(db, "telegram", str(address), Reply(text), datetime.now(UTC), **more)  # type: ignore[arg-type]
    assert id is not None
    return id


def put_many(store: Store, telegram: FakeTelegram, people: range) -> None:
    with store.writing() as db:
        for person in people:
            telegram.join(person)
            outbox.put(db, "telegram", str(person), Reply(f"to {person}"), datetime.now(UTC))


def unsent(store: Store) -> int:
    count = store.db.value("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")
    return int(count)


def run_until_done(deliverer: Deliverer, store: Store, seconds: float = 20.0) -> None:
    """Let it run as in service, and stop it when nothing is left."""
    stop = threading.Event()
    thread = threading.Thread(target=deliverer.run, args=(stop,))
    thread.start()
    until = time.monotonic() + seconds
    while unsent(store) and time.monotonic() < until:
        time.sleep(0.01)
    stop.set()
    thread.join()
    assert unsent(store) == 0


def shifting_clock() -> Callable[[], datetime]:
    """A clock on which every look is five minutes later: retries are due at once."""
    looks = iter(range(1_000_000))
    return lambda: datetime.now(UTC) + timedelta(minutes=5 * next(looks))


def test_what_is_put_is_sent_and_marked(store: Store, telegram: FakeTelegram, sender: MakeSender) -> None:
    id = put(store, 7, "您好")
    assert sender().step() == 1
    [shown] = telegram.inbox(7)
    assert shown.text == "您好"
    assert outbox.external_id(store.db, id) == str(shown.id)
    assert outbox.find(store.db, "telegram", "7", str(shown.id)) == id


def test_a_reply_that_edits_changes_the_message_it_names(
    store: Store, telegram: FakeTelegram, sender: MakeSender
) -> None:
    first = put(store, 7, "1 本")
    sender().step()
    with store.writing() as db:
        edit = outbox.put(db, "telegram", "7", Reply("2 本", edits=first), datetime.now(UTC))
        outbox.put(db, "telegram", "7", Reply("3 本", edits=edit), datetime.now(UTC))
    deliverer = sender()
    assert deliverer.step() + deliverer.step() == 2
    [shown] = telegram.inbox(7)
    assert (shown.text, shown.edits) == ("3 本", 2)


def test_each_chat_reads_its_messages_in_order(store: Store, telegram: FakeTelegram, sender: MakeSender) -> None:
    chance = random.Random(2)
    telegram.fault = lambda method, parameters: "cut before" if chance.random() < 0.1 else ""
    for line in range(15):
        for person in (7, 8, 9):
            telegram.join(person)
            put(store, person, f"line {line}")
    run_until_done(sender(clock=shifting_clock()), store)
    for person in (7, 8, 9):
        assert [shown.text for shown in telegram.inbox(person)] == [f"line {line}" for line in range(15)]


def test_cut_connections_lose_nothing_and_double_only_what_was_delivered(
    store: Store, telegram: FakeTelegram, sender: MakeSender
) -> None:
    cut: Counter[str] = Counter()
    chance = random.Random(3)

    def fault(method: str, parameters: Parameters) -> str:
        kind = chance.choices(("", "cut before", "cut after"), (90, 5, 5))[0]
        cut[kind] += 1
        return kind

    telegram.fault = fault
    put_many(store, telegram, range(100, 300))
    run_until_done(sender(clock=shifting_clock()), store)
    seen = [len(telegram.inbox(person)) for person in range(100, 300)]
    assert min(seen) == 1
    assert cut["cut after"] > 0 and sum(seen) - 200 == cut["cut after"]


def test_nobody_is_refused_who_keeps_the_pace(store: Store, sender: MakeSender) -> None:
    """P7, twice as fast: 30 in any half second are permitted."""
    with FakeTelegram(StrictLimit(count=30, window=0.5, penalty=1.0), latency=0.03) as telegram:
        channel = TelegramChannel("123:fake", telegram.base_url)
        put_many(store, telegram, range(100, 200))
        run_until_done(Deliverer(store, channel, lambda: datetime.now(UTC), Pacer(58, second=0.5)), store)
        channel.close()
        assert telegram.refused == []
        assert all(len(telegram.inbox(person)) == 1 for person in range(100, 200))


def test_a_pace_that_is_too_fast_waits_as_told_and_loses_nothing(store: Store) -> None:
    with FakeTelegram(StrictLimit(count=10, window=0.2, penalty=0.5)) as telegram:
        channel = TelegramChannel("123:fake", telegram.base_url)
        put_many(store, telegram, range(100, 130))
        run_until_done(Deliverer(store, channel, lambda: datetime.now(UTC), Pacer(1000)), store)
        channel.close()
        assert telegram.refused
        assert all(len(telegram.inbox(person)) == 1 for person in range(100, 130))
        assert store.db.value("SELECT max(attempts) FROM outbox") == 0


def test_one_chat_gets_no_more_than_its_second_allows(store: Store) -> None:
    with FakeTelegram(per_chat=0.2) as telegram:
        telegram.join(7)
        channel = TelegramChannel("123:fake", telegram.base_url)
        for line in range(4):
            put(store, 7, f"line {line}")
        run_until_done(Deliverer(store, channel, lambda: datetime.now(UTC), Pacer(1000, chat_seconds=0.2)), store)
        channel.close()
        assert telegram.refused == []
        assert [shown.text for shown in telegram.inbox(7)] == [f"line {line}" for line in range(4)]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_put_back_holds_up_no_chat(
    store: Store, telegram: FakeTelegram, sender: MakeSender, restarted: bool
) -> None:
    """One on its way when its sender died, one to be tried again and one not tried yet: all go out by the new time."""
    now, moments = datetime.now(UTC), [datetime.now(UTC)]
    first = sender(clock=lambda: moments[0])
    first.step()
    with store.writing() as db:
        for person in (8, 9, 10):
            telegram.join(person)
            outbox.put(db, "telegram", str(person), Reply(f"to {person}"), now)
    _dead, again = outbox.claim(store.db, "telegram", now, 2)
    outbox.later(store.db, again.id, now + timedelta(seconds=60), "cut")
    moments[0] = now - timedelta(days=30)
    deliverer = sender(clock=lambda: moments[0]) if restarted else first
    assert deliverer.step() == 3
    assert unsent(store) == 0


def test_a_clock_put_back_sends_nothing_again_that_is_under_way(store: Store) -> None:
    moments, going_on, said = [datetime.now(UTC)], threading.Event(), []

    class Slow:
        name = "telegram"

        def send(self, address: str, reply: Reply, edits: str | None) -> str:
            said.append(reply.text)
            assert going_on.wait(10)
            return "1"

    deliverer = Deliverer(store, Slow(), lambda: moments[0], Pacer(1000, chat_seconds=0))
    put(store, 7, "x")
    assert deliverer._start() == 1
    moments[0] -= timedelta(days=30)
    assert deliverer._start() == 0
    going_on.set()
    deliverer.close()
    assert (said, unsent(store)) == (["x"], 0)


def test_a_clock_that_is_set_right_by_a_little_takes_nothing_from_another_sender(
    store: Store, sender: MakeSender
) -> None:
    now = datetime.now(UTC)
    put(store, 7, "x")
    assert outbox.claim(store.db, "telegram", now, 1)
    assert sender(clock=lambda: now - timedelta(seconds=30)).step() == 0


def test_who_blocked_us_is_noted_and_never_tried_again(
    store: Store, telegram: FakeTelegram, sender: MakeSender
) -> None:
    """P8."""
    noted: list[tuple[str, str]] = []

    def unreachable(db: Database, channel: str, address: str) -> None:
        assert db.door
        noted.append((channel, address))

    telegram.block(7)
    telegram.join(8)
    for text in ("one", "two", "three"):
        put(store, 7, text)
    put(store, 8, "others flow")
    run_until_done(sender(unreachable=unreachable), store)
    assert noted == [("telegram", "7")]
    assert len(telegram.refused) == 1
    assert {parked.address for parked in outbox.undelivered(store.db)} == {"7"}
    assert len(outbox.undelivered(store.db)) == 3
    assert len(telegram.inbox(8)) == 1


def test_a_message_that_never_works_is_parked_while_others_flow(
    store: Store, telegram: FakeTelegram, sender: MakeSender
) -> None:
    """B2-8."""
    telegram.join(8)
    with store.writing() as db:
        outbox.put(db, "telegram", "7", Reply("x", ((Button(" ", "nameless"),),)), datetime.now(UTC))
    put(store, 7, "after it")
    put(store, 8, "beside it")
    run_until_done(sender(clock=shifting_clock()), store)
    [parked] = outbox.undelivered(store.db)
    assert "BadRequest" in parked.error and len(telegram.refused) == ATTEMPTS
    assert [telegram.inbox(person)[0].text for person in (7, 8)] == ["after it", "beside it"]


def test_waits_double_up_to_a_limit() -> None:
    assert [delay(failures) for failures in (1, 2, 3, 4, 20)] == [1, 2, 4, 8, 300]


def test_facts_are_looked_at_again_before_sending(store: Store, telegram: FakeTelegram, sender: MakeSender) -> None:
    """B2-7: a reminder for a book that came back is not sent."""

    def prepare(db: Database, message: Claimed) -> Reply | None:
        return None if message.key == "due:1" else Reply(f"{message.reply.text}!")

    telegram.join(8)
    put(store, 7, "due", key="due:1")
    put(store, 8, "due", key="due:2")
    sender(prepare=prepare).step()
    assert telegram.inbox(7) == [] and telegram.inbox(8)[0].text == "due!"
    assert unsent(store) == 0 and outbox.undelivered(store.db) == []


def test_a_channel_that_breaks_unexpectedly_costs_only_its_message(store: Store) -> None:
    class Broken:
        name = "telegram"

        def send(self, address: str, reply: Reply, edits: str | None) -> str:
            if address == "7":
                raise ZeroDivisionError
            if address == "9":
                raise TransportError("gone", permanent=True)
            return "1"

    for person in (7, 8, 9):
        put(store, person, "x")
    run_until_done(Deliverer(store, Broken(), shifting_clock(), Pacer(1000, chat_seconds=0)), store)
    assert {parked.address for parked in outbox.undelivered(store.db)} == {"7", "9"}


@pytest.mark.parametrize("in_flight", [1, 8])
@pytest.mark.parametrize("told_to_end", [False, True])
def test_a_message_that_takes_longer_than_its_claim_is_sent_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, in_flight: int, told_to_end: bool
) -> None:
    """Several parts over a slow network: another process that shares the data took their sender for dead."""
    monkeypatch.setattr("bot.outbox.CLAIM_SECONDS", 2)  # stamps are whole seconds
    monkeypatch.setattr("bot.deliver.RENEW_SECONDS", 0.2)
    sent, under_way = list[str](), threading.Event()

    class Slow:
        name = "telegram"

        def send(self, address: str, reply: Reply, edits: str | None) -> str:
            sent.append(address)
            under_way.set()
            time.sleep(4)
            return "1"

    def deliverer() -> Deliverer:
        return Deliverer(store, Slow(), lambda: datetime.now(UTC), Pacer(1000, chat_seconds=0), in_flight)

    put(store, 7, "x")
    stop = threading.Event()
    first = threading.Thread(target=deliverer().run, args=(stop,))
    first.start()
    under_way.wait()
    if told_to_end:
        stop.set()
    run_until_done(deliverer(), store)
    stop.set()
    first.join()
    assert sent == ["7"]


def test_whatever_goes_wrong_the_sender_goes_on_and_the_log_says_no_words(
    store: Store, telegram: FakeTelegram, sender: MakeSender, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    claim, asked, words = outbox.claim, count(), "林书"

    def once_broken(*given: Any) -> list[Claimed]:
        if not next(asked):
            raise sqlite3.OperationalError(words)
        return claim(*given)

    monkeypatch.setattr("bot.deliver.STORE_SECONDS", 0.01)
    monkeypatch.setattr("bot.outbox.claim", once_broken)
    put(store, 7, "x")
    run_until_done(sender(), store)
    assert len(telegram.inbox(7)) == 1
    assert "OperationalError" in caplog.text and words not in caplog.text


def test_a_sender_killed_between_claim_and_answer_is_taken_over(
    store: Store, telegram: FakeTelegram, sender: MakeSender
) -> None:
    """R1: the claim of the dead is free after a minute."""
    put(store, 7, "x")
    outbox.claim(store.db, "telegram", datetime.now(UTC), 1)
    assert sender().step() == 0
    assert sender(clock=lambda: datetime.now(UTC) + timedelta(seconds=61)).step() == 1
    assert len(telegram.inbox(7)) == 1


CHILD = """
import sys, threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from bot.channels.telegram import TelegramChannel
from bot.deliver import Deliverer
from bot.pacer import Pacer
from lending.database import Store
path, base_url, minutes = sys.argv[1:]
clock = lambda: datetime.now(UTC) + timedelta(minutes=2 * int(minutes))
channel = TelegramChannel("123:fake", base_url)
Deliverer(Store(Path(path)), channel, clock, Pacer(200, chat_seconds=0), in_flight=4).run(threading.Event())
"""


def test_killing_the_sender_loses_nothing_and_doubles_at_most_what_was_under_way(
    store: Store, telegram: FakeTelegram
) -> None:
    """R1: kill -9 at random moments, four in flight."""
    telegram.latency = 0.02
    put_many(store, telegram, range(100, 250))
    chance, kills = random.Random(4), 0
    root = Path(__file__).parents[2]
    while unsent(store) and kills < 30:
        command = [sys.executable, "-c", CHILD, str(store.path), telegram.base_url, str(kills)]
        child = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
        before = len(telegram.calls)
        telegram.wait_for(lambda before=before: len(telegram.calls) > before or not unsent(store), 30)  # type: ignore[misc]
        time.sleep(chance.uniform(0.1, 0.5))
        child.send_signal(signal.SIGKILL)
        child.wait()
        kills += 1
    seen = [len(telegram.inbox(person)) for person in range(100, 250)]
    assert kills >= 2 and unsent(store) == 0
    assert min(seen) == 1
    assert sum(seen) - 150 <= 4 * kills
