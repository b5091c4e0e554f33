"""信用: what is asked before anything is asked, the bureau's answer, the ladder, and the ledger line by line."""

from __future__ import annotations

import re

from bot import offered, special_words, why
from bot.event_words import EVENTS
from bot.events import Button
from bot.folding import fold, trimmed
from bot.handlers import mending, rules
from bot.talk import Talk
from bot.texts import Words, menu, reason, rows
from lending import catalogue, consents, credit, decisions, minors, readers, special_readers
from lending.errors import UnknownThing
from lending.model import Fulfilment, Verdict

ONE_MORE = re.compile("[换兑].{0,4}多借")
HOW_POINTS = re.compile(  # how points come and go, and not how many one has
    "(?:请问|那么?|我们?|信用|这个?|你们|的)*(?:积?分数?)?(?:是|会|要|能|得)*(?:怎么样?|怎样|如何|咋)(?:才能?|能|会|可以|去|个)*"
    "(?:涨|加|扣|算|挣|攒|赚|得|升|来|减|掉)(?:的?分|的|上去|高|法|最?快|多)*[呢啊呀吗]?"
    "|(?:那么?|请问|这个?)*信?用?积?分(?:到底)?(?:有(?:什么|啥)用处?|是?(?:干什么|干嘛|干啥)用?的|是(?:什么|啥)(?:意思|东西)?)[呢啊吗]?"
    "|.{0,8}(?:分|信用).{0,2}(?:规则|规定|标准|细则)|(?:那么?|请问)*(?:扣分|加分|涨分|减分|得分)(?:呢|规则|标准)"
)


def offer(talk: Talk) -> None:
    """Threshold, what is checked, what is kept, and the other way, before consent (A7-2, A3-33)."""
    _, policy = talk._, talk.policy
    limit, asked = policy.ladder.steps[0].limit, policy.asked(talk.now)
    if minors.is_minor(talk.db, talk.reader.id, talk.now):  # no bureau is spoken of to a child
        return _offer_child(talk, limit)
    if not policy.gate.asked or offered.RATHER_NOT.fullmatch(fold(talk.event.text).strip()):
        return _offer_ladder(talk, limit)
    text = _(
        "第一次借书，选一种方式开通，免押金、免办卡：\n① 信用借阅：请芝麻信用回答一个问题「是否达到 {threshold} 分」。",
        threshold=asked.score,
    )
    if asked.score <= policy.gate.starting_score:
        text += _("{threshold} 分就是起步分，人人可试。", threshold=asked.score)
    if asked.residents_only:
        text += _("本馆还要求本地户籍。")
    text += _(
        "我们只会知道「是、否、无法评估」，看不到您的分数，也只保存这个回答和时间，同意后随时可以撤回。达到后一次可借 {full} 本。\n"
        "② 不查信用：马上能借 {limit} 本，按时归还就逐步增加，最多也是 {full} 本。",
        full=policy.lending.limit, limit=limit,
    )  # fmt: skip
    buttons = (
        (Button(_("同意，查一下信用"), "credit:yes"),),
        (Button(_("不查信用，先借 {n} 本", n=limit), "credit:ladder"),),
        (young(talk), menu(_, "cancel"), menu(_, "escalate")),
    )
    talk.say(text, buttons)


def young(talk: Talk) -> Button:
    """For whoever is a child; nobody is asked who does not say so."""
    return Button(talk._("我未满 {age} 岁", age=talk.policy.minors.of_age), "young")


def _offer_child(talk: Talk, limit: int) -> None:
    """Raises GuardianNeeded until the guardian has agreed."""
    minors.require(talk.db, talk.reader.id, "borrow", talk.now)
    _ = talk._
    text = _("家长同意了，免押金、免办卡：马上能借 {limit} 本。", limit=limit)
    talk.say(text, rows(Button(_("开始借书"), "credit:ladder"), menu(_, "cancel"), menu(_, "escalate")))


