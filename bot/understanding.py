"""From a line of text to what the reader wants: an intent with slots. What readers say stands in phrases.toml;
here is only the order in which it is tried. Pure: no state, no clock, and no text makes it raise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from unicodedata import category

from bot import unlike
from bot.folding import clean, fold, unspaced
from bot.likeness import Likeness, english, examples, here, here_in_english, nearest
from bot.numbers import NTH, NUMBER, place
from bot.phrasebook import Rule, phrasebook
from bot.slots import Slots, slots_of
from search.mishearing import heard

INTENTS: tuple[str, ...] = (
    "greet", "help", "thanks", "goodbye", "search", "browse", "new_books", "ranking", "recommend", "show_title",
    "borrow", "add_to_cart", "show_cart", "remove_from_cart", "checkout", "show_orders", "cancel_order",
    "show_loans", "renew", "return_books", "hold", "show_holds", "cancel_hold", "transfer", "report_lost",
    "report_damaged", "show_credit", "authorize_credit", "fees", "find_branches", "faq", "suggest_purchase",
    "review", "events", "sign_up_event", "reminder_settings", "set_language", "escalate", "appeal",
    "export_data", "erase_data", "confirm", "deny", "cancel", "choose", "next_page", "previous_page", "unknown",
)  # fmt: skip

COMMANDS: Mapping[str, str] = {
    "start": "greet", "help": "help", "search": "search", "cart": "show_cart", "orders": "show_orders",
    "loans": "show_loans", "renew": "renew", "return": "return_books", "holds": "show_holds", "credit": "show_credit",
    "fees": "fees", "branches": "find_branches", "rules": "faq", "language": "set_language", "new": "new_books",
    "settings": "reminder_settings", "person": "escalate", "cancel": "cancel", "mydata": "export_data",
    "forgetme": "erase_data", "events": "events",
}  # fmt: skip

OFTEN_SAID = (  # commands known in spite of a slip; not those that sound like many a title
    "续借", "全部续借", "还书", "借书车", "人工", "转人工", "荐购", "我的借阅", "我的订单", "我的预约", "我的信用",
    "取消订单", "取消预约", "借书", "下单", "取书码", "谢谢啦", "谢谢了", "第一本", "第二本", "第三本",
    "借第一本", "借第二本", "我想借书", "我要借书", "我想借一本书", "我要还书", "我要续借", "转借给朋友",
    "我要转借给朋友",
)  # fmt: skip
_PICTURES = ("So", "Sk", "Mn", "Cf")  # emoji, their skin, and what joins them
_YES, _NO = set("👍👌✅🙆🆗✔☑"), set("👎❌🙅✖")
_SKIN_AND_SEX = re.compile(r"[\U0001f3fb-\U0001f3ff♀♂ ]")
_EDGE = " .,!?;:~…—·^*"
_GREETED = re.compile(r"(?:hi|hello|hey|please|sorry|excuse me|good (?:morning|afternoon|evening))\b[ ,.!]*")
_PLEASED = re.compile(r"[ ,.!?]*\b(?:please|thanks|thank you|if possible|too|as well)[ .!?]*$")
_THIS_ONE = ("借这本", "要这本", "就这本", "借它", "下单", "结账")
_STEPS = 4  # courtesies taken off one side, at most
_COMMAND = re.compile(r"/([a-z_]+)(?:@\w+)?(?: (.+))?")
_WHOLE_BOOK = re.compile(r"《[^《》]+》")
_A_TITLE = re.compile(r"(?:The|An?)(?: [A-Z][\w'’-]*)+")  # as "The Loan" is written, whatever "the loan" means
_NO_WORD = re.compile(r"[^\w']+")
_SMALL_TALK = ("greet", "thanks", "goodbye", "confirm", "deny", "cancel")
_CLAUSE = re.compile(r" ?[,.!?;~]+ ?|(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_AHEAD = re.compile(r"[ ,.!?;:~…]+|(?=《)")
_CALLS = re.compile("[转找叫请换要联系接]+.{0,4}(?:人工|真人|客服|馆员|活人)")  # 人工 alone begins titles, too
_TWICE = re.compile(r"(.{2,8}?)\1+")
_ABOUT_BOOKS = re.compile(
    "《|关于|有关|(?<![我你您们借还过单])的(?:书|小说|图书|绘本)(?:吗|呢|呀|啊)?$|(?<![我借还])的(?:书|小说|作品)都?有(?:哪些|啥|什么)"
    r"|books? (?:about|by|on (?!(?:the|a|an|my|our) (?:bus|train|tram|metro|subway|plane|flight|ferry|boat|bench|seat"
    r"|table|desk|roof|platform|stairs)\b)) "
)
_CANTONESE = {  # word by word of the same meaning; tried where the words as they stand are only searched
    "唔該": "", "唔该": "", "邊度": "哪裡", "边度": "哪里", "點樣": "怎樣", "点样": "怎样", "落單": "下單",
    "落单": "下单", "乜嘢": "什麼", "咩嘢": "什麼", "有冇": "有没有", "嘅": "的", "喺": "在", "攞": "拿", "咗": "了",
    "睇": "看", "畀": "给", "俾": "给", "點解": "為什麼", "点解": "为什么", "仲未": "还没", "去咗邊": "去了哪裡",
    "去咗边": "去了哪里", "唔該晒": "谢谢", "唔该晒": "谢谢", "仲有": "还有", "仲": "还", "幾多": "多少",
    "几多": "多少", "幾時": "什麼時候", "几时": "什么时候", "個櫃": "書柜", "个柜": "书柜", "邊個": "誰",
    "边个": "谁", "邊本": "哪本", "边本": "哪本", "呢本": "这本", "呢個": "這個", "呢个": "这个", "而家": "现在",
    "嚟": "来", "佢": "他", "哋": "们", "啲": "些", "乜": "什么", "唔": "不", "嗰": "那", "𠮶": "那",
    "冇": "没有", "㗎": "",
    "啱啱": "刚刚", "啱": "适合", "咁快": "这么快", "聽日": "明天", "听日": "明天",
    "點還": "怎樣還", "点还": "怎样还", "點借": "怎樣借", "点借": "怎样借", "唔識": "不懂", "唔识": "不懂",
    "整爛咗": "弄壞了", "整烂咗": "弄坏了", "爛咗": "壞了", "烂咗": "坏了", "點算": "怎麼辦", "点算": "怎么办",
    "按金": "押金", "幾耐": "多久", "几耐": "多久", "搵": "找", "睇吓": "看看", "睇下": "看看", "咁": "那",
    "張單": "訂單", "张单": "订单",
}  # fmt: skip
_TAIWANESE = {  # the same; the words as they stand are kept where these say nothing either
    "匯出": "导出", "汇出": "导出", "個資": "个人资料", "个资": "个人资料", "智慧櫃": "书柜", "智慧柜": "书柜",
    "到府收": "上门取", "到府取": "上门取", "到府": "上门", "候補": "预约", "候补": "预约", "紀錄": "记录",
    "纪录": "记录", "領書": "取书", "领书": "取书", "宅配": "送到家", "逾期": "超期",
}  # fmt: skip
_AS_IN_TAIWAN = re.compile("|".join(sorted(_TAIWANESE, key=len, reverse=True)))
_SAID_SO = re.compile(  # 哪个柜子 is Mandarin already
    "|".join(sorted(_CANTONESE, key=len, reverse=True)).replace("个柜", "(?<![哪这那一几两换])个柜")
)
_AS_OTHERS_SAY = {
    "咋整": "怎么办", "咋弄": "怎么弄", "咋办": "怎么办", "咋": "怎么", "啥": "什么", "俺": "我",
    "恁": "你", "木有": "没有", "搁哪": "在哪", "宅配": "送到家", "延几次": "续几次", "延幾次": "續幾次",
}  # fmt: skip
_DIALECT = re.compile("|".join(sorted(_AS_OTHERS_SAY, key=len, reverse=True)))
_SORRY = re.compile(  # 不好意思我住院了
    "(?:真|实在|太)*(?:不好意思|对不起|抱歉|哎[呀哟]|糟了|完[了蛋]了?)[啊呀哈了]*[ ,，.。!！]*(?=.{3})"
)
_OR_NOT = re.compile(r"(?:能|可以|会|要|还|得|行|用|算|够|有|让).{1,12}[不没][ .?!~]*$")  # 还能再加一本不
_SLIPS = {  # written by ear, and names no book; each as long as what is meant
    "定单": "订单", "还输": "还书", "么介书": "么借书", "想介书": "想借书", "要介书": "要借书", "取见码": "取件码",
    "取数码": "取书码", "序借": "续借", "续介": "续借", "预越": "预约", "快弟": "快递",
    "在借一次": "再借一次", "在续一次": "再续一次", "在借几天": "再借几天", "图书关": "图书馆",
    "超其": "超期", "规责": "规则", "借多旧": "借多久",
    "头一本": "第一本", "头一个": "第一个",
    "最上面那本": "那么,第一本", "最上面那个": "那么,第一个", "最上面一本": "那么,第一本", "最前面那本": "那么,第一本",
}  # fmt: skip
_SLIP = re.compile("|".join(_SLIPS))
_HEARD_IN = 60  # characters; longer texts are told about something else than the words in them
_HAN = re.compile(r"[\u3400-\u9fff]")
_NTH = re.compile(rf"({NTH}) ?[本个]")
_TAKEN = re.compile(
    rf"(?>那么?|好的?|[行嗯我就先要借选拿来了]|还是|给我|帮我)+(?:这一?本|它|第 ?{NUMBER} ?[本个])(?:吧|了|好了)*"
)
_WHEN = re.compile("(?:最快|今天|明天|后天|[这下]?周.|几天|几点|多久|什么时候|啥时候|何时).{0,8}(?:拿|取|到|送|好)")
_SPEAKS = re.compile("[我你您吗么呢吧啊呀了怎什哪谁啥咋能想要帮这那没不几多给把被]")
_LIKE_A_NAME = re.compile(  # 取消预约的夏天: goes on as no command does, and as a title does
    "[^我你您吗么呢吧啊呀怎什哪谁啥咋能想要帮几给请 ]*[的之]"
    "(?!.*(?:[书本单约号料据录钱费码柜馆事卡证件次期信吗么呢啊]|时[候间]|活动|地方|东西|提醒|那个|这个))"
    r"[\u3400-\u9fff]{1,4}"
)
_SAME = 0.75  # as like an example as this, it is that example in other words
_CLEARLY, _SHORT = 0.4, 7  # what reads as a search, or has fewer characters than that, must be as like as this
_SPEAKS_ENGLISH = re.compile(
    r"\b(i|im|my|me|you|your|u|we|can|could|do|does|did|is|are|am|was|what|where|when|how|why|who|which|it|please|pls"
    r"|need|want|show|tell|give|stop|any|anything|there|its|this|that|have|has|let)\b"
)
# Of 15,180 English titles some 45, written in small letters, are as like an example as these ask for (measured).
_LIKE_ENGLISH, _ALL_STRANGE, _WORD_SHORT, _ENGLISH_SHORT = 0.35, 1.0, 0.1, 6
_BEYOND_A_WISH = 0.2  # what begins as a wish for a book, "can I borrow without …", must be more like an example by that
_LIKE = 0.22  # of 2,500 titles that could be sentences, 5 in 1,000 are as like an example as this (measured)

DESPAIR = "难受"  # what phrases.toml makes of not wanting to live
REMEMBERED = 1_000  # what was understood lately: many ask for the same books, and press the same words

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a reader wants. Slots: text `query`, `title`, `place`, `language`; numbers `n` (1-based) and `days`."""

    name: str
    slots: Slots = field(default_factory=dict)
    likened: bool = field(default=False, compare=False)  # no phrase says so for certain: it is like what others said
    heard: bool = field(default=False, compare=False)  # only some of its words say so


