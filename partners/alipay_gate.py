"""芝麻 gate: consent on Alipay's own page, then one question: is it at least T? Asked outside of every transaction."""

from __future__ import annotations

import hmac
import json
import logging
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
from cryptography.fernet import Fernet, InvalidToken

from lending import credit, notices, outside, rents
from lending.clock import Clock
from lending.database import Store, writing
from lending.errors import UnknownThing
from lending.model import Verdict
from lending.outside import Call
from partners import alipay
from partners.alipay import Account, NoAnswer, Refused

log = logging.getLogger(__name__)

PARTNER = "alipay"
PRODUCT = "w1010100000000002733"  # 芝麻分普惠版
SAID = {"Y": Verdict.YES, "N": Verdict.NO, "N/A": Verdict.CANNOT_TELL}
RENT = ".rent"  # behind the token where the reader wants their borrowing told
PATIENCE = timedelta(hours=20)  # theirs ends a day after the first question (B3.1)
CODES_A_DAY = 20  # of one reader: each is a row that stays, and a question to Alipay; who means it needs one or two
LOOK_SECONDS = 1.0


class TooManyCodes(Exception):
    """This reader came back more often in a day than anybody does who means it; this code is not kept."""


@dataclass(slots=True)
class AlipayGate:
    """Implements `lending.credit.Bureau`. `secret` seals what waits and hides our numbers from them."""

    account: Account
    store: Store
    clock: Clock
    public_url: str
    secret: bytes
    name: str = PARTNER
    simulated: bool = False

    def link(self, token: str) -> str:
        """Alipay's own consent page; it leads back to us."""
        return alipay.consent_link(self.account, f"{self.public_url}/webhooks/credit/alipay", token)

    def rent_link(self, token: str) -> str:
        """The same page, to be told who the reader is for 信用借还."""
        return self.link(token + RENT)

    def number(self, of: str) -> str:
        """A number for them that says nothing about whose it is: the same for the same, 64 characters."""
        return hmac.new(self.secret, of.encode(), "sha256").hexdigest()

    def seal(self, content: dict[str, str]) -> str:
        """So that only we read it."""
        return self._lock().encrypt(json.dumps(content).encode()).decode()

    def unseal(self, sealed: str) -> dict[str, str]:
        """Raises InvalidToken when the secret has changed."""
        return dict(json.loads(self._lock().decrypt(sealed.encode())))

    def _lock(self) -> Fernet:
        return Fernet(urlsafe_b64encode(sha256(self.secret).digest()))


def heard(gate: AlipayGate, token: str, code: str) -> bool:
    """The reader came back with a code: it is kept, sealed, and asked with in a moment. False when heard before.

    Raises UnknownThing for a link we never gave, or one whose consent was taken back; TooManyCodes.
    """
    now, kind = gate.clock.now(), "rent" if token.endswith(RENT) else "score"
    with writing(gate.store.db) as db:
        check = credit.check_by_token(db, token.removesuffix(RENT))
        if kind == "score" and check.verdict:
            return False
        key = f"{PARTNER}:{kind}:{check.id}:{sha256(f'{token}:{code}'.encode()).hexdigest()[:16]}"
        sealed = gate.seal({"token": token, "code": code})
        new = outside.put(db, PARTNER, kind, key, check.reader_id, sealed, now)
        if outside.put_since(db, PARTNER, check.reader_id, now - timedelta(days=1)) > CODES_A_DAY:
            raise TooManyCodes
        return new


def work(gate: AlipayGate, web: httpx.Client) -> int:
    """Ask what is due; returns how many answers came."""
    answered = 0
    for call in outside.claim_due(gate.store.db, PARTNER, gate.clock.now()):
        try:
            answered += KINDS[call.kind](gate, web, call)
        except (InvalidToken, UnknownThing):  # another secret now, or the consent was taken back meanwhile
            _end(gate, call, "cannot be asked any more")
    return answered


