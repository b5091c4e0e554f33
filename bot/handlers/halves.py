"""为啥, 怎么补, 大概几点, 备好没: a question that names nothing is about what was shown last. TABLE is all of it: what that was,
what is asked, and what answers; where it holds nothing the words go on to whoever else knows them. Nothing is done by asking."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from bot import acting, escalations, late_words, meaning, offered, outbox, rule_answers, topics
from bot.events import Button
from bot.half_asked import IN_CHINESE, REMARKS, question
from bot.handlers import (
    adding,
    appealing,
    attending,
    borrowing,
    bus,
    casework,
    discovering,
    explaining,
    finding,
    following,
    free_delivery,
    getting,
    greeting,
    holding,
    hows,
    keeping,
    matters,
    mending,
    ordering,
    person,
    places,
    reporting,
    returning,
    rules,
    trust,
)
from bot.handlers import loans as renewing
from bot.rulebook import PARTS
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import plainly
from lending import appeal_records, cart, case_records, catalogue, credit, events, holds, loans, orders
from lending.errors import LendingError, NotAllowed
from lending.model import OrderState
from lending.orders import Order

Answer = Callable[[Talk, str], None]  # told the id of what is meant; '' where there are several, or it has none

# ---- what was shown ----------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What was shown last, and which one where it was one only."""

    kind: str
    id: str


BY_WORD = {  # what an answer was about, by the word it was asked with (as in acting.WORDS)
    "show_orders": "order", ":order": "order", "show_loans": "loan", "renew": "loan", ":r": "loan", "return_books": "loan",
    "show_holds": "hold", "show_credit": "points", ":why": "points", ":line": "points", ":pf": "case", ":ga": "appeal", ":ev": "event",
    "faq": "rule", ":rules": "rule", "fees": "fee", "escalate": "request", ":free": "draw", ":draw": "draw", ":draw!": "draw",
    "show_cart": "cart", "suggest_purchase": "wish", ":vote": "wish", ":wish": "wish", ":rebuy": "wish",
}
BESIDE = ("rule", "fee", "request")  # told in between: what was shown before it still stands
BY_WHAT: tuple[tuple[tuple[str, ...], Callable[[str], object], str], ...] = (  # of a word that is asked about several things
    (("faq", "find_branches"), bus.asked, "bus"),
    (("fees",), re.compile("免费配送|抽签|free delivery").search, "draw"),
)  # fmt: skip
BY_BUTTON = {  # and any message, also one that the library sent by itself, by the first of its buttons that tells
    **dict.fromkeys(("order", "cancel", "cancel!", "ko", "got", "ng", "ap", "ap+", "ap-", "here", "lo"), "order"),
    **dict.fromkeys(("r", "back"), "loan"),
    **dict.fromkeys(("hx", "hr", "hw", "hp", "hg", "hl", "kh"), "hold"),
    **dict.fromkeys(("pf", "pfc", "pfp"), "case"),
    **dict.fromkeys(("ga", "gam", "gac"), "appeal"),
    **dict.fromkeys(("line", "appeal"), "points"),
    **dict.fromkeys(("ev", "ev+", "ev-"), "event"),
    "out": "cart", "rv+": "returned", "ok": "quote", **dict.fromkeys(("draw", "draw!"), "draw"), "b": "title", "t": "title", "w": "way", "credit": "consent",
}
ANSWERED = "i:thanks"  # stands below a librarian's answer, and nowhere else
AT_HOME = {"i:show_loans", "i:return_books"}  # stand below what is said of books at home
STAYS = ("thanks", "unknown", "choose", "confirm", "deny")  # said in between, and no other matter
RIGHTS = {  # the word (as in acting.WORDS) under which each may be told in another's name
    "order": "show_orders", "loan": "show_loans", "hold": "show_holds", "case": ":pf", "appeal": ":ga", "points": "show_credit",
    "event": ":ev", "quote": "checkout", "rule": "faq", "refused": "faq", "answer": "escalate", "request": "escalate",
    "fee": "faq", "draw": ":free", "wish": "faq", "bus": "faq", "title": "show_title", "way": "checkout", "consent": "faq", "cart": "show_cart", "returned": "show_loans",
}  # fmt: skip