def warm() -> None:
    """Read what people say now (almost a second), not while the first of them waits."""
    phrasebook()
    examples()
    english()
    here()
    here_in_english()
    unlike.rows()


@lru_cache(REMEMBERED)
def understand(text: str) -> Intent:
    """What the reader means by `text`. Whatever holds a letter, character or digit and is no command is a search."""
    said = clean(text)
    if not any(char.isalnum() for char in said):
        return Intent(_sign(said))
    meant = _slash(said) if said.startswith("/") else _plain(said)
    unsure = meant.name == "search" or meant.likened
    plain = in_mandarin(said) if unsure else said
    meant = _plain(plain) if plain != said and plain.strip() else meant
    here = _AS_IN_TAIWAN.sub(lambda found: _TAIWANESE[found[0]], plain) if unsure else plain
    other = _plain(here) if here != plain else meant
    return meant if other.name == "search" else replace(other, likened=True) if other != meant else meant


def in_other_words(text: str) -> Intent | None:
    """What a line means that is only searched as it stands: without dialect, and asked as most others ask."""
    said = clean(text)
    others = (understand(words) for words in _plainer(said) if words != said)
    return next((replace(other, likened=True) for other in others if other.name not in ("search", "unknown")), None)


def _plainer(said: str) -> Iterator[str]:
    if sorry := _SORRY.match(said):
        yield said[sorry.end() :]
    plain = _DIALECT.sub(lambda found: _AS_OTHERS_SAY[found[0]], said)
    yield plain
    if _OR_NOT.search(plain):
        yield f"{plain.rstrip(_EDGE)[:-1]}吗"


