"""找书: search, and the card of one book."""

from __future__ import annotations

import re

from bot import books, cities, escalations, lookups, numbers, review_words, topics
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import answered, at_home, filtering, lists, person, places, reporting, sharing
from bot.offered import bare, kind
from bot.talk import Talk
from bot.texts import menu, rows
from bot.understanding import Intent
from lending import calendar, catalogue, loans, reviews
from lending.calendar import Calendar
from lending.catalogue import Point
from lending.errors import UnknownThing
from lending.model import library_day
from search import usage

EDITIONS, BY_AUTHOR, SHARED = "版本", "作者的书", "分享"  # what phrases.toml makes of questions about the book on show
LONGEST, MARKED = 40, re.compile("《([^《》]+)》")  # characters of a query that are said again; a title in one
SPOKEN = re.compile(  # what was said rather than named, where no book is called so
    r"^[这那][个样么]|[啊呀哦嘛啦哈唉么]$|[吗嗎呢吧你我您？?]|了$|^1[3-9]\d{9}$|不|能|怎|可以|什么时候|多久|行不行|\b(i|i'm|my|you|your|can|do|don't|how|what|please)\b"
    r"|多少|几[个本天点号位人次]|[谁啥咋]|什么|哪[里儿个些位家种]|[有开在到]没有?$",
    re.IGNORECASE,
)
ASKS = re.compile(r"[吗嗎？?]|怎|能不能|可不可以|行不行|多久|多少|几[个本天点号位人次]|什么时候|[谁啥咋]|哪[里儿个些位家种]|[有开在到]没有?$|^(?:能|可以|会)")
AT_ALL = re.compile(  # "晴岚可以吗", "湖州能取吗": may it be there?
    "(?:那边|那里|那儿|的)?(?:可不可以|能不能|可以|行|能行|能|好)?(?:[来去过]*取书?|还书?|借书?|自取)?[吗嗎呢吧]?[?？]?$"
)
ANY_MORE = re.compile(r"(?:就|都|这就|真的?|已经)*没(?:有|货|书)?了?(?:[?？]+|[吗嗎嘛啊][?？]*)")
HAS_IT = re.compile("有[没沒冇无]?有?(?:这本|這本|货)?[吗嗎么嘛呢]?[?？]?$")  # "听泉区分馆有吗", said of the book on show
WISHED = re.compile("(?>我|想|要|请|麻烦|帮我|给我|再|先|去|来|就|那|可以|能)*借(?!过|书|什么|啥)|(?>i |want to |can i |could i |would like to |i'd like to |please )*borrow ")
FEW = 3  # books below an answer that is about something else
SHORT = 4  # letters of what may be a name written wrongly
LIKE = 3  # characters in a row that a book and what was said share
WANTED = re.compile("[找来借看要求][一两几]?[本些点].{0,4}(?:讲|说|教|写|关于)|有(?:没有|什么|哪些)?(?:讲|说|教|写|关于).+的书")  # a book on it, though "how" stands in it
ANY_BOOK = ("", "书", "書", "图书", "圖書", "a", "book", "books", "a book")  # "找书": which is not said yet


def search(talk: Talk) -> None:
    """Free text: the books found, or the way on when there are none (C3)."""
    _, query = talk._, talk.slot("query")
    if filtering.hear(talk) or reporting.hear_of_own(talk):
        return None
    if query.casefold() in ANY_BOOK:
        return talk.say(
            _("想找什么书？发书名、作者、拼音或书号给我。"),
            rows(menu(_, "browse"), menu(_, "new_books"), menu(_, "recommend")),
        )
    found = talk.found
    place = AT_ALL.sub("", places.named_in(query))
    if (found is None or not found.ids or found.near) and places.named(talk, place):
        if HAS_IT.search(fold(talk.event.text).strip()) and (shown := talk.memory.get("title")) is not None:
            return show_book(talk, str(shown))
        talk.intent = Intent("find_branches", {"place": place})
        return places.find_branches(talk)
    if (found is None or not found.ids or found.near) and answered.open_question(talk):
        return answered.once_more(talk, _alike(talk, query) or (found.ids if found and len(letters(query)) <= SHORT else ()))
    if (found is None or not found.ids or found.near) and _spoken(talk, query):
        return not_understood(talk, query)
    if found is None or not found.ids:
        return nothing_found(talk, query)
    if found.near:
        return near(talk, query, found.ids)
    usage.record(talk.db, "search", query, library_day(talk.now))
    talk.memory.pop("missed", None)
    lists.say_unsure(talk)
    heading = _.n("「{query}」找到 {n} 种：", "「{query}」找到 {n} 种：", len(found.ids), query=_shortly(query))
    if (wished := _wished_by_name(talk, found.ids, query)) is not None:
        lists.keep_list(talk, list(found.ids), heading, query)
        return show_book(talk, str(wished))
    lists.show_list(talk, list(found.ids), heading, query, ways=_city_too(talk, query))


