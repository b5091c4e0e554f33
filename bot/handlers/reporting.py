"""书丢了、书破了: which book it is, what it would cost, and its case with a number and a promised answer (A6-7, A6-8)."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import awaiting, rule_answers, unasked
from bot.events import Button
from bot.folding import fold
from bot.handlers import at_home, case_photos, casework, person
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import Intent
from lending import case_effects, case_records, cases, catalogue, drifting, loans
from lending.case_records import Case, CaseState
from lending.drifting import OwnBook
from lending.loans import Loan
from lending.model import stamp

OWN = re.compile(
    "《?(?P<title>.{2,40}?)》?(?:被我|被|我|不小心|好像|可能)?"
    "(?:(?P<lost>弄丢|搞丢|丢失|丢|不见|找不到)|弄坏|弄破|弄湿|弄脏|撕坏|撕破|坏|破|湿|脏)了(?:怎么办)?[。！!？?]?"
)
HARM = re.compile("[坏破丢掉脏湿撕烂污赔]|lost|lose|damage|torn|broken")
IN_CASE = re.compile("赔|怎么办|怎么算|咋算|咋办|怎么处理|会怎么?样|要紧|多少钱|what (?:happens|if)|pay|cost")
ASKS_PRICE = re.compile("(?:怎么|怎样|如何|咋|点)(?:样|个)?赔|赔(?:多少|几|吗|么|不赔|偿?标准)|[要得用]不[要得用]赔|(?:要|得|会|需要).{0,3}赔.{0,3}(?:多少|几|[吗么]$|不$)|多少钱|(?:what|how much).*(?:pay|cost|charge)")
SUPPOSED = re.compile(rf"{unasked.SUPPOSED}|\bif\b")
TOLD = timedelta(hours=1)  # what was told is of the book that is named so soon
PAID = "要赔吗"  # by which bot/rule_answers.py finds the sentences
HEDGED = re.compile(r"袋子|雨?伞|书签|钥匙|水杯|耳机|帽子|围巾|好像|可能|也许|大概|似乎|恐怕|会不会|是不是|\b(?:may|might|maybe|perhaps|probably|i think)\b")
ANOTHER = re.compile("[另又别][外一的]|(?:还有|也有)一?[本册]|其他|其它|another|other book")
FOUND = re.compile("(?<![没未])(?<!没有)找[到着回](?!不)|翻(出来|到)|冒出来|原来在|没有?丢|(?<!not )found")


def report_lost(talk: Talk) -> None:
    """ "书丢了": which book; then its case (A6-8)."""
    if FOUND.search(fold(talk.event.text)):
        return _found_again(talk)
    _ask_which(talk, cases.LOST)


def _found_again(talk: Talk) -> None:
    """The lost book has turned up: its case, which can be ended; nothing is lost where none stands."""
    _, standing = talk._, case_records.open_ones(talk.db, talk.reader.id)
    if len(standing) == 1:
        return casework.tell(talk, standing[0])
    text = _("是哪一本找到了？") if standing else _("太好了。这里没有登记过丢失的书，什么都不用办。")
    talk.say(text, rows(*casework.open_buttons(talk), menu(_, "show_loans"), menu(_, "escalate")))


def report_damaged(talk: Talk) -> None:
    """ "书破了": which book, and whether it came so; then its case (A6-7)."""
    _ask_which(talk, cases.DAMAGED)


def hear_of_own(talk: Talk) -> bool:
    """ "三体丢了", said like a title: only when it names a book in the reader's hands."""
    said = OWN.fullmatch(talk.slot("query"))
    if said is None:
        return False
    held = [loan for loan in loans.of_reader(talk.db, talk.reader.id) if said["title"] in loan.title]
    among = with_me(talk) if said["lost"] else may_be_torn(talk)
    others = [own for own in among if said["title"] in own.title]
    if held or others:
        talk.intent = Intent("", {"title": said["title"]})
        _ask_which(talk, cases.LOST if said["lost"] else cases.DAMAGED)
    return bool(held or others)


def with_me(talk: Talk) -> list[OwnBook]:
    """Books of other readers' own that this one has."""
    mine = drifting.of_reader(talk.db, talk.reader.id)
    return [own for own in mine if own.holder_id == talk.reader.id != own.owner_id]


def may_be_torn(talk: Talk) -> list[OwnBook]:
    """Those, and books of the reader's own that have just come home from another."""
    mine, days = drifting.of_reader(talk.db, talk.reader.id), talk.policy.cases.arrival_days
    back = [own for own in mine if drifting.came_back_from(talk.db, own, days, talk.now) is not None]
    return [*with_me(talk), *back]


