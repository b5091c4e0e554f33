"""免费配送 on the staff page: today's money, the windows, the published seed, special readers (A2-27, D-3)."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending import drawing, draws, free_shipping, special_readers
from lending.database import Store
from lending.model import library_day
from tests.admin.conftest import Hand
from tests.small_desk import POLICY, StoodStill


@pytest.fixture
def at(store: Store, now: datetime) -> datetime:
    """The page's present moment."""
    return StoodStill(store, now).now()


@pytest.fixture
def drawn(store: Store, at: datetime, chief: Hand) -> draws.Window:
    """Two readers entered, and their window is drawn."""
    readers = [row["id"] for row in store.db.all("SELECT id FROM readers WHERE unseal(name) IN ('王芳', 'Smith')")]
    for reader in readers:
        draws.enter(store.db, reader, POLICY, at)
    drawing.draw_due(store.db, POLICY, draws.next_close(POLICY, at)[0])
    return draws.windows(store.db)[0]


def test_the_days_money_is_shown_to_the_yuan(chief: Hand, store: Store, at: datetime) -> None:
    day = library_day(at)
    with store.writing() as db:
        db.run("INSERT INTO free_days VALUES (:day, 1000000, 12300)", day=str(day))
    page = chief.read("/admin/free")
    assert "¥10000" in page and "¥9877" in page and "分场抽签" in page
    assert free_shipping.budget(store.db, POLICY, day).left_fen == 987700


def test_the_seed_is_shown_only_after_the_draw(chief: Hand, store: Store, at: datetime) -> None:
    window = draws.open_window(store.db, POLICY, at)
    page = chief.read("/admin/free")
    secret = store.db.value("SELECT seed FROM draw_windows")
    assert secret not in page and window.fingerprint[:16] in page
    assert chief.get(f"/admin/free/{window.day}/{window.n}").status_code == 404


def test_a_drawn_window_shows_what_anybody_may_check(chief: Hand, store: Store, drawn: draws.Window) -> None:
    page = chief.read("/admin/free")
    assert drawn.seed in page and f"/admin/free/{drawn.day}/{drawn.n}" in page
    page = chief.read(f"/admin/free/{drawn.day}/{drawn.n}")
    tickets = [row["ticket"] for row in store.db.all("SELECT ticket FROM draw_entries")]
    assert len(tickets) == drawn.winners == 2
    assert all(part in page for part in (*tickets, drawn.seed, drawn.fingerprint))


def test_a_reader_for_whom_coming_is_hard_has_more_lots(chief: Hand, store: Store, at: datetime) -> None:
    """A10-3; written into the log, without a reason."""
    number = store.db.value("SELECT number FROM readers ORDER BY id LIMIT 1")
    chief.read("/admin/free")
    page = chief.post("/admin/free/special", number=f" {number.lower()} ", on="1").get_data(as_text=True)
    assert f"{number} 登记好了" in page
    assert len(special_readers.ids(store.db)) == 1
    assert "登记来馆不方便的读者" in chief.read("/admin/colleagues")
    chief.read("/admin/free")
    chief.post("/admin/free/special", number=number)
    assert special_readers.ids(store.db) == []


def test_an_unknown_number_changes_nothing(chief: Hand, store: Store) -> None:
    chief.read("/admin/free")
    assert "没有找到「R999999」" in chief.post("/admin/free/special", number="R999999", on="1").get_data(as_text=True)
    assert special_readers.ids(store.db) == []


def test_it_is_behind_the_door_and_one_press_from_the_orders(stranger: Hand, chief: Hand) -> None:
    assert stranger.client.get("/admin/free").status_code == 302
    assert 'href="/admin/free"' in chief.read("/admin/orders")
