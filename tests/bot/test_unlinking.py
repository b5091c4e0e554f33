"""取消绑定: one chat of several is disconnected; nothing is lost, and nobody is left without a chat (A1-20)."""

from __future__ import annotations

import pytest

from bot import contacts, outbox
from bot.events import Reply
from bot.service import Service
from lending import loans
from tests.bot.test_linking import code, lend
from tests.talking import Person


@pytest.fixture
def web(me: Person) -> Person:
    """The chat the reader has used for long."""
    return me.trusted()


@pytest.fixture
def phone(service: Service) -> Person:
    """The same person, on another channel."""
    return Person(service, "another", "telegram").trusted()


@pytest.fixture
def both(web: Person, phone: Person) -> tuple[Person, Person]:
    """Two chats of one reader."""
    phone.say(code(web))
    phone.tap("连上")
    return web, phone


@pytest.mark.parametrize("said", ["取消绑定", "把这个微信断开", "解绑", "退出登录", "unlink this chat", "log me out of this account", "這個聊天不要連著我的帳戶了"])
def test_it_is_said_what_will_happen_and_asked_once(both: tuple[Person, Person], said: str) -> None:
    _web, phone = both
    kept = phone.reader_id
    answer = phone.say(said)
    assert "要把这个聊天（Telegram）断开吗" in answer and "一样不少" in answer
    assert phone.reader_id == kept


def test_only_that_chat_goes_and_nothing_is_lost(service: Service, both: tuple[Person, Person]) -> None:
    web, phone = both
    lend(service, web)
    web.listen()
    kept = web.reader_id
    phone.say("取消绑定")
    assert "断开了" in phone.tap("断开")
    assert "Telegram的一个聊天和账户断开了" in web.listen()
    assert web.reader_id == kept and len(loans.of_reader(service.store.db, kept)) == 1
    assert "您借着 1 本书" in web.say("我的借阅")
    assert "现在没有借着的书" in phone.say("我的借阅")
    assert phone.reader_id != kept


def test_pressed_twice_it_is_harmless(service: Service, both: tuple[Person, Person]) -> None:
    web, phone = both
    phone.say("取消绑定")
    action = phone.action("断开")
    phone.press(action)
    assert "已经断开了" in phone.press(action)
    phone.say(code(web))
    phone.tap("连上")
    assert "断开了" in phone.press(action) and "已经" not in phone.heard[-1].text  # linked anew, it holds anew
    assert contacts.chats(service.store.db, web.reader_id)[0].channel == web.channel


def test_a_telephone_that_is_lost_is_disconnected_from_afar(service: Service, both: tuple[Person, Person]) -> None:
    web, _phone = both
    kept = web.reader_id
    assert "Telegram上的聊天" in web.say("把 Telegram 断开")
    assert "那个聊天再也看不到" in web.say("确认")
    assert [one.channel for one in contacts.chats(service.store.db, kept)] == [web.channel]


def test_the_other_of_several_is_chosen(service: Service, both: tuple[Person, Person]) -> None:
    web, _phone = both
    third = Person(service, "third", "telegram").trusted()
    third.say(code(web))
    third.tap("连上")
    assert "断开哪一个聊天" in web.say("把另一个聊天断开")
    web.tap("Telegram")
    web.tap("断开")
    assert len(contacts.chats(service.store.db, web.reader_id)) == 2


@pytest.mark.parametrize("said", ["取消绑定", "断开Telegram", "log out"])
def test_whose_only_chat_it_is_hears_why_not(web: Person, said: str) -> None:
    kept = web.reader_id
    answer = web.say(said)
    assert "唯一" in answer or "没有连着" in answer
    assert web.action("连接另一个聊天") and web.reader_id == kept


def test_a_chat_that_is_blocked_is_no_other(service: Service, both: tuple[Person, Person]) -> None:
    web, phone = both
    web.say("取消绑定")
    action = web.action("断开")
    with service.store.writing() as db:
        contacts.set_reachable(db, phone.channel, phone.address, False)
    assert "唯一" in web.press(action)
    assert "唯一" in web.say("取消绑定")


def test_what_waited_to_be_sent_goes_to_the_other_chat(service: Service, both: tuple[Person, Person]) -> None:
    web, phone = both
    phone.say("取消绑定")
    with service.store.writing() as db:
        outbox.put(db, phone.channel, phone.address, Reply("还没发出的"), service.clock.now(), key="one")
    phone.tap("断开")
    assert "还没发出的" in web.listen()


def test_what_was_said_there_is_forgotten(service: Service, both: tuple[Person, Person]) -> None:
    phone, db = both[1], service.store.db
    assert db.value("SELECT COUNT(*) FROM inbox WHERE channel = 'telegram' AND unseal(text) <> ''")
    phone.say("取消绑定")
    phone.tap("断开")
    assert not db.value("SELECT COUNT(*) FROM inbox WHERE channel = 'telegram' AND unseal(text) <> ''")


@pytest.mark.parametrize("said", ["取消绑定读者证", "把市民卡解绑"])
def test_a_card_is_taken_away_among_the_cards(web: Person, said: str) -> None:
    assert "能说上话的聊天" in web.say(said)


@pytest.mark.parametrize("said", ["连接另一个聊天", "绑定微信", "link my telegram"])
def test_to_link_stays_to_link(web: Person, said: str) -> None:
    assert "LJ " in web.say(said)
