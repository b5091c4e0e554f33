"""A reader with something of everything, and what one line of theirs changes in the store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from bot import conversations
from bot.receive import receive
from bot.service import Service
from lending import cart, drifting, events, loans, sign_ups, wishes
from lending.model import Fulfilment, stamp
from lending.placing import place
from tests.bot.test_guardians import added
from tests.bot.test_linking import lend
from tests.lending.happenings import plan
from tests.talking import Person, advance

TALK = ("inbox", "outbox", "conversations", "contacts", "visits", "notices", "usage_counts")  # written by any talk at all
CARRIED, WAITED, AT_HOME = ("围城", "百年孤独"), ("狼图腾", "红楼梦"), 3
SHOWN = {  # what stands there before the line: nothing, or what these words and presses bring
    "nothing": (),
    "a list": ("刘慈欣",),
    "a book": ("霍乱时期的爱情",),
    "a book at home": ("活着",),
    "the loans": ("我的借阅",),
    "the orders": ("我的订单",),
    "the holds": ("我的预约",),
    "the cart": ("借书车",),
    "the ways": ("下单",),
    "a yes awaited": ("下单", "=w:counter:1"),
    "a cancelling": ("取消订单", "=cancel:{order}"),
    "an erasing": ("忘记我",),
    "an activity": ("=ev:1",),
    "a wish asked for": ("荐购",),
    "credit": ("我的信用",),
}


class Did(NamedTuple):
    """What a line changed, and what was answered."""

    changed: tuple[str, ...]
    answer: str


class Undone(Exception):
    """Leaves the store as it was."""


def order(me: Person, *titles: str, way: Fulfilment = Fulfilment.COUNTER, at: int = 1, steps: Iterable[str] = ()) -> None:
    """Books ordered together, and moved on so far."""
    service, now = me.service, me.service.clock.now()
    with service.store.writing() as db:
        for title in titles:
            cart.add(db, me.reader_id, _number(service, title), service.policy, now)
    made = place(service.store.db, me.reader_id, way, at, titles[0], service.policy, now)
    advance(service, made, *steps)


def wait(me: Person, title: str, comes: bool) -> None:
    """A place in the queue for a book that was out; it may have come back."""
    service, wanted = me.service, _number(me.service, title)
    other = Person(service, f"who has {title}").trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND id NOT IN (SELECT MIN(id) FROM copies WHERE title_id = :t)", t=wanted)
    order(other, title, steps=("pick", "pack", "shelve", "collect"))
    me.press(f"hold:{wanted}")
    [loan] = loans.of_reader(service.store.db, other.reader_id)
    if comes:
        loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())


def rich(service: Service, late: bool = False) -> Person:
    """Two books in the cart, three at home of which one is due soon (or late), one order that waits, one on its way and
    one to be looked at, two holds of which one has come, a book that drifts, a child, a seat and a wish with voices."""
    me, db, policy, now = Person(service).trusted(), service.store.db, service.policy, service.clock.now()
    lend(service, me, AT_HOME)
    order(me, "我们仨", way=Fulfilment.LOCKER, at=10, steps=("pick", "pack", "load"))
    order(me, "看见", steps=("pick",))
    order(me, *("平凡的世界", "1984", "恶意", "局外人", "目送", "边城"))
    wait(me, WAITED[0], comes=False)
    wait(me, WAITED[1], comes=True)
    added(service, me)
    fair = [events.make(db, plan(name=name, seats=20), policy, now).id for name in ("故事会", "敦煌讲座")]
    sign_ups.sign_up(db, me.reader_id, fair[0], 1, policy, now)
    other = Person(service, "another").trusted()
    wishes.suggest(db, me.reader_id, "量子花园", now)
    wishes.suggest(db, other.reader_id, "月亮手册", now)
    drifting.register(db, me.reader_id, _number(service, "小王子"), "drift", now)
    with service.store.writing() as door:
        for title in CARRIED:
            cart.add(door, me.reader_id, _number(service, title), policy, now)
        door.run("UPDATE loans SET due_at = :due WHERE id = (SELECT MIN(id) FROM loans WHERE reader_id = :r)", due=stamp(now + timedelta(days=-2 if late else 3)), r=me.reader_id)
        door.run("DELETE FROM conversations")
    me.listen()
    return me


def show(me: Person, what: str) -> None:
    """Bring to the screen what stands there before the line."""
    for line in SHOWN[what]:
        if line.startswith("="):
            me.press(line[1:].format(order=me.last_order().number))
        else:
            me.say(line)


def watch(service: Service) -> None:
    """From now on every change of what is no talk is noted, until the library is closed."""
    tables = service.store.db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    with service.store._door.pause():
        conn = service.store._writer.conn
        conn.execute("CREATE TEMP TABLE noted (what TEXT)")
        for name in (row["name"] for row in tables if row["name"] not in TALK and "_fts" not in row["name"]):
            for change in ("INSERT", "UPDATE", "DELETE"):
                conn.execute(
                    f"CREATE TEMP TRIGGER noted_{name}_{change} AFTER {change} ON main.{name} "
                    f"BEGIN INSERT INTO noted VALUES ('{change.lower()} {name}'); END"
                )


def did(me: Person, line: str) -> Did:
    """What the line would do, left undone."""
    found = Did((), "")
    with suppress(Undone), me.service.store.writing() as db:
        db.run("DELETE FROM noted")
        before = db.value("SELECT COALESCE(MAX(id), 0) FROM outbox")
        waited = conversations.load(db, me.reader_id)[1].get("confirm")
        receive(me.service, me.event(text=line))
        changed = tuple(row["what"] for row in db.all("SELECT DISTINCT what FROM noted ORDER BY what"))
        waits = conversations.load(db, me.reader_id)[1].get("confirm")
        changed += (f"a yes for {waits}",) if waits and waits != waited else ()
        said = db.all("SELECT legible(body) AS said FROM outbox WHERE id > :b ORDER BY id", b=before)
        found = Did(changed, "\n".join(row["said"] for row in said))
        raise Undone
    return found


def _number(service: Service, title: str) -> int:
    return int(service.store.db.value("SELECT MIN(id) FROM titles WHERE title = :t", t=title))
