"""The one-time form: what is typed goes to whoever can tell and stays nowhere; each way on, each shut door (A3-31)."""

from __future__ import annotations

import dataclasses
import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot import notify
from bot.channels import webchat
from bot.channels.webchat.secret import PER_CARD
from bot.receive import receive
from bot.service import Service
from bot.texts import Words
from lending import cards, proofs
from lending.database import writing
from lending.model import Verdict
from lending.proofs import Begun, NoAnswer
from partners import face_gate, identity_simulator
from partners.identity_simulator import SimulatedFaces
from tests.talking import Person, StillClock, open_sample

NUMBER, SECRET = "HZ2026-00017342", "correct-horse-9"
KEY = b"a key of the tests"


class TestCards:
    """A card system that says what it is told, and remembers what it was asked."""

    __test__ = False
    name, simulated = "test-cards", True

    def __init__(self) -> None:
        self.says: Verdict | Exception = Verdict.YES
        self.asked: list[tuple[str, str, str]] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def verify(self, kind: str, number: str, password: str) -> Verdict:
        self.asked.append((kind, number, password))
        self.meanwhile()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Iterator[Service]:
    made = open_sample(prepared, tmp_path / "library")
    yield dataclasses.replace(made, card_key=KEY, card_system=TestCards(), person_verifier=SimulatedFaces(made.store))
    made.store.close()


@pytest.fixture
def system(service: Service) -> TestCards:
    assert isinstance(service.card_system, TestCards)
    return service.card_system


@pytest.fixture
def app(service: Service) -> Flask:
    made = Flask("form")
    made.secret_key = "a key for tests"
    made.register_blueprint(webchat.blueprint(lambda event: receive(service, event), service.store, Words, True))
    made.register_blueprint(webchat.secret_pages(service))
    return made


@pytest.fixture
def me(service: Service) -> Person:
    return Person(service, channel="web").trusted()


def address(person: Person, said: str = "绑定读者证") -> str:
    person.say(said)
    urls = [button.url for reply in person.heard for row in reply.buttons for button in row]
    return [url for url in urls if "/secret/" in url][-1]


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    return found[1] if found else ""


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    """Fill in the page as a browser would."""
    given = {"number": NUMBER, "password": SECRET, "way": "password"} | form
    return client.post(path, data={"csrf_token": token(client.get(path)), **given})


