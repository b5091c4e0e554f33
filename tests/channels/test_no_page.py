"""A wrong address is answered kindly to people and barely to programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from bot.channels import webchat
from bot.service import Service
from bot.texts import Words
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
    app.register_error_handler(NotFound, webchat.no_such_page(service))
    return app.test_client()


def test_a_person_gets_a_page_with_the_way_back(browser: FlaskClient) -> None:
    page = browser.get("/nowhere", headers={"Accept": "text/html,*/*", "Accept-Language": "en"})
    assert page.status_code == 404
    assert 'lang="en"' in page.text and 'href="/"' in page.text
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    assert "没有这一页" in browser.get("/x", headers={"Accept": "text/html"}).text


def test_a_program_gets_the_bare_answer(browser: FlaskClient) -> None:
    assert browser.get("/nowhere", headers={"Accept": "application/json"}).status_code == 404
    assert "没有这一页" not in browser.get("/chat/qr/9.svg").text