def note(talk: Talk, word: str, *arguments: object) -> None:
    """Remember what is about to be shown. What is about none of it ends what was shown before; a rule or a call for a
    person comes beside it."""
    if word in STAYS:
        return
    kind = BY_WORD.get(word, "")
    kind = next((other for its, asked_for, other in BY_WHAT if word in its and asked_for(talk.event.text)), kind)
    beside = kind in BESIDE or (kind and not stands(talk, Shown(kind, "")))
    before = next(([*one] for one in shown(talk) if one.kind not in BESIDE), None) if beside else None
    named = str(arguments[0]) if word.startswith(":") and arguments else ""
    part = topics.part_of(talk.event.text) if word == "faq" else named
    talk.memory["about"] = [*([[kind, part]] if kind else []), *([before] if before else [])]


def refused(talk: Talk, error: LendingError) -> None:
    """Remember a refusal."""
    talk.memory["about"] = [["refused", "borrowing" if isinstance(error, NotAllowed) else ""]]


def shown(talk: Talk) -> list[Shown]:
    """What was shown last, and what it came beside."""
    about = [Shown(*one) for one in talk.memory.get("about", [])]
    if any(one.kind not in BESIDE for one in about):
        return about
    actions = [offered.bare(action) for action, _label in talk.memory.get("choices", [])]
    if ANSWERED in actions:
        return [*about, Shown("answer", "")]
    kinds = [BY_BUTTON[word] for action in actions if (word := action.split(":")[0]) in BY_BUTTON]
    kinds = kinds or (["loan"] if {*actions} >= AT_HOME else [])
    kind = next((one for one in kinds if one != "title"), kinds[0] if kinds else "")  # a book that is kept can be taken, too
    ids = {action.split(":")[1] for action in actions if BY_BUTTON.get(action.split(":")[0]) == kind and ":" in action}
    return [*about, Shown(kind, ids.pop() if len(ids) == 1 else "")] if kind else about


def asked(talk: Talk) -> tuple[Shown, str] | None:
    """What was shown last and what is asked of it, where TABLE knows the answer."""
    if talk.step or talk.wishes or not (what := question(talk.event.text)):
        return None
    known = (one for one in shown(talk) if what in TABLE.get(one.kind, {}) and stands(talk, one))
    return next(((one, what) for one in known), None)


def tell(talk: Talk, found: tuple[Shown, str]) -> None:
    """The answer. A book that is called so is a press away."""
    _, (about, what), book = talk._, found, meaning.called_so(talk)
    tell_of(talk, about, TABLE[about.kind][what])
    if book is not None:
        title = catalogue.title(talk.db, book).title
        talk.say(_("要找的是《{title}》这本书，点下面。", title=title), rows(Button(_("看这本书"), f"t:{book}")))


def tell_of(talk: Talk, about: Shown, answer: Answer) -> None:
    """What answers; what it is about stays what the next question is about."""
    beside = [[*one] for one in shown(talk)]
    acting.run(talk, RIGHTS[about.kind], answer, about.id)
    talk.memory["about"] = beside


def alone(talk: Talk) -> bool:
    """Whether a question that names nothing comes after nothing it could be about, and finds no book."""
    if talk.intent.name == "confirm" and question(talk.event.text):
        return not talk.step and question(talk.event.text) not in (*REMARKS, "liked")  # 好了没 is no yes to whatever was asked before
    lost = talk.intent.name in ("search", "unknown") and (talk.found is None or not talk.found.ids or talk.found.near)
    return bool(lost and not talk.step and not talk.wishes and question(talk.event.text) not in ("", *REMARKS))