def _ask_which(talk: Talk, kind: str) -> None:
    if kind == cases.DAMAGED and (number := _just_reported(talk)):
        return _hear_more(talk, number)
    talk.memory["case_told"] = [kind == cases.LOST, talk.event.text, stamp(talk.now + TOLD)]
    _, held, n = talk._, loans.of_reader(talk.db, talk.reader.id), talk.number()
    others = [] if n is not None else with_me(talk) if kind == cases.LOST else may_be_torn(talk)
    if n is not None:
        held = at_home.counted(talk, held, n)
    elif talk.slot("title"):
        held = [loan for loan in held if talk.slot("title") in loan.title]
        others = [own for own in others if talk.slot("title") in own.title]
    else:
        named, also = at_home.named_in(talk.event.text, held), [own for own in others if at_home.is_named(talk.event.text, own)]
        held, others = (named, also) if named or also else (held, others)
    if others:
        mine = [Button(f"《{loan.title}》"[:24], f"case:{kind}:{loan.id}") for loan in held]
        mine += [Button(f"《{own.title}》"[:24], f"{'oz' if kind == cases.LOST else 'od'}:{own.id}") for own in others]
        return talk.say(_("别着急，是哪一本？"), rows(*mine, menu(_, "cancel"), menu(_, "escalate"), across=1))
    said = fold(talk.event.text)
    if (not held or SUPPOSED.search(said)) and HARM.search(said) and IN_CASE.search(said):  # 要是丢了要赔多少: none is lost
        told = rule_answers.told(talk, "mishaps", talk.event.text) or rule_answers.told(talk, "mishaps", PAID)
        return talk.say("\n".join(told), rows(Button(_("丢失与破损"), "rules:mishaps"), menu(_, "show_loans"), menu(_, "escalate")))
    if held and ASKS_PRICE.search(said.rstrip(" .,!?~")):
        return _tell_price(talk, kind, held)
    if not held:
        text = _("您现在没有这样一本借着的书。要是别的情况，找馆员说说。")
        return talk.say(text, rows(menu(_, "show_loans"), menu(_, "escalate")))
    sounds_so = talk.intent.likened or bool(HEDGED.search(fold(talk.event.text)))
    doubtful = sounds_so and not talk.event.photo  # nothing is written down yet
    if len(held) == 1 and not doubtful:
        return open_case(talk, kind, str(held[0].id))
    buttons = [Button(f"《{loan.title}》"[:24], f"case:{kind}:{loan.id}") for loan in held]
    ways = rows(menu(_, "cancel"), menu(_, "escalate")) if doubtful else ()
    asked = _("丢的是哪一本？点一下就登记。") if kind == cases.LOST else _("坏的是哪一本？点一下就登记。")
    talk.say(asked if doubtful else _("别着急，是哪一本？"), (*rows(*buttons, across=1), *ways))


def _just_reported(talk: Talk) -> str:
    """The number of the damaged book's case that words may still belong to, as its pictures do; '' where they say otherwise."""
    about, number = awaiting.pictured(talk) or ("", "")
    said = fold(talk.event.text)
    if about != "case" or talk.number() is not None or ANOTHER.search(said) or ASKS_PRICE.search(said.rstrip(" .,!?~")):
        return ""
    case = case_records.by_number(talk.db, number)
    others = [loan for loan in loans.of_reader(talk.db, talk.reader.id) if loan.id != case.loan_id]
    mine = case.reader_id == talk.reader.id and case.loan_id is not None and case.state is CaseState.REPORTED
    return number if mine and not at_home.named_in(talk.event.text, others) else ""


def _hear_more(talk: Talk, number: str) -> None:
    _ = talk._
    cases.add_words(talk.db, number, talk.reader.id, talk.event.text)
    if talk.event.photo:
        return case_photos.hear(talk, number)
    text = _("记进个案 {number} 了，馆员一起看。", number=number)
    talk.say(text, (*awaiting.button(talk), *rows(Button(_("看这个个案"), f"pf:{number}"), menu(_, "escalate"))))


def _tell_price(talk: Talk, kind: str, held: list[Loan]) -> None:
    """书丢了怎么赔: what the books at home would cost by the rules. Nothing is written down by asking; it is a press away."""
    _, known = talk._, case_records.open_of_loan(talk.db, held[0].id) if len(held) == 1 else None
    if known and not cases.lost_since(known, kind):
        return casework.tell(talk, known)
    titles = catalogue.titles(talk.db, [loan.title_id for loan in held])
    lines = rule_answers.told(talk, "mishaps", PAID)
    rule = talk.policy.ledger.find(kind)
    if kind == cases.LOST:
        lines += [_("核定丢了的，信用分 {points}。", points=rule.delta)] if rule else []
    elif rule:
        lines.insert(0, _("不影响阅读就没关系；能修好的，信用分 {points}、不用赔。", points=rule.delta))
    else:
        lines.insert(0, _("不影响阅读、能修好的，都不用赔。"))
    for loan in held:
        price = case_effects.by_rule(titles[loan.title_id].price_fen, talk.policy)
        lines += [_("《{title}》按书价是 {money}。", title=loan.title, money=_.money(price))] if price else []
    labels = {loan.id: _("登记丢失《{title}》", title=loan.title[:12]) if kind == cases.LOST else _("登记破损《{title}》", title=loan.title[:12]) for loan in held}
    report = [Button(label, f"case:{kind}:{loan_id}") for loan_id, label in labels.items()]
    lines.append(_("现在还没有登记；要登记就点下面。"))
    talk.say("\n".join(lines), (*rows(*report, across=1), *rows(Button(_("丢失与破损"), "rules:mishaps"), menu(_, "escalate"))))


