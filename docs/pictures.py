"""Every picture of README and docs/pages.md, from the sample library: `make pictures` (needs a Chromium).

A library with something in every room is made in a folder that goes away, a browser walks through it. What is there
changes with the pages; who adds a page adds a line here.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from admin import staff
from app import create_app
from bot import contacts, notify, outbox
from bot.events import Photo, Reply
from bot.service import Service
from commands.shared import prepare
from lending import (
    announcements,
    appeals,
    appointments,
    cart,
    cases,
    checkouts,
    claims,
    credit,
    door_claims,
    loans,
    orders,
    picks,
    proofs,
    purchases,
    readers,
    reviews,
    sign_ups,
    stock_takes,
    unfound,
    wishes,
)  # fmt: skip
from lending.model import Fulfilment
from lending.orders import Order
from lending.policy import load_policy
from lending.proofs import claim
from settings import Settings
from tests.pages.conftest import ARGUMENTS
from tests.talking import FRIDAY, Person, pass_time

FOLDER = Path(__file__).with_name("pictures")
PHONE, DESK, TALL = (390, 844), (1200, 900), 1_150  # pixels; a page that is longer is cut there
COLOURS = 64
PASSWORD = "only for the pictures"
BY = "小信"


def keep(name: str, page: Page) -> None:
    """A small file: few colours are enough for ink, paper and a seal."""
    page.wait_for_timeout(400)
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shown.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
    print(name, file=sys.stderr)


ROOMS = {  # the librarian's pages, each by the name of its picture
    "home": "", "escalations": "/escalations", "escalation": "/escalations/{asked}", "messages": "/messages",
    "orders": "/orders", "order": "/orders/{boxed}", "pick-list": "/parcels/pick", "parcels": "/parcels",
    "rounds": "/rounds",
    "lockers": "/lockers", "free": "/free", "returns": "/returns", "ways-back": "/ways-back",
    "reader": "/readers/{reader}", "cases": "/cases", "case": "/cases/{case}", "cards": "/cards", "letters": "/letters",
    "records": "/records", "misses": "/misses", "wishes": "/wishes", "purchases": "/purchases", "picks": "/picks",
    "reviews": "/reviews", "calendar": "/calendar", "policies": "/policies", "promises": "/promises",
    "colleagues": "/colleagues", "reports": "/reports", "announcements": "/announcements", "signs": "/signs",
    "events": "/events", "event": "/events/2",
}  # fmt: skip
ON_A_PHONE = {
    "home-phone": "", "phone": "/orders", "appointments": "/appointments", "copy": "/copies?q={barcode}",
    "stock-take": "/stock-takes/1",
}  # fmt: skip


# ---- the readers and what has become of their books ------------------------------------------------------------------


@dataclass
class Town:
    """The library, and who comes and goes there."""

    service: Service
    made: int = 0

    def person(self, name: str) -> Person:
        """Somebody who may borrow, with an address for the courier."""
        who = Person(self.service, f"chat of {name}", "web")
        who.say("你好")
        self.may_borrow(who.reader_id, name)
        return who

    def may_borrow(self, reader: int, name: str) -> None:
        """From the start, and a courier knows where."""
        with self.service.store.writing() as db:
            readers.set_standing(db, reader, "trusted")
            readers.set_delivery(db, reader, name, f"1380000{reader:04d}", "春风路8号3单元201", "city")

    def title(self, name: str) -> int:
        """The number of a book by its name."""
        return int(self.service.store.db.value("SELECT MIN(id) FROM titles WHERE title = :t", t=name))

    def silent(self, name: str) -> int:
        """Somebody without a chat, registered at the desk."""
        now = self.service.clock.now()
        with self.service.store.writing() as door:
            made = readers.join(door, "zh_Hans", now, name)
            credit.open_ledger(door, made.id, self.service.policy, now)
        self.may_borrow(made.id, name)
        return made.id

    def order(self, who: Person, titles: Iterable[str], way: Fulfilment, *steps: str) -> Order:
        """An order of these books, moved on by a librarian."""
        return self.order_of(who.reader_id, titles, way, *steps)

    def order_of(self, reader: int, titles: Iterable[str], way: Fulfilment, *steps: str) -> Order:
        """The same, of a reader by their id."""
        db, policy, now = self.service.store.db, self.service.policy, self.service.clock.now()
        for title in titles:
            cart.add(db, reader, self.title(title), policy, now)
        kind = {"counter": "branch"}.get(way, str(way))
        point = None if way == "delivery" else db.value("SELECT MIN(id) FROM points WHERE kind = :k", k=kind)
        self.made += 1
        placed = orders.place(db, reader, way, point, f"key-{self.made}", policy, now)
        for step in steps:
            placed = orders.advance(db, placed.id, step, BY, policy, now)
        return placed

    def lend(self, who: Person, title: str, days: int = 0) -> loans.Loan:
        """A copy over the counter, so many days ago."""
        db, at = self.service.store.db, self.service.clock.now() - timedelta(days=days)
        found = "SELECT barcode FROM copies WHERE title_id = :t AND state = 'available' ORDER BY id"
        barcode = db.value(found, t=self.title(title))
        return checkouts.check_out(db, barcode, who.reader_id, self.service.policy, at, 1, BY).loan

    def told(self) -> None:
        """Whatever is to be said is said."""
        notify.tick(self.service.store, self.service.policy, self.service.clock.now())


def lend_and_return(town: Town) -> None:
    """What was borrowed weeks ago: late today, back, said to be back, damaged; and who hears nothing."""
    service = town.service
    db, policy, now = service.store.db, service.policy, service.clock.now()
    zhao, qian, wu = town.person("赵青"), town.person("钱月"), town.person("吴小山")
    for title in ("量子园艺学", "第三十九级台阶外传", "量子园艺学"):
        wu.say(f"《{title}》有吗")
    town.order(wu, ["红楼梦", "小王子"], Fulfilment.COUNTER, "pick", "pack", "shelve", "collect")
    town.lend(zhao, "骆驼祥子", 50)
    wet = town.lend(qian, "追风筝的人", 9)
    cases.report(db, qian.reader_id, wet.id, "damaged", "第 30 页被茶水弄湿了", policy, now)
    claims.claim(db, wu.reader_id, town.lend(wu, "人类简史", 20).id, "周三放进书柜的", policy, now)
    (line,) = db.all("SELECT MAX(id) AS id FROM credit_lines WHERE reader_id = :r", r=qian.reader_id)
    appeals.open_appeal(db, qian.reader_id, line["id"], "那天书柜坏了，有照片", policy, now)
    with service.store.writing() as door:
        contacts.set_reachable(door, "web", zhao.address, False)
        outbox.put(door, "telegram", "40010001", Reply("《围城》后天到期，要续借吗？"), now)
        blocked = "Forbidden: bot was blocked by the user"
        door.run("UPDATE outbox SET state = 'failed', error = :e WHERE channel = 'telegram'", e=blocked)


def fill_the_rooms(town: Town) -> None:
    """Orders on every step, questions, wishes, reviews, activities."""
    service, way = town.service, Fulfilment
    db, policy, now = service.store.db, service.policy, service.clock.now()
    sun, li, zhou = town.person("孙小满"), town.person("李明"), town.person("周舟")
    town.order(sun, ["1984"], way.LOCKER, "pick")
    town.order(sun, ["看见", "我们仨"], way.DELIVERY, "pick", "pack")
    town.order(li, ["时间简史"], way.DELIVERY, "pick", "pack", "ship")
    boxed = town.order(zhou, ["边城", "城南旧事"], way.LOCKER, "pick", "pack", "load")
    waits = town.order(li, ["百年孤独"], way.COUNTER, "pick", "pack", "shelve")
    door_claims.claim(db, zhou.reader_id, boxed.number, "输了码没有反应", now)
    slot = appointments.free(db, waits, policy, now)[4]
    appointments.book(db, waits.number, li.reader_id, slot.starts_at, policy, now)
    town.lend(zhou, "红楼梦", 12)
    town.order_of(town.silent("陈奶奶"), ["平凡的世界"], way.COUNTER, "pick", "pack", "shelve")
    for who, words in ((sun, "我的书超期了两天，在住院，能不能晚两天还？"), (li, "少儿馆周末有讲座吗？")):
        who.say("转人工")
        who.say(words)
    for who, title in ((sun, "中国历代政治得失新编"), (li, "中国历代政治得失新编"), (zhou, "我爸爸的城市")):
        wishes.suggest(db, who.reader_id, title, now)
    for title, note in {"活着": "读完会坐一会儿。", "三体": "抬头看看星星。", "小王子": "给大人看的童话。"}.items():
        picks.pick(db, town.title(title), note, now)
    reviews.write(db, sun.reader_id, town.title("三体"), "第三章放不下，一口气读完。", now)
    announcements.put_up(db, "元旦三天各馆照常开门，还书柜全天能还。", "All branches open over New Year.", None, now)
    for n, who in enumerate((sun, li)):
        shop = db.value("SELECT id FROM shop_books ORDER BY price_fen LIMIT 1 OFFSET :n", n=n)
        purchases.ask(db, who.reader_id, shop, f"shop-{n}", policy, now)
    for who in (sun, li, zhou):
        sign_ups.sign_up(db, who.reader_id, 2, 1, policy, now)
    with service.store.writing() as door:
        stands = "SELECT MIN(title_id) FROM copies WHERE point_id = 1 AND state = 'available'"
        unfound.report(door, door.value(stands), 1, zhou.reader_id, now)
    take = stock_takes.begin(db, 8, "", "", "", BY, now)
    scanned = db.all("SELECT barcode FROM copies WHERE point_id = 8 LIMIT 40")
    stock_takes.scan(db, take.id, [*(row["barcode"] for row in scanned), "NOSUCH1"], BY, policy, now)
    for who, number in ((sun, "HZ2026-00017342"), (li, "HZ2026-00017350")):
        card = claim("library", number, service.card_key)
        assert card
        proofs.ask(db, who.reader_id, card, "desk", now)


# ---- the browser -----------------------------------------------------------------------------------------------------


class Chat:
    """A reader's browser, of a size; each is somebody new."""

    def __init__(self, browser: Browser, address: str, town: Town, size: tuple[int, int] = PHONE) -> None:
        self.town = town
        self.page = browser.new_page(
            base_url=address, viewport={"width": size[0], "height": size[1]}, locale="zh-CN", reduced_motion="reduce"
        )
        self.page.set_default_timeout(8_000)
        self.page.goto("/")
        self.answered("")
        self.reader = int(town.service.store.db.value("SELECT MAX(id) FROM readers"))
        town.may_borrow(self.reader, "林书")

    def answered(self, before: str) -> Chat:
        """The answer is there, and all of it: nothing more comes for a while."""
        said = before
        while said == before or said != self._said():
            said = self._said()
            self.page.wait_for_timeout(900)
        return self

    def _said(self) -> str:
        return self.page.locator("#log").inner_text()

    def say(self, text: str) -> Chat:
        """A line, and its answer."""
        before = self._said()
        self.page.get_by_label("写一句话").last.fill(text)
        self.page.keyboard.press("Enter")
        return self.answered(before)

    def tap(self, label: str) -> Chat:
        """The newest button that says so, and its answer."""
        before = self._said()
        self.page.locator("#log").get_by_role("button", name=label).last.click()
        return self.answered(before)

    def listen(self) -> Chat:
        """What the library says by itself."""
        before = self._said()
        self.town.told()
        return self.answered(before)

    def last_order(self) -> Order:
        """The newest order of this reader."""
        return orders.of_reader(self.town.service.store.db, self.reader, 1)[0]

    def keep(self, name: str) -> Chat:
        """As it looks now."""
        keep(name, self.page)
        return self


