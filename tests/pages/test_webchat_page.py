"""The web chat in a real browser: live, kept, sent once, by keyboard, on a phone, and readable in light and dark."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, ViewportSize, expect

from bot.events import Button, Reply
from lending.database import Store
from tests.small_library import SmallLibrary, application

PHONE: ViewportSize = {"width": 390, "height": 844}
NEXT_PRESS = 550  # milliseconds; sooner it would be half of a double tap


@pytest.fixture
def talk(store: Store, serve: Callable[[Flask], str]) -> tuple[str, SmallLibrary]:
    app, library = application(store, demo=True)
    return serve(app), library


@pytest.fixture
def context(browser: Browser, talk: tuple[str, SmallLibrary]) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=talk[0], viewport=PHONE, locale="zh-CN", reduced_motion="reduce")
    made.set_default_timeout(8000)
    yield made
    made.close()


@pytest.fixture
def library(talk: tuple[str, SmallLibrary]) -> SmallLibrary:
    return talk[1]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The chat, after the library's greeting has arrived by itself."""
    opened = context.new_page()
    opened.goto("/")
    expect(opened.locator("article.library")).to_have_count(1)
    return opened


def say(page: Page, text: str) -> None:
    page.get_by_label("写一句话").last.fill(text)
    page.keyboard.press("Enter")


def sent_by(page: Page) -> list[dict[str, object]]:
    """What the page posts from now on."""
    sent: list[dict[str, object]] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(json.loads(request.post_data or "{}"))

    page.on("request", note)
    return sent


def test_a_page_left_open_over_a_restored_copy_goes_on_from_there(page: Page, store: Store) -> None:
    say(page, "一")
    expect(page.locator("article.library")).to_have_count(2)
    with store.writing() as db:  # the copy is from before that
        for table, key in (("outbox", "id"), ("inbox", "rowid")):
            db.run(f"DELETE FROM {table} WHERE {key} > (SELECT MIN({key}) FROM {table})")
        db.run("UPDATE sqlite_sequence SET seq = (SELECT MAX(id) FROM outbox) WHERE name = 'outbox'")
    expect(page.locator("article.library")).to_have_count(1)
    say(page, "二")
    expect(page.locator("article.library").last).to_contain_text("您说的是：二")


def test_the_library_speaks_first(page: Page, library: SmallLibrary) -> None:
    """A1-1: the four promises, without the reader doing anything; and once only."""
    expect(page.locator("article.library")).to_contain_text("免押金、免办卡、线上借、送上门")
    page.reload()
    expect(page.locator("article.library")).to_have_count(1)
    assert [event.start for event in library.taken] == ["hello"]


def test_a_line_is_answered_without_reload(page: Page) -> None:
    page.evaluate("window.stayed = true")
    say(page, "你好\n<b>书</b>")
    expect(page.locator("article.reader")).to_contain_text("<b>书</b>")
    expect(page.locator("article.library").last).to_contain_text("您说的是：你好")
    assert page.evaluate("window.stayed")
    assert page.get_by_label("写一句话").last.input_value() == ""


def test_what_the_library_says_later_arrives_by_itself(page: Page, library: SmallLibrary, store: Store) -> None:
    with store.writing() as db:
        library.say(db, library.taken[0].address, Reply("您预约的书到了。"), datetime.now(UTC))
    expect(page.locator("article.library").last).to_contain_text("您预约的书到了。")


def test_a_button_is_pressed_once_however_fast(page: Page, library: SmallLibrary) -> None:
    """B2-2: and the second half of a double tap presses nothing else that has come under the finger meanwhile."""
    say(page, "你好")
    yes, no = page.get_by_role("button", name="确认"), page.get_by_role("button", name="算了").first
    expect(yes).to_be_visible()
    page.evaluate("([a, b]) => { a.click(); a.click(); b.click(); }", [yes.element_handle(), no.element_handle()])
    expect(page.locator("article.library")).to_have_count(3)
    page.wait_for_timeout(NEXT_PRESS)
    assert [event.press for event in library.taken if event.press] == ["yes"]
    page.evaluate("([a, b]) => { b.click(); b.click(); a.click(); }", [yes.element_handle(), no.element_handle()])
    expect(page.locator("article.reader")).to_have_text([re.compile("你好"), re.compile("确认"), re.compile("算了")])
    expect(page.locator("article.library")).to_have_count(4)
    assert [event.press for event in library.taken if event.press] == ["yes", "stop"]


