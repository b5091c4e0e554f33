"""我的借阅: what is at home and until when, what is being looked into, and renewing."""

from __future__ import annotations

import re

from bot import acting, lookups, rule_answers
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import at_home, bookcase, casework, person
from bot.meaning import APART
from bot.talk import Talk
from bot.texts import N_, Words, menu, refusal, rows
from lending import catalogue, credit, home_returns, loans, transfers
from lending.loans import Loan

ONE = re.compile(r"[那这](一?本|个)(?!些|几)|\b(it|this one|that one)\b")
DUE = re.compile("还(?:到)?(?:几号|哪天)|(?:几号|哪天)[要得该]?还|到(?:几号|哪天)|(?:什么时候|几号|哪天).{0,2}到期")
RENEWS = re.compile(r"续|renew|extend")
AROUND = re.compile(  # what people say around the name of a book to be renewed
    r"续[借期一]*|再|请|麻烦|帮忙?|给?我|[想要能把将先也就都]|可以|怎么|如何|这?[一那]?本书?|全部?|所有|的?书$|[的了吧吗呢啊呀下]+$|《|》"
    r"|\b(?:renew|extend|can|could|i|you|please|my|the|book|loan|of)\b"
)
ON_SHELF = re.compile("书架|bookshelf")
STOPPED = {  # a book that has left the reader's hands before it is checked in
    "claimed": N_("您说已经还了，我们正在找，不算超期"),
    "collected": N_("快递取走了，正在回馆的路上，不算超期"),
    "": N_("登记了丢失，不算超期；找到了就告诉我"),
}


def show_loans(talk: Talk) -> None:
    """What, until when, days left, renewals left (F-4); or the whole shelf, if that was asked for."""
    if talk.acting is None and ON_SHELF.search(fold(talk.event.text)):
        return bookcase.show(talk)
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    cares = acting.allowed(talk, "care")
    troubles = casework.open_lines(talk) if cares else []
    if not held:
        due = rule_answers.told(talk, "borrowing", "借多久") if DUE.search(fold(talk.event.text)) else []
        text = "\n".join([_("现在没有借着的书。想看什么？"), *due, *troubles])
        ways = (menu(_, "new_books"), menu(_, "browse"), menu(_, "show_orders"))
        return talk.say(text, rows(*(casework.open_buttons(talk) if cares else ()), *ways))
    lines = [f"{n}. {loan_line(talk, loan)}" for n, loan in enumerate(held, 1)]
    again = [(n, loan) for n, loan in enumerate(held[:6], 1) if renewable(talk, loan)]
    buttons = [Button(_("续借第{n}本", n=n), renewal_action(loan)) for n, loan in again]
    buttons += casework.open_buttons(talk) if cares else []
    heading = _.n("您借着 {n} 本书：", "您借着 {n} 本书：", len(held))
    talk.memory["loans"] = [loan.id for loan in held]
    coming = _couriers(talk)
    troubles += [_("约了快递上门来取{books}；取走以前照原来的到期日。", books=_.books(list(one.titles))) for one in coming]
    buttons += [Button(_("不用来取了"), f"fetchx:{one.id}") for one in coming]
    below = [menu(_, "renew")] if again else []
    below.append(menu(_, "return_books"))
    if talk.acting is None and transfers.may_offer(talk.db, talk.reader.id, talk.policy, talk.now):
        below.append(menu(_, "transfer"))
    talk.say("\n".join([heading, *lines, *troubles]), (*rows(*buttons), tuple(below)))


def _couriers(talk: Talk) -> list[home_returns.HomeReturn]:
    """The couriers who were asked to the reader's door and have not been there yet."""
    mine = [one for one in home_returns.open_ones(talk.db) if one.reader_id == talk.reader.id]
    return [one for one in mine if one.state == "asked" and talk.acting is None]


def _left(talk: Talk, loan: Loan) -> int:
    """How many renewals are left."""
    return max(0, loans.renewals_allowed(loan, talk.policy) - loan.renewals)


def renewable(talk: Talk, loan: Loan) -> bool:
    """Whether a button to renew it is worth pressing."""
    frozen = credit.frozen_until(talk.db, talk.reader.id, talk.now)
    return acting.allowed(talk, "renew") and loans.may_renew(loan, frozen, talk.policy, talk.now) is None


def renewal_action(loan: Loan) -> str:
    """The button carries how often it was renewed: an old one is told so instead of renewing again."""
    return f"r:{loan.id}:{loan.renewals}"


def loan_line(talk: Talk, loan: Loan) -> str:
    """One loan in words."""
    _, left = talk._, loan.days_left(talk.now)
    line = f"《{loan.title}》 {due(_, loan, left)}"
    if loan.stopped_at:
        return f"《{loan.title}》 " + _(STOPPED[loan.stopped_as])
    more = _left(talk, loan)
    if left >= 0 and not (more and loan.waiting):
        line += _.n("，还可续 {n} 次", "，还可续 {n} 次", more) if more > 0 else _("，不能再续")
    if loan.waiting:
        line += _.n("，有 {n} 人在等", "，有 {n} 人在等", loan.waiting)
    return line + (_("，请提前还") if loan.recalled_at and loan.waiting else "")


