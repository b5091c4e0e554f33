"""册、清点: one copy by its barcode, its next steps, and taking stock with a scanner that types a code (E3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lending import holds, loans, readers, stock_takes, unfound
from lending.catalogue import copies, copy_by_barcode
from lending.database import Store
from lending.model import Fulfilment
from lending.policy import load_policy
from tests import small_desk
from tests.admin.conftest import Hand

ROOM, TAKES = "/admin/copies", "/admin/stock-takes"


def card(colleague: Hand, barcode: str) -> str:
    return colleague.read(f"{ROOM}?q={barcode}")


def press(colleague: Hand, barcode: str, step: str, **form: str) -> str:
    answer = colleague.post(f"{ROOM}/step", barcode=barcode, step=step, **form)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def standing(store: Store, barcode: str) -> str:
    return copy_by_barcode(store.db, barcode).standing


def test_a_copy_on_the_shelf_shows_what_it_is_and_what_may_happen(colleague: Hand, store: Store) -> None:
    page = card(colleague, "b002")
    assert all(words in page for words in ("《活着》", "在架", "城西馆", "I246.5/2", "属于"))
    assert all(words in page for words in ("架上找不到", "坏了，上修补架", "剔除")) and 'value="readmit"' not in page


def test_a_copy_says_where_it_stands_and_not_where_it_would(colleague: Hand, store: Store, now: datetime) -> None:
    """Kept for a reader it stands on the hold shelf, and till when is told; with a reader it stands nowhere here."""
    assert "城西馆 · 2 排 A 面" in card(colleague, "B002")
    lent, place = card(colleague, "B003"), "城西馆 · 3 排 A 面"
    assert "在借" in lent and place not in lent and "<dt>现在在" not in lent
    loans.check_in(store.db, "B003", 1, small_desk.POLICY, now)
    kept = card(colleague, "B003")
    assert "城西馆 · 预约架" in kept and "给读者留到" in kept and place not in kept


def test_missing_and_found_again_where_it_was_put(colleague: Hand, store: Store) -> None:
    assert "清点缺失" in press(colleague, "B002", "miss") and standing(store, "B002") == "missing"
    assert "什么都没改" in press(colleague, "B002", "miss")
    assert "B002" in colleague.read(ROOM)
    assert "在架" in press(colleague, "B002", "find", point="2")
    assert copy_by_barcode(store.db, "B002").point_id == 2
    page = card(colleague, "B002")
    assert page.count("<li>") >= 2 and "城东馆" in page


def test_taken_out_with_a_reason_and_taken_in_again(colleague: Hand, store: Store) -> None:
    assert "要写上原因" in press(colleague, "B002", "withdraw", reason="  ") and standing(store, "B002") == "available"
    press(colleague, "B002", "withdraw", reason="水泡了")
    assert "水泡了" in card(colleague, "B002") and standing(store, "B002") == "withdrawn"
    colleague.post("/admin/language", language="en")
    assert ">Withdraw<" not in card(colleague, "B002"), "it has been done"
    colleague.post("/admin/language", language="zh_Hans")
    press(colleague, "B002", "readmit", point="1")
    assert standing(store, "B002") == "available"


def test_what_is_on_loan_or_in_an_order_says_what_to_do_first(colleague: Hand, store: Store) -> None:
    lent = card(colleague, "B001")
    assert "先在「扫码还书」里扫一下" in lent and "架上找不到" not in lent and "李明" not in lent
    assert "先在「扫码还书」里扫一下" in press(colleague, "B001", "miss") and standing(store, "B001") == "on_loan"
    assert "/admin/orders/" in card(colleague, "B004") and "备书单" in card(colleague, "B004")


@pytest.mark.parametrize("form", [{"step": "burn"}, {"step": "give_up"}, {"step": "find", "point": "77"}, {"step": ""}])
def test_forged_presses_change_nothing(colleague: Hand, store: Store, form: dict[str, str]) -> None:
    press(colleague, "B002", "miss")
    assert colleague.post(f"{ROOM}/step", barcode="B002", **form).status_code == 404
    assert colleague.post(f"{ROOM}/step", barcode="nothing", step="miss").status_code == 404
    assert colleague.post(f"{ROOM}/place", barcode="B002", point="x").status_code == 404
    assert standing(store, "B002") == "missing"


def test_unknown_codes_are_said_and_titles_show_their_copies(colleague: Hand) -> None:
    assert "没有条码或书名是「没有」的书" in colleague.read(f"{ROOM}?q=没有")
    assert "B002" in colleague.read(f"{ROOM}?q=活着")


def test_home_and_shelf_are_changed(colleague: Hand, store: Store) -> None:
    colleague.post(f"{ROOM}/place", barcode="B002", point="2", call_number="K1", shelf="9 排")
    copy = copy_by_barcode(store.db, "B002")
    assert (copy.home_point_id, copy.call_number, copy.shelf, copy.point_id) == (2, "K1", "9 排", 1)


def test_what_readers_did_not_find_is_one_task(colleague: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        for reader in (readers.join(db, "zh_Hans", now).id, 3):
            unfound.report(db, 2, 1, reader, now)
    assert "读者在架上没找到的书" in colleague.read("/admin")
    page = colleague.read(ROOM)
    assert "2 位读者说过" in page and "B002" in page
    assert "先勾上" in colleague.post(f"{ROOM}/search/1", done="missing").get_data(as_text=True)
    colleague.post(f"{ROOM}/search/1", done="missing", barcode=["B002"])
    assert standing(store, "B002") == "missing" and "没有要去架上看的书" in colleague.read(ROOM)
    assert "已经有同事办过" in colleague.post(f"{ROOM}/search/1", done="found").get_data(as_text=True)
    assert colleague.post(f"{ROOM}/search/99", done="found").status_code == 404


def test_what_was_lent_while_it_was_looked_for_is_not_called_missing(
    colleague: Hand, store: Store, now: datetime
) -> None:  # fmt: skip
    with store.writing() as db:
        unfound.report(db, 2, 1, 3, now)
        small_desk.order(db, readers.reader(db, 2), (2,), Fulfilment.COUNTER, now)
    said = colleague.post(f"{ROOM}/search/1", done="missing", barcode=["B002"]).get_data(as_text=True)
    assert "刚刚都借走了" in said and "0 册" not in said


def test_a_title_without_a_copy_that_readers_wait_for_is_to_be_bought(
    colleague: Hand, store: Store, now: datetime
) -> None:
    with store.writing() as db:
        holds.join(db, 3, 2, now)
    press(colleague, "B002", "miss")
    page = colleague.read(ROOM)
    assert "有人在等，却一册也没有了" in page and "《活着》" in page


def begin(colleague: Hand, **form: str) -> str:
    return colleague.post(TAKES, **{"point": "1", "shelf": "", "call_number": "", "material": "", **form}).get_data(
        as_text=True
    )


def scan(colleague: Hand, code: str, take: int = 1) -> str:
    return colleague.post(f"{TAKES}/{take}", barcode=code).get_data(as_text=True)


def test_stock_is_taken_from_the_first_scan_to_the_end(colleague: Hand, store: Store) -> None:
    free = [copy.barcode for title in range(1, 11) for copy in copies(store.db, title) if copy.state == "available"]
    assert f"应有 {len(free)} 本" in begin(colleague)
    assert "在架，对" in scan(colleague, free[0].lower())
    page = scan(colleague, f"{free[0]}\r\nB001\nXX-1")
    assert "记下了 3 个条码" in page and "收下还书" in page and "没有这个条码" in page
    colleague.post(f"{TAKES}/1/here", barcode="B001")
    assert copy_by_barcode(store.db, "B001").state in ("available", "damaged")
    assert "接着清点" in colleague.read(TAKES)
    done = colleague.post(f"{TAKES}/1/end").get_data(as_text=True)
    assert f"{len(free) - 1} 本记为清点缺失" in done
    assert [standing(store, code) for code in free] == ["available", *["missing"] * (len(free) - 1)]
    assert "已经结束" in colleague.post(f"{TAKES}/1/end").get_data(as_text=True)
    assert "已经结束" in scan(colleague, free[1]) and standing(store, free[1]) == "missing"


def test_ended_without_a_scan_nothing_is_marked_and_it_can_be_called_off(colleague: Hand, store: Store) -> None:
    begin(colleague)
    assert "一本都没有扫" in colleague.post(f"{TAKES}/1/end").get_data(as_text=True)
    assert "什么都没记" in colleague.post(f"{TAKES}/1/call-off").get_data(as_text=True)
    assert not store.db.value("SELECT COUNT(*) FROM copies WHERE missing_since <> ''")


def test_absurd_choices_and_lists_are_refused(colleague: Hand, store: Store) -> None:
    assert "请选一个网点" in begin(colleague, point="99")
    assert "不用清点" in begin(colleague, shelf="没有这个架")
    begin(colleague, shelf="2 排")
    assert "一次最多" in scan(colleague, "\n".join(f"X{n}" for n in range(stock_takes.MOST_CODES + 1)), 2)
    assert "先扫书后的条码" in scan(colleague, " ", 2)
    assert colleague.post(f"{TAKES}/77/end").status_code == 404 and colleague.get(f"{TAKES}/77").status_code == 404
    assert not store.db.value("SELECT COUNT(*) FROM stock_take_scans")


def test_a_book_found_by_a_return_scan_is_said_to_be_found(colleague: Hand, store: Store) -> None:
    press(colleague, "B002", "miss")
    colleague.post("/admin/returns/point", point="2")
    colleague.post("/admin/returns", barcode="B002")
    assert "找到了" in colleague.read("/admin/returns") and standing(store, "B002") == "available"


def test_of_an_old_stock_taking_the_counts_are_shown(colleague: Hand, store: Store, now: datetime) -> None:
    policy = load_policy()
    take = stock_takes.begin(store.db, 1, "", "", "", "王", now)
    stock_takes.scan(store.db, take.id, ["B002", "nonsense"], "王", policy, now)
    stock_takes.end(store.db, take.id, "王", policy, now)
    assert "nonsense" in colleague.read(f"{TAKES}/{take.id}")
    stock_takes.clear_scans(store.db, policy, now + timedelta(days=policy.stock.scans_days + 1))
    page = colleague.read(f"{TAKES}/{take.id}")
    assert "nonsense" not in page and "合计留着" in page and "没有这个条码" in page and "扫了 2 个" in page
