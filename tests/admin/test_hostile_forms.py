"""Whatever a form carries that none of ours would, a room answers with a page, and never with a broken one.

Each form is taken from the page it stands on, by the fields it has there, and sent with one of them spoilt; what was
sent before has changed the world meanwhile, as a colleague would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask

from lending import appeals, cart, claims, credit, events, home_returns, loans, sign_ups, unfound, wishes
from lending.database import Store
from lending.events import Plan
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

HUGE, LONG = "9" * 23, "9" * 5000
SPOILT = ("", "-1", "²", HUGE, LONG, "B001\x00", "9999-12-31", "R000002")
PAGES = (
    "/readers/R000001", "/readers/R000002", "/readers/R000003", "/orders/SX261120-0004", "/orders/SX261120-0005",
    "/cases/PF261119-1", "/appeals/GA261120-1", "/escalations/RG261119-1", "/events/1", "/stock-takes/1",
    "/copies?q=B002", "/records/1", "/calendar?point=1",
)  # fmt: skip
NOT_SENT = ("/login", "/logout", "/password", "/language")


@dataclass
class Form:
    """Where it is sent to, and what it carries when nobody changes anything."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    presses: list[tuple[str, str, str]] = field(default_factory=list)  # a button's name and value, and its own address


class Forms(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.chooses = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(given.get("action", ""))
            self.by_id[given.get("id", "")] = self.open
            if given.get("method") == "post":
                self.found.append(self.open)
        form = self.by_id.get(given["form"]) if "form" in given else self.open
        if form is None:
            return
        name = given.get("name", "")
        if tag in ("input", "textarea") and name:
            form.fields.setdefault(name, given.get("value", "") or ("" if given.get("type") == "hidden" else "1"))
        elif tag == "select":
            self.chooses = name
        elif tag == "option" and self.chooses:
            form.fields[self.chooses] = form.fields.get(self.chooses) or given.get("value", "")
        elif tag == "button":
            form.presses.append((name, given.get("value", ""), given.get("formaction", "")))

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.chooses = ""


@pytest.fixture
def rooms(app: Flask, chief: Hand, store: Store, now: datetime) -> list[Form]:
    """Every form of every page, of a library with more in its rooms than the busy one has."""
    starts = now + timedelta(days=10)
    plan = Plan(
        name="故事会", about="", point_id=1, place="", starts_at=starts, ends_at=starts + timedelta(hours=1),
        sign_up_until=starts, seats=2,
    )  # fmt: skip
    event = events.make(store.db, plan, POLICY, now)
    sign_ups.sign_up(store.db, 2, event.id, 1, POLICY, now)
    appeals.open_appeal(store.db, 1, credit.lines(store.db, 1)[0].id, "那天我在外地", POLICY, now)
    cart.add(store.db, 3, 2, POLICY, now)
    (loan,) = loans.of_reader(store.db, 2)
    home_returns.ask(store.db, 2, [loan.id], "fetch", POLICY, now)
    wishes.suggest(store.db, 2, "一本没有的书", now)
    with store.writing() as db:
        unfound.report(db, 2, 1, 2, now)
        said_back = loans.lend(db, 10, 10, 3, POLICY, now)
    claims.claim(store.db, 3, said_back, "周三放进书柜的", POLICY, now)
    chief.read("/admin")
    chief.post("/admin/stock-takes", point="1", shelf="", call_number="", material="")
    chief.post("/admin/readers/R000003/title", wanted="活着")
    return [form for path in (*plain(app), *PAGES) for form in forms(chief, path)]


def plain(app: Flask) -> Iterator[str]:
    """Pages that need no argument."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and not rule.arguments and "GET" in (rule.methods or ()):
            yield rule.rule.removeprefix("/admin")


def forms(hand: Hand, path: str) -> Iterator[Form]:
    """Of one page; a form that is sent to where it stands says so."""
    found = Forms()
    found.feed(hand.get(f"/admin{path}").get_data(as_text=True))
    for form in found.found:
        form.action = form.action.partition("#")[0] or f"/admin{path}"
        if not form.action.endswith(NOT_SENT):
            yield form


@pytest.mark.parametrize("spoilt", SPOILT)
def test_no_value_of_any_field_breaks_a_page(chief: Hand, rooms: list[Form], spoilt: str) -> None:
    sent = set()
    for form in rooms:
        for name in form.fields.keys() - {"csrf_token"}:
            for button, value, elsewhere in form.presses or [("", "", "")]:
                pressed = {button: value} if button else {}
                path = elsewhere or form.action
                if (path, name, button, value) in sent:
                    continue
                sent.add((path, name, button, value))
                carried = {**form.fields, **pressed, name: spoilt, "csrf_token": chief.token}
                answer = chief.client.post(path, data=carried)
                assert answer.status_code < 500, (path, name, button, value)
                if answer.status_code == 302:
                    assert chief.client.get(answer.headers["Location"]).status_code in (200, 404), path
    assert len({path for path, *_ in sent}) > 60
