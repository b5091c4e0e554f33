"""Listens for terminals: a thread for each line, and no patience with half a frame."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from partners.sip2.kiosk import Kiosk, Terminal
from partners.sip2.session import Answers, Session

log = logging.getLogger(__name__)

MOST_LINES = 256
FRAME_BYTES = 8192  # longer than any message can be
FRAME_SECONDS = 20.0  # from a frame's first byte to its end, and from connecting to the login
LOOK_SECONDS = 0.5  # between two looks whether it is to end
SHORTAGE_SECONDS = 0.5  # before the next try, when the machine has no room for another line
IDLE_SECONDS = 3600.0  # a terminal keeps its line open between readers
ENDS = re.compile(rb"[\r\n]+")  # CR is the rule; CR LF, LF and LF before a frame are met in the field


class Sip2Server:
    """Takes its port at once, so that a port in use is told before anything else starts. Raises OSError."""

    def __init__(
        self, kiosk: Kiosk, terminals: Mapping[str, Terminal], host: str, port: int,
        frame_seconds: float = FRAME_SECONDS, idle_seconds: float = IDLE_SECONDS,
    ) -> None:  # fmt: skip
        self._kiosk = kiosk
        self._terminals = terminals
        self._frame_seconds = frame_seconds
        self._idle_seconds = idle_seconds
        self._answers = Answers()
        self._lines: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._socket = socket.create_server((host, port), backlog=128)
        self._socket.settimeout(LOOK_SECONDS)
        self.port = int(self._socket.getsockname()[1])

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop; then every line is closed."""
        while not stop.is_set():
            try:
                line, _address = self._socket.accept()
                self._take(line)
            except (TimeoutError, ConnectionError):
                continue
            except (OSError, RuntimeError):  # no descriptor or no thread is left; nobody would start this loop again
                log.exception("SIP2: a line could not be taken")
                stop.wait(SHORTAGE_SECONDS)
        self._socket.close()
        with self._guard:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _take(self, line: socket.socket) -> None:
        with self._guard:
            if len(self._lines) >= MOST_LINES:
                log.warning("SIP2: more than %d lines; one was turned away", MOST_LINES)
                line.close()
                return
            self._lines.add(line)
        try:
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()
        except RuntimeError:
            self._drop(line)
            raise

    def _drop(self, line: socket.socket) -> None:
        line.close()
        with self._guard:
            self._lines.discard(line)

    def _serve(self, line: socket.socket) -> None:
        session = Session(self._kiosk, self._terminals, self._answers)
        try:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._talk(line, session)
        except OSError:
            log.info("SIP2: a line was lost")
        except Exception:
            log.exception("SIP2: a line was cut")
        finally:
            self._drop(line)

    def _talk(self, line: socket.socket, session: Session) -> None:
        """Frame by frame, until the terminal or we have had enough."""
        waiting, deadline = b"", time.monotonic() + self._frame_seconds
        while True:
            *frames, waiting = ENDS.split(waiting)
            for frame in filter(None, frames):
                answer = session.answer(frame)
                if answer is None:
                    return
                line.settimeout(self._frame_seconds)
                line.sendall(answer)
            if frames and session.terminal:
                deadline = time.monotonic() + (self._frame_seconds if waiting else self._idle_seconds)
            left = deadline - time.monotonic()
            if left <= 0:  # who sends without end would never be waited for
                return
            line.settimeout(left)
            more = line.recv(4096)
            if not more or len(waiting) > FRAME_BYTES:
                return
            if not waiting and session.terminal:
                deadline = time.monotonic() + self._frame_seconds
            waiting += more
