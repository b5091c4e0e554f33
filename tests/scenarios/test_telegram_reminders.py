"""What the library says by itself on Telegram: the code at the locker, reminders in a burst, and whom it cannot reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from bot import contacts, outbox
from bot.events import Reply
from bot.pacer import Pacer
from lending import loans
from lending.loans import Loan
from tests.fakes.telegram_rules import StrictLimit, too_fast
from tests.scenarios.conftest import Librarian
from tests.scenarios.telegram_stage import Phone, Stage, on_stage, texts
from tests.talking import first_password

chats = count(500)
READERS = 30


@pytest.fixture(scope="module")
def stage(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service for all but the burst; every test is another person."""
    with on_stage(prepared, tmp_path_factory.mktemp("reminders")) as made:
        yield made


@pytest.fixture
def phone(stage: Stage) -> Phone:
    """Someone who may borrow."""
    return Phone(stage, next(chats)).trusted()


def held(phone: Phone) -> list[Loan]:
    """What they have at home."""
    return loans.of_reader(phone.stage.store.db, phone.reader)


def give_back(phone: Phone, loan: Loan) -> None:
    """At the first branch."""
    service = phone.stage.service
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())


def reminded(phone: Phone) -> list[str]:
    """The reminders they got."""
    return [shown.text for shown in phone.messages() if shown.text.startswith(("提醒您", "有 "))]


# ---- the code ------------------------------------------------------------------------------------------------------


def test_books_in_the_locker_come_as_one_picture_with_code_and_words(phone: Phone) -> None:
    """C5-5: the QR code, the code to type, where and until when; then the door opens and the loan is told."""
    order = phone.order(30)
    phone.advance(order, "pick", "pack")
    order = phone.advance(order, "load")
    told = phone.hear("书到了")
    assert told.photo.startswith(b"\x89PNG") and len(told.text) <= 1024
    assert order.pickup_code and order.pickup_code in told.text and "智能借书柜" in told.text
    phone.advance(order, "collect")
    assert "12月30日" in phone.hear("借到了").text


# ---- reminders -----------------------------------------------------------------------------------------------------


def test_what_has_changed_before_it_is_sent_is_not_said(stage: Stage) -> None:
    """B2-7: one reader brought the book back, one renewed, one has one of two left; the reminders already lay ready."""
    back, renewed, half, still = (Phone(stage, next(chats)).trusted() for _ in range(4))
    for phone, titles in ((back, (31,)), (renewed, (32,)), (half, (33, 34)), (still, (35,))):
        phone.on_loan(*titles)
        phone.hear("借到了")
    stage.settle()
    stage.pacer.pause(2.0)
    stage.later(days=37, hours=1)
    waiting = stage.store.db.all("SELECT unseal(chat) AS address FROM outbox WHERE state = 'queued'")
    assert {str(phone.chat) for phone in (back, renewed, half, still)} <= {row["address"] for row in waiting}
    give_back(back, held(back)[0])
    service = stage.service
    loans.renew(service.store.db, renewed.reader, [held(renewed)[0].id], service.policy, service.clock.now())
    kept, returned = held(half)
    give_back(half, returned)
    stage.settle()
    assert reminded(back) == [] and reminded(renewed) == []
    assert len(reminded(half)) == 1
    assert kept.title in reminded(half)[0] and returned.title not in reminded(half)[0]
    assert len(reminded(still)) == 1
    assert stage.count("SELECT COUNT(*) FROM outbox WHERE error = 'dropped'") == 2


class Stumbles:
    """As strict as Telegram, and besides refuses the messages with these numbers."""

    def __init__(self, *refuse: int) -> None:
        self._strict = StrictLimit()
        self._refuse = refuse
        self._count = 0
        self._guard = threading.Lock()

    def check(self) -> None:
        """Count one message."""
        with self._guard:
            self._count += 1
            if self._count in self._refuse:
                raise too_fast(1)
            self._strict.check()


