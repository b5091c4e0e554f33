"""A reader's loans on their page: renewed by a librarian, also for whom borrowing is paused (A6-10, F-5)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from lending import loans, readers
from lending.database import writing
from lending.loans import Loan

WHY_NOT = {
    "claimed": "", "collected": "", "lost": "",  # the page says so already
    "waiting": N_("有人等"), "recalled": N_("有人等，已请提前还"), "limit": N_("不能再续"), "overdue": N_("先还回来"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """One form."""
    path = f"/readers/<number>/loans/<int(max={2**63 - 1}):id>/renew"
    made.add_url_rule(path, "renew", partial(renew, desk), methods=["POST"])


def of_reader(desk: Desk, reader_id: int) -> list[tuple[Loan, str | None]]:
    """Each open loan with what stands against a renewal; None where nothing does."""
    found = [(one, loans.may_renew(one, None, desk.policy, desk.now())) for one in loans.of_reader(desk.db, reader_id)]
    return [(one, WHY_NOT[refusal.reason] if refusal else None) for one, refusal in found]


def renew(desk: Desk, number: str, id: int) -> AnyResponse:
    """Sent twice, or by two at once, it is renewed once. Raises UnknownThing."""
    _, who = desk.say(), readers.by_number(desk.db, number)
    with writing(desk.db) as db:
        loan, due = loans.loan(db, id, who.id), None
        if request.form.get("renewals") == str(loan.renewals):
            due = loans.renew_by_staff(db, loan, desk.policy, desk.now()).due_at
        if due:
            staff.log(db, current_user.name, "renew", f"reader:{who.number}", desk.now())
    if due:
        said = _("《{title}》续到 {day}。", title=loan.title, day=_.day(due))
        tell(_.together(said, desk.heard(who.id)))
    else:
        tell(_("《{title}》没有续：这一页打开以后有了变化，请再看一眼。", title=loan.title), "stop")
    return redirect(url_for("admin.reader", number=who.number))