def ask(talk: Talk, _alone: bool = True) -> None:
    """About what? A person is called with the question; an opinion is none."""
    _ = talk._
    if question(talk.event.text) == "liked":
        return _liked(talk, "")
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    mine = [menu(_, name) for name in ("show_orders", "show_loans", "show_holds", "show_credit")]
    talk.say(_("您问的是哪一件？点一下，我把它找出来；也可以连着事情一起说，比如「订单为什么还没好」。"), rows(*mine, menu(_, "faq"), menu(_, "escalate")))


def stands(talk: Talk, one: Shown) -> bool:
    """Whether there is any of it."""
    kind = one.kind
    reader = (talk.acting.reader if talk.acting else talk.reader).id
    if kind == "order":
        return bool(orders.of_reader(talk.db, reader, 1))
    if kind == "loan":
        return bool(loans.of_reader(talk.db, reader))
    if kind == "hold":
        return bool(holds.of_reader(talk.db, reader))
    if kind == "request":
        return escalations.open_of(talk.db, reader) is not None
    if kind == "way":
        return getting.underway(talk)
    if kind == "cart":
        return bool(cart.items(talk.db, reader))
    return bool(one.id) if kind == "title" else kind != "quote" or bool(talk.memory.get("draft"))


# ---- an order ----------------------------------------------------------------------------------------------------

WHERE_IT_IS = {
    OrderState.IN_REVIEW: N_("这一单要请馆员先看一遍，看完就备书。"),
    OrderState.APPROVED: N_("这一单已经通过，接下来馆员从书架上取书。"),
    OrderState.PICKING: N_("馆员正从书架上取这一单的书。"),
    OrderState.PACKED: N_("这一单已经打好包，接下来送出去，或放到取书的地方。"),
    OrderState.SHIPPED: N_("这一单正在路上。"),
    OrderState.IN_LOCKER: N_("这一单已经放进书柜，等您来取。"),
    OrderState.AT_COUNTER: N_("这一单已经放到取书架，等您来取。"),
    OrderState.DONE: N_("这一单的书已经到您手里了。"),
    OrderState.CANCELLED: N_("这一单已经取消了。"),
    OrderState.REFUSED: N_("这一单审核没有通过。"),
}


def _orders(talk: Talk, number: str) -> list[Order]:
    """The one that was shown; else those on their way; else the newest."""
    if number:
        return [orders.by_number(talk.db, number, talk.reader.id)]
    return following.still_open(talk)[: following.MOST_OPEN] or orders.of_reader(talk.db, talk.reader.id, 1)


def _tell_orders(talk: Talk, found: list[Order], lines: list[str], *ways: Button) -> None:
    _ = talk._
    seen = [Button(_("看这个订单"), f"order:{found[0].number}")] if len(found) == 1 else []
    talk.say("\n".join(lines), rows(*ways, *seen, menu(_, "show_orders"), menu(_, "escalate")))


def _order(talk: Talk, number: str) -> None:
    following.show_order(talk, number) if number else following.show_orders(talk)


def _order_why(talk: Talk, number: str) -> None:
    """What is being done with it now, why a person looks, what was written beside a no, and what is promised."""
    _, lines, found = talk._, [], _orders(talk, number)
    for one in found:
        lines.append(_(WHERE_IT_IS[one.state]))
        if one.state is OrderState.IN_REVIEW:
            lines += ordering.reviewed(talk, orders.why_reviewed(talk.db, one.id))
        lines += [_("说明：{reason}", reason=one.reason)] if one.reason else []
        lines.append(following.line(talk, one))
    _tell_orders(talk, found, lines)


def _order_day(talk: Talk, number: str) -> None:
    """Whether it can be fetched on that day: until when what waits is kept, else by when it is ready and how long it is kept."""
    waits = [one for one in _orders(talk, number) if one.state in following.WAITING]
    if waits:
        return keeping.show_waiting(talk)
    if kept := rule_answers.told(talk, "service", "保留"):
        talk.say("\n".join(kept))
    following.show_orders(talk)


