"""个案: a lost or damaged book reported, photographed, made good as the reader chooses, found again (A2-12)."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import awaiting, numbers, promise_words, rule_answers, unasked
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import person
from bot.talk import Rows, Talk
from bot.texts import CASE_KINDS, CASE_STATES, N_, Words, menu, rows
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
        return _tell(talk, standing[0])
    text = _("是哪一本找到了？") if standing else _("太好了。这里没有登记过丢失的书，什么都不用办。")
    talk.say(text, rows(*open_buttons(talk), menu(_, "show_loans"), menu(_, "escalate")))


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


def named_in(said: str, held: list[Loan]) -> list[Loan]:
    """Those of the books at home whose names stand in a sentence: "围城弄丢了", "活着转给我同学"."""
    return [loan for loan in held if _names(said, loan)]


def counted(talk: Talk, held: list[Loan], n: int) -> list[Loan]:
    """The n-th of the list that stands there, which a renewal does not renumber; of all at home where none was shown."""
    numbered = talk.memory.get("loans") or [loan.id for loan in held]
    return [loan for loan in held if loan.id == numbers.nth(numbered, n)]


def _names(said: str, book: Loan | OwnBook) -> bool:
    name = letters(main_name(book))
    return len(name) > 1 and name in letters(said)


def main_name(book: Loan | OwnBook) -> str:
    """A book's name as it is spoken, without what stands behind a colon."""
    return fold(re.split("[:：（(]", book.title)[0]).strip()


def _ask_which(talk: Talk, kind: str) -> None:
    if kind == cases.DAMAGED and (number := _just_reported(talk)):
        return _hear_more(talk, number)
    talk.memory["case_told"] = [kind == cases.LOST, talk.event.text, stamp(talk.now + TOLD)]
    _, held, n = talk._, loans.of_reader(talk.db, talk.reader.id), talk.number()
    others = [] if n is not None else with_me(talk) if kind == cases.LOST else may_be_torn(talk)
    if n is not None:
        held = counted(talk, held, n)
    elif talk.slot("title"):
        held = [loan for loan in held if talk.slot("title") in loan.title]
        others = [own for own in others if talk.slot("title") in own.title]
    else:
        named, also = named_in(talk.event.text, held), [own for own in others if _names(talk.event.text, own)]
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
    mine = case.reader_id == talk.reader.id and case.loan_id is not None and case.state is case_records.CaseState.REPORTED
    return number if mine and not named_in(talk.event.text, others) else ""


def _hear_more(talk: Talk, number: str) -> None:
    _ = talk._
    cases.add_words(talk.db, number, talk.reader.id, talk.event.text)
    if talk.event.photo:
        return hear_photo(talk, number)
    text = _("记进个案 {number} 了，馆员一起看。", number=number)
    talk.say(text, (*awaiting.button(talk), *rows(Button(_("看这个个案"), f"pf:{number}"), menu(_, "escalate"))))


def _tell_price(talk: Talk, kind: str, held: list[Loan]) -> None:
    """书丢了怎么赔: what the books at home would cost by the rules. Nothing is written down by asking; it is a press away."""
    _, known = talk._, case_records.open_of_loan(talk.db, held[0].id) if len(held) == 1 else None
    if known and not cases.lost_since(known, kind):
        return _tell(talk, known)
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
        return _tell(talk, known)
    if kind == cases.DAMAGED and not sure and cases.came_lately(loan, talk.policy, talk.now):
        return _ask_since_when(talk, loan)
    fetched = loans.to_be_fetched(talk.db, loan.id)
    kind = kind if kind in cases.KINDS else cases.DAMAGED
    case, _new = cases.report(talk.db, talk.reader.id, loan.id, kind, words_for(talk, kind), talk.policy, talk.now)
    kept = _keep_photo(talk, case) if talk.event.photo else 0
    text = _opened(talk, case, kept)
    if fetched and not loans.to_be_fetched(talk.db, loan.id):
        text += "\n" + talk._("约好的上门取书，这一本不用来取了。找到了再约。")
    welcome = () if kept or case.kind == cases.LOST else awaiting.button(talk)
    talk.say(text, (*welcome, *_buttons(talk._, case)))


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


# ---- pictures ------------------------------------------------------------------------------------------------------


