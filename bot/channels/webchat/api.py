"""What the page's script asks for: post an event, read the messages since, see a QR picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import segno
from flask import Response, abort, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from bot import outbox
from bot.channels.webchat import talk
from bot.channels.webchat.chat import (
    CHANNEL,
    TAGS,
    Chat,
    Words,
    asked_language,
    large,
    open_session,
    own_address,
    page_language,
    same_origin,
)
from bot.channels.webchat.intake import (
    BODY_BYTES,
    NotAnEvent,
    line_heard,
    read_event,
    read_json,
    read_photo,
    whole_number,
)
from bot.events import Event
from bot.picture_limits import MOST_BYTES
from lending import evidence
from lending.errors import StoreUnwritable

RETRY_SECONDS = 5


def take_event(chat: Chat) -> AnyResponse:
    """POST /chat/events: take one event in and answer with what was said since `after` and `heard`.

    400 for what is no event, 403 from another site's page, 415 for what is not JSON, 503 when it could not be kept.
    """
    words = chat.translate(page_language(chat))
    if not same_origin():
        return _refusal(403, words("这个请求来自别的网站，没有收下。"))
    if request.mimetype != "application/json":
        return _refusal(415, words("请用 application/json 发送。"))
    try:
        return _take(chat, words)
    except NotAnEvent as error:
        return _refusal(400, str(error))
    except StoreUnwritable:
        return _unsaved(words)


def take_photo(chat: Chat) -> AnyResponse:
    """POST /chat/photo?id=…&after=N&heard=…: a photo as the body, answered like an event.

    400, 403 and 503 as for events, 413 for one that is too large, 415 for what is no picture.
    """
    words = chat.translate(page_language(chat))
    if not same_origin():
        return _refusal(403, words("这个请求来自别的网站，没有收下。"))
    if not request.mimetype.startswith("image/"):
        return _refusal(415, words("这里只收照片。"))
    request.max_content_length = MOST_BYTES
    try:
        picture = request.get_data(cache=False)
        event = read_photo(request.args, picture, open_session(), asked_language(), words)
        return _hand_in(chat, event, words, request.args)
    except RequestEntityTooLarge:
        return _refusal(413, words("这张照片超过 {n} MB 了，请拍小一点再发，或者直接写书号。", n=MOST_BYTES >> 20))
    except NotAnEvent as error:
        return _refusal(400, str(error))
    except StoreUnwritable:
        return _unsaved(words)


def _take(chat: Chat, words: Words) -> Response:
    raw = read_json(_body(words), words)
    event = read_event(raw, open_session(), asked_language(), words)
    return _hand_in(chat, event, words, raw)


def _hand_in(chat: Chat, event: Event, words: Words, asked: Mapping[str, Any]) -> Response:
    address, since, heard = event.address, asked.get("after"), line_heard(asked.get("heard"), words)
    after = talk.newest(chat.store.db, address) if since is None else whole_number(since, "after", words)
    chat.receive(event)
    return _said_since(chat, address, after, heard, words)


def list_messages(chat: Chat) -> AnyResponse:
    """GET /chat/messages?after=N&heard=…: this session's messages since N, the reader's lines since `heard` among them.

    The whole talk, both sides, for 0.
    """
    words = chat.translate(page_language(chat))
    try:
        after = whole_number(request.args.get("after", "0"), "after", words)
        heard = line_heard(request.args.get("heard"), words)
    except NotAnEvent as error:
        return _refusal(400, str(error))
    address = own_address()
    if not address:
        return _answer(chat, [])
    if after:
        return _said_since(chat, address, after, heard, words)
    return _answer(chat, talk.whole_talk(chat.store.db, address, words))


def _said_since(chat: Chat, address: str, after: int, heard: str | None, words: Words) -> Response:
    """What is new; or that the page is to be read anew: it knows more than a library put back to a day before."""
    if after > outbox.last(chat.store.db):
        return _answer(chat, [], anew=True)
    return _answer(chat, talk.said_since(chat.store.db, address, after, heard, words))


def draw_qr(chat: Chat, number: int) -> Response:
    """GET /chat/qr/<id>.svg: the QR picture of one of this session's own messages; 404 for any other."""
    content, picture = _own_message(chat, number).reply.qr, io.BytesIO()
    if not content:
        abort(404)
    if content.startswith("/"):  # a link of ours, wherever this page is reached
        content = request.url_root.rstrip("/") + content
    segno.make(content, error="m").save(picture, kind="svg", scale=6, border=4, dark="#22201c", light="#fff")
    return Response(picture.getvalue(), mimetype="image/svg+xml")


def show_picture(chat: Chat, number: int) -> Response:
    """GET /chat/pictures/<id>: the kept picture of one of this session's own messages; 404 once it has gone."""
    found = evidence.by_id(chat.store.db, _own_message(chat, number).reply.picture)
    if found is None:
        abort(404)
    return Response(found[1], mimetype=f"image/{found[0]}", headers={"X-Content-Type-Options": "nosniff"})


def _own_message(chat: Chat, number: int) -> outbox.Message:
    address = own_address()
    found = outbox.after(chat.store.db, CHANNEL, address, number - 1, 1) if address and 0 < number < 2**63 else []
    if not found or found[0].id != number:
        abort(404)
    return found[0]


def _body(words: Words) -> bytes:
    request.max_content_length = BODY_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise NotAnEvent(words("这条消息太长了，请分几次发。")) from error


def _unsaved(words: Words) -> Response:
    refusal = _refusal(503, words("没有存上，请过一会儿再发一次。"))
    refusal.headers["Retry-After"] = str(RETRY_SECONDS)
    return refusal


def _answer(chat: Chat, messages: list[dict[str, Any]], **more: bool) -> Response:
    return jsonify(messages=messages, language=TAGS[page_language(chat)], large=large(chat), **more)


def _refusal(status: int, words: str) -> Response:
    response = jsonify(error=words)
    response.status_code = status
    return response