def plainly(text: str) -> str:
    """A question folded, with what was written by ear set right, and in Mandarin."""
    return in_mandarin(mended(fold(text)))


def mended(folded: str) -> str:
    """What was written by ear set right."""
    return _SLIP.sub(lambda found: _SLIPS[found[0]], folded)


def in_mandarin(said: str) -> str:
    """Cantonese words by others of the same meaning."""
    return _SAID_SO.sub(lambda found: _CANTONESE[found[0]], said)


@lru_cache(REMEMBERED)
def misspelt(text: str) -> Intent | None:
    """The short command that `text` is but for one character that only sounds like the right one; None for others."""
    folded = fold(clean(text))
    said = {unspaced(folded[slice(*span)]) for span in _spans(folded, *_trim(folded))}
    meant = next((command for command in OFTEN_SAID if any(_sounds_like(one, command) for one in said)), "")
    return replace(understand(meant), likened=True) if meant else None


def _sounds_like(said: str, command: str) -> bool:
    wrong = [pair for pair in zip(said, command, strict=False) if pair[0] != pair[1]]
    return len(said) == len(command) and len(wrong) == 1 and not set(heard(wrong[0][0])).isdisjoint(heard(wrong[0][1]))


def _sign(said: str) -> str:
    """What hands and marks alone say: a yes, a no, or nothing where they say both or something stands beside them."""
    signs = set(_SKIN_AND_SEX.sub("", said))
    return "confirm" if signs and signs <= _YES else "deny" if signs and signs <= _NO else "unknown"


