"""书评: reading what others say about a book, writing, changing and taking back one's own (A10-9)."""

from __future__ import annotations

import re

from bot import lookups, meaning, review_words
from bot.events import Button
from bot.folding import fold, letters, trimmed
from bot.handlers import finding
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, loans, minors, reviews

QUESTION = re.compile(  # "也不怎么样" is an opinion
    r"((?<!不)怎么样|(?<!不)怎麼樣|好不好看?|吗|嗎|(?<!什)么|[?？])[?？。！!\s]*$|^(is|are|how|what|would|should)\b",
    re.IGNORECASE,
)
HOW = re.compile("(?:我|要|该|得)*(?:(?:怎么|怎样|如何|咋)(?:写|说|评)|(?:写|说|评)(?:些|点)?(?:什么|啥)|写?多少个?字)(?:好|才好|呢|啊|呀)*|(?:what|how) (?:do|should|to|can) .{0,10}write")  # asks about the writing
LONGEST_QUESTION = 24  # characters; whoever writes more has an opinion
OWN = re.compile(  # "我写过的书评", "删掉我的评论"; "我的书评" too, but not "我来写书评"
    r"(我的|我(写|发)[过的]+|删|撤|修改|改一|编辑)\S*(书评|评论|评价|短评|读后感)"
    r"|\bmy (reviews?|comments?|ratings?)|\b(delete|remove|edit|change)\b.*\b(review|comment|rating)"
)
WRITING = re.compile(
    r"写|发|留|提交|添加|加一?个|打分|打[个五5]|点评|想|我来|^(评论|评价)[^区]*\S|\b(write|leave|post|add|submit|rate)\b"
    r"|^(review|comment on)( |$)(?!of|for|on|about)"
)
AT_ONCE = re.compile(r"(?:我?[想要来]*(?:写|发|给)?[个条篇]?(?:书评|评论|评价|点评|短评|评)一?下?|review(?: of)?) ?《(?P<title>[^《》]+)》 ?(?:[:,，：]|\s)\s*(?P<words>\S.+)", re.S)
LISTED = 10
EACH = 300  # characters of one in a book's list


def review(talk: Talk) -> None:
    """One's own, what others say, or an opinion to be written: by how it is asked; a question shows the book."""
    said = fold(talk.event.text)
    if OWN.search(said):
        return show_own(talk)
    title_id = finding.meant_title(talk)
    if title_id is None and not talk.slot("title") and (held := loans.of_reader(talk.db, talk.reader.id)):
        mine = dict.fromkeys((loan.title_id, loan.title) for loan in held)
        buttons = (Button(f"《{name}》"[:24], f"rv+:{one}") for one, name in mine)
        return talk.say(talk._("写哪一本的书评？也可以发书名给我。"), rows(*buttons, across=1))
    if title_id is None:
        return finding.which(talk)
    if QUESTION.search(talk.event.text):
        return finding.show_book(talk, str(title_id))
    if said and not WRITING.search(said):
        return show(talk, str(title_id))
    ask(talk, str(title_id))


