"""Which of the buttons that stand there a reader's words choose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.folding import REMEMBERED, fold, letters
from bot.understanding import Intent, without_courtesies

LOOSE = ("search", "unknown", "checkout", "confirm", "deny", "find_branches")  # nothing else is meant for certain
LONG = 4  # letters of a label that can hardly be something else
UNCHECKED = "credit:ladder"  # "I have no Alipay" and "rather not" choose the way without a bureau
RATHER_NOT = re.compile(
    r"[我能可以想要就选那, ]*(不|别)(想|要|愿意|用|必)?(被|去)?(查|授权)(我的?)?(信用|芝麻)?分?[,， ]*"
    r"(可以吗|行吗|行不行|能借吗|了|吧)*[?？。!！]*"
    r"|我?(没有?|没装|不用)(支付宝|芝麻).{0,8}|.{0,20}\b(no|not|don't|without)\b.{0,24}\b(check|alipay)\b.{0,12}"
)
OF_ITS_KIND = re.compile(
    r"(的?那个|那边的?|那里的?|的)?(智[能慧])?([借还取]书)?(柜子?|书柜|柜机|格[子口]|馆|那个)?(的|吧|拿|取|自取)?$"
)
A_HOUSE = re.compile("馆(?:(?:那里|那边)?的?[取拿领]书?)?吧?$")
AROUND_A_WAY = re.compile(  # "the one at Yunqi Station, please", "home delivery sounds good"
    r"^(?:(?:the|a|an|it|them|one|option|that|in|at|to|by|via|from|i'll|let's|do|go (?:for|with)"
    r"|choose|take|use|have|put|send|get|make) ?\b)+"
    r"|,? (?:(?:is|are|would be|will be|sounds|seems|looks)"
    r" (?:best|better|good|great|fine|nice|ok|okay|perfect|easier|easiest|closest|nearest)(?: to me)?"
    r"|(?:works|will do|'ll do)(?: best| fine)?|for me|then|it is|option|please)+(?: for (?:me|us))?[ .!]*$"
)
WORD = re.compile("[a-z]+")
MANNERS = re.compile(
    "^(?:算了|就是|那个|那么?|嗯|不(?=还是|我[要想]|那|就)|我|行|好的?|哦|就)+"
    "|(?:的?(?:就行|也行|就好|也好|就可以|也可以))?[吧啊呀呢啦了嘛]*$"
)
ALIKE = ("t", "w")  # what an ordinal picks from even where others stand several times, too, or it stands alone
THE_ONE = re.compile(r"^the (\w+(?: \w+)?) one$", re.IGNORECASE)
MAIN_HOUSE = re.compile("总馆|總館")
A_MENU = "i"  # "i:show_cart" and "i:help" are no two of a kind
DOES = frozenset((  # what does something at once when pressed, or is one step before it; the others only show
    "ok", "goon", "credit", "sim", "young", "b", "two", "sev", "out", "drop", "again", "add!", "draw!", "cancel",
    "cancel!", "lo", "lo-", "op", "r", "case", "pfc", "back", "door", "fetch", "fetch!", "fetchx", "hold", "hx",
    "hr", "hw", "ko", "kh", "hp", "hg", "hl", "tr", "ta", "tf", "tw", "td", "ot", "vote", "wish", "buy", "buy!",
    "buyx", "news!", "rv+", "rvx", "rvx!", "own+", "or", "ol", "oe", "oz!", "od!", "ev+", "ev-", "ev-!", "nf",
    "rebuy", "l", "lc", "lh", "lx", "link", "unlink", "unlink!", "appeal", "gac", "got", "ng", "ap+", "ap-", "here",
    "famg", "fams", "fam!", "fama", "famok", "famno", "famw", "famx", "mc", "redeem!", "quiz!", "rent", "unconsent",
    "unconsent!", "kiosk!", "sub", "unsub", "unsub!", "cal!", "calx", "like", "lang", "remind", "erase!", "cardx",
    "cardx!", "cardw", "ease!", "guess",
))  # fmt: skip
ASKING = re.compile(
    ".{0,6}?(?:"
    "差点|(?<![别要])忘[了记]|后悔|以为|本来|(?<![能要可])(?:不|别|没|未|唔|冇|甭)|如果|要是|假如|万一|为什么|为何|点解|怎|如何|是不是|系咪|该不该|要不要|应该|谁|刚才|刚刚|昨天|上次"
    "|(?:说|让我|叫我|要我|话)|(?:等一?下|等会儿?|明天|以后|回头|晚点|到时候?|过几天)再)[^了吧]{0,6}$"
)
ASKED_AFTER = re.compile("^(?:」|”|了)*(?:吗|么|咩|嘛|呢|是什么|什么意思|是干|干嘛|会|要钱|怎|之?后|能反悔|有什么)")
ASKED_BACK = re.compile(r"(?:[吗么呢?]|了没有?)[ ?]*$")
THAT_ONE = re.compile("呢[ ?？.。~]*$")
MAY_I = re.compile("能|可以|可不可以|行|请|麻烦|帮|好[吗么]|成[吗么]|唔该")
ASKING_EN = re.compile(
    r"\b(?:don't|dont|do not|not|no|never|didn't|what|why|should|if|do i|does|did|later|how|who|when|said)\b[^,.;]*$"
)
AROUND = 24  # letters beside the name of a button; whoever says more tells of something else
APART = re.compile(r"[,，.。;；!！~…\n]+")
PRICE = re.compile(r"\s*¥[\d.]+\s*$")
WAYS = ("w", "d", "hp")  # the buttons that are ways and places: "自取" and "科技园" stand inside their labels


def bare(action: str) -> str:
    """What a button does, without for whom it is (bot/acting.py)."""
    return action.split(":", 2)[-1] if action.startswith("as:") else action


def kind(action: str) -> str:
    """What sort of button it is: a book, a way, a menu…"""
    return bare(action).split(":")[0]


def alike(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that "the second" counts along: books or ways, else what stands there several times; [] where unclear."""
    choices = list(choices)
    kinds = [kind(action) for action, _label in choices]
    likely = [one for one in ALIKE if one in kinds] or [one for one in dict.fromkeys(kinds) if kinds.count(one) > 1]
    likely = [one for one in likely if one != A_MENU]
    one_kind = likely[0] if likely and (likely[0] in ALIKE or len(likely) == 1) else ""
    return [choice for choice, its_kind in zip(choices, kinds, strict=True) if one_kind and its_kind == one_kind]


