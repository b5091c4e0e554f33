"""个案: lost and damaged books with their clock, pictures and steps; appeals listed; and the shelf of books to mend."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import appeals, masks, photos, put_back, staff
from admin.desk import N_, Desk
from admin.guard import own_path, tell
from admin.pages import FOUND, MOST, again, given, page
from lending import appeal_records, case_records, cases, evidence, fee_refunds, looks, readers, repairs, transfer_photos
from lending.case_effects import BarcodeTaken, Given, NoPrice
from lending.case_records import Case
from lending.database import writing
from lending.errors import CannotChange, UnknownThing
from lending.model import parse_stamp, typed

KINDS = {"lost": N_("丢失"), "damaged": N_("污损"), "arrived": N_("收到时就破损")}
STATES = {
    "reported": N_("等馆员看"), "assessed": N_("等读者选"), "replacing": N_("读者买同样的书"),
    "paying": N_("读者付书价"), "settled": N_("办结"), "found": N_("书找到了"),
}  # fmt: skip
STEPS = {  # what a librarian does
    "worn": N_("不影响阅读，不用赔"), "mend": N_("能修补：扣分，不用赔"), "ours": N_("收到时就这样，不算读者的"),
    "charge": N_("要赔：同样的书或书价"), "take_book": N_("收到同样的书"), "take_money": N_("收到书价"),
    "waive": N_("免赔"), "refund": N_("退的书价，读者领走了"), "hand_owner": N_("主人领走了"),
    "hand_back": N_("退的书价，读者领走了"),
}  # fmt: skip
DONE = {  # what was done, by whomever
    "report": N_("提出"), "worn": N_("看过：不影响阅读，不用赔"), "mend": N_("看过：能修补，扣分，不用赔"),
    "ours": N_("看过：收到时就这样，不算读者的"), "charge": N_("看过：要赔，同样的书或书价"),
    "replace": N_("选了买同样的书"), "pay": N_("选了付书价"), "take_book": N_("收下了同样的书"),
    "take_money": N_("收下了书价"), "waive": N_("免了赔偿"), "at_home": N_("读者自己找到了"), "find": N_("书回来了"),
    "refund": N_("退的书价，读者领走了"), "hand_owner": N_("主人领走了"), "turned_up": N_("读者自己找到了"),
    "never_came": N_("书寄丢了，由馆里承担，扣的分和书价都退"), "hand_back": N_("退的书价，读者领走了"),
    "as_it_is": N_("主人照样收下了"), "want_book": N_("主人选了同样的书"), "want_money": N_("主人选了书价"),
    "owner_left": N_("主人不再用这里了，不用赔了"),
}  # fmt: skip
FEES = {"given": N_("已退"), "not_paid": N_("没付过")}  # a fee that may have been paid for what the courier lost
MOST_YUAN = 1_000_000
ACTORS = {"reader": N_("读者"), "owner": N_("主人"), "rule": N_("规则")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, one case, its pictures and steps; books mended."""
    made.add_url_rule("/cases", "cases", partial(show_all, desk))
    made.add_url_rule("/cases/<number>", "case", partial(show_one, desk))
    made.add_url_rule("/cases/<number>/step", "step_case", partial(step, desk), methods=["POST"])
    made.add_url_rule(f"/cases/<number>/photos/<int(max={2**63 - 1}):id>", "case_photo", partial(show_photo, desk))
    made.add_url_rule("/fee-refunds", "settle_fee", partial(settle_fee, desk), methods=["POST"])
    made.add_url_rule("/repairs", "settle_repair", partial(settle_repair, desk), methods=["POST"])


def state_of(case: Case) -> str:
    """The word for where it stands: of a damaged book of a reader's own, its owner is the one who chooses."""
    return N_("等主人选") if case.owner_chooses and case.state == "assessed" else STATES[case.state]


def labels() -> dict[str, object]:
    """The words for kinds, states and steps, and the masks."""
    return {
        "kinds": KINDS, "case_state": state_of, "case_steps": STEPS, "case_done": DONE, "case_actors": ACTORS,
        "mask": masks,
    }  # fmt: skip


def show_all(desk: Desk) -> str:
    """What waits for a person first, the earliest promise first; then objections, what is to be mended, what ended."""
    found = [(case, readers.reader(desk.db, case.reader_id)) for case in case_records.open_ones(desk.db)]
    others = [(one, readers.reader(desk.db, one.reader_id)) for one in appeal_records.waiting(desk.db)]
    refunds = [(one, readers.reader(desk.db, one.reader_id)) for one in fee_refunds.open_ones(desk.db)]
    me, now = current_user.shown_as, desk.now()
    looks.note_all(desk.db, {case.reader_id: case.number for case, _who in found}, me, looks.CASE, now)
    looks.note_all(desk.db, {one.reader_id: one.number for one, _who in others}, me, looks.APPEAL, now)
    return page(
        "cases.html", found=found, fees=refunds, waiting=case_records.to_hand_out(desk.db), appeals=others,
        decided=appeal_records.decided(desk.db, FOUND), repairs=repairs.laid_aside(desk.db, MOST),
        in_repair=repairs.how_many(desk.db),
        closed=case_records.closed_ones(desk.db, FOUND), ended=FOUND, **labels(), **appeals.labels(),
    )  # fmt: skip


