"""Asks 快递100 to follow the parcels that are due, and about those that fell silent; the worker's loop does it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import httpx

from lending import follows, tracking
from lending.database import Row, Store
from lending.policy import Policy
from partners import kuaidi100
from partners.kuaidi100 import Account, NotNow, Refused

log = logging.getLogger(__name__)
ACTOR = "courier"
SECONDS = 30.0


def follow_due(store: Store, client: httpx.Client, account: Account, policy: Policy, now: datetime) -> int:
    """Ask about every parcel that is due; returns how many were answered. The store is free while they think."""
    return sum(_ask(store, client, account, row, policy, now) for row in follows.due(store.db, now))


def _ask(store: Store, client: httpx.Client, account: Account, row: Row, policy: Policy, now: datetime) -> bool:
    of = (client, account, row["company"], row["tracking"], row["phone"])
    try:
        if row["state"] == "waiting":
            kuaidi100.follow(*of)
        else:
            tracking.hear(store.db, row["tracking"], kuaidi100.look_up(*of), ACTOR, policy, now)
    except NotNow as error:
        follows.not_now(store.db, row["parcel_id"], str(error), policy, now)
        return False
    except Refused as error:
        follows.refused(store.db, row["parcel_id"], str(error))
        return False
    follows.answered(store.db, row["parcel_id"], policy, now)
    return True


def keep_following(
    store: Store, account: Account, policy: Policy, now: Callable[[], datetime], stop: threading.Event
) -> None:
    """Until the worker ends; nothing that fails here ends the loop."""
    with httpx.Client() as client:
        while not stop.is_set():
            try:
                follow_due(store, client, account, policy, now())
            except Exception:
                log.exception("parcels will be asked after again")
            stop.wait(SECONDS)
