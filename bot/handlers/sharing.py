"""分享: a book's page on the web, for somebody else; nothing about the reader goes with it (A7-1)."""

from __future__ import annotations

from bot import books
from bot.events import Button
from bot.service import Service
from bot.talk import Talk
from bot.texts import Words, rows
from lending import catalogue
from lending.errors import UnknownThing


def button(_: Words, service: Service, title_id: int) -> Button:
    """The button under a book's card: a channel that can share does so itself, another asks us for the link."""
    return Button(_("分享"), f"share:{title_id}", link(service, title_id), ask="share")


def link(service: Service, title_id: int) -> str:
    """The address of the book's page; without a public one it begins with a slash."""
    return f"{service.public_url}/b/{title_id}"


def share(talk: Talk, title_id: str) -> None:
    """The link in words, where it leads there from everywhere; with what the channel itself can share with."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    if title.withdrawn:
        raise UnknownThing("title", title_id)
    address = link(talk.service, title.id)
    text = _("把这一页发给朋友，不用登录就能看：{book}\n{link}", book=books.name(title), link=address)
    if not talk.service.public_url:
        text = _("要把{book}发给朋友，用下面的按钮。", book=books.name(title))
    talk.say(text, rows(button(_, talk.service, title.id), Button(_("打开这一页"), url=address)))
