"""怎么取: every way to get the books side by side with its price, and the lockers and counters of each city (A2-16)."""

from __future__ import annotations

from datetime import datetime

from bot import acting, cities
from bot.events import Button
from bot.handlers import adding, free_delivery, ordering
from bot.talk import Talk
from bot.texts import Words, menu, rows
from lending import cart, catalogue, decisions, lockers, shipping
from lending.database import Row
from lending.points import Point

MOST_LOCKERS, MOST_BRANCHES = 4, 8


def ways(talk: Talk, said: str) -> None:
    """Every way to get the books side by side, with its price; free ones first (A9-5, C5-4)."""
    _, count = talk._, len(cart.items(talk.db, talk.reader.id))
    talk.memory["ways_shown"] = True  # a place named from now on is where to fetch them
    there, off = free_delivery.delivery_price(talk, count)
    zone = shipping.zone_or_first(talk.policy, talk.reader.zone, talk.reader.city)
    back = shipping.quote(talk.policy, "return", zone, count)
    points = {point.id: point for point in open_points(talk)}
    seen = cities.view(talk, points.values())
    room = [one for one in lockers.with_room(talk.db, count) if one["id"] in points]
    free = sorted(room, key=lambda room: seen.elsewhere(points[room["id"]]))
    free.sort(key=lambda room: room["id"] != talk.reader.point_id)
    buttons: list[tuple[Button, ...]] = [(one,) for one in adding.offers(talk)]
    buttons += _own_counter(talk, seen, points.get(talk.reader.point_id or 0))
    near = [room for room in free if room["id"] == talk.reader.point_id or not seen.elsewhere(points[room["id"]])]
    ready_by = {room["id"]: ordering.ready_by(talk, room["id"]) for room in near}
    near.sort(key=lambda room: ready_by[room["id"]])  # behind closed doors nothing is ready: those come last
    soonest = min(ready_by.values(), default=ordering.ready_by(talk, None))
    boxes = [_locker(_, seen, points[one["id"]], one, ready_by[one["id"]], soonest) for one in near[:MOST_LOCKERS]]
    buttons += [(one,) for one in boxes]
    delivery = _("送到家 {there}（还书取件 {back}）", there=_.money(there.fee_fen - off), back=_.money(back.fee_fen))
    home = [(Button(delivery, "w:delivery:0"),)] if acting.allowed(talk, "use_address") else []
    buttons += [*home, (Button(_("到馆自取 ¥0"), "w:branches"), menu(_, "show_cart"))]
    buttons += [(one,) for one in (free_delivery.button(talk),) if one and home]
    offer, choose = cities.offer(talk, seen)
    buttons += [(one,) for one in (*choose, *_elsewhere(_, seen, len(near) > MOST_LOCKERS))]
    question = _.n("这 {n} 本怎么取？", "这 {n} 本怎么取？", count)
    ready = (
        _("书柜 {moment} 前可取，不收费。", moment=_.moment(soonest))
        if free
        else _("书柜现在都满了。")
    )
    asks = _scores(talk, seen, [points[room["id"]] for room in near[:MOST_LOCKERS]])
    talk.say("\n".join(part for part in (said, f"{question}{ready}", *asks, offer) if part), tuple(buttons))


def _scores(talk: Talk, seen: cities.View, shown: list[Point]) -> list[str]:
    """Which of them ask for a score of their own: said before one is chosen (A7-2, A9-2)."""
    _, asked = talk._, decisions.scores_of_points(talk.db, talk.reader.id, talk.policy, talk.now)
    own: dict[int, list[str]] = {}
    for point in shown:
        if point.code in asked:
            own.setdefault(asked[point.code], []).append(seen.called(_, point))
    return [
        _("在{places}取，要请芝麻信用多答一句：是否达到 {score} 分。", places=_.listed(names), score=score)
        for score, names in sorted(own.items())
    ]


