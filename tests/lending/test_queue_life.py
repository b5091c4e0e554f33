"""What one can do with a place in a queue: let it rest, take it up, pick up elsewhere; and how long it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import case_records, cases, extensions, holds, loans, queues
from lending.errors import UnknownThing
from lending.model import end_of_day, library_day
from tests.lending.world import World

Queue = tuple[World, loans.Loan, list[int], list[holds.Hold]]


@pytest.fixture
def queue(world: World) -> Queue:
    """One lent copy, and three who wait for it."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    people = [world.reader() for _ in range(3)]
    return world, loan, people, [holds.place(world.db, reader, loan.title_id, world.now) for reader in people]


def standing(world: World, reader: int) -> list[tuple[str, int]]:
    return [(hold.state, hold.position) for hold in holds.of_reader(world.db, reader)]


def rest(queue: Queue, who: int, days: int) -> holds.Hold:
    world, _, people, placed = queue
    return holds.rest(world.db, people[who], placed[who].id, days, world.policy, world.now)


# ---- resting ---------------------------------------------------------------------------------------------------------


def test_who_rests_keeps_the_place_and_is_passed_over(queue: Queue) -> None:
    """B2-16: first not served, and on purpose."""
    world, loan, people, _ = queue
    resting = rest(queue, 0, 10)
    assert (resting.position, library_day(resting.rests_until or world.now)) == (
        1, library_day(world.now) + timedelta(days=10),
    )  # fmt: skip
    world.give_back(loan)
    assert [standing(world, reader) for reader in people] == [[("waiting", 1)], [("ready", 2)], [("waiting", 3)]]


def test_a_rest_ends_by_itself_and_the_reader_is_told_once(queue: Queue) -> None:
    world, loan, people, _ = queue
    rest(queue, 0, 10)
    world.later(days=10)
    world.tick()
    assert world.told(people[0], "hold_awake") == []
    world.later(days=1)
    for _ in range(2):
        world.tick()
    assert len(world.told(people[0], "hold_awake")) == 1
    world.give_back(loan)
    assert standing(world, people[0]) == [("ready", 1)]


def test_a_kept_copy_goes_on_when_its_reader_rests_and_comes_back_first(queue: Queue) -> None:
    """FOLIO CIRC-1832 in B2-16: called a second time, told a second time."""
    world, loan, people, placed = queue
    world.give_back(loan)
    rest(queue, 0, 30)
    assert standing(world, people[1]) == [("ready", 2)]
    woken = holds.wake(world.db, people[0], placed[0].id, world.policy, world.now)
    assert (woken.state, woken.rests_until) == ("waiting", None)
    holds.cancel(world.db, people[1], placed[1].id, world.policy, world.now)
    assert standing(world, people[0]) == [("ready", 1)]
    assert [step for _, step, _ in world.told(people[0], "hold_ready")] == ["", "2"]


def test_when_all_rest_the_book_stands_on_the_shelf_and_is_kept_for_the_first_awake(queue: Queue) -> None:
    world, loan, people, placed = queue
    for who in range(3):
        rest(queue, who, 20)
    world.give_back(loan)
    assert world.copies(loan.title_id) == ["available"]
    holds.wake(world.db, people[2], placed[2].id, world.policy, world.now)
    assert standing(world, people[2]) == [("ready", 3)]


def test_a_rest_is_no_longer_than_the_policy_allows(queue: Queue) -> None:
    world = queue[0]
    most = library_day(world.now) + timedelta(days=world.policy.holds.suspend_days)
    assert rest(queue, 0, 5_000).rests_until == end_of_day(most)


def test_who_rests_keeps_nobody_from_renewing(queue: Queue) -> None:
    """B2-25: only those who wait now count."""
    world, loan, *_ = queue
    for who in range(3):
        rest(queue, who, 20)
    (outcome,) = loans.renew(world.db, loan.reader_id, [loan.id], world.policy, world.now)
    assert outcome.refusal is None


def test_nobody_lets_another_reader_rest_wake_or_move(queue: Queue) -> None:
    world, _, people, placed = queue
    stranger, hold = people[1], placed[0].id
    with pytest.raises(UnknownThing):
        holds.rest(world.db, stranger, hold, 3, world.policy, world.now)
    with pytest.raises(UnknownThing):
        holds.wake(world.db, stranger, hold, world.policy, world.now)
    with pytest.raises(UnknownThing):
        holds.pick_up_at(world.db, stranger, hold, 1, world.policy, world.now)


# ---- where, and how long it is kept ----------------------------------------------------------------------------------


def test_the_window_is_that_of_the_pick_up_point(queue: Queue) -> None:
    """B2-10: three points, three windows; the hold's own point decides, else where the copy stands."""
    world, loan, people, placed = queue
    world.rule("holds", windows=(world.policy.holds.windows[0], type(world.policy.holds.windows[0])("east", 7)))
    points = {"locker": world.locker(), "east": world.branch("east"), "west": world.branch("west")}
    wanted = {"locker": 2, "east": 7, "west": world.policy.promise.hold_days}
    for who, name in enumerate(points):
        moved = holds.pick_up_at(world.db, people[who], placed[who].id, points[name], world.policy, world.now)
        assert moved.point_id == points[name]
    world.give_back(loan)
    for who, days in enumerate(wanted.values()):
        (mine,) = holds.of_reader(world.db, people[who])
        assert mine.ready_until == end_of_day(library_day(world.now) + timedelta(days=days))
        holds.cancel(world.db, people[who], mine.id, world.policy, world.now)


