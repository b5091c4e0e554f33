"""Where Telegram posts its updates: POST /webhooks/telegram.

It stands before Flask: matching a route, a session and a response object take longer than all that is done here.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.updates import query_id
from lending.errors import StoreUnwritable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/webhooks/telegram"
SECRET_HEADER = "HTTP_X_TELEGRAM_BOT_API_SECRET_TOKEN"
BODY_BYTES = 1_000_000
RETRY_SECONDS = 5
TOAST_CHARACTERS = 200
NOTHING = b"{}"

Answer = tuple[str, bytes]


def webhook(pages: WSGIApplication, intake: Intake, secret: str) -> WSGIApplication:
    """The pages with the webhook before them. 403 without the secret, 503 while the store cannot be written, else 200.

    A button press is answered in the response itself, which needs no call to Telegram.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if environ.get("PATH_INFO") != PATH:
            return pages(environ, start_response)
        status, body = _answer(environ, intake, secret.encode())
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if status.startswith("503"):
            headers.append(("Retry-After", str(RETRY_SECONDS)))
        start_response(status, headers)
        return [body]

    return serve


def _answer(environ: WSGIEnvironment, intake: Intake, secret: bytes) -> Answer:
    if environ["REQUEST_METHOD"] != "POST":
        return "405 Method Not Allowed", NOTHING
    if not secret or not hmac.compare_digest(environ.get(SECRET_HEADER, "").encode("latin-1"), secret):
        return "403 Forbidden", NOTHING
    try:
        return "200 OK", _take(environ["wsgi.input"].read(_length(environ)), intake)
    except StoreUnwritable:
        return "503 Service Unavailable", NOTHING


def _length(environ: WSGIEnvironment) -> int:
    """How much of the body to read: all that is announced, up to a little more than we take."""
    announced = environ.get("CONTENT_LENGTH", "")
    return min(int(announced) if announced.isdecimal() else 0, BODY_BYTES + 1)


def _take(body: bytes, intake: Intake) -> bytes:
    """What to answer an update with. No JSON, or far too long: it is kept, and answered 200.

    Anything but a 2xx would make Telegram send it again and hold back the chat's later messages. Raises
    StoreUnwritable.
    """
    error = "longer than a megabyte" if len(body) > BODY_BYTES else ""
    try:
        payload = None if error else json.loads(body)
    except (ValueError, RecursionError) as broken:
        error = f"not JSON: {broken}"
    if error or payload is None:
        intake.set_aside(body.decode("utf-8", "replace"), error or "null")
        return NOTHING
    return _reply(payload, intake.take(payload))


def _reply(payload: Any, toast: str | None) -> bytes:
    """What Telegram is to do: end the spinner of the pressed button."""
    asked = query_id(payload)
    if asked is None:
        return NOTHING
    answer = {"method": "answerCallbackQuery", "callback_query_id": asked}
    return json.dumps(answer | {"text": toast[:TOAST_CHARACTERS]} if toast else answer).encode()
