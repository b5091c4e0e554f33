"""A small library with something waiting in every room, built with the lending functions themselves."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

import admin
from admin import staff
from admin.migrations import migrations as admin_migrations
from bot import contacts, escalations, inbox, linking, order_words, outbox, reach, why
from bot.events import Event, Reply
from bot.rulebook import points
from bot.texts import FULFILMENTS, ORDER_STATES, Words
from lending import cart, cases, catalogue, credit, holds, orders, readers
from lending.clock import Clock
from lending.database import Database, Store
from lending.model import Fulfilment
from lending.orders import Order
from lending.points import PointEntry, store_points
from lending.policy import Policy, load_policy
from lending.readers import Reader
from lending.stock import TitleEntry, store_titles
from tests import stores

BOOKS = (
    "围城", "活着", "三体", "边城", "城南旧事", "呐喊", "骆驼祥子",
    "The Old Man and the Sea", "时间简史：从大爆炸到黑洞", "平凡的世界",
)  # fmt: skip
CARD_KEY = b"a key for cards"
POLICY = load_policy()
PASSWORD = "a long enough one"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # for tests that only want to get in


class Compiled(BytecodeCache):
    """Templates as Jinja made them, kept for the applications of later tests: making them takes longer than most."""

    def __init__(self) -> None:
        self.made: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See BytecodeCache."""
        if known := self.made.get(bucket.key):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See BytecodeCache."""
        self.made[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class StoodStill(Clock):
    """A clock that shows one moment, plus what a demonstration added."""

    def __init__(self, store: Store, moment: datetime) -> None:
        super().__init__(store)
        self.store, self.moment = store, moment

    def now(self) -> datetime:
        """The moment it was set to."""
        ahead = self.store.db.value("SELECT ahead_seconds FROM clock") or 0
        return self.moment + timedelta(seconds=ahead)


def stock(db: Database) -> None:
    """Two branches, a locker, and one copy of each book (barcode B001 …) at the first branch."""
    store_points(db, [
        PointEntry("west", "branch", "城西馆", "West branch", address="文一西路 1 号"),
        PointEntry("east", "branch", "城东馆", "East branch"),
        PointEntry("xixi", "locker", "西溪北苑书柜", "Xixi locker", boxes={"S": 4, "M": 2}),
    ])  # fmt: skip
    entries = [TitleEntry(title, isbn=f"97870000000{n:02d}") for n, title in enumerate(BOOKS)]
    ids = store_titles(db, entries).ids
    catalogue.store_copies(db, [
        catalogue.CopyEntry(f"B{n:03d}", title, 1, f"I246.5/{n}", f"{n} 排 A 面") for n, title in enumerate(ids, 1)
    ])  # fmt: skip


def reader(db: Database, name: str, phone: str, now: datetime, standing: str = "trusted") -> Reader:
    """A reader who may borrow, with an address for the courier."""
    made = readers.join(db, "zh_Hans", now, name)
    credit.open_ledger(db, made.id, POLICY, now)
    readers.set_standing(db, made.id, standing)
    readers.set_delivery(db, made.id, name, phone, "春风路8号3单元201", "city")
    return readers.reader(db, made.id)


def order(db: Database, who: Reader, titles: tuple[int, ...], way: Fulfilment, now: datetime, *steps: str) -> Order:
    """An order of these titles, moved through the steps; the locker and the first branch are where it goes."""
    for title in titles:
        cart.add(db, who.id, title, POLICY, now)
    point = {Fulfilment.LOCKER: 3, Fulfilment.COUNTER: 1}.get(way)
    made = orders.place(db, who.id, way, point, f"key-{who.id}-{titles}", POLICY, now)
    for step in steps:
        made = orders.advance(db, made.id, step, "library", POLICY, now)
    return made


def write_in(db: Database, who: Reader, words: str, now: datetime) -> str:
    """The reader writes on the web chat, gets an answer, and asks for a person; returns the request's number."""
    chat = f"chat-of-{who.number}"
    event = Event("web", chat, f"{chat}-1", text=words)
    contacts.resolve(db, event, POLICY, now)
    db.run("UPDATE contacts SET reader_id = :r WHERE address = keyed(:a)", r=who.id, a=chat)
    inbox.accept(db, event, now)
    outbox.put(db, "web", chat, Reply("没有找到，要不要换个说法？"), now)
    return escalations.open_or_add(db, who.id, "web", chat, words, POLICY, now)[0].number


