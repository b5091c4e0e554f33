"""换个地方取: an order whose pick-up point closes for good goes to another one, by a tap (B2-9)."""

from __future__ import annotations

from bot import cities
from bot.events import Button
from bot.handlers import following, ordering
from bot.talk import Talk
from bot.texts import rows
from lending import elsewhere, orders, promises
from lending.errors import CannotChange


def change(talk: Talk, number: str, point_id: str = "0", page: str = "0") -> None:
    """The places it can go to, those of the reader's city and the usual one first; or to the one that was pressed."""
    _ = talk._
    if int(point_id):
        moved = elsewhere.move(
            talk.db, number, int(point_id), "reader", talk.policy, talk.now, reader_id=talk.reader.id
        )  # fmt: skip
        where = ordering.where(talk, moved.fulfilment, moved.point_id or 0, moved.promised_at)
        text = _("换好了：订单 {number} 改在{where}取。", number=moved.number, where=where)
        made = [one for one in promises.of_order(talk.db, moved) if not one.met_at]
        lines = [text, *following.promised(_, made[-1:])]
        return talk.say("\n".join(lines), rows(Button(_("看这个订单"), f"order:{moved.number}")))
    order = orders.by_number(talk.db, number, talk.reader.id)
    if not elsewhere.may_move(talk.db, order, talk.now):
        raise CannotChange("order", number, order.state)
    found = elsewhere.places(talk.db, order, talk.policy, talk.now)
    seen = cities.view(talk, found)
    known = sorted(seen.first(found), key=lambda point: point.id != talk.reader.point_id)
    buttons = [Button(seen.called(_, point), f"op:{number}:{point.id}") for point in known]
    shown, turns = cities.page(_, buttons, int(page), f"op:{number}:0:{{}}")
    text = _("订单 {number} 换到哪里取？不收费，答应您的时间可能会晚一点，换好就告诉您。", number=number)
    talk.say(text, (*rows(*shown, across=2), *rows(*turns)), edits=bool(turns))
