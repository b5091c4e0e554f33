"""Another system's word on a card by SIP2: what we send is read by another's reader, answers are believed (A3-32)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pysip2
import pytest

from lending.model import Verdict
from lending.proofs import CardSystem, NoAnswer
from partners import card_system
from partners.card_system import Sip2Cards

NUMBER, PASSWORD = "HZ2026 0001", "s3cret"


class Ils:
    """A library system on a free port: answers each frame with the next of `answers`, keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._socket.accept()
            except OSError:
                return
            with line:
                while self.answers and (frame := self._frame(line)):
                    self.heard.append(frame)
                    line.sendall(self.answers.pop(0))

    @staticmethod
    def _frame(line: socket.socket) -> bytes:
        got = b""
        while not got.endswith(b"\r"):
            more = line.recv(1024)
            if not more:
                return b""
            got += more
        return got

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ils() -> Iterator[Ils]:
    made = Ils()
    yield made
    made.close()


def status(**fields: str) -> bytes:
    """A patron status answer (24)."""
    said = {"AO": "hz", "AA": NUMBER, "AE": "somebody", **fields}
    return (
        "24" + " " * 14 + "019" + "20261121    100000" + "".join(f"{k}{v}|" for k, v in said.items()) + "\r"
    ).encode()


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"BL": "Y", "CQ": "Y"}, Verdict.YES), ({"BL": "Y", "CQ": "N"}, Verdict.NO),
        ({"BL": "N", "CQ": "N"}, Verdict.NO), ({"BL": "N"}, Verdict.NO),
        ({"BL": "Y"}, Verdict.CANNOT_TELL), ({}, Verdict.CANNOT_TELL), ({"CQ": "Y"}, Verdict.CANNOT_TELL),
    ],
)  # fmt: skip
def test_yes_no_and_cannot_tell(ils: Ils, fields: dict[str, str], verdict: Verdict) -> None:
    ils.answers = [status(**fields)]
    system: CardSystem = Sip2Cards("127.0.0.1", ils.port)
    assert system.verify("library", NUMBER, PASSWORD) is verdict


def test_a_strict_reader_understands_what_is_asked(ils: Ils) -> None:
    """pysip2, written by others, decodes our frame and checks its sum."""
    ils.answers = [b"941\r", status(BL="Y", CQ="Y")]
    system = card_system.read(f"us:them@127.0.0.1:{ils.port}/hz")
    assert system.verify("library", NUMBER, PASSWORD) is Verdict.YES
    login, asked = (pysip2.decode_message(frame, encoding="utf-8") for frame in ils.heard)
    assert login.checksum and asked.checksum
    assert b"CNus|COthem|" in ils.heard[0]
    assert ils.heard[1].startswith(b"23019") and b"AOhz|" in ils.heard[1]
    assert f"AA{NUMBER}|".encode() in ils.heard[1] and f"AD{PASSWORD}|".encode() in ils.heard[1]


@pytest.mark.parametrize("answers", [[b"940\r"], [b"941\r", b"96\r"], [b"941\r", b"24"], [b"941\r", b"x" * 5000], []])
def test_what_is_no_answer_is_none_and_says_nothing_of_the_question(ils: Ils, answers: list[bytes]) -> None:
    ils.answers = answers
    with pytest.raises(NoAnswer) as refused:
        card_system.read(f"us:them@127.0.0.1:{ils.port}").verify("library", NUMBER, PASSWORD)
    assert NUMBER not in str(refused.value) and PASSWORD not in str(refused.value)
    assert refused.value.__cause__ is None


def test_nobody_there_is_no_answer(ils: Ils) -> None:
    ils.close()
    with pytest.raises(NoAnswer):
        Sip2Cards("127.0.0.1", 1).verify("library", NUMBER, PASSWORD)


def test_a_delimiter_in_what_was_typed_adds_no_field(ils: Ils) -> None:
    ils.answers = [status(BL="Y", CQ="N")]
    Sip2Cards("127.0.0.1", ils.port).verify("library", "1|BLY|", "x|CQY\r")
    assert ils.heard[0].count(b"|") == 4


@pytest.mark.parametrize("text", ["", "host", "host:0", "host:70000", "a b:1", "u:p@:1", "host:1/a b"])
def test_a_wrong_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        card_system.read(text)