def _order_sooner(talk: Talk, number: str) -> None:
    """What is promised is the latest; only a person can see whether it can be sooner."""
    _, found = talk._, _orders(talk, number)
    lines = [following.line(talk, one) for one in found]
    if any(one.state in ordering.BEFORE_IT_GOES for one in found):
        lines.append(_("写的是最晚的时间，备好了马上告诉您。急着用，点「转人工」，请馆员看看能不能早一点。"))
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    _tell_orders(talk, found, lines)


def _order_told(talk: Talk, number: str) -> None:
    """Nobody has to ask again: each step is told here by itself."""
    told = talk._("备好了、寄出了、能取了，我都在这里告诉您，不用一直看着。")
    _tell_orders(talk, found := _orders(talk, number), [told, *(following.line(talk, one) for one in found)])


def _order_code(talk: Talk, number: str) -> None:
    """The code of what waits; what is not there yet has none."""
    found = _orders(talk, number)
    if any(one.state in following.WAITING for one in found):
        return keeping.show_waiting(talk)
    told = [talk._("书放好了，取书码就发给您。")] if any(one.state in orders.OPEN and one.point_id for one in found) else []
    _tell_orders(talk, found, [*told, *(following.line(talk, one) for one in found)])


def _order_stop(talk: Talk, number: str) -> None:
    """Asked once more before it is cancelled; acting for another it is only shown."""
    following.cancel_order(talk) if talk.acting is None else _order(talk, number)


def _order_undo(talk: Talk, number: str) -> None:
    """What calling it off costs, before anybody does."""
    talk.say(talk._(explaining.CONSEQUENCES["cancel_order"]))
    _order(talk, number)


def _order_change(talk: Talk, number: str) -> None:
    following.ordered_already(talk, change=True) if following.still_open(talk) else _order_why(talk, number)


# ---- what is at home, and what is waited for --------------------------------------------------------------------------


def _loan(talk: Talk, _id: str) -> None:
    """Every loan: each can be renewed from there."""
    renewing.show_loans(talk)


def _loan_mend(talk: Talk, _id: str) -> None:
    """Of what is overdue, what bringing it back comes to; else how it can be kept longer, and what cannot."""
    late = any(one.days_left(talk.now) < 0 and not one.stopped_at for one in loans.of_reader(talk.db, talk.reader.id))
    mending.show(talk) if late else hows.tell(talk, "renew")


def _loan_price(talk: Talk, _id: str) -> None:
    """What is overdue comes to by now; else what bringing back and keeping cost."""
    if greeting.owed(talk):
        return
    _ = talk._
    lines = [_("续借不收费；书自己还到任何馆或书柜，也不收费。"), late_words.beforehand(_, talk.policy)]
    talk.say("\n".join(lines), rows(menu(_, "show_loans"), menu(_, "fees"), menu(_, "escalate")))


def _loan_toll(talk: Talk, loan: str) -> None:
    """Whether one may still borrow, where that was asked; else what it costs."""
    mending.show(talk) if "借" in talk.event.text else _loan_price(talk, loan)


FETCHED = re.compile("[取拿领]|collect|pick|fetch")


def _loan_where(talk: Talk, _id: str) -> None:
    """Where books are brought back; who says that something is to be fetched means what still waits."""
    waits = FETCHED.search(plainly(talk.event.text)) and following.still_open(talk)
    following.tell_where(talk) if waits else returning.return_books(talk)


def _loan_sorry(talk: Talk, _id: str) -> None:
    """Nobody is blamed; what is overdue comes to what it comes to, and ends with bringing it back."""
    talk.say(talk._("没关系，别放在心上。"))
    if not greeting.owed(talk):
        renewing.show_loans(talk)


