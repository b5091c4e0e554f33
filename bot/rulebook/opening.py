"""开通: what is asked of a newcomer, and the way without any score (A1-4, A7-2, D-2)."""

from __future__ import annotations

from datetime import datetime

from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.points import points
from lending.policy import Policy


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """Thresholds, where they differ by service point, and the ladder step by step."""
    lines = [_("不收押金，不用办卡，不收年费。"), *_asked(_, db, policy, now), *ladder(_, policy)]
    return Section("opening", _("开通"), (*lines, *_history(_, policy, now)))


def _asked(_: Words, db: Database, policy: Policy, now: datetime) -> list[str]:
    if not policy.gate.asked:
        return [_("不查任何外面的信用分，凭互相信任借书。")]
    asked = policy.asked(now)
    full = policy.lending.limit
    if asked.residents_only:
        lines = [_("芝麻信用达到 {score} 分、并且是本地户籍，一次可借 {limit} 本。", score=asked.score, limit=full)]
    else:
        lines = [_("芝麻信用达到 {score} 分，一次可借 {limit} 本。", score=asked.score, limit=full)]
    lines.append(
        _("只问“是否达到”，看不到分数；先告诉您、您同意了才问；只保存这个回答和时间，同意后随时可以撤回，撤回就删掉。")
    )
    names = {point.code: point.name for point in points(db)}
    own = {one.point: one for one in policy.gate.points if policy.threshold(now, one.point) != asked.score}
    for code, one in own.items():
        place, score = names.get(code, one.name or code), policy.threshold(now, code)
        lines.append(_("在{place}取书要求 {score} 分。", place=place, score=score))
    return lines


def ladder(_: Words, policy: Policy) -> list[str]:
    """How many books without any score, to begin with and step by step."""
    first, *above = policy.ladder.steps
    if policy.gate.asked:
        lines = [_("不查信用、没有支付宝或无法评估，也能马上借 {limit} 本，按时归还就逐步增加。", limit=first.limit)]
    else:
        lines = [_("开始一次可借 {limit} 本，按时归还就逐步增加。", limit=first.limit)]
    for step in above:
        lines.append(_("按时归还 {n} 次以后，一次可借 {limit} 本。", n=step.returned_on_time, limit=step.limit))
    return lines


def _history(_: Words, policy: Policy, now: datetime) -> list[str]:
    """Earlier thresholds, so that a decision made under one stays explainable (A1-4)."""
    past = [one for one in policy.gate.thresholds if one.since <= policy.asked(now).since]
    if not policy.gate.asked or len(past) < 2:
        return []
    return [
        _("从 {day} 起要求 {score} 分，还要本地户籍。", day=one.since, score=one.score)
        if one.residents_only
        else _("从 {day} 起要求 {score} 分。", day=one.since, score=one.score)
        for one in past
    ]
