"""A busy library, its librarian's page, and a librarian already signed in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin import passwords
from lending.database import Store
from lending.points import PointEntry, store_points
from tests import small_desk


class Hand:
    """A librarian's browser: every form it sends carries the token of the page before."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
        self.token = found[1] if found else self.token
        return answer

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, follow_redirects=True))

    def read(self, path: str) -> str:
        """The page's HTML; it must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, path: str, **form: str | list[str]) -> TestResponse:
        """Send a form and go where it leads."""
        return self._seen(self.send(path, follow_redirects=True, **form))

    def send(self, path: str, *, follow_redirects: bool = False, **form: Any) -> TestResponse:
        """Send a form and stay with its answer."""
        data = {"csrf_token": self.token, **form}
        return self.client.post(path, data=data, follow_redirects=follow_redirects)

    def sign_in(self, name: str = "admin", password: str = small_desk.PASSWORD) -> TestResponse:
        """Through the front door."""
        self.get("/admin/login")
        return self.post("/admin/login", name=name, password=password)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests sign in a hundred times; what a real hash costs is looked at in one of them."""
    monkeypatch.setattr(passwords, "HASHER", small_desk.QUICK)


@pytest.fixture
def machine(store: Store, now: datetime) -> small_desk.StoodStill:
    """The clock the desk goes by."""
    return small_desk.StoodStill(store, now)


@pytest.fixture
def app(store: Store, now: datetime, machine: small_desk.StoodStill) -> Flask:
    small_desk.settle(store, now)
    return small_desk.application(store, machine)


@pytest.fixture
def stranger(app: Flask) -> Hand:
    """Somebody who has not signed in."""
    return Hand(app)


@pytest.fixture
def chief(app: Flask) -> Hand:
    """小信, the chief."""
    hand = Hand(app)
    hand.sign_in()
    return hand


@pytest.fixture
def colleague(app: Flask) -> Hand:
    """小王, a librarian."""
    hand = Hand(app)
    hand.sign_in("wang")
    return hand


@pytest.fixture
def districts(store: Store) -> None:
    """The first branch lies in a district, so that a courier can be sent there."""
    west = PointEntry("west", "branch", "城西馆", "West branch", address="文一西路 1 号", district="拱墅区")
    with store.writing() as db:
        store_points(db, [west])
