"""为什么不行 in words: every reason at once, what mending comes to, the next step; for chat and staff alike (D-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot import late_words
from bot.event_words import EVENTS
from bot.texts import Words, reason
from lending import audience, cart, catalogue, decisions, freezes, whatif
from lending.database import Database
from lending.decisions import Decision, Facts, Reason
from lending.model import library_day
from lending.next_steps import NextStep, next_steps
from lending.policy import Policy
from lending.whatif import Outcome

EARNED_WHILE_PAUSED = ("activity", "activity_signup", "volunteer", "donation", "renew", "prize")  # not by borrowing
SAID_BY_REASONS = ("open", "wait", "bring_back")  # steps that the reasons name already


def explain(
    _: Words, db: Database, reader_id: int, policy: Policy, now: datetime, staff: bool = False, shown: int | None = None
) -> list[str]:  # fmt: skip
    """Whether the reader may borrow one more book, everything in the way, and every way on; one sentence a line.

    `shown` is the title the reader is looking at.
    """
    facts = decisions.facts(db, reader_id, now)
    reasons = _numbered(_, decide(db, facts, policy, shown), TO_STAFF if staff else {})
    lines = reasons or [_("现在就能借：一次 {limit} 本，还能再借 {left} 本。", **_room(facts, policy))]
    named = bool(reasons)
    return [*lines, *mending(_, db, facts, policy, now, staff), *steps(_, facts, policy, named, staff)]


def _numbered(_: Words, decision: Decision, instead: Mapping[str, Callable[[Words, Reason], str]]) -> list[str]:
    said = [instead.get(why.code, reason)(_, why) for why in decision.reasons]
    return said if len(said) == 1 else [f"{number}. {one}" for number, one in enumerate(said, 1)]


def decide(db: Database, facts: Facts, policy: Policy, shown: int | None = None) -> Decision:
    """One more book; of a child also whether what it carries or looks at is for adults only (B8)."""
    decision = decisions.may_borrow(facts, 1, policy)
    if not facts.minor:
        return decision
    meant = dict.fromkeys([*cart.items(db, facts.reader_id), *([shown] if shown else [])])
    return audience.within(db, decision, facts, map(vars, catalogue.titles(db, meant).values()), policy)


def explain_to_staff(_: Words, db: Database, reader_id: int, policy: Policy, now: datetime) -> list[str]:
    """The same, said to a librarian: whoever reads it is not the reader, and has other ways."""
    return explain(_, db, reader_id, policy, now, staff=True)


def refused_to_staff(_: Words, decision: Decision) -> str:
    """Why a librarian cannot do a thing for a reader: every reason at once, each with a way on (D-4)."""
    return _.together(*_numbered(_, decision, TO_STAFF | ON_BEHALF))


TO_STAFF: dict[str, Callable[[Words, Reason], str]] = {  # what `texts.REASONS` says to the reader in person
    "not_opened": lambda _, why: _("还没开通借阅：请读者在聊天里选一种方式开通，免押金，也不用办卡。"),
    "guardian": lambda _, why: _(
        "还没成年，家长还没同意借书：请家长在自己的聊天里同意一次；还没有监护人的，先在下面「家人」里登记。"
    ),
    "frozen": lambda _, why: _(
        "信用分是 {balance}，借阅暂停到 {day}，那天自动恢复；还书和咨询不受影响。",
        balance=why.numbers["balance"], day=_.day(why.until) if why.until else "",
    ),
    "adults_only": lambda _, why: _(
        "{books}只借给成年读者，还在这位孩子的借书车里；标得不对，在「书目」里改。",
        books=_.books(list(why.numbers["titles"])),
    ),
    "limit": lambda _, why: _(
        "一次可以借 {limit} 本，手上和订单里已有 {in_hand} 本，再加 {books} 本就超出了。",
        limit=why.numbers["limit"], in_hand=why.numbers["in_hand"], books=why.numbers["books"],
    ),
}  # fmt: skip


ON_BEHALF: dict[str, Callable[[Words, Reason], str]] = {  # the same, of what is done at the desk and not in the chat
    "not_opened": lambda _, why: _(
        "还没开通借阅：请 TA 在聊天里选一种方式开通；没有聊天的，问过本人，"
        "在下面「调整信用身份」里改为「信任阶梯」，从少量借起。"
    ),
    "adults_only": lambda _, why: _(
        "{books}只借给成年读者；标得不对，在「书目」里改。", books=_.books(list(why.numbers["titles"]))
    ),
    "point_score": lambda _, why: _(
        "这个取书点要芝麻信用达到 {score} 分，还没有问过：请 TA 在聊天里授权，或者换一个馆借。",
        score=why.numbers["score"],
    ),
    "point_gone": lambda _, why: _("这个取书点不开了：请换一个。"),
}  # fmt: skip


def _room(facts: Facts, policy: Policy) -> dict[str, int]:
    limit = decisions.limit(facts, policy)[0]
    return {"limit": limit, "left": limit - decisions.counted(facts, policy, "order")}


def mending(
    _: Words, db: Database, facts: Facts, policy: Policy, now: datetime, staff: bool = False
) -> Iterator[str]:  # fmt: skip
    """What bringing the books back today or tomorrow comes to (D-6), and the ways out of a freeze (B3.2)."""
    if facts.overdue:
        if policy.amnesty(library_day(now)) is not None:
            yield late_words.today(_, policy, library_day(now))
        account = whatif.read(db, facts.reader_id, policy)
        for said, when in ((_("今天还"), now), (_("明天还"), now + timedelta(days=1))):
            yield _outcome(_, said, whatif.if_returned(account, now, when, policy))
    if facts.frozen_until:
        yield from ways_out(_, db, facts.reader_id, policy, staff)


def ways_out(_: Words, db: Database, reader_id: int, policy: Policy, staff: bool = False) -> Iterator[str]:
    """The ways out of a freeze beside waiting, each with how far it is walked and what walks it (B3.2)."""
    for way in freezes.ways(db, reader_id, policy):
        yield _way(_, way, policy, staff)


def _outcome(_: Words, said: str, outcome: Outcome) -> str:
    if outcome.frozen_until is None:
        return _("{said}：{balance} 分，马上能借。", said=said, balance=outcome.balance)
    days = (library_day(outcome.frozen_until) - library_day(outcome.when)).days
    return _(
        "{said}：{balance} 分，{days} 天后恢复借阅，就是{day}。",
        said=said, balance=outcome.balance, days=days, day=_.day(outcome.frozen_until),
    )  # fmt: skip


def _way(_: Words, way: freezes.Way, policy: Policy, staff: bool) -> str:
    if way.path.kind == "quiz":
        if staff:
            return _("想早点恢复：读者在聊天里答对几道借阅规则题，马上恢复。")
        return _("想早点恢复：答对几道借阅规则题，马上恢复。")
    if way.path.kind == "volunteer":
        if staff:
            return _(
                "想早点恢复：志愿服务 {n} 小时，已经做了 {done} 小时；做完在下面「记一笔」里记下。",
                n=way.path.amount, done=way.done,
            )  # fmt: skip
        return _(
            "想早点恢复：志愿服务 {n} 小时，已经做了 {done} 小时；想参加，告诉馆员。", n=way.path.amount, done=way.done
        )
    gives = [
        _("{what} +{points}", what=_(EVENTS[rule.event]), points=rule.delta)
        for rule in policy.ledger.rules
        if rule.delta > 0 and rule.event in EARNED_WHILE_PAUSED
    ]
    said = {"n": way.path.amount, "done": way.done, "gives": _.listed(gives)}
    return _("想早点恢复：重新挣到 {n} 分，已经挣了 {done} 分（{gives}）。", **said)


# ---- the next step ---------------------------------------------------------------------------------------------------


def steps(_: Words, facts: Facts, policy: Policy, named: bool = False, staff: bool = False) -> list[str]:
    """Every next step as a sentence; with `named`, without those that reasons before them have said."""
    words = STEPS | ({"enjoy": _enjoyed} if staff else {})
    found = [step for step in next_steps(facts, policy) if not (named and step.code in SAID_BY_REASONS)]
    return list(dict.fromkeys(words[step.code](_, step) for step in found))


def _tier(_: Words, step: NextStep) -> str:
    """The tier above with all it brings (A8-14)."""
    numbers, opens = step.numbers, []
    if numbers["limit"] is not None:
        opens.append(_("一次可借 {n} 本", n=numbers["limit"]))
    if numbers["extra_days"]:
        opens.append(_("借期多 {n} 天", n=numbers["extra_days"]))
    if numbers["fee_percent"] < 100:
        opens.append(_("快递费付 {n}%", n=numbers["fee_percent"]))
    if numbers["holds"] is not None:
        opens.append(_("可预约 {n} 本", n=numbers["holds"]))
    if numbers["invitations"]:
        opens.append(_("受邀参加活动"))
    if numbers["gifts"]:
        opens.append(_("有礼品"))
    said = {"to_go": numbers["to_go"], "name": numbers["name"], "opens": _.listed(opens)}
    return _("再得 {to_go} 分就到「{name}」：{opens}。", **said)


def _climb(_: Words, step: NextStep) -> str:
    return _.n(
        "再按时还 {n} 次，就能一次借 {limit} 本。",
        "再按时还 {n} 次，就能一次借 {limit} 本。",
        step.numbers["to_go"],
        limit=step.numbers["limit"],
    )


def _redeem(_: Words, step: NextStep) -> str:
    if step.numbers["consume"]:
        return _("可以用 {points} 分换多借一本，还能换 {books} 本；换了就扣分。", **_only(step, "points", "books"))
    return _("满 {points} 分可以换多借一本，还能换 {books} 本；换了不扣分。", **_only(step, "points", "books"))


def _enjoyed(_: Words, step: NextStep) -> str:
    return _("已经是最高一级：一次可借 {limit} 本。", limit=step.numbers["limit"])


def _only(step: NextStep, *names: str) -> dict[str, Any]:
    return {name: step.numbers[name] for name in names}


STEPS: dict[str, Callable[[Words, NextStep], str]] = {
    "open": lambda _, step: _("开通以后马上能借 {limit} 本，最多 {full} 本。", **_only(step, "limit", "full")),
    "wait": lambda _, step: _("{day} 自动恢复借阅。", day=_.day(step.numbers["until"])),
    "bring_back": lambda _, step: _.n(
        "先还超期的 {n} 本，马上就能再借。", "先还超期的 {n} 本，马上就能再借。", step.numbers["n"]
    ),
    "climb": _climb,
    "reach_tier": _tier,
    "redeem": _redeem,
    "save": lambda _, step: _("再得 {to_go} 分（满 {points} 分），就能换多借一本。", **_only(step, "to_go", "points")),
    "enjoy": lambda _, step: _("您已经是最高一级：一次可借 {limit} 本。谢谢您一直守信。", limit=step.numbers["limit"]),
}
