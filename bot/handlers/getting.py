"""取书: from the cart to the confirmation, by a way that is chosen."""

from __future__ import annotations

import re

from bot import acting
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import adding, addressing, finding, following, ordering, picking, places, trust
from bot.offered import bare
from bot.talk import Talk
from bot.texts import menu, rows
from lending import cart, catalogue, lockers, orders, shipping
from lending.model import Fulfilment

SAID_WAYS = {"送到家": "delivery", "到馆自取": "branches"}  # what phrases.toml makes of a way said by name
WAYS = ("branches", *Fulfilment)  # what a button may say
GO_ON = "接着下单"
NEW_ADDRESS, ELSEWHERE = "改地址", "换取书点"  # and of a change of mind
AROUND_MOVED = "(?:那|就是?|我|想|要|请|帮我|能不能|能|可以|还是|算了|不对)*"  # each once: read in two ways it takes minutes
MOVED = re.compile(  # "不去这个，去云栖站吧": only with a place of ours behind it does it mean anything
    rf"{AROUND_MOVED}(?:不[去要到].{{2,8}}?{AROUND_MOVED})?(?:改|换|去|还是|到|要|放)(?:成|到|去|在|为)?(?:那个)?"
    r"(?P<place>.{2,12}?)(?:取书|自取|[来去]?取|拿)?(?:那里|那边|那个|的?柜子|里面?|吧|可以吗|行吗|好了|吗|了)*"
)

OLD_PLACE = re.compile(
    "(?>那|就|还是|我|要|用|地址|送到?|放到?|去|到|在|寄到?)*"
    "(?:老地方|老地址|(?:跟|和|同)上次一样|(?:上次|上回|以前|原来)(?:的|那个)|(?:上次|上回|以前|原来)的?那?个?(?:地方|柜子|书柜|馆|地址)|同一个地方)"
    "(?:取书|自取|取|拿)?(?:吧|可以吗|行吗|好了|就行|还能取吗|还能拿吗|了)*"
)
THERE = re.compile(  # "就去那里拿": where the last question was about
    "(?>那|就|我|还是|先|去|到|在|放|送|,)+(?:那里|那儿|那边|那个地方|那个馆|那个柜子?|这里|这儿|这边)(?:去|取书|自取|取|拿)*(?:吧|好了|就行|可以|行|了)*"
)
FETCHED = re.compile("(?:自取|[来去]?[取拿领]书?)吧?$")  # 中心馆取
PLACE = re.compile("(?P<place>.{2,12})")
MOVED_EN = re.compile(  # "I'd rather pick it up at Yunqi station", "change to Zhuying instead"
    r"(?:[a-z' ]+ )?(?:(?:pick|get|collect|fetch|have)(?: (?:it|them|(?:my|the) books?))?(?: up)? (?:from|at|in)"
    r"|(?:change|switch|move|send|go|make)(?: (?:it|them|that|this|(?:my|the) [a-z -]{4,14}?))?(?: to| for)?|rather|do|use|choose|take|prefer"
    r"|(?:the )?(?:book )?locker (?:at|in|near))"
    r" (?:the )?(?P<place>[a-z][a-z' -]{2,40}?)(?: instead| please| then| thanks| if possible)*"
)
LONGEST_MOVE = 80  # characters; a whole letter says more than a place, and would be looked through for seconds
HERE_TOO = re.compile(r"(library|branch|lockers?)$")  # a place of ours, whichever
NO_WORD = re.compile(r"[^a-z' -]+")


def checkout(talk: Talk) -> None:
    """ "去下单", "把这几本加进我的订单"."""
    if talk.slot("query") == adding.ASKED:
        return adding.ask(talk)
    if talk.slot("query") == NEW_ADDRESS:
        return go_on(talk) if addressing.mend_address(talk) else None
    _leave_address(talk)
    on = talk.slot("query") == GO_ON or _asked_in_between(talk)
    if on and talk.memory.get("way") and cart.items(talk.db, talk.reader.id):
        return go_on(talk)
    if not cart.items(talk.db, talk.reader.id):
        if not following.still_open(talk) and (talk.memory.get("title") or finding.stood(talk)):
            return _offer_shown(talk)
        return following.ordered_already(talk, change=bool(talk.slot("query")))
    if way := SAID_WAYS.get(talk.slot("query")):
        return choose_way(talk, way)
    picking.ways(talk, "")


def _asked_in_between(talk: Talk) -> bool:
    """ "好的，下单" while an order already waits for its yes, and no way is named."""
    said = talk.event.text and not talk.intent.likened and not talk.slot("query")
    return bool(said) and bare(talk.memory.get("confirm", "")).startswith("ok:")


def _leave_address(talk: Talk) -> None:
    """Another way is being chosen: what is written next is no address."""
    if talk.step == "address":
        talk.step = ""
    for word in ("fetching", "parcel_for", "buying"):
        talk.memory.pop(word, None)


def _offer_shown(talk: Talk) -> None:
    """The cart is empty, but a book was just looked at, or a list stands there."""
    if not talk.memory.get("title"):
        return finding.which(talk)
    _, title = talk._, catalogue.title(talk.db, int(talk.memory["title"]))
    text = _("借书车里还没有书。要借《{title}》吗？", title=title.title)
    talk.say(text, rows(Button(_("借这本"), f"b:{title.id}"), menu(_, "new_books"), menu(_, "escalate")))


