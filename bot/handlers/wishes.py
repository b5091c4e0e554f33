"""荐购、书评、活动: what a reader wishes for; written down, and a person follows up."""

from __future__ import annotations

from bot.events import Button
from bot.handlers import finding
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, wishes


def suggest_purchase(talk: Talk) -> None:
    """A title to buy: the one named, or the one just searched for in vain (A10-11)."""
    _ = talk._
    title = talk.slot("title") or talk.slot("query") or str(talk.memory.pop("missed", ""))
    if not title:
        talk.step = "suggest"
        return talk.say(_("想荐购哪本书？发书名给我，有作者更好。"), rows(menu(_, "cancel")))
    talk.step = ""
    new, votes = wishes.suggest(talk.db, talk.reader.id, title, talk.now)
    thanks = _("荐购收到：《{title}》。", title=title[:80]) if new else _("您已经荐购过《{title}》。", title=title[:80])
    count = _.n("一共有 {n} 位读者想看它，采购时会看到。", "一共有 {n} 位读者想看它，采购时会看到。", votes)
    talk.say(thanks + count, rows(menu(_, "recommend"), menu(_, "escalate")))


def hear_suggestion(talk: Talk) -> None:
    """The words after "which book?"."""
    title, talk.memory["missed"] = talk.event.text.strip(" 《》"), ""
    talk.memory["missed"] = title[:80]
    suggest_purchase(talk)


def review(talk: Talk) -> None:
    """A few words about a book; a librarian reads them before others do (A10-9)."""
    _, title_id = talk._, finding.meant_title(talk)
    if title_id is None:
        return finding.which(talk)
    title = catalogue.title(talk.db, title_id)
    talk.step = "review"
    talk.memory["reviewing"] = title.id
    talk.say(
        _("说说您对《{title}》的看法吧，写一条消息就行。馆员看过后会展示，不显示您的名字。", title=title.title),
        rows(menu(_, "cancel")),
    )


def hear_review(talk: Talk) -> None:
    """The reader's own words."""
    _, title_id = talk._, int(talk.memory.pop("reviewing"))
    talk.step = ""
    wishes.review(talk.db, talk.reader.id, title_id, talk.event.text, talk.now)
    talk.say(_("谢谢，书评收到了。"), rows(Button(_("回到这本书"), f"t:{title_id}"), menu(_, "recommend")))


def events(talk: Talk) -> None:
    """No calendar of events is kept here: say so, and who knows."""
    _ = talk._
    talk.say(
        _("活动安排在各馆公布，我这里还查不到。想参加哪一类，告诉馆员，有了就联系您；参加并签到可加信用分。"),
        rows(menu(_, "escalate"), menu(_, "find_branches")),
    )


def sign_up_event(talk: Talk) -> None:
    """The same, for signing up."""
    events(talk)
