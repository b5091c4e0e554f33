"""快递100: asks it to follow a parcel, hears what it pushes, and looks up what has fallen silent.

Its rules, from its own documents: a subscription is a form with the key in `param`; what it pushes is signed with
MD5(param + salt), what we look up with MD5(param + key + customer), each as 32 capital letters and digits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from lending.model import LIBRARY_ZONE
from lending.tracking import Word

SITE = "https://poll.kuaidi100.com"
SECONDS = 8.0
STATES = {  # their state → ours; what a station or box has signed for is not yet with the reader (B4)
    "101": "created", "102": "created",
    "1": "collected", "103": "collected",
    "0": "in_transit", "7": "in_transit", "8": "in_transit", "1001": "in_transit", "1002": "in_transit",
    "1003": "in_transit", "10": "in_transit", "11": "in_transit", "12": "in_transit", "13": "in_transit",
    "5": "out_for_delivery",
    "501": "at_pickup_point", "304": "at_pickup_point", "303": "at_pickup_point",
    "2": "problem", "201": "problem", "202": "problem", "204": "problem", "205": "problem", "206": "problem",
    "207": "problem", "208": "problem", "209": "problem", "210": "problem", "401": "problem",
    "14": "refused", "203": "refused",
    "6": "returning",
    "4": "returned",
    "3": "signed", "301": "signed", "302": "signed",
}  # fmt: skip
NAMES = {  # the same where only the name is given
    "已下单": "created", "待揽收": "created", "揽收": "collected", "已揽收": "collected",
    "在途": "in_transit", "到达派件城市": "in_transit", "干线": "in_transit", "转递": "in_transit",
    "转投": "in_transit", "转单": "in_transit", "清关": "in_transit", "派件": "out_for_delivery",
    "投柜或驿站": "at_pickup_point", "投柜或站签收": "at_pickup_point", "投柜或驿站签收": "at_pickup_point",
    "代签": "at_pickup_point", "疑难": "problem", "已销单": "problem", "拒签": "refused", "拒收": "refused",
    "退回": "returning", "退签": "returned", "签收": "signed", "本人签收": "signed", "派件异常后签收": "signed",
}  # fmt: skip
FOLLOWED = ("200", "501")  # taken, and taken before
FINAL = ("600", "601", "700", "701", "702")  # the key, the company or the number is wrong: asking again is no use


@dataclass(frozen=True, slots=True)
class Account:
    """What the library has agreed with them; `callback` is our address for their pushes."""

    key: str
    customer: str
    salt: str
    callback: str
    site: str = SITE


class NotNow(Exception):
    """No answer, or their trouble: to be asked again later."""


class Refused(Exception):
    """They will not follow it; the text is their reason."""


class BadSignature(Exception):
    """Whoever sent this is not them."""


def md5(text: str) -> str:
    """32 capital letters and digits. Their choice of digest, not ours."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def follow(client: httpx.Client, account: Account, company: str, tracking: str, phone: str) -> None:
    """Ask them to follow a parcel; asked twice it is followed once. Raises NotNow, Refused.

    Some companies want a phone number's last four digits to look anything up; no more is given.
    """
    parameters = {"callbackurl": account.callback, "salt": account.salt, "resultv2": "4", "phone": phone[-4:]}
    param = {"company": company, "number": tracking, "key": account.key, "parameters": parameters}
    answer = _post(client, f"{account.site}/poll", {"schema": "json", "param": _json(param)})
    _judge(str(answer.get("returnCode", "")), str(answer.get("message", "")), FOLLOWED)


def look_up(client: httpx.Client, account: Account, company: str, tracking: str, phone: str) -> list[Word]:
    """Everything they know about a parcel, for one we have not heard of. Raises NotNow, Refused."""
    param = _json({"com": company, "num": tracking, "phone": phone[-4:], "resultv2": "4"})
    sign = md5(param + account.key + account.customer)
    form = {"customer": account.customer, "sign": sign, "param": param}
    answer = _post(client, f"{account.site}/poll/query.do", form)
    if str(answer.get("status", "")) != "200":
        _judge(str(answer.get("returnCode", "")), str(answer.get("message", "")), ())
    try:
        return list(_words(answer))
    except (ValueError, KeyError, TypeError) as error:
        raise NotNow(f"{type(error).__name__}: {error}"[:200]) from error


def pushed(form: Mapping[str, str], salt: str, now: datetime) -> tuple[str, list[Word]]:
    """The tracking number and words of a push. Raises BadSignature, and ValueError for another form."""
    param = form.get("param", "")
    if not hmac.compare_digest(md5(param + salt).encode(), form.get("sign", "").strip().upper().encode()):
        raise BadSignature
    told = _object(json.loads(param))
    last = _object(told.get("lastResult"))
    words = list(_words(last))
    if told.get("status") == "abort" and not words:  # three days without a trace, or sixty without a change
        words = [Word("problem", now, str(told.get("message", "")))]
    return str(last.get("nu", "")), words


def _words(result: dict[str, Any]) -> Iterator[Word]:
    """Each line of theirs that says something we know; the newest stands first and may be said by the whole."""
    lines = [_object(line) for line in result.get("data") or []]
    for n, line in enumerate(lines):
        known = STATES.get(str(line.get("statusCode", ""))) or NAMES.get(str(line.get("status", "")))
        state = known or (STATES.get(str(result.get("state", ""))) if n == 0 else None)
        if state:
            place = str(line.get("context", "")).encode(errors="replace").decode()  # an emoji may be cut in half
            yield Word(state, _moment(str(line.get("ftime") or line["time"])), place)


def _moment(text: str) -> datetime:
    """Their clock is Beijing's."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=LIBRARY_ZONE)


def _post(client: httpx.Client, address: str, form: dict[str, str]) -> dict[str, Any]:
    try:
        answer = client.post(address, data=form, timeout=SECONDS)
        answer.raise_for_status()
        return _object(answer.json())
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        raise NotNow(f"{type(error).__name__}: {error}"[:200]) from error


def _judge(code: str, message: str, good: tuple[str, ...]) -> None:
    if code in FINAL:
        raise Refused(f"{code} {message}"[:200])
    if code not in good:
        raise NotNow(f"{code} {message}"[:200])


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    return value


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
