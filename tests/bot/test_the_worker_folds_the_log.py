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