def show_one(desk: Desk, number: str) -> str:
    """One case: what the reader said and showed, what has happened, and the steps a librarian may take."""
    case = case_records.by_number(desk.db, number)
    owner = readers.reader(desk.db, case.owner_id) if case.owner_id is not None else None
    for who in (case.reader_id, *([owner.id] if owner else [])):
        looks.note(desk.db, who, current_user.shown_as, looks.CASE, case.number, desk.now())
    history = [row | {"at": parse_stamp(row["at"])} for row in case_records.history(desk.db, case.id)]
    return page(
        "case.html", case=case, who=readers.reader(desk.db, case.reader_id), owner=owner, history=history,
        photos=evidence.of(desk.db, "case", case.id),
        handed_on=transfer_photos.around_loan(desk.db, case.loan_id or 0),
        may=(may := [one.name for one in cases.may_take(case)]), silent=may and desk.silent(case.reader_id), **labels(),
    )  # fmt: skip


def show_photo(desk: Desk, number: str, id: int) -> AnyResponse:
    """A picture the reader sent; that it was looked at is written down (B2-22)."""
    case = case_records.by_number(desk.db, number)
    return photos.shown(desk, "case", case.id, id, f"case:{case.number}")


def step(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """One step of a librarian's, if the case still stands where the page showed it; what was written is not lost."""
    _, name = desk.say(), request.form.get("step", "")
    try:
        with writing(desk.db) as db:
            case = case_records.by_number(db, number)
            if name not in cases.STEPS or cases.STEPS[name].who != "staff" or case.state != request.form.get("state"):
                raise CannotChange("case", number, case.state)
            given, actor = _given(name, case), f"staff:{current_user.shown_as}"
            moved = cases.advance(db, number, name, actor, desk.policy, desk.now(), given)
            staff.log(db, current_user.name, "step_case", f"case:{number}", desk.now(), step=name, note=given.note)
    except CannotChange as error:
        tell(_("个案 {number} 已经是「{state}」了，没有再动它。", number=number, state=_(STATES[error.state])), "stop")
        return again("case", 409, number=number)
    except Unreadable as error:
        said = _("书价「{text}」看不懂。请写元，例如 {example}；空着就按书目上的书价。", text=error, example="39.50")
        tell(said, "stop")
        return again("case", number=number)
    except NoPrice as error:
        tell(_("《{title}》没有书价，请写上价钱。", title=error.title), "stop")
        return again("case", number=number)
    except BarcodeTaken as error:
        tell(_("新书要贴一个没用过的条码，「{barcode}」不行。", barcode=error.barcode), "stop")
        return again("case", number=number)
    said = _("个案 {number} 现在是「{state}」。", number=number, state=_(state_of(moved)))
    tell(_.together(said, desk.heard(moved.reader_id)))
    put_back.say_where(desk, {"worn": [case.barcode], "take_book": [given.barcode]}.get(name, []))
    return redirect(url_for("admin.case", number=number))


class Unreadable(Exception):
    """What stands in the field for the price is none."""


def _given(step: str, case: Case) -> Given:
    """What the form says; a price is asked for where it counts only. Raises Unreadable."""
    counts = step == "charge" or (step == "waive" and case.drifting_id is not None)
    note, barcode, price = (request.form.get(name, "").strip() for name in ("note", "barcode", "price"))
    return Given(note[:300], _fen(price) if price and counts else 0, typed(barcode)[:60])


def _fen(price: str) -> int:
    try:
        yuan = Decimal(price.lstrip("¥￥").removesuffix("元"))
    except InvalidOperation:
        raise Unreadable(price[:20]) from None
    if not (yuan.is_finite() and Decimal("0.01") <= yuan < MOST_YUAN):
        raise Unreadable(price[:20])
    return int(yuan * 100)


def settle_repair(desk: Desk) -> AnyResponse:
    """A damaged copy is mended, or withdrawn."""
    _, barcode, mended = desk.say(), request.form.get("barcode", "").strip()[:60], request.form.get("done") == "mended"
    try:
        with writing(desk.db) as db:
            title = repairs.settle(db, barcode, mended, current_user.shown_as, desk.policy, desk.now())
            staff.log(db, current_user.name, "repair", f"copy:{barcode}", desk.now(), mended=mended)
        text = _("《{title}》回到流通了。", title=title) if mended else _("《{title}》已剔除。", title=title)
        tell(text)
        put_back.say_where(desk, [barcode])
    except UnknownThing:
        tell(_("这一册已经不在修补架上了。"), "stop")
    return redirect(url_for("admin.cases"))


def settle_fee(desk: Desk) -> AnyResponse:
    """The fee of what the courier lost: given back at the desk, or never paid."""
    _, state = desk.say(), request.form.get("done", "")
    try:
        with writing(desk.db) as db:
            done = fee_refunds.settle(db, given("id"), state, desk.now())
            money = _.money(done.fen)
            staff.log(db, current_user.name, "settle_fee", done.object, desk.now(), state=state, money=money)
        tell(_("运费 {money}：{state}，读者会收到消息。", money=money, state=_(FEES[state])))
    except CannotChange:
        tell(_("这笔运费已经办好了，没有再动它。"), "stop")
    except UnknownThing:
        tell(_("这笔运费不在这里了，可能读者已经删了资料。"), "stop")
    return redirect(own_path(request.form.get("back") or url_for("admin.cases")))
