"""The catalogues say all the program can say, in three languages, with the same facts, in fitting words (B2-12, B2-13).

When a test here asks for translations: `make translate`, then write what it lists into locale/.
"""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from opencc import OpenCC

import bot.handlers
import lending
import translate
from bot.dialogue import INTENTS
from bot.texts import LANGUAGES, MENU, REASONS, REFUSALS, Words, reason, refusal
from bot.understanding import understand
from lending import (
    additions,
    appeals,
    appointments,
    attendance,
    cards,
    cart,
    case_effects,
    checkouts,
    closings,
    copy_states,
    credit,
    door_codes,
    drifting,
    errors,
    events,
    evidence,
    extensions,
    freezes,
    holds,
    home_returns,
    mandates,
    merging,
    minors,
    misscans,
    privacy,
    purchases,
    reviews,
    scopes,
    secret_forms,
    shelf,
    sign_ups,
    stock_takes,
    subscriptions,
    transfers,
    wishes,
)
from lending.decisions import Decision, Facts, Reason, kept_for_adults, may_borrow, point_gone, within_order
from lending.policy import load_policy

HAN = re.compile(r"[\u3400-\u9fff]")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LONGEST_LABEL = 40


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def catalogue(language: str) -> Catalog:
    return translate.read(language)


@cache
def spoken() -> dict[str, translate.Sentence]:
    """What the code says, by its words; read by whoever runs these tests, not by all who only count them."""
    return {one.text: one for one in translate.sentences()}


