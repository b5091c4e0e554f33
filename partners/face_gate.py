"""What a verifier of persons found, asked for until they say: by the worker, outside of every transaction (A3-32)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from lending import outside, proofs
from lending.clock import Clock
from lending.database import Store, writing
from lending.outside import Call
from lending.proofs import NoAnswer, PersonVerifier

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


def work(store: Store, clock: Clock, verifier: PersonVerifier) -> int:
    """Ask what is due; returns how many answers came. Who never answers is given up by `proofs.tick`."""
    return sum(_ask(store, clock, verifier, call) for call in outside.claim_due(store.db, proofs.FACE, clock.now()))


def _ask(store: Store, clock: Clock, verifier: PersonVerifier, call: Call) -> bool:
    proof_id = int(call.sealed)
    receipt = proofs.reference(store.db, proof_id)
    try:
        said = verifier.answer(receipt) if receipt else None
    except NoAnswer:
        log.warning("face: no answer from %s", verifier.name)
        return False
    if receipt and said is None:
        return False
    with writing(store.db) as db:
        if said:
            proofs.settle(db, proof_id, said, clock.now())
        return outside.finish(db, call.id, said or "nobody waits for it any more") and bool(said)


def run(store: Store, clock: Clock, verifier: PersonVerifier) -> Callable[[threading.Event], None]:
    """The worker's loop."""

    def keep_asking(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                work(store, clock, verifier)
            except Exception:
                log.exception("the verifier of persons goes on")
            stop.wait(LOOK_SECONDS)

    return keep_asking
