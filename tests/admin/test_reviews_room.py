"""书评: the librarians' reading desk, without names, and the verdict that the reader hears (A10-9)."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending import reviews
from lending.database import Store
from lending.reviews import Review
from tests.admin.conftest import Hand


@pytest.fixture
def written(store: Store, app: object, now: datetime) -> Review:
    """李明's words about 活着."""
    title = store.db.value("SELECT id FROM titles WHERE title = '活着'")
    return reviews.write(store.db, 1, title, "看哭了<script>x</script>", now)


def now_is(store: Store, one: Review) -> tuple[str, str]:
    it = reviews.review(store.db, one.id)
    return it.state, it.reason


def test_what_waits_is_counted_and_shown_without_a_name(chief: Hand, written: Review) -> None:
    assert "没看过的书评" in chief.read("/admin")
    shown = chief.read("/admin/reviews")
    assert "看哭了" in shown and "李明" not in shown and "R000001" not in shown and "<script>x" not in shown


def test_it_is_shown_and_may_be_taken_down_again(chief: Hand, written: Review, store: Store) -> None:
    path = f"/admin/reviews/{written.id}"
    assert "读者看得到了" in chief.post(path, step="show", edits="0").get_data(as_text=True)
    assert "看哭了" in chief.read("/admin/reviews?state=shown")
    chief.post(path, step="refuse", edits="0", reason="有人的电话")
    assert now_is(store, written) == ("refused", "有人的电话")
    assert "有人的电话" in chief.read("/admin/reviews?state=refused")


def test_a_refusal_needs_its_reason(chief: Hand, written: Review, store: Store) -> None:
    said = chief.post(f"/admin/reviews/{written.id}", step="refuse", edits="0", reason=" ").get_data(as_text=True)
    assert "请写一句原因" in said and now_is(store, written) == ("waiting", "")


def test_words_changed_meanwhile_are_read_again(chief: Hand, written: Review, store: Store, now: datetime) -> None:
    chief.read("/admin/reviews")
    reviews.write(store.db, 1, written.title_id, "换成别的话", now)
    said = chief.post(f"/admin/reviews/{written.id}", step="show", edits="0").get_data(as_text=True)
    assert "请再看一眼" in said and "换成别的话" in said and now_is(store, written) == ("waiting", "")


def test_one_that_was_taken_back_is_said_to_be_gone(chief: Hand, written: Review, store: Store) -> None:
    reviews.take_back(store.db, 1, written.title_id)
    said = chief.post(f"/admin/reviews/{written.id}", step="show", edits="0").get_data(as_text=True)
    assert "可能删掉了" in said and "没有要看的书评" in said


@pytest.mark.parametrize("form", [{}, {"step": "burn"}, {"step": "show", "edits": "x"}, {"step": "show"}])
def test_an_odd_form_changes_nothing(chief: Hand, written: Review, store: Store, form: dict[str, str]) -> None:
    chief.post(f"/admin/reviews/{written.id}", **form)
    assert now_is(store, written) == ("waiting", "")


def test_it_is_behind_the_door(stranger: Hand) -> None:
    assert stranger.client.get("/admin/reviews").status_code == 302
