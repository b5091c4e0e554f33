"""信用借还 at Alipay: borrowed, renewed, returned, told by the reader's wish; "图书×1", never a title (A2-10)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.fernet import InvalidToken

from lending import rents
from lending.model import LIBRARY_ZONE
from lending.rents import Step
from partners import alipay
from partners.alipay import NoAnswer, Refused
from partners.alipay_gate import AlipayGate

log = logging.getLogger(__name__)

METHOD = "zhima.merchant.order.rent."
PRODUCT = "w1010100000000002858"  # 信用借还
WRITTEN = "%Y-%m-%d %H:%M:%S"  # their times
COMPARED_EVERY = timedelta(days=1)
PAUSE_SECONDS = 60.0
ENDED = {"complete": "completed", "cancel": "cancelled"}


def number(gate: AlipayGate, loan_id: int) -> str:
    """The order's number with them: the same however often it is told, and saying nothing."""
    return gate.number(f"rent:{loan_id}")[:32]


def content(gate: AlipayGate, step: Step) -> dict[str, Any]:
    """What they are told of one step. Raises InvalidToken when what was sealed cannot be read any more."""
    told: dict[str, Any] = {"out_order_no": number(gate, step.loan_id), "product_code": PRODUCT}
    if step.kind == "create":
        who = gate.unseal(step.sealed)
        told |= {
            "goods_name": "图书×1", "rent_unit": "DAY_YUAN", "rent_amount": "0.00", "deposit_amount": "0.00",
            "deposit_state": "N", "borrow_time": _time(step.starts), who["kind"]: who["user"],
        }  # fmt: skip
    if step.kind in ("create", "modify"):
        told |= {"expiry_time": _time(step.due)}
    if step.kind == "complete":
        told |= {"restore_time": _time(step.returned), "pay_amount_type": "RENT", "pay_amount": "0.00"}
    return told


def _time(moment: datetime | None) -> str:
    assert moment is not None, "the step's condition sees to it"
    return moment.astimezone(LIBRARY_ZONE).strftime(WRITTEN)


def _moment(theirs: Any) -> datetime | None:
    """A time as they write it; None for what is none."""
    try:
        return datetime.strptime(str(theirs), WRITTEN).replace(tzinfo=LIBRARY_ZONE)
    except ValueError:
        return None


def sync(gate: AlipayGate, web: httpx.Client) -> int:
    """Tell what is to be told; returns how much was. Raises NoAnswer when they are not there."""
    done = 0
    for step in rents.steps(gate.store.db):
        now = gate.clock.now()
        try:
            alipay.call(gate.account, web, METHOD + step.kind, now, content(gate, step))
        except (Refused, InvalidToken) as error:
            log.warning("信用借还: %s of a loan: %s", step.kind, error)
            rents.refused(gate.store.db, step, now)
            continue
        rents.told(gate.store.db, step, now)
        done += 1
    return done


def reconcile(gate: AlipayGate, web: httpx.Client) -> int:
    """Once a day each open record is compared with theirs; returns how many were. Raises NoAnswer."""
    now = gate.clock.now()
    loans = rents.unchecked(gate.store.db, now - COMPARED_EVERY)
    for loan_id in loans:
        try:
            theirs = alipay.call(gate.account, web, METHOD + "query", now, {"out_order_no": number(gate, loan_id)})
        except Refused:
            theirs = {}
        state = str(theirs.get("state", ""))
        rents.compared(gate.store.db, loan_id, ENDED.get(state, state), _moment(theirs.get("expiry_time")), now)
    return len(loans)


def run(gate: AlipayGate) -> Callable[[threading.Event], None]:
    """The worker's loop."""

    def keep_telling(stop: threading.Event) -> None:
        with httpx.Client() as web:
            while not stop.is_set():
                try:
                    sync(gate, web)
                    reconcile(gate, web)
                except NoAnswer as error:
                    log.warning("信用借还: %s; again in a minute", error)
                    stop.wait(PAUSE_SECONDS)
                except Exception:
                    log.exception("信用借还 goes on")
                stop.wait(5.0)

    return keep_telling