def _wished_by_name(talk: Talk, ids: tuple[int, ...], query: str) -> int | None:
    """借活着: the one book of these that is called just so, where that one is wished for and not only named."""
    if not WISHED.match(fold(talk.event.text)) or len(ids) < 2:
        return None
    titles = catalogue.titles(talk.db, ids).values()
    called = [one.id for one in titles if letters(one.title) == letters(query)]
    return called[0] if len(called) == 1 else None


def _city_too(talk: Talk, query: str) -> list[Button]:
    """ "宁波": books about Ningbo, and the city's places where it is one of ours (A2-16)."""
    _, seen = talk._, cities.view(talk)
    city = cities.called(seen.all, query)
    if not city:
        return []
    here = Button(_("{city}的网点", city=seen.name(_, city)), f"cityp:{city}")
    return [here, cities.take(_, seen, city)] if city != seen.mine else [here]


def near(talk: Talk, query: str, ids: tuple[int, ...]) -> None:
    """None of these may be the one: a purchase suggestion and a person stand below them (C3)."""
    _ = talk._
    heading = _("没有完全对上「{query}」，您要找的是不是：", query=_shortly(query))
    if asked := escalations.open_of(talk.db, talk.reader.id):
        heading = _("这句话馆员看得到（{number}）。要是在找书，您要找的是不是：", number=asked.number)
    else:
        _missed(talk, query)
    talk.memory["missed"] = query[:80]
    ways = (menu(_, "suggest_purchase"), menu(_, "escalate"))
    lists.show_list(talk, list(ids), heading, query, ways=ways)


def _spoken(talk: Talk, query: str) -> bool:
    """Whether the whole line was taken for a search only because nothing else is known of it."""
    whole = letters(query) == letters(talk.event.text) or "，" in query or ASKS.search(query)
    return bool(whole) and speaks(query) and not WANTED.search(talk.event.text) and not MARKED.search(talk.event.text)


def speaks(text: str) -> bool:
    """Whether a line reads as said rather than named."""
    return len(letters(text)) > LIKE and bool(SPOKEN.search(text)) and not WANTED.search(text) and not MARKED.search(text)


def not_understood(talk: Talk, query: str) -> None:
    """Rather said than named: we say so, and show only books that sound like it; a person is one press away."""
    _ = talk._
    alike = _alike(talk, query)
    if alike and (_names_one(talk, alike, query) or not ASKS.search(talk.event.text)):
        return near(talk, query, alike)
    if ASKS.search(talk.event.text):
        return _no_answer(talk, query, alike)
    if escalations.open_of(talk.db, talk.reader.id):
        return nothing_found(talk, query)
    talk.memory["missed"] = query[:80]
    _missed(talk, query)
    told = _(
        "「{query}」这句我没听懂，换个说法再说一次好吗？点「转人工」，馆员来答您。要是书名，馆里暂时没有找到，可以荐购。",
        query=_shortly(query),
    )
    talk.say(told, rows(menu(_, "escalate"), menu(_, "help"), menu(_, "suggest_purchase")))


