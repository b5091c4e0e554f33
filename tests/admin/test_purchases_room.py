"""书店新书: the list pasted in, the answer of a person, and the barcode of the new copy (A2-4)."""

from __future__ import annotations

from datetime import datetime

from admin import staff
from lending import loans, looks, purchases, readers
from lending.database import Store
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

LIST = "量子花园,某人,新社,2026,9787020024759,45.00\n坏的一行,没有价格\n月亮手册,某人,新社,,9787544270878,¥80\n"


def test_from_the_list_to_the_loan(chief: Hand, store: Store, now: datetime) -> None:
    said = chief.post("/admin/purchases/list", shop="晓风", list=LIST).get_data(as_text=True)
    assert "书单上有 2 本" in said and "这几行没有看懂：2" in said
    wang = store.db.value("SELECT id FROM readers WHERE unseal(name) = '王芳'")
    readers.set_standing(store.db, wang, "trusted")
    readers.set_delivery(store.db, wang, "王芳", "13912345678", "文三路 1 号", "city")
    dear = next(one for one in purchases.on_offer(store.db, POLICY) if one.title == "月亮手册")
    asked = purchases.ask(store.db, wang, dear.id, "k", POLICY, now)
    shown = chief.read("/admin/purchases")
    assert "月亮手册" in shown and "文三路" not in shown, "no address before it is needed (B2-22)"
    assert "请写一句原因" in chief.post(f"/admin/purchases/{asked.id}", answer="no").get_data(as_text=True)
    chief.post(f"/admin/purchases/{asked.id}", answer="yes")
    masked = chief.read("/admin/purchases")
    assert "王* 139****5678 文三路 …" in masked and "13912345678" not in masked, "B2-22"
    page = chief.post(f"/admin/purchases/{asked.id}/address").get_data(as_text=True)
    assert "王芳 13912345678 文三路 1 号" in page
    assert staff.logged(store.db, action="see_address")[0]["object"] == f"purchase:{asked.id}"
    assert [look.what for look in looks.of_reader(store.db, wang)] == ["address"]
    taken = chief.send(f"/admin/purchases/{asked.id}/sent", barcode="b001", point="2").get_data(as_text=True)
    assert "「B001」不行" in taken and 'value="b001"' in taken and '<option value="2" selected>' in taken
    chief.post(f"/admin/purchases/{asked.id}/sent", barcode="nb77", point="1")
    assert "NB77" in [loan.barcode for loan in loans.of_reader(store.db, wang)]
    late = chief.post(f"/admin/purchases/{asked.id}/sent", barcode="nb78", point="1").get_data(as_text=True)
    assert f"{asked.number} 刚刚变了" in late
    assert "读者一直没有收到？" in chief.read("/admin/purchases")
    chief.post(f"/admin/purchases/{asked.id}/lost")
    assert "NB77" not in [loan.barcode for loan in loans.of_reader(store.db, wang)]
    assert "读者一直没有收到？" not in chief.read("/admin/purchases")


def test_what_of_the_list_nobody_can_choose_is_said(chief: Hand, store: Store) -> None:
    """The list has three, the page shows one: a book stands there twice, one is too dear, one is ours."""
    chief.post("/admin/purchases/list", shop="别家", list="别的书,某人,新社,2026,9787020024759,45")
    lines = (
        "月亮手册,某人,新社,,9787544270878,80", "月亮手册,某人,新社,,9787544270878,80",
        "太贵的书,某人,新社,2026,9787544291170,300", "我们有的,某人,新社,2026,9787506365437,30",
    )  # fmt: skip
    with store.writing() as db:
        db.run("UPDATE titles SET isbn = '9787506365437' WHERE id = 2")
    said = chief.post("/admin/purchases/list", shop="晓风", list="\n".join(lines)).get_data(as_text=True)
    assert "书单上有 3 本" in said and "其中 2 本读者选不了" in said and "太贵的书" not in said
    said = chief.post("/admin/purchases/list", shop="晓风", list=lines[0]).get_data(as_text=True)
    assert "书单上有 1 本" in said and "选不了" not in said


def test_it_is_behind_the_door(stranger: Hand) -> None:
    assert stranger.client.get("/admin/purchases").status_code == 302


def test_the_shops_list_says_what_is_for_adults_only(chief: Hand, store: Store) -> None:
    """B8, 公共图书馆法 art. 50: a seventh part of the line; one that cannot be understood is named, not passed over."""
    lines = (
        "甲书,某人,新社,2026,9787020024759,30,仅限成人", "乙书,某人,新社,2026,9787544291170,30",
        "丙书,某人,新社,2026,9787506365437,30,也许",
    )  # fmt: skip
    said = chief.post("/admin/purchases/list", shop="晓风", list="\n".join(lines)).get_data(as_text=True)
    assert "书单上有 2 本" in said and "这几行没有看懂：3" in said
    found = {one.title: one.audience for one in purchases.on_offer(store.db, POLICY)}
    assert found == {"甲书": "adults", "乙书": ""}
    assert [one.title for one in purchases.on_offer(store.db, POLICY, to_child=True)] == ["乙书"]
