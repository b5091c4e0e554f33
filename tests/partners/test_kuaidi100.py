"""快递100: subscribed over HTTP, pushed with a signature, looked up when silent; outages wait, nothing is lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

import httpx
import pytest
from flask import Flask
from werkzeug.serving import make_server

from lending import follows, orders, parcels
from lending.database import Store
from lending.model import OrderState as S
from lending.parcels import Parcel
from partners import kuaidi100
from partners.following import follow_due
from partners.kuaidi100 import Account
from partners.kuaidi100_push import pushes
from tests.fakes.kuaidi100_server import CUSTOMER, KEY, Kuaidi100
from tests.lending.world import World
from tests.small_desk import StoodStill

SALT = "a salt of our own"
NUMBER = "SF1234567890"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def theirs() -> Iterator[Kuaidi100]:
    server = Kuaidi100()
    yield server
    server.close()


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    made = World(store, now)
    made.branch("main")
    return made


@pytest.fixture
def clock(store: Store) -> StoodStill:
    return StoodStill(store, NOON + timedelta(days=9))


@pytest.fixture
def ours(store: Store, world: World, clock: StoodStill) -> Iterator[str]:
    """Our own address for pushes."""
    app = Flask("ours")
    app.register_blueprint(pushes(store, world.policy, clock, SALT))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.port}/webhooks/courier/kuaidi100"
    server.shutdown()
    server.server_close()


@pytest.fixture
def account(theirs: Kuaidi100, ours: str) -> Account:
    return Account(KEY, CUSTOMER, SALT, ours, theirs.site)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as made:
        yield made


@pytest.fixture
def parcel(world: World) -> Parcel:
    """Packed, and given to a company under its own number."""
    order = world.step(world.order(world.reader(), *world.books(1), way="delivery"), "pick", "pack")
    (one,) = parcels.of_order(world.db, order.id)
    with world.store.writing() as db:
        parcels.give_to(db, one.id, "shunfeng", NUMBER, world.now)
    return parcels.by_id(world.db, one.id)


def ask(world: World, client: httpx.Client, account: Account) -> int:
    return follow_due(world.store, client, account, world.policy, world.now)


def state(world: World) -> S:
    return S(world.db.value("SELECT state FROM orders"))


def test_a_parcel_is_subscribed_once_and_its_pushes_move_the_order(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel
) -> None:
    assert ask(world, client, account) == 1 and ask(world, client, account) == 0
    (given,) = theirs.followed.values()
    assert (given["company"], given["number"], given["key"]) == ("shunfeng", NUMBER, KEY)
    assert given["parameters"]["phone"] == "0000", "no more of the reader than they need"
    theirs.happens(NUMBER, "103", "2026-11-20 14:00:00", "杭州 已揽收")
    answer = theirs.push(NUMBER)
    assert answer.json() == {"result": True, "returnCode": "200", "message": "成功"}
    assert state(world) is S.SHIPPED
    theirs.happens(NUMBER, "501", "2026-11-21 09:00:00", "已放入文三路驿站")
    theirs.push(NUMBER)
    assert parcels.by_id(world.db, parcel.id).state == "at_pickup_point" and state(world) is S.SHIPPED
    assert parcels.by_id(world.db, parcel.id).place == "已放入文三路驿站"
    theirs.happens(NUMBER, "301", "2026-11-22 18:30:00", "本人签收")
    assert [theirs.push(NUMBER).status_code for _ in range(2)] == [200, 200]
    assert state(world) is S.DONE
    assert world.db.value("SELECT started_at FROM loans") == "2026-11-22T10:30:00Z", "Beijing's clock"
    assert world.db.value("SELECT COUNT(*) FROM loans") == 1


@pytest.mark.parametrize("code, ours_is", [
    ("0", "in_transit"), ("2", "problem"), ("14", "refused"), ("203", "refused"), ("304", "at_pickup_point"),
    ("303", "at_pickup_point"), ("6", "returning"), ("5", "out_for_delivery"), ("3", "signed"),
])  # fmt: skip
def test_what_a_station_has_signed_for_is_not_delivered(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel, code: str, ours_is: str
) -> None:
    """B4: 疑难, 拒签 and 代收 are not 签收."""
    ask(world, client, account)
    theirs.happens(NUMBER, code, "2026-11-21 09:00:00")
    theirs.push(NUMBER)
    assert parcels.by_id(world.db, parcel.id).state == ours_is
    assert (state(world) is S.DONE) == (ours_is == "signed")


def test_a_push_with_another_signature_is_not_heard(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel, ours: str
) -> None:
    ask(world, client, account)
    theirs.happens(NUMBER, "3", "2026-11-21 09:00:00")
    right = theirs.form(NUMBER)
    forged = [
        theirs.form(NUMBER, salt=""), theirs.form(NUMBER, salt="another"), {**right, "sign": ""},
        {**right, "param": right["param"].replace("0", "1", 1)}, {"param": right["param"]}, {"sign": right["sign"]}, {},
    ]  # fmt: skip
    assert [httpx.post(ours, data=form).status_code for form in forged] == [403] * len(forged)
    assert state(world) is S.PACKED
    assert httpx.post(ours, data={**right, "sign": right["sign"].lower()}).status_code == 200


def test_without_a_salt_every_push_is_refused(store: Store, world: World, clock: StoodStill) -> None:
    app = Flask("no salt")
    app.register_blueprint(pushes(store, world.policy, clock, ""))
    form = {"param": "{}", "sign": kuaidi100.md5("{}")}
    assert app.test_client().post("/webhooks/courier/kuaidi100", data=form).status_code == 403


@pytest.mark.parametrize("param", ["", "[]", "{}", '{"lastResult": []}', "{", '{"lastResult": {"data": [1]}}',
                                   '{"lastResult": {"nu": "x", "data": [{"statusCode": "3", "ftime": "yesterday"}]}}',
                                   "[" * 5000])  # fmt: skip
def test_a_signed_push_of_another_form_changes_nothing(ours: str, world: World, param: str) -> None:
    before = world.everything()
    assert httpx.post(ours, data={"param": param, "sign": kuaidi100.md5(param + SALT)}).status_code == 400
    assert world.everything() == before


def test_a_push_without_a_real_time_changes_nothing_and_need_not_be_repeated(
    ours: str, world: World, parcel: Parcel
) -> None:
    line = {"statusCode": "3", "ftime": "0001-01-01 00:00:00"}
    param = json.dumps({"lastResult": {"nu": NUMBER, "data": [line]}})
    assert httpx.post(ours, data={"param": param, "sign": kuaidi100.md5(param + SALT)}).status_code == 200
    assert state(world) is S.PACKED


def test_a_push_for_a_parcel_that_is_not_ours_need_not_be_repeated(ours: str) -> None:
    param = json.dumps({"lastResult": {"nu": "SF000", "data": []}})
    assert httpx.post(ours, data={"param": param, "sign": kuaidi100.md5(param + SALT)}).json()["result"] is True


@pytest.mark.parametrize("mood", ["broken", "html", "500"])
def test_their_trouble_is_asked_again_later_and_later_still(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel, mood: str
) -> None:
    theirs.mood = mood
    waits = world.policy.parcels.ask_again_minutes
    for minutes in (*waits, waits[-1]):
        assert ask(world, client, account) == 0
        world.later(minutes=minutes, seconds=-1)
        assert follows.due(world.db, world.now) == []
        world.later(seconds=1)
        assert len(follows.due(world.db, world.now)) == 1
    theirs.mood = ""
    assert ask(world, client, account) == 1 and NUMBER in theirs.followed


def test_while_they_think_the_store_is_free(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel
) -> None:
    """Their silence holds up nobody's order."""
    theirs.mood = "slow"
    asking = threading.Thread(target=ask, args=(world, client, account))
    asking.start()
    assert theirs.thinking.wait(10)
    world.order(world.reader(), *world.books(1))
    assert asking.is_alive(), "the order was placed while they were thinking"
    theirs.go_on.set()
    asking.join()
    assert NUMBER in theirs.followed