def _no_answer(talk: Talk, query: str, alike: tuple[int, ...]) -> None:
    """A question that we have no answer to: said so; a librarian gets these words; what is near it; books come last."""
    _ = talk._
    talk.memory["missed"] = query[:80]
    _missed(talk, query)
    if asked := escalations.open_of(talk.db, talk.reader.id):
        told = _("这句话馆员看得到（{number}），会一起答复您。", number=asked.number)
    else:
        told = _("「{query}」像是一句问话，这件事我还不会答。点「转人工」，这句话一起交给馆员。", query=_shortly(query))
        talk.memory["unanswered"] = talk.event.text[: person.MOST]
    shown = list(catalogue.titles(talk.db, alike[:FEW]).values())
    told += _("要是在找书，看看下面的是不是；都不是，可以荐购。") if shown else _("要是书名，馆里暂时没有找到，可以荐购。")
    ways = dict.fromkeys([menu(_, "escalate"), *(menu(_, door) for door in topics.doors(talk.event.text)), menu(_, "suggest_purchase")])
    talk.say(told, (*rows(*ways), *((Button(books.label(one), f"t:{one.id}"),) for one in shown)))


def sounds_like_a_book(talk: Talk) -> bool:
    """Whether a book of ours is found by these words, or one's name stands among them."""
    if talk.found is None or not talk.found.ids:
        return False
    return not talk.found.near or bool(_alike(talk, talk.slot("query")))


def _alike(talk: Talk, query: str) -> tuple[int, ...]:
    ids = list(talk.found.ids) if talk.found else []
    found = catalogue.titles(talk.db, ids).values()
    return tuple(one.id for one in found if _shares(letters(one.title), letters(query)))


def _names_one(talk: Talk, alike: tuple[int, ...], query: str) -> bool:
    """Whether one of them stands in the line by its whole name."""
    return any(letters(one.title) in letters(query) for one in catalogue.titles(talk.db, alike).values())


def _shares(title: str, said: str) -> bool:
    """Whether some characters of the title in a row stand in both, of a short one all."""
    least = min(LIKE, len(title))
    return any(title[at : at + least] in said for at in range(len(title) - least + 1))


def nothing_found(talk: Talk, query: str) -> None:
    """No dead end: a purchase suggestion, the shelves, a person."""
    _ = talk._
    talk.memory["missed"] = query[:80]
    if asked := escalations.open_of(talk.db, talk.reader.id):  # more likely said to the librarian
        told = _(
            "这句话馆员看得到（{number}），会一起答复您。要是在找书：馆里暂时没有找到「{query}」。",
            number=asked.number, query=_shortly(query),
        )  # fmt: skip
        return talk.say(told, rows(menu(_, "suggest_purchase"), menu(_, "browse")))
    _missed(talk, query)
    talk.say(
        _(
            "馆里暂时没有找到「{query}」。可以换个书名或作者再试；要是馆里没有，可以荐购，也可以让馆员帮您找。",
            query=_shortly(query),
        ),
        rows(menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "escalate")),
    )


def _shortly(query: str) -> str:
    """What was searched for, to be said again: of a whole letter the titles it names, else its beginning."""
    if len(query) <= LONGEST:
        return query
    return "、".join(MARKED.findall(query))[:LONGEST] or query[:LONGEST] + "…"


def _missed(talk: Talk, query: str) -> None:
    """For the librarians: what was not found on that day, without who asked (C3)."""
    usage.record(talk.db, "miss", query, library_day(talk.now))


def meant_title(talk: Talk) -> int | None:
    """The title a reader means: by number, by name, or the one on show."""
    n = talk.number()
    if n is not None:
        in_cart = [bare(action) for action, _label in talk.memory.get("choices", []) if kind(action) == "out"]
        if in_cart:  # the cart stands there, and no list
            counted = numbers.nth(in_cart, n)
            return int(counted.split(":")[1]) if counted else None
        return lists.nth(talk, n)
    if name := talk.slot("title"):
        close = talk.found and talk.found.ids and not talk.found.near
        return talk.found.ids[0] if talk.found and close and _may_be(talk, talk.found.ids[0], name) else None
    shown = talk.memory.get("title")
    return int(shown) if shown is not None else None