def _liked(talk: Talk, title_id: str) -> None:
    """An opinion is thanked for; written down for other readers only where that is wished."""
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    title_id = title_id or (str(held[0].title_id) if len(held) == 1 else "")
    its = [Button(_("写书评"), f"rv+:{title_id}"), Button(_("看相近的书"), f"same:{title_id}")] if title_id else [menu(_, "recommend")]
    talk.say(_("谢谢您告诉我。愿意说给别的读者听，可以写一句书评；也可以看看相近的书。"), rows(*its, menu(_, "show_loans")))


def _loan_will(talk: Talk, _id: str) -> None:
    """What is meant to be brought back is still at home: nothing is done, and where it can go stands beside."""
    talk.say(talk._("好的，还到任何一个馆或书柜都行，不收费。"))
    renewing.show_loans(talk)


def _loan_in_time(talk: Talk, _id: str) -> None:
    """Of what is overdue, what it comes to by now; else until when it may stay."""
    if not greeting.owed(talk):
        renewing.show_loans(talk)


def _returned(talk: Talk, title_id: str) -> None:
    """The book that was just brought back; of several, what is still at home."""
    finding.show_book(talk, title_id) if title_id else renewing.show_loans(talk)


def _like_returned(talk: Talk, title_id: str) -> None:
    discovering.like_this(talk, title_id) if title_id else discovering.recommend(talk)


def _hold_told(talk: Talk, _id: str) -> None:
    talk.say(talk._("轮到您了，我马上在这里告诉您，不用一直看着。"))
    holding.show_holds(talk)


def _hold_only(talk: Talk, do: Callable[[Talk, str], object]) -> None:
    """What is asked next of the only one; of several they are shown."""
    waits = holds.of_reader(talk.db, talk.reader.id)
    do(talk, str(waits[0].id)) if len(waits) == 1 and talk.acting is None else holding.show_holds(talk)


def _hold(talk: Talk, _id: str) -> None:
    holding.show_holds(talk)


def _hold_undo(talk: Talk, _id: str) -> None:
    talk.say(talk._(explaining.CONSEQUENCES["cancel_hold"]))
    holding.show_holds(talk)


def _hold_why(talk: Talk, _id: str) -> None:
    if any(one.state != "ready" and not one.rests_until for one in holds.of_reader(talk.db, talk.reader.id)):
        talk.say(talk._("馆里的都借出去了，按预约的先后轮；前面的读者还了书，就轮到下一位。"))
    holding.show_holds(talk)


def _hold_where(talk: Talk, _id: str) -> None:
    talk.say(talk._("书到了，再选在哪里取；也可以现在点「换取书点」定下来。"))
    holding.show_holds(talk)


def _hold_sooner(talk: Talk, _id: str) -> None:
    _, waits = talk._, holds.of_reader(talk.db, talk.reader.id)
    lines = [_("预约按先后轮，我这里提不到前面。等得急，看看相近的书，或请馆里再买一本："), *(holding.line(talk, one) for one in waits)]
    same = [Button(_("类似《{title}》的书", title=one.title[:10]), f"same:{one.title_id}") for one in waits[:2]]
    more = [Button(_("请馆里再买一本"), f"rebuy:{one.title_id}") for one in waits if len(waits) == 1]
    talk.say("\n".join(lines), rows(*same, *more, menu(_, "show_holds"), menu(_, "escalate")))


# ---- cases, appeals, points ----------------------------------------------------------------------------------------


def show_case(talk: Talk, number: str) -> None:
    """The one that was shown, or all that stand open."""
    _, found = talk._, case_records.open_ones(talk.db, talk.reader.id)
    if number or len(found) == 1:
        return casework.show_case(talk, number or found[0].number)
    lines = casework.open_lines(talk) or [_("现在没有在办的个案。")]
    talk.say("\n".join(lines), rows(*casework.open_buttons(talk), menu(_, "show_loans"), menu(_, "escalate")))


