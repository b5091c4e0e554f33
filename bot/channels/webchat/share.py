"""A book's own page, /b/<id>, for whoever gets the link: no session, nothing about who sent it (A7-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from bot import books, shared
from bot.channels.webchat import cover, letters, public
from bot.channels.webchat.chat import fingerprints, for_all
from bot.service import Service
from bot.texts import Words
from lending import catalogue
from lending.catalogue import Title

NAME = "share"
CACHE_SECONDS = 60  # as long as "2 can be borrowed" may be old
ADDRESS = re.compile(r"(?P<number>[0-9]{1,15})(?P<picture>\.png)?")


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """The pages and their pictures, answered with these headers."""
    made = Blueprint(NAME, __name__)
    made.add_url_rule("/b/<path:address>", "book", partial(_open, service, fingerprints()))
    made.add_url_rule("/b/<path:address>", "letters", _switch, methods=["POST"])
    made.after_request(partial(for_all, headers, f"public, max-age={CACHE_SECONDS}"))
    return made


def _switch(address: str) -> AnyResponse:
    return letters.switch()


def _open(service: Service, versions: Mapping[str, str], address: str) -> Response:
    """GET /b/<id>: the book, whether it can be borrowed and where, and the way into the talk.

    GET /b/<id>.png: its plain cover, for the preview other chats show. Anything else: a kind 404.
    """
    found, _ = ADDRESS.fullmatch(address), Words(public.language())
    title = shared.public_title(service, int(found["number"])) if found else None
    frame = public.frame(service, versions, _)
    if found is None or title is None:
        return make_response(render_template("webchat/no_book.html", **frame), 404)
    if found["picture"]:
        return Response(cover.draw(title.title, title.clc), mimetype="image/png")
    return make_response(render_template("webchat/book.html", **frame, **_facts(service, _, title)))


def _facts(service: Service, _: Words, title: Title) -> dict[str, Any]:
    """What the page says of the book; nothing that is not known is named (A7-5)."""
    db = service.store.db
    stock = catalogue.availability(db, [title.id])[title.id]
    points = catalogue.points_by_id(db, (place.point_id for place in stock.places))
    base = (service.public_url or request.host_url).rstrip("/")
    return {
        "book": title,
        "name": books.name(title),
        "line": books.byline(title),
        "slip": cover.slip(title.title),
        "class_name": books.class_name(_, title.clc) if title.clc else "",
        "available": books.stock_line(_, stock),
        "places": [(books.place_name(_, points[where]), n) for where, n in list(stock.by_point.items())[:5]],
        "address": f"{base}/b/{title.id}",
    }