def run(gate: AlipayGate) -> Callable[[threading.Event], None]:
    """The worker's loop."""

    def keep_asking(stop: threading.Event) -> None:
        with httpx.Client() as web:
            while not stop.is_set():
                try:
                    work(gate, web)
                except Exception:
                    log.exception("the gate goes on")
                stop.wait(LOOK_SECONDS)

    return keep_asking


# ---- the question --------------------------------------------------------------------------------------------------


def _score(gate: AlipayGate, web: httpx.Client, call: Call) -> bool:
    told, now = gate.unseal(call.sealed), gate.clock.now()
    check = credit.check_by_token(gate.store.db, told["token"])
    try:
        told = _who(gate, web, call, told)
        answer = alipay.call(gate.account, web, "zhima.credit.score.brief.get", now, _question(gate, check, told))
        verdict, reference = SAID[answer["is_admittance"]], str(answer.get("biz_no", ""))
    except (NoAnswer, KeyError) as error:
        log.warning("芝麻: %s", error)
        return _wait(gate, call, check, now)
    except Refused as error:
        log.warning("芝麻: refused, %s", error)
        return _again(gate, call, check, now)
    return _settle(gate, call, told["token"], verdict, reference, now)


def _who(gate: AlipayGate, web: httpx.Client, call: Call, told: dict[str, str]) -> dict[str, str]:
    """Their number for the person, against the code, which works once: kept, sealed, until there is an answer."""
    if "user" in told:
        return told
    answer = alipay.call(
        gate.account, web, "alipay.system.oauth.token", gate.clock.now(),
        grant_type="authorization_code", code=told["code"],
    )  # fmt: skip
    kind = "open_id" if "open_id" in answer else "user_id"
    told = {"token": told["token"], "user": str(answer[kind]), "kind": kind}
    with writing(gate.store.db) as db:
        outside.reseal(db, call.id, gate.seal(told))
    return told


def _question(gate: AlipayGate, check: credit.Check, told: dict[str, str]) -> dict[str, Any]:
    who = {"open_id": told["user"]} if told["kind"] == "open_id" else {"cert_no": told["user"]}
    return {
        "transaction_id": gate.number(check.transaction_id), "product_code": PRODUCT,
        "cert_type": "ALIPAY_USER_ID", "admittance_score": check.threshold, **who,
    }  # fmt: skip


def _settle(gate: AlipayGate, call: Call, token: str, verdict: Verdict, reference: str, now: datetime) -> bool:
    with writing(gate.store.db) as db:
        credit.record_verdict(db, token, verdict, reference, now)
        return outside.finish(db, call.id, verdict)


def _wait(gate: AlipayGate, call: Call, check: credit.Check, now: datetime) -> bool:
    """Said once that it takes longer; after most of a day it is "cannot tell", which is not "no"."""
    if now - call.made_at >= PATIENCE:
        return _settle(gate, call, check.token, Verdict.CANNOT_TELL, "no answer", now)
    with writing(gate.store.db) as db:
        notices.record(db, check.reader_id, "bureau", f"check:{check.id}", "waits", now)
    return False


def _again(gate: AlipayGate, call: Call, check: credit.Check, now: datetime) -> bool:
    """The code was used up, or they will not say: the reader may go to their page once more."""
    with writing(gate.store.db) as db:
        notices.record(db, check.reader_id, "bureau", f"call:{call.id}", "again", now)
        outside.finish(db, call.id, "refused")
    return False


def _end(gate: AlipayGate, call: Call, note: str) -> None:
    with writing(gate.store.db) as db:
        outside.finish(db, call.id, note)


def _rent(gate: AlipayGate, web: httpx.Client, call: Call) -> bool:
    """Who the reader is to them, kept sealed for 信用借还 for as long as the reader wants it."""
    try:
        told = _who(gate, web, call, gate.unseal(call.sealed))
    except NoAnswer:
        return False
    except Refused:
        _end(gate, call, "refused")
        return False
    with writing(gate.store.db) as db:
        rents.know(db, call.reader_id, gate.seal({"user": told["user"], "kind": told["kind"]}))
        return outside.finish(db, call.id, "known")


KINDS: dict[str, Callable[[AlipayGate, httpx.Client, Call], bool]] = {"score": _score, "rent": _rent}
