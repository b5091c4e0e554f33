"""替读者约上门取书: which books, where, what it costs, all read out before the yes; one courier comes (A4-8, A10-3)."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, on_behalf, order_for
from admin.desk import Desk
from admin.guard import tell
from admin.pages import given, page, seen
from lending import home_returns, homes, looks, readers
from lending.database import Database, writing
from lending.errors import BadAddress, LendingError
from lending.loans import Loan
from lending.readers import Reader


def add_to(made: Blueprint, desk: Desk) -> None:
    """The terms, the courier asked, and called off."""
    path = "/readers/<number>/fetch"
    made.add_url_rule(path, "offer_fetch", partial(offer, desk), methods=["POST"])
    made.add_url_rule(f"{path}/ask", "fetch_for", partial(ask, desk), methods=["POST"])
    made.add_url_rule(f"{path}/stop", "stop_fetch", partial(stop, desk), methods=["POST"])


def shown(desk: Desk, who: Reader) -> dict[str, Any]:
    """What fetching.html needs."""
    return {
        "coming": [one for one in home_returns.open_ones(desk.db) if one.reader_id == who.id],
        "at_home": home_returns.fetchable(desk.db, who.id),
    }


def offer(desk: Desk, number: str) -> AnyResponse | str | tuple[str, int]:
    """What it costs and from where, to be read out; without an address that is asked for first."""
    _, who = desk.say(), readers.by_number(desk.db, number)
    chosen = _chosen(desk.db, who)
    if not chosen:
        tell(_("先选要取的书。"), "stop")
        return redirect(url_for("admin.reader", number=who.number))
    try:
        if "street" in request.form:
            who = order_for.keep_address(desk, who)
        elif not order_for.reached(desk, who):
            return _asked(desk, who, chosen)
        return _read_out(desk, who, chosen)
    except BadAddress:
        tell(_("请写全收件人、能打通的电话和详细地址。"), "stop")
        return _asked(desk, who, chosen), 422
    except LendingError as error:
        tell(on_behalf.why_not(desk, error), "stop")
        return redirect(url_for("admin.reader", number=who.number))


def _chosen(db: Database, who: Reader) -> list[Loan]:
    """Those of the form that can be fetched still."""
    wanted = set(request.form.getlist("loan"))
    return [loan for loan in home_returns.fetchable(db, who.id) if str(loan.id) in wanted]


def _asked(desk: Desk, who: Reader, chosen: list[Loan]) -> str:
    districts = homes.districts(desk.db)
    return page("fetch_for.html", who=who, mask=masks, chosen=chosen, lines=[], districts=districts)


def _read_out(desk: Desk, who: Reader, chosen: list[Loan]) -> str:
    _, cost = desk.say(), home_returns.quote(desk.db, who.id, len(chosen), desk.policy, desk.now())
    looks.note(desk.db, who.id, current_user.shown_as, looks.ADDRESS, "", desk.now())
    lines = [
        _("到 {name} {phone} {address} 来取", name=who.name, phone=who.phone, address=who.address),
        _("取书费 {fee}；自己放到任何一个馆或书柜不收费。", fee=_.money(cost.fee_fen)),
        _("快递取走以后就不算超期；在那之前照原来的到期日。"),
    ]
    return page(
        "fetch_for.html", who=who, mask=masks, chosen=chosen, lines=lines, key=secrets.token_hex(6),
        seen=_seen(who, chosen, cost.fee_fen), districts=homes.districts(desk.db),
    )  # fmt: skip


def _seen(who: Reader, chosen: list[Loan], fee_fen: int) -> str:
    """What the reader says yes to, sent back with the yes."""
    return seen([loan.id for loan in chosen], fee_fen, who.name, who.phone, who.address)


def ask(desk: Desk, number: str) -> AnyResponse | str | tuple[str, int]:
    """Pressed twice, the courier comes once; what has changed since is read out anew."""
    _, who = desk.say(), readers.by_number(desk.db, number)
    back = redirect(url_for("admin.reader", number=who.number))
    key = f"{who.id}:desk:{request.form.get('key', '')[:40]}"
    try:
        with writing(desk.db) as db:
            known, chosen = home_returns.by_request(db, who.id, key), _chosen(db, who)
            asked = not known and bool(chosen) and _agreed(desk, db, who, chosen)
            if asked:
                made = home_returns.ask(db, who.id, [one.id for one in chosen], key, desk.policy, desk.now())
                on_behalf.note(desk, db, who, "fetch", f"home_return:{made.id}", fetch=made.id)
        if not known and not asked and chosen:
            tell(_("还没有约：刚刚有了变化。现在是这样，请再念给 TA 听。"), "stop")
            return _read_out(desk, readers.reader(desk.db, who.id), chosen)
    except BadAddress as error:
        tell(on_behalf.why_not(desk, error), "stop")
        return _asked(desk, who, chosen), 422
    except LendingError as error:
        tell(on_behalf.why_not(desk, error), "stop")
        return back
    if known:
        tell(_("已经请快递来取了，没有再请一次。"))
    elif asked:
        tell(_.together(_("请快递来取了，在「找书、取书、调书」里。"), desk.heard(who.id)))
    else:
        tell(_(on_behalf.STALE), "stop")
    return back


def _agreed(desk: Desk, db: Database, who: Reader, chosen: list[Loan]) -> bool:
    """Whether it is still what the reader heard. Raises BadAddress, OutsideServiceArea."""
    fee = home_returns.quote(db, who.id, len(chosen), desk.policy, desk.now()).fee_fen
    return request.form.get("seen") == _seen(readers.reader(db, who.id), chosen, fee)


def stop(desk: Desk, number: str) -> AnyResponse:
    """The reader brings them after all."""

    def deed(db: Database, who: Reader) -> str:
        called_off = home_returns.home_return(db, given("id"), who.id)
        home_returns.cancel(db, who.id, called_off.id, desk.now())
        on_behalf.note(desk, db, who, "fetch_off", f"home_return:{called_off.id}", fetch=called_off.id)
        return desk.say().together(desk.say()("快递不来取了。"), desk.heard(who.id))

    return on_behalf.do(desk, number, deed)
