"""Three readers say whatever readers say and press whatever they are shown, in any order, while orders move on and days go
by: every turn is answered and none fails inside. Handlers share one memory of a talk, and only long talks show where two
of them mean different things by the same word of it."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from bot import inbox
from bot.events import Button
from bot.service import Service
from lending import orders
from lending.errors import LendingError
from tests.talking import Person, advance, pass_time

STEPS = 100
SAID = [line.split("\t")[0] for line in (Path(__file__).parent / "utterances.tsv").read_text("utf8").splitlines() if line]
SHORT = [
    "1", "2", "3", "借第1本", "第二本", "要", "好", "不要", "算了", "对", "送到家", "书柜", "到馆取", "下一页", "还有别的吗", "回到列表",
]  # fmt: skip


def offered(me: Person, chance: random.Random) -> list[Button]:
    """The buttons of the newest message; now and then those of older ones, which stay on a reader's screen."""
    heard = me.heard[-1:] if chance.random() < 0.8 else me.heard[-12:]
    rows = [row for reply in heard for row in (*reply.buttons, *(card.buttons for card in reply.cards))]
    return [button for row in rows for button in row if button.action]


def turn(me: Person, chance: random.Random) -> str:
    """One thing done by a reader, the library or the clock, and what it was."""
    kind, buttons = chance.random(), offered(me, chance)
    if kind < 0.05:
        hours = chance.choice([1, 5, 24, 72, 480])
        pass_time(me.service, hours=hours)
        return f"{hours} hours go by"
    mine = orders.of_reader(me.service.store.db, me.reader_id, 5)
    if kind < 0.12 and mine and (step := orders.next_step(order := chance.choice(mine))):
        with suppress(LendingError):
            advance(me.service, order, step.name)
        return f"{step.name} {order.number}"
    if kind < 0.6 and buttons:
        button = chance.choice(buttons)
        me.send(me.event(press=button.action))
        return f"[{button.label}] {button.action}"
    said = chance.choice(SHORT if kind > 0.85 else SAID)
    me.send(me.event(text=said))
    assert me.listen().strip(), f"no answer to {said}"
    return said


def talk(service: Service, seed: int) -> None:
    chance, done = random.Random(seed), list[str]()
    people = [Person(service, f"a {language} reader", language=language).trusted() for language in ("zh_Hans", "zh_Hant", "en")]
    for _ in range(STEPS):
        me = chance.choice(people)
        done.append(f"{me.address}: {turn(me, chance)}")
        me.listen()
        assert not inbox.dead_letters(service.store.db), "\n".join(done[-8:])


@pytest.mark.parametrize("seed", range(6))
def test_any_talk_at_all_is_answered(service: Service, seed: int) -> None:
    """Property: no sequence of words, presses, steps and days fails inside."""
    talk(service, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 250))
def test_a_hundred_and_fifty_more(service: Service, seed: int) -> None:
    """The same, longer than a suite may take."""
    talk(service, seed)


def test_back_to_the_list_from_the_ways_to_fetch_a_book(me: Person) -> None:
    """The list has its own ways on, the order its ways to fetch: one is not taken for the other."""
    me.trusted()
    me.say("有没有刘慈欣的")
    me.tap("《三体》")
    back = me.action("回到列表")
    assert "这 1 本怎么取" in me.say("借")
    assert "找到 7 种" in me.press(back)
    assert "这 1 本怎么取" in me.say("下单")
    assert "《" in me.say("还有别的吗")