def _may_be(talk: Talk, title_id: int, name: str) -> bool:
    """Whether a book may be what was called so: 《不存在的书》 is not 《不存在的骑士》, which only has most of its words."""
    title = catalogue.title(talk.db, title_id)
    said, whole = letters(name), letters(title.title + title.subtitle + "".join(title.authors))
    return not any("\u3400" <= char <= "\u9fff" for char in said) or set(said) <= set(whole)


def any_more(talk: Talk) -> bool:
    """Whether 「没有了？」 asks about the book or the list on show; without the mark it is a farewell."""
    shown = talk.memory.get("title") is not None or bool(talk.memory.get("list"))
    return shown and not talk.step and bool(ANY_MORE.fullmatch(talk.event.text.strip()))


def say_what_there_is(talk: Talk) -> None:
    """How many of the book there are and where; or the next page of the list, if there is one."""
    shown = talk.memory.get("title")
    if shown is not None:
        return show_book(talk, str(shown))
    lists.next_page(talk)


def on_show(talk: Talk) -> int | None:
    """The book that was looked at last, else the first of the list: the answer names it, so a wrong guess is seen."""
    shown = talk.memory.get("title")
    return int(shown) if shown is not None else lists.nth(talk, 1)


def _asked_about(talk: Talk) -> int | None:
    """The book that is named, else the one on show."""
    return meant_title(talk) if talk.slot("title") else on_show(talk)


def which(talk: Talk) -> None:
    """Ask which book is meant."""
    _ = talk._
    if (n := talk.number()) is not None and n >= 0 and talk.memory.get("list"):
        return no_such(talk, n)
    if talk.slot("title") and talk.found and talk.found.ids:
        return lists.show_list(talk, list(talk.found.ids), _("您说的是哪一本？"), talk.slot("title"))
    if talk.slot("title"):
        return nothing_found(talk, talk.slot("title"))
    if found := stood(talk):
        return talk.say(_("是哪一本呢？点一下，或回复「借第1本」。"), rows(*found, across=1))
    talk.say(_("是哪一本呢？先发书名找到它，再回复「借第1本」。"), rows(menu(_, "new_books"), menu(_, "browse")))


def no_such(talk: Talk, n: int) -> None:
    """The list has no n-th book: said, and shown again."""
    talk.say(talk._("没有第 {n} 个，现在的列表是：", n=n))
    lists.show_page(talk)


def standing(talk: Talk) -> list[Button]:
    """The books of a list that was offered last."""
    return _books_in(talk.memory.get("choices", []))


def stood(talk: Talk) -> list[Button]:
    """The same, or those of the list that stood there before something else was asked."""
    return standing(talk) or _books_in(talk.memory.get("stood", []))


def _books_in(choices: list[list[str]]) -> list[Button]:
    return [Button(label, action) for action, label in choices if action.startswith("t:")]


def show_title(talk: Talk) -> None:
    """A book named by number or by name; or what is asked of the one on show: other editions, its author's, a link."""
    if about := ABOUT_IT.get(talk.slot("query")):
        return about(talk)
    title_id = _at_home(talk) or meant_title(talk)
    return which(talk) if title_id is None else show_book(talk, str(title_id))


def _at_home(talk: Talk) -> int | None:
    """The n-th of the loans, where they stand there."""
    n = talk.number()
    if n is None or not any(kind(action) == "r" for action, _label in talk.memory.get("choices", [])):
        return None
    found = at_home.counted(talk, loans.of_reader(talk.db, talk.reader.id), n)
    return found[0].title_id if found else None


def editions(talk: Talk) -> None:
    """Every edition of the book on show, or of the one named, or that there is this one only."""
    _, shown = talk._, _asked_about(talk)
    if shown is None:
        return which(talk)
    title = catalogue.title(talk.db, shown)
    author = title.authors[0] if title.authors else ""
    found = catalogue.titles(talk.db, talk.look_up(lookups.fields, title.title, author))
    same = [one.id for one in found.values() if letters(one.title) == letters(title.title)]
    if len({title.id, *same}) == 1:
        ways = (Button(_("看相近的书"), f"same:{title.id}"), menu(_, "suggest_purchase"))
        return talk.say(_("《{title}》馆里只有这一个版本。", title=title.title), rows(*ways))
    heading = _.n("《{title}》的版本有 {n} 个：", "《{title}》的版本有 {n} 个：", len(same), title=title.title)
    lists.show_list(talk, same, heading)


