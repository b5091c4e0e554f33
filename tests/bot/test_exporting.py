"""/mydata: a whole copy of what is held, to read and for machines, handed over by each channel in its way (A11-5)."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from bot import export_tickets, exporting, forgetting
from bot.export_words import FIELDS, HELD, LEFT_OUT
from bot.service import Service
from lending import events, evidence, looks, privacy, readers
from tests.lending.happenings import plan
from tests.talking import Person, StillClock, advance

PEOPLE = (
    "reader_id", "owner_id", "holder_id", "giver_id", "receiver_id", "grantor_id", "proxy_id", "guardian_id", "actor_id",
    "asked_by", "gone_id", "kept_id",
)  # fmt: skip
BY_ANOTHER_NAME = {"inbox": "messages", "outbox": "said_to_you", "escalation_lines": "escalations"}


@pytest.fixture
def me(service: Service) -> Person:
    """Someone with a book on the way, who has asked for a person."""
    person = Person(service).trusted()
    person.say("围城")
    person.tap("借这本")
    person.tap("送到家")
    person.tap("听泉区")
    person.say("李小明 13812345678 春风路8号3单元201")
    person.tap("确认下单")
    advance(service, person.last_order(), "pick", "pack")
    person.say("转人工")
    person.say("我的书《围城》缺一页")
    person.listen()
    return person


def data(service: Service, reader_id: int) -> dict[str, Any]:
    found = exporting.file(service.store.db, reader_id, "json", service.library, service.clock.now())
    return dict(json.loads(found.content))


def page(service: Service, reader_id: int) -> str:
    return exporting.file(service.store.db, reader_id, "html", service.library, service.clock.now()).content.decode()


def ticket_of(me: Person) -> str:
    """What the last answer offers."""
    me.say("/mydata")
    return me.heard[-1].export


def test_the_chat_says_how_much_and_the_files_say_all(service: Service, me: Person) -> None:
    said = me.say("/mydata")
    assert "13812345678" in said and "【订单】1 条" in said and len(said) < 2_000
    assert me.heard[-1].export
    whole = data(service, me.reader_id)["tables"]
    assert whole == json.loads(json.dumps(forgetting.everything(service.store.db, me.reader_id)))
    assert any("缺一页" in row["text"] for row in whole["messages"])
    assert any("缺一页" in str(row) for row in whole["escalations"])
    assert whole["orders"][0]["address"].startswith("李小明")


def test_a_very_long_talk_is_whole(service: Service, me: Person) -> None:
    """It was cut at 3,200 characters."""
    for n in range(120):
        me.say(f"这是我说的第{n}句很长很长很长很长很长很长很长很长很长很长的话")
    texts = [row["text"] for row in data(service, me.reader_id)["tables"]["messages"]]
    assert all(any(f"第{n}句" in text for text in texts) for n in range(120))


@pytest.mark.parametrize(("language", "word"), [("zh_Hans", "订单"), ("zh_Hant", "訂單"), ("en", "Orders")])
def test_the_page_is_in_the_readers_language(service: Service, me: Person, language: str, word: str) -> None:
    with service.store.writing() as db:
        db.run("UPDATE readers SET language = :l WHERE id = :r", l=language, r=me.reader_id)
    text = page(service, me.reader_id)
    assert f"<h2>{word} · 1</h2>" in text and "《围城》" in text and "13812345678" in text
    HTMLParser().feed(text)


def test_money_is_told_as_money_and_kept_for_machines_in_fen(service: Service, me: Person) -> None:
    """「邮费（分） 300」 beside 信用分 is read as points, or as ¥300."""
    shown, fee = page(service, me.reader_id), data(service, me.reader_id)["tables"]["orders"][0]["fee_fen"]
    assert fee == 300 and '<td data-name="邮费">¥3</td>' in shown
    assert "（分）" not in shown and ">300<" not in shown


def test_what_a_reader_wrote_is_no_html(service: Service, me: Person) -> None:
    me.say("<script>alert(1)</script>")
    assert "<script>" not in page(service, me.reader_id)


def led_to(service: Service) -> set[str]:
    """Tables that name a reader, or belong to a row that does."""
    db, found = service.store.db, {"readers"}
    columns = {table: db.all(f"SELECT name FROM pragma_table_info('{table}')") for table in db.table_names()}
    found |= {table for table, rows in columns.items() if any(row["name"] in PEOPLE for row in rows)}
    found |= {table for table, rows in columns.items() if any(row["name"] in ("chat", "address") for row in rows)}
    while True:
        more = {
            table.name for table in db.tables
            if any(key.other_table in found - {"titles", "copies", "points"} for key in table.foreign_keys)
        }  # fmt: skip
        if more <= found:
            return found - {"points"}
        found |= more


def test_every_table_that_leads_to_a_reader_is_in_the_copy_or_explained(service: Service, me: Person) -> None:
    """A walk over the schema: a new table must be shown, or said why not."""
    told = set(forgetting.everything(service.store.db, me.reader_id)) | set(LEFT_OUT)
    theirs = {BY_ANOTHER_NAME.get(table, table) for table in led_to(service)}
    assert len(theirs) > 40
    assert sorted(theirs - told) == []


def test_every_table_and_column_of_the_copy_has_a_name(service: Service, me: Person) -> None:
    held = forgetting.everything(service.store.db, me.reader_id)
    assert sorted(set(held) - set(HELD)) == []
    columns = {name for part in privacy.OWN.values() for name in part.split(", ")}
    columns |= {name for rows in held.values() for row in rows for name in row}
    assert sorted(columns - set(FIELDS)) == []


# ---- pictures ------------------------------------------------------------------------------------------------------

JPEG = b"\xff\xd8\xff\xe0 a picture"


def send_pictures(service: Service, reader_id: int, *contents: bytes) -> None:
    for n, content in enumerate(contents, 1):
        evidence.add(service.store.db, "transfer", n, reader_id, content, service.policy, service.clock.now())


def pictures(text: str) -> list[bytes]:
    return [b64decode(found) for found in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text)]


def test_the_page_holds_the_pictures_themselves_and_the_json_says_so(service: Service, me: Person) -> None:
    """One's own alone, the newest first; they lie sealed in the store."""
    send_pictures(service, me.reader_id, JPEG + b"1", JPEG + b"2")
    send_pictures(service, Person(service, "another").trusted().reader_id, JPEG + b"3")
    text = page(service, me.reader_id)
    assert pictures(text) == [JPEG + b"2", JPEG + b"1"] and "11月20日（周五） 10:00 · 转借" in text
    HTMLParser().feed(text)
    assert "在给您看的那一页里" in data(service, me.reader_id)["left_out"]["evidence_photos.content"]
    assert "在给您看的那一页里" not in text


