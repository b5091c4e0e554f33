"""The worker folds the log: its loop is among those that start, goes on after a refusal, and ends when told."""

from __future__ import annotations

import threading

import pytest

from bot import worker
from bot.service import Service
from lending import door
from lending.errors import StoreUnwritable


def test_it_is_tried_again_after_a_refusal_and_ends_when_told(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, thrice = list[int](), threading.Event()

    def fold() -> bool:
        asked.append(1)
        if len(asked) == 1:
            raise StoreUnwritable("disk full")
        if len(asked) == 3:
            thrice.set()
        return True

    monkeypatch.setattr(service.store, "fold", fold)
    finish = worker.start(service, [])
    assert thrice.wait(10)
    finish()
    had = len(asked)
    assert not threading.Event().wait(4 * worker.FOLD_SECONDS) and len(asked) == had


def test_what_the_disk_refuses_is_one_line_and_not_said_each_second(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk filled the log as well: a page of traceback a second, all night."""
    answers = iter([StoreUnwritable("full"), StoreUnwritable("full"), None, StoreUnwritable("full"), KeyError("ours")])
    ended = threading.Event()

    def tick(*_: object) -> None:
        answer = next(answers, ended)
        if isinstance(answer, Exception):
            raise answer
        if answer is ended:
            ended.set()

    monkeypatch.setattr(worker, "TELL_SECONDS", 0.01)
    monkeypatch.setattr(worker.notify, "tell", tick)
    worker.keep_time(service, ended)
    said = [(line.getMessage(), bool(line.exc_info)) for line in caplog.records if line.name == "bot.worker"]
    refused = ("the worker goes on: full", False)
    assert said == [refused, refused, ("the worker goes on", True)]


def test_a_readers_line_that_a_full_disk_refuses_is_one_line_of_the_log_however_often_it_is_sent(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody was told: the worker had nothing to write, and each 503 went out without a word in the log."""
    tries, store, ended = iter(range(3)), service.store, threading.Event()

    def try_again(*_: object) -> None:
        if next(tries, None) is None:
            return ended.set()
        with pytest.raises(StoreUnwritable), store.writing() as db:
            db.run("CREATE TABLE much AS SELECT zeroblob(1000000) AS pages")

    store._writer.conn.execute(f"PRAGMA max_page_count = {store.db.value('PRAGMA page_count') + 5}")
    monkeypatch.setattr(worker, "TELL_SECONDS", 0.01)
    monkeypatch.setattr(worker.notify, "tell", try_again)
    worker.keep_time(service, ended)
    monkeypatch.setattr(door, "REMEMBERED", 0.0)
    assert store.refusal() == ""
    said = [line.getMessage() for line in caplog.records if line.name == "bot.worker"]
    assert said == ["what is done is not kept: database or disk is full"]
