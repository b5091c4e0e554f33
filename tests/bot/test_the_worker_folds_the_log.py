"""The worker's loop that folds the log: it goes on after a refusal, and ends when told."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

from bot import worker
from lending.errors import StoreUnwritable


def test_it_is_tried_again_after_a_refusal_and_ends_when_told() -> None:
    stop, asked = threading.Event(), list[int]()

    def fold() -> bool:
        asked.append(1)
        if len(asked) == 1:
            raise StoreUnwritable("disk full")
        if len(asked) == 3:
            stop.set()
        return True

    service: Any = SimpleNamespace(store=SimpleNamespace(fold=fold))
    loop = threading.Thread(target=worker.keep_log, args=(service, stop))
    loop.start()
    loop.join(5)
    assert not loop.is_alive() and len(asked) == 3