def told(service: Service, person: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return person.listen()


def state(service: Service, person: Person) -> str:
    return proofs.of_reader(service.store.db, person.reader_id)[0].state


# ---- the ways ------------------------------------------------------------------------------------------------------


def test_number_and_password_that_fit_link_the_card(
    app: Flask, service: Service, system: TestCards, me: Person
) -> None:
    answer = send(app.test_client(), address(me))
    assert answer.status_code == 200 and "尾号 42" in answer.get_data(as_text=True)
    assert system.asked == [("library", NUMBER, SECRET)]
    assert cards.reader_of(service.store.db, NUMBER, KEY)[0].id == me.reader_id
    assert "读者证（尾号 42）连上了" in told(service, me)


def test_they_stand_nowhere_afterwards(
    app: Flask, service: Service, system: TestCards, me: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the file and its journal, nor in anything sealed, nor in the log; whatever the partner does."""
    caplog.set_level(logging.DEBUG)
    for says in (Verdict.NO, ValueError(f"cannot read {NUMBER} {SECRET}"), Verdict.YES):
        system.says = says
        path = address(me)
        send(app.test_client(), path)
        send(app.test_client(), path, way="nonsense")
    told(service, me)
    store = service.store
    names = [row["name"] for row in store.db.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
    opened = str([
        store.vault.unseal(value) if isinstance(value, str) else value
        for name in names for row in store.db.all(f"SELECT * FROM {name}") for value in row.values()
    ])  # fmt: skip
    raw = b"".join(file.read_bytes() for file in store.path.parent.glob("shuxin.sqlite*"))
    for secret in (NUMBER, NUMBER.replace("-", ""), SECRET):
        assert secret not in opened and secret.encode() not in raw and secret not in caplog.text, secret
    assert path.rpartition("/")[2].encode() not in raw, "the address neither, but sealed"


def test_a_wrong_password_may_be_tried_again_a_few_times(
    app: Flask, service: Service, system: TestCards, me: Person
) -> None:
    system.says, path, client = Verdict.NO, address(me), app.test_client()
    most = service.policy.credentials.form_tries
    for left in range(most - 1, 0, -1):
        answer = send(client, path)
        assert answer.status_code == 422 and f"还可以试 {left} 次" in answer.get_data(as_text=True)
        assert SECRET not in answer.get_data(as_text=True) and NUMBER not in answer.get_data(as_text=True)
    assert "试的次数用完了" in send(client, path).get_data(as_text=True)
    system.says = Verdict.YES
    assert send(client, path).status_code == 410 and len(system.asked) == most
    assert cards.of_reader(service.store.db, me.reader_id) == []


@pytest.mark.parametrize("says", [Verdict.CANNOT_TELL, NoAnswer("timeout"), RuntimeError("a bug of theirs")])
def test_who_cannot_tell_leaves_it_to_a_librarian(
    app: Flask, service: Service, system: TestCards, me: Person, says: Any
) -> None:
    system.says = says
    assert "请馆员核对了" in send(app.test_client(), address(me)).get_data(as_text=True)
    assert state(service, me) == "desk" and len(proofs.waiting(service.store.db)) == 1
    assert "只看到尾号" in told(service, me)


def test_without_a_password_a_librarian_looks_and_nobody_outside_is_asked(
    app: Flask, service: Service, system: TestCards, me: Person
) -> None:
    assert "请馆员核对了" in send(app.test_client(), address(me, "绑定市民卡"), way="desk", password="").get_data(
        as_text=True
    )
    assert system.asked == [] and proofs.waiting(service.store.db)[0].kind == "citizen"


def test_a_card_of_another_account_is_told_with_the_way_to_join(app: Flask, service: Service, me: Person) -> None:
    other = Person(service, "other", "web").trusted()
    send(app.test_client(), address(other))
    answer = send(app.test_client(), address(me)).get_data(as_text=True)
    assert "已经连着另一个账户" in answer and cards.of_reader(service.store.db, me.reader_id) == []
    assert "把两个聊天连起来" in told(service, me)


# ---- a face --------------------------------------------------------------------------------------------------------


def face(app: Flask, me: Person) -> str:
    """The verifier's page for this reader, consented to."""
    answer = send(app.test_client(), address(me), way="face", password="", agreed="1")
    found = re.search(r'href="(/simulator/face/[^"]+)"', answer.get_data(as_text=True))
    assert found
    return found[1].rpartition("/")[2]


@pytest.mark.parametrize(
    ("said", "after", "words"),
    [
        (Verdict.YES, "linked", "连上了"), (Verdict.NO, "declined", "换一种方式"),
        (Verdict.CANNOT_TELL, "desk", "请馆员核对"),
    ],
)  # fmt: skip
def test_somebody_outside_says_yes_no_or_cannot_tell(
    app: Flask, service: Service, me: Person, said: Verdict, after: str, words: str
) -> None:
    """A3-32: their answer and receipt are all that is kept; the worker asks, outside of every transaction."""
    reference = face(app, me)
    assert state(service, me) == "face"
    verifier = service.person_verifier
    assert verifier is not None and face_gate.work(service.store, service.clock, verifier) == 0
    back = identity_simulator.question(service.store.db, reference)["back"]
    identity_simulator.answer(service.store.db, reference, said)
    assert "结果马上回到聊天里" in app.test_client().get(back).get_data(as_text=True)
    assert face_gate.work(service.store, service.clock, verifier) == 1
    assert state(service, me) == after and words in told(service, me)
    assert face_gate.work(service.store, service.clock, verifier) == 0


def test_what_is_asked_is_said_before_and_needs_a_yes(app: Flask, service: Service, me: Person) -> None:
    path, client = address(me), app.test_client()
    page = client.get(path).get_data(as_text=True)
    for told_before in ("镜头前的是不是持卡人", "只留这个回答和回执号", "我同意", "请馆员核对", "密码"):
        assert told_before in page
    answer = send(client, path, way="face")
    assert answer.status_code == 400 and "不同意也没关系" in answer.get_data(as_text=True)
    assert service.store.db.value("SELECT COUNT(*) FROM simulated") == 0


def test_b2_23_no_face_comes_near_us(app: Flask, service: Service, me: Person) -> None:
    """A photo fooled a face login elsewhere: here nothing takes a picture, and of a check two columns are kept."""
    reference = face(app, me)
    page = app.test_client().get(address(me)).get_data(as_text=True)
    assert 'type="file"' not in page and "multipart" not in page and "capture" not in page
    columns = {
        row["name"]: row["type"] for row in service.store.db.all("SELECT name, type FROM pragma_table_info('proofs')")
    }
    assert "BLOB" not in columns.values()
    assert service.store.db.value("SELECT reference FROM proofs WHERE state = 'face'") == reference


def test_switched_off_it_is_not_offered(app: Flask, service: Service, me: Person) -> None:
    off = dataclasses.replace(service, person_verifier=None)
    made = Flask("off")
    made.secret_key = "a key for tests"
    made.register_blueprint(webchat.blueprint(lambda event: receive(off, event), off.store, Words, True))
    made.register_blueprint(webchat.secret_pages(off))
    path, client = address(me), made.test_client()
    assert "刷脸" not in client.get(path).get_data(as_text=True)
    assert send(client, path, way="face", agreed="1").status_code == 400


class Broken:
    """A verifier in an outage."""

    name, simulated = "broken", False

    def begin(self, kind: str, number: str, back: str) -> Begun:
        raise NoAnswer("down")

    def answer(self, reference: str) -> Verdict | None:
        raise NoAnswer("down")


def test_an_outage_is_nobodys_fault(app: Flask, service: Service, me: Person) -> None:
    """Before: another way at once. After: asked again, and in the end a librarian looks."""
    reference = face(app, me)
    assert reference and face_gate.work(service.store, service.clock, Broken()) == 0
    assert isinstance(service.clock, StillClock)
    service.clock.moment += timedelta(minutes=service.policy.credentials.face_minutes)
    notify.tick(service.store, service.policy, service.clock.now())
    assert state(service, me) == "desk" and "请馆员核对" in me.listen()
    assert face_gate.work(service.store, service.clock, Broken()) == 0
    waiting = service.store.db.value("SELECT COUNT(*) FROM outside_calls WHERE state = 'waiting'")
    assert waiting == 0, "nobody is asked about it any more"


# ---- shut doors ----------------------------------------------------------------------------------------------------


def test_looking_uses_nothing_up_and_using_does(app: Flask, service: Service, me: Person) -> None:
    path, client = address(me), app.test_client()
    assert [client.get(path).status_code for _ in range(3)] == [200] * 3
    send(client, path)
    assert client.get(path).status_code == 410 and send(client, path).status_code == 410
    assert client.get("/secret/made-up").status_code == 410
    assert "我的证件" in client.get(path).get_data(as_text=True)


def test_two_at_once_link_one_card_once(app: Flask, service: Service, system: TestCards, me: Person) -> None:
    """Both asked while the other had not finished: the form is used by one of them."""
    path, together = address(me), threading.Barrier(2)
    clients = [app.test_client(), app.test_client()]
    tokens = [token(client.get(path)) for client in clients]
    system.meanwhile = lambda: together.wait(10)

    def go(n: int) -> int:
        form = {"csrf_token": tokens[n], "number": f"{NUMBER}{n}", "password": SECRET, "way": "password"}
        return clients[n].post(path, data=form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, range(2))) == [200, 410]
    assert len(cards.of_reader(service.store.db, me.reader_id)) == 1


def test_few_are_asked_at_once_and_it_costs_no_try(app: Flask, service: Service, system: TestCards, me: Person) -> None:
    """While two wait for a slow partner, a third is told to come again, and everybody else is served."""
    path, both, go_on = address(me), threading.Barrier(3), threading.Event()

    def slow() -> None:
        both.wait(10)
        go_on.wait(10)

    system.says, system.meanwhile = Verdict.NO, slow
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(send, app.test_client(), path) for _ in range(2)]
        both.wait(10)
        third = send(app.test_client(), path).status_code
        go_on.set()
        assert [one.result().status_code for one in waiting] == [422, 422]
    assert third == 503
    assert service.store.db.value("SELECT tries FROM secret_forms") == 2


