"""The worklist of incomplete records, the form that mends them, and the editor's picks (A7-5, A2-18)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from admin import picks as picks_room
from admin import staff
from lending import catalogue, picks, withdrawals
from lending.database import Store
from lending.policy import load_policy
from lending.records import keep_mended, look_up, mend
from lending.stock import TitleEntry, store_titles
from tests.admin.conftest import Hand

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WHOLE = TitleEntry(
    "全的书", authors=("甲",), publisher="乙社", year=2001, isbn="9787020024759", clc="I247.57", popularity=9
)


@pytest.fixture
def bare(store: Store, chief: Hand) -> int:
    """A wanted record of which only the title is known, and one that is whole."""
    with store.writing() as db:
        return store_titles(db, [TitleEntry("光秃秃的书", popularity=99), WHOLE]).ids[0]


def _form(store: Store, title_id: int, **fields: str) -> dict[str, str]:
    return {"revision": str(catalogue.title(store.db, title_id).revision), **fields}


def test_the_most_wanted_incomplete_record_is_first_and_says_what_is_missing(chief: Hand, bare: int) -> None:
    page = chief.read("/admin/records")
    first = page.split("<tbody>")[1].split("</tr>")[0]
    assert "光秃秃的书" in first and "0 %" in first and "作者、出版社、出版年、ISBN、分类号" in first
    assert "全的书" not in page


def test_mending_fills_in_raises_the_revision_and_is_logged(chief: Hand, store: Store, bare: int) -> None:
    before = catalogue.latest_revision(store.db)
    said = chief.post(
        f"/admin/records/{bare}",
        **_form(store, bare, authors="鲁迅、许广平", publisher=" 人民文学 出版社", year="1981", isbn="7-02-002475-0",
                clc="i210.97", subjects="书信;通信"),
    ).get_data(as_text=True)  # fmt: skip
    assert "存好了" in said
    title = catalogue.title(store.db, bare)
    assert title.authors == ("鲁迅", "许广平") and title.subjects == ("书信", "通信")
    assert (title.isbn, title.clc, title.year) == ("9787020024759", "I210.97", 1981)
    assert catalogue.completeness(title) == 100 and title.revision > before
    assert [one.id for one in catalogue.changed_since(store.db, before)] == [bare], "the index follows"
    (line,) = staff.logged(store.db, action="mend_record")
    assert line["object"] == f"title:{bare}" and line["facts"]["year"] == "– → 1981"
    assert "光秃秃的书" not in chief.read("/admin/records")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("isbn", "9787020024750", "校验位不对"),
        ("isbn", "10019-3968", "校验位不对"),
        ("isbn", "9.7878E+12", "校验位不对"),
        ("clc", "W99", "没有这个类号"),
        ("clc", "文学", "没有这个类号"),
        ("clc", "I247.57; DROP", "没有这个类号"),
        ("year", "民91", "1000 到 2100"),
        ("year", "99999999", "1000 到 2100"),
        ("pages", "-3", "1 到 20000"),
        ("title", " ", "书名不能空着"),
    ],
)
def test_a_wrong_entry_changes_nothing_and_is_named(
    chief: Hand, store: Store, bare: int, field: str, value: str, said: str
) -> None:
    before = catalogue.title(store.db, bare)
    form = _form(store, bare, **{"publisher": "好的社", field: value})
    answer = chief.post(f"/admin/records/{bare}", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page and "好的社" in page, "what was entered is kept in the form"
    assert catalogue.title(store.db, bare) == before and staff.logged(store.db, action="mend_record") == []


@pytest.mark.parametrize("mark", ["I247.57", "TP311.138-43", "k825.6=76", "G634", "O211.67", "D923.04(2)"])
def test_real_class_marks_are_taken(chief: Hand, store: Store, bare: int, mark: str) -> None:
    chief.post(f"/admin/records/{bare}", **_form(store, bare, clc=mark))
    assert catalogue.title(store.db, bare).clc == mark.upper()


def test_an_older_form_overwrites_nothing(chief: Hand, store: Store, bare: int) -> None:
    old = _form(store, bare, publisher="旧的")
    mend(store.db, bare, {"publisher": "新的"})
    assert "刚刚被改过" in chief.post(f"/admin/records/{bare}", **old).get_data(as_text=True)
    assert catalogue.title(store.db, bare).publisher == "新的"


def test_an_old_fault_that_is_not_touched_does_not_stop_mending(chief: Hand, store: Store) -> None:
    """The small library's ISBNs have wrong check digits."""
    one = look_up(store.db, "围城")[0]
    before = catalogue.title(store.db, one)
    chief.post(f"/admin/records/{one}", **_form(store, one, isbn=before.isbn, publisher="人民文学出版社"))
    after = catalogue.title(store.db, one)
    assert after.publisher == "人民文学出版社" and after.isbn == before.isbn