def readers_pages(new: Callable[..., Chat], town: Town) -> None:
    """README's chat, and 读者 of docs/pages.md."""
    service = town.service
    new().say("三体").keep("chat-phone")
    new(DESK).say("三体").keep("chat-desk")
    new().say("借三体和围城").keep("chat-several")
    new().say("大字").say("围城").keep("chat-large")
    new().say("活动").keep("chat-events").say("报名故事会").say("我的报名").keep("chat-event")
    new().say("今日免费配送").keep("chat-free")
    added = new().say("借解忧杂货店").tap("送到家").tap("确认下单").say("借围城")
    added.keep("chat-ways").tap("加进订单").keep("chat-adding")
    fetched = new().say("借活着").tap("到馆自取").tap("云栖市图书馆中心馆").tap("确认下单")
    fetched.say("约个时间来取").keep("chat-slot")
    taken = new().say(photographed(town)).keep("chat-handover")
    taken.page.goto("/rules")
    taken.page.emulate_media(color_scheme="dark")
    taken.keep("rules-dark")
    linked = new()
    form(linked)
    linked.keep("chat-card-form").page.get_by_label("密码", exact=True).fill("correct-horse-9")
    linked.page.get_by_role("button", name="交上去").click()
    linked.page.get_by_role("heading", name="连上了").wait_for()
    town.told()
    linked.page.get_by_role("link", name="回到聊天").click()
    linked.say("我的证件").keep("chat-cards")
    looked_at = new()
    form(looked_at)
    looked_at.page.get_by_label("刷脸", exact=True).check()
    looked_at.page.get_by_label("我同意").check()
    looked_at.page.get_by_role("button", name="交上去").click()
    looked_at.page.get_by_role("link", name="去刷脸核验").click()
    looked_at.keep("chat-face")
    boxed = new().say("借三体").tap("中心馆南门").tap("确认下单")
    move(town, boxed.last_order(), "pick", "pack", "load")
    pass_time(service, minutes=30)
    boxed.listen().keep("chat-code").say("柜子没开").keep("chat-door").say("我的信用").keep("chat-credit")
    move(town, boxed.last_order(), "collect")
    boxed.listen()
    pass_time(service, days=37)
    boxed.listen().keep("chat-reminder")


