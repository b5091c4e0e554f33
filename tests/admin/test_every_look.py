"""A walk over all routes of the staff page: whatever shows a reader's data writes it down for the reader (A11-5)."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from bot import contacts, inbox, outbox
from bot.events import Event, Reply
from lending import appeals, case_records, credit, evidence, looks, orders, readers
from lending.database import Store
from lending.readers import Reader
from tests import small_desk
from tests.admin.conftest import Hand

POLICY, JPEG = small_desk.POLICY, b"\xff\xd8\xff\xe0" + b"0" * 60
SAID = "我的书超期了"  # tests/small_desk.py, 李明
ABOUT = {  # routes that are about one reader's thing: a query for the arguments of such a thing, and whose it is
    "admin.reader": "SELECT number AS number, id AS reader FROM readers WHERE number <> 'NOBODY'",
    "admin.order": "SELECT number AS number, reader_id AS reader FROM orders",
    "admin.case": "SELECT number AS number, reader_id AS reader FROM compensations",
    "admin.appeal": "SELECT number AS number, reader_id AS reader FROM appeals",
    "admin.escalation": "SELECT number AS number, reader_id AS reader FROM escalations",
    "admin.escalation_live": "SELECT number AS number, reader_id AS reader FROM escalations",
    "admin.case_photo": "SELECT k.number AS number, p.id AS id, p.reader_id AS reader FROM evidence_photos p "
    "JOIN compensations k ON p.about = 'case' AND k.id = p.object_id",
    "admin.appeal_photo": "SELECT a.number AS number, p.id AS id, p.reader_id AS reader FROM evidence_photos p "
    "JOIN appeals a ON p.about = 'appeal' AND a.id = p.object_id",
    "admin.photo": "SELECT about AS about, object_id AS thing, id AS id, reader_id AS reader FROM evidence_photos "
    "WHERE about IN ('check', 'door', 'transfer')",
    "admin.order_address": "SELECT number AS number, reader_id AS reader FROM orders WHERE fulfilment = 'delivery'",
}
NOT_ABOUT_READERS = {  # a draw shows tickets, a record a title, an event masked names
    "admin.static", "admin.draw", "admin.record", "admin.event", "admin.event_poster", "admin.stock_take",
}


@pytest.fixture(autouse=True)
def everything_there_is(app: Flask, store: Store, now: datetime) -> None:
    """Beside the busy desk: an appeal, pictures of each kind, a message that could not be sent."""
    db = store.db
    li = readers.by_number(db, "R000001")
    line = credit.lines(db, li.id)[0].id
    appeal, _ = appeals.open_appeal(db, li.id, line, "那天我在外地", POLICY, now)
    things = {"case": case_records.open_ones(db)[0].id, "appeal": appeal.id, "check": 1, "door": 1, "transfer": 1}
    for about, thing in things.items():
        evidence.add(db, about, thing, li.id, JPEG, POLICY, now)
    with store.writing() as writer:
        contacts.add(writer, "telegram", "40010001", li.id, now)
        inbox.accept(writer, Event("telegram", "40010001", "e9", text="手机坏了"), now, "KeyError")
        outbox.put(writer, "telegram", "40010001", Reply("到期了"), now)
        writer.run("UPDATE outbox SET state = 'failed', error = 'blocked' WHERE channel = 'telegram'")


def noted(store: Store) -> set[int]:
    """Readers somebody has looked at."""
    return {row["reader_id"] for row in store.db.all("SELECT DISTINCT reader_id FROM looks")}


def forget_looks(store: Store) -> None:
    with store.writing() as db:
        db.run("DELETE FROM looks")


def routes(app: Flask, method: str) -> list[str]:
    return sorted(
        rule.endpoint for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and method in (rule.methods or ())
    )  # fmt: skip


def open_text(who: Reader) -> set[str]:
    """What nobody is to see of a reader without its being written down; an address begins with both."""
    return {text for text in (who.name, who.phone) if text}


def test_every_route_with_an_argument_is_spoken_for(app: Flask) -> None:
    """A new page about one thing must say whose it is."""
    with_arguments = {
        rule.endpoint for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and rule.arguments and "GET" in (rule.methods or ())
    }  # fmt: skip
    assert sorted(with_arguments - set(ABOUT) - NOT_ABOUT_READERS) == []


@pytest.mark.parametrize("endpoint", ABOUT)
def test_whatever_is_about_one_reader_is_a_look(chief: Hand, app: Flask, store: Store, endpoint: str) -> None:
    found = store.db.all(ABOUT[endpoint])
    assert found, "nothing there to look at"
    post = endpoint not in routes(app, "GET")
    for row in found:
        forget_looks(store)
        whose = row.pop("reader")
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(endpoint, row)
        assert (chief.post(path) if post else chief.client.get(path)).status_code == 200
        assert noted(store) == {whose}, path
        what = store.db.value("SELECT what FROM looks ORDER BY id DESC")
        assert what


def test_no_list_shows_a_name_a_phone_an_address_or_words_unnoted(chief: Hand, app: Flask, store: Store) -> None:
    """Every page without an argument: names and phones masked, or each reader shown is noted."""
    everybody = [readers.reader(store.db, row["id"]) for row in store.db.all("SELECT id FROM readers")]
    plain = [
        rule for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and not rule.arguments and "GET" in (rule.methods or ())
    ]  # fmt: skip
    assert len(plain) > 20
    for rule in plain:
        forget_looks(store)
        text = chief.get(rule.rule).get_data(as_text=True)
        shown = {who.id for who in everybody if any(word in text for word in open_text(who))}
        shown |= {1} if SAID in text or "手机坏了" in text or "那天我在外地" in text else set()
        assert shown <= noted(store), rule.rule


@pytest.mark.parametrize("path", ["/admin/parcels/labels", "/admin/rounds/addresses", "/admin/letters/phones"])
def test_what_is_shown_in_full_on_demand_is_noted(chief: Hand, store: Store, path: str) -> None:
    everybody = [readers.reader(store.db, row["id"]) for row in store.db.all("SELECT id FROM readers")]
    forget_looks(store)
    text = chief.post(path).get_data(as_text=True)
    shown = {who.id for who in everybody if any(word in text for word in open_text(who))}
    assert shown <= noted(store)


def test_a_message_that_could_not_be_sent_is_a_look_at_whose_it_is(chief: Hand, store: Store) -> None:
    forget_looks(store)
    assert "到期了" in chief.read("/admin/messages")
    assert [(look.what, look.who) for look in looks.of_reader(store.db, 1)] == [(looks.MESSAGE, "小信")]


def test_a_look_at_an_order_says_which(chief: Hand, store: Store) -> None:
    number = orders.of_reader(store.db, 2)[0].number
    forget_looks(store)
    chief.read(f"/admin/orders/{number}")
    assert [(look.what, look.why) for look in looks.of_reader(store.db, 2)] == [(looks.ORDER, number)]
