"""The door of the librarian's page: signed in, from our own forms only, never cached or framed."""

from __future__ import annotations

import time
from functools import partial

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import LoginManager, current_user, logout_user
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from admin import staff
from admin.desk import LANGUAGE_TAGS, LANGUAGES, Desk
from admin.pages import page, page_before, written
from lending import records
from lending.errors import StoreUnwritable, UnknownThing

OPEN_TO_ALL = ("admin.sign_in", "admin.static", "admin.set_language")
FORM_SECONDS = 12 * 3600  # a page left open over a working day still works
WRITTEN = (  # the fields somebody writes in, and no password is among them
    "text", "text_en", "note", "reason", "why", "what", "about", "list", "place", "price", "amount", "barcode",
    "barcodes", "tracking", "shop", "said", *records.FIELDS,
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def add_to(made: Blueprint, desk: Desk) -> None:
    """Every request of the blueprint passes here."""
    made.record_once(partial(_set_up, desk))
    made.before_request(partial(_let_in, desk))
    made.after_request(_with_headers)
    made.context_processor(partial(_for_templates, desk))
    made.register_error_handler(403, partial(_not_yours, desk))
    made.register_error_handler(UnknownThing, partial(_unknown, desk))
    made.register_error_handler(StoreUnwritable, partial(_unwritable, desk))


def _set_up(desk: Desk, state: BlueprintSetupState) -> None:
    manager = LoginManager()
    manager.user_loader(lambda kept: staff.by_session(desk.db, kept, session.get("staff_session", "")))
    manager.init_app(state.app)
    state.app.config["SESSION_COOKIE_HTTPONLY"] = True
    if not state.app.config.get("SESSION_COOKIE_SAMESITE"):
        state.app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


def _let_in(desk: Desk) -> AnyResponse | tuple[str, int] | None:
    """Sign in first; and a form must carry the token that our page put into it."""
    if current_user.is_authenticated and time.time() - session.get("staff_since", 0) > staff.SHIFT.total_seconds():
        logout_user()
    if request.method == "POST":
        try:
            validate_csrf(request.form.get("csrf_token"), time_limit=FORM_SECONDS)
        except ValidationError:
            return _not_taken(desk), 400
    if request.endpoint in OPEN_TO_ALL or current_user.is_authenticated:
        return None
    if request.method == "POST":
        return _not_sent(desk), 401
    wanted = None if request.path.endswith("/live") else request.path
    return redirect(url_for("admin.sign_in", next=wanted))


def _not_taken(desk: Desk) -> str:
    """The form is older than the login, or not ours. Words that another site made up are not shown as somebody's own.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return page("problem.html", text=desk.say()("这一页不是从这里打开的，什么都没改。"))
    if not current_user.is_authenticated:
        return _not_sent(desk)
    text = desk.say()("这一页放得太久了，刚才的没有发出。请重新打开再试。")
    return page("problem.html", text=text, draft=_words_written(), anew=own_path(page_before()))


def _not_sent(desk: Desk) -> str:
    """The login ended while something was being written: that is said, with the words to be copied."""
    again = url_for("admin.sign_in", next=page_before() or None)
    return page(
        "problem.html", text=desk.say()("登录已过期，刚才的没有发出。"), draft=_words_written(), sign_in=again
    )


def _words_written() -> list[str]:
    return [request.form[name] for name in WRITTEN if request.form.get(name, "").strip()]


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.endpoint != "admin.static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _for_templates(desk: Desk) -> dict[str, object]:
    return {
        "_": desk.say(), "library": desk.library, "me": current_user, "csrf_token": generate_csrf, "now": desk.now(),
        "languages": LANGUAGES, "written": written, "language": desk.language(), "lang": LANGUAGE_TAGS[desk.language()],
    }  # fmt: skip


def _not_yours(desk: Desk, error: Exception) -> tuple[str, int]:
    return page("problem.html", text=desk.say()("这一页只有馆长能看。")), 403


def _unknown(desk: Desk, error: UnknownThing) -> tuple[str, int]:
    return page("problem.html", text=desk.say()("没有找到「{name}」。", name=error.name)), 404


def _unwritable(desk: Desk, error: StoreUnwritable) -> tuple[str, int]:
    _ = desk.words(desk.language(), 0)  # to know which year it is, the store would be asked
    text = _("现在没有存上，什么都没改。请过一会儿再试。")
    try:
        return page("problem.html", text=text, draft=_words_written()), 503
    except (StoreUnwritable, OSError):  # not even read: the page cannot say who is there, and what time it is
        return text, 503


def set_language(desk: Desk) -> AnyResponse:
    """The librarian's own language."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["staff_language"] = chosen
    return redirect(own_path(request.form.get("back", "")))


def own_path(path: str) -> str:
    """The path when it leads to a room of ours, the front room otherwise: nobody is sent to another site."""
    clean = "\\" not in path and path.isprintable()
    return path if clean and (path == "/admin" or path.startswith("/admin/")) else url_for("admin.home")


def tell(text: str, kind: str = "done") -> None:
    """A line at the top of the next page; kind 'done' or 'stop'."""
    flash(text, kind)