def move(town: Town, order: Order, *steps: str) -> None:
    """A librarian moves it on."""
    for step in steps:
        orders.advance(town.service.store.db, order.id, step, BY, town.service.policy, town.service.clock.now())


def form(chat: Chat) -> None:
    """The page for a card's number, filled in that far."""
    chat.say("连读者证").page.get_by_role("link", name="打开填卡号的网页").click()
    chat.page.get_by_label("卡号", exact=True).fill(f"HZ2026-0001{chat.reader:04d}")


def photographed(town: Town) -> str:
    """The code of a hand-over whose giver has sent a picture of the book."""
    giver, picture = town.person("郑一"), io.BytesIO()
    town.lend(giver, "城南旧事")
    drawn = Image.new("RGB", (640, 480), "#d6c7ab")
    ImageDraw.Draw(drawn).rectangle((220, 60, 420, 400), "#7d2a22", "#551511", 3)
    drawn.save(picture, "JPEG")
    giver.say("转借城南旧事")
    giver.tap("拍下书的样子")
    giver.send(giver.event(photo=Photo(picture.getvalue())))
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", giver.listen() + "".join(reply.text for reply in giver.heard))
    assert found, giver.heard[-1].text
    return found[0]


def librarians_pages(browser: Browser, address: str, town: Town) -> None:
    """馆员 of docs/pages.md, and README's board of orders."""
    db = town.service.store.db
    boxed, reader = (db.value(sql) for sql in (
        "SELECT number FROM orders WHERE state = 'in_locker'", "SELECT number FROM readers WHERE id = 2",
    ))  # fmt: skip
    case, asked = db.value("SELECT number FROM compensations"), db.value("SELECT MIN(number) FROM escalations")
    page = browser.new_page(
        base_url=address, viewport={"width": DESK[0], "height": DESK[1]}, locale="zh-CN", reduced_motion="reduce"
    )
    page.goto("/admin")
    page.get_by_label("账号").fill("admin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/admin")
    page.goto(f"/admin/escalations/{asked}")
    page.get_by_role("button", name="接手").click()
    barcode = db.value("SELECT barcode FROM copies WHERE id = (SELECT copy_id FROM loans ORDER BY id DESC)")
    page.goto("/admin/returns")
    page.get_by_label("网点").select_option(index=1)
    page.get_by_role("button", name="就在这里").click()
    page.get_by_label("扫书后的条码").fill(barcode)
    page.keyboard.press("Enter")
    for name, path in ROOMS.items():
        page.goto("/admin" + path.format(boxed=boxed, reader=reader, case=case, asked=asked))
        for _ in range(2):  # some part of a page may grow with the window
            high = int(page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": DESK[0], "height": min(high, TALL)})
        page.evaluate("scrollTo(0, 0)")  # a field that is ready to be written in has drawn the page down
        keep(f"admin-{name}", page)
        page.set_viewport_size({"width": DESK[0], "height": 300})
    order_for(page, db.value("SELECT number FROM readers ORDER BY id DESC"))
    page.goto("/admin/letters")
    page.get_by_role("button", name="打印选中的信").click()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 595, "height": 660})
    keep("admin-letter", page)
    page.goto("/admin/events/2/poster")
    keep("admin-poster", page)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.goto("/simulator")
    keep("console", page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.evaluate("document.querySelector('#lockers')?.scrollIntoView()")
    keep("console-phone", page)
    for name, path in ON_A_PHONE.items():
        page.goto("/admin" + path.format(barcode=barcode))
        keep(f"admin-{name}", page)


def order_for(page: Page, number: str) -> None:
    """What a librarian reads out before ordering for a reader."""
    page.goto(f"/admin/readers/{number}")
    for title in ("看见", "小王子"):
        page.get_by_label("下单、预约").fill(title)
        page.get_by_role("button", name="找书").click()
        page.get_by_role("button", name=f"《{title}》放进借书车").first.click()
    page.get_by_label("怎么取").select_option("delivery:0")
    page.get_by_role("button", name="看条件和费用").click()
    page.set_viewport_size({"width": DESK[0], "height": 520})
    keep("admin-order-for", page)


def main() -> None:
    """All of them, in one go."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("no Chromium on this machine: no pictures")
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        app = create_app(
            Settings(
                data=Path(data), library="云栖市图书馆", policy=load_policy(), secret="s" * 40, faces=True,
                start=FRIDAY - timedelta(days=3),
            )
        )  # fmt: skip
        service: Service = app.extensions["shuxin"]["service"]
        prepare(service)
        town = Town(service)
        lend_and_return(town)
        pass_time(service, days=3)
        fill_the_rooms(town)
        town.told()
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.port}"
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        with service.store.writing() as door:
            staff.first_password(door, service.clock.now())
        staff.change_password(service.store.db, "admin", PASSWORD)
        librarians_pages(browser, address, town)
        readers_pages(lambda size=PHONE: Chat(browser, address, town, size), town)
        browser.close()
        server.shutdown()
        service.store.close()


if __name__ == "__main__":
    main()
