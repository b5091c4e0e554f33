"""找书: search, the card of a book, paging, and looking along the shelves."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Card
from bot.talk import Rows, Talk
from bot.texts import Words, menu, rows
from lending import catalogue, shelves
from lending.catalogue import Availability, Title
from lending.errors import UnknownThing
from search import browse

PAGE = 5
ANY_BOOK = ("", "书", "書", "图书", "圖書", "a", "book", "books", "a book")  # "找书": which is not said yet
SHORT_LIST = 8  # classes on one screen


# ---- lists of books ------------------------------------------------------------------------------------------------


def search(talk: Talk) -> None:
    """Free text: the books found, or the way on when there are none (C3)."""
    _, query = talk._, talk.slot("query")
    if query.casefold() in ANY_BOOK:
        return talk.say(_("想找什么书？发书名、作者、拼音或书号给我。"), rows(menu(_, "browse"), menu(_, "new_books"), menu(_, "recommend")))
    found = talk.found
    if found is None or not found.ids:
        return nothing_found(talk, query)
    if found.near:
        heading = _("没有完全对上「{query}」，您要找的是不是：", query=query[:40])
    else:
        heading = _.n("「{query}」找到 {n} 种：", "「{query}」找到 {n} 种：", len(found.ids), query=query[:40])
    show_list(talk, list(found.ids), heading, query)


def nothing_found(talk: Talk, query: str) -> None:
    """No dead end: a purchase suggestion, the shelves, a person."""
    _ = talk._
    talk.memory["missed"] = query[:80]
    talk.say(
        _(
            "馆里暂时没有找到「{query}」。可以换个书名或作者再试；要是馆里没有，可以荐购，也可以让馆员帮您找。",
            query=query[:40],
        ),
        rows(menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "escalate")),
    )


def show_list(talk: Talk, ids: list[int], heading: str, query: str = "", edits: bool = False) -> None:
    """Remember a list of titles and show its first page."""
    number = int(talk.memory.get("list_number", 0)) + 1
    talk.memory.update(list=ids, heading=heading, page=0, list_number=number, query=query)
    show_page(talk, edits)


def show_page(talk: Talk, edits: bool = False) -> None:
    """The page of the remembered list, as numbered lines and as cards."""
    _, page = talk._, int(talk.memory.get("page", 0))
    ids: list[int] = talk.memory.get("list", [])
    shown = ids[page * PAGE : page * PAGE + PAGE]
    titles = catalogue.titles(talk.db, shown)
    stock = catalogue.availability(talk.db, titles)
    lines = [f"{n}. {summary(_, title, stock[title.id])}" for n, title in enumerate(titles.values(), 1)]
    cards = tuple(card(_, title, stock[title.id]) for title in titles.values())
    text = "\n\n".join([talk.memory.get("heading", ""), *lines, _("回复数字看详情，回复「借第1本」就借。")])
    talk.say(text, _list_buttons(talk, _, list(titles.values()), len(ids)), cards, edits=edits)


def _list_buttons(talk: Talk, _: Words, titles: Sequence[Title], total: int) -> Rows:
    page, number = int(talk.memory["page"]), talk.memory["list_number"]
    books = tuple((Button(label(title), f"t:{title.id}"),) for title in titles)
    turns = []
    if page > 0:
        turns.append(Button(_("上一页"), f"page:{number}:{page - 1}"))
    if (page + 1) * PAGE < total:
        turns.append(Button(_("下一页"), f"page:{number}:{page + 1}"))
    return (*books, tuple(turns)) if turns else books


def label(title: Title) -> str:
    """A short name for a button."""
    text = f"《{title.title}{' ' + title.volume if title.volume else ''}》"
    return text if len(text) <= 24 else text[:22] + "…》"


def turn_page(talk: Talk, number: str, page: str) -> None:
    """A press of a paging button; one of an older list shows the present list afresh."""
    _ = talk._
    if not talk.memory.get("list"):
        return talk.say(_("这条消息已过期。想找什么书？直接告诉我。"), toast=_("已过期"))
    if number == str(talk.memory.get("list_number")):
        last = (len(talk.memory["list"]) - 1) // PAGE
        talk.memory["page"] = min(max(int(page), 0), last)
        show_page(talk, edits=True)
    else:
        talk.say(_("这条消息已过期，这是您最近一次找的："), toast=_("已过期"))
        show_page(talk)


def next_page(talk: Talk) -> None:
    """ "下一页" by words."""
    _turn(talk, 1)


def previous_page(talk: Talk) -> None:
    """ "上一页" by words."""
    _turn(talk, -1)


def _turn(talk: Talk, step: int) -> None:
    _, ids = talk._, talk.memory.get("list", [])
    page = int(talk.memory.get("page", 0)) + step
    if not ids:
        return talk.say(_("现在没有可以翻页的内容。想找什么书？"))
    if not 0 <= page * PAGE < len(ids):
        return talk.say(
            _("已经是最后一页了。") if step > 0 else _("已经是第一页了。"),
            rows(menu(_, "suggest_purchase"), menu(_, "browse")),
        )
    talk.memory["page"] = page
    show_page(talk)


def nth(talk: Talk, n: int) -> int | None:
    """The n-th title of the page on show (1-based), or None."""
    ids: list[int] = talk.memory.get("list", [])
    page = int(talk.memory.get("page", 0))
    shown = ids[page * PAGE : page * PAGE + PAGE]
    return shown[n - 1] if 1 <= n <= len(shown) else None


def meant_title(talk: Talk) -> int | None:
    """The title a reader means: by number, by name, or the one on show."""
    n = talk.number()
    if n is not None:
        return nth(talk, n)
    if talk.slot("title"):
        return talk.found.ids[0] if talk.found and talk.found.ids and not talk.found.near else None
    shown = talk.memory.get("title")
    return int(shown) if shown is not None else None


def which(talk: Talk) -> None:
    """Ask which book is meant."""
    _ = talk._
    if talk.slot("title") and talk.found and talk.found.ids:
        return show_list(talk, list(talk.found.ids), _("您说的是哪一本？"), talk.slot("title"))
    if talk.slot("title"):
        return nothing_found(talk, talk.slot("title"))
    talk.say(_("是哪一本呢？先发书名找到它，再回复「借第1本」。"), rows(menu(_, "new_books"), menu(_, "browse")))


# ---- one book ------------------------------------------------------------------------------------------------------


def summary(_: Words, title: Title, stock: Availability) -> str:
    """A book in two lines; nothing that is not known is named (A7-5)."""
    return f"{name(title)}\n{byline(title)}\n{stock_line(_, stock)}".replace("\n\n", "\n")


def name(title: Title) -> str:
    """《标题 卷：副题》."""
    volume = f" {title.volume}" if title.volume else ""
    subtitle = f"：{title.subtitle}" if title.subtitle else ""
    return f"《{title.title}{volume}{subtitle}》"


def byline(title: Title) -> str:
    """Author · publisher · year, as far as known."""
    parts = ["、".join(title.authors[:3]), title.publisher, str(title.year or "")]
    return " · ".join(part for part in parts if part)


def stock_line(_: Words, stock: Availability) -> str:
    """How many can be borrowed now."""
    if stock.available:
        return _.n("可借 {n} 本", "可借 {n} 本", stock.available)
    if not stock.total:
        return _("馆里还没有复本")
    waiting = _.n("，{n} 人在等", "，{n} 人在等", stock.waiting) if stock.waiting else ""
    return _("都借出去了") + waiting


def card(_: Words, title: Title, stock: Availability) -> Card:
    """The same as a card."""
    shelf = stock.places[0].call_number if stock.places else title.clc
    return Card(
        name(title), byline(title), shelf, stock_line(_, stock), title.clc[:1], book_buttons(_, title.id, stock)[:2]
    )


def book_buttons(_: Words, title_id: int, stock: Availability) -> tuple[Button, ...]:
    """What can be done with a book now, the likeliest first."""
    if stock.available:
        return (Button(_("借这本"), f"b:{title_id}"), Button(_("详情"), f"t:{title_id}"))
    if stock.total:
        return (Button(_("预约这本"), f"hold:{title_id}"), Button(_("详情"), f"t:{title_id}"))
    return (Button(_("详情"), f"t:{title_id}"),)


def show_title(talk: Talk) -> None:
    """A book named by number or by name."""
    title_id = meant_title(talk)
    return which(talk) if title_id is None else show_book(talk, str(title_id))


def show_book(talk: Talk, title_id: str) -> None:
    """The whole card: shelf mark, where it stands, and at most three things to do."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    if title.withdrawn:
        raise UnknownThing("title", title_id)
    stock = catalogue.availability(talk.db, [title.id])[title.id]
    talk.memory["title"] = title.id
    points = {point.id: point for point in catalogue.points(talk.db)}
    lines = [name(title), byline(title)]
    if title.translators:
        lines.append(_("译者 {names}", names="、".join(title.translators[:3])))
    if title.clc:
        lines.append(_("分类 {clc} {name}", clc=title.clc, name=class_name(_, title.clc)))
    lines.append(stock_line(_, stock))
    for place in stock.places[:4]:
        shelf = " ".join(part for part in (place.call_number, place.shelf) if part)
        lines.append(
            _("· {point}：{n} 本 {shelf}", point=place_name(_, points[place.point_id]), n=place.n, shelf=shelf)
        )
    actions = [button for button in book_buttons(_, title.id, stock) if not button.action.startswith("t:")]
    actions += [Button(_("看同类的书"), f"same:{title.id}")]
    if talk.memory.get("list"):
        actions.append(Button(_("回到列表"), f"page:{talk.memory['list_number']}:{talk.memory.get('page', 0)}"))
    talk.say("\n".join(line for line in lines if line), rows(*actions))