def test_a_morning_of_reminders_is_neither_lost_nor_doubled_when_told_to_wait(prepared: Path, tmp_path: Path) -> None:
    """B2-4, C1: thirty readers due on one morning, each with one more message after it, at the real pace."""
    with on_stage(prepared, tmp_path, pacer=Pacer()) as stage:
        phones = [Phone(stage, next(chats)) for _ in range(READERS)]
        for phone in phones:
            stage.telegram.say(phone.chat, "你好")
        stage.settle()
        for title, phone in enumerate(phones, 40):
            phone.trust().on_loan(title)
        stage.telegram.wait_for(lambda: all("借到了" in texts(phone.messages()) for phone in phones), 30)
        stage.telegram.limit, stage.telegram.per_chat = Stumbles(5, 29), 0.9
        stage.later(days=37, hours=1)
        with stage.store.writing() as db:
            for phone in phones:
                outbox.put(db, "telegram", str(phone.chat), Reply("第二句"), stage.service.clock.now())
        stage.settle(seconds=40)
        assert [refusal.code for refusal in stage.telegram.refused] == [429, 429]
        for phone in phones:
            assert [shown.text[:3] for shown in phone.messages()[-2:]] == ["提醒您", "第二句"]
            assert len(reminded(phone)) == 1


# ---- whom it cannot reach ------------------------------------------------------------------------------------------


@pytest.fixture
def librarian(stage: Stage) -> Librarian:
    """At the staff page."""
    with stage.store.writing() as db:
        db.run("DELETE FROM staff")
    password = first_password(stage.service)
    assert password
    return Librarian(stage.app, password)


def tell(phone: Phone, text: str, key: str | None = None) -> int:
    """The library says something."""
    stage = phone.stage
    with stage.store.writing() as db:
        put = outbox.put(db, "telegram", str(phone.chat), Reply(text), stage.service.clock.now(), key=key)
    assert put is not None
    return put


def reachable(phone: Phone) -> bool:
    """What is kept about it."""
    return bool(phone.stage.count("SELECT reachable FROM contacts WHERE address = keyed(:a)", a=str(phone.chat)))


def test_who_blocks_us_is_listed_for_the_librarian_and_heard_again_when_they_write(
    phone: Phone, stage: Stage, librarian: Librarian
) -> None:
    """C1, B2-8: blocked is a state of delivery; nothing is tried again until the reader is back."""
    stage.telegram.chats[phone.chat].blocked = True  # and Telegram has not told us yet
    refused = len(stage.telegram.refused)
    lost = tell(phone, "第一句没有送到")
    tell(phone, "第二句也没有")
    stage.settle(phone.chat)
    assert [refusal.code for refusal in stage.telegram.refused[refused:]] == [403]
    assert not reachable(phone)
    page = librarian.get("/admin/messages")
    number = stage.store.db.value("SELECT number FROM readers WHERE id = :r", r=phone.reader)
    assert "第一句没有送到" in page and "第二句也没有" in page and number in page

    stage.telegram.chats[phone.chat].blocked = False
    assert "免押金" in texts(phone.say("你好"))
    assert reachable(phone) and len(stage.telegram.refused) == refused + 1
    assert number not in [row["number"] for row in contacts.unreachable(stage.store.db)]
    librarian.post(f"/admin/messages/{lost}/again")
    assert phone.hear("第一句没有送到")
    assert "第一句没有送到" not in librarian.get("/admin/messages")


def test_who_came_back_by_another_chat_is_not_to_be_telephoned(
    phone: Phone, stage: Stage, librarian: Librarian
) -> None:
    """A1-20: what was set aside is sent to where they are now, and nobody says that no message reaches them."""
    stage.telegram.chats[phone.chat].blocked = True
    lost = tell(phone, "这一句没有送到")
    stage.settle(phone.chat)
    with stage.store.writing() as db:
        contacts.add(db, "web", "another chat", phone.reader, stage.service.clock.now())
    page = librarian.get("/admin/messages")
    assert "这一句没有送到" in page and "可以打个电话" not in page
    librarian.post(f"/admin/messages/{lost}/again")
    stage.settle(phone.chat)
    assert [one.reply.text for one in outbox.after(stage.store.db, "web", "another chat", 0)] == ["这一句没有送到"]


def test_blocking_and_letting_in_again_are_noticed_at_once(phone: Phone, stage: Stage) -> None:
    """C1: Telegram tells when someone blocks the bot; no message has to fail first."""
    stage.telegram.block(phone.chat)
    stage.telegram.wait_for(lambda: not reachable(phone))
    stage.telegram.block(phone.chat, False)
    stage.telegram.wait_for(lambda: reachable(phone))
    tell(phone, "又见面了")
    assert phone.hear("又见面了")
