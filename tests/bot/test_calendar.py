"""A reader's days as a calendar: what stands in it, what another program reads there, whose it is (D 41)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import icalendar
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from bot import calendar_file, exporting, ics
from bot.channels import webchat
from bot.receive import receive
from bot.service import Service
from bot.texts import Words
from lending import calendar_links, events, loans, merging, orders
from lending.model import library_day
from tests import commandline
from tests.lending.happenings import plan
from tests.talking import Person, advance, pass_time

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def read(service: Service, who: Person) -> dict[str, Any]:
    """The reader's file as another program reads it, by the kind of entry."""
    text = calendar_file.content(service.store.db, who.reader_id, service.library, service.clock.now())
    return {str(event["UID"]).split("-")[0]: event for event in events_of(text)}


def events_of(text: str) -> list[Any]:
    """What stands in the file, as another program reads it."""
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def fetched(service: Service, me: Person) -> loans.Loan:
    """One book in the reader's hands."""
    me.trusted().say("借《围城》")
    me.tap("云栖站智能借书柜")
    me.say("确认")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    return loans.of_reader(service.store.db, me.reader_id)[0]


# ---- the format ------------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=120)


@given(WORDS, WORDS, WORDS)
def test_any_words_come_back_as_they_were(summary: str, description: str, place: str) -> None:
    """Folded at 75 bytes, escaped, CRLF: read by a program that is not ours."""
    text = ics.calendar("名", [ics.Entry("u@x", NOW, summary, description + "\n;,\\" + summary, place)], NOW, 6)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")) and text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    [event] = events_of(text)
    assert str(event["SUMMARY"]) == summary and str(event["LOCATION"]) == place
    assert str(event["DESCRIPTION"]) == description + "\n;,\\" + summary


def test_a_day_is_a_day_and_a_moment_is_the_library_s(service: Service) -> None:
    moments = [datetime(2026, 12, 30, 15, 59, 59, tzinfo=UTC), datetime(2026, 12, 30, 13, 0, tzinfo=UTC)]
    made = ics.calendar("名", [ics.Entry(f"{n}@x", at, "s") for n, at in enumerate(moments)], NOW, 6)
    day, moment = events_of(made)
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (date(2026, 12, 30), date(2026, 12, 31))
    assert moment["DTSTART"].dt.isoformat() == "2026-12-30T21:00:00+08:00"
    assert str(moment["DTSTART"].dt.tzinfo) == "Asia/Shanghai"


# ---- what stands in it -----------------------------------------------------------------------------------------------


def test_a_due_date_moves_with_its_renewal_and_is_struck_out_with_the_return(service: Service, me: Person) -> None:
    """One UID from beginning to end, so that what is read later takes the place of what was read before."""
    loan = fetched(service, me)
    first = read(service, me)["loan"]
    assert first["DTSTART"].dt == library_day(loan.due_at) and str(first["SUMMARY"]) == "还书：《围城》"
    assert str(first["STATUS"]) == "CONFIRMED"
    pass_time(service, days=3)
    me.say("续借")
    renewed = read(service, me)["loan"]
    assert renewed["UID"] == first["UID"] and renewed["DTSTART"].dt > first["DTSTART"].dt
    assert (renewed["SEQUENCE"], renewed["DTSTAMP"].dt) > (first["SEQUENCE"], first["DTSTAMP"].dt)
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    back = read(service, me)["loan"]
    assert back["UID"] == first["UID"] and str(back["STATUS"]) == "CANCELLED"
    pass_time(service, days=200)
    assert "loan" not in read(service, me)


def test_books_that_wait_have_their_last_day_and_their_place(service: Service, me: Person) -> None:
    """Once the reader has been told, not before (B2-20)."""
    me.trusted().say("借《围城》")
    me.tap("云栖站智能借书柜")
    me.say("确认")
    order = me.last_order()
    with service.store.writing() as db:
        for step in ("pick", "pack", "load"):
            orders.advance(db, order.id, step, "staff:王", service.policy, service.clock.now())
    assert "order" not in read(service, me)
    pass_time(service, hours=1)
    waiting = read(service, me)["order"]
    until = orders.by_number(service.store.db, order.number).pickup_until
    assert until and waiting["DTSTART"].dt == library_day(until) and "云栖站" in str(waiting["LOCATION"])
    assert "《围城》" in str(waiting["SUMMARY"]) and order.number in str(waiting["DESCRIPTION"])
    advance(service, orders.by_number(service.store.db, order.number), "collect")
    gone = read(service, me)
    assert str(gone["order"]["STATUS"]) == "CANCELLED" and gone["order"]["UID"] == waiting["UID"] and "loan" in gone

def test_an_activity_has_its_hours_and_is_struck_out_when_given_back(service: Service, me: Person) -> None:
    """F-8; who only waits has nothing to keep yet."""
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    made = events.make(service.store.db, plan(name="月亮故事会", point_id=branch), service.policy, service.clock.now())
    me.say("报名故事会")
    told = read(service, me)["event"]
    assert (told["DTSTART"].dt, told["DTEND"].dt) == (made.starts_at, made.ends_at)
    assert "月亮故事会" in str(told["SUMMARY"]) and "中心馆" in str(told["LOCATION"])
    me.say("取消报名")
    gone = read(service, me)["event"]
    assert str(gone["STATUS"]) == "CANCELLED" and gone["UID"] == told["UID"]
    other = Person(service, "another")
    for number in range(made.seats):
        Person(service, f"seat{number}").say("报名故事会")
    other.say("报名故事会")
    assert "event" not in read(service, other)


