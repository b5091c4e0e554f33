"""Every address there is, and who may see what lies there: a new one must be spoken for here."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app import FOR_EVERYBODY, create_app
from lending import calendar_links
from lending.policy import load_policy
from settings import Settings

EVERYBODY = {*FOR_EVERYBODY, "share.letters", "rules.letters", "promises.letters", "draws.letters", "healthz"}
OWN_SESSION = {  # only the browser's own talk
    "webchat.plain", "webchat.say_plainly", "webchat.events", "webchat.messages", "webchat.photo",
    "webchat.qr", "webchat.picture", "copies.fetch",
}  # fmt: skip
WHOEVER_HAS_THE_LINK = {"calendars.show", "secret.form", "secret.take", "secret.back"}
PARTNER_WITH_A_SECRET = {"partner_webhooks.courier", "partner_webhooks.locker", "partner_webhooks.credit"}
DEMO_ALONE = "simulator."  # gone with SHUXIN_SIMULATORS=0
STAFF = "admin."
DOOR_OF_STAFF = {"admin.sign_in", "admin.static", "admin.set_language"}
MADE_UP = {"<token>": "A" * 43, "<ticket>": "B" * 43, "<path:address>": "no-such-book", "<kind>": "html",
           "<path:filename>": "../../settings.py", "<day>": "2026-11-20"}  # fmt: skip


@pytest.fixture(scope="module")
def app(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The service as it is served, with the sample library."""
    data = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("routes") / "data"))
    made = create_app(Settings(data, "云栖市图书馆", load_policy(), "s" * 32))
    yield made
    made.extensions["shuxin"]["service"].store.close()


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def somewhere(rule: Rule) -> str:
    """An address under the rule, of a thing that is not there or not ours."""
    path = rule.rule
    for argument, value in MADE_UP.items():
        path = path.replace(argument, value)
    path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path)
    return re.sub(r"<[^>]*>", "1", path)


def test_every_address_says_who_may_see_it(app: Flask) -> None:
    known = EVERYBODY | OWN_SESSION | WHOEVER_HAS_THE_LINK | PARTNER_WITH_A_SECRET | {"webchat.static"}
    others = {rule.endpoint for rule in rules(app)} - known
    assert {one for one in others if not one.startswith((STAFF, DEMO_ALONE))} == set()
    assert known <= {rule.endpoint for rule in rules(app)}


def test_without_simulators_nothing_of_theirs_can_be_opened(tmp_path: Path) -> None:
    made = create_app(Settings(tmp_path, "云栖市图书馆", load_policy(), "s" * 32, simulators=False))
    assert not [rule for rule in rules(made) if "simulator" in rule.rule]
    made.extensions["shuxin"]["service"].store.close()


def test_a_stranger_opens_nothing_of_the_staff(app: Flask) -> None:
    """By any method a browser has; HEAD is no way round."""
    client = app.test_client()
    for rule in rules(app):
        if not rule.endpoint.startswith(STAFF) or rule.endpoint in DOOR_OF_STAFF:
            continue
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = client.open(somewhere(rule), method=method)
            away = answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login")
            assert away if method in ("GET", "HEAD") else answer.status_code == 400, (method, rule.rule)


def test_what_is_not_for_everybody_is_kept_by_no_cache_and_listed_nowhere(app: Flask) -> None:
    client = app.test_client()
    client.post("/chat/events", json={"id": "e1", "text": "你好"})
    for rule in rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        headers = client.get(somewhere(rule)).headers
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), rule.rule
        assert headers["X-Content-Type-Options"] == "nosniff", rule.rule
        if rule.endpoint not in FOR_EVERYBODY and not rule.endpoint.endswith(".static"):
            assert headers["Cache-Control"] == "no-store", rule.rule
            assert headers["X-Robots-Tag"] == "noindex", rule.rule
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_what_everybody_may_keep_is_the_same_for_everybody(app: Flask) -> None:
    """A shared cache would hand one visitor's cookie to the next; and a style sheet that comes late, undo a sign-in."""
    known = app.test_client()
    known.post("/chat/events", json={"id": "e2", "text": "你好"})
    known.get("/")
    page = known.get("/")  # which has nothing new to keep
    assert page.headers["Set-Cookie"].startswith("session="), "a year from each visit"
    statics = re.findall(r"/chat/static/[^\"]+", page.text)
    assert len(statics) > 2
    for path in ("/rules", "/promises", "/b/1", "/admin/static/admin.css", *statics):
        answers = [client.get(path, headers={"Accept-Language": "zh-CN"}) for client in (known, app.test_client())]
        assert not any("Set-Cookie" in answer.headers for answer in answers), path
        assert answers[0].data == answers[1].data, path


