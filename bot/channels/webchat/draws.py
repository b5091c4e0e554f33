"""A draw as anybody may check it, /draws/<day>/<n>: plain text with seed, tickets, lots and places, and no reader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, request

from bot.service import Service
from bot.texts import Words, language_of
from lending import draws
from lending.draws import Result
from lending.errors import UnknownThing

NAME = "draws"
HASH = "SHA-256"


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """The one page."""
    made = Blueprint(NAME, __name__)
    made.add_url_rule("/draws/<day>/<int(max=99):n>", "draw", partial(_open, service))
    made.after_request(partial(_with_headers, headers))
    return made


def _with_headers(headers: Mapping[str, str], response: Response) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def _open(service: Service, day: str, n: int) -> Response:
    """GET: the result; 404 before it is drawn."""
    accepted = next(iter(request.accept_languages.values()), "")
    _ = Words(language_of(request.args.get("lang", "") or accepted))
    try:
        found = draws.result(service.store.db, day, n)
    except UnknownThing:
        return Response(_("这一场还没有抽，或者没有这一场。"), status=404, mimetype="text/plain")
    return Response("\n".join(_lines(_, found)) + "\n", mimetype="text/plain")


def _lines(_: Words, found: Result) -> list[str]:
    places = {ticket: place for place, ticket in enumerate(found.winners, 1)}
    head = [
        _("每支签的位置是 {hash}(种子:签号:第几支)，从小到大抽，抽过的签号跳过。谁都能照着再抽一遍。", hash=HASH),
        f"{_('种子')}\t{found.window.seed}",
        f"{_('指纹（种子的 {hash}）', hash=HASH)}\t{found.window.fingerprint}",
        f"{_('抽中')}\t{len(places)}",
        "\t".join((_("签号"), _("签数"), _("名次"))),
    ]
    return head + [f"{ticket}\t{lots}\t{places.get(ticket, '')}".rstrip() for ticket, lots in found.lots.items()]
