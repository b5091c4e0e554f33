"""为什么不能借 and what to do about it: the answer, points for a book more, and the quiz that ends a freeze (D-4, D-8)."""

from __future__ import annotations

import re

from bot import why
from bot.events import Button
from bot.folding import fold
from bot.handlers import finding
from bot.talk import Talk
from bot.texts import Words, menu, rows
from lending import credit, decisions, freezes
from lending.freezes import NotFrozen
from lending.policy import Policy

ASKED = re.compile(
    r"为什么|为啥|凭什么|咋(?!样)|怎么借不|借不[了到成]|不能借|不让|解冻|冻结|恢复|why|can'?t|cannot|frozen|blocked|banned",
    re.I,
)


def asked(text: str) -> bool:
    """Whether the words ask for the reason rather than for the account."""
    return bool(ASKED.search(text))


def show(talk: Talk) -> None:
    """Every reason at once, the reader's own numbers, when it changes, and what to do now."""
    _, policy = talk._, talk.policy
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    shown = talk.memory.get("title")
    decision = why.decide(talk.db, facts, policy, shown)
    if decision.allowed and "这本" in fold(talk.event.text) and shown:
        return finding.show_book(talk, str(shown))  # if anything, it is the book that cannot be had
    ways = dict.fromkeys(way for reason in decision.reasons for way in reason.ways)
    buttons = [menu(_, way) for way in (*ways, "show_credit") if way != "escalate"]
    text = "\n".join(why.explain(_, talk.db, talk.reader.id, policy, talk.now, shown=shown))
    talk.say(text, rows(*dict.fromkeys(buttons), *offers(talk), menu(_, "escalate")))


def offers(talk: Talk) -> tuple[Button, ...]:
    """What points or a quiz can do at once."""
    _, facts = talk._, decisions.facts(talk.db, talk.reader.id, talk.now)
    rule, made = talk.policy.ledger.redemption, []
    if rule and decisions.has_full_rights(facts, talk.policy) and rule.offered(facts.balance, facts.redeemed):
        made.append(Button(_("换多借一本"), "redeem"))
    if facts.frozen_until and any(path.kind == "quiz" for path in talk.policy.freeze.thaw_by):
        made.append(Button(_("答题恢复借阅"), "quiz"))
    return tuple(made)


# ---- points for a book more (A6-5) ---------------------------------------------------------------------------------


def offer_redeeming(talk: Talk) -> None:
    """What it costs, before it is done."""
    _, rule = talk._, talk.policy.ledger.redemption
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    if rule is None or not rule.offered(facts.balance, facts.redeemed):
        raise credit.NothingToRedeem(
            rule.points if rule else 0, facts.balance, facts.redeemed, rule.max_books if rule else 0
        )
    if rule.consume:
        text = _(
            "用 {points} 分换一次多借一本，换后剩 {left} 分。", points=rule.points, left=facts.balance - rule.points
        )
    else:
        text = _("满 {points} 分换一次多借一本，分数不减；分数低于所需时，多的这本先停用。", points=rule.points)
    talk.say(text, rows(Button(_("确认换"), "redeem!"), menu(_, "show_credit")))


def redeem(talk: Talk) -> None:
    """Done once for each press that is still offered."""
    _ = talk._
    books = credit.redeem(talk.db, talk.reader.id, talk.policy, talk.now)
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    text = _(
        "换好了：一共多借 {books} 本，现在一次可借 {limit} 本。",
        books=books,
        limit=decisions.limit(facts, talk.policy)[0],
    )
    talk.say(text, rows(menu(_, "show_credit"), menu(_, "show_cart")))


# ---- the quiz (B3.2 邹平) ------------------------------------------------------------------------------------------


def quiz(talk: Talk) -> None:
    """Questions about the rules in force, one after the other; a wrong answer starts anew, as often as one likes."""
    if not any(path.kind == "quiz" for path in talk.policy.freeze.thaw_by):
        raise NotFrozen()
    if not credit.frozen_until(talk.db, talk.reader.id, talk.now):
        raise NotFrozen()
    talk.memory["quiz"] = 0
    _ask(talk, 0)


def answer(talk: Talk, start: str, given: str) -> None:
    """The answer to a question; the last right one opens borrowing again."""
    _, asked_now, every = talk._, talk.memory.get("quiz"), questions(talk._, talk.policy)
    if asked_now is None or int(start) != asked_now or asked_now >= len(every):
        return quiz(talk)
    if int(given) != every[asked_now][1]:
        talk.say(
            _("还差一点，正确答案是 {n}。再来一次吧。", n=every[asked_now][1]), rows(Button(_("再答一次"), "quiz"))
        )
        talk.memory.pop("quiz")
        return
    talk.memory["quiz"] = asked_now + 1
    if asked_now + 1 < len(every):
        return _ask(talk, asked_now + 1)
    talk.memory.pop("quiz")
    freezes.pass_quiz(talk.db, talk.reader.id, talk.policy, talk.now)
    text = _("全对！借阅恢复了，现在是 {balance} 分。想看什么书？", balance=credit.balance(talk.db, talk.reader.id))
    talk.say(text, rows(menu(_, "show_credit"), menu(_, "show_cart")))


def questions(_: Words, policy: Policy) -> list[tuple[str, int]]:
    """What every reader should know, each with its right number, from the rules in force."""
    late = policy.ledger.find("overdue")
    found = [
        (_("一本书一次可以借多少天？"), policy.lending.loan_days),
        (_("一本书可以续借几次？"), policy.lending.renewals),
    ]
    return [*found, (_("一本书超期一天扣几分？"), -late.delta)] if late else found


def _ask(talk: Talk, n: int) -> None:
    question, right = questions(talk._, talk.policy)[n]
    numbers = options(right, n + talk.reader.id)
    buttons = [Button(str(option), f"quiz!:{n}:{option}") for option in numbers]
    talk.say(talk._("第 {n} 题：{question}", n=n + 1, question=question), rows(*buttons))


def options(right: int, turn: int) -> list[int]:
    """Three numbers in order; the right one stands first, between or last, as far as there are smaller ones."""
    below = min(turn % 3, right)
    return list(range(right - below, right - below + 3))
