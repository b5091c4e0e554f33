"""规则: the rules in short, each part of them in full, and the page where they all stand (D-11, F-13)."""

from __future__ import annotations

import re

from bot import acting, rule_answers, rulebook, topics
from bot.events import Button
from bot.folding import fold
from bot.handlers import bus, drifting, family, following, greeting, opening, places, promising, returning
from bot.rulebook import opening as opening_rules
from bot.rulebook.section import Section
from bot.talk import Rows, Talk
from bot.texts import Words, menu, rows
from bot.understanding import plainly
from lending import cart, decisions

ARRIVES = re.compile("(几天|多久|多长时间|多少天).{0,4}(到|收到|拿到)(?!期)|(送|寄|快递|到家).{0,4}(要|得|需要|大概)?(等)?(几天|多久|多长时间)|(周几|礼拜几|星期几|哪一?天|几号).{0,6}(能|会)?.{0,2}(收到|拿到|送到|寄到|到我|到家|到手)|最快.{0,4}(拿|取|到手)|(哪[种个样]|怎么|咋).{0,6}(最|更|比较)快|最快的?(是|呢|那)|选.{0,2}最?快的")
SOON = re.compile("(?:今天|明天|后天|周[一二三四五六日末]|最快|当天).{0,4}(?:拿|取|到手|收到|送到|送来)")
LONGEST = 24
HOW_MANY = re.compile("几本|多少本|多少书|借满|how many")
GIVING_BACK = re.compile("^(?!.*(几|多久|多少|多长|晚|超期|逾期|过期|到期|忘|天|没还|不还)).*还书")  # where and how, not when
MONEY = re.compile("钱|费|罚|收|块|元|¥|fee|fine|money|pay|cost")
NEEDED = (("opening", "押金"), ("borrowing", "几本"), ("borrowing", "续借"), ("borrowing", "别的馆"))  # parts, and what is asked of them
LEADING = 2  # sentences of each part that stand in the short form
NOT_OPEN = ("打不开", "开不了", "没开", "不开", "没关上", "故障", "坏了", "卡在", "卡住", "拿不出")


def faq(talk: Talk) -> None:
    """The part that was asked for; the weightiest sentences of all; or when the doors are open, if that was asked."""
    if bus.asked(talk.event.text):
        return bus.show(talk)
    if opening.asked(talk.event.text) and not topics.DUE_SHUT.search(talk.event.text):
        return opening.show(talk)
    if places.asks_phone(talk.event.text):
        return places.phones(talk)
    if promising.asked(talk.event.text):
        return promising.show(talk)
    if drifting.gives(talk.event.text):
        return drifting.tell_ways(talk)
    if stuck(talk.event.text):
        return _at_the_locker(talk)
    if ARRIVES.search(fold(talk.event.text)):
        return tell_how_soon(talk)
    if part := topics.part_of(talk.event.text):
        return answer(talk, part)
    if topics.asks_how(talk.event.text):
        return greeting.help(talk)
    _ = talk._
    parts = rulebook.sections(_, talk.db, talk.policy, talk.now)
    if not topics.asks_for_all(talk.event.text):
        told = _("这件事我答不上来，馆员知道，点「转人工」就帮您问。写好的规则在这些里面：")
        return talk.say(told, (*_doors(parts), (menu(_, "fees"), menu(_, "escalate"))))
    lines = [_("借阅规则（{version}）：", version=talk.policy.version)]
    lines += [_("· {rule}", rule=rule) for part in parts for rule in part.lines[:LEADING]]
    talk.say("\n".join(lines), (*_doors(parts), *rows(_page(_, talk), menu(_, "fees"), menu(_, "escalate"))))


def fees(talk: Talk) -> None:
    """What things cost; what a lost or damaged book costs, in money or in points, stands in a part of its own."""
    part = topics.part_of(talk.event.text)
    late = part == "borrowing" and talk.intent.likened and not MONEY.search(fold(talk.event.text))
    if part in ("mishaps", "points") or late or (part == "sharing" and talk.intent.likened):
        return answer(talk, part)
    if talk.intent.likened and ARRIVES.search(fold(talk.event.text)):
        return tell_how_soon(talk)
    greeting.fees(talk)


def asks_how_soon(talk: Talk) -> bool:
    """Whether somebody asks when the books come that they have chosen, or that stand there, though the words are no clear wish."""
    said = fold(talk.event.text)
    if talk.intent.name == "show_orders" and talk.intent.likened and not talk.step and SOON.search(said):
        return not following.expects(talk)
    lost = talk.intent.name == "search" and (talk.found is None or not talk.found.ids or talk.found.near)
    if not lost or talk.step not in ("", "address") or len(said) > LONGEST or not ARRIVES.search(said):
        return False
    return talk.memory.get("title") is not None or bool(talk.memory.get("list")) or following.expects(talk)


