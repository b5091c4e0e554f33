"""Where simulated partners report by HTTP: POST /webhooks/{courier,locker,credit}/simulator, JSON with a secret."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request

from lending.clock import Clock
from lending.database import Database, Store
from lending.errors import CannotChange, StoreUnwritable, UnknownThing
from lending.policy import Policy
from partners import bureau_simulator, courier_simulator, locker_simulator

SECRET_HEADER = "X-Shuxin-Secret"
BODY_BYTES = 16 * 1024
Report = Callable[[Database, dict[str, Any], Policy, datetime], bool | dict[str, Any]]


def _bureau(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    return bureau_simulator.report(db, event, now)


def _locker(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool | dict[str, Any]:
    """A numbered line of the machine's log, or a question while it is connected."""
    return (locker_simulator.log if "seq" in event else locker_simulator.report)(db, event, policy, now)


PARTNERS: dict[str, Report] = {
    "courier": courier_simulator.report,
    "locker": _locker,
    "credit": _bureau,
}


def webhooks(store: Store, policy: Policy, clock: Clock, secret: str) -> Blueprint:
    """The three addresses. `secret` is what the header X-Shuxin-Secret must hold; without one all is refused."""
    made = Blueprint("partner_webhooks", __name__, url_prefix="/webhooks")
    for kind, report in PARTNERS.items():
        view = partial(_take, report, store, policy, clock, secret)
        made.add_url_rule(f"/{kind}/simulator", kind, view, methods=["POST"])
    return made


def _json() -> Any:
    try:
        return request.get_json(silent=True)
    except RecursionError:  # brackets within brackets within brackets
        return None


def _take(report: Report, store: Store, policy: Policy, clock: Clock, secret: str) -> tuple[Response, int]:
    """200 done, or done before; 400 not understood, 403 wrong secret, 404 unknown, 409 not possible, 503 not kept."""
    given = request.headers.get(SECRET_HEADER, "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return jsonify(error="forbidden"), 403
    request.max_content_length = BODY_BYTES
    event = _json()
    if not isinstance(event, dict):
        return jsonify(error="a JSON object is expected"), 400
    try:
        told = report(store.db, event, policy, clock.now())
        return jsonify(told if isinstance(told, dict) else {"result": "done" if told else "already"}), 200
    except UnknownThing as error:
        return jsonify(error="unknown", kind=error.kind, name=error.name), 404
    except CannotChange as error:
        return jsonify(error="not possible now", order=error.number, state=error.state), 409
    except (KeyError, ValueError, TypeError) as error:
        return jsonify(error="not understood", detail=str(error)[:200]), 400
    except StoreUnwritable:
        return jsonify(error="not kept, send it again"), 503
