"""还书: anywhere, fetched at home by the courier, or which book it is when the list says otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot import cities, place_words
from bot.books import place_name
from bot.events import Button
from bot.folding import fold
from bot.handlers import at_home, bus, opening, places
from bot.talk import Talk
from bot.texts import N_, Words, menu, refusal, rows
from lending import calendar, catalogue, home_returns, loans, lockers
from lending.calendar import Calendar
from lending.catalogue import Point
from lending.errors import LendingError
from lending.loans import Loan
from lending.model import library_day
from lending.points import always_open

FETCH = ("上门", "快递", "取书", "收书", "邮寄", "寄回", "courier", "pick up", "collect")
COME = re.compile(r"\bcome (?:and |to |over and )?(?:get|collect|fetch|pick|take)\b")
BACK = re.compile(
    r"(?<![要想该快没])(还|归还|还掉)(了|过|咗)|已经?归?还|\b(returned|brought back|gave back|given back|dropped off)\b"
)
STILL_LISTED = ("我还了", "已还", "已经还", "早就还", "都还了", "还过了", "already returned", "returned it already")
OTHERS = re.compile("(替|帮|代)我?.{0,4}(还|拿去)|[让叫请托].{1,8}还|不用本人|(带|要|用).{0,3}(证|卡|本人)|(someone|somebody|my (?!own)[a-z]+).{0,12}(return|bring)")
BRANCHES = 6  # named in a list; the others are found by place


def return_books(talk: Talk) -> None:
    """Anywhere: the branches and lockers that take books, those of a place that is named, and the two other ways
    (A2-6, A9-6)."""
    said = fold(talk.event.text)
    if any(word in said for word in FETCH) or COME.search(said):
        return offer_fetching(talk)
    if BACK.search(said) and "忘" not in said:
        return ask_back(talk)
    if bus.asked(said):
        return bus.show(talk)
    talk.memory.pop("bus", None)
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    every, days, today = catalogue.points(talk.db), calendar.load(talk.db, talk.policy), library_day(talk.now)
    shut = {one.id for one in every if not one.is_bus and not days.hours(one, today)}
    room = {place["id"]: place["free"] for place in lockers.with_room(talk.db, 1) if place["id"] not in shut}
    meant = places.at(every, talk.slot("place"))
    asked = [one for one in meant if one.kind == "branch" or one.id in room]
    closed = meant if all(one.id in shut for one in meant) else []  # whoever asks after them alone is told where else
    asked = [] if closed else asked
    points = [one for one in places.still_there(talk, every) if one not in closed]
    if not meant and talk.slot("place") and opening.of_days(talk.slot("place"), library_day(talk.now)):
        return opening.show(talk)  # "元旦能还书吗": when, and not where
    seen = cities.view(talk, points)
    yes, anywhere = _("可以还，不用回到借出的馆，不收费："), _("不用回到借出的馆，放到任何一个都行，不收费：")
    elsewhere = _("今天那里不开门，还到别处都行，不收费：")
    lines = [elsewhere if closed else yes if asked else anywhere, *(f"· {_place(talk, days, one)}" for one in closed)]
    if OTHERS.search(said):
        lines.insert(0, _("谁来还都行，不用本人，也不用带证件。"))
    boxes, branches = ([one for one in asked or seen.own(points) if one.kind == kind] for kind in ("locker", "branch"))
    houses = [one for one in branches if not one.is_bus]
    if boxes:
        lines += [_("24 小时智能书柜：") if all(map(always_open, boxes)) else _("智能书柜："), *_lockers(talk, days, boxes, room)]
    if houses:
        lines += [_("图书馆（开放时间内交给服务台）："), *(f"· {_place(talk, days, one)}" for one in houses[:BRANCHES])]
    lines += [_bus(talk, one) for one in branches if one.is_bus]
    if seen.all and not asked:
        lines.append(_elsewhere(talk, seen))
    if held:
        lines.append(
            _.n(
                "您现在借着 {n} 本。放进去就记上，马上告诉您。",
                "您现在借着 {n} 本。放进去就记上，马上告诉您。",
                len(held),
            )
        )
    nearby = Button(_("找最近的"), ask="location")
    more = (Button(_("快递上门取"), "fetch"), Button(_("已经还了"), "back")) if held else ()
    talk.say("\n".join(filter(None, lines)), ((nearby, *more), (menu(_, "show_loans"), menu(_, "renew"), menu(_, "find_branches"))))


def _elsewhere(talk: Talk, seen: cities.View) -> str:
    """Other cities take books too; where those do not stay, they are carried home (A2-16)."""
    _ = talk._
    if not talk.policy.cities.return_anywhere:
        return _("在别的城市也能还，书由我们送回它的城市，不用您跑。")
    return _("别的城市的网点也都收。") if seen.mine else ""


def _bus(talk: Talk, one: catalogue.Point) -> str:
    _, days = talk._, calendar.load(talk.db, talk.policy)
    stop = place_words.next_stop(_, days, one, talk.now)
    return _("也可以交给{name}：{stop}。", name=place_name(_, one), stop=stop)


def _lockers(talk: Talk, days: Calendar, boxes: list[Point], room: Mapping[int, int]) -> list[str]:
    """The lockers that can take a book now: nobody is sent to a full one (A9-6)."""
    _, found = talk._, [place for place in boxes if place.id in room]
    lines = [
        _.n("· {place}，空格口 {n} 个", "· {place}，空格口 {n} 个", room[one.id], place=_place(talk, days, one))
        for one in found
    ]
    return lines or [_("· 现在都满了，请交给图书馆的服务台。")]


def _place(talk: Talk, days: Calendar, place: Point) -> str:
    """Name and address, and when its door opens again where it stays shut today."""
    _, today = talk._, library_day(talk.now)
    address = _.called(place.address, place.address_en)
    name = place_name(_, place)
    said = _("{name}，{address}", name=name, address=address) if address else name
    if days.gone(place.id, today):
        return _("{place}（不再开放了）", place=said)
    if days.hours(place, today):
        return said
    return _("{place}（今天闭馆，{day}再开）", place=said, day=_.date(days.next_open(place.id, today)))


# ---- "I have returned it" ---------------------------------------------------------------------------------------


def says_back(talk: Talk) -> bool:
    """Whether the reader says that a book is back which the list still shows."""
    said = fold(talk.event.text)
    return any(word in said for word in STILL_LISTED) and bool(loans.of_reader(talk.db, talk.reader.id))


def ask_back(talk: Talk) -> None:
    """Which book is back although the list still shows it; the one that was named, where it is at home."""
    _, every = talk._, loans.of_reader(talk.db, talk.reader.id)
    n, title = talk.number(), talk.slot("title")
    named = at_home.counted(talk, every, n) if n is not None else [loan for loan in every if title and title in loan.title]
    held = [loan for loan in named or every if not loan.stopped_as]
    if not held:
        return talk.say(_("您名下没有还没登记的书，放心。"), rows(menu(_, "show_loans"), menu(_, "escalate")))
    buttons = [Button(f"《{loan.title}》"[:24], f"back:{loan.id}") for loan in held]
    talk.say(
        _("是哪一本还了，还显示在借？点它，我们去书架上找；从现在起不算超期。"),
        rows(*buttons, menu(_, "show_loans"), across=1),
    )


# ---- fetched at home --------------------------------------------------------------------------------------------


def offer_fetching(talk: Talk, only: str = "") -> None:
    """All books at home, or one of them: the fee and the address before anything is promised (A4-8)."""
    _ = talk._
    held = [loan for loan in home_returns.fetchable(talk.db, talk.reader.id) if only in ("", str(loan.id))]
    asked = [one for one in home_returns.open_ones(talk.db) if one.reader_id == talk.reader.id]
    if asked and not held:
        return _say_asked(talk, asked[0])
    if not held:
        return talk.say(_("现在没有要还的书。"), rows(menu(_, "show_loans"), menu(_, "new_books")))
    if not talk.reader.address:
        text = _("请快递上门，要先知道地址。")
        return talk.say(text, rows(Button(_("填地址"), "fetchto"), menu(_, "return_books")))
    try:
        cost = home_returns.quote(talk.db, talk.reader.id, len(held), talk.policy, talk.now)
    except LendingError as error:
        return talk.say(refusal(_, error)[0], rows(menu(_, "return_books"), menu(_, "escalate")))
    key = f"{talk.now.timestamp():.0f}"
    talk.memory["fetch"] = [key, [loan.id for loan in held]]
    talk.memory["confirm"] = f"fetch!:{key}"
    talk.say(_offer(talk, held, cost.fee_fen), rows(*_offer_buttons(_, held, key), across=1))


def _offer(talk: Talk, held: list[Loan], fee_fen: int) -> str:
    _ = talk._
    return _(
        "请快递上门取 {n} 本：{books}\n取书费 {fee}，地址：{address}\n自己放到任何一个馆或书柜不收费。",
        n=len(held), books=_.books([loan.title for loan in held]), fee=_.money(fee_fen), address=talk.reader.address,
    )  # fmt: skip


def _offer_buttons(_: Words, held: list[Loan], key: str) -> list[Button]:
    single = [Button(_("只取《{title}》", title=loan.title[:12]), f"fetch:{loan.id}") for loan in held[:4]]
    return [
        Button(_("确认，请来取"), f"fetch!:{key}"),
        *(single if len(held) > 1 else ()),
        Button(_("换地址"), "fetchto"),
        menu(_, "cancel"),
    ]


def fetch(talk: Talk, key: str) -> None:
    """The press that asks the courier; pressed twice it is asked once, an old one is offered anew (B2-2)."""
    offered, loan_ids = talk.memory.get("fetch") or ["", []]
    if offered != key:
        return offer_fetching(talk)
    talk.memory.pop("confirm", None)
    request = f"{talk.reader.id}:fetch:{key}"
    asked = home_returns.ask(talk.db, talk.reader.id, loan_ids, request, talk.policy, talk.now)
    _say_asked(talk, asked)


ASKED = {
    "asked": N_("快递会来取{books}，取书费 {fee}。取走以后就不算超期；在那之前照原来的到期日。"),
    "collected": N_("快递已经取走{books}，取书费 {fee}，正在回馆的路上。"),
    "done": N_("{books}已经回到馆里了，取书费 {fee}。"),
    "cancelled": N_("{books}这次不用快递取了。"),
}


def _say_asked(talk: Talk, asked: home_returns.HomeReturn) -> None:
    _ = talk._
    stop = [Button(_("不用来取了"), f"fetchx:{asked.id}")] if asked.state == "asked" else []
    here, lines = list(asked.titles), []
    if asked.state == "done" and asked.lost:
        for title in asked.lost:
            here.remove(title)
        lines = [_("{books}登记为丢失，没有回到馆里；已经不在您名下了。", books=_.books(list(asked.lost)))]
        lines += [] if here else [_("取书费 {fee}。", fee=_.money(asked.fee_fen))]
    if here:
        lines.insert(0, _(ASKED[asked.state], books=_.books(here), fee=_.money(asked.fee_fen)))
    talk.say("\n".join(lines), rows(*stop, menu(_, "show_loans"), menu(_, "escalate")))


def stop_fetching(talk: Talk, home_return: str) -> None:
    """The reader brings them after all."""
    _ = talk._
    home_returns.cancel(talk.db, talk.reader.id, int(home_return), talk.now)
    talk.say(_("好，快递不来了。书放到任何一个馆或书柜都行。"), rows(menu(_, "return_books"), menu(_, "show_loans")))