def _elsewhere(_: Words, seen: cities.View, more: bool) -> tuple[Button, ...]:
    """All there are in one's own city, or by city where none is chosen, if more than stand there; and the other cities."""
    label = _("按城市选") if seen.all and not seen.mine else _("更多取书点")
    return (
        *((Button(label, f"wc:{seen.mine}"),) if more else ()),
        *((Button(_("到别的城市取"), "wc:"),) if seen.mine else ()),
    )


def open_points(talk: Talk) -> list[Point]:
    """Every point but those closed for good by when books asked for now would be there."""
    gone = decisions.gone_by_then(talk.db, talk.policy, talk.now)
    return [point for point in catalogue.points(talk.db) if point.id not in gone]


def _own_counter(talk: Talk, seen: cities.View, point: Point | None) -> list[tuple[Button, ...]]:
    """The branch where the reader likes to pick up, or whose code was scanned (A2-13), before everything else."""
    if point is None:
        return []
    label = talk._("{name}自取 ¥0", name=seen.called(talk._, point))
    return [(Button(label, f"w:counter:{point.id}"),)] if point.kind == "branch" else []


def _locker(_: Words, seen: cities.View, point: Point, room: Row, ready: datetime, soonest: datetime) -> Button:
    """A locker with room for these books, and how many of its boxes are free (A9-6); its day where it is closed now."""
    name = seen.called(_, point)
    if ready > soonest:
        return Button(_("{name}（{day} 可取）¥0", name=name, day=_.day(ready)), f"w:locker:{room['id']}")
    return Button(_("{name}（空 {free} 格）¥0", name=name, free=room["free"]), f"w:locker:{room['id']}")


def choose_branch(talk: Talk) -> None:
    """Which counter, those of one's own city; the others' are one press away."""
    _, branches = talk._, [point for point in open_points(talk) if point.kind == "branch"]
    seen = cities.view(talk)
    branches = sorted(seen.own(branches), key=lambda point: point.id != talk.reader.point_id)
    shown = [point for point in branches if not point.is_bus][:MOST_BRANCHES]
    shown += [point for point in branches if point.is_bus]
    buttons = [Button(seen.called(_, point), f"w:counter:{point.id}") for point in shown]
    more = _elsewhere(_, seen, len(shown) < len(branches))
    back = (*more, Button(_("换个方式"), "i:checkout"))  # this takes the place of the ways
    talk.say(_("到哪个馆取？"), (*rows(*buttons, across=2), back), edits=True)


def choose_in_city(talk: Talk, city: str = "", page: str = "0") -> None:
    """Where to pick up in another city, lockers with room and counters; without a name, in which city? (A2-16)

    Of a library in one city, all there are.
    """
    _, every = talk._, open_points(talk)
    seen = cities.view(talk, every)
    here = [point for point in every if city and point.city == city] if seen.all else every
    city = city if seen.all else ""
    if here:
        asked = _("在{city}的哪里取？", city=seen.name(_, city)) if city else _("在哪里取？")
        text = "\n".join((asked, *_scores(talk, seen, here)))
        room = {one["id"]: one for one in lockers.with_room(talk.db, len(cart.items(talk.db, talk.reader.id)))}
        soonest, boxes = ordering.ready_by(talk, None), [point for point in here if point.id in room]
        buttons = [_locker(_, seen, one, room[one.id], ordering.ready_by(talk, one.id), soonest) for one in boxes]
        buttons += [Button(seen.called(_, point), f"w:counter:{point.id}") for point in here if point.kind == "branch"]
    else:
        city, text = "", _("到哪个城市取？")
        buttons = [Button(seen.name(_, one.name), f"wc:{one.name}") for one in seen.all if one.name != seen.mine]
    shown, turns = cities.page(_, buttons, int(page), f"wc:{city}:{{}}")
    back = Button(_("换个方式"), "i:checkout")
    talk.say(text, (*rows(*shown, across=1 if here else 4), *rows(*turns, back)), edits=True)
