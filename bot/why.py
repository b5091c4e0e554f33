"""为什么不行 in words: every reason at once, what mending comes to, the next step; for chat and staff alike (D-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bot import late_words
from bot.event_words import EVENTS
from bot.texts import Words, reason
from lending import decisions, freezes, whatif
from lending.database import Database
from lending.decisions import Facts
from lending.model import library_day
from lending.next_steps import NextStep, next_steps
from lending.policy import Policy
from lending.whatif import Outcome

EARNED_WHILE_PAUSED = ("activity", "activity_signup", "volunteer", "donation", "renew", "prize")  # not by borrowing
SAID_BY_REASONS = ("open", "wait", "bring_back")  # steps that the reasons name already


def explain(_: Words, db: Database, reader_id: int, policy: Policy, now: datetime) -> list[str]:
    """Whether the reader may borrow one more book, everything in the way, and every way on; one sentence a line."""
    facts = decisions.facts(db, reader_id, now)
    reasons = [reason(_, why) for why in decisions.may_borrow(facts, 1, policy).reasons]
    if len(reasons) > 1:
        reasons = [f"{number}. {said}" for number, said in enumerate(reasons, 1)]
    lines = reasons or [_("现在就能借：一次 {limit} 本，还能再借 {left} 本。", **_room(facts, policy))]
    return [*lines, *mending(_, db, facts, policy, now), *steps(_, facts, policy, named=bool(reasons))]


def _room(facts: Facts, policy: Policy) -> dict[str, int]:
    limit = decisions.limit(facts, policy)[0]
    return {"limit": limit, "left": limit - decisions.counted(facts, policy, "order")}


def mending(_: Words, db: Database, facts: Facts, policy: Policy, now: datetime) -> Iterator[str]:
    """What bringing the books back today or tomorrow comes to (D-6), and the ways out of a freeze (B3.2)."""
    if facts.overdue:
        if policy.amnesty(library_day(now)) is not None:
            yield late_words.today(_, policy, library_day(now))
        account = whatif.read(db, facts.reader_id, policy)
        for said, when in ((_("今天还"), now), (_("明天还"), now + timedelta(days=1))):
            yield _outcome(_, said, whatif.if_returned(account, now, when, policy))
    if facts.frozen_until:
        yield from ways_out(_, db, facts.reader_id, policy)


def ways_out(_: Words, db: Database, reader_id: int, policy: Policy) -> Iterator[str]:
    """The ways out of a freeze beside waiting, each with how far it is walked and what walks it (B3.2)."""
    for way in freezes.ways(db, reader_id, policy):
        yield _way(_, way, policy)


def _outcome(_: Words, said: str, outcome: Outcome) -> str:
    if outcome.frozen_until is None:
        return _("{said}：{balance} 分，马上能借。", said=said, balance=outcome.balance)
    days = (library_day(outcome.frozen_until) - library_day(outcome.when)).days
    return _(
        "{said}：{balance} 分，{days} 天后恢复借阅，就是{day}。",
        said=said, balance=outcome.balance, days=days, day=_.day(outcome.frozen_until),
    )  # fmt: skip


def _way(_: Words, way: freezes.Way, policy: Policy) -> str:
    if way.path.kind == "quiz":
        return _("想早点恢复：答对几道借阅规则题，马上恢复。")
    if way.path.kind == "volunteer":
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


def steps(_: Words, facts: Facts, policy: Policy, named: bool = False) -> list[str]:
    """Every next step as a sentence; with `named`, without those that reasons before them have said."""
    found = [step for step in next_steps(facts, policy) if not (named and step.code in SAID_BY_REASONS)]
    return list(dict.fromkeys(STEPS[step.code](_, step) for step in found))


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
