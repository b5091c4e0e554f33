"""图书馆的信用, /promises: kept and broken by month, for everybody; no session and no reader in it (A1-16, D-1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, make_response, render_template, request, url_for

from bot import promise_words
from bot.channels.webchat.chat import TAGS, fingerprints
from bot.service import Service
from bot.texts import Words, language_of
from lending import kept_promises

NAME = "promises"
CACHE_SECONDS = 60


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """One page, answered with these headers."""
    made = Blueprint(NAME, __name__)
    made.add_url_rule("/promises", "page", partial(_show, service, fingerprints()))
    made.after_request(partial(_with_headers, headers))
    return made


def _with_headers(headers: Mapping[str, str], response: Response) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    response.vary.add("Accept-Language")
    return response


def _show(service: Service, versions: Mapping[str, str]) -> Response:
    accepted = next(iter(request.accept_languages.values()), "")
    _ = Words(language_of(request.args.get("lang", "") or accepted))
    page = render_template(
        "webchat/promises.html",
        _=_,
        language=_.language,
        tags=TAGS,
        library=service.library,
        asset=lambda name: url_for("webchat.static", filename=name, v=versions[name]),
        promised=promise_words.promised(_, service.policy),
        months=kept_promises.by_month(service.store.db),
        kinds=promise_words.KINDS,
        month_name=partial(promise_words.month_name, _),
        given=partial(promise_words.given, _),
    )
    return make_response(page)
