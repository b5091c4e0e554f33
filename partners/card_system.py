"""Another library system's word on a card and its password: SIP2 patron status, as a client (A3-32).

SIP2 sends both in the clear: give it a line of its own, or stunnel. Nothing of the question is kept or logged.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime

from lending.model import LIBRARY_ZONE, Verdict
from lending.proofs import NoAnswer
from partners.sip2 import codec

SECONDS = 6.0  # for the whole question; a reader is waiting before the form
MOST_BYTES = 4096
ANSWER = re.compile(r"24.{14}.{3}.{18}(?P<fields>.*)", re.DOTALL)
SAID = {"Y": True, "N": False}
ADDRESS = re.compile(
    r"((?P<user>[^\s:@|]{1,40}):(?P<password>[^\s@|]{1,80})@)?(?P<host>[A-Za-z0-9.-]{1,253}):(?P<port>[0-9]{1,5})(/(?P<ao>[^\s|/]{1,40}))?"
)


@dataclass(slots=True)
class Sip2Cards:
    """Implements `lending.proofs.CardSystem` over a SIP2 line, opened for each question."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    institution: str = ""
    name: str = "sip2"
    simulated: bool = False

    def verify(self, kind: str, number: str, password: str) -> Verdict:
        """Yes: a valid patron (BL) with a valid password (CQ). Raises NoAnswer."""
        try:
            with socket.create_connection((self.host, self.port), SECONDS) as line:
                line.settimeout(SECONDS)
                if self.user and _ask(line, _login(self.user, self.password))[:3] != "941":
                    raise NoAnswer("login refused")
                return _verdict(_ask(line, _patron_status(self.institution, number, password)))
        except OSError as error:
            raise NoAnswer(type(error).__name__) from None  # the cause may hold what was sent


def read(text: str) -> Sip2Cards:
    """ "user:password@host:port/institution", user and institution as needed. Raises ValueError."""
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise ValueError("write it like user:password@10.0.0.5:6001/library; user and library may be left out")
    return Sip2Cards(found["host"], int(found["port"]), found["user"] or "", found["password"] or "", found["ao"] or "")


def _field(name: str, value: str) -> bytes:
    return name.encode() + codec.encode(value, "utf-8") + b"|"


def _login(user: str, password: str) -> bytes:
    return b"9300" + _field("CN", user) + _field("CO", password)


def _patron_status(institution: str, number: str, password: str) -> bytes:
    date = datetime.now(LIBRARY_ZONE).strftime("%Y%m%d    %H%M%S").encode()
    patron = _field("AO", institution) + _field("AA", number) + _field("AC", "") + _field("AD", password)
    return b"23019" + date + patron  # 019: Chinese


def _ask(line: socket.socket, message: bytes) -> str:
    frame = message + b"AY0AZ"
    line.sendall(frame + f"{-sum(frame) & 0xFFFF:04X}".encode() + b"\r")
    answer = b""
    while not answer.strip(b"\r\n") or answer[-1:] not in b"\r\n":
        more = line.recv(1024)
        answer += more
        if not more or len(answer) > MOST_BYTES:
            raise NoAnswer("half an answer")
    return codec.decode(answer.strip(b"\r\n"), "utf-8")


def _verdict(answer: str) -> Verdict:
    """A system that says nothing of the password cannot tell."""
    found = ANSWER.fullmatch(answer)
    if found is None:
        raise NoAnswer("not a patron status")
    fields = {part[:2]: part[2:] for part in found["fields"].split(codec.DELIMITER)}
    known, fits = SAID.get(fields.get("BL", "")), SAID.get(fields.get("CQ", ""))
    if known is False or fits is False:
        return Verdict.NO
    return Verdict.YES if known and fits else Verdict.CANNOT_TELL
