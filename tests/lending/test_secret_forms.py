"""A one-time form: a short-lived address, used once however many come at once, so many tries, so many a day (A3-31)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lending import secret_forms
from lending.database import writing
from lending.secret_forms import NoMoreForms
from tests.lending.world import World

KEY = b"a key of the tests"


def make(world: World, reader: int, kind: str = "library") -> str:
    return secret_forms.make(world.db, reader, kind, KEY, world.policy, world.now)[0]


def look(world: World, token: str) -> secret_forms.Form | None:
    return secret_forms.look(world.db, token, KEY, world.policy, world.now)


def test_an_address_is_long_stands_nowhere_and_belongs_to_one_reader_and_kind(world: World) -> None:
    reader = world.reader()
    token = make(world, reader, "citizen")
    assert len(token) >= 32 and token not in str(world.everything())
    form = look(world, token)
    assert form is not None and (form.reader_id, form.kind) == (reader, "citizen")
    assert form.tries_left == world.policy.credentials.form_tries
    assert secret_forms.look(world.db, token, b"another key", world.policy, world.now) is None


def test_it_lives_as_long_as_the_policy_says(world: World) -> None:
    token = make(world, world.reader())
    world.later(minutes=world.policy.credentials.form_minutes, seconds=-1)
    assert look(world, token)
    world.later(seconds=1)
    assert look(world, token) is None
    assert not secret_forms.take_try(world.db, token, KEY, world.policy, world.now)
    assert not secret_forms.use(world.db, token, KEY, world.now)


def test_a_new_one_closes_the_one_before(world: World) -> None:
    reader = world.reader()
    first = make(world, reader)
    assert look(world, make(world, reader)) and look(world, first) is None


def test_tries_are_counted_before_anybody_is_asked(world: World) -> None:
    most = 5
    world.rule("credentials", form_tries=most)
    token = make(world, world.reader())
    assert (form := look(world, token)) and form.tries_left == most
    taken = [secret_forms.take_try(world.db, token, KEY, world.policy, world.now) for _ in range(most + 2)]
    assert taken == [True] * most + [False] * 2
    form = look(world, token)
    assert form is not None and form.tries_left == 0


def test_so_many_a_day(world: World) -> None:
    reader, most = world.reader(), 2
    world.rule("credentials", forms_a_day=most)
    for _ in range(most):
        make(world, reader)
    with pytest.raises(NoMoreForms) as refused:
        make(world, reader)
    assert refused.value.facts() == {"most": most}
    world.later(days=1)
    assert make(world, reader)


@pytest.mark.parametrize("what", ["use", "take_try"])
def test_at_once_from_many_sides_it_is_used_once(world: World, what: str) -> None:
    """Eight at the same moment: one use, and no more tries than there are."""
    token, together = make(world, world.reader()), Barrier(8)

    def go(_: int) -> bool:
        db = world.store.db
        together.wait()
        if what == "take_try":
            return secret_forms.take_try(db, token, KEY, world.policy, world.now)
        with writing(db) as door:
            return secret_forms.use(door, token, KEY, world.now)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(go, range(8)))
    assert sum(done) == (1 if what == "use" else world.policy.credentials.form_tries)
