"""What a line means with the catalogue at hand: a sentence that is merely like a command may be the name of a book, and
one that is nothing else may name a book with some words around it ("三体也要", "那围城呢"), or several, or misspell a
command."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain

from bot import by_name, several_authors, several_titles, spelt, subject_words
from bot.finder import Finding
from bot.folding import fold, letters
from bot.service import Service
from bot.talk import Talk
from bot.understanding import Intent, in_other_words, misspelt, understand
from lending import catalogue, selection
from lending.selection import Scope
from search import browse

BOOKISH = ("search", "borrow", "add_to_cart")  # what may mean a book that is named beside
ALWAYS = ("escalate", "help")  # heard whatever a book is called
LIKE_A_WISH = ("recommend", "show_title", "show_loans", "browse", "set_language", "greet")  # what it may be like
BEFORE = re.compile(
    r"(?:[ ,.!?]|不对|那么?|嗯|还是|[还也]?想?[要看借找]|[再也]来|[再也还]?(?:帮我|给我)?[加添]|等一?[下等]"
    r"|换成?(?:一?本)?|改成?|我|唔该|请问|麻烦|有[没冇]有?|一本|这本"
    r"|(?:帮|给|替)我?(?:妈妈?|爸爸?|母亲|父亲|老公|老婆|先生|太太|儿子|女儿|孩子|宝宝|奶奶|爷爷|外婆|外公|朋友|同学|家人|老师)"
    r"(?:[借找看要]一?[本下]?)?)+"
)
BEHIND = re.compile(
    r"(?:[ ,.!?~]|也?想?[要看借]|一本|一起|怎么样|好不?好?看|有[没冇]有?|有不?|那一?[本部套]|这本书|得唔得"
    r"|在吗|在不在|还?在架|在馆|借[光完走]了?没|的(?:书|小说|作品)?|[吗呢吧啊呀了嘛])+$"
)
APART = re.compile(r"[,，.。;；!！?？~…\n]+|(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")  # one wish from the next
MOST_CLAUSES, LONGEST_LINE = 6, 120
AND_THIS = re.compile("那(?P<title>[^你我他她它].{1,10}?)(?:这本)?呢[?？]?")
GIVEN_BACK = re.compile(r"(?:我们?)?(?:想|要|得|来|去)?(?:还|归还)(?P<title>.{2,40}?)[了吧啊。.!]*")  # "我想还三体"
AN_ADDRESS = re.compile(r"\d{7}")  # a telephone number stands in it
HALF = re.compile("好像|大概|可能|似乎|记得|印象|忘了|叫|什么|啥|来着|之类")
UNSURE = re.compile(  # around what is only half remembered: "好像叫什么百年孤什么"
    r"^(?:我|想?[要看借找]|看过|好像|大概|可能|似乎|应该|记得|印象中|忘了|是|有一?[本个]|那一?[本个]|书名|名字|作者|叫做?|什么|啥|个)+|(?:什么|啥|来着|之类|吧|的|那个?|谁)+$"
)
MORE_BY = re.compile(  # 毛姆还有别的吗
    "(?:那么?|请问)?(?P<who>.{2,12}?)(?:的书?|写的)?(?:(?:都|写过|出过)?有?(?=什么|啥|哪些)|(?:还|另外|除了这[本些个])+(?:有|写过?|出过?)(?:没有|没)?)"
    "(?:别的|其他的?|其它的?|什么|啥|哪些)*(?:书|作品|小说)?(?:吗|么|嘛|呢|没有?|不)?"
)
SHELF = re.compile(
    "(?:要|想看|想要|看看|有没有|来点)?(?P<name>[^的]{2,6}?)(?:类|方面)?的?(?:书籍?|图书)(?:吗|呢|没有?)?"  # 历史书
)
HOW_TO = re.compile("^(?:怎么样?|怎样|如何)")
THAT_ONE = re.compile("(?P<who>.{2,12}?)(?:写|著)?的?那[本部](?P<title>.{2,30})")  # 钱钟书那本围城
WANTED = re.compile("[找借看查].*书")
LOOKED_UP = ("title", "query")  # slots that name a book
BY_WHOM = re.compile(  # "To Live by Yu Hua", "Yu Hua's To Live"
    r"(?P<title>.{1,80}?),? (?:written )?by (?:the author )?.{2,40}|(?:[a-z.-]+ ){0,3}[a-z-]+'s (?P<title2>.{2,80})"
)
WANTED_EN = re.compile(  # "i want the three body problem", "by agatha christie"
    r"(?:(?:ok(?:ay)?|so|hi|hello|and|then|please)[ ,]+)*"
    r"(?:(?:i(?:'ll| ?ll| will|'d| would)?|can i|could i|we) (?:want|need|like|take|have|get|try|borrow)"
    r"(?: to (?:read|borrow|have))?"
    r"|(?:anything |something |any |books? |ones? )?(?:by|from)) (?P<title>.{2,80}?)[ ?!.]*"
)
OF_HOUSE = re.compile(  # "人民文学出版社的围城", "史记 中华书局版"
    r"(?P<house>[^ ,，的]{0,10}(?:出版社|书局|书店|印书馆|出版公司))(?:出版|出|版)?的?[ ,，]*(?P<title>.{2,40})"
    r"|(?P<title2>.{2,40}?)[ ,，]*(?P<house2>[^ ,，的]{0,10}(?:出版社|书局|书店|印书馆|出版公司))(?:出版|出|版)?的?"
)
PLEASED = re.compile(
    r"(?:[ ,.!?]*\b(?:please|pls|plz|thanks|thank you|thx|maybe|perhaps|by any chance|if possible))+[ .!?]*$"
)
MARKED = re.compile("《.+》")
OR_WAIT = re.compile(  # 看看三体还有没有，没有就预约
    "(?:要是|如果)?(?:没有?了?|没货了?|都?借[完光]了?|都?借出去了?|不在馆)(?:的话)?就?(?:先)?[帮给替]?我?"
    "(?:预约|预借|排[个上]?队|排着|等着?|留)(?:一?下|一本|吧|上|着)*"
)
LIKELY = 5  # books of a finding that a line may name
LONGEST = 300  # characters; the longest title has 197


def meant(service: Service, text: str) -> Intent:
    """As `understand`, but what is no command word for word is a search where a title of ours is called just so."""
    return service.finder.recall(partial(_meant, service), text)


def _meant(service: Service, text: str) -> Intent:
    intent = understand(text)
    unsure = intent.likened or ((intent.heard or "title" in intent.slots) and intent.name not in ALWAYS)
    if unsure and called(service, text):
        return Intent("search", {"query": text.strip()})
    if bare := _in_english(service, intent) or _of_house(service, text, intent):
        return bare
    if or_waited := _or_waited_for(service, text):
        return or_waited
    together = intent.name == "search" or (intent.likened and intent.name in ("borrow", "add_to_cart"))
    if together and (named := several_titles.named(service, text)):
        return Intent("search", named)
    if _unsure_of_book(intent, text) and (wish := _by_name(service, text, intent)):
        return wish
    if (intent.likened or intent.name == "search") and (writers := several_authors.named(service, text)):
        return Intent("search", {"writers": "|".join(writers), "query": text.strip()})
    back = GIVEN_BACK.fullmatch(fold(text.strip())) if intent.name == "search" else None
    if back and called(service, back["title"]) and not called(service, text):
        return Intent("return_books", {"title": back["title"]})
    inner = _inner(text) if intent.likened or intent.name == "search" else ""
    whose = bool(inner) and intent.name == "search" and _writer(service, text, inner)
    if inner and not called(service, text) and (whose or called(service, inner)):
        return Intent("search", {"query": inner})
    more = MORE_BY.fullmatch(fold(text.strip(" .。?？!！"))) if intent.likened or intent.name == "search" else None
    if more and _author(service, more["who"]) and not called(service, text):
        return Intent("search", {"query": more["who"]})
    that = THAT_ONE.fullmatch(inner or text.strip()) if intent.likened or intent.name == "search" else None
    if that and _author(service, that["who"]) and called(service, that["title"]):
        return Intent("search", {"query": that["title"]})
    if part := _part(service, text, intent):
        return part
    if wish := _wish_for_books(service, text, intent):
        return wish
    if intent.name == "hold" and not intent.slots and (waited := _waited_for(service, text)):
        return Intent("hold", {"title": waited}, intent.likened, intent.heard)
    slip = misspelt(text) if intent.likened or intent.name == "search" else None
    if slip and not any(_found(service, str(one)) for one in (text, *intent.slots.values())):
        return slip
    if intent.name != "search" or called(service, text):
        return intent
    if text.isascii():
        return _in_pinyin(service, text) or intent
    lost = len(text) <= subject_words.LONGEST and not _found(service, str(intent.slots.get("query", "")) or text)
    return (in_other_words(text) if lost else None) or intent


def _unsure_of_book(intent: Intent, text: str) -> bool:
    """Whether a book may be named beside what was understood."""
    named = any(intent.slots.get(name, text) != text for name in LOOKED_UP)
    unsure = (intent.likened or intent.heard) and intent.name not in (*ALWAYS, *by_name.AT_HOME)
    return intent.name == "search" or (unsure and not named)


def _by_name(service: Service, text: str, intent: Intent) -> Intent | None:
    if called(service, text) or subject_words.asked_of(text)[1]:
        return None
    sought = intent.name == "search" and called(service, str(intent.slots["query"]))
    found = catalogue.titles(service.store.db, service.finder.find(text).ids[:LIKELY]).values()
    names = (name for title in found if fold(name := several_titles.main(title)) in fold(text))
    return by_name.wish(text, sought, [name for name in names if _the_only(service, name)])


def _the_only(service: Service, name: str) -> bool:
    """Whether one book is called just so, and no shelf (借数学)."""
    if browse.named(name).code:
        return False
    found = catalogue.titles(service.store.db, service.finder.find(name).ids[:LIKELY]).values()
    return sum(several_titles.called(title, name) for title in found) == 1


def _wish_for_books(service: Service, text: str, intent: Intent) -> Intent | None:
    """Of a sentence about books that is none: what it asks of the book it names, or the subject it wants books on."""
    wish_like = intent.name in ("search", *LIKE_A_WISH) and len(text) <= subject_words.LONGEST
    if text.isascii() and intent.name == "search":
        return _subject_in_english(service, text, str(intent.slots.get("query", "")))
    if text.isascii() or not wish_like or called(service, text):
        return None
    what, name = subject_words.asked_of(text)
    if name and called(service, name):
        return subject_words.wish(what, name)
    name = str(intent.slots.get("title", "")) if intent.name == "show_title" else ""
    lost = intent.name == "search" and not _found(service, str(intent.slots.get("query", "")) or text)
    shelf = SHELF.fullmatch(fold(text.strip(" .。?？!！"))) if lost else None
    if shelf and _stocked(service, browse.named(shelf["name"])):
        return Intent("browse", {"query": shelf["name"]})
    if name and (bare := subject_words.without_around(name)) and not _found(service, name):
        return Intent("search", {"query": bare})
    if not lost and (intent.slots or not (intent.likened or intent.heard)):
        return None
    bare = subject_words.without_around(text)
    if bare and (_found(service, bare) or subject_words.remembered(text)):
        return Intent("search", {"query": bare, **_unsure(text)})
    writer = subject_words.writer_in(text)
    if writer and _author(service, writer):
        return Intent("search", {"query": writer, "unsure": subject_words.PLOT})
    return None if MARKED.search(text) else _subject(service, text, intent, lost)


def _subject(service: Service, text: str, intent: Intent, lost: bool) -> Intent | None:
    """Books on the subject that is left when the sentence around it is taken off; else what sort of wish it is."""
    if subject_words.listed_elsewhere(text):
        return Intent("recommend", {"query": subject_words.LISTS})
    if subject_words.of_plot(text):
        return Intent("recommend", {"query": subject_words.PLOT})
    unsure = _unsure(text)
    found = subject_words.subjects(text)
    for subject in found if subject_words.asks(text) or not lost else ():
        if genre := subject_words.GENRES.get(subject):
            return Intent("browse", {"query": genre, **unsure})
        if _says(service, subject):
            return Intent("search", {"query": subject, **unsure})
        if _stocked(service, browse.named(subject)):
            return Intent("browse", {"query": subject, **unsure})
    shelf = subject_words.shelf_of(text)
    if shelf and _stocked(service, browse.named(shelf)):
        return Intent("browse", {"query": shelf, "unsure": subject_words.NEAR if found and not unsure else "1"})
    if subject_words.by_mood(text, lost):
        return Intent("recommend", {"query": subject_words.MOOD})
    plain = max(found, key=len, default="")
    query = str(intent.slots["query"]) if lost else ""
    as_said = letters(query) == letters(text)  # nothing has been taken off yet
    whole = lost and (as_said or HOW_TO.sub("", query) == plain)
    return Intent("search", {"query": plain}) if whole and plain and subject_words.asks(text) else None


def _subject_in_english(service: Service, text: str, query: str) -> Intent | None:
    """ "any books about the sea": no book of ours has the English word, some have the Chinese."""
    alone = letters(query) == letters(text)
    subject = subject_words.genre_in_chinese(query) if alone else subject_words.in_chinese(query)
    if not subject or _found(service, query):
        return None
    if genre := subject_words.genre_in_chinese(query):
        return Intent("browse", {"query": genre})
    if _says(service, subject):
        return Intent("search", {"query": subject})
    shelf = browse.named(subject)
    shelf = shelf if shelf.code else browse.named(subject_words.shelf_of(f"{subject}的书"))
    return Intent("browse", {"query": shelf.code, "unsure": subject_words.NEAR}) if _stocked(service, shelf) else None


def _unsure(text: str) -> dict[str, str]:
    return {"unsure": "1"} if subject_words.has_wishes(text) else {}


def _says(service: Service, subject: str) -> bool:
    """Whether a title of ours has those very words, or an author that name."""
    found = service.finder.find(subject)
    if found.near or not found.ids:
        return False
    title = catalogue.title(service.store.db, found.ids[0])
    return found.author or letters(subject) in letters(title.title + title.subtitle + "".join(title.subjects))


def _author(service: Service, name: str) -> bool:
    found = service.finder.find(name)
    return found.author and not found.near


def _writer(service: Service, text: str, name: str) -> bool:
    """阿加莎的呢: whether so begins the name of somebody whose books we have, where the whole names no book."""
    return len(name) > 1 and not _found(service, text) and _author(service, name)


def _stocked(service: Service, shelf: browse.Shelf) -> bool:
    """Whether anything stands there."""
    if not shelf.code:
        return False
    filled = browse.gathered(shelf, selection.marks(service.store.db))
    return bool(selection.count(service.store.db, Scope(prefixes=filled.prefixes, beyond=browse.beyond(filled))))


def look_up(service: Service, intent: Intent) -> Finding | None:
    """What the index says of the book that is named."""
    words = next((str(intent.slots[name]) for name in LOOKED_UP if name in intent.slots), "")
    wanted = intent.name not in ("cancel_order", "faq", "suggest_purchase", "browse")
    return service.finder.find(words) if words and wanted else None


def _in_english(service: Service, intent: Intent) -> Intent | None:
    """The book without the wish for it, who wrote it and the courtesies behind, where only so it is found."""
    slot = "title" if intent.name in ("borrow", "add_to_cart", "hold", "show_title") else "query"
    said = str(intent.slots.get(slot, ""))
    if (slot == "query" and intent.name != "search") or not said.isascii() or not 1 < len(said) <= LONGEST_LINE:
        return None
    end = PLEASED.search(folded := fold(said))
    plain = said[: end.start() if end else len(said)]
    by = BY_WHOM.fullmatch(folded, 0, len(plain)) or WANTED_EN.fullmatch(folded, 0, len(plain))
    name = by.lastgroup if by else None
    named = said[slice(*by.span(name))] if by and name else plain
    if named == said or not named.strip() or _found(service, said) or not _found(service, named):
        return None
    return Intent(intent.name, {**intent.slots, slot: named.strip(" ,")}, intent.likened, intent.heard)


def _of_house(service: Service, text: str, intent: Intent) -> Intent | None:
    """The book of ours that is named with its publisher; where we have other editions only, those, and it is said."""
    slot = next((name for name in LOOKED_UP if name in intent.slots), "")
    said = str(intent.slots.get(slot, ""))
    found = OF_HOUSE.fullmatch(said) if intent.name in (*BOOKISH, "show_title", "hold") else None
    if found is None or called(service, said) or called(service, text):
        return None
    house, name = found["house"] or found["house2"], (found["title"] or found["title2"]).strip(" 《》")
    here = service.finder.find(name)
    if not here.ids or here.near or here.author or not called(service, name):
        return None
    editions = (here.ids[0], *here.editions.get(here.ids[0], ()))
    if any(fold(house) in fold(one.publisher) for one in catalogue.titles(service.store.db, editions).values()):
        return Intent(intent.name, {**intent.slots, slot: f"{house} {name}"}, intent.likened, intent.heard)
    return Intent("search", {"query": name, "unsure": subject_words.HOUSE})


def _part(service: Service, text: str, intent: Intent) -> Intent | None:
    """Of a line that as a whole is no book and no clear wish, the clause that names books, the last one first."""
    clauses = [clause.strip() for clause in APART.split(text) if clause.strip()]
    if len(text) > LONGEST_LINE or len(clauses) > MOST_CLAUSES or AN_ADDRESS.search(text):
        return None
    lost = intent.name == "search" and not _found(service, str(intent.slots.get("query", "")) or text)
    if not (lost or intent.likened or intent.heard):
        return None
    parts = clauses[::-1] if len(clauses) > 1 else []
    if not (intent.heard and intent.name in by_name.AT_HOME):
        for clause in reversed(parts):
            if several := several_titles.named(service, clause):
                return Intent("search", several)
    and_this = AND_THIS.fullmatch(parts[0]) if parts else None
    asked = Intent("search", {"query": and_this["title"]}) if and_this else None
    if intent.name == "escalate" and intent.likened and asked:
        return asked  # 无语 那龙族呢: nobody is called for that
    if not lost and intent.name not in BOOKISH:
        return None
    tries = chain(
        (_names_a_book(service, clause, lost) for clause in parts),
        (_half_remembered(service, clause) for clause in reversed(clauses) if lost),
        (_clear_wish(clause) for clause in parts if lost),
    )
    return next(filter(None, tries), asked if lost else None)


def _waited_for(service: Service, text: str) -> str:
    """狼图腾有吗，没有的话帮我排队: the book that is asked for before the queue is, whatever else stands on show."""
    for clause in (part.strip() for part in APART.split(text)):
        asked = understand(clause)
        query = str(asked.slots.get("query", "")) if asked.name == "search" else ""
        if len(query) > 1 and (query != clause or _found(service, query)):
            return query
    return ""


def _or_waited_for(service: Service, text: str) -> Intent | None:
    """The hold on a book that is to be waited for where it is out; one that is there is said to be."""
    clauses = [clause for clause in APART.split(text.strip()) if clause]
    if len(clauses) != 2 or not OR_WAIT.fullmatch(clauses[1].strip()):
        return None
    slots = _meant(service, clauses[0]).slots
    named = str(slots.get("title") or slots.get("query") or "")
    name = next((name for name in (named, _inner(named)) if name and called(service, name)), "")
    return Intent("hold", {"title": name}) if name else None


def _names_a_book(service: Service, clause: str, lost: bool) -> Intent | None:
    """A wish for a book of ours, or its name with some words around it."""
    meant_so = understand(clause)
    query = str(meant_so.slots.get("query", "")) if meant_so.name == "search" else ""
    if meant_so.name in BOOKISH and _found(service, str(meant_so.slots.get("title", ""))):
        return meant_so
    if len(query) > 1 and query != clause and _found(service, query):
        return Intent("search", {"query": query})
    inner = _inner(clause) or (clause if lost else "")
    named = inner and (query or meant_so.likened) and called(service, inner)
    return Intent("search", {"query": inner}) if named else None


def _half_remembered(service: Service, clause: str) -> Intent | None:
    """好像叫什么百年孤什么: what is left without the doubts, where it is found."""
    rest = UNSURE.sub("", clause.strip(" 。.?？")) if HALF.search(clause) else ""
    return Intent("search", {"query": rest}) if 1 < len(rest) < len(clause) and _found(service, rest) else None


def _clear_wish(clause: str) -> Intent | None:
    """论文要用的，找找人工智能伦理方面的书: clear, though we have none so called."""
    asked = understand(clause) if WANTED.search(clause) else None
    return asked if asked and asked.name == "search" and 1 < len(str(asked.slots["query"])) < len(clause) else None


def _in_pinyin(service: Service, text: str) -> Intent | None:
    """A command, or the wish for a book, spelt out; no book is called so."""
    if _found(service, text):
        return None
    if command := spelt.command(text):
        return understand(command)
    book = spelt.book(text)
    return Intent("search", {"query": book}) if book and _found(service, book) else None


def called_so(talk: Talk) -> int | None:
    """The title of ours whose whole name the words are: a book, whatever else they sound like."""
    found = talk.found
    if found is None or found.near or not found.names or found.names[0] != letters(talk.event.text):
        return None
    return found.ids[0]


def _inner(text: str) -> str:
    """The text without what people say around a book's name; '' where nothing stood around it, or nothing is left."""
    folded, text = fold(text.strip()), text.strip()
    if len(text) > LONGEST:
        return ""
    before = BEFORE.match(folded)
    start = before.end() if before else 0
    behind = BEHIND.search(folded, start)
    inner = text[start : behind.start() if behind else len(text)]
    return inner if 1 < len(inner) < len(text) else ""


def _found(service: Service, text: str) -> bool:
    """Whether a title of ours is written or spelt much like that."""
    found = service.finder.find(text)
    return bool(found.ids) and not found.near


def called(service: Service, text: str) -> bool:
    """Whether a title of ours, or one of its authors, is called just so."""
    found = service.finder.find(text)
    return not found.near and letters(text) in found.names
