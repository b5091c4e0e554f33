"""还书 in chat: "我还了", the courier at the door, recalls, closings, and when the doors are open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot import notify
from bot.service import Service
from bot.texts import Words
from lending import cart, claims, closings, holds, home_returns, loans, orders, readers, recalls
from lending.model import Fulfilment, library_day
from tests.talking import Person, advance, pass_time


def borrower(service: Service, name: str = "someone", books: int = 1, address: bool = True) -> Person:
    """A reader with books at home."""
    person = Person(service, name).trusted()
    db, now = service.store.db, service.clock.now()
    if address:
        readers.set_delivery(db, person.reader_id, "林书", "13800000000", "听泉区春风路 8 号", "city")
    titles = db.all(
        "SELECT title_id, MIN(point_id) AS p FROM copies WHERE state = 'available' GROUP BY title_id LIMIT :n", n=books
    )
    for row in titles:
        cart.add(db, person.reader_id, row["title_id"], service.policy, now)
    branch = db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    order = orders.place(db, person.reader_id, Fulfilment.COUNTER, branch, f"k-{name}", service.policy, now)
    advance(service, order, "pick", "pack", "shelve", "collect")
    person.listen()
    return person


def held(service: Service, person: Person) -> list[loans.Loan]:
    return loans.of_reader(service.store.db, person.reader_id)


def test_a_book_said_to_be_back_is_believed_and_looked_for(service: Service) -> None:
    reader = borrower(service)
    assert "还显示在借" in reader.say("我还了")
    title = held(service, reader)[0].title
    assert "相信您" in reader.tap(f"《{title}》"[:12])
    assert "正在找" in reader.say("我的借阅")
    assert "不用续借" in reader.say("续借")
    (check,) = claims.open_checks(service.store.db)
    claims.not_found(service.store.db, check.id, service.policy, "馆员", service.clock.now())
    pass_time(service, minutes=1)
    assert "还没有找到" in reader.listen()
    assert "相信您" in reader.tap("确实还了")


@pytest.mark.parametrize(
    "said", ["我已经还了", "我还了{title}", "{title}已经还了", "我把《{title}》还了", "我还了第1本"]
)
def test_however_it_is_said_it_is_a_claim_about_that_book(service: Service, said: str) -> None:
    reader = borrower(service)
    title = held(service, reader)[0].title
    assert "从现在起不算超期" in reader.say(said.format(title=title))
    assert "相信您" in reader.tap(f"《{title}》"[:12])
    assert [check.title for check in claims.open_checks(service.store.db)] == [title]


def test_of_several_books_the_one_that_was_named_is_asked_about(service: Service) -> None:
    reader = borrower(service, books=3)
    named = held(service, reader)[1].title
    reader.say(f"我还了《{named}》")
    labels = [button.label for row in reader.heard[-1].buttons for button in row if button.action.startswith("back:")]
    assert labels == [f"《{named}》"[:24]]


def test_an_old_button_about_what_the_courier_has_is_answered_in_words(service: Service) -> None:
    """It called the book an order, and its state "collected"."""
    reader = borrower(service, books=1)
    (loan,) = loans.of_reader(service.store.db, reader.reader_id)
    with service.store.writing() as db:
        loans.stop(db, loan, "collected", service.clock.now())
    said = reader.press(f"back:{loan.id}")
    assert "这本书的情况刚刚变了" in said and "订单" not in said and "collected" not in said


def test_the_courier_comes_for_the_price_that_was_said(service: Service) -> None:
    """A4-8: the fee before the yes; pressed twice it comes once (B2-2)."""
    reader = borrower(service, books=2)
    offered = reader.say("上门取书")
    assert "取书费 ¥3" in offered and "听泉区春风路 8 号" in offered
    yes = reader.action("确认，请来取")
    assert "快递会来取" in reader.press(yes)
    assert "快递会来取" in reader.press(yes)
    (asked,) = home_returns.open_ones(service.store.db)
    assert "快递会来取" in reader.say("叫快递取书"), "asked already: it says so instead of asking again"
    home_returns.collect(service.store.db, asked.id, service.policy, service.clock.now())
    pass_time(service, minutes=1)
    assert "快递取走了" in reader.listen()
    assert "正在回馆的路上" in reader.say("我的借阅")
    home_returns.lose(service.store.db, asked.id, "staff:小信", service.policy, service.clock.now())
    pass_time(service, minutes=1)
    heard = reader.listen()
    assert all(words in heard for words in ("在路上丢了，由馆里承担：不用赔", "取书的快递费 ¥3 也由图书馆出"))
    again = reader.press(yes)
    assert "登记为丢失，没有回到馆里" in again and "取书费 ¥0" in again and "已经回到馆里" not in again


def test_a_book_that_is_lost_is_not_fetched_any_more(service: Service) -> None:
    reader = borrower(service, books=1)
    reader.say("上门取书")
    reader.press(reader.action("确认，请来取"))
    assert "上门取书，这一本不用来取了" in reader.say("书丢了")
    assert home_returns.open_ones(service.store.db) == []
    assert "取书费" not in reader.say("我的借阅")


def test_of_books_fetched_one_came_and_one_was_lost_and_turned_up(service: Service) -> None:
    reader = borrower(service, books=2)
    reader.say("上门取书")
    reader.press(yes := reader.action("确认，请来取"))
    (asked,) = home_returns.open_ones(service.store.db)
    home_returns.collect(service.store.db, asked.id, service.policy, service.clock.now())
    came, gone = loans.of_reader(service.store.db, reader.reader_id)
    loans.check_in(service.store.db, came.barcode, 1, service.policy, service.clock.now())
    home_returns.lose(service.store.db, asked.id, "staff:小信", service.policy, service.clock.now())
    said = reader.press(yes)
    assert f"《{came.title}》已经回到馆里了" in said and f"《{gone.title}》登记为丢失，没有回到馆里" in said
    loans.check_in(service.store.db, gone.barcode, 1, service.policy, service.clock.now())
    assert "登记为丢失" not in reader.press(yes)


def test_confirm_in_words_and_calling_it_off(service: Service) -> None:
    reader = borrower(service, books=2)
    reader.say("上门取书")
    reader.tap("只取《")
    assert "快递会来取" in reader.say("确认")
    (asked,) = home_returns.open_ones(service.store.db)
    assert len(asked.titles) == 1
    assert "快递不来了" in reader.tap("不用来取了")
    assert home_returns.open_ones(service.store.db) == []


def test_without_an_address_it_is_asked_for_and_then_goes_on(service: Service) -> None:
    reader = borrower(service, address=False)
    assert "要先知道地址" in reader.say("上门取书")
    reader.tap("填地址")
    reader.tap("听泉区")
    said = reader.say("李明 13800000000 春风路8号3单元201")
    assert "记下了" in said and "取书费 ¥3" in said


def test_nothing_at_home_is_nothing_to_fetch(service: Service) -> None:
    reader = Person(service).trusted()
    assert "现在没有要还的书" in reader.say("上门取书")
    assert "放心" in reader.say("我还了")


def test_anothers_book_and_forged_numbers_open_nothing(service: Service) -> None:
    reader, other = borrower(service), Person(service, "other").trusted()
    loan = held(service, reader)[0]
    assert "已经不在您的借阅里" in other.press(f"back:{loan.id}")
    assert "已过期" in other.press("back:x")
    reader.say("上门取书")
    reader.press(reader.action("确认"))
    (asked,) = home_returns.open_ones(service.store.db)
    other.press(f"fetchx:{asked.id}")
    assert home_returns.open_ones(service.store.db) == [asked]


def test_b2_19_a_recall_says_why_until_when_and_thanks(service: Service) -> None:
    reader, other = borrower(service), Person(service, "other").trusted()
    loan = held(service, reader)[0]
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND state = 'available'", t=loan.title_id)
    holds.place(service.store.db, other.reader_id, loan.title_id, service.clock.now())
    pass_time(service, days=20)
    said = reader.listen()
    assert "有读者在等" in said and "原来是 12月30日" in said
    assert recalls.recall_due(service.store.db, service.policy, service.clock.now()) == 0
    assert "已请您提前还" in reader.say("续借")
    (hold,) = holds.of_reader(service.store.db, other.reader_id)
    holds.cancel(service.store.db, other.reader_id, hold.id, service.policy, service.clock.now())
    pass_time(service, minutes=1)
    assert "没有人在等了，不用早还：12月30日" in reader.listen()


def recalled_at_night(service: Service) -> tuple[Person, Person, loans.Loan]:
    """Asked back at ten in the evening, to be told in the morning; who has the book, who waits, and the loan."""
    reader, other = borrower(service), Person(service, "other").trusted()
    loan, db = held(service, reader)[0], service.store.db
    with service.store.writing() as door:
        door.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND state = 'available'", t=loan.title_id)
    holds.place(db, other.reader_id, loan.title_id, service.clock.now())
    pass_time(service, days=20, hours=12)
    (asked,) = held(service, reader)
    assert asked.recalled_at and reader.listen() == ""
    return reader, other, asked


def test_a_closing_before_a_recall_is_told_says_no_word_of_a_date_put_off(service: Service) -> None:
    """The reader knows the old date only; what they hear is the recall, with the date as it is now."""
    reader, _, loan = recalled_at_night(service)
    day = library_day(loan.due_at)
    closings.declare(service.store.db, None, day, day, "台风", "馆员", service.policy, service.clock.now())
    pass_time(service, hours=12)
    said = reader.listen()
    assert "往后延" not in said and f"{Words('zh_Hans').day(held(service, reader)[0].due_at)} 前还就好" in said
    assert held(service, reader)[0].due_at > loan.due_at


def test_a_recall_called_off_before_it_is_told_is_not_spoken_of(service: Service) -> None:
    reader, other, loan = recalled_at_night(service)
    (hold,) = holds.of_reader(service.store.db, other.reader_id)
    holds.cancel(service.store.db, other.reader_id, hold.id, service.policy, service.clock.now())
    pass_time(service, hours=12)
    assert reader.listen() == "" and held(service, reader)[0].due_at > loan.due_at


def test_b2_9_a_closing_moves_dates_in_one_message_and_back_again(service: Service) -> None:
    reader = borrower(service, books=2)
    day = library_day(held(service, reader)[0].due_at)
    db, now = service.store.db, service.clock.now()
    made = closings.declare(db, None, day, day + timedelta(days=1), "台风", "馆员", service.policy, now, emergency=True)
    notify.tell(service.store, service.policy, now)
    said = reader.listen()
    assert said.count("到期") == 2 and "闭馆（台风）" in said and "不算超期" in said
    assert "闭馆（台风）" not in reader.say("附近网点"), "more than a month ahead"
    closings.take_back(db, made, "馆员", service.policy, now)
    notify.tell(service.store, service.policy, now)
    assert "照常开放了" in reader.listen()


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("今天开门吗", "11月20日"),
        ("明天开放吗", "11月21日"),
        ("春节开放吗", "2月5日（周五）、2月6日（周六）闭馆"),
        ("春节开放吗", "2027 年的放假安排还没有公布"),
        ("are you open tomorrow", "21"),
        ("周末开门吗", "11月21日（周六）至11月22日（周日）的开放时间"),
        ("周一开门吗", "11月23日（周一）的开放时间"),
        ("下周五开门吗", "11月27日（周五）的开放时间"),
        ("周五一般几点开门", "11月20日（周五）的开放时间"),
        ("are you open on monday", "23"),
        ("你们几点下班", "11月20日（周五）的开放时间"),
        ("晚上十一点还开门吗", "11月20日（周五）的开放时间"),
        ("明天开吗", "11月21日（周六）的开放时间"),
        ("大后天开吗", "11月23日（周一）的开放时间"),
        ("春节开不开", "2027年2月5日（周五）至2027年2月8日（周一）的开放时间"),
        ("今天几点关门", "云栖市图书馆中心馆 09:00-21:00"),
        ("萤火少儿馆几点开", "萤火少儿馆 09:00-18:00"),
    ],
)
def test_when_the_doors_are_open(service: Service, said: str, answered: str) -> None:
    assert answered in Person(service).trusted().say(said)


def test_whoever_asks_for_one_branch_hears_of_that_branch(service: Service) -> None:
    assert "竹影" not in Person(service).say("萤火少儿馆几点开")


def test_on_a_sunday_the_weekend_is_what_is_left_of_it(service: Service) -> None:
    pass_time(service, days=2)
    assert Person(service).say("周末开门吗").startswith("11月22日（周日）的开放时间")


def test_a_holiday_that_no_calendar_knows_yet_is_said_to_be_unknown(service: Service) -> None:
    pass_time(service, days=365)
    assert "国庆的放假安排还没有公布" in Person(service).say("国庆开门吗")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("中心馆在哪", "文澜大道 1 号"),
        ("中心馆怎么走", "文澜大道 1 号"),
        ("怎么去少儿馆", "萤火巷 20 号"),
        ("竹影馆电话多少", "竹影区分馆：0000-8800 0004"),
        ("电话多少", "萤火少儿馆：0000-8800 0006"),
        ("云栖站电话", "没有登记"),
    ],
)
def test_where_a_branch_is_and_its_telephone(service: Service, said: str, answered: str) -> None:
    assert answered in Person(service).say(said)


def test_a_closing_soon_is_said_with_the_points(service: Service) -> None:
    today = library_day(service.clock.now())
    closings.declare(
        service.store.db, 1, today, date(2026, 11, 22), "停电", "馆员", service.policy, service.clock.now()
    )
    said = Person(service).trusted().say("今天开门吗")
    assert "中心馆：闭馆" in said and "停电" in said
    assert "停电" in Person(service, "two").trusted().say("附近网点")


def test_a_book_said_to_be_back_in_other_words_is_no_appeal(service: Service) -> None:
    reader = borrower(service)
    for words in ("我已经还了", "书我早就还了", "我还过了"):
        assert "还显示在借" in reader.say(words)


# ---- a place that is named -------------------------------------------------------------------------------------------


def test_whoever_names_a_place_hears_of_that_place(service: Service) -> None:
    reader = Person(service)
    said = reader.say("书在云栖站还能还吗？")
    assert "可以还，不用回到借出的馆，不收费" in said
    assert "云栖站智能借书柜" in said and "竹影区分馆" not in said and "图书馆（" not in said


def test_a_district_has_lockers_and_branches(service: Service) -> None:
    said = Person(service).say("可以在听泉区还书吗")
    assert "中心馆南门智能借书柜" in said and "听泉区分馆" in said and "云栖站" not in said


def test_nobody_is_sent_to_a_full_locker_they_have_named(service: Service) -> None:
    """A9-6."""
    with service.store.writing() as db:
        db.run("UPDATE boxes SET state = 'out_of_order' WHERE point_id IN (SELECT id FROM points WHERE name LIKE '云栖站%')")
    said = Person(service).say("云栖站能还书吗")
    assert "放到任何一个都行" in said and "云栖站智能借书柜" not in said and "竹影科技园" in said


def test_a_place_nobody_knows_gets_all_of_them(service: Service) -> None:
    assert "放到任何一个都行" in Person(service).say("火星可以还书吗")


@pytest.mark.parametrize(("text", "day"), [("元旦能还书吗", "2027年1月1日"), ("周末可以还书吗", "11月21日"), ("明天能还书吗", "11月21日")])
def test_whether_books_are_taken_on_a_day_is_answered_with_that_days_hours(
    service: Service, text: str, day: str
) -> None:
    """A9-6: and with the lockers, which take them at any hour."""
    said = Person(service).say(text)
    assert said.startswith(day) and "的开放时间" in said and "智能书柜全天能还书" in said


def test_no_button_renews_what_others_wait_for_or_what_is_late(service: Service) -> None:
    """B2-25: neither in the list nor in the reminder; whoever asks in words hears why."""
    reader = borrower(service, books=2)
    wanted, other = held(service, reader)
    waits = Person(service, "waits").trusted()
    with service.store.writing() as db:
        holds.join(db, waits.reader_id, wanted.title_id, service.clock.now())
    said = reader.say("我的借阅")
    line = next(one for one in said.splitlines() if wanted.title in one)
    assert "有 1 人在等" in line and "还可续" not in line
    renewals = [b.action for row in reader.heard[-1].buttons for b in row if b.action.startswith("r:")]
    assert renewals == [f"r:{other.id}:0"]
    assert "有 1 位读者在等" in reader.say("续借第1本")
    days = (library_day(wanted.due_at) - library_day(service.clock.now())).days
    with service.store.writing() as db:
        db.run("UPDATE loans SET returned_at = due_at, ended_as = 'returned' WHERE id = :id", id=other.id)
        db.run("UPDATE holds SET state = 'cancelled'")
    pass_time(service, days=days + 1, hours=1)
    assert "已超期 1 天" in reader.listen()
    labels = [b.label for row in reader.heard[-1].buttons for b in row]
    assert "续借" not in labels and "怎么还书" in labels and "转人工" in labels
    assert "超期" in reader.say("续借")


def test_what_goes_to_the_next_reader_is_not_said_to_stay_where_it_came_back(service: Service) -> None:
    """A2-6: it stays there unless it fills a hold."""
    reader = borrower(service)
    [loan] = held(service, reader)
    db, waits = service.store.db, Person(service, "waits").trusted()
    with service.store.writing() as door:
        holds.join(door, waits.reader_id, loan.title_id, service.clock.now())
    other = db.value("SELECT MAX(id) FROM points WHERE kind = 'branch' AND branch_type <> 'bus'")
    loans.check_in(db, loan.barcode, other, service.policy, service.clock.now())
    pass_time(service, minutes=1)
    said = reader.listen()
    assert "归还" in said and "继续流通" not in said


def test_a_courier_who_was_asked_for_stands_among_the_loans_until_he_came(service: Service) -> None:
    """Whoever looks there later finds that somebody comes, and can still call it off."""
    reader = borrower(service)
    reader.say("上门取书")
    reader.tap("确认，请来取")
    assert "约了快递上门来取" in reader.say("我的借阅")
    assert "快递不来了" in reader.tap("不用来取了")
    assert "约了快递上门来取" not in reader.say("我的借阅")


@pytest.mark.parametrize(("days", "words"), [(90, "再开"), (500, "不再开放了")])
def test_nobody_is_sent_with_a_book_to_a_door_that_stays_shut(service: Service, days: int, words: str) -> None:
    """B2-9, A9-6: asked after by name it is told that it is shut and where else; in the list it is no place, or told."""
    reader, db, now = Person(service), service.store.db, service.clock.now()
    branch, box = (db.one("SELECT id, name FROM points WHERE kind = :k ORDER BY id DESC LIMIT 1 OFFSET 2", k=kind)
                   for kind in ("branch", "locker"))  # fmt: skip
    assert branch is not None and box is not None
    for one in (branch, box):
        closings.declare(
            db, one["id"], library_day(now), library_day(now) + timedelta(days=days), "装修", "馆员", service.policy, now
        )
    said = reader.say(f"{branch['name']}能还书吗")
    assert said.startswith("今天那里不开门，还到别处都行") and words in said and "可以还" not in said
    every = reader.say("怎么还书")
    assert box["name"] not in every
    listed = [line for line in reader.say("附近网点").splitlines() if box["name"] in line and "装修" not in line]
    assert not any("空格口" in line for line in listed), listed


def test_a_number_counts_in_the_list_that_was_shown_though_a_renewal_has_reordered_it(service: Service) -> None:
    """「续借第1本」, then 「续借第2本」: the second of the list above, not the second of what is due now."""
    reader = borrower(service, books=3)
    first, second, third = held(service, reader)
    reader.say("我的借阅")
    assert f"《{first.title}》续到" in reader.say("续借第1本")
    assert f"《{second.title}》续到" in reader.say("续借第2本")
    assert third.title in reader.say("第3本丢了")
    assert first.title in reader.say("第1本丢了")


def test_what_the_library_says_in_between_ends_the_counting_in_an_old_list(service: Service) -> None:
    """A reminder has numbers of its own: a number said after it is not one of the older list."""
    reader = borrower(service, books=2)
    reader.say("我的借阅")
    reader.say("续借第1本")
    soonest = held(service, reader)[0]
    pass_time(service, days=(library_day(soonest.due_at) - library_day(service.clock.now())).days - 1, hours=1)
    assert f"1. 《{soonest.title}》" in reader.listen()
    assert f"《{soonest.title}》续到" in reader.say("续借第1本")


def test_what_a_librarian_renewed_is_told_in_one_message_with_the_new_dates(service: Service) -> None:
    """A6-10, B2-5; one that was brought back meanwhile is not spoken of (B2-7)."""
    me = borrower(service, books=3)
    db, now = service.store.db, service.clock.now()
    kept, other, back = held(service, me)
    for loan in (kept, other, back):
        loans.renew_by_staff(db, loan, service.policy, now)
    loans.check_in(db, back.barcode, 1, service.policy, now)
    pass_time(service, minutes=1)
    said = me.listen()
    assert said.count("馆员替您续借了") == 1 and f"《{kept.title}》续到" in said and f"《{other.title}》续到" in said
    assert f"《{back.title}》续到" not in said