def _plain(said: str) -> Intent:
    folded = mended(fold(said))
    start, end = whole = _trim(folded)
    if _WHOLE_BOOK.fullmatch(folded, start, end):
        return Intent("search", {"query": said[start + 1 : end - 1].strip()})
    if folded[start:end] in phrasebook().titles:
        return Intent("search", {"query": said})
    spans, core = _spans(folded, *whole), folded[start:end]
    known = _phrase(said, folded, spans) or _first(phrasebook().rules, said, folded, spans)
    known = known or _despairs(said, core) or _clauses(said, core)
    if known and not (_A_TITLE.fullmatch(said.strip(_EDGE)) and known.name != "choose"):
        return known
    like, likeness = _like(said, core)
    heard = _heard(said, core)
    return (
        (like if likeness >= _SAME or _says_more(like, heard, core) else None)
        or heard
        or (like if likeness >= _CLEARLY else None)
        or _first(phrasebook().wrappers, said, folded, spans)
        or like
        or Intent("search", {"query": said})
    )


def _slash(said: str) -> Intent:
    """A Telegram command, perhaps with words behind it; an unknown one is read as if it had no stroke."""
    command = _COMMAND.fullmatch(said)
    if command is None or command[1] not in COMMANDS:
        return _plain(said.lstrip("/ "))
    name, words = COMMANDS[command[1]], command[2] or ""
    if name in ("search", "faq"):
        return Intent(name, {"query": words or ("借阅规则" if name == "faq" else "")})
    if not words:
        return Intent(name)
    meant = _plain(words)
    if meant.name in (name, "choose"):
        return Intent(name, meant.slots)
    slot = {"renew": "title", "return_books": "title", "find_branches": "place", "greet": "query"}.get(name)
    return Intent(name, {slot: words}) if slot else Intent(name)


def _trim(folded: str) -> Span:
    """Where the text stands without punctuation around it, or the pictures people end with ("谢谢🌹")."""
    end = len(folded)
    while end and (folded[end - 1] in _EDGE or category(folded[end - 1]) in _PICTURES):
        end -= 1
    return min(len(folded) - len(folded.lstrip(_EDGE)), end), end


