"""The front room, undelivered messages, colleagues and the log, languages, masks."""

from __future__ import annotations

import ast
import re
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import Markup

from admin import cards as admin_cards
from admin import duplicates as admin_duplicates
from admin import letters as admin_letters
from admin import masks, staff, waiting
from admin import orders as admin_orders
from admin import purchases as admin_purchases
from admin import readers as admin_readers
from admin import wishes as admin_wishes
from admin.colleagues import DEEDS, FACTS, OBJECTS, UNTOLD
from admin.orders import ENDS
from lending import (
    case_records,
    claims,
    clock,
    door_claims,
    loans,
    locker_reports,
    orders,
    parcels,
    picks,
    proofs,
    purchases,
    uncollected,
    wishes,
)
from lending.database import Store
from lending.proofs import Claim
from lending.purchases import ShopBook
from tests import small_desk
from tests.admin.conftest import Hand

ISBNS = ("9787020024759", "9787544270878")


def test_while_the_clock_has_leapt_the_front_room_says_so(chief: Hand, store: Store) -> None:
    """As the worker has found, in this process or another."""
    assert "时钟" not in chief.read("/admin")
    for off, said in ((1825.2 * 24 * 3600, "忽然快了 1825 天"), (-1.5 * 24 * 3600, "忽然慢了 2 天")):
        clock.tell_leap(store.db, off)
        for path in ("/admin", "/admin/live"):
            assert said in chief.read(path) and "满 60 分钟就照它办" in chief.read(path)
    clock.tell_leap(store.db, 0.0)
    assert "时钟" not in chief.read("/admin/live")


def test_a_book_without_a_call_number_leaves_no_dot_behind(chief: Hand, store: Store, now: datetime) -> None:
    """Where it stands is said alone: on the board, at the repair shelf, where it is looked for, among the missing."""
    claims.claim(store.db, 1, loans.of_reader(store.db, 1)[0].id, "放进柜子了", small_desk.POLICY, now)
    for barcode, step in (("B002", "damage"), ("B010", "miss")):
        chief.post("/admin/copies/step", barcode=barcode, step=step)
    with store.writing() as db:
        db.run("UPDATE copies SET call_number = '', shelf = ''")
    chief.post("/admin/returns/point", point="1")
    chief.post("/admin/returns", barcode="B003")
    shown = {"orders": "骆驼祥子", "cases": "活着", "ways-back": "围城", "copies": "平凡的世界", "returns": "三体"}
    for path, title in shown.items():
        text = " ".join(Markup(chief.read(f"/admin/{path}")).striptags().split())
        assert title in text
        assert not re.search(r"· ·|· (B|SX)\d|城西馆 · (\d|$)", text), (path, text)


def test_an_undelivered_message_says_why_in_our_words_and_on_which_channel(chief: Hand) -> None:
    page = Markup(chief.read("/admin/messages")).striptags()
    assert "读者停用了和我们的聊天" in page and "Telegram …0001" in page and "telegram" not in page
    chief.post("/admin/language", language="en", back="/admin")
    assert "The reader has blocked our chat" in chief.read("/admin/messages")


def test_a_day_of_another_year_is_said_with_it(chief: Hand, store: Store) -> None:
    """A book due next winter is not late this one."""
    assert "2026" not in Markup(chief.read("/admin/cases")).striptags()
    with store.writing() as db:
        db.run("UPDATE loans SET due_at = '2027-12-20T15:59:59Z' WHERE returned_at IS NULL")
    assert "2027年12月20日（周一）" in chief.read("/admin/readers/R000002")
    chief.post("/admin/language", language="en", back="/admin")
    assert "Mon 20 Dec 2027" in chief.read("/admin/readers/R000002")


def test_the_front_room_counts_what_waits_and_what_is_late(chief: Hand) -> None:
    text = Markup(chief.read("/admin/live")).striptags().replace(" ", "")
    for shown in (
        "读者在等馆员1件已逾承诺2",
        "要备书、打包、送出的订单1件已逾承诺3",
        "读者手里的书1本超期2",
        "没送到的消息1",
        "丢失和破损的个案1",
    ):
        assert shown in text
    assert re.search(r"[^\d]0(?!\d)", text) is None, "what is not there is not named"