def busy(db: Database, now: datetime) -> None:
    """Something in every room: late and in time, on loan and overdue, asked and undelivered."""
    stock(db)
    ago = now - timedelta(days=45)
    li, wang = reader(db, "李明", "13800000000", ago), reader(db, "王芳", "13912345678", ago)
    smith = reader(db, "Smith", "13700001111", ago)
    order(db, li, (1,), Fulfilment.COUNTER, ago, "pick", "pack", "shelve", "collect")  # 45 days out: overdue
    order(db, wang, (3,), Fulfilment.LOCKER, now - timedelta(days=2), "pick", "pack", "load", "collect")
    holds.place(db, smith.id, 3, now)
    order(db, wang, (4, 5), Fulfilment.LOCKER, now - timedelta(hours=30), "pick")  # promised for six hours ago
    order(db, smith, (6,), Fulfilment.DELIVERY, now, "pick", "pack")
    order(db, wang, (7,), Fulfilment.COUNTER, now)
    order(db, smith, (8, 9), Fulfilment.LOCKER, now, "pick", "pack", "load")
    write_in(db, li, "我的书超期了，手机 13800000000，能不能晚两天还？", now - timedelta(hours=20))
    write_in(db, wang, "《三体》第二册什么时候有？", now)
    outbox.put(db, "telegram", "40010001", Reply("《围城》后天到期，要续借吗？"), now)
    blocked = "Forbidden: bot was blocked by the user"
    db.run("UPDATE outbox SET state = 'failed', error = :e WHERE channel = 'telegram'", e=blocked)
    inbox.poison(db, "telegram", "77", '{"message": 13800000000}', "KeyError: 'chat'", now)
    cases.report(db, li.id, 1, "damaged", "第 30 页被茶水弄湿了", POLICY, now)


def librarians(db: Database, now: datetime) -> None:
    """The chief 'admin' and a colleague 'wang', both with the tests' password."""
    staff.first_password(db, now)
    staff.add(db, "admin", "wang", "小王", "librarian", now)
    for name in ("admin", "wang"):
        staff.change_password(db, name, PASSWORD)


def furnish(store: Store) -> None:
    """The desk's own tables, in a store that is not to be settled."""
    with store.writing() as db:
        admin_migrations.apply(db)


def settle(store: Store, now: datetime) -> None:
    """All of it, in an empty store: done once in each process and copied from then on."""
    with closing(sqlite3.connect(_settled(now))) as made, closing(sqlite3.connect(store.path)) as into:
        into.execute("PRAGMA synchronous = OFF")
        made.backup(into)


@cache
def _settled(now: datetime) -> Path:
    """The file of a store where it was done; removed when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="shuxin-desk-"))
    atexit.register(shutil.rmtree, folder)
    store = stores.fresh(folder)
    furnish(store)
    with store.writing() as db:
        busy(db, now)
    librarians(store.db, now)
    store.close()
    return store.path


def application(
    store: Store, clock: Clock, policy: Policy = POLICY, followed: bool = False, card_key: bytes = CARD_KEY
) -> Flask:  # fmt: skip
    """The librarian's page alone, of a store that was settled or furnished, or of the sample library."""
    app = Flask("small desk", root_path=str(Path(__file__).parent))
    app.secret_key = "a key for tests"
    app.jinja_env.bytecode_cache = COMPILED
    desk = admin.Desk(
        store, policy, clock, Words, "城西图书馆", ORDER_STATES, FULFILMENTS, card_key,
        dead_letters=inbox.dead_letters, unreachable=contacts.unreachable, explain=why.explain_to_staff,
        refused=why.refused_to_staff, terms=order_words.terms, basis=points.basis,
        unheard=reach.unheard, visits=inbox.visits, has_chat=contacts.all_of, link_code=linking.make,
        doors=lambda carried, here: {"web": f"{here}/?start={carried}"}, followed=followed,
    )  # fmt: skip
    app.register_blueprint(admin.blueprint(desk))
    return app
