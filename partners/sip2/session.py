"""One terminal's connection: login first, each request answered once, a repeated one answered as before."""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from lending.errors import StoreUnwritable
from partners.sip2 import codec, items, patrons
from partners.sip2.codec import BadFrame, Request, Values
from partners.sip2.kiosk import HOME_LANGUAGE, Call, Kiosk, Terminal
from partners.sip2.messages import SUPPORTED

log = logging.getLogger(__name__)

Handler = Callable[[Call], Values]
TRIES = 3  # wrong logins before the line is cut
REPEAT_SECONDS = 60.0  # within which the same request is taken for the same wish
REMEMBERED = 512
REFUSED = b"0"  # behind the code of an answer: nothing was done, so that it may be asked anew at any time

HANDLERS: dict[str, tuple[str, Handler]] = {  # request → answer, and who makes it
    "01": ("24", patrons.block_patron), "09": ("10", items.checkin), "11": ("12", items.checkout),
    "15": ("16", items.hold), "17": ("18", items.item_information), "19": ("20", items.item_status),
    "23": ("24", patrons.patron_status), "25": ("26", patrons.enable_patron), "29": ("30", items.renew),
    "35": ("36", patrons.end_session), "37": ("38", patrons.fee_paid), "63": ("64", patrons.patron_information),
    "65": ("66", items.renew_all),
}  # fmt: skip
CHANGES = ("01", "09", "11", "15", "29", "37", "65")  # must not be done twice because an answer was lost


class Answers:
    """What was answered of late to requests that change something, whichever line they came on.

    Until something else is done with the same item: a terminal without a clock may lend what has just come back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, bytes], tuple[bytes, float, str]] = OrderedDict()
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}

    def turn(self, terminal: str) -> threading.Lock:
        """Held while a change is made: the same request on another line waits for its answer."""
        with self._guard:
            return self._turns.setdefault(terminal, threading.Lock())

    def find(self, terminal: str, frame: bytes) -> bytes | None:
        """The answer to this very frame, if it was given within a minute."""
        with self._guard:
            answer, at, _item = self._kept.get((terminal, frame), (b"", 0.0, ""))
        return answer if answer and self._clock() - at < REPEAT_SECONDS else None

    def keep(self, terminal: str, frame: bytes, answer: bytes, item: str = "") -> None:
        """Remember it; the oldest are forgotten, and what else was said of the item."""
        with self._guard:
            for other in [key for key, (_, _, about) in self._kept.items() if item and about == item]:
                del self._kept[other]
            self._kept[terminal, frame] = answer, self._clock(), item
            self._kept.move_to_end((terminal, frame))
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)


class Session:
    """A connection's state: which terminal it is, and what was said last."""

    def __init__(self, kiosk: Kiosk, terminals: Mapping[str, Terminal], answers: Answers) -> None:
        self._kiosk = kiosk
        self._terminals = terminals
        self._answers = answers
        self._tries = 0
        self._last = b""
        self.terminal: Terminal | None = None

    def answer(self, frame: bytes) -> bytes | None:
        """The answer to one frame; None to cut the line."""
        encoding = self.terminal.encoding if self.terminal else "utf-8"
        try:
            request = codec.read(frame, encoding)
        except BadFrame as error:
            log.info("SIP2: %s", error)
            return codec.write("96", {})  # send it again
        if request.code == "97":
            return self._last or codec.write("96", {})
        made = self._login(request) if request.code == "93" else self._logged_in(frame, request)
        self._last = made or b""
        return made

    def _login(self, request: Request) -> bytes | None:
        """93 → 94. Plain passwords only, as all terminals send; after three wrong ones the line is cut."""
        found = self._terminals.get(request["CN"])
        given = request["CO"].encode()
        right = hmac.compare_digest(given, found.password.encode() if found else b"") and found is not None
        plain = request.fixed["uid_algorithm"] + request.fixed["pwd_algorithm"] in ("00", "  ")
        self.terminal = found if right and plain else None
        self._tries += self.terminal is None
        if self._tries > TRIES:
            return None
        return codec.write("94", {"ok": "1" if self.terminal else "0"}, request)

    def _logged_in(self, frame: bytes, request: Request) -> bytes | None:
        if self.terminal is None:
            log.info("SIP2: %s before a login", request.code)
            return None
        if request.code not in CHANGES:
            return self._made(self.terminal, request)
        with self._answers.turn(self.terminal.name):
            made = self._answers.find(self.terminal.name, frame)
            if made is None and (made := self._made(self.terminal, request)) and made[2:3] != REFUSED:
                self._answers.keep(self.terminal.name, frame, made, request["AB"].upper())
        return made

    def _made(self, terminal: Terminal, request: Request) -> bytes | None:
        try:
            code, values = self._ask(Call(self._kiosk, terminal, request, self._kiosk.clock.now()))
        except StoreUnwritable:  # the terminal will ask again
            return None
        return codec.write(code, values, request, terminal.encoding)

    def _ask(self, call: Call) -> tuple[str, Values]:
        if call.request.code == "99":
            return "98", status(call)
        code, handler = HANDLERS[call.request.code]
        return code, handler(call)


def status(call: Call) -> Mapping[str, str | Sequence[str]]:
    """99 → 98: what this library does. No offline transactions: a rule cannot be asked afterwards."""
    return {
        "online": "Y", "checkin": "Y", "checkout": "Y", "renewal": "Y", "status_update": "N", "offline": "N",
        "timeout": "100", "retries": "003", "date": call.date(), "version": "2.00", "AO": call.kiosk.library,
        "AM": call.kiosk.library, "BX": SUPPORTED, "AN": call.terminal.point.name,
        "AF": call.screen(call.say(HOME_LANGUAGE)("书信自助借还：免押金，凭信用借书。")),
    }  # fmt: skip
