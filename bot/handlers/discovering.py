"""新书、主编推荐、书找读者、相近的书: books shown before anyone has named one."""

from __future__ import annotations

from bot import lookups, subject_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import browsing, finding, guessing, lists, ranking
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, picks, selection, shelves
from lending.selection import Filters
from search import browse

PICKS = ("主编", "编辑推荐", "馆员推荐", "小编推荐", "editor", "staff pick")
LIKE_IT = "类似"  # the book on show
MANY_LIKE = "文学"
LIKE_THIS = 20  # books like a book
FEW = 5  # books without a reader, of which the first that suits is shown
NO_MORE = ("不再", "不猜", "别", "不要", "停", "关", "取消", "stop")
GUESS = ("猜", "我喜欢", "你喜欢", "您喜欢", "i might like", "i'd like", "guess")


def new_books(talk: Talk) -> None:
    """What came in last (A2-20, F-12); while all of it came on one day, the newest by year of publication."""
    _, arrived = talk._, lists.suitable(talk, shelves.arrivals(talk.db))
    tell = (Button(_("订阅新书"), "subs"),)
    if arrived:
        return lists.show_list(talk, arrived, _("最近到馆的书："), ways=tell)
    lists.show_list(talk, lists.suitable(talk, shelves.newest(talk.db)), _("最近出版的书："), ways=tell)


def recommend(talk: Talk) -> None:
    """By whom or after what it is asked: the editor, what I like, a book like this one, a subject; else 书找读者."""
    said = fold(talk.event.text)
    if any(word in said for word in PICKS):
        return editors_picks(talk)
    if any(word in said for word in GUESS):
        return guessing.switch(talk, "off") if any(word in said for word in NO_MORE) else guessing.guess(talk)
    if by := BY.get(talk.slot("query")):
        return by(talk)
    like_it = talk.slot("query") == LIKE_IT
    if talk.slot("title") or like_it:
        title_id = finding.on_show(talk) if like_it else finding.meant_title(talk)
        return finding.which(talk) if title_id is None else like_this(talk, str(title_id))
    if talk.slot("query"):
        return of_kind(talk, talk.slot("query"))
    never_borrowed(talk)


def of_kind(talk: Talk, kind: str) -> None:
    """ "推荐几本历史书": from the shelf of that name, else what the words find."""
    shelf, found = browse.named(fold(kind)), talk.found
    if shelf.code:
        return browsing.show_shelf(talk, shelf.code)
    if found is None or not found.ids or found.near:
        return never_borrowed(talk)
    lists.show_list(talk, lists.suitable(talk, found.ids), talk._("「{query}」方面的书：", query=kind[:40]))


def editors_picks(talk: Talk) -> None:
    """主编推荐: what librarians chose, with their words (A2-18)."""
    _, chosen = talk._, picks.picked(talk.db)
    ids = lists.suitable(talk, (pick.title_id for pick in chosen))
    if not ids:
        return talk.say(_("主编推荐还在挑选中。先看看这些："), rows(menu(_, "new_books"), menu(_, "ranking")))
    notes = {pick.title_id: _("推荐语：{note}", note=pick.note) for pick in chosen if pick.note}
    lists.show_list(talk, ids, _("主编推荐："), notes=notes)


def never_borrowed(talk: Talk) -> None:
    """A book that has found no reader yet: 书找读者 (A1-17)."""
    _, seed = talk._, int(talk.now.timestamp())
    found = lists.suitable(talk, shelves.never_borrowed(talk.db, seed, FEW))
    if not found:
        return ranking.ranking(talk)
    asked = _("这本书还没有遇到它的读者，要不要认识一下？（也可以说「主编推荐」或「猜我喜欢」）")
    talk.say(asked if lists.picks_door(talk) else _("这本书还没有遇到它的读者，要不要认识一下？（也可以说「猜我喜欢」）"))
    finding.show_book(talk, str(found[0]))


def like_this(talk: Talk, title_id: str) -> None:
    """Other works of the same class, author and subjects, the most alike first."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    ids = lists.suitable(talk, talk.look_up(lookups.like, LIKE_THIS, title.id)[title.id])
    if not ids:
        return talk.say(_("暂时没有找到和它相近的书。"), rows(menu(_, "browse"), menu(_, "recommend")))
    back = Button(_("回到这本书"), f"t:{title.id}")
    lists.show_list(talk, ids, _("和《{title}》相近的书：", title=title.title), ways=[back])


def by_mood(talk: Talk) -> None:
    """For how one feels, or for whom: no record says it, so what many have read is shown, and that it is no more."""
    _ = talk._
    known = lists.suitable(talk, selection.select(talk.db, browsing.scope(browse.named(MANY_LIKE)), Filters()).ids)
    text = _("这样的要求，书目里没有写。先看几本很多人读过的；想要哪方面的，说一声就换：")
    lists.show_list(talk, known or lists.suitable(talk, shelves.best_known(talk.db)), text, ways=(*lists.picks_door(talk), menu(_, "browse"), menu(_, "escalate")))


def listed_elsewhere(talk: Talk) -> None:
    """By a prize, a school's list or somebody's advice: no record holds them; the titles themselves are found at once."""
    _ = talk._
    text = _("得奖、必读书目、评分和谁推荐的，馆里的书目没有写。把书名发给我，一次几本也行，我逐本帮您找；没有书名，就请馆员帮您列。")
    child = (Button(_("少儿读物"), "group:children"),) if browsing.for_children(talk) else ()
    talk.say(text, rows(*child, menu(_, "ranking"), *lists.picks_door(talk), menu(_, "escalate")))


def by_plot(talk: Talk) -> None:
    """By what happens in it or how it looks: no record says so; a librarian may know."""
    _ = talk._
    talk.memory["missed"] = talk.event.text[:80]
    text = _(
        "书里的人物、情节、封面和改编，书目里没有写，我只认书名、作者和题材。记得作者或书名里的一两个字就发给我；"
        "点「转人工」，馆员多半知道是哪一本。"
    )
    talk.say(text, rows(menu(_, "escalate"), Button(_("高级检索"), "guide"), menu(_, "browse")))


BY = {subject_words.PLOT: by_plot, subject_words.MOOD: by_mood, subject_words.LISTS: listed_elsewhere}