def show(talk: Talk, title_id: str) -> None:
    """What others wrote about a book, without names."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    found = reviews.of_title(talk.db, title.id, LISTED)
    mine = reviews.own(talk.db, talk.reader.id, title.id)
    write = Button(_("改我的书评") if mine else _("写书评"), f"rv+:{title.id}")
    back = Button(_("回到这本书"), f"t:{title.id}")
    if not found:
        return talk.say(_("还没有人写过《{title}》的书评。", title=title.title), rows(write, back))
    lines = [f"· {review_words.shortly(one.text, EACH)}" for one in found]
    talk.say("\n".join([_("读者说《{title}》：", title=title.title), *lines]), rows(write, back))


def ask(talk: Talk, title_id: str) -> None:
    """Ask for the words; what was written before stands there and is changed by the next (A10-9)."""
    minors.require(talk.db, talk.reader.id, "more", talk.now)
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    mine = reviews.own(talk.db, talk.reader.id, title.id)
    talk.step = "review"
    talk.memory["reviewing"] = title.id
    text = _("说说您对《{title}》的看法吧，写一条消息就行。馆员看过后会展示，不显示您的名字。", title=title.title)
    buttons = [menu(_, "cancel")]
    if mine:
        text = _("您写过：\n{line}\n再发一条，就换掉它；馆员看过后展示，不显示您的名字。", line=review_words.state_line(_, mine))
        buttons = [Button(_("删掉它"), f"rvx:{title.id}"), *buttons]
    talk.say(text, rows(*buttons))


def told(talk: Talk) -> tuple[int, str] | None:
    """A book of ours and what is said about it in the same line: 「评《围城》：写得真好」; whatever else stands in the words."""
    found = AT_ONCE.fullmatch(talk.event.text.strip())
    if found is None or QUESTION.search(found["words"]):
        return None
    seen = talk.look_up(lookups.words, found["title"])
    title = catalogue.title(talk.db, seen.ids[0]) if seen.ids and not seen.near else None
    named = title and letters(found["title"]) in (letters(title.title), letters(re.split("[:：（(]", title.title)[0]))
    return (title.id, found["words"]) if title and named else None


def take(talk: Talk, title_id: int, words: str) -> None:
    """An opinion that came with the name of its book."""
    minors.require(talk.db, talk.reader.id, "more", talk.now)
    _keep(talk, title_id, words)


def hear(talk: Talk) -> None:
    """The reader's own words; a question is none, and neither is the name of another book."""
    title_id = int(talk.memory["reviewing"])
    if HOW.fullmatch(trimmed(talk.event.text)) and len(talk.event.text) <= LONGEST_QUESTION:
        talk.say(talk._("想到什么写什么，几个字也行：好不好看，适合谁看，哪里打动您。"))
        return ask(talk, str(title_id))
    question = QUESTION.search(talk.event.text) and len(talk.event.text) <= LONGEST_QUESTION
    other = meaning.called_so(talk)
    if question or other:
        _leave(talk)
        return finding.show_book(talk, str(other or finding.meant_title(talk) or title_id))
    _keep(talk, title_id, talk.event.text)


def _keep(talk: Talk, title_id: int, words: str) -> None:
    _ = talk._
    reviews.write(talk.db, talk.reader.id, title_id, words, talk.now)
    _leave(talk)
    back = Button(_("回到这本书"), f"t:{title_id}")
    talk.say(_("谢谢，书评收到了。馆员看过就告诉您。"), rows(back, Button(_("我的书评"), "rvs"), menu(_, "recommend")))


def _leave(talk: Talk) -> None:
    talk.step = ""
    talk.memory.pop("reviewing", None)


# ---- one's own -------------------------------------------------------------------------------------------------------


def show_own(talk: Talk) -> None:
    """All that this reader wrote, each to be changed or taken back."""
    _, mine = talk._, reviews.of_reader(talk.db, talk.reader.id, LISTED)
    if not mine:
        text = _("您还没有写过书评。读过的书，打开它说「写书评」就行。")
        return talk.say(text, rows(menu(_, "show_loans"), menu(_, "recommend")))
    lines = [f"{n}. {review_words.state_line(_, one)}" for n, one in enumerate(mine, 1)]
    buttons = [
        button for n, one in enumerate(mine, 1)
        for button in (Button(_("改第{n}条", n=n), f"rv+:{one.title_id}"), Button(_("删第{n}条", n=n), f"rvx:{one.title_id}"))
    ]  # fmt: skip
    talk.say("\n".join([_("您的书评："), *lines]), rows(*buttons, across=2))


def ask_take_back(talk: Talk, title_id: str) -> None:
    """Words that are gone do not come back: asked once."""
    _, mine = talk._, reviews.own(talk.db, talk.reader.id, int(title_id))
    if mine is None:
        return show_own(talk)
    _leave(talk)
    yes = Button(_("删掉它"), f"rvx!:{title_id}")
    talk.memory.update(confirm=yes.action, confirm_label=yes.label)
    text = _("要删掉您写的《{title}》的书评吗？删了就没有了，以后可以再写。", title=mine.title)
    talk.say(text, rows(yes, Button(_("留着"), "rvs")))


def take_back(talk: Talk, title_id: str) -> None:
    """Gone; pressed twice, it stays gone."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    talk.memory.pop("confirm", None)
    reviews.take_back(talk.db, talk.reader.id, title.id)
    text = _("您写的《{title}》的书评删掉了。", title=title.title)
    talk.say(text, rows(Button(_("我的书评"), "rvs"), Button(_("回到这本书"), f"t:{title.id}")))