def _case_sought(talk: Talk, number: str) -> None:
    """Looked for once more: nobody is hurried, and a find is one press."""
    talk.say(talk._("不急，慢慢找。找到了点「书找到了」。"))
    show_case(talk, number)


def _case_rules(talk: Talk, number: str) -> None:
    """What the rules say of it, then the case itself."""
    talk.say("\n".join(rule_answers.told(talk, "mishaps", reporting.PAID)))
    show_case(talk, number)


def _appeal(talk: Talk, number: str) -> None:
    found = appeal_records.waiting(talk.db, talk.reader.id)
    number = number or (found[0].number if len(found) == 1 else "")
    appealing.show(talk, number) if number else appealing.appeal(talk)


def _points_why(talk: Talk, line: str) -> None:
    """Of one line its rule; else what stands in the way of borrowing, or the lines to choose from."""
    if line:
        return appealing.show_line(talk, line)
    if appealing.TAKEN.search(plainly(talk.event.text)):
        return appealing.appeal(talk)
    mending.show(talk) if _paused(talk) else trust.show_credit(talk)


def _points_mend(talk: Talk, _line: str) -> None:
    """How points come back; while borrowing is paused, until when and what ends that."""
    _ = talk._
    if _paused(talk):
        return mending.show(talk)
    lines = rule_answers.told(talk, "points", "怎么补回来")
    whole = Button(PARTS["points"](_, talk.db, talk.policy, talk.now).title, "rules:points")
    talk.say("\n".join(lines), rows(menu(_, "show_credit"), whole, menu(_, "appeal"), menu(_, "escalate")))


def _points_object(talk: Talk, _line: str) -> None:
    """By which rule a line stands there, and how to object: nothing is opened by asking."""
    appealing.appeal(talk)


def _paused(talk: Talk) -> bool:
    return credit.frozen_until(talk.db, talk.reader.id, talk.now) is not None


# ---- an activity, a rule, an order being made, an answer, a refusal -----------------------------------------------------


def _event(talk: Talk, event_id: str) -> None:
    known = event_id.isdigit() and events.event(talk.db, int(event_id))
    attending.show(talk, event_id) if known else attending.show_page(talk, "0")


def _event_day(talk: Talk, _id: str) -> None:
    """What there is on that day."""
    attending.events_to_come(talk)


def _rule_source(talk: Talk, code: str) -> None:
    """Who made it, and who can be asked about what is hard."""
    _ = talk._
    told = _("这是{library}自己定的规则（{version}），写在明处，谁都能看。有难处，点「转人工」，和馆员商量。", library=_(talk.service.library), version=talk.policy.version)
    part = [Button(PARTS[code](_, talk.db, talk.policy, talk.now).title, f"rules:{code}")] if code in PARTS else []
    talk.say(told, rows(*part, menu(_, "faq"), menu(_, "escalate")))


def _since(talk: Talk, _id: str) -> None:
    """From when the days of a loan count."""
    rules.answer(talk, "borrowing")


def _rule_mend(talk: Talk, code: str) -> None:
    """How points come back is what can be mended of most rules."""
    _points_mend(talk, "") if code in ("points", "borrowing") else _rule_whole(talk, code)


def _rule_whole(talk: Talk, code: str) -> None:
    rules.show_part(talk, code) if code in PARTS else rules.simply(talk)


def send_title(talk: Talk, title_id: str) -> None:
    """Yes, and what it costs; the book is one press away."""
    greeting.whether(talk, True, Button(talk._("借这本"), f"b:{title_id}"))


def _quote(talk: Talk, _id: str) -> None:
    getting.go_on(talk)


def _way_far(talk: Talk, _id: str) -> None:
    """Whatever is too far can be sent home; the ways stand there once more."""
    _ = talk._
    talk.say(_("嫌远，可以送到家；或者点「附近网点」，发个位置，我找离您最近的。"), rows(menu(_, "find_branches")))
    getting.checkout(talk)