def _offer_ladder(talk: Talk, limit: int) -> None:
    """Where trust rests on the community alone nothing outside is asked (A10-4)."""
    _ = talk._
    text = _(
        "第一次借书，免押金、免办卡，也不查任何信用分：马上能借 {limit} 本，按时归还就逐步增加，最多 {full} 本。",
        limit=limit, full=talk.policy.lending.limit,
    )  # fmt: skip
    talk.say(text, rows(Button(_("开始借书"), "credit:ladder"), young(talk), menu(_, "cancel"), menu(_, "escalate")))


def authorize_credit(talk: Talk) -> None:
    """ "开通信用借阅"."""
    if point := _asks_more(talk):
        return _offer_point(talk, point)
    if talk.reader.standing == "trusted":
        _ = talk._
        return talk.say(
            _("信用借阅已经开通，一次可借 {n} 本。", n=talk.policy.lending.limit), rows(menu(_, "show_credit"))
        )
    offer(talk)


def _asks_more(talk: Talk) -> str:
    """The code of the locker the reader has chosen, where it asks for a score of its own (A9-2); '' otherwise."""
    way, point = talk.memory.get("way") or ("", 0)
    if way != Fulfilment.LOCKER or talk.reader.standing == "new":
        return ""
    code = catalogue.point(talk.db, point).code
    return code if any(one.point == code for one in talk.policy.gate.points) else ""


def _offer_point(talk: Talk, point: str) -> None:
    """What this locker asks, before consent; whoever would rather not has every other way."""
    _, score = talk._, talk.policy.threshold(talk.now, point)
    text = _(
        "这个书柜只多问一个问题「是否达到 {score} 分」，我们只知道「是、否、无法评估」。不达到也不影响别的取书方式。",
        score=score,
    )
    other = Button(_("换个方式"), "i:checkout")
    talk.say(text, ((Button(_("同意，查一下信用"), "credit:yes"),), (other, menu(_, "escalate"))))


def consent(talk: Talk) -> None:
    """Consent given: where to let the bureau answer. Asked again the same day, yesterday's question stands."""
    _, bureau = talk._, talk.service.bureau
    check = credit.consent(talk.db, talk.reader.id, talk.policy, talk.now, _asks_more(talk))
    if check.verdict:
        return say_verdict(talk, check.verdict, check.threshold)
    buttons: list[tuple[Button, ...]] = [(Button(_("打开授权页"), url=bureau.link(check.token)),)]
    text = _(
        "谢谢同意。请到授权页点一下，结果马上回到这里。授权只问「是否达到 {threshold} 分」，随时可以不做。",
        threshold=check.threshold,
    )
    if bureau.simulated:
        text += "\n" + _("（演示环境：也可以在这里直接选一个结果。）")
        labels = (
            (Verdict.YES, _("模拟：达到")),
            (Verdict.NO, _("模拟：未达到")),
            (Verdict.CANNOT_TELL, _("模拟：无法评估")),
        )
        buttons.append(tuple(Button(label, f"sim:{check.token}:{verdict}") for verdict, label in labels))
    talk.say(text, (*buttons, (Button(_("改为不查信用"), "credit:ladder"),)))


def simulated_verdict(talk: Talk, token: str, verdict: str) -> None:
    """The simulator's answer pressed in the chat; a real bureau never answers this way."""
    ours = talk.service.bureau.simulated and verdict in tuple(Verdict)
    if not ours or credit.check_by_token(talk.db, token).reader_id != talk.reader.id:
        raise UnknownThing("credit_check", token[:40])
    credit.record_verdict(talk.db, token, Verdict(verdict), "simulated", talk.now)


def say_verdict(talk: Talk, verdict: Verdict, threshold: int) -> None:
    """The answer in words, and back to what the reader was doing."""
    _ = talk._
    text, buttons = verdict_words(_, verdict, threshold, talk.policy.lending.limit, talk.policy.ladder.steps[0].limit)
    talk.say(text, buttons)


