"""The worker folds the log: its loop is among those that start, goes on after a refusal, and ends when told."""

from __future__ import annotations

import threading

import pytest

from bot import worker
from bot.service import Service
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