def class_name(_: Words, clc: str) -> str:
    """The class in words, in the reader's language."""
    shelf = browse.classify(clc)
    return shelf_name(_, shelf) if shelf.code else ""


def shelf_name(_: Words, shelf: browse.Shelf) -> str:
    """A class or shelf in the reader's language; the traditional form comes from the catalogue of words."""
    return shelf.english if _.language == "en" else _(shelf.name)


def place_name(_: Words, point: catalogue.Point) -> str:
    """A point's name in the reader's language."""
    return point.name_en if _.language == "en" and point.name_en else point.name


# ---- shelves -------------------------------------------------------------------------------------------------------


def browse_shelves(talk: Talk) -> None:
    """The eighteen shelves of 信阅 (A2-19); two taps to a book (F-3)."""
    wanted = talk.slot("query").removesuffix("类").strip()
    for shelf in (*browse.everyday_shelves(), *browse.main_classes()):
        if wanted and wanted in (shelf.name, *shelf.name.split("/"), shelf.code, shelf.english):
            return show_shelf(talk, shelf.code)
    show_shelves(talk, "0")


def show_shelves(talk: Talk, start: str) -> None:
    """A screen of shelves with their counts; empty ones are not shown (A5-3)."""
    _, first = talk._, int(start)
    counted = [(shelf, shelves.count_in_class(talk.db, shelf.prefixes)) for shelf in browse.everyday_shelves()]
    filled = [(shelf, count) for shelf, count in counted if count]
    buttons = [
        Button(f"{shelf_name(_, shelf)} {count}", f"shelf:{shelf.code}")
        for shelf, count in filled[first : first + SHORT_LIST]
    ]
    if first + SHORT_LIST < len(filled):
        buttons.append(Button(_("更多分类"), f"shelves:{first + SHORT_LIST}"))
    turned = talk.event.press.startswith("shelves:")  # asked for under another message, that one stays readable (C1)
    talk.say(_("想看哪一类？（数字是馆里的种数）"), rows(*buttons, across=2), edits=turned)


