"""公告: put up with a last day, taken down, and what a refused form held is not lost (A2-17)."""

from __future__ import annotations

from lending import announcements
from lending.database import Store
from tests.admin.conftest import Hand


def test_it_is_put_up_and_taken_down(chief: Hand, store: Store) -> None:
    chief.read("/admin/announcements")
    said = chief.post("/admin/announcements", text="周六有读书会<b>", text_en="", last="2026-12-01")
    assert "读者看得到了" in said.get_data(as_text=True)
    (one,) = announcements.listed(store.db, 10)
    assert "周六有读书会&lt;b&gt;" in chief.read("/admin/announcements")
    assert "撤下了" in chief.post(f"/admin/announcements/{one.id}/down").get_data(as_text=True)
    assert "以前的" in chief.post(f"/admin/announcements/{one.id}/down").get_data(as_text=True)
    assert "贴出公告" in (log := chief.read("/admin/colleagues")) and log.count("撤下公告") == 1


def test_what_cannot_be_kept_is_shown_again_with_its_words(chief: Hand, store: Store) -> None:
    chief.read("/admin/announcements")
    for form in ({"last": "2020-01-01"}, {"last": "soon"}, {"text": "字" * 301}):
        answer = chief.post("/admin/announcements", **{"text": "留着这句", **form})
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422 and "请写下要说的话" in shown and form.get("text", "留着这句") in shown
    assert announcements.listed(store.db, 10) == []


def test_it_is_behind_the_door(stranger: Hand) -> None:
    assert stranger.client.get("/admin/announcements").status_code == 302
