"""The rules page, /rules: the policy in sentences with examples computed now; no session, no cookie (F-13)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, make_response, render_template, request, url_for

from bot import rulebook
from bot.channels.webchat.chat import TAGS, fingerprints
from bot.service import Service
from bot.texts import Words, language_of

NAME = "rules"


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """One page, answered with these headers."""
    made = Blueprint(NAME, __name__)
    made.add_url_rule("/rules", "page", partial(_show, service, fingerprints()))
    made.after_request(partial(_with_headers, headers))
    return made


def _with_headers(headers: Mapping[str, str], response: Response) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers["Cache-Control"] = "no-cache"  # the rules of now, not of the last visit
    response.vary.add("Accept-Language")
    return response


def _show(service: Service, versions: Mapping[str, str]) -> Response:
    accepted = next(iter(request.accept_languages.values()), "")
    _ = Words(language_of(request.args.get("lang", "") or accepted))
    now = service.clock.now()
    page = render_template(
        "webchat/rules.html",
        _=_,
        language=_.language,
        tags=TAGS,
        library=service.library,
        asset=lambda name: url_for("webchat.static", filename=name, v=versions[name]),
        policy=service.policy,
        today=_.day(now),
        parts=rulebook.sections(_, service.store.db, service.policy, now),
    )
    return make_response(page)