def _spans(folded: str, start: int, end: int) -> list[Span]:
    """The stretches worth matching: courtesies before and behind taken off one by one, nearest to the whole first."""
    starts, ends = [start], [end]
    for _ in range(_STEPS):
        lead = phrasebook().leads.match(folded, starts[-1], end)
        if lead and lead.end() < end:
            starts.append(lead.end())
        tail = phrasebook().tails.search(folded, max(start, ends[-1] - 24), ends[-1])
        if tail and tail.start() > start:
            ends.append(tail.start())
    lasts = dict.fromkeys([ends[-1], end, *ends])  # 别的吗: 的 may be meant, though it often is said only beside
    return [(first, last) for first in dict.fromkeys(starts) for last in lasts if first < last]


def without_courtesies(folded: str) -> str:
    """An English line without what is said around the wish, "could you …, please"; any other line as it is."""
    start, end = _trim(folded)
    for _ in range(_STEPS if folded.isascii() else 0):
        lead = phrasebook().wishes.match(folded, start, end) or _GREETED.match(folded, start, end)
        tail = _PLEASED.search(folded, start, end)
        start, end = lead.end() if lead else start, tail.start() if tail else end
    return folded[start:end] or folded


def _phrase(said: str, folded: str, spans: list[Span]) -> Intent | None:
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if rule := _rule_at(folded, span, spans[0][0]):
            return Intent(rule.intent, slots_of(rule, None, said, folded) or {}, likened=rule.gives_way)
    return None


def _rule_at(folded: str, span: Span, first: int) -> Rule | None:
    rule = phrasebook().phrases.get(unspaced(folded[slice(*span)]))
    return None if rule and rule.bare and span[0] > first else rule


def _first(rules: tuple[Rule, ...], said: str, folded: str, spans: list[Span]) -> Intent | None:
    for rule in rules:
        for start, end in spans:
            if (rule.bare and start > spans[0][0]) or folded.startswith(rule.unless, start):
                continue
            for pattern in rule.patterns:
                found = pattern.fullmatch(folded, start, end)
                if found and (slots := slots_of(rule, found, said, folded)) is not None:
                    return Intent(rule.intent, slots, likened=rule.gives_way)
    return None


def _clauses(said: str, core: str) -> Intent | None:
    """Several clauses: a call for a person, or the last command, or, when all are small talk, the last of that."""
    twice = _TWICE.fullmatch(core)
    parts = [twice[1]] * 2 if twice else [part for part in _CLAUSE.split(core) if part]
    if _calls_first(core):
        return Intent("escalate")
    if len(parts) < 2 or len(core) > _HEARD_IN or "《" in core:
        return None
    if taken := _taken_and_asked_when(parts):
        return taken
    rules = [_phrase_rule(part) for part in parts]
    commands = [rule for rule, part in zip(rules, parts, strict=True) if rule and not rule.bare and _speaks(part)]
    talk = [rule for rule in rules if rule and rule.intent in _SMALL_TALK]
    if commands or len(talk) == len(parts):
        calls = [rule for rule in commands if rule.intent == "escalate"]  # a person is called from anywhere
        rule = (calls or commands or talk)[-1]
        return Intent(rule.intent, slots_of(rule, None, said, said) or {}, heard=True)
    return None


def _calls_first(core: str) -> bool:
    """Whether a line begins with a call for a person, whatever it is about: 转人工 《三体》什么时候有."""
    call, *about = _AHEAD.split(core, maxsplit=1)
    if not about or not _CALLS.search(call):
        return False
    spans = _spans(call, *_trim(call))
    meant = _phrase(call, call, spans) or _first(phrasebook().rules, call, call, spans)
    return bool(meant and meant.name == "escalate" and not meant.likened)


def _taken_and_asked_when(parts: list[str]) -> Intent | None:
    """那就这本吧，最快今天能拿到不: what follows the taking says when it can be fetched, and answers both."""
    if len(parts) != 2 or not _WHEN.search(parts[1]):
        return None
    n = _NTH.search(parts[0])
    if _TAKEN.fullmatch(parts[0]):
        return Intent("borrow", {"n": place(n[1]) or 1} if n else {}, heard=True)
    return None


def _speaks(part: str) -> bool:
    """Whether a clause is long enough to be a command; shorter ones stand in titles ("数据,模型与决策")."""
    return (len(part) >= 4 or part in _THIS_ONE) and (" " in part or not part.isascii())


