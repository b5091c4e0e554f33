"""How each channel hands over the copy of a reader's data: files on Telegram, links on the page, files on disk."""

from __future__ import annotations

import json
import stat
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.channels import webchat
from bot.channels.telegram import TelegramChannel
from bot.events import Button, Reply
from bot.exporting import File
from bot.receive import receive
from bot.service import Service
from bot.texts import Words
from lending import looks
from tests import commandline
from tests.fakes.telegram_server import FakeTelegram

FILES = (File("shuxin-R1.html", "text/html", b"<html>"), File("shuxin-R1.json", "application/json", b"{}"))


# ---- Telegram ------------------------------------------------------------------------------------------------------


def copies(ticket: str) -> tuple[File, ...]:
    return FILES if ticket == "T" else ()


def test_telegram_gets_the_files_and_then_the_words_with_their_buttons(telegram: FakeTelegram) -> None:
    channel = TelegramChannel("123:fake", telegram.base_url, copies=copies)
    sent = channel.send(
        "7", Reply("都在里面", ((Button("谁看过", "looks"), Button("x", url="/chat/export/T/a")),), export="T"), None
    )
    shown = telegram.inbox(7)
    assert [message.document for message in shown] == [
        ("shuxin-R1.html", b"<html>"),
        ("shuxin-R1.json", b"{}"),
        ("", b""),
    ]
    assert (shown[-1].text, [button["text"] for button in shown[-1].buttons]) == ("都在里面", ["谁看过"])
    assert sent == str(shown[-1].id)
    channel.close()


def test_telegram_says_the_words_alone_when_the_reader_was_forgotten_meanwhile(telegram: FakeTelegram) -> None:
    channel = TelegramChannel("123:fake", telegram.base_url, copies=copies)
    channel.send("7", Reply("都在里面", export="gone"), None)
    assert [(message.text, message.document[0]) for message in telegram.inbox(7)] == [("都在里面", "")]
    channel.close()


# ---- the page ------------------------------------------------------------------------------------------------------


@pytest.fixture
def app(service: Service) -> Flask:
    made = Flask("copies")
    made.secret_key = "a key for tests"
    made.register_blueprint(webchat.blueprint(partial(receive, service), service.store, Words, False))
    made.register_blueprint(webchat.copy_pages(service))
    return made


def links(browser: FlaskClient) -> dict[str, str]:
    """Asks for a copy; the links under the answer by the kind of file."""
    browser.get("/")
    said = browser.post("/chat/events", json={"id": "e1", "text": "/mydata"}).json
    assert said
    urls = [button["url"] for row in said["messages"][-1]["buttons"] for button in row if button["url"]]
    return {url.rpartition(".")[2]: url for url in urls}


def test_the_page_offers_each_file_once_to_its_own_session(app: Flask, service: Service) -> None:
    mine, other = app.test_client(), app.test_client()
    found = links(mine)
    other.get("/")
    other.post("/chat/events", json={"id": "e1", "text": "你好"})
    assert [other.get(found["json"]).status_code, app.test_client().get(found["json"]).status_code] == [404, 404]
    answer = mine.get(found["json"])
    assert answer.status_code == 200 and json.loads(answer.data)["tables"]["readers"]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="shuxin-R')
    assert answer.headers["Cache-Control"] == "no-store"
    assert mine.get(found["json"]).status_code == 404, "once"
    assert mine.head(found["html"]).status_code == 404, "looking ahead uses nothing up"
    assert "我的全部资料" in mine.get(found["html"]).get_data(as_text=True)
    whys = [look.why for look in looks.of_reader(service.store.db, 1)]
    assert whys == ["mydata.html", "mydata.json", "web"]


def test_another_kind_of_file_and_a_guessed_ticket_are_not_found(app: Flask) -> None:
    mine = app.test_client()
    found = links(mine)
    assert mine.get(found["json"].replace(".json", ".exe")).status_code == 404
    assert mine.get("/chat/export/guess/mydata.json").status_code == 404


# ---- the terminal --------------------------------------------------------------------------------------------------


def test_the_terminal_writes_both_files_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    done = commandline.here(tmp_path / "data", "chat", "--as", "小林", "--json", said="/mydata\n")
    files = [Path(path) for path in json.loads(done.stdout)["files"]]
    assert [file.suffix for file in files] == [".html", ".json"] and {file.parent for file in files} == {Path.cwd()}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert json.loads(files[1].read_text())["tables"]["readers"][0]["name"] == "小林"
    plain = commandline.here(tmp_path / "data", "chat", "--as", "小林", said="/mydata\n").stdout
    assert f"→ {files[0]}" in plain and "/chat/export/" not in plain
