"""荐购: one voice each, a fate, everyone who asked is told, and the first who asked reads it first (A10-11)."""

from __future__ import annotations

import pytest

from lending import holds, merging, wishes
from lending.errors import UnknownThing
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from lending.wishes import STEPS, WishMoved
from tests.lending.test_races import race
from tests.lending.world import World


def ask(world: World, reader: int, title: str = "量子花园") -> tuple[bool, int]:
    new, asked = wishes.suggest(world.store.db, reader, title, world.now)
    return new, asked.votes


def the_wish(world: World) -> int:
    return wishes.listed(world.db)[0].id


def move(world: World, name: str, **more: object) -> wishes.Wish:
    wish_id = world.db.value("SELECT MIN(id) FROM wishes")
    return wishes.advance(world.db, wish_id, name, world.policy, world.now, **more)  # type: ignore[arg-type]


def test_one_voice_each_however_it_is_written(world: World) -> None:
    first, second = world.reader(), world.reader()
    assert ask(world, first) == (True, 1)
    assert ask(world, first, " 《量子 花园》") == (False, 1)
    assert ask(world, second, "量子花园。") == (True, 2)
    assert [one.votes for one in wishes.listed(world.db)] == [2]


def test_many_voices_at_once_are_counted_once_each(world: World) -> None:
    """B2-2: pressed twice by eight at the same time."""
    people = [world.reader() for _ in range(8)]
    race(world, [lambda reader=reader: ask(world, reader) for reader in people * 2])  # type: ignore[misc]
    assert [one.votes for one in wishes.listed(world.db)] == [8]


def test_the_most_wanted_stand_first(world: World) -> None:
    for title, voices in (("甲", 1), ("乙", 3), ("丙", 2)):
        for _ in range(voices):
            ask(world, world.reader(), title)
    assert [(one.title, one.votes) for one in wishes.listed(world.db)] == [("乙", 3), ("丙", 2), ("甲", 1)]


def test_everyone_who_asked_is_told_each_step_once(world: World) -> None:
    people = [world.reader() for _ in range(3)]
    for reader in people:
        ask(world, reader)
    move(world, "consider")
    world.later(days=1)
    move(world, "order")
    for reader in people:
        assert [step.split()[0] for _, step, _ in world.told(reader, "wish_moved")] == ["considered", "ordered"]


def test_what_arrives_is_kept_for_the_proposer_first(world: World) -> None:
    """A10-11: even though others could have been quicker at the shelf."""
    proposer, voter = world.reader(), world.reader()
    ask(world, proposer)
    ask(world, voter)
    title = world.book("量子花园")
    arrived = move(world, "arrive", title_id=title)
    assert (arrived.state, arrived.title_id) == ("arrived", title)
    assert [(hold.state, hold.position) for hold in holds.of_reader(world.db, proposer)] == [("ready", 1)]
    assert holds.of_reader(world.db, voter) == []
    assert world.told(voter, "wish_moved") != []


@pytest.mark.parametrize("other_asked_between", [True, False])
def test_of_one_persons_two_voices_the_earlier_stays(world: World, other_asked_between: bool) -> None:
    """A1-20: they asked first, whichever of their chats the record goes on by; the book is kept for them first."""
    chat, other, newer = world.reader(), world.reader(), world.reader()
    for reader in (chat, *([other] if other_asked_between else []), newer):
        ask(world, reader)
    merging.merge(world.db, newer, chat, world.policy, world.now)
    assert ask(world, other)[1] == 2
    book = world.book("量子花园")
    move(world, "arrive", title_id=book)
    assert [one.state for one in holds.of_reader(world.db, newer)] == ["ready"]


def test_a_refusal_has_a_reason_and_may_be_taken_back(world: World) -> None:
    ask(world, world.reader())
    with pytest.raises(ValueError):
        move(world, "decline", reason="  ")
    assert move(world, "decline", reason="已有电子版").reason == "已有电子版"
    assert move(world, "consider").state == "considered"


@pytest.mark.parametrize("name", STEPS)
def test_each_step_begins_where_the_table_says(world: World, name: str) -> None:
    """All states against all steps."""
    ask(world, world.reader())
    title = world.book("量子花园")
    for state in ("new", "considered", "ordered", "arrived", "declined"):
        with world.store.writing() as db:
            db.run("UPDATE wishes SET state = :s, reason = 'r', title_id = :t", s=state, t=title)
        if state in STEPS[name][0]:
            assert move(world, name, reason="r", title_id=title).state == STEPS[name][1]
        else:
            with pytest.raises(WishMoved):
                move(world, name, reason="r", title_id=title)


def test_only_a_title_of_ours_can_have_arrived(world: World) -> None:
    ask(world, world.reader())
    with pytest.raises(UnknownThing):
        move(world, "arrive", title_id=999)
    with pytest.raises(UnknownThing):
        wishes.wish(world.db, 999)


# ---- what comes by itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), ("consider",), ("decline",)])
def test_what_is_given_or_imported_has_come_for_whoever_asked(world: World, before: tuple[str, ...]) -> None:
    """Declined, and then somebody gave it: whoever had asked never heard."""
    proposer, voter = world.reader(), world.reader()
    world.book("别的书")
    ask(world, proposer)
    ask(world, voter, "《量子 花园》")
    for name in before:
        move(world, name, reason="已有电子版")
    assert wishes.settle(world.db, world.policy, world.now) == 0
    title = world.book("量子花园")
    assert wishes.settle(world.db, world.policy, world.now) == 1
    wish = wishes.wish(world.db, 1)
    assert (wish.state, wish.title_id) == ("arrived", title)
    assert [(hold.state, hold.position) for hold in holds.of_reader(world.db, proposer)] == [("ready", 1)]
    for reader in (proposer, voter):
        assert world.told(reader, "wish_moved")[-1][1].startswith("arrived")
    assert wishes.settle(world.db, world.policy, world.now) == 0


def test_a_second_volume_is_known_by_its_number(world: World) -> None:
    ask(world, world.reader(), "三体2")
    with world.store.writing() as db:
        entry = TitleEntry("三体", volume="2", source_id="test:3")
        store_copies(db, [CopyEntry("V2", store_titles(db, [entry]).ids[0], world.branch())])
    assert wishes.settle(world.db, world.policy, world.now) == 1


def test_what_was_there_when_it_was_asked_for_has_not_come(world: World) -> None:
    world.book("量子花园")
    wishes.settle(world.db, world.policy, world.now)
    ask(world, world.reader())
    assert wishes.settle(world.db, world.policy, world.now) == 0
    world.book("量子花园", copies=1)
    assert wishes.settle(world.db, world.policy, world.now) == 1, "another copy was bought"


def test_a_stock_that_moves_in_is_compared_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "CHUNK", 2)
    for name in ("甲", "庚"):
        ask(world, world.reader(), name)
    for name in "甲乙丙丁戊己庚":
        world.book(name)
    assert wishes.settle(world.db, world.policy, world.now) == 2