def underway(talk: Talk) -> bool:
    """Whether an order is being made: a way is chosen, or was asked for."""
    asked = talk.memory.get("way") or talk.memory.get("ways_shown")
    stands = any(bare(action).startswith("w:") for action, _label in talk.memory.get("choices", []))
    return bool((asked or stands) and cart.items(talk.db, talk.reader.id))


def moved(talk: Talk) -> str:
    """The action that "改成竹影" stands for while an order is made or on its way; where several places are called so,
    the ways once more; '' where no place is meant."""
    if talk.intent.name not in ("search", "find_branches") and not talk.intent.likened:
        return ""
    if len(talk.event.text) > LONGEST_MOVE:
        return ""
    text = NO_WORD.sub(" ", fold(talk.event.text).replace(",", "")).strip()
    if OLD_PLACE.fullmatch(letters(talk.event.text)):
        return _as_before(talk)
    if THERE.fullmatch(letters(talk.event.text)) and underway(talk):
        return _there(talk)
    found = MOVED.fullmatch(letters(talk.event.text)) or MOVED_EN.fullmatch(text) or _only_place(talk)
    if found is None or (talk.step == "address" and addressing.is_district(talk, found["place"])):
        return ""
    count = len(cart.items(talk.db, talk.reader.id))
    waits = [action for action, _label in talk.memory.get("choices", []) if bare(action).startswith("hp:")]
    if len(waits) == 1 and bare(waits[0]).count(":") == 1:
        called = places.at(catalogue.points(talk.db), found["place"])
        return f"{waits[0]}:{called[0].id}" if len(called) == 1 else waits[0] if called else ""
    if not (underway(talk) if count else following.still_open(talk)):
        return ""
    room = {place["id"] for place in lockers.with_room(talk.db, max(count, 1))}
    called = places.at(catalogue.points(talk.db), found["place"])
    boxes = [f"w:locker:{one.id}" for one in called if one.id in room]
    desks = [f"w:counter:{one.id}" for one in called if one.kind == "branch"]
    at_desk = talk.memory.get("way", [""])[0] == Fulfilment.COUNTER or found["place"].endswith("馆")
    likely = desks or boxes if at_desk else boxes or desks
    if found.re is PLACE and len(likely) != 1:
        return ""
    some = likely or (found.re is MOVED_EN and HERE_TOO.search(found["place"]))
    return likely[0] if len(likely) == 1 else "i:checkout" if some else ""


def _there(talk: Talk) -> str:
    """The one place that was last asked about, else the ways once more."""
    named = talk.memory.get("place_named", "")
    near = places.all_at(catalogue.points(talk.db), named) if named else []
    boxes = [f"w:locker:{one.id}" for one in near if one.kind == "locker"]
    desks = [f"w:counter:{one.id}" for one in near if one.kind == "branch"]
    return next((fit[0] for fit in (boxes, desks) if len(near) == len(fit) == 1), "i:checkout")


def _as_before(talk: Talk) -> str:
    """ "老地方": the way and place of the last order, while another is made; '' where there is none."""
    if not underway(talk):
        return ""
    if "地址" in fold(talk.event.text) and talk.reader.address:
        return f"w:{Fulfilment.DELIVERY}:0"
    last = orders.of_reader(talk.db, talk.reader.id, 1)
    return f"w:{last[0].fulfilment}:{last[0].point_id or 0}" if last else ""


def _only_place(talk: Talk) -> re.Match[str] | None:
    """A place of ours and nothing else, said since we asked how the books are to be fetched ("竹影科技园")."""
    called = talk.memory.get("ways_shown") and (talk.intent.name == "search" or talk.slot("place"))
    return PLACE.fullmatch(places.named_in(FETCHED.sub("", letters(talk.event.text)))) if called else None


def choose_way(talk: Talk, way: str, point: str = "0") -> None:
    """The reader has chosen; say the whole cost, or first what is still missing."""
    _leave_address(talk)
    if way == "branches":
        return picking.choose_branch(talk)
    if not cart.items(talk.db, talk.reader.id):
        return following.ordered_already(talk, change=True)
    if way == Fulfilment.DELIVERY:
        acting.need(talk, "use_address")
    talk.memory["way"] = [way, int(point)]
    if talk.reader.standing == "new":
        return trust.offer(talk)
    reached = talk.reader.address and shipping.known_zone(talk.policy, talk.reader.zone)
    if way == Fulfilment.DELIVERY and not reached:
        ordering.allowed(talk)  # who may not borrow is told so before an address is asked for
        return addressing.ask_district(talk)
    ordering.quote(talk)


def go_on(talk: Talk) -> None:
    """Back to where the reader was before credit was opened."""
    if talk.memory.get("way") and cart.items(talk.db, talk.reader.id):
        way, point = talk.memory["way"]
        choose_way(talk, way, str(point))


def ask_again(talk: Talk) -> None:
    """What was asked last for the order being made, in the words of a reader who has just chosen others."""
    if talk.step == "address" and (district := talk.memory.get("district")):
        addressing.choose_district(talk, district)
    else:
        go_on_or_cart(talk)


def start_on_ladder(talk: Talk) -> None:
    """Without any bureau, and on with what the reader was about to borrow."""
    trust.start_ladder(talk)
    if not talk.memory.get("way") and underway(talk):
        return picking.ways(talk, "")
    go_on(talk)


def go_on_or_cart(talk: Talk) -> None:
    """ "继续下单": on from where it stopped, or the cart."""
    if talk.memory.get("way"):
        return go_on(talk)
    checkout(talk)
