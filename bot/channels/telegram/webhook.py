"""Where Telegram posts its updates: POST /webhooks/telegram."""

from __future__ import annotations

import hmac
import json
import sys
from typing import Any

from flask import Blueprint, Request, Response, abort, jsonify, request

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.updates import query_id
from lending.errors import StoreUnwritable

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES = 1_000_000
RETRY_SECONDS = 5
TOAST_CHARACTERS = 200


def blueprint(intake: Intake, secret: str) -> Blueprint:
    """The webhook. 403 without the secret, 503 while the store cannot be written, otherwise 200.

    A button press is answered in the response itself, which needs no call to Telegram.
    """
    pages = Blueprint("telegram", __name__)

    @pages.post("/webhooks/telegram")
    def telegram_update() -> Response:
        _check_secret(request, secret)
        payload = _payload(request, intake)
        if payload is None:
            return jsonify({})
        try:
            toast = intake.take(payload)
        except StoreUnwritable:
            return Response(status=503, headers={"Retry-After": str(RETRY_SECONDS)})
        return jsonify(_answer(payload, toast))

    return pages


def _check_secret(asked: Request, secret: str) -> None:
    given = asked.headers.get(SECRET_HEADER, "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        abort(403)


def _payload(asked: Request, intake: Intake) -> Any:
    """The update; None when the body is no JSON or far too long, which is kept and answered 200.

    Anything but a 2xx would make Telegram send it again and hold back the chat's later messages.
    """
    asked.max_content_length = sys.maxsize  # the application's own limit would answer 413; ours is read to below
    body = asked.stream.read(BODY_BYTES + 1)
    error = "longer than a megabyte" if len(body) > BODY_BYTES else ""
    try:
        payload = None if error else json.loads(body)
    except (ValueError, RecursionError) as broken:
        error = f"not JSON: {broken}"
    if not error and payload is not None:
        return payload
    _keep(intake, body.decode("utf-8", "replace"), error or "null")
    return None


def _keep(intake: Intake, body: str, error: str) -> None:
    try:
        intake.set_aside(body, error)
    except StoreUnwritable:
        abort(Response(status=503, headers={"Retry-After": str(RETRY_SECONDS)}))


def _answer(payload: Any, toast: str | None) -> dict[str, str]:
    """What Telegram is to do in reply: end the spinner of the pressed button."""
    asked = query_id(payload)
    if asked is None:
        return {}
    answer = {"method": "answerCallbackQuery", "callback_query_id": asked}
    return answer | {"text": toast[:TOAST_CHARACTERS]} if toast else answer