def test_an_answer_that_does_not_come_is_not_waited_for(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    theirs.mood = "slow"
    monkeypatch.setattr(kuaidi100, "SECONDS", 0.3)
    assert ask(world, client, account) == 0
    assert "Timeout" in world.db.value("SELECT error FROM parcel_follows")


def test_nobody_there_at_all(world: World, client: httpx.Client, account: Account, parcel: Parcel) -> None:
    assert ask(world, client, replace(account, site="http://127.0.0.1:9")) == 0
    assert "ConnectError" in world.db.value("SELECT error FROM parcel_follows")


def test_a_wrong_key_or_company_is_left_to_a_librarian_who_corrects_it(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel
) -> None:
    assert ask(world, client, replace(account, key="wrong")) == 0
    (refusal,) = follows.refusals(world.db)
    assert refusal["error"].startswith("600") and refusal["tracking"] == NUMBER
    world.later(days=1)
    assert follows.due(world.db, world.now) == []
    with world.store.writing() as db:
        parcels.give_to(db, parcel.id, "zhongtong", "ZT987654", world.now)
    assert ask(world, client, account) == 1 and "ZT987654" in theirs.followed


def test_a_subscription_answered_into_the_void_is_not_made_twice(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel
) -> None:
    """501: they had heard us, and their answer was lost."""
    theirs.followed[NUMBER] = {"parameters": {"salt": SALT, "callbackurl": account.callback}}
    assert ask(world, client, account) == 1
    assert follows.refusals(world.db) == []


def test_a_parcel_that_fell_silent_is_looked_up(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel
) -> None:
    """Every push was lost; the look-up is signed with key and customer, and brings the same words."""
    ask(world, client, account)
    theirs.happens(NUMBER, "1", "2026-11-20 11:00:00")
    theirs.happens(NUMBER, "3", "2026-11-21 09:00:00", "已签收")
    world.later(hours=world.policy.parcels.silent_hours)
    assert ask(world, client, replace(account, customer="SOMEONE")) == 0
    assert state(world) is S.PACKED
    world.later(hours=3)
    assert ask(world, client, account) == 1
    assert theirs.asked[-1] == f"?{NUMBER}" and state(world) is S.DONE
    world.later(days=9)
    assert ask(world, client, account) == 0, "what has arrived is asked after no more"


LINE = {"ftime": "2026-11-20 09:00:00", "statusCode": "0"}
DEEP = b'{"status":"200","data":' + b"[" * 50_000


@pytest.mark.parametrize("data", [
    [LINE | {"ftime": "刚刚"}], [{"statusCode": "3"}], "abc", 5, ["abc"], [LINE | {"context": "到了\ud83d"}], DEEP,
])  # fmt: skip
def test_an_answer_about_one_parcel_that_cannot_be_read_keeps_no_other_waiting(
    world: World, account: Account, parcel: Parcel, data: object
) -> None:
    text = data if isinstance(data, bytes) else json.dumps({"status": "200", "data": data}).encode()
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=text))) as odd:
        with world.store.writing() as db:
            db.run("UPDATE parcel_follows SET state = 'followed'")
        assert follows.due(world.db, world.now)
        ask(world, odd, account)
        assert not follows.due(world.db, world.now)


