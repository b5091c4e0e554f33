"""The web chat: a page that talks, the few addresses it talks to, and a plain form for browsers without scripts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from bot.channels.webchat import api, calendars, copies, draws, letters, no_page, page, promises, rules, secret, share
from bot.channels.webchat.chat import Chat, Receive, Translate, fingerprints
from bot.service import Service
from lending.database import Store
from lending.errors import StoreUnwritable

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}


def blueprint(receive: Receive, store: Store, translate: Translate, demo: bool) -> Blueprint:
    """The web chat's addresses. `receive` takes in one event; `demo` shows the way to the simulator."""
    made = Blueprint(
        "webchat", __name__, template_folder="templates", static_folder="static", static_url_path="/chat/static"
    )
    chat = Chat(receive, store, translate, demo, fingerprints())
    made.add_url_rule("/", "page", partial(page.show, chat))
    made.add_url_rule("/chat/plain", "plain", partial(page.show_plain, chat))
    made.add_url_rule("/chat/plain", "say_plainly", partial(page.say_plainly, chat), methods=["POST"])
    made.add_url_rule("/chat/events", "events", partial(api.take_event, chat), methods=["POST"])
    made.add_url_rule("/chat/photo", "photo", partial(api.take_photo, chat), methods=["POST"])
    made.add_url_rule("/chat/messages", "messages", partial(api.list_messages, chat))
    made.add_url_rule("/chat/qr/<int:number>.svg", "qr", partial(api.draw_qr, chat))
    made.add_url_rule("/chat/pictures/<int:number>", "picture", partial(api.show_picture, chat))
    made.after_request(_with_headers)
    made.after_request(letters.follow_talk)
    made.record_once(_keep_cookie_home)
    return made


def share_pages(service: Service) -> Blueprint:
    """The books' own pages, for whom a reader sends the link to."""
    return share.blueprint(service, HEADERS)


def draw_pages(service: Service) -> Blueprint:
    """What was drawn, for whoever wants to check it."""
    return draws.blueprint(service, HEADERS)


def copy_pages(service: Service) -> Blueprint:
    """Where a reader fetches the copy of all their data."""
    return copies.blueprint(service, HEADERS)


def calendar_pages(service: Service) -> Blueprint:
    """Where a reader's calendar asks for the reader's days."""
    return calendars.blueprint(service, HEADERS)


def secret_pages(service: Service) -> Blueprint:
    """The one-time forms for what is not typed into a chat."""
    return secret.blueprint(service)


def promises_page(service: Service) -> Blueprint:
    """What the library promised and whether it was kept, for everybody."""
    return promises.blueprint(service, HEADERS)


def rules_page(service: Service) -> Blueprint:
    """The rules as they are now, for whoever wants to read them."""
    return rules.blueprint(service, HEADERS)


def no_such_page(service: Service) -> Callable[[HTTPException], Response | HTTPException]:
    """What answers an address that is none of ours, is not to be opened, or fails."""
    return partial(no_page.answer, service, HEADERS)


def not_kept(service: Service) -> Callable[[StoreUnwritable], Response]:
    """What answers where the store could not be written."""
    return partial(no_page.not_kept, service, HEADERS)


def nothing_to_open(service: Service) -> Callable[[OSError], Response]:
    """What answers where no file can be opened any more."""
    return partial(no_page.nothing_to_open, service, HEADERS)


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "webchat.static":
        response.headers["Cache-Control"] = "no-store"  # a talk belongs to one reader, not to a cache
    elif "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _keep_cookie_home(state: BlueprintSetupState) -> None:
    """Other sites' pages must not carry the reader's cookie; the application may ask for more, not less. Nor may what
    a cache keeps for everybody: only the talk's own pages renew it."""
    state.app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    if not state.app.config.get("SESSION_COOKIE_SAMESITE"):
        state.app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
