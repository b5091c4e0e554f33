"""The whole talk in five tables: HEARD and INTENTS (what is said), PRESSES, STEPS (what answers a question), PICTURES."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from bot import acting, awaiting, escalations, offered
from bot.confiding import secret_in
from bot.conversations import Memory
from bot.events import Event
from bot.folding import REMEMBERED
from bot.handlers import (
    account,
    adding,
    addressing,
    announcing,
    answered,
    appealing,
    appointing,
    asking,
    at_home,
    at_places,
    attending,
    authorising,
    bookcase,
    borrowing,
    browsing,
    calendars,
    case_photos,
    casework,
    checking_in,
    choosing,
    cities,
    confiding,
    consent,
    credentials,
    discovering,
    drifting,
    easing,
    explaining,
    family,
    filtering,
    finding,
    following,
    foreign,
    free_delivery,
    getting,
    greeting,
    guardians,
    guessing,
    guided,
    halves,
    holding,
    hows,
    keeping,
    kiosk,
    lasting,
    likely,
    linking,
    lists,
    loans,
    materials,
    matters,
    mending,
    naming,
    narrowing,
    numbered,
    ordering,
    person,
    picking,
    picturing,
    places,
    promising,
    proving,
    purchasing,
    ranking,
    relocating,
    rents,
    reporting,
    returning,
    reviewing,
    rules,
    seeking,
    several,
    sharing,
    shelving,
    subscribing,
    tracking,
    transferring,
    trust,
    unlinking,
    ways_said,
    wishes,
)
from bot.linking import code_in
from bot.presses import fits
from bot.talk import Talk, Wish
from bot.texts import menu, refusal, rows
from bot.understanding import Intent
from lending import attendance, door_codes, proof_codes
from lending.errors import LendingError, NoCopyAvailable

Handler = Callable[..., str | None]  # answers; or returns the action of the button that the words stood for


INTENTS: dict[str, Handler] = {
    "greet": greeting.greet, "help": greeting.help, "thanks": greeting.thanks, "goodbye": greeting.goodbye,
    "fees": rules.fees, "faq": rules.faq, "cancel": greeting.cancel, "deny": choosing.deny,
    "unknown": greeting.unknown,
    "search": finding.search, "show_title": finding.show_title, "browse": browsing.browse_shelves,
    "new_books": discovering.new_books, "ranking": ranking.ranking, "recommend": discovering.recommend,
    "next_page": lists.next_page, "previous_page": lists.previous_page,
    "borrow": several.borrow, "add_to_cart": borrowing.add_to_cart, "show_cart": borrowing.show_cart,
    "remove_from_cart": borrowing.remove_from_cart, "checkout": several.checkout,
    "show_orders": keeping.show_orders, "cancel_order": following.cancel_order,
    "show_loans": loans.show_loans, "renew": loans.renew, "return_books": returning.return_books,
    "report_lost": reporting.report_lost, "report_damaged": reporting.report_damaged, "transfer": transferring.transfer,
    "hold": holding.hold, "show_holds": holding.show_holds, "cancel_hold": holding.cancel_hold,
    "show_credit": trust.show_credit, "authorize_credit": trust.authorize_credit,
    "start_ladder": getting.start_on_ladder, "ask_guardian": guardians.ask,
    "appeal": appealing.appeal, "find_branches": places.find_branches, "escalate": person.escalate,
    "suggest_purchase": wishes.suggest_purchase, "review": reviewing.review, "events": attending.events_to_come,
    "sign_up_event": attending.hear,
    "set_language": account.set_language, "reminder_settings": account.reminder_settings,
    "export_data": account.export_data, "erase_data": account.erase_data,
    "choose": choosing.choose, "confirm": choosing.confirm,
}  # fmt: skip


def act(talk: Talk, grantor_id: str) -> None:
    """For this one from now on, and what had been asked for before it was known for whom."""
    if wishes := family.asked_for(talk, grantor_id):
        return _for_each(talk, wishes)
    family.act(talk, grantor_id)


PRESSES: dict[str, Handler] = {  # a button's action is a word here and what it needs, parted by colons
    "t": finding.show_book, "page": lists.turn_page, "same": discovering.like_this,
    "rank": ranking.rank, "ranks": ranking.choose_branch, "q": ranking.search_again,
    "rg": person.show_mine, "picks": discovering.editors_picks, "guess": guessing.switch,
    "shelf": browsing.show_shelf, "group": browsing.show_shelf, "shelves": browsing.show_shelves,
    "classes": browsing.show_classes, "class": browsing.show_class,
    "filter": filtering.offer, "facet": filtering.choose_facet, "f": filtering.choose, "all": filtering.clear,
    "guide": guided.start, "g": guided.press,
    "b": borrowing.borrow_title, "two": borrowing.take_two, "sev": several.take, "out": borrowing.take_out, "drop": borrowing.drop_and_go_on, "again": borrowing.take_again,
    "w": getting.choose_way, "d": addressing.choose_district, "dc": addressing.other_districts, "address": addressing.change_address,
    "ease": easing.show, "ease!": easing.ask, "size": easing.size,
    "free": free_delivery.show, "draw": free_delivery.last_draw, "draw!": free_delivery.enter,
    "add": adding.show, "add!": adding.confirm,
    "goon": getting.go_on_or_cart, "ok": ordering.confirm, "order": following.show_order,
    "cancel": following.ask_cancel, "cancel!": following.cancel_number, "lo": following.take_out, "lo-": following.keep_both, "op": relocating.change,
    "r": loans.renew_pressed, "case": reporting.open_case,
    "pf": casework.show_case, "pfc": casework.choose, "pfp": case_photos.ask,
    "back": proving.back, "door": proving.door, "door?": proving.ask_door, "fetch": returning.offer_fetching, "fetch!": returning.fetch, "fetchx": returning.stop_fetching, "fetchto": addressing.fetch_from,
    "hold": holding.hold_title, "hx": holding.cancel_this, "hr": holding.ask_rest, "hw": holding.wake,
    "ko": keeping.keep_order, "kh": keeping.keep_hold, "hp": holding.change_point, "hg": holding.get_here, "hl": shelving.keep_hold,
    "tr": transferring.offer, "ta": transferring.accept, "tf": transferring.finish, "tw": transferring.withdraw,
    "td": transferring.decline, "tp": transferring.ask_photo, "ot": transferring.offer_own,
    "vote": wishes.vote, "wish": wishes.suggest_missed, "shop": purchasing.show, "buy": purchasing.choose, "buy!": purchasing.buy, "buyx": purchasing.cancel,
    "news": announcing.show, "news!": announcing.switch, "rv": reviewing.show, "rv+": reviewing.ask, "rvs": reviewing.show_own, "rvx": reviewing.ask_take_back, "rvx!": reviewing.take_back,
    "own": drifting.show, "own+": drifting.register, "or": drifting.recall, "ol": drifting.release, "oe": drifting.end,
    "oz": drifting.ask_lost, "oz!": drifting.lose,
    "od": drifting.ask_damaged, "od!": drifting.damage,
    "ev": attending.show, "evs": attending.show_page, "evm": attending.mine, "ev+": attending.sign_up,
    "ev-": attending.leave, "ev-!": attending.leave_for_certain,
    "nf": seeking.at, "rebuy": wishes.again,
    "later": shelving.show, "l": shelving.keep, "lc": shelving.to_cart, "lh": shelving.to_hold, "lx": shelving.drop,
    "sim": trust.simulated_verdict, "link": linking.join, "links": linking.explain, "unlink": unlinking.ask_of, "unlink!": unlinking.unlink, "line": appealing.show_line, "appeal": appealing.appeal_pressed,
    "ga": appealing.show, "gam": appealing.ask_more, "gac": appealing.choose,
    "got": tracking.got_it, "ng": tracking.not_here,
    "ap": appointing.offer, "apd": appointing.show_day, "ap+": appointing.book, "ap-": appointing.give_back, "here": appointing.here,
    "fam": family.show, "famg": authorising.give, "famr": authorising.choose_relation, "fams": authorising.switch, "fam!": authorising.code,
    "fama": authorising.accept, "famok": authorising.confirm, "famno": authorising.decline, "famw": authorising.withdraw,
    "famx": family.revoke, "famd": family.show_deeds, "famc": guardians.add, "mc": guardians.show, "young": guardians.say_young,
    "act": act, "acts": family.choose_whom, "actx": family.stop,
    "rules": rules.show_part, "promises": promising.show,
    "why": mending.show, "redeem": mending.offer_redeeming, "redeem!": mending.redeem, "quiz": mending.quiz, "quiz!": mending.answer,
    "share": sharing.share, "rents": rents.explain, "rent": rents.choose, "unconsent": consent.ask, "unconsent!": consent.withdraw, "kiosk": kiosk.explain, "kiosk!": kiosk.new_card,
    "sub": subscribing.subscribe, "subs": subscribing.show, "unsub": subscribing.stop, "unsub!": subscribing.stop_all,
    "mine": bookcase.show, "cal": calendars.give, "cal!": calendars.renew, "calx": calendars.stop,
    "cities": cities.choose, "city": cities.take, "cityp": places.of_city, "wc": picking.choose_in_city,
    "like": places.prefer, "lang": account.choose_language, "remind": account.remind, "erase!": account.erase, "looks": account.show_looks,
    "cards": credentials.show, "card": credentials.give_form, "cardx": credentials.ask_remove, "cardx!": credentials.remove, "cardw": credentials.withdraw,
}  # fmt: skip

STEPS: dict[str, Handler] = {  # questions answered in the reader's own words; a clear command wins over them
    "address": addressing.hear_address,
    "suggest": wishes.hear_suggestion,
    "review": reviewing.hear,
    "guide": guided.hear,
    "seek": seeking.hear_title,
    "rest": holding.hear_rest,
    "appeal": appealing.hear_words,
    "birth": guardians.hear_birth,
    "child": guardians.hear_child,
}
PICTURES: dict[str, tuple[str, Handler]] = {  # what a picture sent now belongs to, where something has asked for one
    "case": (":pfp", case_photos.hear), "door": (":door", proving.hear_door_photo),
    "check": (":back", proving.hear_check_photo), "transfer": (":tp", transferring.hear_photo),
}  # fmt: skip
MISSED_ON = ("choose", "confirm", "deny", "thanks", "next_page", "previous_page", "show_title", "suggest_purchase")  # what was missed is missed still
LEFT = ("suggest", "seek", "review")  # whose words would be written down or looked for: over once something else is asked for
OWN_WORDS = ("search", "unknown", "show_title", "browse", "find_branches", "faq", "confirm", "deny")

LAST_SAID = re.compile("[,，.。;；!！~… ]+|还是")  # before what is said last
PRAISE = ("recommend", "ranking", "thanks", "new_books")  # what an opinion of a book may sound like


def answer(talk: Talk) -> None:
    """One turn: find the handler, let it answer, and turn a refusal into words with a way out."""
    missed = talk.memory.get("missed")
    try:
        acting.begin(talk)
        _dispatch(talk)
    except LendingError as error:
        _refuse(talk, error)
    if talk.memory.get("missed") is missed and not _still_missed(talk):  # not missed anew: 荐购 means it no longer
        talk.memory.pop("missed", None)
    acting.finish(talk)


def _still_missed(talk: Talk) -> bool:
    """Whether a turn leaves open which book was just looked for in vain."""
    pressed = offered.bare(talk.event.press)
    return pressed.split(":")[0] in ("t", "page", "f", "filter") or pressed == "i:suggest_purchase" if pressed else talk.intent.name in MISSED_ON


def _refuse(talk: Talk, error: LendingError) -> None:
    if isinstance(error, NoCopyAvailable) and not error.owned:
        talk.memory["missed"] = error.title  # what "荐购这本" means now
    halves.refused(talk, error)
    text, buttons = refusal(talk._, error)
    if not talk.replies or talk.replies[-1].text != text:  # of two wishes in a line both may meet the same
        talk.say(text, rows(*buttons))


def confided(step: str, memory: Memory, text: str, now: datetime) -> bool:
    """Whether the text holds what does not belong into a chat (A3-31): a secret, or after a card's form its number.

    A code of ours may look like one.
    """
    waited = credentials.typed_here(step, memory, text, now) and not any(read(text) for read in CODES)
    return secret_in(text) or waited


def _dispatch(talk: Talk) -> None:
    event = talk.event
    if not _wants_a_person(talk) and offered.bare(event.press) != "i:escalate":
        talk.memory.pop("unanswered", None)  # a call for a person takes up the question just before it, no older one
    if event.press:
        return press(talk, event.press)
    if event.start:
        return greeting.start(talk)
    if event.location:
        return places.nearest(talk)
    if event.phone:
        return _run(talk, "?address", addressing.hear_phone) if talk.step == "address" else greeting.phone(talk)
    if confided(talk.step, talk.memory, event.text, talk.now):  # before anything remembers it
        halves.note(talk, "")
        return confiding.refuse(talk)
    if again := at_places.exchanged(talk):
        at_places.ask_again(talk, again)
    at_places.remember(talk)
    for heard, whose, handler in HEARD:
        if found := heard(talk):
            if handler not in CONFIDED and talk.step not in ("birth", "child"):
                escalations.hear(talk.db, talk.reader.id, event.text, talk.now)
            arguments = () if found is True else (found,)
            if whose:
                return _run(talk, whose, handler, *arguments)
            if handler not in (halves.tell, likely.tell, person.show_mine):
                halves.note(talk, "")
            handler(talk, *arguments)
            return
    escalations.hear(talk.db, talk.reader.id, event.text, talk.now)
    if talk.step in LEFT and talk.slot("query") != choosing.WAIT:
        talk.step = ""
    if talk.wishes and not talk.step:
        return _one_by_one(talk)
    _run(talk, talk.intent.name, INTENTS[talk.intent.name])


def _one_by_one(talk: Talk) -> None:
    """Each wish of a line; what refuses one keeps none of the others waiting."""
    said = talk.event
    for wish in talk.wishes:
        _grant(talk, said, wish)


def _grant(talk: Talk, said: Event, wish: Wish) -> None:
    talk.event, talk.intent, talk.found = replace(said, text=wish.text, press=""), wish.intent, wish.found
    try:
        if how := explaining.asked(talk):
            return explaining.tell(talk, how)
        _run(talk, wish.intent.name, INTENTS[wish.intent.name])
    except LendingError as error:
        _refuse(talk, error)


def _for_each(talk: Talk, wishes: list[tuple[int, Wish]]) -> None:
    """Each wish of a line for the one it is meant for (0: oneself), who is acted for until somebody else is named."""
    said = talk.event
    for whose, wish in wishes:
        talk.own = False
        acting.switch(talk, whose) if whose else acting.stop(talk)
        _grant(talk, said, wish)
        acting.finish(talk)


def _run(talk: Talk, word: str, handler: Handler, *arguments: Any) -> None:
    """Let the handler answer; where the words only stood for a button, that is pressed."""
    halves.note(talk, word, *arguments)
    if action := acting.run(talk, word, handler, *arguments):
        press(talk, action)


def hear_picture(talk: Talk, waiting: tuple[str, str]) -> None:
    """A picture that somebody waits for."""
    about, key = waiting
    word, handler = PICTURES[about]
    _run(talk, word, handler, key)


def hear_answer(talk: Talk) -> None:
    """Words that answer the question that was asked."""
    _run(talk, f"?{talk.step}", STEPS[talk.step])


def _awaited(talk: Talk) -> bool:
    """Whether the words answer the question that was asked."""
    praise = talk.step == "review" and talk.intent.heard and talk.intent.name in PRAISE
    any_will_do = talk.step == "guide" and talk.slot("query") == choosing.ANY
    own = talk.intent.likened or praise or any_will_do or talk.intent.name in OWN_WORDS
    if not talk.step or not own or not talk.event.text.strip() or talk.slot("query") == choosing.WAIT:
        return False
    if talk.step == "address" and cities.asked(talk):
        return False
    if talk.step == "address" and (talk.intent.likened or talk.intent.name == "faq") and not addressing.may_be_address(talk):
        return False
    if talk.step in ("birth", "child") and talk.intent.name == "faq" and not talk.intent.likened:
        return False  # asked in between; the form waits
    if talk.step == "appeal":
        return appealing.on_show(talk)
    return talk.step != "guide" or (guided.on_show(talk) and talk.intent.name != "browse")


def press(talk: Talk, action: str) -> None:
    """A button, or the number that stands for it. One we do not know any more is said to be old."""
    word, *arguments = acting.unwrapped(talk, action).split(":")
    if word == "i" and len(arguments) == 1 and arguments[0] in INTENTS:
        talk.intent = Intent(arguments[0], {})
        if arguments[0] == "checkout":  # 换个方式, pressed or put in words: what waited for a yes waits no more
            talk.memory.pop("confirm", None)
        return _run(talk, arguments[0], INTENTS[arguments[0]])
    if word == "credit" and arguments in (["yes"], ["ladder"]):
        return _run(talk, ":credit", trust.consent if arguments == ["yes"] else getting.start_on_ladder)
    handler = PRESSES.get(word)
    if handler is None or not fits(handler, arguments):
        return expired(talk)
    _run(talk, f":{word}", handler, *arguments)


def expired(talk: Talk) -> None:
    """"这条消息已过期", with a fresh start (C2)."""
    _ = talk._
    talk.say(_("这条消息已过期。想找书、看借阅或下单，从这里开始："), rows(menu(_, "show_cart"), menu(_, "show_loans"), menu(_, "show_orders"), menu(_, "help")), toast=_("已过期"))


# ---- what words are before they are an intent ------------------------------------------------------------------------


def _text(read: Callable[[str], object]) -> Callable[[Talk], object]:
    """Found in the words alone, which many say alike."""
    found = lru_cache(REMEMBERED)(read)
    return lambda talk: found(talk.event.text)


def _button(question: Callable[[Talk], str]) -> Callable[[Talk], object]:
    """The press that the words stand for, of whoever is acted for."""
    return lambda talk: acting.asked(talk, question)


def _picture_alone(awaited: Callable[[Talk], object]) -> Callable[[Talk], object]:
    return lambda talk: talk.event.photo and not talk.event.text and awaited(talk)


def _wants_a_person(talk: Talk) -> bool:
    return talk.intent.name == "escalate" and not talk.intent.likened and not explaining.asked(talk)


def _only_spoken_of(talk: Talk) -> str:
    """How a deed is spoken of that nobody asks for; of several wishes each is looked at by itself."""
    return "" if talk.wishes else explaining.asked(talk)


def _speaks_of_a_button(talk: Talk) -> str:
    """The button that is named and not pressed, where no deed that words alone can do is spoken of."""
    return "" if talk.wishes or explaining.asked(talk) else explaining.button(talk)


def _word_for_word(talk: Talk) -> list[str]:
    """The buttons whose label was written out: before anything else the words may mean."""
    return [] if talk.event.photo else offered.word_for_word(choosing.standing(talk), talk.event.text)


def _press_the_one(talk: Talk, actions: list[str]) -> None:
    """Several may read alike: then it is asked which."""
    press(talk, actions[0]) if len(actions) == 1 else choosing.which(talk)


def _seen(talk: Talk) -> object:
    """What the picture shows, where it shows a book or nothing is said beside it."""
    return talk.sight if talk.sight and (talk.sight.titles or not talk.event.text) else None


def _moved_instead(talk: Talk) -> object:
    """Asked for an address, a reader names a place of ours."""
    return talk.step == "address" and acting.asked(talk, getting.moved)


def _one_that_stands_there(talk: Talk) -> object:
    """One of what was offered last; while an order is made, of the ways that stood there before a question, too."""
    if action := offered.chosen(choosing.standing(talk), talk.event.text, talk.intent):
        return action
    if not getting.underway(talk):
        return ""
    ways = [one for one in choosing.stood(talk) if offered.kind(one[0]) in offered.WAYS]
    if ways and (action := offered.chosen(ways, talk.event.text, talk.intent)):
        return action
    last = LAST_SAID.split(talk.event.text)[-1]  # 换个柜子 竹影那个 · 太贵了还是柜子吧
    stands = [one for one in choosing.standing(talk) if offered.kind(one[0]) in offered.WAYS] or ways
    unclear = talk.intent.likened or talk.intent.heard or talk.intent.name in ("search", "unknown")
    return unclear and last != talk.event.text and offered.chosen(stands, last, Intent("search", {"query": last}))


def _as_meant(talk: Talk, meant: Intent) -> None:
    talk.intent = meant
    if how := explaining.asked(talk):
        return explaining.tell(talk, how)
    _run(talk, meant.name, INTENTS[meant.name])


HEARD: tuple[tuple[Callable[[Talk], object], str, Handler], ...] = (  # the first that finds something, whose doing it is
    # (acting.py, where the handler does not see to it), and who answers, told what was found
    (_word_for_word, "", _press_the_one),
    (answered.meant, "", press),
    (_text(person.asked_mine), "", person.show_mine),
    (halves.asked, "", halves.tell),
    (_wants_a_person, "escalate", person.escalate),
    (_picture_alone(appealing.awaits_photo), "?appeal", appealing.hear_photo),
    (_picture_alone(awaiting.pictured), "", hear_picture),
    (_text(proving.asked_back), ":back", proving.hear),
    (_text(proving.asked), ":door?", proving.hear),
    (_seen, "", picturing.answer),
    (_text(code_in), "", linking.take),
    (_text(door_codes.code_in), ":back", proving.take_code),
    (_text(proof_codes.code_in), "cards", credentials.take_code),
    (_text(unlinking.asked_of_card), "cards", credentials.show),
    (unlinking.asked, ":unlink", unlinking.ask),
    (explaining.form, "", explaining.tell_of_form),
    (_text(linking.asked), ":links", linking.explain),
    (_text(authorising.code_in), ":fama", authorising.take),
    (_text(attendance.code_in), "", checking_in.take),
    (guardians.asked, ":famc", guardians.hear),
    (family.for_another, "", lambda talk, found: _for_each(talk, found)),
    (family.asked, ":fam", family.hear),
    (_text(consent.asked), ":unconsent", consent.ask),
    (_text(credentials.asked), "card", credentials.give_form),
    (_text(credentials.asked_mine), "cards", credentials.show),
    (_text(kiosk.asked), ":kiosk", kiosk.explain),
    (_speaks_of_a_button, "", explaining.tell_of_button),
    (materials.asked, "search", materials.hear),
    (foreign.asked, "search", foreign.hear),
    (lambda talk: bool(talk.slot("titles")), "search", several.show),
    (lambda talk: bool(talk.slot("writers")), "search", several.show_writers),
    (several.first_asked, "borrow", several.take_first),
    (attending.asked_of_shown, ":ev", attending.tell_of_shown),
    (following.asks_where, "show_orders", following.tell_where),
    (narrowing.asked, "search", narrowing.tell),
    (asking.asked, "show_title", asking.tell),
    (at_places.asked, "show_title", at_places.tell),
    (_button(naming.meant), "", press),
    (seeking.asked, ":nf", seeking.hear),
    (calendars.asked, ":cal", calendars.hear),
    (subscribing.asked, ":sub", subscribing.hear),
    (_text(transferring.code_in), "", transferring.take),
    (rules.asks_how_soon, "faq", rules.tell_how_soon),
    (hows.asked, "faq", hows.tell),
    (lasting.asked, "faq", lasting.tell),
    (matters.waiting_box, "show_orders", following.show_orders),
    (matters.asked, "faq", matters.tell),
    (_only_spoken_of, "", explaining.tell),
    (reviewing.told, "review", lambda talk, found: reviewing.take(talk, *found)),
    (attending.asked, "sign_up_event", attending.hear),
    (appointing.awaited, "show_orders", appointing.hear),
    (_moved_instead, "", press),
    (finding.any_more, "show_title", finding.say_what_there_is),
    (_awaited, "", hear_answer),
    (addressing.volunteered, "?address", addressing.take_volunteered),
    (_one_that_stands_there, "", press),
    (naming.in_none, "", naming.say_in_none),
    (_button(numbered.meant), "", press),
    (_button(tracking.came), "", press), (_button(tracking.absent), "", press),
    (_button(holding.rest_named), "", press),
    (at_home.asked, "", _as_meant),
    (cities.asked, ":city", cities.hear),
    (_button(getting.moved), "", press), (_button(ways_said.named), "", press),
    (filtering.asked, "search", filtering.narrow),
    (places.alone, "find_branches", places.tell_alone),
    (likely.asked, "", likely.tell),
    (ways_said.unclear, "checkout", ways_said.ask_again),
    (matters.part, "faq", matters.show_part),
    (matters.guessed, "", _as_meant),
    (halves.alone, "unknown", halves.ask),
)  # fmt: skip
CODES = (
    code_in, door_codes.code_in, proof_codes.code_in, authorising.code_in, attendance.code_in, transferring.code_in,
)  # fmt: skip
CONFIDED = (  # secrets and codes for once, which a librarian who is asked meanwhile is not shown; the call keeps its own words
    person.escalate, confiding.refuse, linking.take, proving.take_code, credentials.take_code, authorising.take,
    checking_in.take, transferring.take,
)  # fmt: skip