def ask_photo(talk: Talk, number: str) -> None:
    """The next picture belongs to this case; one that is over needs none."""
    _, case = talk._, _of_mine(talk, number)
    if case.state not in case_records.OPEN:
        return show_case(talk, number)
    awaiting.picture(talk, "case", case.number)
    talk.say(
        _("好的，请把《{title}》的照片发给我。", title=case.title),
        (*awaiting.button(talk), *rows(Button(_("看这个个案"), f"pf:{case.number}"))),
    )


def hear_photo(talk: Talk, number: str) -> None:
    """A picture as evidence; only librarians see it, and it goes some days after the case has ended."""
    _, case = talk._, _of_mine(talk, number)
    held = _keep_photo(talk, case)
    text = _.n(
        "照片收到了，放进个案 {number}，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        "照片收到了，放进个案 {number}，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        held, number=case.number, days=talk.policy.cases.photo_days,
    )  # fmt: skip
    talk.say(text, rows(Button(_("看这个个案"), f"pf:{case.number}"), menu(_, "show_loans")))


def _keep_photo(talk: Talk, case: Case) -> int:
    content = talk.event.photo.content if talk.event.photo else b""
    return case_records.add_photo(talk.db, case, content, talk.policy, talk.now, talk.reader.id)


# ---- following and choosing ----------------------------------------------------------------------------------------


def show_case(talk: Talk, number: str) -> None:
    """Where a case stands, what was answered, and what can be done now; to the owner of the book as well."""
    case = _of_mine(talk, number)
    _tell(talk, case) if case.reader_id == talk.reader.id else _tell_owner(talk, case)


def hear_whose_doing(talk: Talk, number: str) -> None:
    """ "其实是我弄的": put right by a press while nobody has looked; later a person can."""
    _ = talk._
    found = [case_records.by_number(talk.db, number, talk.reader.id)] if number else case_records.open_ones(talk.db, talk.reader.id)
    for case in found:
        if cases.owned_up(case, cases.DAMAGED):
            talk.say(_("谢谢您告诉我们。是借的时候弄的，点「借的时候弄的」，我就改过来，馆员照这个看。"))
        if case.state is CaseState.REPORTED:
            return _tell(talk, case)
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    told = _("谢谢您告诉我们。馆员看过的我改不了，点「转人工」，这句话一起交给馆员。")
    talk.say(told, rows(*open_buttons(talk), menu(_, "show_loans"), menu(_, "escalate")))


def _of_mine(talk: Talk, number: str) -> Case:
    """Raises UnknownThing for a case that is neither the reader's nor of a book of the reader's own."""
    case = case_records.by_number(talk.db, number)
    return case if case.owner_id == talk.reader.id else case_records.by_number(talk.db, number, talk.reader.id)


def _tell_owner(talk: Talk, case: Case) -> None:
    """How far the making good has come, and what the owner may choose."""
    _ = talk._
    lines = [f"{case.number} 《{case.title}》 {_(CASE_KINDS[case.kind])} · {_(OWNER_STATES[case.state])}"]
    if case.state is CaseState.REPORTED:
        lines.append(promise_words.answer_by(_, case.promised_at, talk.now))
    if case.owner_chooses and case.state in case_records.OPEN:
        lines.append(_(OWNERS[case.state], money=_.money(case.amount_fen)))
    if case.owes_owner:
        lines.append(owner_due(_, case))
    ways = (*owner_choices(_, case), *owner_photo(_, case), Button(_("我的漂流书"), "own"), menu(_, "escalate"))
    talk.say("\n".join(lines), rows(*ways))


def owner_due(_: Words, case: Case) -> str:
    """What lies at a desk for the owner of a lost or damaged book."""
    said = {"title": case.title, "number": case.number, "money": _.money(case.amount_fen)}
    texts = {
        (True, "book"): N_("《{title}》破了，赔您的新书到了：去任何一个馆的服务台领，报编号 {number}。"),
        (True, "money"): N_("《{title}》破了，书价 {money} 给您备好了：去任何一个馆的服务台领，报编号 {number}。"),
        (False, "book"): N_("《{title}》丢了，赔您的新书到了：去任何一个馆的服务台领，报编号 {number}。"),
        (False, "money"): N_("《{title}》丢了，书价 {money} 给您备好了：去任何一个馆的服务台领，报编号 {number}。"),
    }
    return _(texts[case.owner_chooses, case.owner_due], **said)


