"""A picture a reader sent, whatever it is about: shown to librarians one at a time, each look written down (B2-22)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response
from flask_login import current_user

from admin import staff
from admin.desk import Desk
from lending import evidence, looks


def add_to(made: Blueprint, desk: Desk) -> None:
    """Those of cases and appeals are shown by their own rooms, which say the number."""
    number = f"int(max={2**63 - 1})"
    made.add_url_rule(f"/photos/<any(check, door, transfer):about>/<{number}:thing>/<{number}:id>", "photo",
                      partial(show, desk))  # fmt: skip


def show(desk: Desk, about: str, thing: int, id: int) -> Response:
    """The picture alone."""
    return shown(desk, about, thing, id, f"{about}:{thing}")


def shown(desk: Desk, about: str, thing: int, id: int, name: str) -> Response:
    """The picture of a thing, its look logged under `name`. Raises UnknownThing."""
    kind, content = evidence.content(desk.db, about, thing, id)
    staff.log(desk.db, current_user.name, "see_photo", name, desk.now(), photo=id)
    for row in evidence.of(desk.db, about, thing):
        if row["id"] == id:
            looks.note(desk.db, row["reader_id"], current_user.shown_as, looks.PHOTO, name, desk.now())
    return Response(content, mimetype=f"image/{kind}")
