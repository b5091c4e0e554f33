"""大字 on pages without a session: a cookie with one word in it, and the switch that sets it (A10-3)."""

from __future__ import annotations

from flask import Response, abort, current_app, g, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from bot.channels.webchat.chat import same_origin

COOKIE, LARGE = "letters", "large"
A_YEAR = 365 * 24 * 3600


def large() -> bool:
    """Whether this browser is to show large letters; what is answered hangs on its cookies, and says so to caches."""
    return request.cookies.get(COOKIE) == LARGE


def switch() -> AnyResponse:
    """POST to the page itself: the other size from now on, and the page again.

    It is posted to the page's own address, because that makes a browser forget the copy it has kept of it.
    """
    if not same_origin():
        abort(403)
    answer = redirect(request.full_path.rstrip("?"), 303)
    keep(answer, request.form.get("letters") == LARGE)
    return answer


def keep(response: AnyResponse, chosen: bool) -> None:
    """Have the browser remember it, or forget it."""
    response.set_cookie(
        COOKIE, LARGE if chosen else "", max_age=A_YEAR if chosen else 0, httponly=True, samesite="Lax",
        secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
    )  # fmt: skip


def follow_talk(response: Response) -> Response:
    """Where the reader has chosen otherwise in the talk since this browser last saw it, the other pages follow.

    The choice itself is kept with the reader; a switch on a page of its own does not undo it, nor is undone by it.
    """
    chosen = g.get("large")  # noted by chat.large, where the page asked
    if chosen is not None and chosen != session.get("large", False):
        session["large"] = chosen
        keep(response, chosen)
    return response
