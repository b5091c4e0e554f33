"""多留几天 as a button, wherever books wait for their reader and may wait longer (D 39)."""

from __future__ import annotations

from datetime import datetime

from bot.events import Button
from bot.texts import Words
from lending import extensions
from lending.database import Database
from lending.holds import Hold
from lending.orders import Order
from lending.policy import Policy


def of_order(_: Words, db: Database, order: Order, policy: Policy, now: datetime) -> tuple[Button, ...]:
    """The button, or nothing where the rules, or readers who wait, do not allow it."""
    if extensions.why_no_order(db, order, policy, now):
        return ()
    return (Button(_label(_, policy), f"ko:{order.number}"),)


def of_hold(_: Words, db: Database, hold: Hold, policy: Policy, now: datetime) -> tuple[Button, ...]:
    """The same for a copy kept for whoever waited."""
    if extensions.why_no_hold(db, hold, policy, now):
        return ()
    return (Button(_label(_, policy), f"kh:{hold.id}"),)


def _label(_: Words, policy: Policy) -> str:
    return _.n("多留 {n} 天", "多留 {n} 天", policy.promise.extend_days)
