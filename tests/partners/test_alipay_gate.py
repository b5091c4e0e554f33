"""From consent to verdict over HTTP: yes, no, cannot tell; outages; a consent taken back (A7-2, B3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Flask

from bot.texts import Words
from lending import consents, credit, readers
from lending.database import Store
from lending.model import Verdict
from partners import alipay, alipay_gate
from partners.alipay import Account
from partners.alipay_gate import AlipayGate
from partners.alipay_page import pages
from tests.fakes.alipay_gateway import FakeAlipay
from tests.lending.world import World
from tests.partners.sip2.conftest import WorldClock

USER = "2088000000000001"


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return World(store, now)


@pytest.fixture
def theirs() -> Iterator[FakeAlipay]:
    with FakeAlipay(aes_key=bytes(range(16))) as made:
        yield made


@pytest.fixture
def gate(world: World, theirs: FakeAlipay) -> AlipayGate:
    account = Account(theirs.app_id, theirs.app, theirs.own.public_key(), theirs.aes_key, theirs.url)
    return AlipayGate(account, world.store, WorldClock(world), "https://books.example.org", b"a secret of the tests")


@pytest.fixture
def reader(world: World) -> int:
    return world.reader("new")


def agree(world: World, gate: AlipayGate, reader: int) -> str:
    """Consent in the chat; the state that Alipay's page is given."""
    check = credit.consent(world.db, reader, world.policy, world.now)
    asked = parse_qs(urlsplit(gate.link(check.token)).query)
    assert asked["scope"] == ["auth_zhima"]
    assert asked["redirect_uri"] == ["https://books.example.org/webhooks/credit/alipay"]
    assert asked["state"] == [check.token]
    return check.token


def come_back(gate: AlipayGate, token: str, code: str = "code-1") -> tuple[int, str]:
    app = Flask("ours")
    app.register_blueprint(pages(gate, Words))
    asked = {"auth_code": code, "state": token} if code else {"state": token}
    answer = app.test_client().get("/webhooks/credit/alipay", query_string=asked, headers={"Accept-Language": "zh-CN"})
    return answer.status_code, answer.get_data(as_text=True)


def ask(gate: AlipayGate) -> int:
    with httpx.Client() as web:
        return alipay_gate.work(gate, web)


def rest(world: World) -> str:
    return str(world.everything()["outside_calls"]) + str(world.everything()["credit_checks"])


@pytest.mark.parametrize(
    "score, verdict, standing", [(600, "yes", "trusted"), (549, "no", "ladder"), (None, "cannot_tell", "ladder")]
)
def test_a_reader_agrees_and_hears(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int, score: int | None, verdict: str, standing: str
) -> None:
    theirs.meet("code-1", USER, score)
    token = agree(world, gate, reader)
    assert theirs.log == [], "nothing is asked before the reader comes back with their consent"
    status, page = come_back(gate, token)
    assert status == 200 and "结果马上回到聊天里" in page
    assert theirs.log == [], "nor while a page is waiting"
    assert ask(gate) == 1
    assert credit.check_by_token(world.db, token).verdict is Verdict(verdict)
    assert readers.reader(world.db, reader).standing == standing
    assert ("verdict", verdict, "waiting") in world.told(reader)
    assert ask(gate) == 0


