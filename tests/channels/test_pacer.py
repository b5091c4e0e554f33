"""The pace: evenly within the second, never too many in any second, a second's rest per chat, silence when asked."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from bot.pacer import Pacer, Slot


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def send_all(pacer: Pacer, clock: Clock, n: int, late: float = 0.0, there: float = 0.03) -> list[float]:
    """Send n messages as soon as allowed, each up to `late` seconds later; returns when they arrive.

    The way there takes 30 ms, up to `there` seconds at times, and so does the way back.
    """
    chance, arrivals = random.Random(1), []
    answers: list[tuple[float, Slot]] = []

    def travel() -> float:
        return 0.03 if chance.random() < 0.7 else chance.uniform(0.03, there)

    def advance(until: float) -> None:
        for at, slot in sorted(answers, key=lambda answer: answer[0]):
            if at <= until:
                clock.now = max(clock.now, at)
                pacer.answered(slot)
                answers.remove((at, slot))
        clock.now = until

    for number in range(n):
        while (seconds := pacer.wait()) > 0:
            advance(clock.now + seconds)
        advance(clock.now + chance.random() * late)
        arrival = clock.now + travel()
        answers.append((arrival + travel(), pacer.took(str(number))))
        arrivals.append(arrival)
    advance(clock.now + 1)
    return arrivals


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(start <= other < start + 1 for other in moments) for start in moments)


def test_the_rate_is_used_and_never_passed() -> None:
    clock = Clock()
    arrivals = send_all(Pacer(29, clock=clock), clock, 290)
    assert most_in_a_second(arrivals) <= 30
    assert 290 / (max(arrivals) - min(arrivals)) > 28.99


@pytest.mark.parametrize("there", [0.05, 0.1, 0.3])
def test_messages_that_bunch_on_the_way_are_still_not_too_many(there: float) -> None:
    """P7: thirty in any second at the other end, however late the sender wakes and however the network jitters."""
    clock = Clock()
    arrivals = send_all(Pacer(29, clock=clock), clock, 1000, late=0.02, there=there)
    assert most_in_a_second(arrivals) <= 30
    assert 1000 / (max(arrivals) - min(arrivals)) > 0.8 * 29


def arrivals_after_a_rest(seconds: float, n: int) -> tuple[list[float], list[float]]:
    """When n messages arrive that a sender at work has had to wait with, and the gaps between, in slots."""
    clock = Clock()
    pacer = Pacer(29, clock=clock)
    send_all(pacer, clock, 60)
    clock.now += seconds
    arrivals = send_all(pacer, clock, n)
    return arrivals, [round((after - before) * 29, 3) for before, after in pairwise(arrivals)]


def test_after_a_quiet_hour_a_few_go_twice_as_fast_and_the_rest_at_the_pace() -> None:
    arrivals, gaps = arrivals_after_a_rest(3600, 60)
    assert gaps[:5] == [0.5] * 4 + [1.0]
    assert max(gaps) < 3
    assert most_in_a_second(arrivals) <= 30


def test_a_sender_held_up_does_not_send_in_bursts_from_then_on() -> None:
    """Eight at once would go out again together a second later, and every second after."""
    _, gaps = arrivals_after_a_rest(5, 290)
    assert min(gaps) > 0.49


def test_a_chat_rests_for_a_second_after_the_answer() -> None:
    clock = Clock()
    pacer = Pacer(29, clock=clock)
    slot = pacer.took("7")
    clock.now += 0.5
    pacer.answered(slot)
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