def test_without_pictures_the_page_speaks_of_none(service: Service, me: Person) -> None:
    assert "<img" not in page(service, me.reader_id) and "照片本身" not in page(service, me.reader_id)


def test_what_has_no_room_or_is_damaged_is_counted(
    service: Service, me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_BYTES", 60)
    send_pictures(service, me.reader_id, JPEG + b"1" * 40, JPEG + b"2" * 30, JPEG + b"3")
    with service.store.writing() as db:
        db.run("UPDATE evidence_photos SET content = X'00' WHERE object_id = 3")
    text = page(service, me.reader_id)
    assert pictures(text) == [JPEG + b"2" * 30] and "还有 2 张在这一页里放不下或打不开，想看请找馆员。" in text


def test_what_is_held_through_something_else_is_there(service: Service, me: Person) -> None:
    tables = data(service, me.reader_id)["tables"]
    assert tables["order_events"] and tables["order_items"]
    assert tables["said_to_you"] and tables["conversations"] and tables["contacts"]
    other = Person(service, "another").trusted()
    assert [row for row in data(service, other.reader_id)["tables"]["order_events"]] == []


def test_an_activity_is_called_by_its_name(service: Service, me: Person) -> None:
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    events.make(service.store.db, plan(name="月亮故事会", point_id=branch), service.policy, service.clock.now())
    me.say("报名故事会")
    page = exporting.files(service.store.db, me.reader_id, service.library, service.clock.now())[0]
    assert "月亮故事会" in page.content.decode()


# ---- the ticket ----------------------------------------------------------------------------------------------------


def test_each_file_is_fetched_once_and_in_time(service: Service, me: Person) -> None:
    db, now, ticket = service.store.db, service.clock.now(), ticket_of(me)
    assert export_tickets.fetch(db, ticket, "json", me.reader_id, now) == me.reader_id
    assert export_tickets.fetch(db, ticket, "json", me.reader_id, now) is None
    late = now + timedelta(minutes=service.policy.privacy.copy_minutes)
    assert export_tickets.fetch(db, ticket, "html", me.reader_id, late) is None
    assert export_tickets.fetch(db, ticket, "html", me.reader_id, now) == me.reader_id


def test_nobody_else_fetches_it_and_a_guess_finds_nothing(service: Service, me: Person) -> None:
    db, now, ticket = service.store.db, service.clock.now(), ticket_of(me)
    other = Person(service, "another").trusted()
    assert export_tickets.fetch(db, ticket, "json", other.reader_id, now) is None
    assert export_tickets.fetch(db, "guessed", "json", me.reader_id, now) is None
    assert ticket.encode() not in b"".join(str(row).encode() for row in db.all("SELECT * FROM exports"))


def test_the_copy_is_in_the_list_of_who_looked(service: Service, me: Person) -> None:
    ticket = ticket_of(me)
    export_tickets.fetch(service.store.db, ticket, "json", me.reader_id, service.clock.now())
    found = [(look.who, look.what, look.why) for look in looks.of_reader(service.store.db, me.reader_id)]
    assert found == [("", "copy", "mydata.json"), ("", "copy", "terminal")]
    said = me.say("谁看过我的资料")
    assert "您自己取走了一份您的全部资料（mydata.json）" in said
    assert "您自己要过一份您的全部资料（terminal）" in said, "what was asked for may never have been fetched"


def test_a_copy_for_the_guardian_is_noted_without_their_name(service: Service) -> None:
    """It stands open in the child's list, and stays there when the guardian is forgotten."""
    parent, child = Person(service, "parent").trusted(), Person(service, "child").trusted()
    with service.store.writing() as db:
        readers.set_delivery(db, parent.reader_id, "王芳", "13812345678", "春风路8号", "city")
        export_tickets.offer(db, child.reader_id, parent.reader_id, "terminal", service.policy, service.clock.now())
    assert "家长要过一份您的全部资料" in child.say("谁看过我的资料")
    assert "王芳" not in str(service.store.db.all("SELECT * FROM looks"))


def test_whoever_was_forgotten_has_no_copy_any_more(service: Service) -> None:
    me = Person(service).trusted()
    ticket = ticket_of(me)
    forgetting.forget(service.store.db, me.reader_id, service.policy, service.clock.now())
    assert exporting.of_ticket(service.store.db, ticket, service.library, service.clock.now()) == ()


def test_tickets_go_with_the_words(service: Service, me: Person) -> None:
    ticket_of(me)
    assert isinstance(service.clock, StillClock)
    service.clock.moment += timedelta(days=service.policy.privacy.words_days + 1)
    assert forgetting.words_over(service.store.db, service.policy, service.clock.now())["exports"] == 1
    forgetting.clear_words(service.store.db, service.policy, service.clock.now())
    assert forgetting.words_over(service.store.db, service.policy, service.clock.now())["exports"] == 0