@pytest.mark.parametrize(
    ("after", "asked_for_more", "days"), [(0, False, 2), (1, False, 2), (3, False, 3), (1, True, 4)]
)
def test_a_kept_copy_that_is_to_be_fetched_elsewhere_is_kept_by_the_window_there(
    queue: Queue, after: int, asked_for_more: bool, days: int
) -> None:
    """B2-10: from when it was kept, so that going to and fro gains no day; today is the least; longer stays longer."""
    world, loan, people, placed = queue
    world.rule("promise", extend_days=2)
    locker, (first, *others) = world.locker(), people
    for who, one in zip(others, placed[1:], strict=True):
        holds.cancel(world.db, who, one.id, world.policy, world.now)
    world.give_back(loan)
    kept = holds.of_reader(world.db, first)[0]
    start = library_day(world.now)
    if asked_for_more:
        extensions.keep_hold(world.db, kept.id, first, world.policy, world.now)
    before = holds.of_reader(world.db, first)[0].ready_until
    world.later(days=after)
    moved = holds.pick_up_at(world.db, first, kept.id, locker, world.policy, world.now)
    assert moved.ready_until == end_of_day(start + timedelta(days=days))
    back = holds.pick_up_at(world.db, first, kept.id, holds.kept_at(world.db, kept.id) or 0, world.policy, world.now)
    assert back.ready_until == before


def test_a_point_that_is_not_ours_cannot_be_chosen(queue: Queue) -> None:
    world, _, people, placed = queue
    with pytest.raises(UnknownThing):
        holds.pick_up_at(world.db, people[0], placed[0].id, 999, world.policy, world.now)


def test_the_last_day_is_told_once_and_only_to_who_has_not_come(queue: Queue) -> None:
    world, loan, people, _ = queue
    world.give_back(loan)
    world.tick()
    assert world.told(people[0], "hold_last_day") == []
    world.later(days=world.policy.promise.hold_days)
    for _ in range(2):
        world.tick()
    assert len(world.told(people[0], "hold_last_day")) == 1
    assert world.told(people[1], "hold_last_day") == []


def test_a_hold_that_was_filled_gets_no_expiry_note(queue: Queue) -> None:
    """B2-18: "closed – filled" is not "expired"."""
    world, loan, people, _ = queue
    world.give_back(loan)
    world.order(people[0], loan.title_id)
    world.later(days=30)
    world.tick()
    assert world.told(people[0], "hold_expired") == [] == world.told(people[0], "hold_last_day")


# ---- how long it takes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free_in", "ahead", "days"),
    [
        ([], 0, None),
        ([0], 0, 0),
        ([12], 0, 12),
        ([12], 1, 52),
        ([12], 3, 132),
        ([12, 20], 1, 20),
        ([12, 20], 2, 52),
        ([5, 5, 5], 3, 45),
        ([-4], 0, 0),
    ],
)
def test_the_estimate_serves_each_reader_from_the_copy_that_is_free_first(
    free_in: list[int], ahead: int, days: int | None
) -> None:
    """B2-19: copies × loan length."""
    assert queues.estimate(free_in, ahead, 40) == days


def test_the_estimate_follows_due_dates_rests_and_copies(queue: Queue) -> None:
    """B2-19."""
    world, loan, _, placed = queue
    between, period = 6, world.policy.lending.loan_days
    world.rule("holds", turnaround_days=between)
    lent = period + between

    def days(who: int) -> int | None:
        return queues.days_to_wait(world.db, loan.title_id, placed[who].id, world.policy, world.now)

    assert [days(who) for who in range(3)] == [lent, lent * 2, lent * 3]
    world.later(days=10)
    assert days(0) == lent - 10
    rest(queue, 0, 60)
    assert days(1) == lent - 10, "who rests is passed over"
    world.later(days=50)
    assert days(1) == between, "overdue: any day now"
    with world.store.writing() as db:
        db.run("UPDATE copies SET state = 'lost' WHERE title_id = :t", t=loan.title_id)
    assert days(1) is None


@pytest.mark.parametrize("gone", ["lost", "withdrawn", "damaged"])
def test_a_copy_that_cannot_be_lent_shortens_nobodys_wait(queue: Queue, gone: str) -> None:
    """B2-19: the estimate counts copies that will come back to be lent."""
    world, loan, _, placed = queue
    before = queues.days_to_wait(world.db, loan.title_id, placed[1].id, world.policy, world.now)
    with world.store.writing() as db:
        db.run(
            "INSERT INTO copies (title_id, barcode, point_id, home_point_id, state) SELECT title_id, 'X1', point_id, "
            f"home_point_id, '{gone}' FROM copies WHERE title_id = :t",
            t=loan.title_id,
        )
    assert queues.days_to_wait(world.db, loan.title_id, placed[1].id, world.policy, world.now) == before


def test_a_book_its_reader_says_is_lost_is_not_waited_for(queue: Queue) -> None:
    """B2-19: found again, it counts as before."""
    world, loan, _, placed = queue

    def days() -> int | None:
        return queues.days_to_wait(world.db, loan.title_id, placed[1].id, world.policy, world.now)

    before = days()
    cases.report(world.db, loan.reader_id, loan.id, "lost", "", world.policy, world.now)
    assert before is not None and days() is None
    number = case_records.open_ones(world.db)[0].number
    cases.advance(world.db, number, "at_home", "reader", world.policy, world.now)
    assert days() == before


def test_a_points_own_window_goes_before_that_of_its_kind(world: World) -> None:
    """D 29: this locker, and lockers, and any other place."""
    one = type(world.policy.holds.windows[0])
    world.rule("holds", windows=(one("locker", 2), one("g1", 6)))
    days = [holds.keep_days(world.policy, *place) for place in (("g1", "locker"), ("g2", "locker"), ("zx", "branch"))]
    assert days == [6, 2, world.policy.promise.hold_days]