def word_for_word(choices: Iterable[tuple[str, str]], text: str) -> list[str]:
    """The actions of the buttons whose label stands there so; a question mark of one's own asks about it instead."""
    said, asked = letters(text), fold(text).rstrip().endswith("?")
    alike = [(action, label) for action, label in choices if said and letters(label) == said]
    return [action for action, label in alike if asked <= fold(label).endswith("?")]


def chosen(choices: Iterable[tuple[str, str]], text: str, intent: Intent) -> str:
    """The action of the one button whose label is `text`, or begins with it where nothing else is meant; '' for none.

    Blanks, punctuation and the way of writing make no difference. A way to get books is also known by a word inside;
    where several have it, the ways are shown again.
    """
    choices = list(choices)
    labels = [(action, letters(label)) for action, label in choices]
    text = THE_ONE.sub(r"\1", text)
    if not any("总馆" in label for _action, label in labels):  # where no house is called so, the central one is meant
        text = MAIN_HOUSE.sub("中心馆", text)
    said = letters(re.sub(r"(?i)^the ", "", text))
    whole = [action for action, label in labels if said and label == said]
    loose = intent.likened or intent.name in LOOSE or len(said) >= LONG
    if whole or len(said) < 2 or not loose or intent.name == "escalate":
        return _only(whole)
    unchecked = [action for action, _label in choices if bare(action) == UNCHECKED]
    if unchecked and RATHER_NOT.fullmatch(fold(text).strip()):
        return unchecked[0]
    short = MANNERS.sub("", said)  # "算了还是要吧" is 「还是要《活着》」
    begun = [action for action, label in labels if label.startswith((said, short) if len(short) > 1 else said)]
    if ASKED_BACK.search(fold(text)):  # 确认? is no 「确认下单」
        begun = [action for action in begun if kind(action) not in DOES or kind(action) in WAYS]
    if A_HOUSE.search(said):
        begun = [action for action in begun if not bare(action).startswith("w:locker")]
    ways = [(action, label) for action, label in labels if kind(action) in WAYS]
    spoken = (said, OF_ITS_KIND.sub("", said, count=1), letters(_plain(text)), short)
    if A_HOUSE.search(said):  # 中心馆取 is no locker that is called after it
        ways = [(action, label) for action, label in ways if not bare(action).startswith("w:locker")]
    within = next(filter(None, (_holding(ways, one) for one in spoken)), []) or _of_words(choices, text)
    if not begun and len(within) > 1 and all(bare(action).startswith("w:") for action in within):
        return within[0].removesuffix(bare(within[0])) + "i:checkout"  # "书柜": which of them? the ways once more
    return _only(begun) or _only(within)


