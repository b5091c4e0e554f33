"""The pace: evenly within the second, never too many in any second, a second's rest per chat, silence when asked."""

from __future__ import annotations

import random

from bot.pacer import Pacer


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def send_all(pacer: Pacer, clock: Clock, n: int, late: float = 0.0) -> list[float]:
    """Send n messages as soon as allowed, each up to `late` seconds later; returns when."""
    chance, moments = random.Random(1), []
    for number in range(n):
        clock.now += pacer.wait() + chance.random() * late
        pacer.took(str(number))
        moments.append(clock.now)
    return moments


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(start <= other < start + 1 for other in moments) for start in moments)


def test_the_rate_is_used_and_never_passed() -> None:
    clock = Clock()
    moments = send_all(Pacer(29, clock=clock), clock, 290)
    assert most_in_a_second(moments) <= 29
    assert moments[-1] - moments[0] < 10.01


def test_a_late_sender_catches_up_without_a_burst() -> None:
    clock = Clock()
    moments = send_all(Pacer(29, clock=clock), clock, 290, late=0.02)
    assert most_in_a_second(moments) <= 29
    assert moments[-1] - moments[0] < 10.3


def test_after_a_quiet_hour_there_is_no_burst() -> None:
    clock = Clock()
    pacer = Pacer(29, clock=clock)
    send_all(pacer, clock, 5)
    clock.now += 3600
    first, *_, last = send_all(pacer, clock, 29)
    assert last - first > 25 / 29


def test_a_chat_rests_for_a_second_after_the_answer() -> None:
    clock = Clock()
    pacer = Pacer(29, clock=clock)
    pacer.took("7")
    clock.now += 0.5
    pacer.answered("7")
    clock.now += 0.9
    assert pacer.resting() == ["7"]
    clock.now += 0.2
    assert pacer.resting() == []


def test_nothing_goes_out_while_asked_to_wait() -> None:
    clock = Clock()
    pacer = Pacer(29, clock=clock)
    pacer.pause(3)
    pacer.pause(1)
    assert pacer.wait() == pacer.paused() == 3
    clock.now += 3
    assert pacer.wait() == pacer.paused() == 0