def due(_: Words, loan: Loan, left: int) -> str:
    """Due date and days left, in the library's zone (B2-14)."""
    if left < 0:
        return _.n("{day} 到期，已超期 {n} 天", "{day} 到期，已超期 {n} 天", -left, day=_.day(loan.due_at))
    if left == 0:
        return _("今天（{day}）到期", day=_.day(loan.due_at))
    return _.n("{day} 到期，还有 {n} 天", "{day} 到期，还有 {n} 天", left, day=_.day(loan.due_at))


def renew(talk: Talk) -> None:
    """ "续借" · "续借第2本"."""
    n = talk.number()
    mine = loans.of_reader(talk.db, talk.reader.id)
    if person.in_trouble(talk.event.text) and any(one.days_left(talk.now) < 0 and not one.stopped_as for one in mine):
        return person.stand_by(talk)
    held = [loan.id for loan in mine]
    if n is not None:
        held = [loan.id for loan in at_home.counted(talk, mine, n)]
        if not held:
            return show_loans(talk)
    elif named := at_home.named_in(_said_of_it(talk), mine) or at_home.named_in(talk.event.text, mine):
        held = [loan.id for loan in named]
    elif mine and (other := _not_at_home(talk)):
        talk.say(talk._("《{title}》不在您借着的书里。", title=other))
        return _which_to_renew(talk, mine)
    elif len(mine) > 1 and (talk.slot("title") or ONE.search(fold(talk.event.text))):
        return _which_to_renew(talk, mine)
    renew_these(talk, held)


def _said_of_it(talk: Talk) -> str:
    """Of 「三体还了，围城续借」 what is to be renewed; all of it where no clause says so."""
    clauses = [clause for clause in APART.split(talk.event.text) if RENEWS.search(fold(clause))]
    return "，".join(clauses) or talk.event.text


def _not_at_home(talk: Talk) -> str:
    """The book of ours that is to be renewed by its name; '' where no book is named. Those at home have been asked."""
    words = AROUND.sub("", talk.slot("title") or fold(_said_of_it(talk))).strip(" ,，.。!！?？~")
    if len(letters(words)) < 2:
        return ""
    found = talk.look_up(lookups.words, words)
    title = catalogue.title(talk.db, found.ids[0]) if found.ids and not found.near else None
    return title.title if title and letters(re.split("[:：（(]", title.title)[0]) == letters(words) else ""


def _which_to_renew(talk: Talk, mine: list[Loan]) -> None:
    """One book is meant, and it is not said which: the others keep their renewals."""
    again = [(n, loan) for n, loan in enumerate(mine[:8], 1) if renewable(talk, loan)]
    if not again:
        return renew_these(talk, [loan.id for loan in mine])
    buttons = [Button(talk._("续借《{title}》", title=loan.title[:14]), renewal_action(loan)) for _n, loan in again]
    talk.say(talk._("续借哪一本？"), (*rows(*buttons, across=1), (menu(talk._, "renew"), menu(talk._, "show_loans"))))


def renew_pressed(talk: Talk, loan_id: str, renewals: str) -> None:
    """A renewal button; one pressed twice, or from an old list, brings the present state."""
    _, loan = talk._, loans.loan(talk.db, int(loan_id), talk.reader.id)
    if loan.renewals != int(renewals):
        talk.say(_("这条消息已过期：《{title}》已经续借过了，现在是这样：", title=loan.title), toast=_("已过期"))
        return show_loans(talk)
    renew_these(talk, [loan.id])


def renew_these(talk: Talk, loan_ids: list[int]) -> None:
    """Each with its own answer: the new date, or why not and the way out (F-5, B2-25)."""
    _ = talk._
    if not loan_ids:
        return show_loans(talk)
    outcomes = loans.renew(talk.db, talk.reader.id, loan_ids, talk.policy, talk.now)
    done = [_("《{title}》续到 {day}", title=o.loan.title, day=_.day(o.due_at)) for o in outcomes if o.due_at]
    refused = [refusal(_, o.refusal) for o in outcomes if o.refusal]
    lines = [_.n("续借好了 {n} 本：", "续借好了 {n} 本：", len(done)), *done] if done else []
    ways = dict.fromkeys(button for _text, buttons in refused for button in buttons)
    last = (menu(_, "show_loans"), menu(_, "escalate"))
    buttons = [last[0], *[way for way in ways if way not in last][:4], *last[1:][: len(refused)]]
    talk.say("\n".join([*lines, *(text for text, _ways in refused)]), rows(*buttons))
