"""GET /calendar/<secret>.ics: a reader's days for a calendar that asks for them again and again (D 41)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, abort

from bot import calendar_file
from bot.channels.webchat.chat import for_one
from bot.service import Service
from lending import calendar_links


def blueprint(service: Service, headers: dict[str, str]) -> Blueprint:
    """The one address."""
    made = Blueprint("calendars", __name__)
    made.add_url_rule("/calendar/<token>.ics", "show", partial(_show, service))
    made.after_request(partial(for_one, headers))
    return made


def _show(service: Service, token: str) -> Response:
    """404 for an address that was changed or stopped, and for one that never was: they are not told apart."""
    db = service.store.db
    reader_id = calendar_links.reader_of(db, token)
    if reader_id is None:
        abort(404)
    made = calendar_file.content(db, reader_id, service.library, service.clock.now())
    return Response(
        made, content_type=calendar_file.MEDIA, headers={"Content-Disposition": 'attachment; filename="shuxin.ics"'}
    )
