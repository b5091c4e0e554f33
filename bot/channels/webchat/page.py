"""The pages a reader sees: the one that talks, and the plain one that works by forms alone."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from bot.channels.webchat import talk
from bot.channels.webchat.chat import (
    TAGS,
    Chat,
    Words,
    asked_language,
    kept_language,
    large,
    open_session,
    own_address,
    page_language,
    same_origin,
)
from bot.channels.webchat.intake import BODY_BYTES, START, NotAnEvent, read_event
from bot.texts import OWN_NAMES, language_of
from lending.errors import StoreUnwritable


def show(chat: Chat) -> Response | str:
    """GET /: the page that talks. `?start=` opens a book or a locker, `?lang=` changes the language."""
    open_session()
    start = request.args.get("start", "")
    start = start if START.fullmatch(start) else ""
    if wish := request.args.get("lang", ""):
        _switch_language(chat, language_of(wish))
        return redirect(url_for("webchat.page", start=start or None))
    return render_template("webchat/page.html", start=start, fresh=secrets.token_urlsafe(12), **_frame(chat))


def show_plain(chat: Chat) -> str:
    """GET /chat/plain: the talk without scripts."""
    open_session()
    return _plain(chat)


def say_plainly(chat: Chat) -> Response | tuple[str, int]:
    """POST /chat/plain: say a line or press a button by form, then see the talk again."""
    language = page_language(chat)
    words = chat.translate(language)
    request.max_content_length = BODY_BYTES
    if not same_origin():
        return words("这个请求来自别的网站，没有收下。"), 403
    try:
        chat.receive(read_event(_said(), open_session(), asked_language(), words))
    except NotAnEvent as error:
        return _plain(chat, problem=str(error)), 400
    except StoreUnwritable:
        return _plain(chat, problem=words("没有存上，再发一次。"), again=_said()), 503
    return redirect(url_for("webchat.plain", _anchor="composer"), 303)


def _said() -> dict[str, Any]:
    """The form as an event; an empty line is a hello."""
    fields = {name: request.form[name] for name in ("id", "press", "message", "start") if request.form.get(name)}
    text = request.form.get("text", "").strip()
    if text and "press" not in fields:
        fields["text"] = text
        fields.pop("start", None)
    return fields if fields.keys() & {"press", "text", "start"} else {**fields, "start": "hello"}


def _plain(chat: Chat, problem: str = "", again: dict[str, Any] | None = None) -> str:
    again = again or {"id": secrets.token_urlsafe(12)}
    frame = _frame(chat)
    lines = talk.whole_talk(chat.store.db, own_address(), frame["_"])
    return render_template("webchat/plain.html", lines=_replaced(lines), problem=problem, again=again, **frame)


def _replaced(lines: list[talk.Shown]) -> list[talk.Shown]:
    """The lines without those a later message took the place of."""
    gone = {line["edits"] for line in lines if line.get("edits")}
    return [line for line in lines if line["from"] == "reader" or line["id"] not in gone]


def _switch_language(chat: Chat, wish: str) -> None:
    """Remember the choice; a reader already in the talk says it there too, for that is where it is kept."""
    session["language"] = wish
    address = own_address()
    kept = kept_language(chat.store.db, address)
    if not kept or kept == wish:
        return
    said = {"id": secrets.token_urlsafe(12), "text": OWN_NAMES[wish]}
    with suppress(StoreUnwritable):  # the page is still worth showing; the switch can be pressed again
        chat.receive(read_event(said, address, wish, chat.translate(wish)))


def _frame(chat: Chat) -> dict[str, Any]:
    """What every page of ours needs: its language and words, and where its files are."""
    language = page_language(chat)
    words = chat.translate(language)
    return {
        "_": words,
        "language": language,
        "tags": TAGS,
        "demo": chat.demo,
        "large": large(chat),
        "script_words": _script_words(words),
        "asset": lambda name: url_for("webchat.static", filename=name, v=chat.versions[name]),
    }


def _script_words(_: Words) -> dict[str, str]:
    """The few words the script itself says."""
    return {
        "me": _("我说"),
        "library": _("图书馆说"),
        "writing": _("正在写回信……"),
        "unsaved": _("没有存上，再发一次"),
        "unsent": _("没有发出去，再发一次"),
        "unreached": _("还没有连上图书馆，正在再试……"),
        "place": _("我的位置"),
        "photo": _("一张照片"),
        "copied": _("链接已复制，发给朋友就行。"),
        "uncopied": _("没能复制，请自己复制这个链接："),
        "no_place": _("没有取到位置，请直接写地名。"),
        "phone": _("请写下手机号"),
        "qr": _("二维码"),
        "picture": _("照片"),
        "newer": _("有新消息"),
    }