def test_the_front_room_names_every_sort_of_work_with_a_way_to_it(
    chief: Hand, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WORK", tuple(replace(one, count="3", late="2") for one in waiting.WORK))
    page = chief.read("/admin")
    for one in waiting.WORK:
        assert one.words.replace("{n}", "7") in page
    links = re.findall(r'href="(/admin/[^"]*)"', page.split('class="rooms-list"')[1])
    assert len(links) >= len(waiting.WORK)
    for link in set(links):
        assert chief.get(link).status_code == 200, link


def test_a_quiet_day_says_so(chief: Hand, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WORK", tuple(replace(one, count="0") for one in waiting.WORK))
    assert "现在没有要办的事" in chief.read("/admin/live")


def test_the_front_rooms_numbers_are_those_of_the_rooms(chief: Hand, store: Store, now: datetime) -> None:
    """Each count beside what the room itself lists."""
    db, policy = store.db, small_desk.POLICY
    wishes.suggest(db, 1, "一本新书", now)
    order = orders.by_number(db, "SX261120-0006")
    door_claims.claim(db, order.reader_id, order.number, "", now)
    loan = loans.of_reader(db, 1)[0]
    claims.claim(db, 1, loan.id, "", policy, now)
    locker_reports.hear(db, "xixi", 1, "broken", {"box": "Z9"}, now, policy, now)
    later = now + timedelta(days=3)
    found = {one.work.words: one.n for one in waiting.now_waiting(db, policy, later)}
    assert found["没看过的荐购"] == len(wishes.listed(db, ("new",)))
    assert found["读者说没开的柜门"] == len(door_claims.open_ones(db)) == 1
    assert found["读者说还了、要找的书"] == len(claims.open_checks(db)) == 1
    assert found["对不上的书柜报告"] == len(locker_reports.disputed(db)) == 1
    assert found["打包好，等着交出去的包裹"] == len(parcels.in_states(db, ["created"]))
    assert found["丢失和破损的个案"] == len(case_records.open_ones(db))
    assert found.get("等了很久没来取，要打电话", 0) == len(uncollected.to_call(db, policy, later))


def test_a_list_that_is_cut_off_says_so(
    chief: Hand, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes.suggest(store.db, 1, "一本新书", now)
    for reader in (1, 2):
        proofs.ask(store.db, reader, Claim("library", "hashed", "34"), "desk", now)
        small_desk.reader(store.db, "李小明", "13800000000", now)
    purchases.store_list(store.db, "晓风", [ShopBook(0, "", isbn, isbn, "", "", 2026, 4500) for isbn in ISBNS])
    rooms = ("orders", "wishes", "cards", "duplicates", "purchases", "readers", "letters")
    for most, said in ((1, True), (200, False)):
        for module in (admin_orders, admin_wishes, admin_cards, admin_duplicates, admin_purchases,
                       admin_readers, admin_letters):  # fmt: skip
            monkeypatch.setattr(module, "MOST", most)
        assert [room for room in rooms if (f"最多列 {most} 条" in chief.read(f"/admin/{room}")) != said] == []


def test_what_a_list_has_no_room_for_is_counted_all_the_same(
    chief: Hand, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On tabs and in headings; and a tab shows its own orders, not those of them that are among the first of all."""
    for reader in (1, 2):
        proofs.ask(store.db, reader, Claim("library", "hashed", "34"), "desk", now)
        picks.pick(store.db, reader, "", now)
        small_desk.reader(store.db, "李小明", "13800000000", now)
    purchases.store_list(store.db, "晓风", [ShopBook(0, "", isbn, isbn, "", "", 2026, 4500) for isbn in ISBNS])
    for module in (admin_orders, admin_cards, picks, admin_duplicates, admin_purchases):
        monkeypatch.setattr(module, "MOST", 1)
    counts = re.findall(r"<b>(\d+)</b>", chief.read("/admin/orders"))
    assert counts == ["0", "1", "1", "1", "0", "1", "0"] * 2
    assert "SX261120-0006" in chief.read("/admin/orders?state=in_locker")
    for room, n in (("cards", 2), ("picks", 2), ("duplicates", 3), ("purchases", 2)):
        page = chief.read(f"/admin/{room}")
        assert f" <b>{n}</b></h" in page, room


def test_an_undelivered_message_is_sent_again_once(chief: Hand, store: Store) -> None:
    page = chief.read("/admin/messages")
    assert "读者停用了和我们的聊天" in page and "bot was blocked" not in page and "40010001" not in page
    number = store.db.value("SELECT id FROM outbox WHERE state = 'failed'")
    assert "再发一次。" in chief.post(f"/admin/messages/{number}/again").get_data(as_text=True)
    assert "不用再按" in chief.post(f"/admin/messages/{number}/again").get_data(as_text=True)
    assert store.db.value("SELECT state FROM outbox WHERE id = :id", id=number) == "queued"
    assert len(staff.logged(store.db, action="send_again")) == 1
    assert chief.post(f"/admin/messages/{10**30}/again").status_code == 404


def test_dead_letters_are_listed_without_phone_numbers(chief: Hand) -> None:
    page = chief.read("/admin/messages")
    assert "KeyError" in page and "138****0000" in page and "13800000000" not in page


def test_colleagues_and_the_log_are_for_the_chief(chief: Hand, colleague: Hand, store: Store) -> None:
    assert colleague.get("/admin/colleagues").status_code == 403
    assert colleague.post("/admin/colleagues", name="eve", shown_as="小伊", role="chief").status_code == 403
    assert store.db.value("SELECT COUNT(*) FROM staff") == 2
    assert "小王" in chief.read("/admin/colleagues")


def test_a_new_colleague_can_sign_in_and_is_asked_to_change_the_password(chief: Hand, stranger: Hand) -> None:
    page = chief.post("/admin/colleagues", name="Zhao", shown_as="小赵", role="librarian").get_data(as_text=True)
    password = page.split("初始密码 ")[1].split("（")[0]
    assert "请尽快换一个" in stranger.sign_in("zhao", password).get_data(as_text=True)
    for name, shown_as, role in (
        ("zhao", "小钱", "librarian"),
        ("a b", "小孙", "librarian"),
        ("sun", "小赵", "librarian"),
        ("sun", "小孙", "owner"),
    ):
        chief.post("/admin/colleagues", name=name, shown_as=shown_as, role=role)
    assert chief.read("/admin/colleagues").count("<td>zhao</td>") == 1 and "小孙" not in chief.read("/admin/colleagues")


def test_a_colleague_who_forgot_the_password_is_given_a_new_one_and_old_logins_end(
    chief: Hand, colleague: Hand, stranger: Hand, store: Store
) -> None:
    """So too for one who has left: nobody is told the new one."""
    assert colleague.post("/admin/colleagues/admin/password").status_code == 403
    page = chief.post("/admin/colleagues/wang/password").get_data(as_text=True)
    password = page.split("新密码 ")[1].split("（")[0]
    assert "给同事新密码" in page and password not in str(staff.logged(store.db))
    assert colleague.client.get("/admin").status_code == 302
    assert stranger.sign_in("wang").status_code == 401
    assert "请尽快换一个" in stranger.sign_in("wang", password).get_data(as_text=True)
    for name in ("admin", "nobody"):
        assert "没有这位同事" in chief.post(f"/admin/colleagues/{name}/password").get_data(as_text=True)
    assert chief.client.get("/admin").status_code == 200


def test_two_librarians_are_not_called_the_same(chief: Hand, store: Store) -> None:
    assert "已有同事在用" in chief.post("/admin/account/name", shown_as="小王").get_data(as_text=True)
    assert "馆员阿信" in chief.post("/admin/account/name", shown_as="阿信").get_data(as_text=True)
    assert store.db.value("SELECT shown_as FROM staff WHERE name = 'admin'") == "阿信"


def test_the_log_cannot_be_rewritten(app: Flask, store: Store) -> None:
    for change in ("UPDATE staff_log SET staff = 'x'", "DELETE FROM staff_log"):
        with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
            db.run(change)


def test_every_deed_and_what_it_writes_down_has_words() -> None:
    """A line of the log without words is blank, or in the programmer's, in every language."""
    place = {"log": 2, "_log": 1, "_do": 2, "_move": 3}  # where each of these is told what was done
    written, facts, objects = set(), set(), set()
    for file in Path(staff.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                deed = node.args[place[name]] if name in place and len(node.args) > place[name] else None
                if isinstance(deed, ast.Constant) and isinstance(deed.value, str):
                    written.add(deed.value)
                if name == "log" and len(node.args) == 5 and isinstance(thing := node.args[3], ast.JoinedStr):
                    objects.add(str(getattr(thing.values[0], "value", "")).rstrip(":"))
                    facts |= {one.arg for one in node.keywords if one.arg}
    assert len(written) > 50 and written | ENDS.keys() == DEEDS.keys()
    untold = {fact for facts in UNTOLD.values() for fact in facts}
    assert len(facts) > 20 and facts <= FACTS.keys() | untold
    assert len(objects) > 20 and objects <= OBJECTS.keys()


def test_the_log_of_deeds_is_in_words(chief: Hand, store: Store) -> None:
    chief.post("/admin/orders/SX261120-0005/step", step="pick", state="approved", books="1", back="")
    chief.post("/admin/free/special", number="R000001", on="1")
    chief.post("/admin/free/special", number="R000001")
    chief.post("/admin/readers/R000001/standing", standing="ladder", reason="本人要求", before="trusted")
    text = "".join(Markup(chief.read("/admin/colleagues")).striptags().split())
    for said in (
        "推进订单 订单 SX261120-0005 做了什么：开始备书；状态：备书中",
        "登记来馆不方便的读者 读者 R000001 登记了：是",
        "登记来馆不方便的读者 读者 R000001 登记了：不再登记",
        "调整信用身份 读者 R000001 原来：信用读者；现在：信任阶梯；原因：本人要求",
        "登录 账号 admin 来自：127.0.0.1",
    ):
        assert said.replace(" ", "") in text
    chief.post("/admin/language", language="en", back="/admin")
    assert "From: 127.0.0.1" in chief.read("/admin/colleagues")


def test_the_language_is_chosen_and_stays(chief: Hand) -> None:
    for language, tag in (("en", "en"), ("zh_Hant", "zh-Hant"), ("zh_Hans", "zh-Hans")):
        chief.post("/admin/language", language=language, back="/admin/orders")
        assert f'<html lang="{tag}">' in chief.read("/admin/orders")
    shown = "/admin/orders?state=packed"
    assert f'name="back" value="{shown}"' in chief.read(shown)
    chief.post("/admin/language", language="xx", back="https://evil.example")
    assert '<html lang="zh-Hans">' in chief.read("/admin")


@pytest.mark.parametrize("full, masked", [("李明", "李*"), ("欧阳修文", "欧*"), ("Smith", "S*"), ("", ""), (" ", "")])
def test_a_name_is_masked(full: str, masked: str) -> None:
    assert masks.name(full) == masked


@pytest.mark.parametrize("full, masked", [("13800000000", "138****0000"), ("8001234", "*****34"), ("", ""), ("1", "1")])
def test_a_phone_is_masked(full: str, masked: str) -> None:
    assert masks.phone(full) == masked


@pytest.mark.parametrize("full, masked", [
    ("李明 13800000000 春风路8号3单元201", "李* 138****0000 春风路…"), ("", ""), ("李明", "李*  …"),
    ("Mary Ann Featherstone 13800000000 春风路8号", "M* 138****0000 春风路…"),
])  # fmt: skip
def test_an_address_is_masked(full: str, masked: str) -> None:
    assert masks.address(full) == masked