def _quote_unfetched(talk: Talk, _id: str) -> None:
    """For how long books are kept, before they are ordered."""
    talk.say("\n".join(rule_answers.told(talk, "service", "保留")))
    getting.go_on(talk)


def _quote_change(talk: Talk, _id: str) -> None:
    talk.say(talk._("确认下单以前都能改：点「换个方式」换取书的办法，点「借书车」增减书。"))
    getting.go_on(talk)


def _ask_librarian(talk: Talk, _id: str) -> None:
    """Only whoever answered knows more: the question goes along with the call, if the reader makes one."""
    _ = talk._
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    talk.say(_("这是馆员答复您的，要再问一句才知道。点「转人工」，这句话一起交给馆员。"), rows(menu(_, "escalate"), menu(_, "help")))


def _wish(talk: Talk, _id: str) -> None:
    _ = talk._
    talk.say(_("买不买、什么时候买来，由馆员定；定了、书到了，我都告诉您。"), rows(menu(_, "browse"), menu(_, "escalate")))


def _refused_why(talk: Talk, code: str) -> None:
    """Every reason that keeps one from borrowing; of another refusal what was said and its ways out, and a person."""
    _, event = talk._, talk.event
    if code:
        return mending.show(talk)
    last = outbox.newest(talk.db, event.channel, event.address)
    said = outbox.after(talk.db, event.channel, event.address, last - 1) if last else []
    ways = [Button(label, action) for action, label in talk.memory.get("choices", []) if action != "i:escalate"]
    told = _("刚才说的是：\n{text}\n还不清楚，点「转人工」，馆员讲给您听。", text="\n".join(one.reply.text for one in said))
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    talk.say(told, rows(*ways[:6], menu(_, "escalate")))


# ---- the table -----------------------------------------------------------------------------------------------------

