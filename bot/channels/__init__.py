"""The contract of a channel. Each file beside this one is a channel and can be deleted alone."""

from __future__ import annotations

from typing import Protocol

from bot.events import Reply


class TransportError(Exception):
    """A message did not go out. `permanent`: never will (blocked, chat gone). `retry_after`: seconds to wait first."""

    def __init__(self, reason: str, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after


class Channel(Protocol):
    """Where messages go out. Channels that are read by the person (web page, terminal) need no sender."""

    name: str

    def send(self, address: str, reply: Reply, edits: str | None) -> str:
        """Send, or edit the message with the channel's own id `edits`; returns the channel's id of the message.

        Raises TransportError.
        """
        ...