def _phrase_rule(part: str) -> Rule | None:
    spans = _spans(part, *_trim(part))
    found = (_rule_at(part, span, spans[0][0]) for span in spans)
    return next((rule for rule in found if rule), None)


def _heard(said: str, core: str) -> Intent | None:
    """An intent told by words anywhere in a short text, as in "…快给我转人工"; never when a book is named."""
    if len(core) > _HEARD_IN or _ABOUT_BOOKS.search(core):
        return None
    spoken = f" {_NO_WORD.sub(' ', core.replace('人工智能', ''))} "
    near = (heard for at in range(len(spoken) - 1) for heard in phrasebook().heard.get(spoken[at : at + 2], ()))
    found = min((heard for heard in near if heard.within(spoken)), key=lambda heard: heard.rank, default=None)
    if found is None or (found.intent not in ("escalate", "help") and _LIKE_A_NAME.fullmatch(core)):
        return None
    return Intent(found.intent, {"query": said} if found.intent == "faq" else _numbered(found.slots, core), heard=True)


def _despairs(said: str, core: str) -> Intent | None:
    """Who does not want to live is heard first, whatever else is asked in the same line."""
    heard = _heard(said, core)
    return heard if heard and heard.slots.get("query") == DESPAIR else None


def _says_more(like: Intent | None, heard: Intent | None, core: str) -> bool:
    """Whether an English sentence is `like` rather than what some of its words say, as "take it out of my cart" is:
    of 85 examples where the two differ the words were right in 18, the likeness in 54 (measured)."""
    if like is None or heard is None or not core.isascii() or like.name == heard.name:
        return False
    return heard.name == "faq" or (heard.name != "escalate" and not heard.slots)


def _like(said: str, core: str) -> tuple[Intent | None, float]:
    """The intent whose examples a short Chinese sentence is most like, and how much; none where a book is named."""
    text = unspaced(_NO_WORD.sub(" ", core).strip())
    if text.isascii():
        return _like_in_english(said, text)
    han = len(_HAN.findall(text))
    if han < 4 or 2 * han < len(text) or len(core) > _HEARD_IN:
        return None, 0.0
    like = nearest(examples(), text)
    least = _SAME if not _SPEAKS.search(text) else _CLEARLY if han < _SHORT else _LIKE
    if like.likeness < least or like.intent == "search" or _ABOUT_BOOKS.search(core):
        return None, 0.0
    return _likened(like, said, core), like.likeness


def _like_in_english(said: str, text: str) -> tuple[Intent | None, float]:
    """The same for English; words that no example has, and few words, speak for a title, as Capitals Do."""
    words = text.split()
    if len(words) < 3 or len(text) > 2 * _HEARD_IN or _ABOUT_BOOKS.search(text) or not _SPEAKS_ENGLISH.search(text):
        return None, 0.0
    if sum(word[0].isupper() for word in said.split()) > len(words) / 2 and not said.isupper():
        return None, 0.0
    like = nearest(english(), text)
    strange = _ALL_STRANGE * english().strange(text) / len(words)
    least = _LIKE_ENGLISH + strange + _WORD_SHORT * max(0, _ENGLISH_SHORT - len(words))
    beyond = like.likeness + like.lead - least
    if beyond < 0 or like.intent == "search":
        return None, 0.0
    clear = _CLEARLY if beyond >= _BEYOND_A_WISH else 0.0
    return _likened(like, said, text), like.likeness if like.likeness >= _SAME else clear


def _likened(like: Likeness, said: str, core: str) -> Intent | None:
    """What a line means that is so much like an intent; None where it is like it by the letter alone."""
    intent, query = unlike.meant(like.intent, like.likeness, core)
    if not intent:
        return None
    if intent == "search":
        return Intent("search", {"query": said})
    return Intent(intent, _asked(intent, query, said, core), likened=True)


def _asked(intent: str, query: str, said: str, core: str) -> Slots:
    return _numbered({"query": query}, core) if query else {"query": said} if intent == "faq" else _numbered({}, core)


def _numbered(slots: Slots, core: str) -> Slots:
    """`slots`, and which book is meant where it says so ("把第二本弄丢了")."""
    nth = _NTH.search(core)
    n = place(nth[1]) if nth else None
    return {**slots, "n": n} if n and "n" not in slots else slots
