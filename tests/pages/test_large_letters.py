"""大字 on pages without a session: chosen in the talk or on the page itself, with and without scripts (A10-3)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from app import create_app
from lending.policy import load_policy
from settings import Settings
from tests.talking import FRIDAY

PAGES = ("/rules", "/promises", "/b/1", "/b/999999")


@pytest.fixture
def app(prepared: Path, tmp_path: Path) -> Iterator[Flask]:
    """The service as it is served, without Telegram."""
    shutil.copytree(prepared, tmp_path / "data")
    made = create_app(
        Settings(data=tmp_path / "data", library="云栖市图书馆", policy=load_policy(), secret="s" * 40, start=FRIDAY)
    )
    made.extensions["shuxin"]["service"].finder.open()
    yield made
    made.extensions["shuxin"]["service"].store.close()


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def is_large(visitor: FlaskClient, page: str) -> bool:
    return 'class="large"' in visitor.get(page).text


def say(visitor: FlaskClient, text: str) -> None:
    assert visitor.post("/chat/plain", data={"id": f"e-{text}", "text": text}).status_code == 303
    visitor.get("/chat/plain")


@pytest.mark.parametrize("page", PAGES)
def test_what_is_chosen_in_the_talk_holds_for_every_page(visitor: FlaskClient, page: str) -> None:
    assert not is_large(visitor, page)
    say(visitor, "大字")
    assert is_large(visitor, page) and is_large(visitor, "/nowhere") is False, "a program's answer has no letters"
    assert 'class="large"' in visitor.get("/nowhere", headers={"Accept": "text/html"}).text
    say(visitor, "恢复正常大小")
    assert not is_large(visitor, page)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_a_switch_of_its_own(visitor: FlaskClient, page: str) -> None:
    answer = visitor.post(page, data={"letters": "large"})
    assert answer.status_code == 303 and answer.headers["Location"] == page
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("letters=large;") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert all(is_large(visitor, other) for other in PAGES)
    visitor.post(f"{page}?lang=en", data={"letters": "usual"})
    assert not is_large(visitor, page)


def test_the_switch_keeps_the_language_of_the_page(visitor: FlaskClient) -> None:
    assert visitor.post("/rules?lang=en", data={"letters": "large"}).headers["Location"] == "/rules?lang=en"


def test_another_site_s_page_switches_nothing(visitor: FlaskClient) -> None:
    answer = visitor.post("/rules", data={"letters": "large"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and not is_large(visitor, "/rules")


def test_a_look_at_the_talk_does_not_undo_the_switch_of_a_page(visitor: FlaskClient) -> None:
    say(visitor, "你好")
    visitor.post("/rules", data={"letters": "large"})
    visitor.get("/chat/messages?after=0")
    visitor.get("/")
    assert is_large(visitor, "/rules")


def test_a_cache_keeps_both_sizes_apart(visitor: FlaskClient) -> None:
    assert all("Cookie" in visitor.get(page).headers["Vary"] for page in PAGES)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [390, 1280])
def test_pressed_in_a_browser_the_page_grows_at_once_and_still_fits(
    browser: Browser, app: Flask, serve: Callable[[Flask], str], width: int, scripts: bool
) -> None:
    context = browser.new_context(
        base_url=serve(app), viewport={"width": width, "height": 844}, locale="zh-CN", java_script_enabled=scripts
    )
    page = context.new_page()
    for path in ("/b/1", "/promises", "/rules"):
        page.goto(path)  # which the browser may keep for a minute
        before = page.locator(".leaf p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        page.get_by_role("button", name="大字").click()
        assert page.get_by_role("button", name="大字").get_attribute("aria-pressed") == "true"
        after = page.locator(".leaf p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        assert after > before * 1.2 and page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="大字").click()
        assert page.locator("html.large").count() == 0
    context.close()
