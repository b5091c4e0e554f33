"""What pages for everybody share: the language asked for, the frame, the headers; no session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from bot.channels.webchat import letters
from bot.channels.webchat.chat import TAGS, fingerprints, for_all
from bot.service import Service
from bot.texts import Words, language_of
from lending.model import library_day

Facts = Callable[[Words], Mapping[str, Any]]


def blueprint(name: str, service: Service, headers: Mapping[str, str], cache: str, facts: Facts) -> Blueprint:
    """The page /NAME from webchat/NAME.html, told `facts`; answered with these headers, kept as `cache` says."""
    made = Blueprint(name, __name__)
    made.add_url_rule(f"/{name}", "page", partial(_show, name, service, fingerprints(), facts))
    made.add_url_rule(f"/{name}", "letters", letters.switch, methods=["POST"])
    made.after_request(partial(for_all, headers, cache))
    return made


def language() -> str:
    """The language asked for in the address, else the browser's; there is no session to keep one."""
    return language_of(request.args.get("lang", "") or next(iter(request.accept_languages.values()), ""))


def words(service: Service) -> Words:
    """That language's words, which know what year it is."""
    return Words(language(), library_day(service.clock.now()).year)


def frame(service: Service, versions: Mapping[str, str], _: Words) -> dict[str, Any]:
    """What the frame around such a page is told."""
    return {
        "_": _,
        "language": _.language,
        "tags": TAGS,
        "library": service.library,
        "large": letters.large(),
        "sizes": True,
        "asset": lambda name: url_for("webchat.static", filename=name, v=versions[name]),
    }


def _show(name: str, service: Service, versions: Mapping[str, str], facts: Facts) -> Response:
    _ = words(service)
    return make_response(render_template(f"webchat/{name}.html", **frame(service, versions, _), **facts(_)))
