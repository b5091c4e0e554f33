"""GET /chat/export/<ticket>/mydata.<kind>: the copy a reader asked for, once, in the session that asked (A11-5)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, abort, request

from bot import contacts, export_tickets, exporting
from bot.channels.webchat.chat import CHANNEL, for_one, own_address
from bot.service import Service


def blueprint(service: Service, headers: dict[str, str]) -> Blueprint:
    """The one address."""
    made = Blueprint("copies", __name__)
    made.add_url_rule("/chat/export/<ticket>/mydata.<kind>", "fetch", partial(_fetch, service), methods=["GET"])
    made.after_request(partial(for_one, headers))
    return made


def _fetch(service: Service, ticket: str, kind: str) -> Response:
    """404 for whoever did not ask, for a second time, and when it is too late: none of these is told apart."""
    db, address, now = service.store.db, own_address(), service.clock.now()
    who = contacts.reader_of(db, CHANNEL, address) if address else None
    if who is None or kind not in exporting.KINDS or request.method != "GET":  # HEAD uses nothing up
        abort(404)
    reader_id = export_tickets.fetch(db, ticket, kind, who.id, now)
    if reader_id is None:
        abort(404)
    made = exporting.file(db, reader_id, kind, service.library, now)
    name = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, content_type=made.media, headers=name)
