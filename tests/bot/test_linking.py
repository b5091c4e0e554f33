"""One reader in two chats by a one-time code: histories join safely, or it is said what stands in the way (A1-20)."""

from __future__ import annotations

import re

import pytest

from bot.service import Service
from lending import credit, loans, merging, readers, special_readers, special_terms
from lending.model import Fulfilment
from lending.orders import place
from tests.talking import Person, advance, pass_time


@pytest.fixture
def web(service: Service, me: Person) -> Person:
    """The chat the reader has used for long."""
    return me.trusted()


@pytest.fixture
def phone(service: Service) -> Person:
    """The same person, on another channel."""
    return Person(service, "another", "telegram").trusted()


def code(person: Person) -> str:
    found = re.search(r"LJ \d{4} \d{4}", person.say("连接另一个聊天"))
    assert found
    return found[0]


def lend(service: Service, person: Person, books: int = 1) -> None:
    """Books at home, all of one order."""
    db, now = service.store.db, service.clock.now()
    rows = db.all("SELECT DISTINCT title_id FROM copies WHERE state = 'available' ORDER BY title_id LIMIT :n", n=books)
    with service.store.writing() as door:
        for row in rows:
            door.run(
                "INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=person.reader_id, t=row["title_id"]
            )
    branch = db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    order = place(db, person.reader_id, Fulfilment.COUNTER, branch, f"{person.address}{books}", service.policy, now)
    advance(service, order, "pick", "pack", "shelve", "collect")
    person.listen()


def test_a_code_said_here_and_typed_there_makes_one_reader(service: Service, web: Person, phone: Person) -> None:
    lend(service, phone)
    credit.post(service.store.db, phone.reader_id, "activity", "event:1", service.policy, service.clock.now())
    kept, gone, earned = web.reader_id, phone.reader_id, credit.balance(service.store.db, phone.reader_id)
    assert "要把这个聊天连到" in phone.say(code(web))
    with service.store.writing() as db:
        readers.set_delivery(db, gone, "林书", "13800000000", "文三路 1 号", "city")
    assert "连上了" in phone.tap("连上")
    assert readers.reader(service.store.db, gone).address == readers.reader(service.store.db, gone).phone == ""
    assert readers.reader(service.store.db, kept).address == "文三路 1 号"
    assert phone.reader_id == kept and service.store.db.value("SELECT kept_id FROM merged_readers WHERE gone_id = :r", r=gone) == kept
    assert len(loans.of_reader(service.store.db, kept)) == 1
    assert credit.balance(service.store.db, kept) == earned
    assert "还剩" in phone.say("我的借阅") or "到期" in phone.heard[-1].text
    assert "两个账户合并" in web.say("我的信用")


def test_a_code_works_once_and_not_for_long(service: Service, web: Person, phone: Person) -> None:
    first = code(web)
    pass_time(service, minutes=11)
    assert "连接码不对" in phone.say(first)
    second = code(web)
    third = code(web)
    assert "连接码不对" in phone.say(second)
    phone.say(third)
    phone.say("确认")
    other = Person(service, "third").trusted()
    assert "连接码不对" in other.say(third)


def test_only_a_keyed_hash_of_the_code_is_kept(service: Service, web: Person) -> None:
    digits = code(web)[3:].replace(" ", "")
    rows = service.store.db.all("SELECT * FROM link_codes")
    assert len(rows) == 1 and digits not in str(rows)


def test_codes_are_not_to_be_guessed(service: Service, web: Person, phone: Person) -> None:
    right = code(web)
    for n in range(5):
        assert "连接码不对" in phone.say(f"LJ 0000 000{n}")
    assert "明天再试" in phone.say(right)
    pass_time(service, days=1)
    assert "要把这个聊天连到" in phone.say(code(web))


def test_ones_own_code_in_ones_own_chat_changes_nothing(service: Service, web: Person) -> None:
    assert "已经是您的了" in web.say(code(web))


def test_more_books_than_one_reader_may_have_stand_in_the_way(service: Service, web: Person, phone: Person) -> None:
    with service.store.writing() as db:
        db.run("UPDATE readers SET standing = 'ladder'")
    lend(service, web, 2)
    lend(service, phone, 2)
    phone.say(code(web))
    said = phone.tap("连上")
    assert "两边都没有动" in said and "一共 4 本，超过了 2 本" in said
    assert phone.reader_id != web.reader_id


def test_every_reason_is_told_at_once(service: Service, web: Person, phone: Person) -> None:
    lend(service, phone)
    phone.say("书丢了")
    pass_time(service, days=1)
    with service.store.writing() as db:
        db.run(
            "INSERT INTO freezes (reader_id, starts_at, ends_at, balance) "
            "VALUES (:r, '2026-11-01T00:00:00Z', '2026-12-30T00:00:00Z', -1)",
            r=phone.reader_id,
        )
    phone.say(code(web))
    said = phone.tap("连上")
    assert "借阅暂停着" in said and "没办结的个案" in said


def test_whoever_waits_for_a_person_is_answered_first(service: Service, web: Person, phone: Person) -> None:
    phone.say("转人工")
    phone.say(code(web))
    assert "馆员答复以后" in phone.tap("连上")


def test_bad_conduct_comes_along(service: Service, web: Person, phone: Person) -> None:
    """A second account is no way to leave points behind."""
    for n in range(3):
        credit.post(service.store.db, phone.reader_id, "lost", f"loan:90{n}", service.policy, service.clock.now())
    with service.store.writing() as db:
        db.run("UPDATE freezes SET lifted_at = '2026-11-20T02:00:00Z'")
    kept = web.reader_id
    phone.say(code(web))
    phone.tap("连上")
    assert credit.balance(service.store.db, kept) == -50
    assert credit.frozen_until(service.store.db, kept)


@pytest.mark.parametrize("both", [False, True])
def test_for_whom_coming_is_hard_it_stays_hard(service: Service, web: Person, phone: Person, both: bool) -> None:
    """A10-3."""
    kept, db = web.reader_id, service.store.db
    for reader in (phone.reader_id, kept) if both else (phone.reader_id,):
        special_terms.register(db, reader, service.policy, service.clock.now())
    phone.say(code(web))
    phone.tap("连上")
    assert special_readers.ids(db) == [kept]


def test_every_table_of_a_reader_is_moved_or_left_on_purpose(service: Service) -> None:
    """A new table must say where it goes."""
    tables = {row["name"] for row in service.store.db.all("SELECT name FROM sqlite_master WHERE type = 'table'")}
    people = {"reader_id", "owner_id", "holder_id", "giver_id", "receiver_id", "grantor_id", "proxy_id", "guardian_id"}
    people |= {"actor_id"}
    theirs = {
        (name, row["name"])
        for name in tables
        for row in service.store.db.all(f"SELECT name FROM pragma_table_info('{name}')")
        if row["name"] in people
    }
    talk = {(name, "reader_id") for name in ("contacts", "conversations", "escalations", "link_codes", "exports")}
    known = {*merging.MOVED, ("transfers", "giver_id"), ("transfers", "receiver_id"), *talk}
    known |= {("mandates", "grantor_id"), ("mandates", "proxy_id")}
    known |= {(name, "reader_id") for name in (*merging.ONCE, *merging.UNTOLD, *merging.LEFT)}
    assert theirs == known