def test_another_sites_form_is_refused(app: Flask, system: TestCards, me: Person) -> None:
    form = {"number": NUMBER, "password": SECRET, "way": "password"}
    assert app.test_client().post(address(me), data=form).status_code == 400
    assert system.asked == []


@pytest.mark.parametrize("wrong", [{"number": "12"}, {"number": ""}, {"password": ""}, {"way": "magic"}, {"way": ""}])
def test_what_is_not_filled_in_costs_no_try(
    app: Flask, service: Service, system: TestCards, me: Person, wrong: dict[str, str]
) -> None:
    path = address(me)
    assert send(app.test_client(), path, **wrong).status_code == 400
    assert system.asked == [] and service.store.db.value("SELECT tries FROM secret_forms") == 0


def test_a_form_of_any_size_is_not_read(app: Flask, system: TestCards, me: Person) -> None:
    assert send(app.test_client(), address(me), number="1" * 100_000).status_code == 413
    assert system.asked == []


def test_guessing_is_slow(app: Flask, me: Person) -> None:
    client = app.test_client()
    answers = [client.post(f"/secret/guess{n}", data={"way": "desk"}).status_code for n in range(40)]
    assert answers[0] == 410 and answers[-1] == 429


def test_one_cards_password_cannot_be_guessed_by_many_readers(app: Flask, service: Service, system: TestCards) -> None:
    """A form has few tries, but anybody may join again and again: the card itself has few a day too (A3-31)."""
    system.says = Verdict.NO
    for n in range(6):
        path = address(Person(service, f"guesser-{n}", "web").trusted())
        for _ in range(3):
            send(app.test_client(), path)
    assert len(system.asked) == PER_CARD.amount < 18
    path = address(Person(service, "guesser-6", "web").trusted())
    page = send(app.test_client(), path)
    assert page.status_code == 429 and "请馆员核对" in page.get_data(as_text=True)
    send(app.test_client(), path, number="HZ2026-00099999")
    assert system.asked[-1][1] == "HZ2026-00099999", "another card is asked about as before"
    assert send(app.test_client(), path, way="desk").status_code == 200


def test_no_cache_no_referrer_no_frame_no_script(app: Flask, me: Person) -> None:
    path, client = address(me), app.test_client()
    for answer in (client.get(path), send(client, path), client.get("/secret/made-up"), client.get("/secret/back/x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "script" not in policy
        assert "<script" not in answer.get_data(as_text=True)


def test_an_old_form_and_a_joined_readers_form_lead_nowhere(app: Flask, service: Service, me: Person) -> None:
    path = address(me)
    assert isinstance(service.clock, StillClock)
    with writing(service.store.db) as db:
        db.run("UPDATE secret_forms SET expires_at = '2026-11-20T01:59:59Z'")
    assert send(app.test_client(), path).status_code == 410


@pytest.mark.parametrize(("lang", "shown"), [("zh-Hans", "卡号"), ("zh-Hant", "卡號"), ("en", "Card number")])
def test_it_speaks_three_languages_the_readers_first(app: Flask, me: Person, lang: str, shown: str) -> None:
    path, client = address(me), app.test_client()
    assert "怎样核对" in client.get(path, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert shown in client.get(f"{path}?lang={lang}").get_data(as_text=True)
