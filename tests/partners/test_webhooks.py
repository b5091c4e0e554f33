"""What courier, locker and bureau report by HTTP: with the secret, once, and in a form that is understood."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lending import credit, orders, parcels, readers
from lending.database import Store
from lending.model import OrderState
from partners.webhooks import webhooks
from tests import small_desk
from tests.small_stage import SECRET

PICKING, PACKED, IN_LOCKER = "SX261119-0003", "SX261120-0004", "SX261120-0006"


def send(app: Flask, kind: str, body: Any, secret: str = SECRET) -> TestResponse:
    return app.test_client().post(f"/webhooks/{kind}/simulator", json=body, headers={"X-Shuxin-Secret": secret})


def result(app: Flask, kind: str, **body: str) -> str:
    answer = send(app, kind, body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.get_json()["result"])


def test_a_courier_picks_up_and_delivers_and_may_repeat_itself(app: Flask, store: Store) -> None:
    """Two deliveries of one message, late ones too, change nothing."""
    events = ("picked_up", "picked_up", "signed", "signed")
    told = [result(app, "courier", event=event, order=PACKED) for event in events]
    assert told == ["done", "already", "done", "already"]
    assert result(app, "courier", event="picked_up", order=PACKED) == "already", "an old message that comes late"
    assert orders.by_number(store.db, PACKED).state is OrderState.DONE
    assert store.db.value("SELECT COUNT(*) FROM loans WHERE order_id = 4") == 1


def test_a_locker_is_loaded_opened_and_takes_books_back(app: Flask, store: Store, now: datetime) -> None:
    with store.writing() as db:
        orders.advance(db, orders.by_number(db, PICKING).id, "pack", "library", small_desk.POLICY, now)
    for expected in ("done", "already"):
        assert result(app, "locker", event="loaded", order=PICKING) == expected
    code = orders.by_number(store.db, PICKING).pickup_code
    for expected in ("done", "already"):
        assert result(app, "locker", event="opened", code=code, order=PICKING) == expected
    for expected in ("done", "already"):
        assert result(app, "locker", event="returned", barcode="B004", locker="xixi") == expected
    assert store.db.value("SELECT point_id FROM copies WHERE barcode = 'B004'") == 3


def test_a_courier_tells_of_each_parcel_and_may_be_late_or_repeat_itself(app: Flask, store: Store) -> None:
    """E3: the newest by its own time counts, and a pick-up point is not delivery."""
    (parcel,) = parcels.of_order(store.db, orders.by_number(store.db, PACKED).id)

    def tell(state: str, at: str) -> str:
        return result(app, "courier", tracking=parcel.tracking, state=state, at=f"2026-11-20T{at}:00+08:00")

    assert tell("out_for_delivery", "09:30") == "done"
    assert tell("collected", "08:00") == "already", "older than what is known"
    assert tell("at_pickup_point", "09:50") == "done"
    assert orders.by_number(store.db, PACKED).state is OrderState.SHIPPED
    assert [tell("signed", "09:55"), tell("signed", "09:55")] == ["done", "already"]
    assert orders.by_number(store.db, PACKED).state is OrderState.DONE


def test_a_locker_sends_its_log_and_hears_what_is_missing_and_what_it_must_know(app: Flask, store: Store) -> None:
    """D-13: numbered lines; the answer lets it open without us."""
    order = orders.by_number(store.db, IN_LOCKER)

    def line(seq: int, **event: str) -> dict[str, Any]:
        answer = send(app, "locker", {"locker": "xixi", "seq": seq, **event})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        told: dict[str, Any] = answer.get_json()
        return told

    first = line(2, event="alive")
    assert (first["result"], first["missing"]) == ("done", [1])
    assert [(one["number"], one["code"]) for one in first["opens"]] == [(order.number, order.pickup_code)]
    opened = line(1, event="opened", order=order.number, code=order.pickup_code, at="2026-11-20T09:59:00+08:00")
    assert opened == {"result": "done", "missing": [], "opens": []}
    assert line(1, event="opened", order=order.number, code=order.pickup_code)["result"] == "already"
    assert line(3, event="returned", barcode="NOT-OURS", box="S01")["result"] == "disputed"
    assert line(4, event="loaded", order=PICKING)["result"] == "waiting"
    assert send(app, "locker", {"locker": "xixi", "seq": 1, "event": "alive"}).status_code == 400, "kept by the machine"
    assert send(app, "locker", {"locker": "xixi", "run": 1, "seq": 1, "event": "alive"}).get_json()["result"] == "done"


def test_a_bureau_answers_once(app: Flask, store: Store, now: datetime) -> None:
    with store.writing() as db:
        who = readers.join(db, "zh_Hans", now)
        token = credit.consent(db, who.id, small_desk.POLICY, now).token
    assert result(app, "credit", token=token, verdict="cannot_tell", reference="biz-1") == "done"
    assert result(app, "credit", token=token, verdict="yes", reference="biz-1") == "already"
    assert readers.reader(store.db, who.id).standing == "ladder"


@pytest.mark.parametrize("kind", ["courier", "locker", "credit"])
def test_without_the_secret_nothing_is_heard(app: Flask, kind: str) -> None:
    for secret in ("", "wrong", SECRET + "x", "密"):
        headers = {"X-Shuxin-Secret": secret.encode().decode("latin-1")}
        answer = app.test_client().post(f"/webhooks/{kind}/simulator", json={}, headers=headers)
        assert answer.status_code == 403 and answer.get_json() == {"error": "forbidden"}


def test_where_no_secret_is_set_an_empty_one_does_not_open(store: Store, clock: small_desk.StoodStill) -> None:
    app = Flask("no secret")
    app.register_blueprint(webhooks(store, small_desk.POLICY, clock, ""))
    assert send(app, "courier", {}, "").status_code == 403


@pytest.mark.parametrize("kind, body, status", [
    ("courier", {"event": "lost", "order": PACKED}, 400),
    ("courier", {"event": "picked_up"}, 400),
    ("courier", {"event": ["picked_up"], "order": PACKED}, 400),
    ("courier", [], 400),
    ("courier", "picked_up", 400),
    ("courier", {"event": "picked_up", "order": "SX0"}, 404),
    ("courier", {"event": "signed", "order": PACKED}, 409),
    ("courier", {"event": "picked_up", "order": PICKING}, 409),
    ("courier", {"event": "picked_up", "order": IN_LOCKER}, 409),
    ("locker", {"event": "opened", "code": ""}, 404),
    ("locker", {"event": "opened", "code": "no"}, 404),
    ("locker", {"event": "opened", "code": None}, 404),
    ("locker", {"event": "opened", "code": "no", "order": IN_LOCKER}, 404),
    ("locker", {"event": "returned", "barcode": "B999", "locker": "xixi"}, 404),
    ("locker", {"event": "returned", "barcode": "B001", "locker": "moon"}, 404),
    ("locker", {"event": "loaded", "order": PACKED}, 409),
    ("courier", {"tracking": "YX0", "state": "signed"}, 404),
    ("courier", {"tracking": "YX0", "state": "vanished"}, 400),
    ("courier", {"tracking": "YX0", "state": "signed", "at": "2026-11-20T10:00:00"}, 400),
    ("locker", {"locker": "moon", "seq": 1, "event": "alive"}, 404),
    ("locker", {"locker": "xixi", "seq": 1, "event": "exploded"}, 400),
    ("locker", {"locker": "xixi", "seq": 0, "event": "alive"}, 400),
    ("locker", {"locker": "xixi", "seq": True, "event": "alive"}, 400),
    ("locker", {"locker": "xixi", "seq": "1", "event": "alive"}, 400),
    ("locker", {"locker": "xixi", "seq": 10**30, "event": "alive"}, 400),
    ("locker", {"locker": "xixi", "seq": 1, "event": "alive", "at": "soon"}, 400),
    ("locker", {"locker": "xixi", "seq": 1, "run": -1, "event": "alive"}, 400),
    ("locker", {"locker": "xixi", "seq": 1, "run": "2", "event": "alive"}, 400),
    ("credit", {"token": "made-up", "verdict": "yes"}, 404),
    ("credit", {"token": "made-up", "verdict": "maybe"}, 400),
    ("credit", {"verdict": "yes"}, 400),
])  # fmt: skip
def test_what_makes_no_sense_is_answered_in_json_and_changes_nothing(
    app: Flask, store: Store, kind: str, body: Any, status: int
) -> None:
    before = store.db.value("SELECT COUNT(*) FROM order_events")
    answer = send(app, kind, body)
    assert answer.status_code == status and answer.get_json()["error"]
    assert store.db.value("SELECT COUNT(*) FROM order_events") == before


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_time_at_the_edge_of_all_time_is_heard_like_any_that_cannot_be(app: Flask, store: Store, at: str) -> None:
    """What a machine says that has not been told the time; refused, it would send the same for ever."""
    assert send(app, "locker", {"locker": "xixi", "seq": 1, "event": "alive", "at": at}).status_code == 200
    (parcel,) = parcels.of_order(store.db, orders.by_number(store.db, PACKED).id)
    assert send(app, "courier", {"tracking": parcel.tracking, "state": "collected", "at": at}).status_code == 200


def test_what_is_no_json_or_too_long_is_refused(app: Flask) -> None:
    client, headers = app.test_client(), {"X-Shuxin-Secret": SECRET}
    for data in (b"{", b"[" * 12_000, b"[" * 20_000, b"\xff"):
        answer = client.post("/webhooks/locker/simulator", data=data, content_type="application/json", headers=headers)
        assert answer.status_code in (400, 413), data[:10]
