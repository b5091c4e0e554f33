"""Messages that did not arrive, and those from readers that could not be understood (B2-8)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, page
from admin.report_tables import SOURCES
from bot import outbox
from lending import looks
from lending.database import writing
from lending.model import parse_stamp

REFUSED = {  # by what stands in the channel's own words, which are shown where none of these fits
    "bot was blocked": N_("读者停用了和我们的聊天"), "user is deactivated": N_("读者的账号不在了"),
    "not found": N_("这个聊天不在了"), "cannot be opened": N_("这条消息打不开了"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """The lists, and sending once more."""
    made.add_url_rule("/messages", "messages", partial(show, desk))
    again = f"/messages/<int(max={2**63 - 1}):id>/again"
    made.add_url_rule(again, "send_again", partial(send_again, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """Undelivered, dead letters, chats to be telephoned instead."""
    letters = [row | {"at": parse_stamp(row["received_at"])} for row in desk.dead_letters(desk.db, MOST)]
    failed, silent = outbox.undelivered(desk.db, MOST), desk.unreachable(desk.db)
    whose = {one.reader_id for one in failed} | {row["reader_id"] for row in letters}
    seen = {reader_id: "" for reader_id in whose if reader_id}
    looks.note_all(desk.db, seen, current_user.shown_as, looks.MESSAGE, desk.now())
    return page(
        "messages.html", failed=failed, letters=letters, silent=silent, mask=masks, channels=SOURCES, refused=REFUSED,
    )  # fmt: skip


def send_again(desk: Desk, id: int) -> AnyResponse:
    """Once more; a second press finds it already on its way."""
    with writing(desk.db) as db:
        again = outbox.retry(db, id, desk.now())
        if again:
            staff.log(db, current_user.name, "send_again", f"message:{id}", desk.now())
    _ = desk.say()
    tell(_("好，这就再发一次。") if again else _("这条已经在发送了，不用再按。"), "done" if again else "stop")
    return redirect(url_for("admin.messages"))