def test_a_button_waits_for_its_answer_and_may_then_be_pressed_again(page: Page, library: SmallLibrary) -> None:
    """Whoever only taps asks for the same page twice, as on any other channel."""
    say(page, "你好")
    yes, answers = page.get_by_role("button", name="确认"), page.locator("article.library")
    before = answers.count()
    page.evaluate(
        "late => { const at = fetch; window.fetch = async (...a) => "
        "{ await new Promise((then) => setTimeout(then, late)); return at(...a); }; }",
        NEXT_PRESS * 2,
    )
    yes.click()
    page.wait_for_timeout(NEXT_PRESS)
    assert yes.get_attribute("aria-disabled") == "true"
    yes.click(force=True)
    expect(answers).to_have_count(before + 1)
    expect(yes).not_to_have_attribute("aria-disabled", "true")
    with page.expect_response("**/chat/events"):
        yes.click()
    assert [event.press for event in library.taken if event.press] == ["yes", "yes"]


def test_an_edit_takes_the_place_of_the_old_message_and_keeps_the_focus(page: Page) -> None:
    say(page, "你好")
    page.get_by_role("button", name="确认").click()
    message = page.locator("article.library").nth(2)
    expect(message).to_contain_text("按了 yes")
    page.wait_for_timeout(NEXT_PRESS)
    message.get_by_role("button", name="再看").press("Enter")
    expect(message).to_contain_text("按了 more")
    expect(page.locator("article.library")).to_have_count(3)
    expect(message.get_by_role("button", name="再看")).to_be_focused()
    page.reload()
    expect(page.locator("article.library")).to_have_count(3)
    expect(page.locator("article.library").nth(2)).to_contain_text("按了 more")


def test_everything_by_keyboard(page: Page, library: SmallLibrary) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("找书")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("围城")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    assert library.taken[-1].text == "找书\n围城"
    page.locator("#log").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "借这本":
            break
    page.keyboard.press("Enter")
    expect(page.locator("article.library").last).to_contain_text("按了 borrow:1")
    expect(page.get_by_role("button", name="借这本")).to_be_focused()