def verdict_words(
    _: Words, verdict: str, threshold: int, full: int, first: int
) -> tuple[str, tuple[tuple[Button, ...], ...]]:
    """Cannot tell is not no; both start on the ladder (B3.1, D-2)."""
    if verdict == Verdict.YES:
        text = _("信用借阅开通了！免押金，一次可借 {n} 本。", n=full)
    elif verdict == Verdict.NO:
        text = _(
            "芝麻信用说暂时没到 {threshold} 分。没关系，您现在就能借 {n} 本，按时归还会逐步增加到 {full} 本。",
            threshold=threshold,
            n=first,
            full=full,
        )
    else:
        text = _(
            "芝麻信用暂时无法评估，这不是拒绝。您现在就能借 {n} 本，按时归还会逐步增加到 {full} 本。",
            n=first,
            full=full,
        )
    return text, rows(Button(_("继续下单"), "goon"), menu(_, "show_credit"))


def start_ladder(talk: Talk) -> None:
    """Without any bureau, small at first; what comes next is for the caller."""
    _ = talk._
    minors.require(talk.db, talk.reader.id, "borrow", talk.now)
    credit.start_on_ladder(talk.db, talk.reader.id)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    step, above = talk.policy.ladder_step(0)
    text = _("好，不查信用。您现在一次可借 {n} 本。", n=step.limit)
    if above and talk.reader.standing == "ladder":
        more = _.n(
            "按时还 {n} 次，就升到 {limit} 本。",
            "按时还 {n} 次，就升到 {limit} 本。",
            above.returned_on_time,
            limit=above.limit,
        )
        text = _.together(text, more)
    talk.say(text, rows(menu(_, "show_credit")) if not talk.memory.get("way") else ())


def show_credit(talk: Talk) -> None:
    """Balance, limit, the next step named, and the last lines with their reasons (A1-25, A7-14)."""
    said = "" if talk.event.press else trimmed(talk.event.text)
    if ONE_MORE.search(said):
        return mending.offer_redeeming(talk)
    if HOW_POINTS.fullmatch(said):
        return rules.answer(talk, "points")
    if mending.asked(said):
        return mending.show(talk)
    _, policy = talk._, talk.policy
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    limit = decisions.limit(facts, policy)[0]
    lines = [_("您的信用分：{balance}（起始 {start}）", balance=facts.balance, start=policy.ledger.start)]
    if facts.standing == "new":
        lines.append(_("还没有开通借阅。"))
    else:
        used = decisions.counted(facts, policy, "order")
        lines.append(_("一次可借 {limit} 本，现在占用 {used} 本。", limit=limit, used=used))
    if special_readers.is_special(talk.db, talk.reader.id) and (longer := special_words.loans(_, policy)):
        lines.append(_("馆员为您登记过：{what}。", what=_.listed(longer)))
    if (tier := policy.tier(facts.balance)[0]) is not None:
        lines.append(_("等级：{name}", name=_(tier.name)))
    decision = decisions.may_borrow(facts, 1, policy)
    in_way = [reason(_, one) for one in decision.reasons if one.code in ("frozen", "overdue")]
    lines += in_way + list(why.mending(_, talk.db, facts, policy, talk.now))
    lines += [_("下一步：{step}", step=step) for step in why.steps(_, facts, policy, named=bool(in_way))]
    lines.append(_("最近的记录（点号码看为什么、申诉）："))
    recent = credit.lines(talk.db, talk.reader.id, 6)
    for n, line in enumerate(recent, 1):
        what = _("{day} {event} {delta}", day=_.day(line.at), event=_(EVENTS[line.event]), delta=f"{line.delta:+d}")
        lines.append(f"{n}. {what}" + (_("（已改正）") if line.reversed else ""))
    each = rows(*(Button(_("第 {n} 条", n=n), f"line:{line.id}") for n, line in enumerate(recent, 1)), across=3)
    opening: tuple[Button, ...] = (menu(_, "authorize_credit"),) if facts.standing != "trusted" else ()
    if decision.reasons:
        opening = (Button(_("为什么不能借"), "why"), *opening)
    opening = (*mending.offers(talk), *opening)
    if consents.given(talk.db, talk.reader.id):
        opening = (*opening, Button(_("撤回信用查询的同意"), "unconsent"))
    if talk.service.rent_link:
        opening = (*opening, Button(_("同步借还记录"), "rents"))
    own = Button(_("图书馆的信用"), "promises")
    talk.say("\n".join(lines), (*each, *rows(*opening, menu(_, "faq"), menu(_, "appeal"), own)))
