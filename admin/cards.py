"""核对读者证: cards that readers asked to link and nothing outside could prove; and one shown at the desk (A3-32)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, page
from lending import cards, proof_codes, proofs, readers
from lending.database import writing
from lending.errors import UnknownThing
from lending.proofs import Claim

KINDS = {"library": N_("读者证"), "citizen": N_("市民卡"), "kiosk": N_("自助卡")}
SETTLED = {
    "linked": N_("确认了，卡连上了，读者会收到消息。"),
    "declined": N_("记下了：没核对上。读者会收到消息，还可以换一种方式。"),
    "taken": N_("这张卡已经连着另一个账户，没有连上。两个账户在「像是同一位」里。"),
    "withdrawn": N_("这张卡已经连着这位读者，不用再核对。"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, an answer, and linking a card at the desk."""
    made.add_url_rule("/cards", "cards", partial(show, desk))
    made.add_url_rule(f"/cards/<int(max={2**63 - 1}):id>", "settle_card", partial(settle, desk), methods=["POST"])
    made.add_url_rule(f"/cards/<int(max={2**63 - 1}):id>/code", "card_code", partial(give_code, desk), methods=["POST"])
    made.add_url_rule("/readers/<number>/card", "link_card", partial(link, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """Four data of each and no more: whose, which kind, the last two digits, since when."""
    waiting = [(one, readers.reader(desk.db, one.reader_id).number) for one in proofs.waiting(desk.db, MOST)]
    many, days = proofs.how_many(desk.db), desk.policy.credentials.request_days
    return page("cards.html", waiting=waiting, many=many, kinds=KINDS, days=days, full=MOST if many > MOST else 0)


def settle(desk: Desk, id: int) -> AnyResponse:
    """One press, or the card itself read by a scanner, which must be the very one; the reader's own log says who."""
    _, said, shown = desk.say(), "yes" if request.form.get("answer") == "yes" else "no", request.form.get("card", "")
    if said == "yes" and shown.strip() and not proofs.is_card(desk.db, id, cards.digest(shown, desk.card_key)):
        tell(_("刷的不是读者填的那张卡，没有连上。"), "stop")
        return redirect(url_for("admin.cards"))
    with writing(desk.db) as db:
        after = proofs.settle(db, id, said, desk.now(), current_user.name)
        if after:
            staff.log(db, current_user.name, "settle_card", f"proof:{id}", desk.now(), state=after)
    if after:
        tell(_(SETTLED[after]), "stop" if after == "taken" else "done")
    else:
        tell(_("这一条刚刚有了结果，请看最新的。"), "stop")
    return redirect(url_for("admin.cards"))


def give_code(desk: Desk, id: int) -> AnyResponse:
    """A code to be read out on the telephone the card is registered with; it is shown once and kept by nobody."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            code, until = proof_codes.give(db, id, desk.card_key, desk.policy, desk.now())
            staff.log(db, current_user.name, "card_code", f"proof:{id}", desk.now())
        text = _("请打这张卡登记的电话，请对方在自己的聊天里发：{code}（{time} 前有效）", code=code, time=_.time(until))
        tell(text)
    except UnknownThing:
        tell(_("这一条刚刚有了结果，请看最新的。"), "stop")
    return redirect(url_for("admin.cards"))


def link(desk: Desk, number: str) -> AnyResponse:
    """The card's number is not kept, only its hash and end; the log says who linked it."""
    _, who, given = desk.say(), readers.by_number(desk.db, number), request.form.get("card", "")[:64]
    if not any(map(str.isalnum, given)):
        tell(_("请刷卡或输入卡号。"), "stop")
        return redirect(url_for("admin.reader", number=number))
    card = Claim("citizen", cards.digest(given, desk.card_key), cards.tail(given, "citizen"))
    with writing(desk.db) as db:
        after = proofs.proven(db, who.id, card, "desk", desk.now(), current_user.name)
        staff.log(db, current_user.name, "link_card", f"reader:{who.number}", desk.now(), tail=card.tail, state=after)
    if after == "taken":
        tell(_("尾号 {tail} 的卡已经连着另一位读者，请核对。", tail=card.tail), "stop")
    else:
        tell(_("这张卡连上了 {number}，在自助机上能用了。", number=who.number))
    return redirect(url_for("admin.reader", number=number))
