"""规则预演: a pack, ours or typed here, tried on what really happened before anybody lives under it (D-14)."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask import Blueprint, request

from admin.desk import N_, Desk
from admin.pages import page
from lending import rehearsal
from lending.ledger_rules import Wrong
from lending.model import library_day
from lending.policy import PolicyError, load_policy, load_text, pack_of, packs
from lending.rehearsal import Change, Rehearsal

PERIODS = (30, 90, 365)  # days
SHOWN = 200
TYPED = re.compile(r"pack\.toml:(\d+): ")  # a line written here, not in a file
TEXT = 'inherits = "{pack}"\nname = "{name}"\n\n[lending]\nloan_days = {days}\n'
NUMBERS = {
    "balance": N_("信用分"),
    "limit": N_("一次可借"),
    "frozen_days": N_("暂停天数"),
    "refused": N_("借不成的次数"),
    "fee_fen": N_("快递费"),
}
REASONS = {  # why a pack is refused (lending/policy.py, pack_checks.py, pack_files.py)
    "no rule for {event!r}": N_("没有「{event}」的规则"),
    "not written in {coding} (GBK?): save it as UTF-8 and try again": N_("不是 {coding} 编码，请另存为 {coding} 再试"),
    'empty; begin with inherits = "default", name and version':
        N_('还是空的，请从 inherits = "default"、name 和 version 写起'),
    "{reason}: {line}": N_("这一行看不懂：{line}"),
    "a number too long or brackets too deep to be read": N_("有个数字太长，或者括号套得太深，读不了"),
    "write \" ' = , [ ] as on an English keyboard": N_("引号、等号、逗号和括号请用英文的"),
    "did you mean {near!r}?": N_("是不是想写「{near}」？"),
    "expected the name of a pack": N_("这里要写馆里自带的一套规则的名字"),
    "expected the name of a pack, found {parent!r}": N_("这里要写一套规则的名字，写的是 {parent}"),
    "inherits from itself ({way})": N_("绕了一圈又继承自己（{way}）"),
    "there is no pack {parent!r}": N_("没有叫「{parent}」的规则"),
    'expected a list like ["ledger.redemption"]': N_('这里要写成 ["ledger.redemption"] 这样'),
    "lies over a pack of a lower level of the library tree": N_("继承了比自己低一级的馆"),
    "{name} is not there to be taken away": N_("本来就没有「{name}」，不用去掉"),
    "expected a list": N_("这里要写成 [ ] 里的几项"),
    "expected a table": N_("这里要写成一节，不是一个值"),
    "expected a whole number like 30, found {found}": N_("这里要写整数，写的是 {found}"),
    "expected true or false, found {found}": N_("这里要写 true 或 false，写的是 {found}"),
    "expected a day like 2026-11-20, without quotes, found {found}": N_("这里要写日期，不加引号，写的是 {found}"),
    'expected words in quotes, like "杭州图书馆", found {found}': N_("这里要写带引号的文字，写的是 {found}"),
    "expected a time like 21:30, found {found!r}": N_("这里要写几点几分，写的是「{found}」"),
    "unknown field {name!r}": N_("没有「{name}」这一项"),
    "{name} is missing": N_("缺「{name}」这一项"),
    "a pack that inherits from none says everything itself": N_("没有继承别的规则，就要每一项都写全"),
    "{name} must be one of {known}, found {found!r}": N_("「{name}」只能是 {known}，写的是「{found}」"),
    "must be at least {least}, found {found}": N_("至少要 {least}，写的是 {found}"),
    "must be at most {most}, found {found}": N_("最多 {most}，写的是 {found}"),
    "ladder.steps must not go above lending.limit, which is {limit}":
        N_("信任阶梯不能高过一次可借的本数（lending.limit = {limit}）"),
    "freeze.balance_on_thaw must not be less than freeze.below": N_("恢复后的分数不能低于暂停的线（freeze.below）"),
    "tiers must climb": N_("各档要从低到高"),
    "calendar.closed_on: no day is called {name!r}; 除夕 and 正月初一 are known":
        N_("没有叫「{name}」的日子，认得除夕和正月初一"),
    "desk.closes must come after desk.opens": N_("关门要晚于开门（desk.opens）"),
    "{name} needs at least one entry": N_("{name} 至少要有一项"),
    "parcels.rounds: {name} needs districts, weekdays and ends after starts":
        N_("送书班次「{name}」要写区域和星期几，结束要晚于开始"),
    "gate.thresholds: the earliest day comes first": N_("信用门槛要从最早的日子排起"),
    "asks for {score}, the alliance for at most {most} (gate.at_most)":
        N_("要 {score} 分，联盟的上限是 {most} 分（gate.at_most）"),
    "{event!r} is no event of this ledger": N_("这套规则里没有「{event}」这件事"),
    "{event!r} goes the other way": N_("「{event}」一个加分、一个扣分，不能合在一起封顶"),
    "{event} is counted per = {per}": N_("「{event}」要写 per = {per}"),
    "{event} takes points: write it below 0, found {found}": N_("「{event}」是扣分的，要写负数，写的是 {found}"),
    "{event} gives points: write it above 0, found {found}": N_("「{event}」是加分的，要写正数，写的是 {found}"),
    "must not be less than delta": N_("不能比 delta 还小"),
    "amnesties: {name} needs either from and until, or every": N_("「{name}」要写 from 和 until，或者只写 every"),
    "amnesties: {name} ends before it begins": N_("「{name}」结束得比开始还早"),
    "amnesties: {name} needs at least one day": N_("「{name}」至少要有一天"),
    "amnesties: {name} knows no day {day!r}: write 04-23 or 正月初一":
        N_("「{name}」里的「{day}」不是日子，请写成两位的月和日，用短横连起来，或写正月初一"),
    "{list}: {key} stands there twice": N_("「{key}」写了两次"),
    "ladder.steps must begin with returned_on_time = 0": N_("信任阶梯的第一级，returned_on_time 要是零"),
    "ladder.steps must climb": N_("信任阶梯要一级比一级高"),
    "fees.rates: {name} needs either base_books or base_grams": N_("「{name}」要写 base_books 或 base_grams，只写一个"),
    "fees.rates: {name} needs base_grams and each_grams together": N_("「{name}」的 base_grams 和 each_grams 要一起写"),
    "fees.rates: no zone {zone!r} in fees.zones": N_("fees.zones 里没有「{zone}」这个区"),
    "fees.campaigns: {name} ends before it begins": N_("「{name}」结束得比开始还早"),
    "free_shipping.windows needs at least one closing time": N_("抽签至少要有一场的截止时间"),
    "free_shipping.windows must climb": N_("各场的截止时间要从早到晚"),
    "free_shipping.lots must begin with days = 0 and climb": N_("签数要从 days 是零写起，一级比一级多"),
}
OUTCOMES = {"gains": N_("更好"), "loses": N_("更差"), "both": N_("有好有坏"), "same": N_("不变")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """One page: choose or type a pack, and read what it would have come to."""
    made.add_url_rule("/policies", "policies", partial(show, desk))
    made.add_url_rule("/policies", "rehearse", partial(rehearse, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """The form, with the rules in force to begin from."""
    return _page(desk, pack=pack_of(desk.policy), text="", days=PERIODS[1])


def rehearse(desk: Desk) -> tuple[str, int] | str:
    """What would have come of it; a pack that cannot be used is refused with its line."""
    text, pack = request.form.get("text", "").strip(), request.form.get("pack", "")
    days = next((period for period in PERIODS if str(period) == request.form.get("days")), PERIODS[1])
    asked = {"pack": pack, "text": text, "days": days}
    try:
        planned = load_text(text) if text else load_policy(pack if pack in packs() else "default")
    except PolicyError as error:
        return _page(desk, problem=_problem(desk, error), **asked), 400
    now = desk.now()
    outcome = rehearsal.rehearse(desk.db, desk.policy, planned, now - timedelta(days=days), now)
    return _page(desk, outcome=outcome, planned=planned, span=_span(desk, outcome), **asked)


def _span(desk: Desk, outcome: Rehearsal) -> tuple[str, str]:
    """From which day to which; with the year where the two are not of one."""
    first, last = library_day(outcome.since), library_day(outcome.until)
    if first.year == last.year:
        return desk.say().date(first), desk.say().date(last)
    return first.isoformat(), last.isoformat()


def _problem(desk: Desk, error: PolicyError) -> str:
    """Where the pack is wrong and why, in the librarian's language."""
    _ = desk.say()
    why = [_(REASONS[one.sentence], **one.values) if isinstance(one, Wrong) else one for one in error.reasons]
    typed = TYPED.match(error.where)
    where = _("第 {n} 行 {what}", n=typed[1], what=error.where[typed.end() :]) if typed else error.where
    return _("{name}：{value}", name=where, value=("; " if desk.language() == "en" else "；").join(why))


def _page(desk: Desk, **what: object) -> str:
    current = desk.policy
    hint = TEXT.format(pack=pack_of(current), name=current.name, days=current.lending.loan_days)
    choices = [(name, load_policy(name).name) for name in packs()]
    return page(
        "policies.html", choices=choices, periods=PERIODS, hint=hint, current=current, shown=SHOWN, numbers=NUMBERS,
        outcomes=OUTCOMES, told=partial(told, desk), differs=differs, **what,
    )  # fmt: skip


def differs(change: Change, field: str) -> bool:
    """Whether a number is not the same before and after."""
    return bool(getattr(change.before, field) != getattr(change.after, field))


def told(desk: Desk, field: str, value: int) -> str:
    """A number as a person reads it."""
    return desk.say().money(value) if field == "fee_fen" else str(value)