def test_a_kept_copy_has_its_last_day(service: Service, me: Person) -> None:
    other = Person(service, "other")
    held = fetched(service, other)
    db = service.store.db
    with service.store.writing() as writer:
        writer.run("DELETE FROM copies WHERE title_id = :t AND id <> (SELECT copy_id FROM loans)", t=held.title_id)
    me.trusted().say("预约《围城》")
    assert read(service, me) == {}
    loans.check_in(db, held.barcode, 1, service.policy, service.clock.now())
    pass_time(service, hours=1)
    kept = read(service, me)["hold"]
    assert "预约保留到今天：《围城》" in str(kept["SUMMARY"]) and str(kept["STATUS"]) == "CONFIRMED"


def test_it_speaks_the_reader_s_language(service: Service, me: Person) -> None:
    fetched(service, me)
    me.say("English")
    assert str(read(service, me)["loan"]["SUMMARY"]) == "Return: 《围城》"


# ---- asking for it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    ["给我发个日历", "把还书日期放进我的日历", "把到期日加到手机日历", "日历", "能导出日历吗", "日历订阅地址", "發個日曆給我",
     "add my due dates to my calendar", "calendar"],
)  # fmt: skip
def test_it_is_asked_for_in_many_ways(me: Person, said: str) -> None:
    assert "都在这份日历里" in me.say(said)


@pytest.mark.parametrize("said", ["开放日历", "活动日历", "日历故事", "一本关于日历的书", "calendar girl"])
def test_other_calendars_are_no_reader_s_days(me: Person, said: str) -> None:
    assert "都在这份日历里" not in me.say(said)


def test_the_address_stays_until_it_is_changed_or_stopped(service: Service, me: Person) -> None:
    public = Person(replace(service, public_url="https://lib.example"), "me")
    said = public.say("给我发个日历")
    address = next(word for word in said.replace("：", " ").split() if word.startswith("https://lib.example/calendar/"))
    assert address in public.say("日历") and "秘密" in said
    changed = public.say("日历链接换一个")
    assert address not in changed and "https://lib.example/calendar/" in changed and "旧链接从现在起打不开" in changed
    assert calendar_links.reader_of(service.store.db, address.split("/")[-1].removesuffix(".ics")) is None
    assert "停用了" in public.say("停用日历链接")
    assert service.store.db.all("SELECT * FROM calendar_links") == []


def test_a_patient_liar_is_read_in_time(me: Person) -> None:
    """Words said over and over do not hold up the turn."""
    for said in ("给我我我能能把" * 5 + "日历", "日历" * 20, "send me " * 4 + "calendar", "日历" + "换一个" * 12):
        me.say(said)


# ---- handing it over -------------------------------------------------------------------------------------------------


@pytest.fixture
def app(service: Service) -> Iterator[Flask]:
    made = Flask("calendars")
    made.secret_key = "a key for tests"
    made.register_blueprint(webchat.blueprint(partial(receive, service), service.store, Words, False))
    made.register_blueprint(webchat.calendar_pages(service))
    yield made


def test_the_page_has_a_link_that_a_calendar_can_ask_again(app: Flask, service: Service) -> None:
    browser = app.test_client()
    browser.get("/")
    said = browser.post("/chat/events", json={"id": "e1", "text": "给我发个日历"}).json
    assert said
    [url] = [button["url"] for row in said["messages"][-1]["buttons"] for button in row if button["url"]]
    for _again in range(2):
        answer = app.test_client().get(url)
        assert answer.status_code == 200 and answer.content_type == "text/calendar; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Robots-Tag"] == "noindex"
        assert icalendar.Calendar.from_ical(answer.data)["VERSION"] == "2.0"
    browser.post("/chat/events", json={"id": "e2", "text": "日历链接换一个"})
    assert app.test_client().get(url).status_code == 404
    assert app.test_client().get("/calendar/guess.ics").status_code == 404


def test_a_channel_that_hands_over_files_gets_this_one_alone(service: Service, me: Person) -> None:
    me.say("给我发个日历")
    [file] = exporting.of_ticket(service.store.db, me.heard[-1].export, service.library, service.clock.now())
    assert file.name.endswith(".ics") and icalendar.Calendar.from_ical(file.content)["METHOD"] == "PUBLISH"


def test_the_terminal_writes_it_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = commandline.here(tmp_path / "data", "chat", "--as", "小林", "--json", said="给我发个日历\n")
    [path] = json.loads(done.stdout)["files"]
    assert Path(path).read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


# ---- whose it is -----------------------------------------------------------------------------------------------------


def test_the_secret_lies_sealed_and_goes_with_the_reader(service: Service, me: Person) -> None:
    me.say("日历")
    token = calendar_links.of_reader(service.store.db, me.reader_id, service.clock.now())
    assert token not in str(service.store.db.all("SELECT * FROM calendar_links"))
    me.say("删除我的数据")
    me.say("确定删除")
    assert calendar_links.reader_of(service.store.db, token) is None


def test_of_two_records_one_address_stays(service: Service, me: Person) -> None:
    other, db, now = Person(service, "other"), service.store.db, service.clock.now()
    other.say("日历")
    me.say("你好")
    theirs = calendar_links.of_reader(db, other.reader_id, now)
    merging.merge(db, me.reader_id, other.reader_id, service.policy, now + timedelta(minutes=1))
    assert calendar_links.reader_of(db, theirs) == me.reader_id