def show_shelf(talk: Talk, code: str) -> None:
    """The books of one class, the best known first."""
    _, known = talk._, {shelf.code: shelf for shelf in (*browse.everyday_shelves(), *browse.main_classes())}
    if code not in known:
        return show_shelves(talk, "0")
    ids = shelves.in_class(talk.db, known[code].prefixes)
    show_list(talk, ids, _("「{name}」里的书：", name=shelf_name(_, known[code])))


def same_shelf(talk: Talk, title_id: str) -> None:
    """Books of the same class, without the one on show."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    ids = [other for other in shelves.in_class(talk.db, [title.clc]) if other != title.id] if title.clc else []
    if not ids:
        return talk.say(_("这一类暂时没有别的书了。"), rows(menu(_, "browse"), menu(_, "recommend")))
    show_list(talk, ids, _("和《{title}》同一类的书：", title=title.title))


def new_books(talk: Talk) -> None:
    """The newest by year of publication (F-12)."""
    show_list(talk, shelves.newest(talk.db), talk._("最近出版的书："))


def ranking(talk: Talk) -> None:
    """The most borrowed of the last month; where too few were borrowed, that is said (F-11)."""
    _, most = talk._, shelves.most_borrowed(talk.db, talk.now)
    if most:
        return show_list(talk, [title for title, times in most], _("近 {n} 天借得最多的书：", n=30))
    show_list(talk, shelves.best_known(talk.db), _("近 {n} 天的借阅还不够排行，先看看馆里最知名的书：", n=30))


def recommend(talk: Talk) -> None:
    """A book that has found no reader yet: 书找读者 (A1-17)."""
    _, found = talk._, shelves.never_borrowed(talk.db, seed=int(talk.now.timestamp()))
    if not found:
        return ranking(talk)
    talk.say(_("这本书还没有遇到它的读者，要不要认识一下？"))
    show_book(talk, str(found[0]))