def test_what_was_filled_in_survives_an_import_that_brings_less(store: Store, bare: int) -> None:
    mend(store.db, bare, {"publisher": "补的社", "year": 1981})
    with store.writing() as db:
        stored = store_titles(db, [TitleEntry("光秃秃的书", popularity=100)])
        keep_mended(db, stored.renewed)
    kept = catalogue.title(store.db, bare)
    assert (kept.publisher, kept.year, kept.popularity) == ("补的社", 1981, 100)
    mend(store.db, bare, {"publisher": ""})
    with store.writing() as db:
        keep_mended(db, store_titles(db, [TitleEntry("光秃秃的书", popularity=101)]).renewed)
    assert catalogue.title(store.db, bare).publisher == "", "emptied by hand stays empty"


def test_a_record_is_found_by_barcode_isbn_and_beginning(chief: Hand, bare: int, store: Store) -> None:
    assert 'name="revision"' in chief.read("/admin/records?q=光秃")
    assert "围城" in chief.read("/admin/records?q=B001")
    assert "全的书" in chief.read("/admin/records?q=978-7-02-002475-9")
    assert "没有找到" in chief.read("/admin/records?q=不存在的书名")
    assert chief.get("/admin/records/99999").status_code == 404
    assert chief.get(f"/admin/records/{10**30}").status_code == 404


