"""A citizen's card, shown at the desk, opens the reader's account at kiosks from then on."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import Desk
from admin.guard import tell
from lending import cards, readers
from lending.cards import CardTaken
from lending.database import writing
from lending.errors import UnknownThing


def add_to(made: Blueprint, desk: Desk) -> None:
    """Link a card to a reader."""
    made.add_url_rule("/readers/<number>/card", "link_card", partial(link, desk), methods=["POST"])


def link(desk: Desk, number: str) -> AnyResponse:
    """The card's number is not kept, only its hash and end; the log says who linked it."""
    _, who, given = desk.say(), readers.by_number(desk.db, number), request.form.get("card", "")[:64]
    try:
        with writing(desk.db) as db:
            cards.link(db, who.id, given, desk.card_key, desk.now())
            staff.log(db, current_user.name, "link_card", f"reader:{number}", desk.now(), tail=given.strip()[-4:])
        tell(_("这张卡连上了 {number}，在自助机上能用了。", number=number))
    except CardTaken as taken:
        tell(_("尾号 {tail} 的卡已经连着另一位读者，请核对。", tail=taken.tail), "stop")
    except UnknownThing:
        tell(_("请刷卡或输入卡号。"), "stop")
    return redirect(url_for("admin.reader", number=number))
