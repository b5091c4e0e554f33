"""An address that is none of ours: whoever reads pages gets a kind one with the way back, a program the bare answer."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, make_response, render_template, request, url_for
from werkzeug.exceptions import NotFound

from bot.channels.webchat.chat import TAGS, fingerprints
from bot.service import Service
from bot.texts import Words, language_of


def answer(service: Service, headers: Mapping[str, str], error: NotFound) -> Response | NotFound:
    """404, in the browser's language where a browser asks."""
    if "text/html" not in request.accept_mimetypes.values():
        return error
    versions = fingerprints()
    _ = Words(language_of(next(iter(request.accept_languages.values()), "")))
    page = render_template(
        "webchat/no_page.html",
        _=_,
        language=_.language,
        tags=TAGS,
        library=service.library,
        asset=lambda name: url_for("webchat.static", filename=name, v=versions[name]),
    )
    return make_response(page, 404, dict(headers))
