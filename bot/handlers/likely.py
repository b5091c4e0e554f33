"""A line that nothing is certain of, said while something stands there: what it is most like of all that can be said of that
(examples_here.toml, examples_here_en.toml), and its answer. It only tells or shows: what does something stands beside it as a button."""

from __future__ import annotations

import re

from bot import acting, escalations, meaning, rule_answers, subject_words, topics
from bot.folding import letters
from bot.handlers import (
    account,
    asking,
    borrowing,
    browsing,
    choosing,
    discovering,
    filtering,
    finding,
    getting,
    greeting,
    halves,
    holding,
    hows,
    keeping,
    materials,
    matters,
    person,
    reporting,
    returning,
    reviewing,
    rules,
    transferring,
    trust,
)
from bot.handlers import loans as renewing
from bot.handlers.explaining import CONSEQUENCES
from bot.handlers.halves import Answer, Shown
from bot.likeness import alike, english, examples, here, here_in_english, nearest
from bot.talk import Talk
from bot.texts import menu, rows
from bot.understanding import plainly, without_courtesies
from lending import holds, loans

LONGEST, LONGEST_ENGLISH = 30, 80  # characters; longer lines tell of something else
LEAST, SHORT, CLEARLY = 0.3, 5, 0.5  # how like an example a line must be, of few characters more
SHORT_ENGLISH, LEAST_ENGLISH = 3, 0.35  # the same of English words
WORD = re.compile(r"[a-z0-9']+")
LEAD, HEARD_LEAD = 0.1, 0.3  # and how much more than what else it is like; than a call, or what single words in it say
FAINT = 0.15  # what speaks and is nothing else is so much like what it is in two of three lines (measured): told as a guess
MINE = ("show_orders", "show_loans", "show_holds", "renew", "return_books")  # about what one must have
UNSURE, SURE = ("search", "unknown"), ("escalate", "help", "deny")  # words that are heard anywhere: a call is one


def asked(talk: Talk) -> tuple[Shown, str, bool] | None:
    """What stands there, what is most likely said of it, and whether that is clear; None where something else is, or a book is found."""
    said = bare(talk.event.text)
    longest = LONGEST_ENGLISH if said.isascii() else LONGEST
    if talk.step or talk.wishes or not _unsure(talk) or len(said) > longest or "《" in talk.event.text:
        return None
    known = {what: one for one in reversed(halves.shown(talk)) if _stands(talk, one) and _may_be_told(talk, one) for what in answers(one.kind)}
    if not known or meaning.called_so(talk) is not None:
        return None
    what, likeness = likeliest(said, known)
    if likeness >= max(least(said), _elsewise(talk, said)):
        return known[what], what, True
    told_to_staff = bool(escalations.open_of(talk.db, talk.reader.id))  # what is not understood then goes to a librarian
    return (known[what], what, False) if likeness >= FAINT and _lost(talk) and not told_to_staff else None


def bare(text: str) -> str:
    """A line as it is compared: its letters; in English its words without what is said around a wish."""
    plain = plainly(text)
    return " ".join(WORD.findall(without_courtesies(plain))) if plain.isascii() else letters(plain)


def least(said: str) -> float:
    """How like an example a bare line must be; a short one more, and English words stand in many."""
    if said.isascii():
        return CLEARLY if len(said.split()) < SHORT_ENGLISH else LEAST_ENGLISH
    return CLEARLY if len(said) < SHORT else LEAST


def _unsure(talk: Talk) -> bool:
    """Whether nothing is meant for certain."""
    phrase = talk.intent.name in MINE and "query" in talk.intent.slots  # no likeness says so much
    if phrase or talk.intent.name == "confirm" or talk.number() is not None or (talk.intent.name == "search" and talk.found and talk.found.ids and not talk.found.near):
        return False
    supposed = talk.slot("query") == subject_words.MOOD or (talk.intent.name == "browse" and bool(talk.slot("unsure")))
    return supposed or talk.intent.likened or talk.intent.name in UNSURE or (talk.intent.heard and talk.intent.name not in SURE)


def _elsewise(talk: Talk, said: str) -> float:
    """How like the words must be at least, for what else they are like; what no rule answers, or is about nothing that the
    reader has, is like nothing."""
    if talk.intent.name == "faq" and not topics.part_of(talk.event.text):
        return 0.0
    about = (halves.BY_WORD[talk.intent.name], "cart") if talk.intent.name in MINE else ()
    if about and not any(halves.stands(talk, Shown(kind, "")) for kind in about):
        return 0.0
    heard = not talk.intent.likened or talk.intent.name == "escalate"
    lead = 0.0 if talk.intent.name in UNSURE else HEARD_LEAD if heard else LEAD
    return nearest(english() if said.isascii() else examples(), said).likeness + lead


