"""How fast a channel may be spoken to: so many a second in all, one a second per chat, none when told to wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

RATE = 29.0  # a second; the permitted 30 leaves no room for the network's jitter (measured)
CHAT_SECONDS = 1.0
CATCH_UP = 2  # slots a late sender may make up for; more would arrive as a burst


class Pacer:
    """Slots spread evenly over the second, and never more than `rate` in any second that slides by."""

    def __init__(
        self, rate: float = RATE, chat_seconds: float = CHAT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = 1 / rate
        self._chat_seconds = chat_seconds
        self._clock = clock
        self._guard = threading.Lock()
        self._recent: deque[float] = deque(maxlen=max(1, int(rate)))
        self._slot = 0.0
        self._quiet_until = 0.0
        self._chats: dict[str, float] = {}

    def wait(self) -> float:
        """Seconds until the next message may go; 0 when it may go now."""
        with self._guard:
            now = self._clock()
            ready = max(self._slot, self._quiet_until, now)
            if len(self._recent) == self._recent.maxlen:
                ready = max(ready, self._recent[0] + self._recent.maxlen * self._interval)
            return ready - now

    def took(self, address: str) -> None:
        """A message to this chat goes out now."""
        with self._guard:
            now = self._clock()
            self._recent.append(now)
            self._slot = max(self._slot, now - CATCH_UP * self._interval) + self._interval
            self._chats[address] = now + self._chat_seconds

    def answered(self, address: str) -> None:
        """The channel answered: the chat's second counts from here, for the message may have arrived just now."""
        with self._guard:
            self._chats[address] = self._clock() + self._chat_seconds

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
