"""日历: a reader's days in the reader's own calendar, as a file or by a secret address that can be changed (D 41)."""

from __future__ import annotations

import re

from bot import calendar_file, meaning
from bot.events import Button
from bot.folding import trimmed
from bot.talk import Talk
from bot.texts import menu, rows
from bot.understanding import without_courtesies
from lending import agenda, calendar_links

LONGEST = 60
WEB = "web"  # a page of ours opens its own addresses, public or not
HINT = re.compile(r"日历|日曆|行事历|行事曆|calendar|\bics\b|ical", re.IGNORECASE)
NAMED = r"(?:(?:电子|手机|苹果|谷歌|google|outlook|apple)?的?(?:日历|行事历))"
LINK = r"(?:订阅)?的?(?:链接|连结|地址|网址)"
GIVES = re.compile(
    rf"(?:请|帮我|替我|给我|我|能|可以|可不可以|能不能|想|要|有|有没有|怎么|如何)*把?(?:我的?)?(?:还书|借书|借阅|到期|取书|预约|这些)?的?(?:日期|日子|时间|期限|日|提醒)?"
    rf"(?:都|也)?(?:放|加|写|导|同步|添加|导入|导出|订阅|存|发|生成|做|要|看)?(?:进|到|入|成|去|我|给我)?(?:一?[个份])?(?:我的?)?{NAMED}(?:里|上|中|去|文件|{LINK})*(?:给我|发我|看看)?(?:可以|行|好)?[吗吧么]?"
    r"|(?:(?:please|can you|could you|i want|send me|give me|get me|get|have|see|sync|add|put|export|import|save)[ ,]*)*(?:my |the |a |an )?(?:due dates? |loans? |dates? |books? |reminders? |them |it |everything |deadlines? )?"
    r"(?:to |in |into |as |on |with )?(?:my |the |a |an )?(?:google |apple |outlook |phone |phone's |iphone )?(?:calendar|ics|ical)(?: file| link| feed| address)?"
)
RENEWS = re.compile(
    rf"(?:请|帮我|把|给我)*(?:我的)?{NAMED}{LINK}?(?:给我|帮我)?(?:换|改|更换|重置|重新生成|泄露)(?:一?个|掉|一下|了|新的?|成)*(?:链接|连结|地址)?"
    rf"|(?:请|帮我|给我)*(?:换|重置|更换|重新生成)(?:一?个|一下|掉|新的?)*(?:我的)?{NAMED}{LINK}?"
    r"|(?:please )?(?:change|reset|renew|replace)(?: my| the)? calendar (?:link|address)|new calendar (?:link|address)"
)
STOPS = re.compile(
    rf"(?:请|帮我|把|我要|我想)*(?:取消|停用|作废|关掉|关闭|删掉|删除|不要)(?:我的)?{NAMED}(?:订阅|{LINK})"
    rf"|(?:把)?(?:我的)?{NAMED}(?:订阅|{LINK})(?:取消|停用|作废|关掉|关闭|删掉|删除|不要)了?"
    r"|(?:cancel|stop|revoke|remove|delete)(?: my| the)? calendar(?: link| address| feed)?"
)


def asked(talk: Talk) -> bool:
    """Whether the words ask for a calendar of one's own; a title of ours that is called so is a book."""
    text = talk.event.text
    if len(text) > LONGEST or not HINT.search(text):
        return False
    said = _said(talk)
    return any(pattern.fullmatch(said) for pattern in (RENEWS, STOPS, GIVES)) and meaning.called_so(talk) is None


def _said(talk: Talk) -> str:
    return without_courtesies(trimmed(talk.event.text))


def hear(talk: Talk) -> None:
    """What was meant."""
    said = _said(talk)
    if RENEWS.fullmatch(said):
        return renew(talk)
    stop(talk) if STOPS.fullmatch(said) else give(talk)


def give(talk: Talk) -> None:
    """The days there are now as a file, and the address that goes on telling them."""
    _, days = talk._, [one for one in agenda.entries(talk.db, talk.reader.id, talk.now) if not one.over]
    text = _("还书的日子、取书和预约保留到哪天、报了名的活动，都在这份日历里。")
    if days:
        text += _.n("现在有 {n} 条。", "现在有 {n} 条。", len(days))
    else:
        text += _("现在还没有要记的日子，借了书就有。")
    _hand_over(talk, text, calendar_links.of_reader(talk.db, talk.reader.id, talk.now))


def renew(talk: Talk) -> None:
    """Another secret address; calendars that know the old one learn nothing more."""
    token = calendar_links.renew(talk.db, talk.reader.id, talk.now)
    _hand_over(talk, talk._("换好了，旧链接从现在起打不开。"), token)


def _hand_over(talk: Talk, text: str, token: str) -> None:
    _, address = talk._, f"{talk.service.public_url}/calendar/{token}.ics"
    if talk.service.public_url:
        text += "\n" + _("订阅它，日期变了日历自己会改：{address}", address=address)
    else:
        text += "\n" + _("日期变了，再要一份，日历里的旧日子会换成新的。")
    own: tuple[Button, ...] = ()
    if talk.service.public_url or talk.event.channel == WEB:  # elsewhere the file comes without its address
        text += "\n" + _("链接是秘密的：谁有它，都看得到您借的书和报的活动。给错了人，说「日历链接换一个」。")
        own = (Button(_("日历链接换一个"), "cal!"), Button(_("停用日历链接"), "calx"))
    talk.say(
        text,
        (*rows(Button(_("下载日历"), url=address)), *rows(*own, menu(_, "show_loans"))),
        export=f"{calendar_file.TICKET}{talk.reader.id}",
    )


def stop(talk: Talk) -> None:
    """No address any more; said the same where there was none."""
    _ = talk._
    calendar_links.revoke(talk.db, talk.reader.id)
    again = Button(_("重新给我一份日历"), "cal")
    talk.say(_("好，日历链接停用了。已经加进日历的日子，请在日历里删。"), rows(again, menu(_, "show_loans")))
