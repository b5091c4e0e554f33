"""How fast a channel may be spoken to: so many a second in all, one a second per chat, none when told to wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

RATE = 29.0  # a second; one below what is permitted
CHAT_SECONDS = 1.0
CATCH_UP = 2  # slots a late or rested sender may make up for, twice as fast as usual; more would be bursts for ever
SURE = 0.75  # of the quickest round trip seen: a message on its way for so long cannot have taken less


@dataclass(slots=True)
class Slot:
    """A message on its way, until it is answered."""

    address: str
    started: float
    answered: float | None = None


class Pacer:
    """Slots spread evenly at `rate`, and never more than rate + 1 arrivals in any second that slides by.

    What counts at the other end is when messages arrive, and a busy machine or network bunches them. The answer
    bounds the arrival: between two arrivals lies at least what lies between the answer to the one and the start of
    the other, and the quickest ways there and back.
    """

    def __init__(
        self,
        rate: float = RATE,
        chat_seconds: float = CHAT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        second: float = 1.0,
    ) -> None:
        self._interval = 1 / rate
        self._second = second
        self._permitted = int(rate * second) + 1
        self._chat_seconds = chat_seconds
        self._clock = clock
        self._guard = threading.Lock()
        self._recent: deque[Slot] = deque(maxlen=2 * self._permitted)
        self._quickest = float("inf")
        self._due = self._slot = 0.0
        self._quiet_until = 0.0
        self._chats: dict[str, float] = {}

    def wait(self) -> float:
        """Seconds until the next message may go; 0 when it may go now."""
        with self._guard:
            now = self._clock()
            return max(self._slot, self._quiet_until, self._room(now), now) - now

    def _room(self, now: float) -> float:
        """When the sliding second has room again; what is under way may arrive at any moment."""
        if len(self._recent) < self._permitted:
            return now
        answers = sorted(now if slot.answered is None else slot.answered for slot in self._recent)
        return answers[-self._permitted] - SURE * self._quickest + self._second

    def took(self, address: str) -> Slot:
        """A message to this chat goes out now; give the slot back with `answered`."""
        with self._guard:
            now = self._clock()
            slot = Slot(address, now)
            self._recent.append(slot)
            self._due = max(self._due, now - CATCH_UP * self._interval) + self._interval
            self._slot = max(self._due, now + self._interval / 2)  # a burst would come again with every second
            self._chats[address] = now + self._chat_seconds
            return slot

    def answered(self, slot: Slot) -> None:
        """The channel answered, or never will. The chat's second counts from here."""
        with self._guard:
            now = self._clock()
            self._quickest = min(self._quickest, now - slot.started)
            slot.answered = now
            self._chats[slot.address] = now + self._chat_seconds

    def resting(self) -> list[str]:
        """Chats that had a message within their second."""
        with self._guard:
            now = self._clock()
            self._chats = {address: until for address, until in self._chats.items() if until > now}
            return list(self._chats)

    def pause(self, seconds: float) -> None:
        """The channel asked for quiet: nothing goes out until then."""
        with self._guard:
            self._quiet_until = max(self._quiet_until, self._clock() + seconds)

    def paused(self) -> float:
        """Seconds of asked-for quiet that are left."""
        with self._guard:
            return max(0.0, self._quiet_until - self._clock())
