"""演示台, the courier's part: a parcel at a time, through all that couriers tell of, by the webhook's own function."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from lending import orders, parcels
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState
from lending.parcels import ENDS, Parcel
from partners import courier_simulator
from partners.stage import N_, Stage

SAYS = {
    "created": N_("待揽收"), "collected": N_("揽收"), "in_transit": N_("运输中"), "out_for_delivery": N_("派件"),
    "at_pickup_point": N_("代收点"), "problem": N_("疑难"), "refused": N_("拒签"), "returning": N_("退回中"),
    "returned": N_("已退回"), "lost": N_("丢件"), "signed": N_("签收"),
}  # fmt: skip
HOURS_AGO = {"0": N_("刚刚"), "2": N_("几小时前的消息，现在才到"), "26": N_("昨天的消息，现在才到")}
ON_THE_WAY = (OrderState.PACKED, OrderState.SHIPPED)
PLACE_LENGTH = 40


def of_orders(stage: Stage, found: list[orders.Order]) -> dict[int, list[Parcel]]:
    """The parcels of those orders that a courier has, or is to fetch."""
    return {order.id: parcels.of_order(stage.db, order.id) for order in found if order.state in ON_THE_WAY}


def move_parcel(stage: Stage) -> AnyResponse:
    """What the courier says of one parcel; late, twice or out of order as the visitor likes."""
    _, form = stage.say(), request.form
    state, tracking, ago = form.get("state", ""), form.get("tracking", "")[:40], form.get("ago", "0")
    if state not in SAYS or state == "created" or ago not in HOURS_AGO:
        return stage.done(_("快递没有这样说过话。"), "orders", "stop")
    now = stage.clock.now()
    at = now - timedelta(hours=int(ago))
    word = {"tracking": tracking, "state": state, "at": at.isoformat(), "place": form.get("place", "")[:PLACE_LENGTH]}
    try:
        new = courier_simulator.report(stage.db, word, stage.policy, now)
        parcel = parcels.by_tracking(stage.db, tracking)
    except UnknownThing:
        return stage.done(_("没有这个包裹。"), "orders", "stop")
    except CannotChange as error:
        text = _("订单 {number} 已经是「{state}」了。", number=error.number, state=_(stage.order_states[error.state]))
        return stage.done(text, "orders", "stop")
    text = _("包裹 {tracking} 现在是「{state}」。", tracking=tracking, state=_(SAYS[parcel.state]))
    if parcel.state in ENDS:
        text += _("它的路走完了。")
    return stage.done(text if new else _("这句话没有改变什么：") + text, "orders", "done" if new else "stop")
