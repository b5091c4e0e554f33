"""书评: a librarian reads readers' words before others do, shows them or says why not (A10-9)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, page
from lending import reviews
from lending.database import writing
from lending.errors import UnknownThing
from lending.reviews import ReviewMoved

STATES = {"waiting": N_("没看过的"), "shown": N_("展示的"), "refused": N_("不展示的")}
STEPS = {"show": N_("展示"), "refuse": N_("不展示")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, and a verdict."""
    made.add_url_rule("/reviews", "reviews", partial(show, desk))
    made.add_url_rule(f"/reviews/<int(max={2**63 - 1}):id>", "judge_review", partial(judge, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """Those that wait, the oldest first, or another state; never whose they are."""
    asked = request.args.get("state", "")
    state = asked if asked in STATES else "waiting"
    found = [(one, [name for name, (before, _) in reviews.STEPS.items() if state in before])
             for one in reviews.listed(desk.db, state, MOST)]  # fmt: skip
    full = MOST if len(found) == MOST else 0
    return page("reviews.html", found=found, state=state, states=STATES, steps=STEPS, full=full)


def judge(desk: Desk, id: int) -> AnyResponse:
    """Shown, or not with a reason; the reader is told. Words that were changed meanwhile wait to be read again."""
    _, name, form = desk.say(), request.form.get("step", ""), request.form
    seen = form.get("edits", "")
    edits = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    reason = form.get("reason", "").strip()[:300]
    if name not in STEPS or (name == "refuse" and not reason):
        tell(_("不展示的话请写一句原因，写的读者会看到。"), "stop")
    else:
        _judge(desk, id, name, edits, reason)
    return redirect(url_for("admin.reviews", state=form.get("from") or None))


def _judge(desk: Desk, id: int, name: str, edits: int, reason: str) -> None:
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            read = reviews.judge(db, id, name, edits, desk.policy, desk.now(), reason)
            staff.log(db, current_user.name, "judge_review", f"review:{id}", desk.now(), step=name, reason=reason)
    except ReviewMoved as error:
        tell(_("《{title}》的书评刚刚变了，请再看一眼。", title=error.title), "stop")
    except UnknownThing:
        tell(_("没有找到这条书评，读者可能删掉了。"), "stop")
    else:
        told = {"shown": _("读者看得到了。"), "refused": _("不展示。")}[read.state]
        tell(_("《{title}》的书评：{told}写的读者会收到消息。", title=read.title, told=told))
