"""The librarian's page in a real browser: on a phone, with a scanner, live, and nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin import passwords
from bot import escalations
from bot.texts import Words
from lending import cart, checkouts, events, fee_refunds, orders, purchases, sign_ups
from lending.database import Store
from lending.events import Plan
from lending.model import OrderState
from lending.points import PointEntry, store_points
from lending.stops import Stop
from tests import small_desk

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
ROOMS = (
    "", "/escalations", "/escalations/RG261119-1", "/orders", "/orders?state=picking", "/orders/SX261120-0004",
    "/returns", "/readers", "/readers/R000001", "/cases", "/messages", "/account", "/colleagues", "/orders/SX0",
    "/parcels", "/parcels/pick", "/rounds", "/lockers", "/letters", "/signs",
    "/signs/print?place=1:counter&place=3:locker", "/signs/labels?branch=1",
    "/events", "/events/1", "/events/1/poster", "/copies", "/copies?q=B001", "/copies?q=B002", "/stock-takes",
)  # fmt: skip
NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary")]
    .filter((one) => one.type !== "hidden" && !(one.textContent.trim() || one.labels?.length || one.ariaLabel))
    .map((one) => one.outerHTML)"""


@pytest.fixture
def address(
    store: Store, now: datetime, serve: Callable[[Flask], str], monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setattr(passwords, "HASHER", small_desk.QUICK)
    small_desk.settle(store, now)
    story_hour(store, now)
    return f"{serve(small_desk.application(store, small_desk.StoodStill(store, now)))}/admin"


def story_hour(store: Store, now: datetime) -> None:
    """In twenty minutes, for two: two come, one waits."""
    starts = now + timedelta(minutes=20)
    plan = Plan(
        name="周末故事会：月亮的味道", about="给三到六岁的孩子和家长。", point_id=1, place="一楼", seats=2,
        starts_at=starts, ends_at=starts + timedelta(hours=1), sign_up_until=starts,
    )  # fmt: skip
    made = events.make(store.db, plan, small_desk.POLICY, now)
    for reader in (1, 2, 3):
        sign_ups.sign_up(store.db, reader, made.id, 1, small_desk.POLICY, now)


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the page in a browser of its own, at a width; `problems` collects what its console complains of."""
    contexts = []

    def start(viewport: dict[str, int], name: str = "admin") -> Page:
        context = browser.new_context(viewport=viewport, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        page.get_by_label("账号").fill(name)
        page.get_by_label("密码").fill(small_desk.PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="今天的柜台")).to_be_visible()
        return page

    yield start
    for context in contexts:
        context.close()


def test_on_a_phone_a_librarian_takes_a_request_and_answers_it(
    open_page: Callable[..., Page], address: str, store: Store
) -> None:
    """C5-9, D 44."""
    page = open_page(PHONE)
    page.get_by_role("link", name="读者在等馆员").click()
    page.get_by_role("button", name="接手").first.click()
    page.get_by_label("回复读者").fill("可以，续到后天。")
    answer = page.get_by_role("button", name="回复")
    box = answer.bounding_box()
    assert box is not None and box["y"] + box["height"] <= PHONE["height"], "under the thumb"
    answer.click()
    expect(page.get_by_role("status")).to_contain_text("已回复")
    expect(page.locator(".talk")).to_contain_text("可以，续到后天。")
    assert escalations.get(store.db, "RG261119-1").state == "answered"


def test_a_new_request_appears_without_reloading(
    open_page: Callable[..., Page], address: str, store: Store, now: datetime
) -> None:
    page = open_page(DESK)
    page.goto(f"{address}/escalations")
    with page.expect_response("**/escalations/live*"):
        pass
    with store.writing() as db:
        who = small_desk.reader(db, "孙八", "13333333333", now)
        number = small_desk.write_in(db, who, "书柜门打不开", now)
    page.evaluate("window.mark = 1")
    expect(page.get_by_role("link", name=number)).to_be_visible(timeout=12_000)
    assert page.evaluate("window.mark") == 1
    page.get_by_role("listitem").filter(has_text=number).get_by_role("button", name="接手").click()
    expect(page.get_by_text("由 小信 处理")).to_be_visible()


def test_an_order_moves_on_and_a_second_librarians_stale_button_is_told(
    open_page: Callable[..., Page], address: str, store: Store
) -> None:
    first, second = open_page(PHONE), open_page(DESK, "wang")
    for page in (first, second):
        page.goto(f"{address}/orders?state=picking")
    first.get_by_role("button", name="打包好了").click()
    expect(first.get_by_role("status")).to_contain_text("现在是「已打包」")
    second.get_by_role("button", name="打包好了").click()
    expect(second.get_by_role("status")).to_contain_text("已经是「已打包」了")
    assert orders.by_number(store.db, "SX261119-0003").state is OrderState.PACKED


@pytest.mark.parametrize("stopped", ["Escape", "button"])
def test_a_form_whose_sending_was_stopped_can_be_sent_again(
    open_page: Callable[..., Page], address: str, stopped: str
) -> None:
    """Pressed twice it sends once; stopped with the key at once, with the browser's own button after a moment."""
    page = open_page(DESK)
    page.clock.install()
    page.goto(f"{address}/orders?state=picking")
    page.evaluate("""window.sent = 0; window.addEventListener("submit", (event) => {
        if (!event.defaultPrevented) window.sent += 1; // after the page's own listener
        event.preventDefault(); // no answer ever comes
    })""")
    button = page.get_by_role("button", name="打包好了")
    for times in (1, 2):
        button.click()
        button.click()
        assert page.evaluate("window.sent") == times
        if stopped == "Escape":
            page.keyboard.press("Escape")
        else:
            page.clock.fast_forward(11_000)


def test_an_event_is_planned_and_ticked_with_the_keyboard_on_a_phone(
    open_page: Callable[..., Page], address: str, store: Store
) -> None:
    """F-8."""
    page = open_page(PHONE)
    page.goto(f"{address}/events")
    page.get_by_text("办一个活动").focus()
    page.keyboard.press("Enter")
    for label, value in (
        ("叫什么", "读书会：《边城》夜谈"), ("哪一间，或者在哪里", "咖啡角"), ("哪一天", "2026-12-05"),
        ("几点开始", "19:30"), ("几点结束", "21:00"), ("多少个位子", "15"),
    ):  # fmt: skip
        page.get_by_label(label).fill(value)
    page.get_by_label("多少个位子").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("「读书会：《边城》夜谈」排好了")
    page.goto(f"{address}/events/1")
    here = page.get_by_role("row").filter(has_text="R000001").get_by_role("button", name="来了")
    here.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("R000001：来了")
    assert store.db.value("SELECT state FROM sign_ups WHERE reader_id = 1") == "came"
    page.get_by_role("link", name="门口的海报和签到码").click()
    expect(page.locator(".poster svg")).to_be_visible()


TOUCHING = """() => {
    const kinds = ".card, p:not(.empty), dl, .button, button, input, select, table";
    const shown = [...document.querySelector("main").querySelectorAll(kinds)]
        .filter((one) => one.offsetHeight && getComputedStyle(one).position !== "fixed"
        && !one.closest(".act") && !one.closest("label.tick") && !one.matches(".link"));
    const apart = (one, other) => Math.max(other.left - one.right, one.left - other.right,
        other.top - one.bottom, one.top - other.bottom);
    const solid = (one) => one.matches(".card, .button, button, input, select, .told");
    const found = [];
    for (const one of shown.filter(solid)) for (const other of shown) {
        if (one === other || one.contains(other) || other.contains(one)) continue;
        if (solid(other) && one.compareDocumentPosition(other) & 2) continue; // seen from the other side
        if (apart(one.getBoundingClientRect(), other.getBoundingClientRect()) < 3)
            found.push(one.outerHTML.slice(0, 120) + " touches " + other.outerHTML.slice(0, 120));
    }
    return found;
}"""


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_button_field_or_card_touches_what_stands_beside_it(
    open_page: Callable[..., Page], address: str, store: Store, now: datetime, viewport: dict[str, int]
) -> None:
    """Fees to be given back, a copy in an order, one to add to a list, a shop's book, a page that is not there."""
    with store.writing() as db:
        sent = orders.by_number(db, "SX261120-0004")
        fee_refunds.owe(db, sent.reader_id, f"order:{sent.number}", 300, small_desk.POLICY, now)
    book = purchases.ShopBook(0, "晓风", "9787544270878", "月亮手册", "某人", "新社", None, 8000)
    purchases.store_list(store.db, "晓风", [book])
    purchases.ask(store.db, 2, purchases.on_offer(store.db, small_desk.POLICY)[0].id, "k", small_desk.POLICY, now)
    page = open_page(viewport)
    rooms = (
        "/cases", f"/orders/{sent.number}", "/copies?q=B004", "/free", "/purchases", "/calendar?point=1", "/orders/SX0",
        "/messages",
    )  # fmt: skip
    for room in rooms:
        page.goto(address + room)
        assert page.evaluate(TOUCHING) == [], room


def test_on_a_phone_what_is_said_beside_the_fixed_button_is_not_a_word_a_line(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(PHONE)
    page.locator("summary", has_text="小信").click()
    page.get_by_role("button", name="English").click()
    page.goto(f"{address}/parcels")
    words, button = page.locator(".act > p").bounding_box(), page.locator(".act > button").bounding_box()
    assert words is not None and button is not None
    assert words["width"] >= 130
    assert button["x"] + button["width"] <= PHONE["width"] and button["y"] + button["height"] <= PHONE["height"]


def test_fields_in_a_row_stand_level_though_one_has_a_long_name(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(DESK)
    page.locator("summary", has_text="小信").click()
    page.get_by_role("button", name="English").click()
    page.goto(f"{address}/calendar")
    form = page.locator("form", has=page.get_by_label("Open at these hours only"))
    fields = form.locator(".hours label > :last-child")
    ends = [one.evaluate("one => Math.round(one.getBoundingClientRect().bottom)") for one in fields.all()[:4]]
    assert max(ends) - min(ends) <= 1


def test_what_keeps_enter_from_deciding_is_not_seen(open_page: Callable[..., Page], address: str, store: Store) -> None:
    """An empty square before the words for the reader is nothing that anybody could press."""
    page = open_page(PHONE)
    page.goto(f"{address}/cases/{store.db.value('SELECT number FROM compensations')}")
    keeper = page.locator("form button[disabled]").first
    expect(keeper).to_be_attached()
    expect(keeper).to_be_hidden()


def test_what_was_done_is_heard_first_and_the_keyboard_goes_on_from_there(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(DESK)
    page.goto(f"{address}/orders?state=picking")
    page.get_by_role("button", name="打包好了").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("现在是「已打包」")
    expect(page.get_by_role("status")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_scanner_checks_books_in_one_after_the_other(open_page: Callable[..., Page], address: str) -> None:
    """A scanner types the barcode and presses Enter; nobody touches the mouse between books."""
    page = open_page(DESK)
    page.goto(f"{address}/returns")
    page.get_by_label("网点").select_option("城西馆")
    page.get_by_role("button", name="就在这里").click()
    again = "没有借出记录"
    for barcode, said in (("B001", "超期 5 天"), ("B003", "放到预约架"), ("B003", again), ("B010", again)):
        expect(page.get_by_label("扫书后的条码")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.type(barcode)
            page.keyboard.press("Enter")
        expect(page.locator(".last")).to_contain_text(said)
        expect(page.locator(".last")).to_contain_text(barcode)
    page.get_by_role("heading", name="还书").click()
    expect(page.get_by_label("扫书后的条码")).to_be_focused()


@pytest.mark.parametrize("language", ["简体中文", "English"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 320, "height": 640}, DESK], ids=["phone", "small phone", "desk"])
def test_no_room_is_wider_than_the_screen_or_breaks_its_own_rules(
    open_page: Callable[..., Page], address: str, store: Store, viewport: dict[str, int], language: str
) -> None:
    page = open_page(viewport)
    page.locator("summary", has_text="小信").click()
    page.get_by_role("button", name=language).click()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    for room in (*ROOMS, "/rounds"):
        if room == ROOMS[-1]:  # the rooms have been seen; the last time the round has a stop
            with store.writing() as db:
                db.run("UPDATE parcels SET round = '周五送书', round_at = '2026-11-20T10:00:00Z'")
        page.goto(address + room)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, room
    assert page.locator(".stops form").count() == 1
    assert refused == []


@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}, DESK], ids=["small phone", "desk"])
@pytest.mark.parametrize("language", ["简体中文", "English"])
def test_what_is_read_out_to_a_reader_fits_the_screen(
    open_page: Callable[..., Page], address: str, store: Store, now: datetime, viewport: dict[str, int], language: str
) -> None:
    """Pages that only a form opens: the terms of an order, of the courier, and the address that is asked for first."""
    checkouts.check_out(store.db, "B002", 3, small_desk.POLICY, now)
    cart.add(store.db, 3, 10, small_desk.POLICY, now)
    page = open_page(viewport)
    page.locator("summary", has_text="小信").click()
    page.get_by_role("button", name=language).click()

    def fits(heading: str) -> None:
        page.locator("h2", has_text=heading).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), heading

    said = Words("en" if language == "English" else "zh_Hans")
    for known in (True, False):
        if not known:
            with store.writing() as db:
                db.run("UPDATE readers SET address = '', zone = '' WHERE id = 3")
        page.goto(f"{address}/readers/R000003")
        page.locator("form[action$='/fetch'] button").click()
        fits(said("请念给 TA 听，TA 同意了再约" if known else "到哪里取"))
        page.goto(f"{address}/readers/R000003")
        page.locator("select[name=way]").select_option("delivery:0")
        page.locator("form[action$='/order'] button").click()
        fits(said("请念给 TA 听，TA 同意了再下单" if known else "送到哪里"))


@pytest.mark.parametrize("language", ["简体中文", "English"])
def test_what_is_said_of_a_book_at_home_fits_a_phone_and_leaves_a_desk_its_columns(
    open_page: Callable[..., Page], address: str, store: Store, now: datetime, language: str
) -> None:
    """A whole sentence beside a title: it made the page wider than a phone, and broke the order's number at a desk."""
    with store.writing() as db:
        db.run("INSERT INTO copies (title_id, barcode, point_id, home_point_id) VALUES (4, 'MORE1', 1, 1)")
        reader = db.value("SELECT reader_id FROM orders WHERE number = 'SX261119-0003'")
        db.run("UPDATE copies SET shelf = '三楼 D 区 24 架 3 层' WHERE shelf <> ''")
    checkouts.check_out(store.db, "MORE1", reader, small_desk.POLICY, now)
    page = open_page(PHONE)
    page.locator("summary", has_text="小信").click()
    page.get_by_role("button", name=language).click()
    for room in ("/parcels/pick", "/orders/SX261119-0003"):
        page.goto(address + room)
        assert page.locator("td .later").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), room
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{address}/parcels/pick")
    lines = page.locator("td a").evaluate_all("all => all.map((one) => one.getClientRects().length)")
    assert set(lines) == {1}, "an order's number stands in one line"