def by_author(talk: Talk) -> None:
    """What else the author of that book has written, one edition of each; of several authors the first."""
    _, shown = talk._, _asked_about(talk)
    if shown is None:
        return which(talk)
    title = catalogue.title(talk.db, shown)
    author = title.authors[0] if title.authors else ""
    found = catalogue.titles(talk.db, talk.look_up(lookups.fields, "", author) if author else ())
    works: dict[str, int] = {letters(title.title): title.id}
    for one in found.values():
        if author in one.authors:
            works.setdefault(letters(one.title), one.id)
    others = list(works.values())[1:]
    if not others:
        ways = (Button(_("看相近的书"), f"same:{title.id}"), menu(_, "suggest_purchase"))
        return talk.say(_("《{title}》的作者，馆里只有这一本。", title=title.title), rows(*ways))
    lists.show_list(talk, others, _("{author}的其他书：", author=author))


def shared(talk: Talk) -> None:
    """The page of the book on show, for a friend."""
    shown = on_show(talk)
    return which(talk) if shown is None else sharing.share(talk, str(shown))


ABOUT_IT = {EDITIONS: editions, BY_AUTHOR: by_author, SHARED: shared}


def show_book(talk: Talk, title_id: str) -> None:
    """The whole card: shelf mark, where it stands, and at most three things to do."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    if title.withdrawn:
        raise UnknownThing("title", title_id)
    stock = catalogue.availability(talk.db, [title.id])[title.id]
    lists.look_at(talk, title.id)
    usage.record(talk.db, "click", str(title.id), library_day(talk.now))
    points = {point.id: point for point in catalogue.points(talk.db)}
    seen = cities.view(talk, points.values())
    near = sorted(stock.places, key=lambda place: seen.elsewhere(points[place.point_id]))
    days = calendar.load(talk.db, talk.policy)
    lines = [books.name(title), books.byline(title)]
    if title.translators:
        lines.append(_("译者 {names}", names="、".join(title.translators[:3])))
    if title.clc:
        lines.append(_("分类 {clc} {name}", clc=title.clc, name=books.class_name(_, title.clc)))
    lines.append(cities.stock_line(_, seen, stock, points.values()) or books.stock_line(_, stock))
    for place in near[:4]:
        shelf = " ".join(part for part in (place.call_number, books.shelf_place(_, place.shelf)) if part)
        here = _door(talk, days, points[place.point_id], seen.called(_, points[place.point_id]))
        lines.append(_("· {point}：{n} 本 {shelf}", point=here, n=place.n, shelf=shelf))
    written = reviews.of_title(talk.db, title.id, review_words.ON_CARD + 1)
    lines += review_words.on_card(_, written)
    actions = [button for button in books.book_buttons(_, title.id, stock) if not button.action.startswith("t:")]
    actions += [Button(_("看相近的书"), f"same:{title.id}")]
    if talk.memory.get("list"):
        actions.append(Button(_("回到列表"), f"page:{talk.memory['list_number']}:{talk.memory.get('page', 0)}"))
    if written:
        actions.append(Button(_("书评"), f"rv:{title.id}"))
    actions.append(sharing.button(_, talk.service, title.id))
    talk.say("\n".join(line for line in lines if line), rows(*actions))


def _door(talk: Talk, days: Calendar, point: Point, name: str) -> str:
    """A branch by its name, and from when on a book can be had there where its door is shut today; a bus only calls."""
    _, today = talk._, library_day(talk.now)
    if point.kind != "branch" or point.is_bus or days.open_on(point.id, today):
        return name
    return _("{place}（今天闭馆，{day}再开）", place=name, day=_.date(days.next_open(point.id, today)))
