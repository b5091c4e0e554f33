"""A draw as anybody may check it, /draws/<day>/<n>: seed, tickets, lots and places, and no reader.

A page for whoever reads pages; plain text for a program, and for whoever wants to keep it and draw again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from bot.channels.webchat import letters, public
from bot.channels.webchat.chat import fingerprints
from bot.service import Service
from bot.texts import Words
from lending import draws
from lending.draws import Result
from lending.errors import UnknownThing

NAME = "draws"
HASH = "SHA-256"
ADDRESS = "/draws/<day>/<int(max=99):n>"


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """The one page."""
    made = Blueprint(NAME, __name__)
    made.add_url_rule(ADDRESS, "draw", partial(_open, service, fingerprints()))
    made.add_url_rule(ADDRESS, "letters", _switch, methods=["POST"])
    made.after_request(partial(_with_headers, headers))
    return made


def _switch(day: str, n: int) -> AnyResponse:
    return letters.switch()


def _with_headers(headers: Mapping[str, str], response: Response) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def _open(service: Service, versions: Mapping[str, str], day: str, n: int) -> Response:
    """GET: the result; 404 before it is drawn. With ?text the plain text, whoever asks."""
    _ = public.words(service)
    try:
        found = draws.result(service.store.db, day, n)
    except UnknownThing:
        found = None
    status = 200 if found else 404
    if "text/html" in request.accept_mimetypes.values() and "text" not in request.args:
        shown = public.frame(service, versions, _) | {"found": found, "places": found and _places(found), "hash": HASH}
        return make_response(render_template("webchat/draw.html", **shown), status)
    text = "\n".join(_lines(_, found)) + "\n" if found else _("这一场还没有抽，或者没有这一场。")
    return Response(text, status=status, mimetype="text/plain")


def _places(found: Result) -> dict[str, int]:
    return {ticket: place for place, ticket in enumerate(found.winners, 1)}


def _lines(_: Words, found: Result) -> list[str]:
    places = _places(found)
    head = [
        _("每支签的位置是 {hash}(种子:签号:第几支)，从小到大抽，抽过的签号跳过。谁都能照着再抽一遍。", hash=HASH),
        f"{_('种子')}\t{found.window.seed}",
        f"{_('指纹（种子的 {hash}）', hash=HASH)}\t{found.window.fingerprint}",
        f"{_('抽中')}\t{len(places)}",
        "\t".join((_("签号"), _("签数"), _("名次"))),
    ]
    return head + [f"{ticket}\t{lots}\t{places.get(ticket, '')}".rstrip() for ticket, lots in found.lots.items()]