def owner_choices(_: Words, case: Case) -> list[Button]:
    """What the owner of a damaged book may choose now."""
    labels = {"as_it_is": _("没关系，照样收下"), "want_book": _("要一本同样的书"), "want_money": _("要书价")}
    return [Button(labels[step.name], f"pfc:{case.number}:{step.name}") for step in cases.may_take(case, "owner")]


def owner_photo(_: Words, case: Case) -> list[Button]:
    """The owner of a damaged book shows how it came home, as long as nobody has looked."""
    shows = case.owner_chooses and case.state is CaseState.REPORTED
    return [Button(_("加照片"), f"pfp:{case.number}")] if shows else []


def _tell(talk: Talk, case: Case) -> None:
    _ = talk._
    if case.back:
        text = _("《{title}》回来了，不用再办什么。个案 {number} 这就办结，要退的马上告诉您。", title=case.title, number=case.number)
        return talk.say(text, rows(menu(_, "show_loans"), menu(_, "escalate")))
    lines = [case_line(_, case)]
    if case.owner_chooses and case.state is CaseState.REPORTED:
        lines.append(_("主人已经知道了，书可以接着看，看完交还主人。不影响阅读，或主人照样收下，就不用赔；要赔的，由主人选同样的书或书价，不扣信用分。"))
    elif case.drifting_id is not None and case.state is CaseState.REPORTED:
        lines.append(_("主人已经知道了，别担心。核定后可以买一本同样的书，或按书价赔付，不扣信用分；找到了就点「书找到了」。"))
    if case.state is CaseState.REPORTED:
        lines.append(promise_words.answer_by(_, case.promised_at, talk.now))
    if case.answer:
        lines.append(_("馆员说：{text}", text=case.answer))
    if case.refunded:
        lines.append(_("书价退您 {money}，您已经领了。", money=_.money(case.refund_fen)))
    elif case.refund_fen:
        lines.append(_("书价退您 {money}，到任何一个馆的服务台领。", money=_.money(case.refund_fen)))
    if case.state in cases.OWED:
        how = HOW_OF_OWN if case.owner_chooses else HOW
        lines.append(_(how[case.state], money=_.money(case.amount_fen)))
    talk.say("\n".join(lines), _buttons(_, case))


HOW = {
    CaseState.ASSESSED: N_("买一本同样的书来还，或付书价 {money}，您选一样："),
    CaseState.REPLACING: N_("买好同样的书，交到任何一个馆的服务台就行。也可以改成付书价 {money}。"),
    CaseState.PAYING: N_("书价 {money}，到任何一个馆的服务台付。也可以改成买同样的书。"),
}
HOW_OF_OWN = {
    CaseState.ASSESSED: N_("主人会选一样：照样收下、要一本同样的书，或书价 {money}。选好就告诉您，现在什么都不用办。"),
    CaseState.REPLACING: N_("主人选了一本同样的书：买好交到任何一个馆的服务台就行。"),
    CaseState.PAYING: N_("主人选了书价 {money}：到任何一个馆的服务台付。"),
}
TOLD_OF_OWN = {  # to the reader of a damaged book of another's own: its owner chooses
    "report": N_("《{title}》的主人说，书从您那里回来时破了，编号 {number}。馆员 {moment} 前看完告诉您。不是您弄的，拍张照片发来，或点「转人工」说一声。"),
    "worn": N_("《{title}》看过了：不影响阅读，您不用赔，也不扣分。"),
    "charge": N_("《{title}》核定了：主人会选一样，照样收下、要一本同样的书，或书价 {money}；不扣信用分。选好就告诉您，现在什么都不用办。"),
    "as_it_is": N_("《{title}》的主人说没关系，照样收下，您不用赔。个案 {number} 办结。"),
    "want_book": N_("《{title}》的主人选了一本同样的书：买好交到任何一个馆的服务台，报编号 {number}。"),
    "want_money": N_("《{title}》的主人选了书价 {money}：到任何一个馆的服务台付，报编号 {number}。"),
}  # fmt: skip
OWNERS = {
    CaseState.REPORTED: N_("书还能读，没关系的话可以照样收下；要赔，馆员看完由您选同样的书或书价。"),
    CaseState.ASSESSED: N_("您选一样：照样收下、要一本同样的书，或书价 {money}。"),
    CaseState.REPLACING: N_("您选了一本同样的书，到了就告诉您。也可以改成书价 {money}，或照样收下。"),
    CaseState.PAYING: N_("您选了书价 {money}，备好就告诉您。也可以改成一本同样的书，或照样收下。"),
}
OWNER_STATES = {
    CaseState.REPORTED: N_("馆员在看"), CaseState.ASSESSED: N_("已核定"), CaseState.REPLACING: N_("等同样的书"),
    CaseState.PAYING: N_("等书价"), CaseState.SETTLED: N_("已办结"), CaseState.FOUND: N_("书找到了"),
}  # fmt: skip
CHOICES = {
    "replace": N_("买同样的书来还"),
    "pay": N_("按书价赔"),
    "at_home": N_("书找到了"), "turned_up": N_("书找到了"),
}