def said(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


# ---- complete ------------------------------------------------------------------------------------------------------


def test_the_catalogue_holds_what_the_code_says_and_no_more(catalogue: Catalog) -> None:
    known = {translate.ids(message)[0] for message in said(catalogue)}
    assert known - spoken().keys() == set(), "no longer said: make translate"
    assert spoken().keys() - known == set(), "not in the catalogue yet: make translate"


def test_every_sentence_is_translated_in_every_form(catalogue: Catalog) -> None:
    assert translate.waiting(catalogue) == [], "to be translated"
    for message in said(catalogue):
        assert len(translate.forms(message)) == (catalogue.num_plurals if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id
    assert not catalogue.obsolete


def test_what_is_counted_anywhere_is_counted_in_the_catalogue(catalogue: Catalog) -> None:
    counted = {one.text for one in translate.sentences() if one.plural}
    assert counted == {translate.ids(message)[0] for message in said(catalogue) if message.pluralizable}


def test_english_has_two_forms_and_chinese_one() -> None:
    assert [translate.read(language).num_plurals for language in LANGUAGES] == [1, 1, 2]


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_translations_keep_every_placeholder(catalogue: Catalog) -> None:
    """But for the singular, which may say "this book" instead of "1 book"."""
    for message in said(catalogue):
        facts, one, many = braces(translate.ids(message)[0]), translate.forms(message)[0], translate.forms(message)[-1]
        assert braces(many) == facts, many
        assert braces(one) in ((facts, facts - {"n"}) if one != many else (facts,)), one


def test_renewing_keeps_translations_and_guesses_none() -> None:
    found = [*translate.sentences(), translate.Sentence("书架上有一只猫。", None, "cat.py")]
    renewed = translate.renewed("en", found)
    assert translate.waiting(renewed) == ["书架上有一只猫。"]
    kept = {translate.ids(m)[0]: translate.forms(m) for m in said(translate.read("en"))}
    assert all(kept[translate.ids(m)[0]] == translate.forms(m) for m in said(renewed) if translate.ids(m)[0] in kept)


def test_what_is_no_longer_said_leaves() -> None:
    renewed = translate.renewed("en", [one for one in translate.sentences() if one.text != "我的借阅"])
    assert renewed.get("我的借阅") is None and not renewed.obsolete


# ---- in fitting words ----------------------------------------------------------------------------------------------

DIGITS_THAT_ARE_NO_RULE = {
    "13800000000": "a made-up number in the example of an address",
    "春风路8号3单元201": "the example of an address",
    "第1本": "what a reader may type",
    "2010年以后的": "what a reader may type", "「2015」「2010年以后」「2000到2010年」": "what a reader may type",
    "2014年5月": "the example of a month of birth",
    "订阅 I247": "the example of a class mark",
    "¥0": "free is free under every policy",
    "24 小时": "a locker has no closing time",
    "1. 找书": "numbered lines", "2. 取书": "numbered lines", "3. 还书": "numbered lines", "4. 随时": "numbered lines",
    "2–30 个小写": "the form of an account name",
    "至少 4 位": "the form of a search for a reader",
    "最近 100 条": "how long the page's list is",
    "不小于 0": "the form of a request",
    "上午 10 点": "where the demo's clock stops",
    "09:00-12:00,14:00-21:00": "the form of opening hours",
    "ISO 2709": "the name of a standard",
    "快递100": "the name of a tracking service",
}  # fmt: skip


def test_no_sentence_carries_a_rules_number_of_its_own() -> None:
    """Every number a reader is told comes from the policy (B2-12)."""
    for text in spoken():
        for known in DIGITS_THAT_ARE_NO_RULE:
            text = text.replace(known, "")
        assert not re.search(r"\d", re.sub(r"\{\w+\}", "", text)), text


BOTH_SCRIPTS = set("台里床干余")  # good in both: 平台, 公里, 床, 不相干, 余華
ON_PURPOSE = {"zh_Hans": ("繁體",), "zh_Hant": ("简体",)}


def foreign(text: str, here: str, there: str) -> set[str]:
    """Characters that exist in the other script only."""
    into, back = OpenCC(here), OpenCC(there)
    changed = {character for character in set(text) if into.convert(character) != character}
    return {c for c in changed if back.convert(into.convert(c)) == c} - BOTH_SCRIPTS


@pytest.mark.parametrize(("language", "here", "there"), [("zh_Hans", "t2s", "s2t"), ("zh_Hant", "s2t", "t2s")])
def test_each_script_is_kept_pure(language: str, here: str, there: str) -> None:
    text = "".join(form for message in said(translate.read(language)) for form in translate.forms(message))
    for allowed in ON_PURPOSE[language]:
        text = text.replace(allowed, "")
    assert foreign(text, here, there) == set()


MISCONVERTED = re.compile("髮|籤到|拒籤|餘華|程式碼|打印|宣告|計算機|的QR|[“”]|跟蹤|語種|人工")


def test_traditional_is_what_its_readers_write() -> None:
    """What a conversion made of 發, 簽, 余 and 代码, and words of another place, once read through and mended."""
    for message in said(translate.read("zh_Hant")):
        for form in translate.forms(message):
            assert not MISCONVERTED.search(form), form


def test_one_thing_has_one_name_in_english() -> None:
    """Pick-up, kiosk, event, appeal: other words for them would be other things to a reader."""
    others = re.compile(r"(?i)\bpickup|self-service|\bactivit(?:y|ies)\b|objection|\"\w+ \w+\"")
    for message in said(translate.read("en")):
        for form in translate.forms(message):
            assert not others.search(form), form


def test_english_is_english() -> None:
    """Only names stay: a title and the other languages, which readers of English may type, and a tracking service."""
    for message in said(translate.read("en")):
        for form in translate.forms(message):
            assert not HAN.search(re.sub("围城|中文|繁體|快递100", "", form)), form


# ---- what readers are told to say ----------------------------------------------------------------------------------

QUOTED = re.compile(r"[「“]([^「」“”{}]+)[」”]")
NO_COMMANDS = {
    "书信", "書信",  # our name
    "围城", "圍城", "weicheng",  # an example of a title
    "2015", "2010年以后", "2000到2010年", "2010年以後", "since 2010", "2000 to 2010",  # years asked for
    "2010年以后的", "只看可借的", "2010年以後的", "only available",  # narrow a list: bot/test_filters.py
    "是、否、无法评估", "是、否、無法評估",  # what the bureau may answer
    "2014年5月", "小明 2014年5月",  # an example of a month of birth
    "余华出新书了告诉我", "余華出新書了告訴我", "有新的科幻小说叫我一声", "有新的科幻小說叫我一聲",  # subscribing.py
    "tell me when there are new history books", "订阅 I247", "訂閱 I247", "subscribe to I247",  # hears these
    "取消授权", "取消授權", "revoke my authorisation",  # heard by bot/handlers/family.py: bot/test_family.py
}  # fmt: skip


def test_what_readers_are_told_to_say_is_understood(language: str) -> None:
    catalogue, labels = translate.read(language), set(button_labels(language))
    for one in translate.sentences():
        if one.file.startswith("bot/handlers") and (message := catalogue.get(one.text)):
            for quoted in QUOTED.findall(translate.forms(message)[0]):
                known = quoted in NO_COMMANDS or quoted in labels or "13800000000" in quoted
                assert known or understand(quoted).name not in ("search", "unknown"), quoted


def test_the_words_of_a_menu_button_can_be_typed(language: str) -> None:
    """Typed where it is not on offer; `start_ladder` is an answer, and guardians hear "请家长同意"."""
    for intent in MENU.keys() - {"start_ladder", "ask_guardian"}:
        assert intent in INTENTS
        assert understand(Words(language)(MENU[intent])).name == intent, intent


def button_labels(language: str) -> list[str]:
    """Every label of the chat's buttons, templates unfilled."""
    catalogue = translate.read(language)
    texts = [*MENU.values()]
    for file in Path(bot.handlers.__file__).parent.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Button":
                texts += [c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and c.value in spoken()]
    found = [catalogue.get(text) for text in texts]
    return [form for message in found if message for form in translate.forms(message)]


def test_button_labels_are_short(language: str) -> None:
    labels = button_labels(language)
    assert len(labels) > len(MENU)
    assert [label for label in labels if len(label) > LONGEST_LABEL] == []


# ---- refusals and reasons ------------------------------------------------------------------------------------------


def refusals() -> set[type[Exception]]:
    """Every LendingError there is."""
    for module in pkgutil.walk_packages(lending.__path__, "lending."):
        import_module(module.name)

    def below(kind: type[Exception]) -> set[type[Exception]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    return {kind for kind in below(errors.LendingError) if kind.__module__.startswith("lending.")} - {
        errors.LendingError
    }


READER = dict(
    reader_id=1, standing="ladder", on_loan=2, ordered=0, overdue=1, returned_on_time=1, balance=-3,
    frozen_until=NOW, next_order=1, same_order="",
)  # fmt: skip
FACTS = tuple(Facts(**READER | more) for more in ({}, {"standing": "new"}, {"minor": "asked"}))  # type: ignore[arg-type]


def decisions() -> list[Decision]:
    at_a_locker = Decision((Reason("point_score", {"score": 600}, None, ("authorize_credit", "checkout")),))
    discs = Decision((Reason("pool", {"pool": "A", "limit": 2, "in_hand": 1, "books": 2}, None, ("show_cart",)),))
    adults = kept_for_adults(Decision(()), ["A"], date(2030, 1, 2))
    many, gone = within_order(Decision(()), 21, load_policy()), point_gone(Decision(()))
    return [*(may_borrow(facts, 1, load_policy()) for facts in FACTS), at_a_locker, discs, adults, many, gone]


READERS_OWN = (
    "transfer", "transfer_code", "own_book", "wish", "shop_book", "purchase", "door_claim", "shelf_check", "mandate",
    "acting",
)  # fmt: skip
TRANSFER_REASONS = (
    "waiting", "queue", "overdue", "stopped", "withdrawn", "same_title", "year", "own", "home", "receiver",
)  # fmt: skip
BUYING_REASONS = ("price", "month", "year", "budget", "bought", "ours", "withdrawn")


def samples() -> list[errors.LendingError]:
    kinds = ("title", "order", "loan", "hold", "pickup_code", "barcode", "point", "reader", "card", *READERS_OWN)
    why_not = errors.RENEWAL_REASONS
    return [
        *(errors.UnknownThing(kind, "9") for kind in kinds),
        *(errors.CannotRenew("A", why, n) for why in why_not for n in (1, 2)),
        *(additions.CannotAdd("SX1", why, "packed", 3) for why in ("packed", "late", "box", "many")),
        *(errors.NotAllowed(decision) for decision in decisions()),
        *(errors.LockerFull("A", others) for others in ((), ("B", "C"))),
        errors.NoCopyAvailable(1, "A"), errors.CartEmpty(), errors.OutsideServiceArea("far"),
        errors.CannotChange("order", "SX1", "shipped"), errors.BadAddress(("phone",)), errors.PriceChanged(300),
        errors.OtherMaterial("A", "disc"),
        home_returns.NothingToFetch(), *(closings.BadDays(why) for why in ("order", "past", "hours", "twice", "long")),
        cart.CartFull(3), cart.AlreadyHere("A"), holds.AlreadyHeld("A", 2), holds.NoNeedToHold(1, "A"),
        *(credit.NothingToRedeem(points, 9, taken, 2) for points, taken in ((10, 0), (10, 2), (0, 0))),
        holds.HoldsFull(3), freezes.NotFrozen(),
        cards.CardTaken("1234"), cards.CardBlocked(), secret_forms.NoMoreForms(6),
        subscriptions.TooManySubscriptions(10),
        *(checkouts.NotForLoan("A", state) for state in ("on_loan", "reserved", "lost")),
        privacy.StillBorrowing(1, 1), shelf.ShelfFull(200), drifting.TooManyOwnBooks(50),
        reviews.ReviewMoved("A"), reviews.ReviewTooLong(1000, 1001),
        wishes.WishMoved("A", "new"), purchases.PurchaseMoved("XS1", "sent"),
        *(purchases.CannotBuy("A", why, 2, 1) for why in BUYING_REASONS),
        *(transfers.CannotTransfer("A", why, 2) for why in TRANSFER_REASONS),
        merging.CannotMerge(merging.REASONS, 5, 3), appeals.SameEyes("GA1", "confirm"),
        errors.CannotChange("appeal", "GA1", "declined"),
        misscans.ScanStands("A"), copy_states.CannotStep("A", "miss", "on_loan", ""), stock_takes.TakeMoved("ended"),
        stock_takes.NothingScanned(), door_codes.CodeTaken("G1-1-ABCD-22223333"), evidence.PhotosFull(3),
        evidence.NoPhoto(), *(extensions.NotKeptLonger(why, NOW) for why in extensions.WHY_NOT),
        errors.CannotChange("case", "PF1", "settled"),
        *(mandates.CannotMandate(why, 5) for why in ("code", "tries", "own", "most", "minor", "guardian", "child")),
        *(scopes.NotInScope(act) for act in ("", *scopes.MATRIX)),
        *(minors.GuardianNeeded(what) for what in ("bureau", "borrow")),
        *(sign_ups.CannotSignUp(1, "A", why, 4) for why in ("over", "until", "cancelled", "people")),
        *(attendance.CannotCheckIn(1, "A", why, NOW) for why in ("early", "over", "cancelled", "waiting", "unknown")),
        *(events.BadEvent(why, 3) for why in ("name", "place", "order", "past", "until", "far", "seats")),
        events.BadEvent("closed", 0, NOW.date(), NOW.date()), events.EventMoved("A", "over"),
        *(errors.UnknownThing(kind, "9") for kind in ("event", "sign_up", "event_door", "appointment")),
        *(appointments.NoAppointment("SX1", why, near) for why in appointments.WHY_NOT for near in ((), (NOW,))),
        *(appointments.NotWaiting("SX1", state) for state in ("picking", "in_locker", "done")),
        case_effects.NoPrice("A"), case_effects.BarcodeTaken("B001"), errors.UnknownThing("case", "PF1"),
    ]  # fmt: skip


def test_every_refusal_has_words_and_a_sample_here() -> None:
    assert refusals() == set(REFUSALS) == {type(error) for error in samples()}


def test_every_refusal_is_said_with_a_way_on(language: str) -> None:
    words = Words(language)
    for error in samples():
        text, buttons = refusal(words, error)
        assert text.strip() and buttons, error
        assert not re.search(r"[{}]", text)
        for line in (text, *(button.label for button in buttons)):
            assert bool(HAN.search(line)) == (language != "en"), line


def test_every_reason_is_said(language: str) -> None:
    """The codes are those the engine can give, each with the numbers it really brings (D-4)."""
    given = {why.code: why for decision in decisions() for why in decision.reasons}
    source = (Path(lending.__path__[0]) / "decisions.py").read_text(encoding="utf-8")
    assert set(re.findall(r'Reason\("(\w+)"', source)) == set(given) == set(REASONS)
    for why in given.values():
        text = reason(Words(language), why)
        assert bool(HAN.search(text)) == (language != "en") and not re.search(r"[{}]", text)
