"""A picture that is waited for: what one sent within the hour belongs to, said once for all that take them."""

from __future__ import annotations

from datetime import timedelta

from bot.events import Button
from bot.talk import Talk
from lending.model import parse_stamp, stamp

PHOTO_MINUTES = 60


def picture(talk: Talk, about: str, key: str) -> None:
    """From now on a picture belongs to this: `about` is a word of dialogue.PICTURES, `key` what its handler needs."""
    talk.memory["photo_for"] = [about, key, stamp(talk.now + timedelta(minutes=PHOTO_MINUTES))]
    talk.memory.pop("appeal", None)


def button(talk: Talk) -> tuple[tuple[Button, ...], ...]:
    """The row under a message that asks for a picture: the channel's own way of taking one, where it has one."""
    return ((Button(talk._("拍照片"), ask="photo"),),)


def pictured(talk: Talk) -> tuple[str, str] | None:
    """What a picture sent now belongs to, and its key; None when nothing waits for one."""
    waiting = talk.memory.get("photo_for", [])
    if len(waiting) != 3 or talk.now > parse_stamp(waiting[2]):
        return None
    return waiting[0], waiting[1]
