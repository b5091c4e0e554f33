"""The load: updates posted at random moments, open loop, each timed from when it was due. A process of its own.

Reads one JSON object ({"port", "path", "headers", "rate", "connections", "seed", "updates"}, and "apart" to stay on one
processor) and prints another ({"seconds", "errors"}), seconds in the order of the updates.
"""

from __future__ import annotations

import json
import os
import random
import socket
import sys
import threading
import time
from typing import Any


class Line:
    """One connection, kept open; as little of HTTP as it takes."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, request: bytes) -> int:
        """The status of the answer, read to its end."""
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._some()
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        missing = int(fields.get(b"content-length", b"0")) - len(body)
        while missing > 0:
            missing -= len(self._some())
        return int(head.split(b" ", 2)[1])

    def _some(self) -> bytes:
        read = self._socket.recv(65536)
        if not read:
            raise ConnectionError("closed")
        return read


def request(path: str, headers: dict[str, str], update: Any) -> bytes:
    """A whole POST."""
    body = json.dumps(update, ensure_ascii=False).encode()
    fields = headers | {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def stay_apart() -> None:
    """On one processor: what stands for readers and for Telegram elsewhere must not take the service's turns on all."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def fire(order: dict[str, Any]) -> dict[str, Any]:
    """Post every update at its moment, on whichever connection is free."""
    chance, due = random.Random(order["seed"]), 0.2
    jobs: list[tuple[float, bytes]] = []
    for update in order["updates"]:
        due += chance.expovariate(order["rate"])
        jobs.append((due, request(order["path"], order["headers"], update)))
    seconds, errors = [0.0] * len(jobs), [0]
    waiting, guard, started = iter(enumerate(jobs)), threading.Lock(), time.perf_counter()

    def work() -> None:
        line = Line(order["port"])
        while True:
            with guard:
                number, (moment, post) = next(waiting, (-1, (0.0, b"")))
            if number < 0:
                return
            time.sleep(max(0.0, started + moment - time.perf_counter()))
            errors[0] += line.post(post) != 200
            seconds[number] = time.perf_counter() - started - moment

    threads = [threading.Thread(target=work) for _ in range(order["connections"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"seconds": seconds, "errors": errors[0]}


def main() -> None:
    """Read, fire, print."""
    order = json.load(sys.stdin)
    if order.get("apart"):
        stay_apart()
    print(json.dumps(fire(order)))


if __name__ == "__main__":
    main()
