"""A wrong address is answered kindly to people and barely to programs."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from bot.channels import webchat
from bot.service import Service
from bot.texts import Words
from lending.errors import StoreUnwritable
from tests.talking import open_sample


@pytest.fixture(scope="module")
def service(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    made = open_sample(prepared, tmp_path_factory.mktemp("library"))
    yield made
    made.store.close()


@pytest.fixture
def browser(service: Service) -> FlaskClient:
    app = Flask("nowhere", static_folder=None)
    app.register_blueprint(webchat.blueprint(lambda event: None, service.store, Words, False))
    app.add_url_rule("/breaks", "breaks", lambda: str(1 // 0))
    app.add_url_rule("/full", "full", full)
    app.add_url_rule("/long", "long", too_long, methods=["POST"])
    app.add_url_rule("/starved", "starved", partial(starved, errno.EMFILE))
    app.add_url_rule("/torn", "torn", partial(starved, errno.EIO))
    app.register_error_handler(StoreUnwritable, webchat.not_kept(service))
    app.register_error_handler(OSError, webchat.nothing_to_open(service))
    for error in webchat.no_page.SAID:
        app.register_error_handler(error, webchat.no_such_page(service))
    return app.test_client()


def full() -> str:
    raise StoreUnwritable("disk full")


def starved(number: int) -> str:
    raise OSError(number, os.strerror(number))


def too_long() -> str:
    request.max_content_length = 10
    return str(request.form)


def test_a_person_gets_a_page_with_the_way_back(browser: FlaskClient) -> None:
    page = browser.get("/nowhere", headers={"Accept": "text/html,*/*", "Accept-Language": "en"})
    assert page.status_code == 404
    assert 'lang="en"' in page.text and 'href="/"' in page.text
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    assert "没有这一页" in browser.get("/x", headers={"Accept": "text/html"}).text


def test_its_languages_can_be_pressed(browser: FlaskClient) -> None:
    page = browser.get("/nowhere?lang=zh-Hant", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert 'lang="zh-Hant"' in page.text and "沒有這一頁" in page.text


def test_what_could_not_be_kept_or_is_too_long_is_said_in_the_same_frame(browser: FlaskClient) -> None:
    person, program = {"Accept": "text/html"}, {"Accept": "application/json"}
    page, bare = (browser.get("/full", headers=headers) for headers in (person, program))
    assert page.status_code == bare.status_code == 503
    assert page.headers["Retry-After"] == bare.headers["Retry-After"] == "5"
    assert "没有存上" in page.text and 'href="/"' in page.text
    assert "cannot write" in bare.get_json()["error"]
    page = browser.post("/long", data={"text": "x" * 100}, headers=person)
    assert page.status_code == 413 and "太长了" in page.text and 'href="/"' in page.text


def test_where_no_file_can_be_opened_the_answer_is_to_come_again(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the page that says so cannot be opened itself; another failing of the disk is none that passes."""
    person = {"Accept": "text/html"}
    page = browser.get("/starved", headers=person)
    assert page.status_code == 503 and page.headers["Retry-After"] == "5" and "没有存上" in page.text
    assert browser.get("/torn", headers=person).status_code == 500
    monkeypatch.setattr("bot.channels.webchat.no_page.fingerprints", partial(starved, errno.EMFILE))
    for path in ("/starved", "/full"):
        bare = browser.get(path, headers=person)
        assert bare.status_code == 503 and bare.headers["Retry-After"] == "5" and "cannot write" in bare.text
    assert browser.get("/nowhere", headers=person).status_code == 404


def test_a_program_gets_the_bare_answer(browser: FlaskClient) -> None:
    assert browser.get("/nowhere", headers={"Accept": "application/json"}).status_code == 404
    assert "没有这一页" not in browser.get("/chat/qr/9.svg").text


@pytest.mark.parametrize(("path", "status", "said"), [
    ("/chat/events", 405, "这一页不能直接打开"), ("/breaks", 500, "这一页出了问题"),
])  # fmt: skip
def test_what_is_not_to_be_opened_or_fails_is_said_in_the_same_frame(
    browser: FlaskClient, path: str, status: int, said: str
) -> None:
    page = browser.get(path, headers={"Accept": "text/html"})
    assert page.status_code == status and said in page.text and 'href="/"' in page.text
    bare = browser.get(path, headers={"Accept": "application/json"})
    assert bare.status_code == status and said not in bare.text
