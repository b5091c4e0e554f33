"""Forks the processes that are to be killed: the web service and the sender, as in service but imported beforehand.

`python -m tests.crash.nursery` reads a JSON object a line ({"role", "data", "api", "sabotage"}) and prints the process
id of what it has started; for the role "door" the port of the next library. It keeps the listening socket, so that
nobody else takes the port meanwhile; it never opens the store, for a connection does not survive a fork.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import serving
from app import create_app
from bot import linking, notify, outbox, worker
from bot.deliver import Deliverer
from bot.pacer import Pacer
from bot.texts import Words
from bot.understanding import understand
from lending.policy import load_policy
from search import analysis
from settings import Settings
from tests import known_rules  # noqa: F401  (in force once it is imported)
from tests.crash.sabotage import SABOTAGES
from tests.fakes.telegram_server import TOKEN

SECRET = "a-secret-for-the-webhook"
CLAIM_SECONDS = 3  # instead of a minute: what a killed sender had claimed is taken again sooner


def settings(data: Path, api: str) -> Settings:
    """As the environment would say it."""
    return Settings(
        data=data, library="崩溃图书馆", policy=load_policy(), secret="a key for tests", simulators=False,
        public_url="https://library.example", telegram_token=TOKEN, telegram_api=api, telegram_secret=SECRET,
    )  # fmt: skip


def serve(data: Path, api: str, door: socket.socket) -> None:
    """The web service: the real application on the real server."""
    app = create_app(settings(data, api))
    service = app.extensions["shuxin"]["service"]
    service.finder.open()
    service.store.make_room()
    serving.run(serving.server(app, 8), door)


def work(data: Path, api: str) -> None:
    """The worker: the real loops, only faster than one message a second to a chat."""
    outbox.CLAIM_SECONDS = CLAIM_SECONDS
    found = create_app(settings(data, api)).extensions["shuxin"]
    service, stop = found["service"], threading.Event()
    deliverer = Deliverer(
        service.store, found["telegram"]["channel"], service.clock.now, Pacer(2000, chat_seconds=0),
        prepare=notify.look_again(service.policy, service.clock.now),
        unreachable=partial(linking.blocked, now=service.clock.now),
    )  # fmt: skip
    threading.Thread(target=worker.keep_time, args=(service, stop), daemon=True).start()
    deliverer.run(stop)


def _leave_with(parent: int) -> None:
    """A test that was broken off leaves no orphans."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def born(order: dict[str, Any], door: socket.socket) -> None:
    """What a child does until it is killed."""
    data = Path(order["data"])
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    log = os.open(data.parent / f"{order['role']}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if order["sabotage"]:
        SABOTAGES[order["sabotage"]]()
    if order["role"] == "web":
        serve(data, order["api"], door)
    else:
        work(data, order["api"])


def _build_once() -> None:
    """An application of no library: what it has compiled need not be compiled by every child."""
    with tempfile.TemporaryDirectory() as folder:
        made = create_app(settings(Path(folder), "http://127.0.0.1:9"))
        made.extensions["shuxin"]["service"].store.close()


def main() -> None:
    """Fork one for each line; end with the input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    analysis.warm()
    Words("zh_Hans")
    understand("围城")
    _build_once()
    door = socket.socket()
    for order in map(json.loads, sys.stdin):
        if order["role"] == "door":
            door.close()
            door = socket.create_server(("127.0.0.1", 0), backlog=64)
            print(door.getsockname()[1], flush=True)
            continue
        child = os.fork()
        if child == 0:
            try:
                born(order, door)
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(1)
        print(child, flush=True)


if __name__ == "__main__":
    main()