def test_no_path_leads_out_of_a_folder(app: Flask) -> None:
    client = app.test_client()
    for folder in ("/chat/static/", "/admin/static/", "/simulator/static/"):
        for way in ("../__init__.py", "..%2f__init__.py", "%2e%2e/x", "....//x", "/etc/passwd", "..\\x", "%00"):
            assert client.get(folder + way).status_code in (308, 404), folder + way


def talked(app: Flask, said: str) -> tuple[FlaskClient, list[int]]:
    """A reader who has said something, and the numbers of what they heard."""
    client = app.test_client()
    answer = client.post("/chat/events", json={"id": f"{said}-{id(client)}", "text": said})
    return client, [message["id"] for message in answer.get_json()["messages"]]


def test_nothing_of_one_reader_is_seen_by_another(app: Flask) -> None:
    """Pictures, codes and copies are asked for by number: each number is tried from another talk and from none."""
    store = app.extensions["shuxin"]["service"].store
    me, heard = talked(app, "导出我的数据")
    found = [m for m in me.get("/chat/messages?after=0").get_json()["messages"] if m["from"] == "library"]
    copies = set(re.findall(r"/chat/export/[\w./-]+", str(found)))
    assert copies
    other, _theirs = talked(app, "导出我的数据")
    for client in (other, app.test_client()):
        for number in (*heard, heard[-1] + 1, 0, -1, 2**63, 2**200):
            assert client.get(f"/chat/qr/{number}.svg").status_code == 404
            assert client.get(f"/chat/pictures/{number}").status_code == 404
        for address in copies:
            assert client.get(address).status_code == client.head(address).status_code == 404
        assert not {one.get("id") for one in client.get("/chat/messages?after=0").get_json()["messages"]} & set(heard)
    for address in copies:
        assert me.head(address).status_code == 404, "a preview uses nothing up"
        assert me.get(address, headers={"Range": "bytes=0-9"}).status_code == 200
        assert me.get(address).status_code == 404
    assert store.db.value("SELECT COUNT(*) FROM exports") == 2


def test_a_calendars_address_opens_for_its_secret_alone(app: Flask) -> None:
    """Altered, cut short, in other letters, of a reader that was forgotten: all the same 404."""
    service = app.extensions["shuxin"]["service"]
    talked(app, "你好")
    reader = service.store.db.value("SELECT MAX(id) FROM readers")
    with service.store.writing() as db:
        token = calendar_links.of_reader(db, reader, datetime.now(UTC))
    client = app.test_client()
    assert client.get(f"/calendar/{token}.ics").status_code == 200
    altered = (token[:-1], token + "A", token.swapcase(), f"{token}%00", f" {token}")
    for wrong in (*altered, "..", "%", "*", str(reader), "", "é"):
        assert client.get(f"/calendar/{wrong}.ics").status_code == 404, wrong
    assert client.post(f"/calendar/{token}.ics").status_code == 405
    with service.store.writing() as db:
        calendar_links.revoke(db, reader)
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_where_the_store_is_gone_every_address_is_answered_and_says_when_to_come_again(app: Flask) -> None:
    """Also by a thread that has not read yet; nothing is broken, and all is well again when the file is back."""
    store = app.extensions["shuxin"]["service"].store
    aside = store.path.with_name("aside.sqlite")

    def seen() -> dict[str, int]:
        answers: dict[str, int] = {}
        for rule in rules(app):
            for accept in ("text/html", "*/*"):
                answer = app.test_client().get(somewhere(rule), headers={"Accept": accept})
                answers[rule.rule] = max(answers.get(rule.rule, 0), answer.status_code)
                assert answer.status_code < 500 or answer.headers.get("Retry-After") == "5", rule.rule
        client = app.test_client()
        page = client.get("/admin/login").text
        if token := re.search(r'name="csrf_token" value="([^"]+)"', page):
            form = {"csrf_token": token[1], "name": "admin", "password": "x"}
            answers["sign in"] = client.post("/admin/login", data=form).status_code
        return answers

    def elsewhere() -> dict[str, int]:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(seen).result()

    store.path.rename(aside)
    gone = elsewhere()
    assert set(gone.values()) <= {200, 302, 308, 404, 405, 410, 503}, gone
    assert gone["/healthz"] == gone["/calendar/<token>.ics"] == 503
    aside.rename(store.path)
    assert set(elsewhere().values()) <= {200, 302, 308, 401, 404, 405, 410}