OF_OTHERS = ("proxy", "add", "cheap", "anew", "same", "called", "booked", "will", "slowly", "unfetched", "since", "after", "seek_on", "undo")  # ask of no case, appeal or answer
EVERY = tuple(what for what in IN_CHINESE if what not in OF_OTHERS)
TABLE: dict[str, dict[str, Answer]] = {
    "order": {
        "unfetched": _order_day, "soon": _order, "proxy": lambda talk, number: matters.tell(talk, "proxy"), "add": lambda talk, number: adding.may_join(talk),
        "why": _order_why, "means": _order_why, "sooner": _order_sooner, "price": lambda talk, number: greeting.fees(talk),
        "when": _order, "long": _order, "ready": _order, "day": _order_day, "mend": _order_why, "who": _order_why, "how": lambda talk, number: matters.tell(talk, "key"),
        "where": lambda talk, number: following.tell_where(talk),
        **dict.fromkeys(("change", "move", "far"), _order_change), "tell": _order_told, "code": _order_code, "stop": _order_stop, "unanswered": _order_sooner, "since": _since, "undo": _order_undo,
    },
    "loan": {
        "why": _loan_mend, "mend": _loan_mend, "change": _loan_mend, "means": lambda talk, loan: rules.show_part(talk, "borrowing"),
        "when": _loan, "long": _loan, "price": _loan_price, "where": _loan_where,
        "day": _loan, "who": lambda talk, loan: _rule_source(talk, "borrowing"), "toll": _loan_toll, "sorry": _loan_sorry, "liked": _liked, "count": _loan,
        "in_time": _loan_in_time, "will": _loan_will, "spare": _loan_price, "since": _since, "after": lambda talk, _id: mending.show(talk),
    },
    "hold": {
        "why": _hold_why, "means": _hold_why, "when": _hold, "long": _hold, "ready": _hold, "mend": _hold_sooner, "change": _hold,
        "where": _hold_where, "sooner": _hold_sooner, "tell": _hold_told, "away": lambda talk, _id: hows.tell(talk, "hold"), "soon": _hold,
        "undo": _hold_undo, "proxy": lambda talk, _id: matters.tell(talk, "proxy"), "move": lambda talk, _id: _hold_only(talk, holding.change_point), "let": lambda talk, _id: _hold_only(talk, holding.ask_rest),
    },
    "case": {"seek_on": _case_sought, **dict.fromkeys(EVERY, show_case), "why": _case_rules, "means": _case_rules, "price": _case_rules, "mend": _case_rules, "spare": _case_rules, "toll": _case_rules, "slowly": lambda talk, _number: matters.tell(talk, "poor")},
    "appeal": dict.fromkeys(EVERY, _appeal),
    "points": {
        "why": _points_why, "means": lambda talk, _line: rules.show_part(talk, "points"), "mend": _points_mend, "when": _points_mend, "long": _points_mend,
        "sooner": _points_mend, "gain": lambda talk, _line: trust.show_credit(talk), "how": _points_mend, "change": _points_object, "who": _points_object, "spare": _points_object, "toll": _points_mend, "after": lambda talk, _line: mending.show(talk),
    },
    "event": {**dict.fromkeys(("when", "where", "price", "long", "ready", "change", "who", "how"), _event), "day": _event_day},
    "rule": {"since": _since, "why": _rule_source, "who": _rule_source, "change": _rule_source, "means": _rule_whole, "mend": _rule_mend},
    "way": {
        **dict.fromkeys(("mend", "means", "change", "how", "move", "send"), lambda talk, _id: getting.checkout(talk)),
        "cheap": lambda talk, _id: getting.checkout(talk), "far": _way_far, "near": lambda talk, _id: places.find_branches(talk),
    },
    "cart": {
        **dict.fromkeys(("count", "means"), lambda talk, _id: borrowing.show_cart(talk)), "drop": lambda talk, _id: borrowing.remove_from_cart(talk),
        **dict.fromkeys(("send", "where", "how"), lambda talk, _id: getting.checkout(talk)), "price": lambda talk, _id: rules.fees(talk),
    },
    "returned": {"ready": _loan, "gain": lambda talk, _id: trust.show_credit(talk), "liked": _liked, "count": _loan,
        "booked": _loan, "called": _returned, "anew": _returned, "same": _like_returned, "toll": lambda talk, _id: trust.show_credit(talk),
    },
    "quote": {
        "unfetched": _quote_unfetched, "since": _since,
        **dict.fromkeys(("when", "long", "ready", "day", "price", "where", "means", "mend"), _quote), "change": _quote_change,
        **dict.fromkeys(("move", "far", "send"), lambda talk, _id: getting.checkout(talk)), "count": lambda talk, _id: borrowing.show_cart(talk),
        "why": lambda talk, _id: rules.fees(talk), "sooner": lambda talk, _id: rules.tell_how_soon(talk),
    },
    "fee": dict.fromkeys(("why", "who", "change", "means"), lambda talk, _id: _rule_source(talk, "delivery")),
    "draw": dict.fromkeys(("when", "long", "how", "ready", "means", "why"), lambda talk, _id: free_delivery.show(talk)),
    "bus": dict.fromkeys(("when", "long", "where"), lambda talk, _id: bus.show(talk)),
    "wish": dict.fromkeys(("when", "long", "ready", "who", "sooner"), _wish),
    "title": {"since": _since, "where": finding.show_book, "liked": finding.show_book, "send": send_title},
    "request": {
        **dict.fromkeys(("when", "long", "who", "unanswered", "more", "hours", "tell"), lambda talk, _id: person.show_mine(talk)),
        "enough": lambda talk, _id: matters.tell(talk, "enough"),
    },
    "answer": dict.fromkeys(EVERY, _ask_librarian),
    "refused": dict.fromkeys(("why", "means", "mend", "when", "long", "change", "after"), _refused_why),
}  # fmt: skip