def case_line(_: Words, case: Case) -> str:
    """A case in one line."""
    state = _("等主人选") if case.owner_chooses and case.state is CaseState.ASSESSED else _(CASE_STATES[case.state])
    return f"{case.number} 《{case.title}》 {_(CASE_KINDS[case.kind])} · {state}"


def _buttons(_: Words, case: Case) -> Rows:
    own = [Button(_(CHOICES[step.name]), f"pfc:{case.number}:{step.name}") for step in cases.may_take(case, "reader")]
    photo = [Button(_("加照片"), f"pfp:{case.number}")] if case.state is CaseState.REPORTED else []
    if case.loan_id is not None and cases.owned_up(case, cases.DAMAGED):
        own.append(Button(_("借的时候弄的"), f"case:{cases.DAMAGED}:{case.loan_id}:yes"))
    objection = [menu(_, "appeal")] if case.points < 0 else []
    return rows(*own, *photo, *objection, menu(_, "escalate"))


def choose(talk: Talk, number: str, step: str) -> None:
    """The reader's own step: replace, pay, or found at home. Pressed twice, it says where the case stands."""
    case = _of_mine(talk, number)
    if case.reader_id != talk.reader.id:
        return _choose_for_owner(talk, case, step)
    if step in {one.name for one in cases.may_take(case, "reader")}:
        case = cases.choose(talk.db, number, talk.reader.id, step, talk.policy, talk.now)
    if case.drifting_id is not None and case.state is CaseState.FOUND:
        _ = talk._
        text = _("太好了！《{title}》找到了，主人也听到了。看完照原来说好的交给主人或下一位。", title=case.title)
        return talk.say(text, rows(Button(_("我的漂流书"), "own"), menu(_, "escalate")))
    if case.state is CaseState.FOUND and case.lent:
        _, loan = talk._, loans.loan(talk.db, case.loan_id or 0, talk.reader.id)
        text = _("太好了！《{title}》接着看，{day} 前还就行。", title=case.title, day=_.day(loan.due_at))
        return talk.say(text, rows(menu(_, "show_loans"), menu(_, "return_books")))
    _tell(talk, case)


def _choose_for_owner(talk: Talk, case: Case, step: str) -> None:
    """The owner's step; where it is taken as it is, nothing more is to be done."""
    _ = talk._
    if step in {one.name for one in cases.may_take(case, "owner")}:
        case = cases.choose_for_owner(talk.db, case.number, talk.reader.id, step, talk.policy, talk.now)
        if step == "as_it_is":
            text = _("好，《{title}》照样收下，这件事办结了，也告诉读者了。谢谢您体谅。", title=case.title)
            return talk.say(text, rows(Button(_("我的漂流书"), "own")))
    _tell_owner(talk, case)


def open_lines(talk: Talk) -> list[str]:
    """The reader's cases that have not ended, each in a line."""
    return [case_line(talk._, case) for case in case_records.open_ones(talk.db, talk.reader.id)]


def open_buttons(talk: Talk) -> list[Button]:
    """A button for each of them."""
    return [Button(case.number, f"pf:{case.number}") for case in case_records.open_ones(talk.db, talk.reader.id)]
