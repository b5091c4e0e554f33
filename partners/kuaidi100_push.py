"""Where 快递100 pushes what it knows: POST /webhooks/courier/kuaidi100, a signed form, answered the way it expects."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, jsonify, request

from lending import follows, parcels, tracking
from lending.clock import Clock
from lending.database import Store
from lending.errors import StoreUnwritable, UnknownThing
from lending.policy import Policy
from partners import kuaidi100

BODY_BYTES = 256 * 1024  # a push holds the whole way


def pushes(store: Store, policy: Policy, clock: Clock, salt: str) -> Blueprint:
    """The one address; without a salt all is refused."""
    made = Blueprint("kuaidi100", __name__, url_prefix="/webhooks/courier")
    made.add_url_rule("/kuaidi100", "push", partial(_take, store, policy, clock, salt), methods=["POST"])
    return made


def _take(store: Store, policy: Policy, clock: Clock, salt: str) -> tuple[Response, int]:
    """200 heard, also for a parcel that is not ours any more: they need not repeat it; 503 makes them repeat it."""
    request.max_content_length = BODY_BYTES
    now = clock.now()
    try:
        if not salt:
            raise kuaidi100.BadSignature
        number, words = kuaidi100.pushed(request.form, salt, now)
        tracking.hear(store.db, number, words, "courier", policy, now)
        follows.answered(store.db, parcels.by_tracking(store.db, number).id, policy, now)
    except kuaidi100.BadSignature:
        return _answer(False, "403", "sign"), 403
    except UnknownThing:
        return _answer(True, "200", "unknown"), 200
    except (ValueError, KeyError, TypeError, RecursionError):
        return _answer(False, "400", "param"), 400
    except StoreUnwritable:
        return _answer(False, "500", "later"), 503
    return _answer(True, "200", "成功"), 200


def _answer(result: bool, code: str, message: str) -> Response:
    return jsonify(result=result, returnCode=code, message=message)
