"""主编推荐: the librarians choose titles and say in a line of their own why (A2-18)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import Desk
from admin.guard import tell
from admin.pages import FOUND, page, start
from lending import catalogue, picks, records
from lending.database import writing

SHOWN = 50  # on a page


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, choosing, taking off."""
    one = f"/picks/<int(max={2**63 - 1}):id>"
    made.add_url_rule("/picks", "picks", partial(show, desk))
    made.add_url_rule(one, "pick", partial(pick, desk), methods=["POST"])
    made.add_url_rule(f"{one}/off", "unpick", partial(unpick, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """What is recommended now, a page at a time; and what was looked for, to be chosen from."""
    asked, first = request.args.get("q", "").strip()[:60], start()
    chosen, many = picks.picked(desk.db, SHOWN, first), picks.how_many(desk.db)
    known = catalogue.titles(desk.db, (one.title_id for one in chosen))
    ids = records.look_up(desk.db, asked, FOUND + 1) if asked else []
    there, found = picks.among(desk.db, ids), catalogue.titles(desk.db, ids[:FOUND])
    fresh = [title for title in found.values() if title.id not in there and not title.withdrawn]
    return page(
        "picks.html", asked=asked, chosen=chosen, many=many, known=known, found=fresh, longest=picks.LONGEST,
        more=FOUND if len(ids) > FOUND else 0, first=first, shown=SHOWN,
        following=first + SHOWN if many > first + SHOWN else 0, seen=picks.MOST if many > picks.MOST else 0,
    )  # fmt: skip


def pick(desk: Desk, id: int) -> AnyResponse:
    """Recommend a title, or change the words."""
    _, note = desk.say(), " ".join(request.form.get("note", "").split())[: picks.LONGEST]
    title = catalogue.title(desk.db, id)
    with writing(desk.db) as db:
        picks.pick(db, id, note, desk.now())
        staff.log(db, current_user.name, "pick", f"title:{id}", desk.now(), title=title.title, note=note)
    tell(_("《{title}》在主编推荐里了，读者说「主编推荐」就能看到。", title=title.title))
    return redirect(url_for("admin.picks"))


def unpick(desk: Desk, id: int) -> AnyResponse:
    """Take a title off; a second press finds it gone."""
    _, title = desk.say(), catalogue.title(desk.db, id)
    with writing(desk.db) as db:
        off = picks.unpick(db, id)
        if off:
            staff.log(db, current_user.name, "unpick", f"title:{id}", desk.now(), title=title.title)
    tell(_("《{title}》不再推荐了。", title=title.title))
    return redirect(url_for("admin.picks"))