def tell_how_soon(talk: Talk, _asked: bool = True) -> None:
    """When the reader's own books come; where none are on their way, what the library promises and what it cannot."""
    if talk.acting is None and following.still_open(talk):
        return following.show_orders(talk)
    _, policy = talk._, talk.policy
    waiting = talk.acting is None and cart.items(talk.db, talk.reader.id)
    ready = _("下单后 {hours} 小时内备好。书柜取、到馆自取：备好就告诉您。", hours=policy.promise.ready_hours)
    ready = _.together(ready, _("赶上下班的，顺延到再上班的时候；几点前备好，下单前写明。"))
    lines = [
        following.before_ordering(talk) if waiting else ready,
        _("送到家：备好就交给快递，路上几天看快递，寄出、签收都告诉您；下了单随时问「到哪了」。"),
    ]
    lines += [
        _(
            "{districts}由图书馆自己的班次送（{starts}–{ends}）。",
            districts=_.listed([_(name) for name in one.districts]),
            starts=f"{one.starts:%H:%M}",
            ends=f"{one.ends:%H:%M}",
        )
        for one in policy.parcels.rounds
        if not one.place
    ]
    ways = (menu(_, "checkout"), menu(_, "show_cart")) if waiting else (menu(_, "fees"), menu(_, "browse"))
    talk.say("\n".join(lines), rows(*ways, menu(_, "escalate")))


def _doors(parts: list[Section]) -> Rows:
    return rows(*(Button(part.title, f"rules:{part.code}") for part in parts), across=2)


def stuck(text: str) -> bool:
    """Whether somebody stands before a locker that does not open."""
    text = fold(text)
    return any(door in text for door in ("柜", "门", "格口")) and any(word in text for word in NOT_OPEN)


def _at_the_locker(talk: Talk) -> None:
    """What to try, where the code stands, and a person."""
    _ = talk._
    talk.say(
        _("书柜没开？先核对是不是这个书柜、这个取书码，再输一次。还不行就点「转人工」，说一声是哪个书柜。"),
        rows(menu(_, "show_orders"), menu(_, "escalate")),
    )


def answer(talk: Talk, code: str) -> None:
    """The part that a question is about; where books are given back is told by its places."""
    if code == "borrowing" and GIVING_BACK.search(fold(talk.event.text)):
        return returning.return_books(talk)
    if told := rule_answers.told(talk, code, talk.event.text):
        _ = talk._
        title = rulebook.PARTS[code](_, talk.db, talk.policy, talk.now).title
        whole = Button(_("{title}：全部", title=title), f"rules:{code}")
        text = "\n".join([*_own_limit(talk, code), words(_, Section(code, title, tuple(told)))])
        return talk.say(text, rows(*_ways(_, code), whole, menu(_, "faq"), menu(_, "escalate")))
    show_part(talk, code)


def _own_limit(talk: Talk, code: str) -> list[str]:
    """How many this reader may have, where that was asked: what stands in the rules is the most that anybody may."""
    if code != "borrowing" or not acting.allowed(talk, "order") or not HOW_MANY.search(plainly(talk.event.text)):
        return []
    named = family.named(talk, "order") if talk.acting is None else None
    whose = named or (talk.acting.reader if talk.acting else talk.reader)
    _, facts = talk._, decisions.facts(talk.db, whose.id, talk.now)
    if facts.standing == "new" and talk.policy.gate.asked and not facts.minor:
        return opening_rules.ladder(_, talk.policy)[:1]
    limit, used = decisions.limit(facts, talk.policy)[0], decisions.counted(facts, talk.policy, "order")
    if named:
        return [_("{name}一次可借 {limit} 本，现在占用 {used} 本。", name=acting.called(named), limit=limit, used=used)]
    if talk.acting:
        return [_("一次可借 {limit} 本，现在占用 {used} 本。", limit=limit, used=used)]
    return [_("您一次可借 {limit} 本，现在占用 {used} 本。", limit=limit, used=used)]


def simply(talk: Talk) -> None:
    """The few sentences that most readers need."""
    _ = talk._
    lines = [_("记住这几条就够了，别的用到时我会说："), *(line for part, about in NEEDED for line in rule_answers.told(talk, part, about))]
    talk.say("\n".join(lines), rows(menu(_, "browse"), menu(_, "faq"), menu(_, "escalate")))


def show_part(talk: Talk, code: str) -> None:
    """One part, every sentence, with its examples computed now."""
    _ = talk._
    part = rulebook.PARTS.get(code)
    if part is None:
        return faq(talk)
    ways = (*_ways(_, code), menu(_, "faq"), _page(_, talk), menu(_, "escalate"))
    talk.say(words(_, part(_, talk.db, talk.policy, talk.now)), rows(*ways))


def _ways(_: Words, code: str) -> tuple[Button, ...]:
    """What can be done about what a part speaks of."""
    if code == "family":
        return Button(_("我的家人"), "fam"), Button(_("给孩子办卡"), "famc")
    if code == "privacy":
        return Button(_("谁看过我的资料"), "looks"), menu(_, "export_data"), Button(_("删除我的数据"), "i:erase_data")
    return ()


def words(_: Words, part: Section) -> str:
    """A part as one message."""
    lines = [_("{title}：", title=part.title), *(_("· {rule}", rule=rule) for rule in part.lines)]
    if part.examples:
        lines += [_("比如："), *(_("· {rule}", rule=example) for example in part.examples)]
    return "\n".join(lines)


def _page(_: Words, talk: Talk) -> Button:
    return Button(_("完整规则"), url=f"{talk.service.public_url}/rules?lang={_.language}")