def test_enter_that_chooses_characters_sends_nothing(page: Page, library: SmallLibrary) -> None:
    """An input method's Enter accepts the letters typed so far; it is not the end of the line."""
    page.locator("#composer").fill("weicheng")
    page.evaluate(
        "document.querySelector('#composer').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    page.wait_for_timeout(300)
    assert page.locator("#composer").input_value() == "weicheng"
    assert len(library.taken) == 1


def test_a_chip_says_its_words(page: Page, library: SmallLibrary) -> None:
    page.get_by_role("button", name="我的借阅").click()
    expect(page.locator("article.library").last).to_contain_text("您说的是：我的借阅")
    assert library.taken[-1].text == "我的借阅"


def test_what_is_half_written_outlives_a_reload_until_it_is_sent(page: Page, library: SmallLibrary) -> None:
    composer = page.locator("#composer")
    composer.fill("我想找一本")
    page.reload()
    expect(composer).to_have_value("我想找一本")
    say(page, "围城")
    expect(page.locator(".card")).to_have_count(1)
    page.reload()
    expect(page.locator(".card")).to_have_count(1)
    expect(composer).to_have_value("")


def test_a_reload_keeps_the_talk(page: Page) -> None:
    say(page, "你好")
    expect(page.locator("article.library")).to_have_count(2)
    page.get_by_role("button", name="确认").click()
    expect(page.locator("article.library")).to_have_count(3)
    before = page.locator("article .words").all_inner_texts()
    page.reload()
    expect(page.locator("article.library")).to_have_count(3)
    assert page.locator("article .words").all_inner_texts() == before


def test_offline_the_line_waits_and_goes_out_under_the_same_id(
    page: Page, context: BrowserContext, library: SmallLibrary
) -> None:
    sent = sent_by(page)
    context.set_offline(True)
    say(page, "你好")
    expect(page.get_by_role("button", name="没有发出去，再发一次")).to_be_visible()
    context.set_offline(False)  # the page notices and sends again by itself
    expect(page.locator("article.library").last).to_contain_text("您说的是：你好")
    expect(page.locator(".failure")).to_have_count(0)
    expect(page.locator("article.reader")).to_have_count(1)
    assert len(library.taken) == 2
    assert len({event["id"] for event in sent}) == 1 and len(sent) == 2


def test_a_line_that_did_not_go_out_is_seen_and_outlives_a_reload(page: Page, context: BrowserContext) -> None:
    """What says that the library is out of reach does not lie over the button; a reload finds the line in the pen."""
    page.route("**/chat/**", lambda route: route.abort())
    say(page, "围城")
    expect(page.locator("#toast")).not_to_be_empty(timeout=12_000)
    button, told = page.locator(".again").bounding_box(), page.locator("#toast").bounding_box()
    assert button and told and button["y"] + button["height"] <= told["y"]
    page.unroute("**/chat/**")
    page.reload()
    expect(page.locator("article.library")).to_have_count(1)
    expect(page.get_by_label("写一句话").last).to_have_value("围城")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("article.library")).to_have_count(2)
    page.reload()
    expect(page.locator("article.library")).to_have_count(2)
    expect(page.get_by_label("写一句话").last).to_have_value("")


def test_a_store_that_refuses_is_said_with_a_button_that_sends_again(page: Page, library: SmallLibrary) -> None:
    sent = sent_by(page)
    library.broken = True
    say(page, "你好")
    again = page.get_by_role("button", name="没有存上，再发一次")
    expect(again).to_be_visible()
    library.broken = False
    again.click()
    expect(page.locator("article.library").last).to_contain_text("您说的是：你好")
    expect(again).to_have_count(0)
    assert len({event["id"] for event in sent}) == 1