def _lost(talk: Talk) -> bool:
    """Whether something is said, no title named, that would else be answered as not understood."""
    dead_end = talk.intent.name in UNSURE or (talk.intent.name == "faq" and not topics.part_of(talk.event.text))
    return dead_end and finding.speaks(talk.event.text) and not meaning.WANTED.search(talk.event.text) and not finding.sounds_like_a_book(talk)


def _stands(talk: Talk, one: Shown) -> bool:
    """Whether there is any of it; several books are a list."""
    return halves.stands(talk, one) or (one.kind == "title" and bool(talk.memory.get("list")))


def _may_be_told(talk: Talk, one: Shown) -> bool:
    """Whether whoever is acted for lets it be seen."""
    return all(acting.allowed(talk, act) for act in acting.WORDS.get(halves.RIGHTS[one.kind], ()))


def likeliest(said: str, known: dict[str, Shown]) -> tuple[str, float]:
    """Which of these the words are most like, and how much."""
    sample = here_in_english() if said.isascii() else here()
    like = alike(sample, said)
    what = max(known, key=lambda one: sum(part * weight for part, weight in zip(like.get(one, ()), sample.counted, strict=False)))
    return what, like.get(what, [0.0])[0]


def answers(kind: str) -> dict[str, Answer]:
    """All that can be said of it, also in a few words."""
    return {**halves.TABLE.get(kind, {}), **HERE.get(kind, {})}


def tell(talk: Talk, found: tuple[Shown, str, bool]) -> None:
    """The answer; a guess is said to be one, and a person who is called next gets the words."""
    about, what, clear = found
    if not clear:
        talk.memory["unanswered"] = talk.event.text[: person.MOST]
        talk.memory["missed"] = talk.event.text[:80]
        talk.say(talk._("我猜您说的是下面这件事。猜错了就换个说法；说「转人工」，这句话一起交给馆员；要是书名，说「荐购」。"))
    halves.tell_of(talk, about, answers(about.kind)[what])
    if not clear:
        talk.memory.pop("confirm", None)  # the next yes may be one to the guess


# ---- said and shown --------------------------------------------------------------------------------------------------


def _again(talk: Talk, told: str) -> None:
    """A sentence, and what stands there once more."""
    talk.say(told, rows(*choosing.again(choosing.standing(talk))))


def _rule(part: str, question: str) -> Answer:
    """The sentences of the rules that answer it, then what stands there once more; the whole part where none does."""

    def answer(talk: Talk, _id: str) -> None:
        told = rule_answers.told(talk, part, question)
        _again(talk, "\n".join(told)) if told else rules.show_part(talk, part)

    return answer


def _matter(code: str) -> Answer:
    return lambda talk, _id: matters.tell(talk, code)


def _unwarned(talk: Talk, _id: str) -> None:
    talk.say(talk._("没能早点告诉您，不好意思。几天前提醒，由您定："))
    account.reminder_settings(talk)


def _hand_on(talk: Talk, _id: str) -> None:
    """Only a person can see to it: these words go along."""
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    told = talk._("这件事要馆员来看。点「转人工」，这句话一起交给馆员。")
    talk.say(told, rows(menu(talk._, "escalate"), menu(talk._, "show_orders"), menu(talk._, "show_loans")))


def _title(talk: Talk, title_id: str) -> None:
    """The book, to be borrowed by a press; of several it is asked which."""
    finding.show_book(talk, title_id) if title_id else finding.which(talk)


def _sent_home(talk: Talk, title_id: str) -> None:
    halves.send_title(talk, title_id) if title_id else greeting.whether(talk, True)


def _pick(talk: Talk, title_id: str) -> None:
    shown = talk.memory.get("list") or []
    if title_id or len(shown) < 2:
        return reviewing.show(talk, title_id) if title_id else discovering.recommend(talk)
    asking.order(talk, shown, "known")


def _two(talk: Talk, title_id: str) -> None:
    transferring.own_copy(talk, title_id if halves.shown(talk)[0].kind == "title" else "")


def _go_on(talk: Talk, _id: str) -> None:
    """The question before an order, put once more: only its own yes orders."""
    getting.go_on(talk)


def _put_off(talk: Talk, _id: str) -> None:
    """What was begun is not dropped by a sigh."""
    _again(talk, talk._("不想要了，说「算了」就好；还没有下单，什么都没动。"))


def _undo(talk: Talk, _id: str) -> None:
    _again(talk, talk._(CONSEQUENCES["cancel_order"]))


def _add_before(talk: Talk, _id: str) -> None:
    _ = talk._
    told = _("可以再加：发书名，点「借这本」，就和车里的一起借。")
    talk.say(told, rows(menu(_, "show_cart"), menu(_, "browse"), menu(_, "checkout")))


