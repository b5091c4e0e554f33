"""Signing in and out, slowly for those who guess."""

from __future__ import annotations

import ipaddress
import math
import secrets
import time
from contextlib import suppress
from functools import partial
from hashlib import sha256

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, staff
from admin.desk import Desk
from admin.pages import page
from lending.errors import StoreUnwritable

PER_ADDRESS = RateLimitItemPerMinute(20)
PER_GUESSER = RateLimitItemPerMinute(8, 5)  # of one name from one address, or from a browser that knows it
PER_NAME = RateLimitItemPerHour(300)  # from everywhere: more than three addresses can use up by themselves
KNOWN_SECONDS = 365 * 24 * 3600  # how long after a sign-in a browser is known by it
Tries = tuple[tuple[RateLimitItem, str, str], ...]


def add_to(made: Blueprint, desk: Desk) -> None:
    """Sign in, sign out, choose a language."""
    tries = MovingWindowRateLimiter(MemoryStorage())
    made.add_url_rule("/login", "sign_in", partial(sign_in, desk, tries), methods=["GET", "POST"])
    made.add_url_rule("/logout", "sign_out", partial(sign_out, desk), methods=["POST"])
    made.add_url_rule("/language", "set_language", partial(guard.set_language, desk), methods=["POST"])


def _address() -> str:
    return request.remote_addr or ""


def _name() -> str:
    return request.form.get("name", "").strip()[:60]


def _neighbours() -> str:
    """The address as far as it tells two guessers apart: one line of IPv6 has 2⁶⁴ of them."""
    try:
        address = ipaddress.ip_address(_address())
    except ValueError:  # a proxy said something else
        return _address()
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="staff-browser")


def _cookie(name: str) -> str:
    """One for each name: colleagues share the browser of a desk."""
    return f"known_{sha256(name.encode()).hexdigest()[:16]}"


def _known_as(name: str) -> str:
    """This browser's number where it has signed in by this name before; '' where not, or where that was made up."""
    try:
        known, number = _sealer().loads(request.cookies.get(_cookie(name), ""), max_age=KNOWN_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(number) if known == name else ""


def _remember(answer: AnyResponse, name: str) -> None:
    answer.set_cookie(
        _cookie(name), _sealer().dumps([name, secrets.token_urlsafe(12)]), max_age=KNOWN_SECONDS,
        path=url_for("admin.sign_in"), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True,
        samesite="Strict",
    )  # fmt: skip


def _counted() -> Tries:
    """What this try counts against. Others' guesses must not use up what a browser has that was let in before."""
    name, here = _name(), _neighbours()
    if browser := _known_as(name):
        return ((PER_GUESSER, "staff-browser", browser),)
    return (
        (PER_ADDRESS, "staff-address", here),
        (PER_GUESSER, "staff-guesser", f"{here} {name}"),
        (PER_NAME, "staff-name", name),
    )


def _too_often(desk: Desk, tries: MovingWindowRateLimiter) -> str:
    """Count this try; '' when it may go on."""
    _ = desk.say()
    for limit, kind, who in _counted():
        if not tries.hit(limit, kind, who):
            n = max(1, math.ceil((tries.get_window_stats(limit, kind, who).reset_time - time.time()) / 60))
            if limit is PER_NAME:
                return _.n(
                    "很多地方都在试这个账号的密码。请用您登录过的浏览器登录，或 {n} 分钟后再试。",
                    "很多地方都在试这个账号的密码。请用您登录过的浏览器登录，或 {n} 分钟后再试。", n,
                )  # fmt: skip
            return _.n("试得太频繁了，请 {n} 分钟后再来。", "试得太频繁了，请 {n} 分钟后再来。", n)
    return ""


def sign_in(desk: Desk, tries: MovingWindowRateLimiter) -> AnyResponse | str | tuple[str, int]:
    """The first page; a wrong password says no more than that."""
    if request.method == "GET":
        return redirect(url_for("admin.home")) if current_user.is_authenticated else page("sign_in.html")
    if problem := _too_often(desk, tries):
        return page("sign_in.html", problem=problem, name=_name()), 429
    return _try(desk)


def _try(desk: Desk) -> AnyResponse | tuple[str, int]:
    found = staff.check(desk.db, _name(), request.form.get("password", ""))
    if found is None:
        staff.log(desk.db, "", "sign_in_refused", f"staff:{_name()}", desk.now(), address=_address())
        return page("sign_in.html", problem=desk.say()("账号或密码不对，请再试一次。"), name=_name()), 401
    staff.log(desk.db, found.name, "sign_in", f"staff:{found.name}", desk.now(), address=_address())
    session.pop("csrf_token", None)  # forms opened before signing in are no longer good
    session["staff_since"], session["staff_session"] = time.time(), secrets.token_urlsafe(12)
    login_user(found)
    answer = redirect(guard.own_path(request.args.get("next", "")))
    _remember(answer, found.name)
    return answer


def sign_out(desk: Desk) -> AnyResponse:
    """Leave; the next one must sign in. It is so also where it cannot be written down."""
    name = current_user.name
    logout_user()
    session.pop("csrf_token", None)
    with suppress(StoreUnwritable):
        staff.end_session(desk.db, name, session.pop("staff_session", ""), desk.now())
    return redirect(url_for("admin.sign_in"))