def test_an_answer_lost_on_the_way_comes_once_all_the_same(page: Page, library: SmallLibrary) -> None:
    """The library took the line, the response broke off: the same id again makes no second event."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/chat/events", lose, times=1)
    say(page, "你好")
    page.get_by_role("button", name="没有存上，再发一次").click()
    expect(page.locator(".failure")).to_have_count(0)
    expect(page.locator("article.library")).to_have_count(2)
    assert len(library.taken) == 2


def test_what_is_said_in_one_tab_stands_in_the_other_once(page: Page, context: BrowserContext) -> None:
    """Words, and a press by what its button is called; of a press that is answered in its place no line stays."""
    other = context.new_page()
    other.goto("/")
    expect(other.locator("article.library")).to_have_count(1)
    say(page, "你好")
    page.get_by_role("button", name="确认").click()
    expect(page.locator("article.library")).to_have_count(3)
    say(other, "再来一句")
    said = [re.compile("你好"), re.compile("确认"), re.compile("再来一句")]
    for tab in (page, other):
        expect(tab.locator("article.library")).to_have_count(4)
        assert sorted(tab.locator("article.reader .words").all_inner_texts()) == ["你好", "再来一句", "确认"]
    expect(page.locator("article.reader")).to_have_text(said)
    page.wait_for_timeout(NEXT_PRESS)
    page.get_by_role("button", name="再看").click()
    for tab in (page, other):
        expect(tab.locator("article.library").nth(2)).to_contain_text("按了 more")
        expect(tab.locator("article.reader")).to_have_count(3)
    other.reload()
    expect(other.locator("article.reader")).to_have_text(said)


def test_a_line_sent_again_stands_in_both_tabs_once(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto("/")
    page.route("**/chat/events", lambda route: (route.fetch(), route.abort())[1], times=1)
    say(page, "你好")
    expect(other.locator("article.reader")).to_have_count(1)
    page.get_by_role("button", name="没有存上，再发一次").click()
    expect(page.locator(".failure")).to_have_count(0)
    say(page, "还在吗")
    for tab in (page, other):
        expect(tab.locator("article.library")).to_have_count(3)
        expect(tab.locator("article.reader")).to_have_text([re.compile("你好"), re.compile("还在吗")])


def test_a_deep_link_opens_once(context: BrowserContext, library: SmallLibrary) -> None:
    page = context.new_page()
    page.goto("/?start=t12")
    expect(page.locator("article.library")).to_contain_text("打开了 t12")
    assert page.url.endswith("/")
    page.reload()
    expect(page.locator("article.library")).to_have_count(1)
    assert [event.start for event in library.taken] == ["t12"]


def test_the_language_follows_the_switch_and_the_talk(page: Page) -> None:
    assert page.get_attribute("html", "lang") == "zh-Hans"
    page.get_by_role("link", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    page.evaluate("window.stayed = true")
    say(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#send")).to_have_text("[en] 发送")
    expect(page.locator("header")).to_contain_text("[en] 免押金")
    expect(page.locator("#composer")).to_have_attribute("placeholder", re.compile(r"^\[en\]"))
    assert page.evaluate("window.stayed")


def letters(page: Page) -> float:
    return float(page.locator("#composer").evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)"))


def test_letters_grow_at_a_press_stay_so_and_shrink_again(page: Page, context: BrowserContext) -> None:
    """A10-3: the choice is the reader's, kept with them, and nothing half written is lost."""
    small = letters(page)
    page.evaluate("window.stayed = true")
    page.locator("#composer").fill("写了一半")
    button = page.get_by_role("button", name="大字")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    expect(page.locator("html.large")).to_have_count(1)
    expect(page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")
    assert letters(page) >= 1.3 * small and page.locator("#composer").input_value() == "写了一半"
    assert page.evaluate("window.stayed")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator("article.library").last).to_be_in_viewport()
    other = context.new_page()
    other.goto("/")
    expect(other.locator("html.large")).to_have_count(1)
    say(other, "恢复正常大小")
    expect(other.locator("html.large")).to_have_count(0)
    expect(page.locator("html.large")).to_have_count(0)  # the other tab hears of it, too
    assert letters(page) == small


def test_large_letters_stand_out_clearly(page: Page) -> None:
    """What is faint at the usual size has a contrast of seven to one here (WCAG AAA)."""
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html.large")).to_have_count(1)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours = page.evaluate(
            "[getComputedStyle(document.documentElement).backgroundColor, "
            "getComputedStyle(document.querySelector('.languages a:not([aria-current])')).color]"
        )
        assert contrast(*colours) >= 7, (scheme, colours)


