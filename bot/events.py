"""What comes in (Event) and what goes out (Reply), the same on every channel."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

ACTION_BYTES = 64  # Telegram's limit on callback_data; the weakest channel sets it for all


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture someone sent. It is looked at once, and kept only as evidence (lending/evidence.py)."""

    content: bytes = field(default=b"", repr=False)
    reference: str = ""  # what the channel calls it, while it has still to be fetched
    problem: str = ""  # why it could not be had: "too_large" or "unreachable"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a person did on a channel: text, press, location, phone, start or photo (with or without text)."""

    channel: str
    address: str  # the chat on that channel
    event_id: str  # unique on that channel; the same id twice is the same event
    text: str = ""
    press: str = ""  # a button's action
    location: tuple[float, float] | None = None  # latitude, longitude
    phone: str = ""
    start: str = ""  # what a deep link carried
    language: str = ""  # the person's language as the channel tells it, any form of tag
    name: str = ""
    message: int | None = None  # our outbox id of the message whose button was pressed; or
    shown: str = ""  # what the channel calls that message
    photo: Photo | None = None

    @property
    def kind(self) -> str:
        """Which of the six it is; a photo with words beside it counts as text."""
        for kind in ("press", "location", "phone", "start"):
            if getattr(self, kind):
                return kind
        return "photo" if self.photo and not self.text else "text"


@dataclass(frozen=True, slots=True)
class Button:
    """A label to show and the action it sends back; or a link, or a request for location or phone."""

    label: str
    action: str = ""
    url: str = ""
    ask: str = ""  # "location" | "phone" | "photo" | "share": the channel's own way of doing it, where it has one

    def __post_init__(self) -> None:
        if len(self.action.encode()) > ACTION_BYTES:
            raise ValueError(f"action longer than {ACTION_BYTES} bytes: {self.action!r}")


@dataclass(frozen=True, slots=True)
class Card:
    """A book as a card, for channels that can draw one; the text says the same."""

    title: str
    line: str  # author · publisher · year
    shelf: str = ""
    available: str = ""
    cover_class: str = ""  # first letter of the class, colours the plain cover
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person. `text` alone is always enough to understand it."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()  # rows
    cards: tuple[Card, ...] = ()
    qr: str = ""  # content of a QR picture to show with the text; "…/?start=x" begins a talk, on any channel
    edits: int | None = None  # outbox id of the message this one replaces, where the channel can edit
    toast: str = ""  # a short word shown at the pressed button
    picture: int = 0  # a picture kept in lending.evidence, shown with the text where the channel can
    export: str = ""  # a ticket of bot/exporting.py: the files are made when they are handed over

    def to_json(self) -> str:
        """For the outbox."""
        return msgspec.json.encode(self).decode()

    @staticmethod
    def from_json(text: str) -> Reply:
        """Back from the outbox."""
        return msgspec.json.decode(text, type=Reply)
