"""大篷车进村: a village, the bus on Wednesdays, a book waited for and fetched, snow, and the book given back (A10-15)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot import notify
from bot.service import Service
from lending import catalogue, closings, loans, points
from lending.loans import Loan
from lending.model import OrderState, library_day
from tests.talking import Person, advance, open_sample, pass_time

XIKOU = (29.5200, 119.3000)  # where 沈阿婆 lives, five minutes from the village office
FIRST, SECOND = date(2026, 11, 25), date(2026, 12, 2)  # Wednesdays


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    return open_sample(prepared, tmp_path / "data")


def the_bus(service: Service) -> int:
    return points.point_by_code(service.store.db, "dpc").id


def lends_the_only_copy(service: Service, title: str) -> Loan:
    """Somebody in town has it at home."""
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'withdrawn' WHERE title_id = (SELECT id FROM titles WHERE title = :t) AND id NOT IN "
            "(SELECT MIN(c.id) FROM copies c JOIN titles t ON t.id = c.title_id WHERE t.title = :t)",
            t=title,
        )
    town = Person(service, "town").trusted()
    town.say(title)
    town.tap("借这本")
    town.tap("云栖站智能借书柜")
    town.tap("确认下单")
    advance(service, town.last_order(), "pick", "pack", "load", "collect")
    (loan,) = loans.of_reader(service.store.db, town.reader_id)
    return loan


def checks_in(service: Service, barcode: str, at: int) -> None:
    loans.check_in(service.store.db, barcode, at, service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())


def news(service: Service, who: Person) -> str:
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    return who.listen()


def test_a_village_a_bus_and_snow(service: Service) -> None:
    """A10-14, A10-15, B2-9, B2-10: nobody in the village is told a day on which no bus comes."""
    db, shen, bus = service.store.db, Person(service, "shen").trusted(), the_bus(service)
    loan = lends_the_only_copy(service, "边城")

    # 沈阿婆 in 溪口村 hears of a bus. She asks when it comes, and where it is nearest to her.
    assert "11月25日（周三） 09:30-11:00 望川区溪口村" in shen.say("大篷车什么时候来")
    shen.send(shen.event(location=XIKOU))
    assert shen.listen().splitlines()[1].startswith("1. 364 米（走路约 7 分钟） 11月25日（周三） 09:30-11:00 望川区溪口村")
    assert "以后先给您推荐阅读大篷车" in shen.tap("在阅读大篷车取书")

    # 《边城》 is out. She waits for it, and wants to fetch it on the bus.
    shen.say("边城")
    shen.tap("预约")
    shen.say("我的预约")
    shen.tap("换取书点")
    assert "在阅读大篷车取" in shen.tap("阅读大篷车")

    # On Friday the book comes back in town, and is kept for her: until a day on which the bus has been everywhere.
    checks_in(service, loan.barcode, 1)
    said = news(service, shen)
    assert "您等的《边城》回来了" in said and "取书点：阅读大篷车" in said and "11月25日（周三） 09:30-11:00 望川区溪口村" in said
    shen.tap("到阅读大篷车取")
    assert "放上阅读大篷车" in shen.tap("确认下单")
    order = advance(service, shen.last_order(), "pick", "pack", "shelve")
    said = news(service, shen)
    assert f"在阅读大篷车上了：《边城》。\n报号码 {shen.last_order().pickup_code} 就能取，保留到 11月26日（周四）" in said

    # On Tuesday it snows in the hills, and Wednesday's round is called off. Thursday's school is no help to 溪口:
    # she is told at once that her book is kept until the bus has come to her, and some days more.
    pass_time(service, days=4)
    shen.listen()
    closings.declare(db, bus, FIRST, FIRST, "山上大雪", "馆员", service.policy, service.clock.now(), emergency=True)
    pass_time(service, minutes=1)
    said = shen.listen()
    assert "阅读大篷车11月25日（周三）不出车（山上大雪）" in said and f"订单 {order.number} 保留到 12月5日（周六）" in said
    assert "12月2日（周三） 09:30-11:00 望川区溪口村" in shen.say("大篷车什么时候来")

    # The Thursday passes, nothing is sent back. The Wednesday after, the bus is there, and so is the book.
    pass_time(service, days=8)
    assert library_day(service.clock.now()) == SECOND and shen.last_order().state is OrderState.AT_COUNTER
    assert "现在停在望川区溪口村村委会门前" in shen.say("大篷车")
    advance(service, shen.last_order(), "collect")
    assert "借到了：《边城》" in shen.listen()

    # A week later she gives it back through the window of the bus; it stays on board for the next village.
    pass_time(service, days=7)
    (mine,) = loans.of_reader(db, shen.reader_id)
    checks_in(service, mine.barcode, bus)
    assert "《边城》已在阅读大篷车归还。书会留在那里继续流通。按时归还，谢谢您。" in shen.listen()
    (copy,) = (one for one in catalogue.copies(db, mine.title_id) if one.barcode == mine.barcode)
    assert (copy.point_id, copy.state) == (bus, "available")
