"""演示台 in a real browser, on a phone: an order goes into a locker, out and back; a month passes in a press."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from lending import credit, orders, readers
from lending.database import Store
from lending.model import OrderState, Verdict
from tests import small_desk, small_stage

NUMBER = "SX261119-0003"


@pytest.fixture
def page(browser: Browser, store: Store, now: datetime, serve: Callable[[Flask], str]) -> Iterator[Page]:
    small_desk.settle(store, now)
    with store.writing() as db:
        credit.consent(db, readers.join(db, "zh_Hans", now).id, small_desk.POLICY, now)
    app = small_stage.application(store, small_desk.StoodStill(store, now), lambda: None)
    context = browser.new_context(
        base_url=serve(app), viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce"
    )
    made = context.new_page()
    made.set_default_timeout(10_000)
    made.goto("/simulator")
    yield made
    context.close()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_an_order_goes_into_the_locker_out_of_it_and_back(page: Page, store: Store) -> None:
    item = page.get_by_role("listitem").filter(has_text=NUMBER)
    item.get_by_role("button", name="一路推进").click()
    expect(page.get_by_role("status")).to_contain_text(f"{NUMBER} 现在是「已入柜」")
    page.get_by_label("取书码").fill(orders.by_number(store.db, NUMBER).pickup_code)
    page.get_by_role("button", name="开门取书").click()
    expect(page.get_by_role("status")).to_contain_text("门开了")
    assert orders.by_number(store.db, NUMBER).state is OrderState.DONE
    book = page.get_by_role("listitem").filter(has_text="《边城》")
    book.get_by_label("还到哪里").select_option("城东馆")
    book.get_by_role("button", name="放回去").click()
    expect(page.get_by_role("status")).to_contain_text("《边城》还到了城东馆")


def test_a_month_passes_in_a_press_and_comes_back(page: Page) -> None:
    page.get_by_role("button", name="+37 天").click()
    expect(page.get_by_role("status")).to_contain_text("12月27日")
    page.get_by_role("button", name="回到真实时间").click()
    expect(page.locator("#clock")).to_contain_text("11月20日")
    expect(page.get_by_role("button", name="回到真实时间")).to_be_disabled()


def test_the_bureau_is_played_on_a_page_of_its_own(page: Page, store: Store) -> None:
    page.get_by_role("link", name="去回答").click()
    expect(page.get_by_text("这是模拟的信用机构")).to_be_visible()
    expect(page.get_by_text("≥ 550")).to_be_visible()
    assert _fits(page)
    page.get_by_role("button", name="无法评估").click()
    expect(page.get_by_text("已回答：无法评估")).to_be_visible()
    assert store.db.value("SELECT verdict FROM credit_checks") == Verdict.CANNOT_TELL


def test_on_a_desk_the_bureaus_question_is_a_column_to_read_and_no_strip(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="去回答").click()
    for part in (page.locator("dl"), page.locator(".choices")):
        assert part.evaluate("one => one.clientWidth") > 480
    assert page.get_by_role("button", name="无法评估").evaluate("one => one.clientHeight") < 60  # its words in one line


def test_on_a_desk_what_happens_at_a_door_and_its_button_are_one_line(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    locker = page.locator(".machines > li").first
    tops = [
        locker.locator(one).first.evaluate("one => Math.round(one.getBoundingClientRect().top)")
        for one in ("select", "button:text-is('发生了')", "button:text-is('拔掉网线')")
    ]
    assert max(tops) - min(tops) < 12


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_console_is_no_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    for path in ("/simulator", "/simulator/bureau/unknown"):
        page.goto(path)
        assert _fits(page), path


def test_a_parcel_in_trouble_and_a_locker_without_network_on_a_phone(page: Page, store: Store) -> None:
    """E3, D-13: a courier's words for one parcel; doors that open offline and are heard of later."""
    item = page.get_by_role("listitem").filter(has_text="SX261120-0004")
    item.get_by_label("快递说这个包裹").select_option("疑难")
    item.get_by_role("button", name="快递说").click()
    expect(page.get_by_role("status")).to_contain_text("现在是「疑难」")
    locker = page.locator(".machines > li").filter(has_text="西溪北苑书柜")
    locker.get_by_role("button", name="拔掉网线").click()
    doing = locker.get_by_label("门前发生的事")
    doing.select_option(doing.locator("option", has_text="《围城》").get_attribute("value"))
    locker.get_by_role("button", name="发生了").click()
    expect(page.get_by_role("status")).to_contain_text("先记在机器里")
    assert store.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NULL") == 2
    locker.get_by_role("button", name="连上网").click()
    expect(page.get_by_role("status")).to_contain_text("倒着送来")
    assert store.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NULL") == 1
    assert _fits(page)
