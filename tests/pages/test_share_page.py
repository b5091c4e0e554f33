"""A book's own page in a browser: it fits in light and dark, works without scripts, and leads into the talk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from app import create_app
from bot.channels.webchat import cover
from lending.policy import load_policy
from settings import Settings
from tests.talking import FRIDAY

CSS = Path(cover.__file__).parent / "static" / "webchat.css"


@pytest.fixture
def address(prepared: Path, tmp_path: Path, serve: Callable[[Flask], str]) -> Iterator[str]:
    """The service as it is served, without Telegram."""
    shutil.copytree(prepared, tmp_path / "data")
    settings = Settings(
        data=tmp_path / "data", library="云栖市图书馆", policy=load_policy(), secret="s" * 40, start=FRIDAY
    )
    app = create_app(settings)
    app.extensions["shuxin"]["service"].finder.open()
    yield serve(app)
    app.extensions["shuxin"]["service"].store.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_leads_into_the_talk(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 844},
        locale="zh-CN",
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto("/b/1")
    title = page.get_by_role("heading", level=1).inner_text()
    assert title.startswith("《") and page.evaluate("document.documentElement.scrollWidth") <= width
    assert context.cookies() == []
    page.get_by_role("link", name="在书信里借").click()
    expect(page.locator("article.library").last).to_contain_text(title.removesuffix("》"))
    assert not errors
    context.close()


def test_without_scripts_nothing_is_missing(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/b/1")
    expect(page.get_by_role("link", name="在书信里借")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="Borrow it in Shuxin")).to_be_visible()
    context.close()


def test_a_lost_book_leads_back(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="zh-CN")
    page = context.new_page()
    page.goto("/b/999999")
    page.get_by_role("link", name="去书信里找书").click()
    expect(page.get_by_label("写一句话").last).to_be_visible()
    context.close()


def test_the_drawn_cover_has_the_colours_of_the_page() -> None:
    on_page = dict(re.findall(r'\[data-class="(\w)"\]\) { --cloth: (#\w+);', CSS.read_text()))
    assert on_page == cover.CLOTHS


@pytest.mark.parametrize(
    ("title", "slip"),
    [
        ("围城", "围城"),
        ("三体：地球往事", "三体"),
        ("（无题）", "（无题）"),
        ("一二三四五六七八九十甲乙丙", "一二三四五六七八九十甲…"),
        ("", ""),
        ("The Old Man and the Sea", "The Old Man…"),
        ("一二三四五六七Python入门", "一二三四五六七…"),
        ("Internationalization", "Internation…"),
    ],
)
def test_the_slip_holds_two_columns(title: str, slip: str) -> None:
    assert cover.slip(title) == slip
    assert cover.draw(title, "I").startswith(b"\x89PNG")