def test_their_log_shows_right_signatures_and_nobody_in_clear(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    """Neither their number for the person, nor ours; nor does anything of it stay with us."""
    theirs.meet("code-1", USER, 600)
    come_back(gate, agree(world, gate, reader))
    assert "code-1" not in rest(world), "sealed while it waits"
    ask(gate)
    assert [line["verified"] for line in theirs.log] == ["True", "True"]
    assert all(line["address"] == "/gateway.do" for line in theirs.log)
    who = readers.reader(world.db, reader)
    for hidden in (USER, who.number, who.name, who.phone, f"zhima-{reader}"):
        assert hidden not in str(theirs.log)
    assert who.name not in str(theirs.asked) and USER not in rest(world) and "600" not in rest(world)


def test_the_same_reader_on_the_same_day_is_the_same_question(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    theirs.meet("code-1", USER, 600)
    theirs.meet("code-2", USER, 600)
    token = agree(world, gate, reader)
    theirs.fault = lambda method: "forged" if method.startswith("zhima") else ""
    come_back(gate, token)
    ask(gate)
    come_back(gate, token, "code-2")
    theirs.fault = lambda method: ""
    world.later(minutes=5)
    assert ask(gate) >= 1
    numbers = {content["transaction_id"] for _, content in theirs.asked}
    assert len(numbers) == 1 and all(len(number) == 64 and number.isalnum() for number in numbers)
    assert len([told for told in world.told(reader) if told[0] == "verdict"]) == 1
    world.later(days=1)
    other = credit.consent(world.db, reader, world.policy, world.now)
    assert gate.number(other.transaction_id) not in numbers


@pytest.mark.parametrize("fault", ["down", "slow", "forged", "busy"])
def test_an_outage_is_told_once_and_asked_again(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alipay, "SECONDS", 0.3)
    theirs.meet("code-1", USER, 600)
    token = agree(world, gate, reader)
    come_back(gate, token)
    theirs.fault = lambda method: fault if method.startswith("zhima") else ""
    for _ in range(3):
        assert ask(gate) == 0
        world.later(minutes=6)
    assert world.told(reader) == [("bureau", "waits", "waiting")]
    assert USER not in rest(world), "their number for the person waits sealed: the code works only once"
    theirs.fault = lambda method: ""
    assert ask(gate) == 1
    assert readers.reader(world.db, reader).standing == "trusted"


def test_no_answer_for_most_of_a_day_is_cannot_tell(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    theirs.fault = lambda method: "down"
    token = agree(world, gate, reader)
    come_back(gate, token)
    for _ in range(21):
        ask(gate)
        world.later(hours=1)
    assert credit.check_by_token(world.db, token).verdict is Verdict.CANNOT_TELL
    assert readers.reader(world.db, reader).standing == "ladder"


def test_a_code_that_is_used_up_leads_back_to_their_page(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    token = agree(world, gate, reader)
    come_back(gate, token, "never-given")
    assert ask(gate) == 0
    assert world.told(reader) == [("bureau", "again", "waiting")]
    theirs.meet("code-1", USER, 600)
    come_back(gate, token)
    assert ask(gate) == 1


def test_who_does_not_agree_is_asked_nothing(world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int) -> None:
    token = agree(world, gate, reader)
    status, page = come_back(gate, token, "")
    assert status == 200 and "什么也没有问" in page and "不查信用" in page
    assert come_back(gate, "made-up")[0] == 404
    assert ask(gate) == 0 and theirs.log == []


def test_one_link_cannot_fill_the_store_with_codes(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    """Whoever holds a link makes up as many codes as they like; a reload of the page is no new one."""
    token = agree(world, gate, reader)
    made_up = [come_back(gate, token if n % 2 else f"{token}.rent", f"made-up-{n}")[0] for n in range(30)]
    assert made_up == [200] * 20 + [429] * 10
    status, page = come_back(gate, token, "made-up-99")
    assert status == 429 and "明天再点一次" in page and "不查信用" in page
    assert come_back(gate, token, "made-up-1")[0] == 200, "heard before"
    assert world.db.value("SELECT COUNT(*) FROM outside_calls") == 20
    other = world.reader("new")
    assert come_back(gate, agree(world, gate, other))[0] == 200, "another reader's"
    ask(gate)
    world.later(days=1)
    theirs.meet("code-1", USER, 600)
    assert come_back(gate, token)[0] == 200
    ask(gate)
    assert credit.check_by_token(world.db, token).verdict is Verdict.YES


def test_a_consent_taken_back_stops_what_waits_and_forgets_what_was_said(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    theirs.meet("code-1", USER, 600)
    token = agree(world, gate, reader)
    come_back(gate, token)
    assert consents.given(world.db, reader)
    assert consents.withdraw(world.db, reader, world.now)
    assert ask(gate) == 0 and theirs.log == []
    assert come_back(gate, token)[0] == 404
    assert not consents.withdraw(world.db, reader, world.now)

    again = agree(world, gate, reader)
    come_back(gate, again)
    ask(gate)
    assert readers.reader(world.db, reader).standing == "trusted"
    consents.withdraw(world.db, reader, world.now)
    assert readers.reader(world.db, reader).standing == "ladder"
    assert world.db.value("SELECT COUNT(*) FROM credit_checks WHERE verdict IS NOT NULL OR reference <> ''") == 0


def test_a_consent_taken_back_while_they_think_it_over(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    theirs.meet("code-1", USER, 600)
    come_back(gate, agree(world, gate, reader))

    def meanwhile(method: str) -> str:
        if method.startswith("zhima"):
            consents.withdraw(world.store.db, reader, world.now)
        return ""

    theirs.fault = meanwhile
    assert ask(gate) == 0
    assert readers.reader(world.db, reader).standing == "new"


def test_trust_given_by_a_librarian_stays(world: World, gate: AlipayGate, reader: int) -> None:
    """A10-10: it never came from the bureau."""
    agree(world, gate, reader)
    with world.store.writing() as db:
        readers.set_standing(db, reader, "trusted")
    consents.withdraw(world.db, reader, world.now)
    assert readers.reader(world.db, reader).standing == "trusted"


def test_a_crash_between_asking_and_keeping_asks_again(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.meet("code-1", USER, 600)
    token = agree(world, gate, reader)
    come_back(gate, token)
    with monkeypatch.context() as broken:
        broken.setattr("lending.credit.record_verdict", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ask(gate)
    assert ask(gate) == 0, "not at once"
    world.now += timedelta(minutes=1)
    assert ask(gate) == 1
    assert len(theirs.scores) == 1
