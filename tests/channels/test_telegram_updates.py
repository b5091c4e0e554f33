"""What people do on Telegram, as events."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram import MalformedUpdate, UpdateReader
from bot.events import Event, Photo

PERSON = {"id": 7, "is_bot": False, "first_name": "王芳", "language_code": "zh-hans"}
CHAT = {"id": 7, "type": "private", "first_name": "王芳"}
GROUP = {"id": -100, "type": "supergroup", "title": "读书会"}


def message(**content: Any) -> dict[str, Any]:
    whole = {"message_id": 5, "date": 1795140000, "chat": CHAT, "from": PERSON} | content
    return {"update_id": 42, "message": whole}


def press(**content: Any) -> dict[str, Any]:
    shown = {"message_id": 5, "date": 1795140000, "chat": CHAT, "text": "x"}
    whole = {"id": "q1", "from": PERSON, "chat_instance": "1", "message": shown, "data": "b:1"} | content
    return {"update_id": 43, "callback_query": whole}


def read(payload: Any) -> Event | None:
    reader = UpdateReader(reachability=lambda chat, yes: None)
    return reader.to_event(payload)


def expect(payload: Any) -> Event:
    event = read(payload)
    assert event is not None
    return event


def test_a_line_of_text_says_who_where_and_in_which_language() -> None:
    assert read(message(text=" 围城 ")) == Event("telegram", "7", "42", text="围城", language="zh-hans", name="王芳")


@pytest.mark.parametrize(
    ("said", "text", "start"),
    [
        ("/loans", "/loans", ""),
        ("/loans@shuxin_bot", "/loans", ""),
        ("/find@shuxin_bot  围城 ", "/find  围城", ""),
        ("/start", "/start", ""),
        ("/start b-17_x", "", "b-17_x"),
        ("/start@shuxin_bot b-17_x", "", "b-17_x"),
        ("/started b", "/started b", ""),
    ],
)
def test_commands_and_deep_links(said: str, text: str, start: str) -> None:
    event = expect(message(text=said))
    assert (event.text, event.start) == (text, start)


def test_a_place_is_a_location() -> None:
    event = expect(message(location={"latitude": 31.2, "longitude": 121.5}))
    assert (event.kind, event.location) == ("location", (31.2, 121.5))


@pytest.mark.parametrize(("owner", "phone"), [(7, "+8613800000000"), (8, ""), (None, "")])
def test_only_ones_own_contact_tells_a_phone_number(owner: int | None, phone: str) -> None:
    contact = {"phone_number": "+8613800000000", "first_name": "王芳"} | ({"user_id": owner} if owner else {})
    event = expect(message(contact=contact))
    assert (event.phone, event.text) == (phone, "")


FILE = {"file_id": "f", "file_unique_id": "u"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"photo": [FILE | {"width": 1, "height": 1}], "caption": "这本有吗"}, "这本有吗"),
        ({"document": FILE | {"mime_type": "application/pdf"}}, ""),
        ({"voice": FILE | {"duration": 3}}, ""),
        ({"sticker": FILE | {"width": 1, "height": 1, "type": "regular", "is_animated": False, "is_video": False}}, ""),
        ({"dice": {"emoji": "🎲", "value": 3}}, ""),
    ],
)
def test_pictures_voices_and_stickers_come_as_their_caption(content: dict[str, Any], text: str) -> None:
    event = expect(message(**content))
    assert (event.kind, event.text) == ("text", text)


SIZES: list[dict[str, object]] = [
    FILE | {"file_id": str(n), "file_size": n * 6_000_000, "width": n, "height": n} for n in (1, 2, 3)
]


@pytest.mark.parametrize(
    ("content", "photo"),
    [
        ({"photo": SIZES[:1]}, Photo(reference="1")),
        ({"photo": SIZES}, Photo(reference="1")),  # the largest of at most 10 MB
        ({"photo": SIZES[1:]}, Photo(problem="too_large")),
        ({"document": FILE | {"mime_type": "image/png"}}, Photo(reference="f")),
        ({"document": SIZES[2] | {"mime_type": "image/png"}}, Photo(problem="too_large")),
    ],
)
def test_a_photo_is_named_and_not_yet_fetched(content: dict[str, Any], photo: Photo) -> None:
    event = expect(message(**content))
    assert (event.kind, event.photo) == ("photo", photo)


def test_a_press_names_our_message() -> None:
    event = expect(press())
    assert (event.kind, event.press, event.address, event.event_id, event.shown) == ("press", "b:1", "7", "43", "5")


def test_a_press_under_a_message_too_old_to_show_still_counts() -> None:
    event = expect(press(message={"message_id": 5, "date": 0, "chat": CHAT}))
    assert (event.press, event.shown) == ("b:1", "5")


@pytest.mark.parametrize(
    "payload",
    [
        message(chat=GROUP, text="大家好"),
        press(message={"message_id": 5, "date": 1, "chat": GROUP}),
        message(**{"from": PERSON | {"is_bot": True}, "text": "x"}),
        message(message_auto_delete_timer_changed={"message_auto_delete_time": 60}),
        {"update_id": 44, "edited_message": message(text="x")["message"]},
        {"update_id": 45, "channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}}},
        {"update_id": 46, "something_new": {"x": 1}},
        {"update_id": 47},
    ],
)
def test_groups_bots_edits_and_service_messages_are_passed_over(payload: dict[str, Any]) -> None:
    assert read(payload) is None


MALFORMED: list[Any] = [
    [],
    {},
    None,
    7,
    "x",
    {"update_id": "x"},
    {"update_id": 1, "message": {}},
    {"update_id": 1, "message": []},
    {"update_id": 1, "message": "x"},
    {"update_id": 1, "callback_query": {"id": "1"}},
    message(text=5),
    message(text=["x"]),
    message(chat={"id": "x", "type": "private"}, text="x"),
    message(location={"latitude": "north", "longitude": 1}),
    message(location={"latitude": 91, "longitude": 1}),
    message(location={"latitude": 1}),
    message(photo=[{"file_size": 1}]),
    message(**{"from": {"id": 7, "is_bot": False, "first_name": None}, "text": "x"}),
    press(data=5),
]


@pytest.mark.parametrize("payload", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_update_is_named_malformed(payload: Any) -> None:
    with pytest.raises(MalformedUpdate):
        read(payload)


@pytest.mark.parametrize("date", [10**20, "today", None])
def test_what_is_not_used_cannot_be_wrong(date: Any) -> None:
    assert expect(message(date=date, text="围城")).text == "围城"


def test_half_a_character_does_not_reach_the_store() -> None:
    assert expect(message(text="围\ud83d城")).text == "围城"


@pytest.mark.parametrize(("status", "reachable"), [("kicked", False), ("left", False), ("member", True)])
def test_blocking_and_unblocking_are_told(status: str, reachable: bool) -> None:
    told: list[tuple[str, bool]] = []
    reader = UpdateReader(lambda chat, yes: told.append((chat, yes)))
    bot = {"id": 1, "is_bot": True, "first_name": "书信"}
    new = {"status": status, "user": bot} | ({"until_date": 0} if status == "kicked" else {})
    change = {"chat": CHAT, "from": PERSON, "date": 1, "old_chat_member": {"status": "left", "user": bot}}
    assert reader.to_event({"update_id": 1, "my_chat_member": change | {"new_chat_member": new}}) is None
    assert told == [("7", reachable)]