def _cart_fewer(talk: Talk, _id: str) -> None:
    talk.say(talk._("不要的，点它下面的「移出」。"))
    borrowing.show_cart(talk)


def _cart_stays(talk: Talk, _id: str) -> None:
    talk.say(talk._("书在借书车里一直放着，不会过期；下了单才算借，别人可能先借走。"))
    borrowing.show_cart(talk)


def _home(talk: Talk, _id: str) -> None:
    getting.choose_way(talk, "delivery")


def _keep_longer(talk: Talk, _id: str) -> None:
    """Nothing is renewed by a sigh: each loan with its own button, or a person for what is late."""
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    if any(renewing.renewable(talk, one) for one in held):
        talk.say(_("想多看些日子，点下面的「续借」，不收费。"))
        return renewing.show_loans(talk)
    told = _("这些书现在续不了。看完还回来就好；实在来不及，点「转人工」，馆员想办法。")
    talk.say(told, rows(menu(_, "show_loans"), menu(_, "return_books"), menu(_, "escalate")))


def _loan_sorry(talk: Talk, _id: str) -> None:
    """Nobody is blamed; what is overdue comes to what it comes to, and ends with bringing it back."""
    talk.say(talk._("没关系，别放在心上。"))
    if not greeting.owed(talk):
        returning.return_books(talk)


def _partly(talk: Talk, _id: str) -> None:
    talk.say(talk._("可以：看完的还到任何一个馆或书柜，没看完的在下面点「续借」。"))
    renewing.show_loans(talk)


def _nag(talk: Talk, _id: str) -> None:
    talk.say(talk._("打扰您了，不好意思。提醒可以少一点，也可以关掉："))
    account.reminder_settings(talk)


def _hold_same(talk: Talk, _id: str) -> None:
    held = holds.of_reader(talk.db, talk.reader.id)
    discovering.like_this(talk, str(held[0].title_id))


def _waiting(talk: Talk, _id: str) -> None:
    """A copy that has come, with what keeps it longer and what takes it; else the queue."""
    ready = any(one.state == "ready" for one in holds.of_reader(talk.db, talk.reader.id))
    keeping.show_waiting(talk) if ready else holding.show_holds(talk)


def _kept(talk: Talk, _id: str) -> None:
    """Until when, of a copy that has come; else how long it will be kept."""
    ready = any(one.state == "ready" for one in holds.of_reader(talk.db, talk.reader.id))
    keeping.show_waiting(talk) if ready else hows.tell(talk, "hold")


def _consent(talk: Talk, _id: str) -> None:
    """What is asked of the bureau, and the way without it."""
    _ = talk._
    lines = [
        _("我们只问芝麻信用一句「够不够」，看不到您的分数、账单和余额，也不扣钱。"),
        _("不想查、没有支付宝、分数不够都没关系：点「不查信用」，马上就能借，按时还就越借越多。"),
    ]
    _again(talk, "\n".join(lines))


def _case_found(talk: Talk, number: str) -> None:
    talk.say(talk._("找到了就好，点下面的「书找到了」告诉馆员。"))
    halves.show_case(talk, number)


def _case_sorry(talk: Talk, number: str) -> None:
    talk.say(talk._("没关系，别放在心上。"))
    halves.show_case(talk, number)


def _enough(talk: Talk, _id: str) -> None:
    """What was answered has helped."""
    matters.tell(talk, "enough") if escalations.open_of(talk.db, talk.reader.id) else greeting.thanks(talk)


def _mine(talk: Talk, _id: str) -> None:
    person.show_mine(talk)


