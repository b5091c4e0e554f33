"""Two records become one, and a book of one's own is with the other: it is at home, or its case comes first (A1-23)."""

from __future__ import annotations

import pytest

from lending import cases, drifting, merging, transfers
from lending.merging import CannotMerge
from tests.lending.world import World


def lent_on(world: World, owner: int, holder: int) -> int:
    """A book of the owner's, handed to the other; its number."""
    own = drifting.register(world.db, owner, world.book("家里的书"), "drift", world.now)
    code, _ = transfers.offer_own(world.db, owner, own.id, world.policy, world.now)
    taken = transfers.accept(world.db, holder, code, world.policy, world.now)
    transfers.finish(world.db, owner, taken.id, world.policy, world.now)
    return own.id


@pytest.mark.parametrize("asked_back", [False, True])
@pytest.mark.parametrize("owner_stays", [False, True])
def test_ones_own_book_that_was_with_the_other_is_at_home(world: World, owner_stays: bool, asked_back: bool) -> None:
    kept, gone = world.reader(), world.reader()
    owner, holder = (kept, gone) if owner_stays else (gone, kept)
    own = lent_on(world, owner, holder)
    if asked_back:
        drifting.recall(world.db, owner, own, world.now)
    merging.merge(world.db, kept, gone, world.policy, world.later(days=2))
    (book,) = drifting.of_reader(world.db, kept)
    assert (book.state, book.days(world.now), book.only_home) == ("home", 0, False)
    assert drifting.end(world.db, kept, own).id == own


@pytest.mark.parametrize("owner_stays", [False, True])
def test_who_has_lost_a_book_is_not_made_its_owner(world: World, owner_stays: bool) -> None:
    """They would owe it to themselves."""
    kept, gone = world.reader(), world.reader()
    owner, holder = (kept, gone) if owner_stays else (gone, kept)
    case = cases.report_own(world.db, holder, lent_on(world, owner, holder), world.policy, world.now)
    with pytest.raises(CannotMerge) as refused:
        merging.merge(world.db, kept, gone, world.policy, world.now)
    assert refused.value.reasons == ("case",)
    cases.choose(world.db, case.number, holder, "at_home", world.policy, world.now)
    merging.merge(world.db, kept, gone, world.policy, world.now)
    assert [book.state for book in drifting.of_reader(world.db, kept)] == ["home"]