def spoken_of(choices: Iterable[tuple[str, str]], text: str) -> str:
    """The label of the first button that would do something and the words only speak of (X吗, 没点X, should i X);
    '' where they press it, or speak of none."""
    for action, label in choices:
        if kind(action) in WAYS and THAT_ONE.search(text):
            continue  # 那书柜呢: one of the ways is gone on with
        parts, names = (text, *APART.split(text)), _names(label)
        if kind(action) in DOES and any(_only_names(part, name) for part in parts for name in names):
            return label
    return ""


@lru_cache(REMEMBERED)
def _names(label: str) -> tuple[str, ...]:
    """A label as it may be said: whole, without its price, or its first words."""
    said = (label, PRICE.sub("", label), re.split("[，,：:（(·]", label)[0])
    return tuple(one for one in dict.fromkeys(map(letters, said)) if len(one) > 1)


def _only_names(said: str, name: str) -> bool:
    """Whether a clause holds the name of a button, and refuses it, doubts it or asks about it."""
    ahead, held, behind = letters(said).partition(name)
    if not held or len(ahead) + len(behind) > AROUND:
        return False
    asked = fold(said).rstrip().endswith("?")
    if name.isascii():
        before = re.split(r"\W*".join(name), fold(said))[0]
        return bool(ASKING_EN.search(before)) or (asked and not ahead and not behind)
    if MAY_I.search(ahead + behind) and not re.search("[不别没](?:要|想|用)", ahead):
        return False
    return bool(ASKING.match(ahead) or ASKED_AFTER.match(behind) or (asked and not behind))


def _of_words(choices: list[tuple[str, str]], text: str) -> list[str]:
    """The ways and places whose labels hold every English word that was said: "central library locker"."""
    said = set(_plain(text).split()) if text.isascii() else set()
    said = said if "locker" in said else set()
    ways = [(action, label) for action, label in choices if kind(action) in WAYS]
    return [action for action, label in ways if said and said <= set(WORD.findall(fold(label)))]


def _plain(text: str) -> str:
    """A way or a place without the English said around it; a branch is none whose locker is called after it."""
    plain = AROUND_A_WAY.sub("", without_courtesies(fold(text).strip(" .!?")))
    return "" if plain.endswith(("library", "branch")) else plain


def _holding(ways: list[tuple[str, str]], said: str) -> list[str]:
    """The ways and places whose labels hold what was said."""
    least = 2 if said.isascii() else 1  # "ok" stands in "book locker"
    return [action for action, label in ways if len(said) > least and said in label]


def _only(actions: list[str]) -> str:
    return actions[0] if len(actions) == 1 else ""
