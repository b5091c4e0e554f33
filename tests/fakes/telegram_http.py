"""HTTP for the fake Telegram: parameters in every form Telegram accepts, its answers, and cut connections."""

from __future__ import annotations

import json
import socket
import threading
import time
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.telegram_rules import Refusal

if TYPE_CHECKING:
    from tests.fakes.telegram_server import FakeTelegram


class Parameters(dict[str, str]):
    """A call's parameters as text, and the files that came with it."""

    def __init__(self, values: Any = ()) -> None:
        super().__init__(values)
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}  # what each file is called


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def serve(telegram: FakeTelegram) -> ThreadingHTTPServer:
    """Answer on a free port until shut down."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"telegram": telegram}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    telegram: FakeTelegram

    def do_POST(self) -> None:
        """A call."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        if url.path.startswith("/file/bot"):
            self._give_file(url.path)
            return
        token, _, method = url.path.removeprefix("/bot").partition("/")
        if token != "123:fake":
            self._answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            return
        parameters = Parameters(parse_qsl(url.query))
        _read(body, self.headers.get("Content-Type", ""), parameters)
        fault = self.telegram.fault(method, parameters)
        time.sleep(self.telegram.latency / 2)
        if fault == "cut before":
            self._cut()
            return
        code, answer = self._call(method, parameters)
        time.sleep(self.telegram.latency / 2)
        if fault == "cut after" and code == 200:
            self._cut()
            return
        self._answer(code, answer)

    do_GET = do_POST

    def _give_file(self, path: str) -> None:
        """Telegram's other address, where files lie under the token."""
        token, _, name = unquote(path).removeprefix("/file/bot").partition("/")
        fault = self.telegram.fault("file", Parameters({"path": name}))
        content = self.telegram.file(name) if token == "123:fake" else None
        if fault:
            self._cut()
            return
        head = f"HTTP/1.1 {404 if content is None else 200} .\r\nContent-Length: {len(content or b'')}\r\n\r\n"
        self.wfile.write(head.encode() + (content or b""))

    def _call(self, method: str, parameters: Parameters) -> tuple[int, dict[str, Any]]:
        try:
            return 200, {"ok": True, "result": self.telegram.call(method, parameters)}
        except Refusal as refusal:
            answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            if refusal.retry_after is not None:
                answer["parameters"] = {"retry_after": refusal.retry_after}
            return refusal.code, answer

    def _answer(self, code: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 {code} .\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            self.wfile.write(head.encode() + body)
        except OSError:
            self.close_connection = True

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep the tests' output quiet."""


def _read(body: bytes, kind: str, parameters: Parameters) -> None:
    if kind.startswith("application/json"):
        for name, value in json.loads(body or b"{}").items():
            parameters[name] = value if isinstance(value, str) else json.dumps(value)
    elif kind.startswith("multipart/form-data"):
        _read_multipart(body, kind, parameters)
    else:
        parameters.update(parse_qsl(body.decode(), keep_blank_values=True))


def _read_multipart(body: bytes, kind: str, parameters: Parameters) -> None:
    message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        if part.get_filename():  # type: ignore[union-attr]
            parameters.files[str(name)] = content  # type: ignore[assignment]
            parameters.names[str(name)] = str(part.get_filename())  # type: ignore[union-attr]
        else:
            parameters[str(name)] = content.decode()  # type: ignore[union-attr]