def open_case(talk: Talk, kind: str, loan_id: str, sure: str = "") -> None:
    """A case with a number and a promised answer. Who says "damaged" soon after the book came is asked how it came."""
    loan = loans.loan(talk.db, int(loan_id), talk.reader.id)
    known = case_records.open_of_loan(talk.db, loan.id)
    if known and not cases.lost_since(known, kind) and not (sure and cases.owned_up(known, kind)):
        return casework.tell(talk, known)
    if kind == cases.DAMAGED and not sure and cases.came_lately(loan, talk.policy, talk.now):
        return _ask_since_when(talk, loan)
    fetched = loans.to_be_fetched(talk.db, loan.id)
    kind = kind if kind in cases.KINDS else cases.DAMAGED
    case, _new = cases.report(talk.db, talk.reader.id, loan.id, kind, words_for(talk, kind), talk.policy, talk.now)
    kept = case_photos.keep(talk, case) if talk.event.photo else 0
    text = _opened(talk, case, kept)
    if fetched and not loans.to_be_fetched(talk.db, loan.id):
        text += "\n" + talk._("约好的上门取书，这一本不用来取了。找到了再约。")
    welcome = () if kept or case.kind == cases.LOST else awaiting.button(talk)
    talk.say(text, (*welcome, *casework.buttons(talk._, case)))


def hear_whose_doing(talk: Talk, number: str) -> None:
    """ "其实是我弄的": put right by a press while nobody has looked; later a person can."""
    _ = talk._
    found = [case_records.by_number(talk.db, number, talk.reader.id)] if number else case_records.open_ones(talk.db, talk.reader.id)
    for case in found:
        if casework.may_own_up(case):
            talk.say(_("谢谢您告诉我们。是借的时候弄的，点「借的时候弄的」，我就改过来，馆员照这个看。"))
        if case.state is CaseState.REPORTED:
            return casework.tell(talk, case)
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    told = _("谢谢您告诉我们。馆员看过的我改不了，点「转人工」，这句话一起交给馆员。")
    talk.say(told, rows(*casework.open_buttons(talk), menu(_, "show_loans"), menu(_, "escalate")))


def words_for(talk: Talk, kind: str) -> str:
    """What the reader told, also where it was asked since which book it is, or how it came."""
    lost, words, until = talk.memory.pop("case_told", None) or [False, "", ""]
    return str(words) if until > stamp(talk.now) and lost is (kind == cases.LOST) else talk.event.text


def _ask_since_when(talk: Talk, loan: Loan) -> None:
    _ = talk._
    came = Button(_("收到时就这样"), f"case:{cases.ARRIVED}:{loan.id}:yes")
    since = Button(_("借的时候弄的"), f"case:{cases.DAMAGED}:{loan.id}:yes")
    talk.say(_("谢谢您告诉我们。《{title}》是收到时就这样吗？", title=loan.title), ((came, since),))


def _opened(talk: Talk, case: Case, photos: int) -> str:
    """What it costs by the rules, the ways to make it good, until when a person has looked (A2-12)."""
    _, rule = talk._, talk.policy.ledger.find(case.kind)
    said = {"title": case.title, "number": case.number, "points": rule.delta if rule else 0}
    texts = {
        (cases.LOST, True): N_("《{title}》丢失已登记，编号 {number}。从现在起不算超期。核定后可以买一本同样的书来还，或按书价赔付，信用分 {points}；之后找到了，按规则退还一部分。"),
        (cases.LOST, False): N_("《{title}》丢失已登记，编号 {number}。从现在起不算超期。核定后可以买一本同样的书来还，或按书价赔付，不扣信用分；之后找到了，赔付的书价按规则退还。"),
        (cases.DAMAGED, True): N_("《{title}》破损已登记，编号 {number}。不影响阅读就没关系；能修好的，信用分 {points}、不用赔；不能再读的，再买一本同样的书来还，或按书价赔付。"),
        (cases.DAMAGED, False): N_("《{title}》破损已登记，编号 {number}。不影响阅读、能修好的，都不用赔，也不扣信用分；不能再读的，买一本同样的书来还，或按书价赔付。"),
        (cases.ARRIVED, False): N_("《{title}》收到时就这样，已登记，编号 {number}。这不算您的，放心看，照常还。"),
    }  # fmt: skip
    lines = [_(texts[case.kind, rule is not None], **said)]
    lines.append(_("馆员 {moment} 前看完答复您。", moment=_.moment(case.promised_at)))
    if photos:
        lines.append(_("照片收到了。"))
    elif case.kind != cases.LOST:
        awaiting.picture(talk, "case", case.number)
        lines.append(_("方便的话拍张照片发来，馆员看得更清楚。"))
    return "\n".join(lines)