def contrast(one: str, other: str) -> float:
    """Between two CSS colours, by WCAG's reckoning."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_without_scripts_letters_grow_by_a_form(browser: Browser, talk: tuple[str, SmallLibrary]) -> None:
    context = browser.new_context(base_url=talk[0], locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/chat/plain")
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html.large")).to_have_count(1)
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html.large")).to_have_count(0)
    context.close()


def test_a_book_is_a_card_with_three_buttons_at_most(page: Page) -> None:
    say(page, "找书")
    expect(page.locator(".card")).to_have_count(3)
    card = page.locator(".card").first
    expect(card.get_by_role("heading")).to_have_text("《围城》")
    expect(card).to_contain_text("可借 2 册 · 最近 350 米")
    assert card.get_by_role("button").count() == 3
    assert card.locator(".cover span").evaluate("e => getComputedStyle(e).writingMode") == "vertical-rl"
    assert "钱锺书" not in page.locator("article.library").last.locator(".words").inner_text()
    assert page.locator("article.library").last.locator(".rows button").all_inner_texts() == ["下一页"]


def test_whoever_listens_hears_which_book_a_button_is_for(page: Page) -> None:
    """「借这本」 stands on every card; its group is called by the book, and headings leave out no level."""
    say(page, "围城")
    card = page.get_by_role("group", name="《围城》").first
    expect(card.get_by_role("heading", level=2)).to_have_text("《围城》")
    expect(card.get_by_role("button")).not_to_have_count(0)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("width", [320, 360, 390])
def test_what_a_finger_presses_is_as_large_as_a_fingertip(
    page: Page, talk: tuple[str, SmallLibrary], language: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 780})
    page.goto(f"{talk[0]}/?lang={language}")
    small = """() => [...document.querySelectorAll("header nav a, header button, footer button")]
        .filter((one) => one.checkVisibility())
        .filter((one) => { const box = one.getBoundingClientRect();
            return Math.min(box.width, box.height) < (one.closest("footer") ? 44 : 40) })
        .map((one) => one.textContent.trim())"""
    assert page.evaluate(small) == []
    height = page.evaluate("document.querySelector('header').offsetHeight")
    assert height <= 115, "the head leaves the talk its room"


def test_the_hour_over_the_talk_is_told_as_everywhere_else(page: Page, talk: tuple[str, SmallLibrary]) -> None:
    """With the day of the week, and by 24 hours in every language."""
    page.goto(f"{talk[0]}/?lang=en")
    said = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \d+ [A-Z][a-z]+ .*\d\d:\d\d$")
    expect(page.locator(".moment").first).to_have_text(said)
    page.goto(f"{talk[0]}/?lang=zh-Hant")
    expect(page.locator(".moment").first).to_have_text(re.compile(r"週[一二三四五六日].* ?\d\d:\d\d$"))


def test_the_hour_is_the_librarys_whatever_this_device_says(page: Page) -> None:
    page.clock.set_system_time(datetime.now(UTC) + timedelta(days=9))
    say(page, "围城")
    expect(page.locator("article.library")).to_have_count(2)
    expect(page.locator(".moment")).to_have_count(1)


def test_a_short_word_is_shown_and_goes(page: Page, library: SmallLibrary, store: Store) -> None:
    with store.writing() as db:
        library.say(db, library.taken[0].address, Reply("", toast="《围城》已放进借书车"), datetime.now(UTC))
    expect(page.get_by_role("status")).to_have_text("《围城》已放进借书车")
    expect(page.get_by_role("status")).to_have_text("", timeout=8000)
    page.reload()
    expect(page.locator("article.library")).to_have_count(2)
    assert page.get_by_role("status").inner_text() == "", "what was said long ago is not said again"


def test_the_network_is_back_and_nothing_says_otherwise(page: Page) -> None:
    page.route("**/chat/messages*", lambda route: route.abort())
    expect(page.get_by_role("status")).to_have_text("还没有连上图书馆，正在再试……", timeout=12000)
    page.unroute("**/chat/messages*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("status")).to_have_text("", timeout=3000)


def test_a_library_out_of_reach_is_asked_less_and_less_often(page: Page) -> None:
    asked: list[float] = []

    def refuse(route: Route) -> None:
        asked.append(datetime.now(UTC).timestamp())
        route.abort()

    page.route("**/chat/messages*", refuse)
    expect(page.get_by_role("status")).to_have_text("还没有连上图书馆，正在再试……", timeout=12000)
    page.wait_for_timeout(4500)
    assert len(asked) == 2  # after two misses it rests for 8 seconds
    page.unroute("**/chat/messages*")
    expect(page.get_by_role("status")).to_have_text("", timeout=8000)


def test_a_pickup_code_shows_its_picture(page: Page) -> None:
    say(page, "取书码")
    picture = page.get_by_role("img", name="二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("async picture => { await picture.decode(); return picture.naturalWidth; }") > 50


def test_a_place_is_sent_when_the_reader_allows_it(
    page: Page, context: BrowserContext, library: SmallLibrary, store: Store
) -> None:
    question = Reply("您在哪里？", ((Button("发送位置", ask="location"),),))
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 30.27, "longitude": 120.06})
    with store.writing() as db:
        library.say(db, library.taken[0].address, question, datetime.now(UTC))
    page.get_by_role("button", name="发送位置").click()
    expect(page.locator("article.library").last).to_contain_text("350 米")
    assert library.taken[-1].location == (30.27, 120.06)


def test_only_links_of_our_own_are_links(page: Page) -> None:
    own = page.url + "calendar/1.ics"
    say(page, f"看 {own}，别看 https://evil.example/x 和 javascript:alert(1)")
    links = page.locator("article.library").last.locator("a")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", own)


def test_reading_back_is_not_disturbed_by_what_arrives(page: Page, library: SmallLibrary, store: Store) -> None:
    for count in (3, 6, 9):
        say(page, "找书")
        expect(page.locator(".card")).to_have_count(count)
    page.locator("#log").evaluate("e => e.scrollTop = 120")
    with store.writing() as db:
        library.say(db, library.taken[0].address, Reply("您预约的书到了。"), datetime.now(UTC))
    expect(page.get_by_role("button", name="有新消息")).to_be_visible()
    assert page.locator("#log").evaluate("e => e.scrollTop") == 120
    page.get_by_role("button", name="有新消息").click()
    expect(page.get_by_text("您预约的书到了。")).to_be_in_viewport()
    expect(page.get_by_role("button", name="有新消息")).to_be_hidden()


def test_a_long_answer_is_read_from_its_beginning(page: Page) -> None:
    say(page, "找书")
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("article.reader .words")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="《围城》")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    say(page, "找书 " + "a" * 300)
    expect(page.locator(".card")).to_have_count(0)
    say(page, "找书")
    expect(page.locator(".card")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('#log').scrollWidth <= document.querySelector('#log').clientWidth")


@pytest.mark.parametrize("size", [(195, 422), (195, 330)])
def test_on_a_phone_zoomed_to_twice_its_size_a_talk_goes_on(page: Page, size: tuple[int, int]) -> None:
    """The head is no pile of words, and an empty pen is a line high, whatever stands in it faintly."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    say(page, "找书")
    assert page.locator("#log").evaluate("one => one.clientHeight") > size[1] * 0.5
    assert page.locator("#composer").evaluate("one => one.clientHeight") < 55
    assert page.locator("#composer").evaluate("one => one.clientWidth") > 100
    boxes = [one.bounding_box() for one in page.locator("header :is(h1, a, button)").all() if one.is_visible()]
    for one, other in combinations([box for box in boxes if box], 2):
        apart = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
        assert apart or one["y"] + one["height"] <= other["y"] + 1 or other["y"] + other["height"] <= one["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_line_is_longer_than_34_characters(page: Page) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    say(page, "书" * 120)
    words = page.locator("article.library").last.locator(".words p")
    expect(words).to_contain_text("书书书")
    assert words.evaluate("e => e.clientWidth / parseFloat(getComputedStyle(e).fontSize)") <= 34.05


def test_the_pen_stays_in_sight_and_letters_are_large_enough_for_a_phone(page: Page) -> None:
    for _ in range(4):
        say(page, "找书")
    expect(page.locator(".card")).to_have_count(12)
    box = page.locator("#composer").bounding_box()
    assert box and box["y"] + box["height"] <= PHONE["height"]
    assert page.locator("#composer").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 16.9


NAMELESS = """() => [...document.querySelectorAll('button, a, textarea, img')].filter(e =>
  e.offsetParent && !e.closest('[aria-hidden=true]') && e.getAttribute('alt') !== ''
  && !(e.textContent.trim() || e.getAttribute('aria-label') || e.alt || e.title || e.querySelector('img')?.alt)
).map(e => e.outerHTML)"""

UNSEEN = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const found = numbers(getComputedStyle(e).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const contrast = (e) => {
    const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  return [...document.querySelectorAll('p, a, h1, h2, button, textarea, time, .cover span')]
    .filter(e => e.offsetParent && (e.textContent.trim() || e.value !== undefined) && contrast(e) < 4.5)
    .map(e => `${e.tagName} ${e.className} ${e.textContent} ${contrast(e)}`);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_seen(
    page: Page, library: SmallLibrary, scheme: Literal["light", "dark"]
) -> None:
    """Contrast at least 4.5 for every text in both schemes, and no control without a name."""
    page.emulate_media(color_scheme=scheme)
    say(page, "找书")
    expect(page.locator(".card")).to_have_count(3)
    say(page, "围城")
    expect(page.locator(".card")).to_have_count(4)
    page.get_by_role("button", name="放进借书车").last.click()
    expect(page.locator("article.library").last).to_contain_text("按了 cart:1")
    library.broken = True
    say(page, "取书码")
    expect(page.locator(".again")).to_be_visible()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(UNSEEN) == []
    grounds = {"light": "rgb(250, 248, 243)", "dark": "rgb(29, 28, 26)"}
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == grounds[scheme]


def test_the_log_tells_screen_readers_what_arrives(page: Page) -> None:
    log = page.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    assert page.locator("h1").count() == 1


def test_a_screen_reader_finds_the_talk_by_its_landmark(page: Page) -> None:
    """`role` on <main> itself would take the landmark away."""
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("main").get_by_role("log", name="对话")).to_have_count(1)


def test_what_was_said_before_a_reload_is_not_read_out_again(page: Page) -> None:
    say(page, "围城")
    expect(page.locator("article.library")).to_have_count(2)
    page.add_init_script("""new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes)
        if ([...addedNodes].some((node) => node.nodeName === "ARTICLE"))
          (window.heard ??= []).push(target.getAttribute("aria-live"));
    }).observe(document, { childList: true, subtree: true });""")
    page.reload()
    expect(page.locator("article.library")).to_have_count(2)
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert "polite" not in page.evaluate("window.heard")
    say(page, "围城")
    expect(page.locator("article.library")).to_have_count(3)
    assert page.evaluate("window.heard.at(-1)") == "polite"


def test_nothing_is_asked_of_other_sites_and_nothing_is_refused_by_the_policy(
    context: BrowserContext, talk: tuple[str, SmallLibrary]
) -> None:
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/")
    say(page, "取书码")
    expect(page.get_by_role("img", name="二维码")).to_be_visible()
    assert [url for url in asked if not url.startswith(talk[0])] == []
    assert said == []


def test_without_scripts_the_talk_works_by_forms(browser: Browser, talk: tuple[str, SmallLibrary]) -> None:
    context = browser.new_context(base_url=talk[0], viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="打开不用脚本的页面").click()
    expect(page.locator("article.library")).to_contain_text("免押金")
    page.locator("#composer").fill("找书")
    page.locator("#send").click()
    expect(page.locator("#composer")).to_be_in_viewport()
    page.locator("#composer").fill("你好")
    page.locator("#send").click()
    page.get_by_role("button", name="确认").click()
    expect(page.locator("article.library").last).to_contain_text("按了 yes")
    assert [event.kind for event in talk[1].taken] == ["start", "text", "text", "press"]
    context.close()


def test_with_colours_of_the_readers_own_the_chosen_language_is_underlined_and_button_and_words_have_an_edge(
    browser: Browser, talk: tuple[str, SmallLibrary]
) -> None:
    context = browser.new_context(base_url=talk[0], viewport=PHONE, forced_colors="active")
    page = context.new_page()
    page.goto("/")
    edge = "(one) => getComputedStyle(one).borderBottomColor"
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    for link in page.locator(".languages a").all():
        assert (link.evaluate(edge) != ground) == bool(link.get_attribute("aria-current"))
    say(page, "你好")
    for drawn in ("#send", ".reader .words"):  # a ground is not drawn there, an edge is
        assert page.locator(drawn).evaluate("(one) => parseFloat(getComputedStyle(one).borderTopWidth)") > 0
    context.close()
