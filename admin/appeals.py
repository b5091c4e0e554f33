"""申诉: what readers object to in the ledger; one librarian proposes, another confirms, both names stay on the line."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, photos, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import again, page
from lending import appeal_records, appeals, evidence, looks, readers
from lending.database import writing
from lending.errors import CannotChange
from lending.model import parse_stamp

STATES = {
    "open": N_("等馆员看"), "proposed": N_("等另一位馆员复核"), "reversed": N_("已改正"),
    "declined": N_("维持了原记录"), "withdrawn": N_("读者撤回"),
}  # fmt: skip
STEPS = {  # what a librarian does
    "propose": N_("提议改正，请同事复核"), "confirm": N_("同意改正"), "object": N_("再看看，先不改"),
    "decline": N_("维持原记录"),
}  # fmt: skip
DONE = {  # what was done, by whomever
    "open": N_("读者提出"), "propose": N_("提议了改正，请同事复核"), "confirm": N_("同意了改正"),
    "object": N_("看了，先没有改"), "decline": N_("维持了原记录"), "again": N_("读者请另一位馆员再看"),
    "withdraw": N_("读者撤回"),
}  # fmt: skip
EVENTS = {
    "start": N_("起始分"), "borrow": N_("借书"), "activity": N_("参加活动"), "volunteer": N_("志愿服务"),
    "overdue": N_("超期"), "damaged": N_("污损"), "lost": N_("丢失"), "thaw": N_("恢复"),
    "promise_broken": N_("图书馆没守时，补偿"), "renew": N_("续借"), "activity_signup": N_("报名活动"),
    "activity_late": N_("活动迟到"), "activity_no_show": N_("报了名没有来"), "donation": N_("捐书"),
    "membership_year": N_("读者满一年"), "prize": N_("获奖"), "rules_broken": N_("违反规则"),
    "hold_not_collected": N_("预约的书没有来取"), "lost_card": N_("补办读者证"), "duplicate_card": N_("重复办证"),
    "found_again": N_("丢的书找到了"), "never_came": N_("书寄丢了，退还"),
    "reversal": N_("改正"), "merged": N_("两个账户合并"),
    "forgiven": N_("宽免日还书，退还"), "redeem": N_("积分换多借一本"), "quiz": N_("答题"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """One appeal, its pictures and steps; the list stands among the cases."""
    made.add_url_rule("/appeals/<number>", "appeal", partial(show_one, desk))
    made.add_url_rule("/appeals/<number>/step", "step_appeal", partial(step, desk), methods=["POST"])
    made.add_url_rule(f"/appeals/<number>/photos/<int(max={2**63 - 1}):id>", "appeal_photo", partial(show_photo, desk))


def labels() -> dict[str, object]:
    """The words for states, steps and the ledger's events."""
    return {"appeal_states": STATES, "appeal_steps": STEPS, "appeal_done": DONE, "events": EVENTS}


def _me() -> str:
    """Who decides, by the name one signs in with: what colleagues see may be changed, this cannot."""
    return f"staff:{current_user.name}"


def show_one(desk: Desk, number: str) -> str:
    """The line, what the reader said and showed, what has happened, and the steps this librarian may take."""
    found = appeal_records.by_number(desk.db, number)
    looks.note(desk.db, found.reader_id, current_user.shown_as, looks.APPEAL, found.number, desk.now())
    names = {f"staff:{one['name']}": one["shown_as"] for one in staff.everyone(desk.db)}
    history = [
        row | {"at": parse_stamp(row["at"]), "who": names.get(row["actor"], row["actor"].removeprefix("staff:"))}
        for row in appeal_records.history(desk.db, found.id)
    ]
    return page(
        "appeal.html", found=found, basis=desk.basis(desk.say(), found.event, found.version, desk.policy),
        who=readers.reader(desk.db, found.reader_id), history=history,
        day=date.fromisoformat(found.day) if found.day else None,
        photos=evidence.of(desk.db, "appeal", found.id), may=appeals.may_take(found, _me()),
        mine=_me() in (found.proposed_by, found.declined_by), mask=masks, **labels(),
    )  # fmt: skip


def show_photo(desk: Desk, number: str, id: int) -> AnyResponse:
    """A picture the reader sent; that it was looked at is written down (B2-22)."""
    found = appeal_records.by_number(desk.db, number)
    return photos.shown(desk, "appeal", found.id, id, f"appeal:{found.number}")


def step(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """One step, with words for the reader where the table wants them, if the appeal stands where the page showed it.

    What was written is not lost.
    """
    _, name, note = desk.say(), request.form.get("step", ""), request.form.get("note", "").strip()[:300]
    known = appeals.STEPS.get(name)
    if known is not None and known.wants_words and not note:
        tell(_("请写一句给读者的话，再决定。"), "stop")
        return redirect(url_for("admin.appeal", number=number))
    try:
        with writing(desk.db) as db:
            found = appeal_records.by_number(db, number)
            if known is None or known.who != "staff" or found.state != request.form.get("state"):
                raise CannotChange("appeal", number, found.state)
            after = appeals.advance(db, number, name, _me(), desk.policy, desk.now(), note)
            staff.log(db, current_user.name, "step_appeal", f"appeal:{number}", desk.now(), step=name, note=note)
        said = _("申诉 {number} 现在是「{state}」。", number=number, state=_(STATES[after.state]))
        tell(_.together(said, desk.heard(after.reader_id)))
    except appeals.SameEyes:
        tell(_("申诉 {number} 要由另一位馆员来看，一个人不能定两次。", number=number), "stop")
        return again("appeal", 409, number=number)
    except CannotChange as error:
        tell(_("申诉 {number} 已经是「{state}」了，没有再动它。", number=number, state=_(STATES[error.state])), "stop")
        return again("appeal", 409, number=number)
    return redirect(url_for("admin.appeal", number=number))