def test_on_a_phone_what_a_librarian_presses_at_the_top_is_fingertip_sized_and_apart(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page({"width": 360, "height": 780})
    for language in ("简体中文", "English"):
        page.locator("details.me summary").click()
        page.get_by_role("button", name=language).click()
        for room in ("/orders", "/appointments", "/rounds", "/wishes", "/copies"):
            page.goto(f"{address}{room}")
            boxes = page.locator(".doors a, .tabs a").evaluate_all(
                "all => all.map((one) => one.getBoundingClientRect()).map((b) => [b.x, b.y, b.width, b.height])"
            )
            assert boxes and all(width >= 39.5 and height >= 39.5 for _, _, width, height in boxes), (language, room)
            for (x, y, width, _h), (next_x, next_y, _w, _n) in pairwise(boxes):
                assert y != next_y or x + width <= next_x + 0.5, (language, room)


def test_a_card_of_the_board_says_till_when_in_a_line_or_two(
    open_page: Callable[..., Page], address: str
) -> None:
    """Beside a long English button the words once stood one below the other."""
    page = open_page({"width": 900, "height": 800})
    page.locator("details.me summary").click()
    page.get_by_role("button", name="English").click()
    page.goto(f"{address}/orders")
    lines = page.locator(".order .foot > .faint").evaluate_all(
        "all => all.map((one) => one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight))"
    )
    assert lines and max(lines) < 2.5


def test_a_day_to_choose_is_named_with_its_weekday(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(PHONE)
    for room in ("/appointments", "/rounds"):
        page.goto(f"{address}{room}")
        days = page.get_by_role("navigation", name="哪一天").get_by_role("link").all_inner_texts()
        assert len(days) > 1 and all("日 周" in day for day in days)
        page.get_by_role("navigation", name="哪一天").get_by_role("link").last.click()
        expect(page.locator(".tabs [aria-current]")).to_have_text(days[-1])
        expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


def test_every_button_and_field_has_a_name_and_shows_its_focus(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(PHONE)
    for room in ROOMS:
        page.goto(address + room)
        assert page.evaluate(NAMELESS) == [], room
    page.goto(address)
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid" and page.evaluate("document.activeElement.textContent") == "跳到正文"


def test_the_pages_work_without_scripts(browser: Browser, address: str, store: Store) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    page.get_by_label("账号").fill("wang")
    page.get_by_label("密码").fill(small_desk.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今天的柜台")).to_be_visible()
    page.goto(f"{address}/orders/SX261119-0003")
    page.get_by_role("button", name="打包好了").click()
    expect(page.get_by_role("status")).to_contain_text("现在是「已打包」")
    context.close()


MILLIMETRE = 96 / 25.4  # of a page on the screen
WINDOW = (20, 45, 105, 90)  # of a DL envelope over a sheet folded in three: left, top, right, bottom


def test_b2_28_a_printed_letter_shows_the_address_in_the_window_and_no_title(
    open_page: Callable[..., Page], address: str
) -> None:
    """A sheet a reader; the address stands inside the window, everything else below the first fold."""
    page = open_page(DESK)
    page.goto(f"{address}/letters")
    for box in page.get_by_label("写信").all():
        box.check()
    page.get_by_role("button", name="打印选中的信").click()
    page.emulate_media(media="print")
    letters = page.locator(".post").all()
    assert letters
    for letter in letters:
        sheet, block, inside = (
            found.bounding_box() for found in (letter, letter.locator("address"), letter.locator(".inside"))
        )
        assert sheet and block and inside
        left, top = (block[side] - sheet[side] for side in ("x", "y"))
        right, bottom = left + block["width"], top + block["height"]
        edges = [edge / MILLIMETRE for edge in (left, top, right, bottom)]
        assert WINDOW[0] <= edges[0] and WINDOW[1] <= edges[1] and edges[2] <= WINDOW[2] and edges[3] <= WINDOW[3]
        assert (inside["y"] - sheet["y"]) / MILLIMETRE > 105, "below the fold"
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == len(letters), "one page a reader, nothing else on them"
    assert not page.get_by_role("link", name="找读者").is_visible()


def test_a_list_to_be_printed_is_a_table_on_a4_as_on_the_screen(open_page: Callable[..., Page], address: str) -> None:
    page = open_page({"width": 717, "height": 1000})  # A4 with a centimetre around it
    page.emulate_media(media="print")
    for room in ("/parcels/pick", "/orders/SX261119-0003"):
        page.goto(address + room)
        assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == "table-row", room


def test_a_long_title_widens_no_room_and_leaves_the_shelf_to_be_read(
    open_page: Callable[..., Page], address: str, store: Store
) -> None:
    """One word of sixty letters made the records wider than a phone; on paper a shelf stood in four lines beside it."""
    with store.writing() as db:
        db.run("UPDATE titles SET title = :t WHERE id = 4", t="Donaudampfschifffahrt" * 3)
        db.run("UPDATE titles SET title = :t WHERE id = 5", t="一二三四五六七八九十" * 6)
        db.run("UPDATE copies SET shelf = '二楼 24 架 3 层'")
    page = open_page(PHONE)
    for room in ("/records", "/orders?state=picking", "/parcels/pick", "/copies?q=B004", "/orders/SX261119-0003"):
        page.goto(address + room)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), room
    page.set_viewport_size({"width": 717, "height": 1000})
    page.emulate_media(media="print")
    for room in ("/parcels/pick", "/orders/SX261119-0003"):
        page.goto(address + room)
        lines = page.locator("td.shelf").evaluate_all(
            "all => all.map((one) => { const r = document.createRange(); r.selectNodeContents(one);"
            " return r.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight) })"
        )
        assert lines and max(lines) < 2.5, room


def test_on_a_phone_what_the_keyboard_comes_to_is_never_below_the_fixed_button(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page({"width": 390, "height": 500})
    page.goto(f"{address}/parcels")
    bar, came_to = page.locator("form.act").bounding_box(), []
    for _ in range(40):
        page.keyboard.press("Tab")
        box = page.evaluate(
            "(() => { const one = document.activeElement; const b = one.getBoundingClientRect();"
            " return one.closest('.case') && [one.outerHTML.slice(0, 60), b.bottom] })()"
        )
        came_to += [box] if box else []
    assert bar and came_to and [box for box in came_to if box[1] > bar["y"]] == []


def test_labels_stand_two_beside_each_other_on_a4(open_page: Callable[..., Page], address: str) -> None:
    page = open_page({"width": 717, "height": 1000})
    page.goto(f"{address}/parcels")
    page.get_by_role("button", name="打印打包单和标签").click()
    page.emulate_media(media="print")
    assert len(page.locator(".labels").evaluate("one => getComputedStyle(one).gridTemplateColumns").split()) == 2


def test_a_board_too_long_says_so_apart_from_it_and_what_a_column_leaves_out(
    open_page: Callable[..., Page], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.orders.MOST", 2)
    page = open_page(DESK)
    page.goto(f"{address}/orders")
    said, board = page.get_by_text("这里最多列 2 条").bounding_box(), page.locator(".board").bounding_box()
    assert said and board and board["y"] - said["y"] - said["height"] >= 3
    column = page.get_by_role("region", name="已入柜")
    expect(column.get_by_role("link", name="还有 1 个")).to_have_attribute("href", "/admin/orders?state=in_locker")


def test_on_a_phone_a_stop_of_the_bus_is_added_and_one_called_off(
    open_page: Callable[..., Page], address: str, store: Store
) -> None:
    """A10-15: everything has a name, nothing is wider than the screen."""
    weekly = [Stop(day, "09:00-10:00", "望川区溪口村村委会门前") for day in ("mon", "wed", "fri")]
    with store.writing() as db:
        store_points(db, [PointEntry("bus", "branch", "阅读大篷车", branch_type="bus", stops=weekly)])
    page = open_page(PHONE)
    page.goto(f"{address}/calendar?point=4")
    new = page.locator("details.stop").last
    new.locator("summary").click()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    new.get_by_label("哪天").select_option("周六")
    for label, value in (("到站", "08:30"), ("开走", "11:00"), ("英文地点", "Market")):
        new.get_by_label(label).fill(value)
    new.get_by_label("地点", exact=True).fill("稻香镇集市")
    page.get_by_role("button", name="保存停靠表").click()
    expect(page.locator("details.stop summary").filter(has_text="周六 08:30-11:00 稻香镇集市")).to_be_visible()
    first = page.locator(".stop-off").first
    first.get_by_text("这一站不去了").click()
    first.get_by_label("原因").fill("大雪封山")
    first.get_by_role("button", name="取消这一站").click()
    expect(page.get_by_role("status")).to_contain_text("已登记")
    expect(page.get_by_text("大雪封山")).to_be_visible()


@pytest.mark.parametrize(("room", "field"), [
    ("/cases/PF261120-1", "给读者的话（读者会看到，可以不写）"), ("/orders/SX261120-0005", "原因（读者会看到）"),
])  # fmt: skip
def test_enter_in_a_field_decides_nothing_where_several_things_can_be_decided(
    open_page: Callable[..., Page], address: str, store: Store, room: str, field: str
) -> None:
    """The first button would be taken: a case settled, an order refused, by a key that ends a word's input."""
    if room.startswith("/orders"):
        with store.writing() as db:
            db.run("UPDATE orders SET state = 'in_review' WHERE number = 'SX261120-0005'")
    page = open_page(DESK)
    page.goto(f"{address}{room}")
    told = page.get_by_label(field)
    told.fill("谢谢您告诉我们")
    told.press("Enter")
    page.wait_for_timeout(300)
    expect(told).to_have_value("谢谢您告诉我们")
    assert store.db.value("SELECT state FROM compensations") == "reported"
    assert store.db.value("SELECT COUNT(*) FROM orders WHERE state IN ('refused', 'cancelled')") == 0