def test_a_parcel_they_gave_up_on_is_a_problem(
    world: World, client: httpx.Client, account: Account, theirs: Kuaidi100, parcel: Parcel, ours: str
) -> None:
    ask(world, client, account)
    param = json.dumps({"status": "abort", "message": "3天查询无记录", "lastResult": {"nu": NUMBER, "data": []}})
    httpx.post(ours, data={"param": param, "sign": kuaidi100.md5(param + SALT)})
    assert parcels.by_id(world.db, parcel.id).state == "problem"


def test_their_published_way_of_signing() -> None:
    """MD5 in 32 capitals, over param and salt, or param, key and customer, one after the other."""
    assert kuaidi100.md5("") == "D41D8CD98F00B204E9800998ECF8427E"
    assert kuaidi100.md5("快递") == kuaidi100.md5("快" + "递") != kuaidi100.md5("递快")


def test_each_of_their_states_is_one_of_ours() -> None:
    assert set(kuaidi100.STATES.values()) | set(kuaidi100.NAMES.values()) <= set(parcels.LIFE)
    assert orders.STEPS["sign"].before == (S.SHIPPED,)


def test_nothing_that_goes_out_names_the_reader_or_the_book(
    world: World, account: Account, theirs: Kuaidi100, parcel: Parcel
) -> None:
    """A11-1: every request on its way out, subscribed and looked up, walked for whom and what it must not name."""
    gone: list[str] = []
    hooks = {"request": [lambda request: gone.append(unquote_plus(f"{request.url} {request.read().decode()}"))]}
    with httpx.Client(event_hooks=hooks) as client:
        ask(world, client, account)
        world.later(hours=world.policy.parcels.silent_hours + 1)
        ask(world, client, account)
    assert len(gone) >= 2 and all(NUMBER in one for one in gone)
    reader = world.db.value("SELECT number FROM readers")
    for hidden in ("book", "林书", "13800000000", "文三路", reader):
        assert [one for one in gone if hidden in one.replace("callbackurl", "")] == []
