"""A card linked from the web chat in a real browser, on a phone: the form, a face check, the talk between (A3-32)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import create_app
from bot import notify
from bot.service import Service
from lending.policy import load_policy
from partners import face_gate
from settings import Settings
from tests.talking import FRIDAY

NUMBER, SECRET = "HZ2026-00017342", "correct-horse-9"


@pytest.fixture
def app(prepared: Path, tmp_path: Path) -> Iterator[Flask]:
    """The service as it is served, with a simulated verifier of persons."""
    shutil.copytree(prepared, tmp_path / "data")
    settings = Settings(
        data=tmp_path / "data", library="云栖市图书馆", policy=load_policy(), secret="s" * 40, start=FRIDAY, faces=True
    )
    made = create_app(settings)
    made.extensions["shuxin"]["service"].finder.open()
    yield made
    made.extensions["shuxin"]["service"].store.close()


@pytest.fixture
def service(app: Flask) -> Service:
    found: Service = app.extensions["shuxin"]["service"]
    return found


@pytest.fixture
def context(browser: Browser, app: Flask, serve: Callable[[Flask], str]) -> Iterator[BrowserContext]:
    made = browser.new_context(
        base_url=serve(app), viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce"
    )
    made.set_default_timeout(10_000)
    yield made
    made.close()


def open_form(context: BrowserContext) -> Page:
    """From the talk to the form it gives."""
    page = context.new_page()
    page.goto("/")
    page.get_by_role("textbox").fill("绑定读者证")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="打开填卡号的网页").click()
    expect(page.get_by_role("heading", name="连一张读者证")).to_be_visible()
    return page


def told(page: Page, service: Service) -> None:
    """Back in the talk the outcome stands."""
    work(service)
    page.get_by_role("link", name="回到聊天").click()
    expect(page.locator("#log")).to_contain_text("读者证（尾号 42）连上了")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def work(service: Service) -> None:
    """What the worker does within a second or two."""
    assert service.person_verifier
    face_gate.work(service.store, service.clock, service.person_verifier)
    notify.tell(service.store, service.policy, service.clock.now())


def test_a_card_is_linked_by_its_password_and_the_talk_says_so(context: BrowserContext, service: Service) -> None:
    form = open_form(context)
    problems: list[str] = []
    form.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    assert fits(form)
    form.get_by_label("卡号", exact=True).fill(NUMBER)
    form.get_by_label("密码", exact=True).fill(SECRET)
    form.get_by_role("button", name="交上去").click()
    expect(form.get_by_role("heading", name="连上了")).to_be_visible()
    assert NUMBER not in form.content() and fits(form) and not problems
    form.goto(form.url)
    expect(form.get_by_role("heading")).to_contain_text("已经用过")
    told(form, service)


def test_a_face_is_looked_at_outside_after_a_yes(context: BrowserContext, service: Service) -> None:
    form = open_form(context)
    form.get_by_label("卡号", exact=True).fill(NUMBER)
    form.get_by_label("刷脸", exact=True).check()
    form.get_by_role("button", name="交上去").click()
    expect(form.get_by_role("alert")).to_contain_text("不同意也没关系")
    form.get_by_label("卡号", exact=True).fill(NUMBER)
    form.get_by_label("我同意").check()
    form.get_by_role("button", name="交上去").click()
    expect(form.get_by_role("link", name="换一种方式")).to_be_visible()
    form.get_by_role("link", name="去刷脸核验").click()
    expect(form.get_by_text("不开摄像头")).to_be_visible()
    assert fits(form)
    form.get_by_role("button", name="是本人", exact=True).click()
    expect(form.get_by_role("heading", name="收到，谢谢！")).to_be_visible()
    told(form, service)


def test_the_form_fits_in_every_language(context: BrowserContext) -> None:
    form = open_form(context)
    address = form.url
    for width, language in ((320, "en"), (320, "zh-Hant"), (1280, "en")):
        form.set_viewport_size({"width": width, "height": 700})
        form.goto(f"{address}?lang={language}")
        assert fits(form) and form.evaluate("document.documentElement.lang") == language


def test_it_is_reached_by_the_keyboard_alone(context: BrowserContext) -> None:
    form = open_form(context)
    form.get_by_label("卡号", exact=True).focus()
    form.keyboard.type(NUMBER)
    form.keyboard.press("Tab")
    form.keyboard.press("Tab")
    form.keyboard.type(SECRET)
    form.keyboard.press("Enter")
    expect(form.get_by_role("heading", name="连上了")).to_be_visible()
