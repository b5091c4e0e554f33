"""扫码牌、书标: what is printed, and where its codes lead (A2-13)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markupsafe import Markup

from admin import signs
from app import _doors
from bot.channels.telegram import TelegramChannel
from bot.service import Service
from lending.database import Store
from lending.printed_codes import of_point
from lending.stock import CopyEntry, store_copies
from tests.admin.conftest import Hand


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that was drawn as a code, as it is drawn."""
    drawn: list[str] = []
    draw = signs._picture

    def drawing(address: str, scale: int) -> Markup:
        drawn.append(address)
        return draw(address, scale)

    monkeypatch.setattr(signs, "_picture", drawing)
    return drawn


def test_a_sign_names_the_place_the_steps_and_the_code(colleague: Hand, carried: list[str]) -> None:
    page = colleague.read("/admin/signs/print?size=A6&place=1:counter&place=1:machine&place=3:locker&place=9:locker")
    assert page.count('<article class="sign a6">') == 3 and page.count("<svg") == 3
    assert "城西馆" in page and "西溪北苑书柜" in page and "城东馆" not in page
    assert [len(re.findall("<li>", one)) for one in page.split("<article")[1:]] == [3, 3, 3]
    assert carried == [f"http://localhost/?start={payload}" for payload in ("p1", "m1", "p3")]


def test_signs_come_in_two_sizes_and_none_is_told(colleague: Hand) -> None:
    assert "sign a4" in colleague.read("/admin/signs/print?size=A4&place=1:counter")
    assert "sign a6" in colleague.read("/admin/signs/print?size=A0&place=1:counter")
    for wrong in ("", "?place=1:locker", "?place=3:counter", "?place=x"):
        assert "请先选要印哪几块牌子" in colleague.read(f"/admin/signs/print{wrong}")


def test_labels_for_named_copies_and_what_is_not_there(colleague: Hand, carried: list[str]) -> None:
    page = colleague.read("/admin/signs/labels?barcodes=B003%0D%0Ab001%0D%0AB003%0D%0AX99%0D%0A")
    assert re.findall(r'<p class="code">([^<]+)', page) == ["B003", "B001"]
    assert "《" not in page and "三体" in page and "I246.5/3" in page and "没有这些条码：X99" in page
    assert carried == ["http://localhost/?start=c-B003", "http://localhost/?start=c-B001"]


def test_the_newest_copies_of_a_branch_fill_whole_sheets(colleague: Hand, store: Store) -> None:
    with store.writing() as db:
        store_copies(db, [CopyEntry(f"N{n:03d}", 1, 2) for n in range(60)])
    for sheets, first in (("1", 36), ("2", 12), ("99", 0), ("x", 36), ("0", 36), ("", 36)):
        page = colleague.read(f"/admin/signs/labels?branch=2&sheets={sheets}")
        found = re.findall(r'<p class="code">([^<]+)', page)
        assert found == [f"N{n:03d}" for n in range(first, 60)]
    for wrong in ("branch=3", "branch=x", "branch=", f"branch={2**70}", "barcodes=X99"):
        assert "没有找到要印书标的书" in colleague.read(f"/admin/signs/labels?{wrong}")


def test_a_book_whose_barcode_fits_no_link_gets_a_label_without_a_code(colleague: Hand, store: Store) -> None:
    with store.writing() as db:
        store_copies(db, [CopyEntry("9" * 70, 1, 2)])
    page = colleague.read("/admin/signs/labels?branch=2")
    assert "9" * 70 in page and "<svg" not in page


def test_nothing_is_written_into_the_page_unescaped(colleague: Hand, store: Store) -> None:
    with store.writing() as db:
        store_copies(db, [CopyEntry("<b>'\"", 1, 2, "<i>")])
    page = colleague.read("/admin/signs/labels?branch=2")
    assert "<b>" not in page.split('class="stickers"')[1] and "<i>" not in page


def test_codes_lead_to_the_page_and_to_telegram_where_there_is_one(service: Service) -> None:
    """Where phones reach no page of ours, Telegram alone; before Telegram has told our name, the page alone."""
    channel = TelegramChannel("1:x")
    here, talks = "http://localhost:8000", {"channel": channel}
    assert _doors(service, None, of_point(3), here) == {"web": f"{here}/?start=p3"}
    assert _doors(service, talks, of_point(3), here) == {"web": f"{here}/?start=p3"}
    channel.username = "shuxin_bot"
    assert _doors(service, talks, of_point(3), here) == {"telegram": "https://t.me/shuxin_bot?start=p3"}
    public = replace(service, public_url="https://shuxin.example")
    both = {"web": "https://shuxin.example/?start=p3", "telegram": "https://t.me/shuxin_bot?start=p3"}
    assert _doors(public, talks, of_point(3), here) == both
