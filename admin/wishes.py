"""荐购: what readers would like bought, most voices first, and each step that those who asked will hear of (A10-11)."""

from __future__ import annotations

import csv
import io
from functools import partial

from flask import Blueprint, Response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import put_back, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, again, page
from lending import catalogue, records, wishes
from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.model import library_day
from lending.wishes import Wish, WishMoved

STATES = {
    "new": N_("新提的"), "considered": N_("在考虑"), "ordered": N_("已订购"), "arrived": N_("已到馆"),
    "declined": N_("不买"),
}  # fmt: skip
STEPS = {"consider": N_("考虑"), "order": N_("订购了"), "arrive": N_("到馆"), "decline": N_("不买这本")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, a step, the file for the main library."""
    made.add_url_rule("/wishes", "wishes", partial(show, desk))
    made.add_url_rule("/wishes.csv", "wishes_csv", partial(export, desk))
    made.add_url_rule(f"/wishes/<int(max={2**63 - 1}):id>", "move_wish", partial(move, desk), methods=["POST"])


def _chosen() -> tuple[str, ...]:
    state = request.args.get("state", "")
    return (state,) if state in STATES else wishes.OPEN


def show(desk: Desk) -> str:
    """One state, or all that are open; what can be done next stands beside each."""
    chosen = _chosen()
    found = [(one, [name for name, (before, _) in wishes.STEPS.items() if one.state in before])
             for one in wishes.listed(desk.db, chosen, MOST)]  # fmt: skip
    full = MOST if len(found) == MOST else 0
    return page("wishes.html", found=found, chosen=chosen, states=STATES, steps=STEPS, full=full)


def move(desk: Desk, id: int) -> AnyResponse | tuple[str, int]:
    """One step; those who asked are told, with the reason when it is not bought."""
    _, name = desk.say(), request.form.get("step", "")
    reason, asked = request.form.get("reason", "").strip()[:300], request.form.get("title", "").strip()[:60]
    title_id = _title(desk, asked) if name == "arrive" else None
    if name not in STEPS or (name == "decline" and not reason):
        tell(_("不买的话请写一句原因，提议的读者会看到。"), "stop")
    elif name == "arrive" and title_id is None:
        tell(_("到馆的是哪一条书目？请填它的 ISBN、条码或完整书名，只能对上一种。"), "stop")
        return again("wishes")
    else:
        _advance(desk, id, name, reason, title_id)
    return redirect(url_for("admin.wishes"))


def _title(desk: Desk, asked: str) -> int | None:
    """The one title meant; None when there is none, or more than one."""
    found = records.look_up(desk.db, asked) if asked else []
    exact = [one for one, title in catalogue.titles(desk.db, found).items() if title.title == asked]
    return found[0] if len(found) == 1 else exact[0] if len(exact) == 1 else None


def _advance(desk: Desk, id: int, name: str, reason: str, title_id: int | None) -> None:
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            kept = _kept(db, title_id)
            moved = wishes.advance(db, id, name, desk.policy, desk.now(), reason, title_id)
            fetch = _kept(db, title_id) - kept
            staff.log(db, current_user.name, "move_wish", f"wish:{id}", desk.now(), step=name, reason=reason)
    except WishMoved as error:
        state = _(STATES[error.state])
        tell(_("《{title}》已经是「{state}」了，没有再动它。", title=error.title, state=state), "stop")
        return
    except UnknownThing as error:
        gone = error.kind == "title"  # not in the catalogue any more
        tell(_("这条书目已经撤下了，请换一条。") if gone else _("没有找到这条荐购。"), "stop")
        return
    told = _.n("{n} 位读者会收到消息。", "{n} 位读者会收到消息。", moved.votes)
    tell(_("《{title}》：{state}。{told}", title=moved.title, state=_(STATES[moved.state]), told=told))
    put_back.say_where(desk, sorted(fetch))


def _kept(db: Database, title_id: int | None) -> set[str]:
    """The copies of the title that are kept for readers."""
    found = catalogue.copies(db, title_id) if title_id else []
    return {copy.barcode for copy in found if copy.standing == "kept"}


def export(desk: Desk) -> Response:
    """The list as a table for whoever buys; without names (A10-11)."""
    _, table = desk.say(), io.StringIO()
    writer = csv.writer(table)
    writer.writerow([_("书名"), _("票数"), _("进展"), _("最早提出")])
    for one in wishes.listed(desk.db, _chosen(), limit=5_000):
        writer.writerow([_safe(one), one.votes, _(STATES[one.state]), library_day(one.made_at).isoformat()])
    answer = Response("\ufeff" + table.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=wishes.csv"
    return answer


def _safe(one: Wish) -> str:
    """A reader's words are never a formula."""
    return f"'{one.title}" if one.title[:1] in "=+-@\t" else one.title
