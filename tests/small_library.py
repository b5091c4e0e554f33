"""A stand-in for the conversation: it takes events once and answers a few words, through the real inbox and outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from bot import contacts, inbox, outbox
from bot.channels.webchat import blueprint
from bot.events import Button, Card, Event, Reply
from lending.database import Database, Store
from lending.errors import StoreUnwritable
from lending.model import stamp

PROMISES = "免押金、免办卡、线上借、送上门。\n想看什么书？写书名、作者，或一句话。"
LANGUAGES = {"简体中文": "zh_Hans", "繁體中文": "zh_Hant", "English": "en"}
BOOKS = (
    ("围城", "钱锺书 · 人民文学出版社 · 1991", "I246.5/8", "可借 2 册 · 最近 350 米", "I"),
    ("时间简史：从大爆炸到黑洞", "霍金 · 湖南科学技术出版社 · 2010", "P159/21", "可借 1 册 · 城东馆", "P"),
    ("The Old Man and the Sea", "Hemingway · Scribner · 2003", "I712.45/3", "都借出去了，可以预约", "H"),
)


class SmallLibrary:
    """Answers what the tests say; `broken` makes the store refuse, `taken` lists the events it kept."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.broken = False
        self.taken: list[Event] = []

    def receive(self, event: Event) -> None:
        """Keep the event once, together with its answer."""
        if self.broken:
            raise StoreUnwritable("the disk is full")
        now = datetime.now(UTC)
        with self.store.writing() as db:
            if not self._keep(db, event, now):
                return
            self._know(db, event, now)
            self.taken.append(event)
            self.say(db, event.address, answer(event), now)

    def say(self, db: Database, address: str, reply: Reply, now: datetime) -> None:
        """Lay a reply ready for that address."""
        outbox.put(db, "web", address, reply, now)

    def _keep(self, db: Database, event: Event, now: datetime) -> bool:
        return inbox.accept(db, event, now)

    def _know(self, db: Database, event: Event, now: datetime) -> None:
        made = db.one(
            "INSERT INTO readers (number, language, joined_at) VALUES (:number, :language, :at) "
            "ON CONFLICT DO NOTHING RETURNING id",
            number=event.address, language=event.language or "zh_Hans", at=stamp(now),
        )  # fmt: skip
        if made:
            contacts.add(db, "web", event.address, made["id"], now)
        if event.text in ("大字", "恢复正常大小"):
            db.run("UPDATE readers SET plain = :on WHERE number = :r", on=int(event.text == "大字"), r=event.address)
        if event.text in LANGUAGES:
            db.run(
                "UPDATE readers SET language = :language WHERE number = :number",
                language=LANGUAGES[event.text], number=event.address,
            )  # fmt: skip


def answer(event: Event) -> Reply:
    """A few words for each thing the tests do."""
    if event.start:
        return Reply(PROMISES if event.start == "hello" else f"打开了 {event.start}", _row(("怎么借", "how")))
    if event.press:
        edits = event.message if event.press == "more" else None
        return Reply(f"按了 {event.press}", _row(("再看", "more"), ("算了", "stop")), edits=edits)
    if event.location:
        return Reply("最近的书柜：西溪北苑，350 米。")
    if event.text == "取书码":
        return Reply("取书码 0423，保留到 11 月 25 日 21:00。", _row(("改天", "day"), ("不要了", "no")), qr="SX:0423")
    found = [book for book in BOOKS if book[0][:2] in event.text or event.text == "找书"]
    return _results(found) if found else Reply(f"您说的是：{event.text}", _row(("确认", "yes"), ("算了", "stop")))


def _row(*buttons: tuple[str, str]) -> tuple[tuple[Button, ...], ...]:
    return (tuple(Button(label, action) for label, action in buttons),)


def _results(books: list[tuple[str, str, str, str, str]]) -> Reply:
    lines = [f"{n}. 《{book[0]}》{book[1]}\n{book[2]} {book[3]}" for n, book in enumerate(books, 1)]
    cards = tuple(
        Card(*book, buttons=_row(("借这本", f"borrow:{n}"), ("放进借书车", f"cart:{n}"), ("详情", f"t:{n}"))[0])
        for n, book in enumerate(books, 1)
    )
    text = "\n".join((f"找到 {len(books)} 种：", *lines, "回复编号就能借。"))
    return Reply(text, (*_row((books[0][0], "t:1")), *_row(("下一页", "more"))), cards=cards)


def translate(language: str) -> Callable[..., str]:
    """Words as they are in Chinese; in English marked, so that a test sees which language spoke."""

    def words(text: str, **values: object) -> str:
        said = text.format(**values)
        return f"[{language}] {said}" if language == "en" else said

    return words


def application(store: Store, demo: bool = False) -> tuple[Flask, SmallLibrary]:
    """A small application with the web chat alone, and the library that answers in it."""
    library = SmallLibrary(store)
    app = Flask("small library", root_path=str(Path(__file__).parent))
    app.secret_key = "a key for tests"
    app.register_blueprint(blueprint(library.receive, store, translate, demo))
    return app, library
