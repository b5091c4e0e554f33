"""Signing in and out, slowly for those who guess."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from functools import partial

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, staff
from admin.desk import Desk
from admin.pages import page
from lending.errors import StoreUnwritable

PER_ADDRESS = RateLimitItemPerMinute(20)
PER_NAME = RateLimitItemPerMinute(8, 5)  # eight tries in five minutes, wherever they come from


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


def _seconds_to_wait(tries: MovingWindowRateLimiter) -> int:
    """Count this try; 0 when it may go on."""
    counted: tuple[tuple[RateLimitItem, str, str], ...] = (
        (PER_ADDRESS, "staff-address", _address()),
        (PER_NAME, "staff-name", _name()),
    )
    for limit, kind, who in counted:
        if not tries.hit(limit, kind, who):
            return max(1, math.ceil(tries.get_window_stats(limit, kind, who).reset_time - time.time()))
    return 0


def sign_in(desk: Desk, tries: MovingWindowRateLimiter) -> AnyResponse | str | tuple[str, int]:
    """The first page; a wrong password says no more than that."""
    if request.method == "GET":
        return redirect(url_for("admin.home")) if current_user.is_authenticated else page("sign_in.html")
    seconds = _seconds_to_wait(tries)
    if seconds:
        text = desk.say().n("试得太频繁了，请 {n} 秒后再来。", "试得太频繁了，请 {n} 秒后再来。", seconds)
        return page("sign_in.html", problem=text, name=_name()), 429
    return _try(desk)


def _try(desk: Desk) -> AnyResponse | tuple[str, int]:
    found = staff.check(desk.db, _name(), request.form.get("password", ""))
    if found is None:
        staff.log(desk.db, "", "sign_in_refused", f"staff:{_name()}", desk.now(), address=_address())
        return page("sign_in.html", problem=desk.say()("账号或密码不对，请再试一次。"), name=_name()), 401
    staff.log(desk.db, found.name, "sign_in", f"staff:{found.name}", desk.now(), address=_address())
    session.pop("csrf_token", None)  # forms opened before signing in are no longer good
    session["staff_since"] = time.time()
    login_user(found)
    return redirect(guard.own_path(request.args.get("next", "")))


def sign_out(desk: Desk) -> AnyResponse:
    """Leave; the next one must sign in. It is so also where it cannot be written down."""
    name = current_user.name
    logout_user()
    session.pop("csrf_token", None)
    with suppress(StoreUnwritable):
        staff.log(desk.db, name, "sign_out", f"staff:{name}", desk.now())
    return redirect(url_for("admin.sign_in"))
