"""/draws/<day>/<n>: a draw that anybody can draw again from what is published, and nothing about readers (D-3, A11)."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.channels import webchat
from bot.service import Service
from bot.texts import Words
from lending import draws
from tests.talking import Person, pass_time

GUIDE = Path(__file__).parents[2] / "docs" / "circulation.md"


@pytest.fixture
def browser(service: Service) -> FlaskClient:
    app = Flask("draws")
    app.register_blueprint(webchat.blueprint(lambda event: None, service.store, Words, False))
    app.register_blueprint(webchat.draw_pages(service))
    return app.test_client()


def test_the_page_is_enough_to_draw_again(service: Service, browser: FlaskClient) -> None:
    people = [Person(service, f"p{n}").trusted() for n in range(5)]
    for person in people:
        person.press("draw!")
    window = draws.windows(service.store.db)[0]
    with service.store.writing() as db:
        db.run("UPDATE draw_windows SET upto_fen = 3 * grant_fen")  # three of the five win
    address = f"/draws/{window.day}/{window.n}"
    assert browser.get(address).status_code == 404
    pass_time(service, hours=6)
    answer = browser.get(address, headers={"Accept-Language": "en"})
    lines = [line.split("\t") for line in answer.get_data(as_text=True).splitlines()]
    seed, fingerprint, winners = lines[1][1], lines[2][1], int(lines[3][1])
    assert hashlib.sha256(seed.encode()).hexdigest() == fingerprint == window.fingerprint
    rows = {row[0]: (int(row[1]), int(row[2]) if len(row) > 2 else None) for row in lines[5:]}
    urn = sorted(
        (hashlib.sha256(f"{seed}:{ticket}:{lot}".encode()).hexdigest(), ticket)
        for ticket, (lots, _) in rows.items()
        for lot in range(1, lots + 1)
    )
    again = list(dict.fromkeys(ticket for _, ticket in urn))[:winners]
    assert again == sorted((t for t, (_, place) in rows.items() if place), key=lambda t: rows[t][1] or 0)
    assert (len(rows), winners) == (5, 3)
    how = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert how
    for page, verdict in (
        (answer.get_data(), b"right\n"),
        (answer.get_data().replace(b"\t4\t1\n", b"\t4\t9\n"), b"WRONG\n"),
    ):
        assert subprocess.run([sys.executable, "-c", how[1]], input=page, capture_output=True).stdout == verdict
    numbers = service.store.db.all("SELECT number FROM readers")
    assert not any(row["number"] in answer.get_data(as_text=True) for row in numbers)


def test_a_person_gets_the_same_as_a_page_and_may_keep_the_text(service: Service, browser: FlaskClient) -> None:
    """On a phone the plain text stood in letters of a millimetre."""
    person = Person(service, "p").trusted()
    person.press("draw!")
    window = draws.windows(service.store.db)[0]
    address, reads = f"/draws/{window.day}/{window.n}", {"Accept": "text/html,*/*", "Accept-Language": "en"}
    early = browser.get(address, headers=reads)
    assert early.status_code == 404 and 'name="viewport"' in early.text
    pass_time(service, hours=6)
    page, text = browser.get(address, headers=reads), browser.get(f"{address}?text&lang=en", headers=reads)
    assert text.mimetype == "text/plain" and text.data == browser.get(address, headers={"Accept-Language": "en"}).data
    assert page.mimetype == "text/html" and "?text" in page.text and "Accept" in page.headers["Vary"]
    drawn = draws.result(service.store.db, window.day, window.n)
    assert all(part in page.text for part in (*drawn.lots, drawn.window.seed, drawn.window.fingerprint))
    assert service.store.db.value("SELECT number FROM readers WHERE id = :r", r=person.reader_id) not in page.text


@pytest.mark.parametrize("address", ["/draws/2026-11-20/9", "/draws/x/1", "/draws/2026-11-20/100", "/draws/%00/1"])
def test_what_was_never_drawn_is_not_found(browser: FlaskClient, address: str) -> None:
    assert browser.get(address).status_code == 404