def test_of_one_name_the_house_and_the_year_tell_which_and_whether_it_is_lent(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        entries = [TitleEntry("同名的书", publisher=f"{n}社", year=2000 + n) for n in (1, 2)]
        first, _second = store_titles(db, entries).ids
    withdrawals.withdraw(store.db, first, "记重了", load_policy(), datetime.now(UTC))
    rows = chief.read("/admin/records?q=同名的书").split("<tbody>")[1].split("</tr>")
    (gone,), (kept,) = ([row for row in rows if house in row] for house in ("1社 · 2001", "2社 · 2002"))
    assert "已下架" in gone and "已下架" not in kept


def test_words_of_records_are_shown_as_words(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        one = store_titles(db, [TitleEntry('<b>"好"&amp;书', popularity=1_000)]).ids[0]
    for path in ("/admin/records", f"/admin/records/{one}", "/admin/picks?q=<b>"):
        assert '<b>"' not in chief.read(path)


def test_picks_are_chosen_in_ones_own_words_changed_and_taken_off(chief: Hand, store: Store) -> None:
    page = chief.read("/admin/picks?q=围城")
    one = int(re.findall(r"/admin/picks/(\d+)", page)[0])
    assert "在主编推荐里了" in chief.post(f"/admin/picks/{one}", note=" 城里的人 想出去 ").get_data(as_text=True)
    assert [(pick.title_id, pick.note) for pick in picks.picked(store.db)] == [(one, "城里的人 想出去")]
    assert "没有找到，或者已经" in chief.read("/admin/picks?q=围城")
    chief.post(f"/admin/picks/{one}", note="换一句")
    assert picks.picked(store.db)[0].note == "换一句"
    chief.post(f"/admin/picks/{one}/off")
    chief.post(f"/admin/picks/{one}/off")
    assert picks.picked(store.db) == []
    assert [line["action"] for line in staff.logged(store.db) if "pick" in line["action"]] == ["unpick", "pick", "pick"]
    assert chief.post("/admin/picks/99999", note="x").status_code == 404


def test_both_rooms_are_closed_to_strangers(stranger: Hand, store: Store) -> None:
    for path in ("/admin/records", "/admin/records/1", "/admin/picks"):
        assert "login" in stranger.client.get(path).headers["Location"]
    stranger.send("/admin/picks/1", note="x")
    assert picks.picked(store.db) == []


# ---- for whom (公共图书馆法 art. 50, B8) ------------------------------------------------------------


def test_a_librarian_keeps_a_title_for_adults_and_gives_it_back(chief: Hand, store: Store, bare: int) -> None:
    """Logged both ways; what is pressed twice is logged once, and what is no word changes nothing."""
    assert "谁都能借。" in chief.read(f"/admin/records/{bare}")
    for word in ("adults", "adults", "nonsense"):
        said = chief.post(f"/admin/records/{bare}/audience", audience=word).get_data(as_text=True)
        assert "现在是：只借给成年读者" in said and "馆员或书目记录标的" in said
    assert catalogue.title(store.db, bare).audience == "adults"
    chief.post(f"/admin/records/{bare}/audience", audience="everybody")
    facts = [line["facts"] for line in staff.logged(store.db, action="set_audience")]
    assert facts == [{"before": "adults", "after": "everybody"}, {"before": "", "after": "adults"}]
    assert "没有标过" in chief.read("/admin/colleagues") and "定给谁看" in chief.read("/admin/colleagues")


def test_a_librarians_word_stands_after_an_import_that_says_otherwise(store: Store, bare: int) -> None:
    mend(store.db, bare, {"audience": "everybody"})
    with store.writing() as db:
        stored = store_titles(db, [TitleEntry("光秃秃的书", popularity=99, audience="adults")])
        assert stored.renewed == [bare]
        keep_mended(db, stored.renewed)
    assert catalogue.title(store.db, bare).audience == "everybody"


# ---- more than one page holds ------------------------------------------------------------------------------------


def test_every_pick_can_be_reached_and_what_is_picked_is_not_found_again(chief: Hand, store: Store) -> None:
    """Past fifty they could be neither changed nor taken off."""
    with store.writing() as db:
        entries = [TitleEntry(f"推荐书{n:03d}", source_id=f"test:{n}") for n in range(picks_room.SHOWN + 2)]
        ids = store_titles(db, entries).ids
    for n, title_id in enumerate(ids):
        picks.pick(store.db, title_id, "", NOW + timedelta(minutes=n))
    first, second = chief.read("/admin/picks"), chief.read(f"/admin/picks?from={picks_room.SHOWN}")
    assert "《推荐书051》" in first and "《推荐书001》" not in first and "下一页" in first and "上一页" not in first
    assert "《推荐书001》" in second and "《推荐书000》" in second
    assert "《推荐书002》" not in second and "上一页" in second
    assert "没有找到，或者已经在推荐里了" in chief.read("/admin/picks?q=推荐书000")
    assert len(picks.picked(store.db)) == len(ids), "readers page through all of them"


def test_more_titles_than_are_listed_are_said_with_a_way_to_look_closer(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        store_titles(db, [TitleEntry(f"很多的书{n:03d}", source_id=f"test:{n}") for n in range(21)])
    for room in ("records", "picks"):
        page = chief.read(f"/admin/{room}?q=很多的书")
        assert "还有更多，这里只列前 20 个。请把书名写长一点，或者用 ISBN、条码。" in page
        assert page.count("《很多的书") == 20 and "只列前" not in chief.read(f"/admin/{room}?q=很多的书00")


# ---- 下架 ---------------------------------------------------------------------------------------------------------


def test_a_record_is_withdrawn_for_a_reason_and_brought_back(chief: Hand, store: Store, bare: int) -> None:
    chief.read(f"/admin/records/{bare}")
    assert "先写原因" in chief.post(f"/admin/records/{bare}/withdraw", why=" ").get_data(as_text=True)
    assert not catalogue.title(store.db, bare).withdrawn
    said = chief.post(f"/admin/records/{bare}/withdraw", why="和另一条记重了").get_data(as_text=True)
    assert "下架了。0 位读者会收到消息" in said and "原因：和另一条记重了" in said and "重新上架" in said
    assert catalogue.title(store.db, bare).withdrawn
    again = chief.post(f"/admin/records/{bare}/withdraw", why="又一次").get_data(as_text=True)
    assert "刚刚有同事改过" in again
    assert "又上架了" in chief.post(f"/admin/records/{bare}/withdraw", done="back").get_data(as_text=True)
    assert not catalogue.title(store.db, bare).withdrawn
    assert len(staff.logged(store.db, action="withdraw_record")) == 2
