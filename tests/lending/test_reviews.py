"""书评: read before they are shown, told either way, changed and taken back by whoever wrote them (A10-9)."""

from __future__ import annotations

import pytest

from lending import reviews
from lending.errors import UnknownThing
from lending.reviews import LONGEST, STATES, STEPS, Review, ReviewMoved, ReviewTooLong
from tests.lending.test_races import race
from tests.lending.world import World


def write(world: World, reader: int, title: int, text: str = "值得再读") -> Review:
    return reviews.write(world.store.db, reader, title, text, world.now)


def judge(world: World, one: Review, name: str, reason: str = "写着电话") -> Review:
    return reviews.judge(world.store.db, one.id, name, one.edits, world.policy, world.now, reason)


def shown(world: World, title: int) -> list[str]:
    return [one.text for one in reviews.of_title(world.db, title, 10)]


def test_nobody_reads_it_before_a_librarian_has(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    one = write(world, reader, title)
    assert shown(world, title) == [] and [r.id for r in reviews.listed(world.db, "waiting", 10)] == [one.id]
    assert judge(world, one, "show").reason == ""
    assert shown(world, title) == ["值得再读"] and reviews.listed(world.db, "waiting", 10) == []
    assert [step.split()[0] for _, step, _ in world.told(reader, "review_read")] == ["shown"]


def test_a_refusal_says_why_and_may_be_taken_back(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    one = write(world, reader, title)
    with pytest.raises(ValueError):
        judge(world, one, "refuse", reason=" ")
    assert judge(world, one, "refuse").reason == "写着电话" and shown(world, title) == []
    world.later(hours=1)
    assert judge(world, one, "show").reason == "" and shown(world, title) == ["值得再读"]
    assert [step.split()[0] for _, step, _ in world.told(reader, "review_read")] == ["refused", "shown"]


def test_changed_words_are_read_anew(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    first = judge(world, write(world, reader, title), "show")
    second = write(world, reader, title, "改了主意")
    assert (second.id, second.state, second.edits) == (first.id, "waiting", 1) and shown(world, title) == []


def test_a_librarian_shows_what_was_read_and_nothing_else(world: World) -> None:
    """The page was open while the reader wrote something else."""
    title, reader = world.book("围城"), world.reader()
    read = write(world, reader, title)
    write(world, reader, title, "我的电话是 13800000000")
    with pytest.raises(ReviewMoved):
        judge(world, read, "show")
    assert shown(world, title) == [] and world.told(reader, "review_read") == []


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_each_step_begins_where_the_table_says(world: World, name: str, state: str) -> None:
    one = write(world, world.reader(), world.book("围城"))
    with world.store.writing() as db:
        db.run("UPDATE reviews SET state = :s", s=state)
    if state in STEPS[name][0]:
        assert judge(world, one, name).state == STEPS[name][1]
    else:
        with pytest.raises(ReviewMoved):
            judge(world, one, name)


def test_two_librarians_at_once_are_one_verdict(world: World) -> None:
    """B2-2."""
    one = write(world, reader := world.reader(), world.book("围城"))
    race(world, [lambda: judge(world, one, "show")] * 6)
    assert len(world.told(reader, "review_read")) == 1


def test_one_each_for_a_title_and_nobody_elses_is_touched(world: World) -> None:
    title, mine, other = world.book("围城"), world.reader(), world.reader()
    for reader in (mine, other):
        judge(world, write(world, reader, title, f"读者{reader}"), "show")
    assert reviews.take_back(world.store.db, mine, title) and not reviews.take_back(world.store.db, mine, title)
    assert shown(world, title) == [f"读者{other}"] and reviews.of_reader(world.db, mine) == []


def test_the_length_is_held_at_its_edge(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    assert len(write(world, reader, title, "书" * LONGEST).text) == LONGEST
    with pytest.raises(ReviewTooLong):
        write(world, reader, title, "书" * (LONGEST + 1))
    assert reviews.own(world.db, reader, title).edits == 0  # type: ignore[union-attr]


def test_what_is_not_there_is_said_to_be_unknown(world: World) -> None:
    with pytest.raises(UnknownThing):
        write(world, world.reader(), 999)
    with pytest.raises(UnknownThing):
        reviews.judge(world.store.db, 999, "show", 0, world.policy, world.now)
