"""拍条码 on the page: by keyboard, made smaller on the way, sent once; and 分享 under a book."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from bot.barcode import scan
from bot.events import Button, Reply
from lending.database import Store
from tests.photos import Shot, take
from tests.small_library import SmallLibrary, application

ISBN = "9787999999997"


@pytest.fixture
def talk(store: Store, serve: Callable[[Flask], str]) -> tuple[str, SmallLibrary]:
    app, library = application(store)
    return serve(app), library


@pytest.fixture
def page(browser: Browser, talk: tuple[str, SmallLibrary]) -> Iterator[Page]:
    context = browser.new_context(base_url=talk[0], viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.set_default_timeout(8000)
    opened = context.new_page()
    opened.goto("/")
    expect(opened.locator("article.library")).to_have_count(1)
    yield opened
    context.close()


def photo(picture: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": "IMG_1", "mimeType": kind, "buffer": picture}


def large() -> bytes:
    """As a telephone takes it: 12 megapixels, the barcode in its middle."""
    out, image = io.BytesIO(), Image.open(io.BytesIO(take(ISBN, Shot(bar=6))))
    image.resize((4000, 4000 * image.height // image.width)).save(out, "JPEG", quality=92)
    return out.getvalue()


def test_a_photo_is_made_smaller_sent_and_still_read(page: Page, talk: tuple[str, SmallLibrary]) -> None:
    picture = large()
    page.locator("#photo").set_input_files(photo(picture))
    expect(page.locator("article.reader")).to_contain_text("一张照片")
    expect(page.locator("article.library")).to_have_count(2)
    [sent] = [event.photo for event in talk[1].taken if event.photo]
    assert max(Image.open(io.BytesIO(sent.content)).size) == 1600 and len(sent.content) < len(picture)
    assert scan(sent.content).isbn == ISBN


def test_the_button_opens_the_camera_by_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="拍条码")
    page.on("filechooser", lambda _: None)  # asked for early: else a fast key may come before the browser knows of it
    button.focus()
    expect(button).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    assert not chooser.value.is_multiple()
    assert page.locator("#photo").get_attribute("capture") == "environment"


def test_a_message_that_asks_for_a_picture_opens_the_camera_itself(page: Page, talk: tuple[str, SmallLibrary]) -> None:
    reply = Reply("方便的话拍张照片发来。", ((Button("拍照片", ask="photo"),),))
    with talk[1].store.writing() as db:
        talk[1].say(db, talk[1].taken[0].address, reply, datetime.now(UTC))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="拍照片").click()
    chooser.value.set_files(photo(take(ISBN)))
    expect(page.locator("article.reader")).to_contain_text("一张照片")


def test_the_same_photo_can_be_sent_again_and_is_another_event(page: Page, talk: tuple[str, SmallLibrary]) -> None:
    for count in (1, 2):
        page.locator("#photo").set_input_files(photo(take(ISBN)))
        expect(page.locator("article.reader")).to_have_count(count)
        expect(page.locator("article.library")).to_have_count(count + 1)
    assert len({event.event_id for event in talk[1].taken if event.photo}) == 2


def test_what_the_browser_cannot_draw_goes_as_it_is(page: Page, talk: tuple[str, SmallLibrary]) -> None:
    """The library says what is wrong with it, in words."""
    page.locator("#photo").set_input_files(photo(b"no picture", "image/heic"))
    expect(page.locator("article.library")).to_have_count(2)
    assert [event.photo.content for event in talk[1].taken if event.photo] == [b"no picture"]


def test_a_photo_that_was_not_taken_in_can_be_sent_again(page: Page, talk: tuple[str, SmallLibrary]) -> None:
    page.route("**/chat/photo*", lambda route: route.abort(), times=1)
    page.locator("#photo").set_input_files(photo(take(ISBN)))
    page.get_by_role("button", name="没有存上，再发一次").click()
    expect(page.locator("article.library")).to_have_count(2)
    assert len([event for event in talk[1].taken if event.photo]) == 1


def test_sharing_copies_the_books_address(page: Page, talk: tuple[str, SmallLibrary], store: Store) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("delete Navigator.prototype.share")
    reply = Reply("《围城》", ((Button("分享", "share:12", "/b/12", ask="share"),),))
    with store.writing() as db:
        talk[1].say(db, talk[1].taken[0].address, reply, datetime.now(UTC))
    page.get_by_role("button", name="分享").click()
    expect(page.locator("#toast")).to_have_text("链接已复制，发给朋友就行。")
    assert page.evaluate("navigator.clipboard.readText()") == f"{talk[0]}/b/12"


def test_a_device_that_can_share_does_it_itself(page: Page, talk: tuple[str, SmallLibrary], store: Store) -> None:
    page.evaluate(
        "() => { window.shared = new Promise(tell => { navigator.share = async (what) => tell(what.url); }); }"
    )
    reply = Reply("《围城》", ((Button("分享", "share:12", "/b/12", ask="share"),),))
    with store.writing() as db:
        talk[1].say(db, talk[1].taken[0].address, reply, datetime.now(UTC))
    page.get_by_role("button", name="分享").click()
    assert page.evaluate("window.shared") == f"{talk[0]}/b/12"
    assert not [event for event in talk[1].taken if event.press]


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_row_of_words_too_long_for_a_phone_is_seen_to_go_on(
    browser: Browser, talk: tuple[str, SmallLibrary], language: str
) -> None:
    """In English it ended just where one word ended, as if there were no more."""
    with browser.new_context(base_url=talk[0], viewport={"width": 390, "height": 844}, locale=language) as context:
        page = context.new_page()
        page.goto("/")
        sides = "all => all.map(e => e.getBoundingClientRect()).map(r => [r.left, r.right])"
        chips = page.locator("#chips li").evaluate_all(sides)
        end = page.locator("#chips").evaluate("row => row.getBoundingClientRect().right")
        assert chips[-1][1] <= end or any(left + 6 < end < right for left, right in chips)