KEPT: dict[str, Answer] = {"shut": _matter("shut"), "key": _matter("key"), "wrong": _matter("shut"), "night": _matter("night")}
HERE: dict[str, dict[str, Answer]] = {
    "title": {
        "take": _title, "pick": _pick, "available": lambda talk, title_id: _title(talk, title_id) if title_id else filtering.narrow_by(talk, "只看可借的"),
        "not_these": lambda talk, _id: asking.clues(talk), "apart": lambda talk, _id: asking.tell_apart(talk), "for_whom": lambda talk, _id: asking.no_record(talk),
        "pages": lambda talk, title_id: asking.fact(talk, "pages", int(title_id)) if title_id else _title(talk, ""), "at_which": _title, "digital": lambda talk, _id: materials.show(talk, "ebook"), "two": _two, "period": _rule("borrowing", "多久"), "deposit": _rule("opening", "押金"),
        "ponder": lambda talk, _id: choosing.wait(talk), "when": lambda talk, _id: rules.tell_how_soon(talk), "price": lambda talk, _id: greeting.whether(talk, False), **dict.fromkeys(("home", "send"), _sent_home), **dict.fromkeys(("where", "liked"), _title),
    },
    "way": {
        "proxy": _matter("proxy"),
        "home": _home, "counter": lambda talk, _id: getting.checkout(talk), "boxes": _matter("key"), "night": _matter("night"), "others": _matter("post"), "at_home": _matter("courier"),
        "kept": _rule("service", "保留"), "day": _rule("service", "保留"), "stop": _put_off, "ponder": lambda talk, _id: choosing.wait(talk), "price": lambda talk, _id: greeting.fees(talk),
        "undo": _undo, "add": _add_before, "when": lambda talk, _id: rules.tell_how_soon(talk), "key": _matter("key"), "period": _rule("borrowing", "多久"),
    },
    "quote": {
        "accept": _go_on, "take": _go_on, "which_button": _go_on, "undo": _undo, "add": _add_before, "pay": lambda talk, _id: greeting.fees(talk), "fewer": lambda talk, _id: borrowing.show_cart(talk),
        "stop": _put_off, "ponder": lambda talk, _id: choosing.wait(talk), "kept": _rule("service", "保留"), "proxy": _matter("proxy"), "home": lambda talk, _id: getting.checkout(talk),
        "period": _rule("borrowing", "多久"), "night": _matter("night"), "key": _matter("key"),
    },
    "order": {**KEPT, "kept": halves.TABLE["order"]["day"], "pay": lambda talk, _id: greeting.fees(talk), "at_home": _matter("courier"), "others": _matter("courier"), "together": _matter("apart"), "parcel_torn": _hand_on, "home": halves.TABLE["order"]["change"]},
    "fee": {**dict.fromkeys(("price", "pay", "cheap", "counter", "dear"), lambda talk, _id: greeting.fees(talk)), "parcels": _rule("delivery", "包裹")},
    "refused": {**dict.fromkeys(("beg", "toll", "quota"), halves.TABLE["refused"]["why"]), "sorry": halves.TABLE["refused"]["why"]},
    "answer": {"enough": _enough, "still": halves.TABLE["answer"]["more"], "who": _mine},
    "loan": {
        "sorry": _loan_sorry, "keep_longer": _keep_longer, "partly": _partly, "back_where": lambda talk, _id: returning.return_books(talk), "fetching": _matter("fetching"), "lend": lambda talk, _id: hows.tell(talk, "transfer"),
        "first": halves.TABLE["loan"]["when"], "unknown_loan": halves.TABLE["loan"]["when"], "nag": _nag, "unwarned": _unwarned, "two": _two, "quota": lambda talk, _id: rules.answer(talk, "borrowing"), "back_already": lambda talk, _id: returning.ask_back(talk),
    },
    "cart": {
        "checkout": lambda talk, _id: getting.checkout(talk), "accept": lambda talk, _id: getting.checkout(talk), "which_button": lambda talk, _id: getting.checkout(talk), "home": lambda talk, _id: getting.checkout(talk),
        "more_books": lambda talk, _id: browsing.browse_shelves(talk), "clear": _cart_fewer, "fewer": _cart_fewer, "stays": _cart_stays, "ponder": _cart_stays,
        "together": _matter("apart"), "quota": _rule("borrowing", "几本"), "when": lambda talk, _id: rules.tell_how_soon(talk), "undo": _undo, "period": _rule("borrowing", "多久"),
    },
    "hold": {
        "queue": halves.TABLE["hold"]["when"], "stop": lambda talk, _id: holding.stay(talk), "same": _hold_same, "buy_more": halves.TABLE["hold"]["sooner"], "point": halves.TABLE["hold"]["where"], "home": halves.TABLE["hold"]["where"],
        "kept": _kept, "digital": lambda talk, _id: materials.show(talk, "ebook"), "get": _waiting, "take": _waiting, "day": _waiting, "proxy": _matter("proxy"), "price": lambda talk, _id: greeting.whether(talk, False), "toll": _waiting,
    },
    "consent": {
        **dict.fromkeys(("why", "without", "seen", "price", "toll"), _consent), **dict.fromkeys(("means", "threshold", "agree", "take", "accept"), lambda talk, _id: trust.offer(talk)), "honest": _matter("honest"), "ponder": lambda talk, _id: choosing.wait(talk),
    },
    "case": {"replace": halves.TABLE["case"]["price"], "pay": halves.TABLE["case"]["price"], "found": _case_found, "photo": _matter("picture"), "slight": _hand_on, "sorry": _case_sorry, "poor": _matter("poor"), "whose_doing": reporting.hear_whose_doing, "more": _hand_on, "quota": _rule("borrowing", "几本"), "which_button": halves.TABLE["case"]["when"]},
    "rule": {"simply": lambda talk, _id: rules.simply(talk)},
    "request": {"still": _mine, "by_phone": _mine, "ready": _mine, "sooner": _mine, "price": _mine},
}  # fmt: skip
