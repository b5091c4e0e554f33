"""The library is closed when it had promised to have books ready: who waits hears once, in one message (D-1, B2-9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot import escalations, notify
from bot.service import Service
from lending import appeals, cases, closings, credit, loans, moved_answers, moved_promises, orders, parcels, rounds
from lending.errors import StoreUnwritable
from lending.model import library_day, start_of_day
from lending.rules import Round
from tests.bot.test_orders_talk import order
from tests.talking import Person, advance, pass_time

FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


@pytest.fixture
def reader(service: Service) -> Person:
    return Person(service).trusted()


def close(service: Service, first: date = SATURDAY, last: date = SUNDAY) -> int:
    db, now = service.store.db, service.clock.now()
    made = closings.declare(db, None, first, last, "台风", "馆员", service.policy, now, emergency=True)
    notify.tell(service.store, service.policy, now)
    return made


def test_the_new_moment_is_said_once_with_why_and_sorry(service: Service, reader: Person) -> None:
    first, second = order(service, reader, 1), order(service, reader, 6)
    reader.listen()
    close(service)
    said = reader.listen()
    assert "图书馆11月21日（周六）至11月22日（周日）闭馆（台风），答应您的时间要往后挪，对不起" in said
    assert f"· 订单 {first.number} 改在 11月23日（周一） 10:00 前备好" in said and second.number not in said
    assert "承诺 11月23日（周一） 10:00 前备好" in reader.press(f"order:{first.number}")
    pass_time(service, hours=2)
    assert reader.listen() == ""


def test_a_round_that_does_not_go_is_said_with_the_one_that_does(service: Service) -> None:
    """Nobody waits at the door for a cart that stays in the yard (A10-2)."""
    weekend = Round("周末送书", ("春风路",), (6, 7, 1), time(18), time(20), "社区活动室", 12)
    rules = replace(service.policy, parcels=replace(service.policy.parcels, rounds=(weekend,)))
    service = replace(service, policy=rules)
    reader = Person(service).trusted()
    placed = advance(service, order(service, reader, 1, "delivery"), "pick", "pack")
    (parcel,) = parcels.of_order(service.store.db, placed.id)
    reader.listen()
    closed = close(service)
    said = reader.listen()
    assert f"包裹 {parcel.tracking}：等出发 · 馆里的送书员 11月23日（周一） 18:00–20:00 在社区活动室等您" in said
    closings.take_back(service.store.db, closed, "馆员", service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())
    assert "11月21日（周六） 18:00–20:00 在社区活动室等您" in reader.listen()


@pytest.fixture
def small_cart(service: Service) -> Service:
    """A round every evening from Friday on that takes one parcel."""
    evening = Round("傍晚送书", ("春风路",), (1, 2, 3, 4, 5, 6, 7), time(18), time(20), "", 1)
    return replace(service, policy=replace(service.policy, parcels=replace(service.policy.parcels, rounds=(evening,))))


def forgotten(small_cart: Service) -> tuple[Service, Person, orders.Order]:
    """A round of which nobody has pressed anything, on the morning after."""
    service, me = small_cart, Person(small_cart).trusted()
    placed = advance(service, order(service, me, 1, "delivery"), "pick", "pack")
    assert "11月20日（周五） 18:00–20:00 送到" in me.listen() + me.press(f"order:{placed.number}")
    pass_time(service, hours=15)
    assert me.listen() == "", "in the night nobody is woken"
    pass_time(service, hours=8)
    return service, me, placed


def test_a_round_that_nobody_spoke_of_is_asked_about_the_next_morning(small_cart: Service) -> None:
    """They were told that it had not gone, also where the book lay in their hands."""
    service, me, placed = forgotten(small_cart)
    said = me.listen()
    assert "11月20日（周五） 18:00–20:00 那一班送书有没有送到，还没有记录" in said and "没能成行" not in said
    assert "还没有记录" in me.press(f"order:{placed.number}")
    pass_time(service, hours=1)
    assert me.listen() == ""


def test_who_has_it_in_hand_says_so(small_cart: Service) -> None:
    service, me, placed = forgotten(small_cart)
    me.listen()
    assert "到您手里了" in me.tap("我拿到了")
    assert orders.by_number(service.store.db, placed.number).state == "done"
    assert "已经签收过了" in me.tap("我拿到了")
    assert "已签收" in me.tap("没有收到")


def test_who_says_so_in_words_is_believed_as_well(small_cart: Service) -> None:
    service, me, placed = forgotten(small_cart)
    me.listen()
    assert "到您手里了" in me.say("书收到了")
    assert orders.by_number(service.store.db, placed.number).state == "done"


def test_who_has_waited_in_vain_gets_the_next_round(small_cart: Service) -> None:
    service, me, _placed = forgotten(small_cart)
    me.listen()
    said = me.tap("没有收到")
    assert "让您白等了" in said and "11月21日（周六） 18:00–20:00 送到" in said
    assert "11月21日（周六） 18:00–20:00 送到" in me.tap("没有收到"), "twice is once"
    pass_time(service, hours=1)
    assert me.listen() == ""


def test_the_librarian_says_that_it_did_not_go(small_cart: Service) -> None:
    service, me, _placed = forgotten(small_cart)
    me.listen()
    [run] = rounds.unspoken(service.store.db, service.policy, service.clock.now())
    assert rounds.did_not_go(service.store.db, run, service.policy, service.clock.now()) == 1
    assert rounds.did_not_go(service.store.db, run, service.policy, service.clock.now()) == 0
    notify.tell(service.store, service.policy, service.clock.now())
    said = me.listen()
    assert "没能成行，对不起" in said and "11月21日（周六） 18:00–20:00 送到" in said


def test_a_round_that_the_rules_do_not_name_any_more_is_not_waited_for(small_cart: Service) -> None:
    service, me = small_cart, Person(small_cart).trusted()
    advance(service, order(service, me, 1, "delivery"), "pick", "pack")
    me.listen()
    morning = replace(service.policy.parcels.rounds[0], name="上午送书", starts=time(14), ends=time(16))
    service = replace(service, policy=replace(service.policy, parcels=replace(service.policy.parcels, rounds=(morning,))))
    pass_time(service, minutes=5)
    assert "没能成行，对不起" in (said := me.listen()) and "11月20日（周五） 14:00–16:00 送到" in said


def unpack(service: Service, placed: orders.Order) -> None:
    db, policy, now = service.store.db, service.policy, service.clock.now()
    orders.advance(db, placed.id, "unpack", "staff:小林", policy, now)


def test_who_was_told_a_round_hears_of_the_other_one_when_it_is_packed_anew(small_cart: Service) -> None:
    """A10-2: nobody waits on Friday for a cart that brings it on Saturday."""
    service, mine, other = small_cart, Person(small_cart).trusted(), Person(small_cart, "他").trusted()
    placed = advance(service, order(service, mine, 1, "delivery"), "pick", "pack")
    assert "11月20日（周五） 18:00–20:00 送到" in mine.listen() + mine.press(f"order:{placed.number}")
    unpack(service, placed)
    advance(service, order(service, other, 2, "delivery"), "pick", "pack")
    placed = advance(service, placed, "pack")
    said = mine.listen()
    assert f"订单 {placed.number} 重新打包了一次" in said and "11月21日（周六） 18:00–20:00 送到" in said
    assert "重新打包" not in other.listen()
    pass_time(service, minutes=5)
    assert mine.listen() == ""
    unpack(service, placed)
    advance(service, placed, "pack")
    assert "重新打包" not in mine.listen(), "it goes as was told last"


def test_packed_anew_twice_before_anybody_is_told_the_last_word_counts(small_cart: Service) -> None:
    service, mine, other = small_cart, Person(small_cart).trusted(), Person(small_cart, "他").trusted()
    placed = advance(service, order(service, mine, 1, "delivery"), "pick", "pack")
    mine.listen()
    unpack(service, placed)
    theirs = advance(service, order(service, other, 2, "delivery"), "pick", "pack")
    db, policy, now = service.store.db, service.policy, service.clock.now()
    orders.advance(db, placed.id, "pack", "staff:小林", policy, now)  # tells of Saturday, and nobody heard it
    unpack(service, placed)
    orders.advance(db, theirs.id, "cancel", "staff:小林", policy, now)
    orders.advance(db, placed.id, "pack", "staff:小林", policy, now)
    notify.tell(service.store, policy, now)
    assert "重新打包" not in mine.listen(), "on Friday again, as was told"


def test_a_moment_that_moved_is_not_apologised_for_as_broken(service: Service, reader: Person) -> None:
    placed = order(service, reader, 4, "delivery")
    close(service)
    with service.store.writing() as db:
        db.run("UPDATE orders SET pack_by = promised_at")  # packing is not what this is about
    reader.listen()
    pass_time(service, days=1, hours=1)
    assert reader.listen() == "" and reader.last_order().fee_fen == placed.fee_fen
    pass_time(service, days=2)
    assert "没有在答应您的时间备好" in reader.listen()


def test_taken_back_the_old_moment_is_said(service: Service, reader: Person) -> None:
    placed = order(service, reader, 1)
    closed = close(service)
    reader.listen()
    closings.take_back(service.store.db, closed, "馆员", service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())
    said = reader.listen()
    assert "照常开放了" in said and "原来" not in said, "perhaps not to the minute"
    assert f"订单 {placed.number} 改在 11月21日（周六） 10:00 前备好" in said


@pytest.mark.parametrize(
    ("first", "last", "ready"),
    [(SATURDAY, SUNDAY, "11月23日（周一） 10:00"), (FRIDAY, FRIDAY, "11月21日（周六） 16:00")],
)
def test_the_card_before_the_yes_knows_of_the_closing(
    service: Service, reader: Person, first: date, last: date, ready: str
) -> None:
    """A4-8: what is agreed to is what is kept; also where only the packing has to wait."""
    close(service, first, last)
    reader.say("借 活着")
    reader.press(f"b:{service.store.db.value('SELECT MIN(id) FROM titles WHERE withdrawn = 0')}")
    reader.say("去下单")
    reader.tap("到馆自取")
    card = reader.press(f"w:counter:{service.store.db.value('SELECT MIN(id) FROM points WHERE kind = :k', k='branch')}")
    assert f"预计 {ready} 前备好" in card
    assert f"{ready} 前放到取书架" in reader.say("确认")
    pass_time(service, minutes=1)
    assert reader.listen() == ""


def test_what_is_said_of_an_approval_knows_of_the_closing_too(service: Service, reader: Person) -> None:
    """E1-10."""
    placed = order(service, reader, 6)
    close(service)
    pass_time(service, minutes=30)
    reader.listen()
    db, now = service.store.db, service.clock.now()
    orders.advance(db, placed.id, "approve", "staff:lin", service.policy, now)
    notify.tell(service.store, service.policy, now)
    assert "11月23日（周一） 10:30 前备好" in reader.listen()
    pass_time(service, minutes=1)
    assert reader.listen() == ""

def test_a_person_is_not_promised_for_a_day_on_which_nobody_is_there(service: Service, reader: Person) -> None:
    """D-1, B2-9: requests, cases and appeals made while it is closed are answered after it."""
    closed = close(service, FRIDAY, SUNDAY)
    assert "11月23日（周一） 12:00 前答复您" in reader.say("转人工")
    db, now = service.store.db, service.clock.now()
    with service.store.writing() as door:
        line = credit.post(door, reader.reader_id, "duplicate_card", "card:1", service.policy, now)
    assert line < 0
    found, _new = appeals.open_appeal(
        db, reader.reader_id, db.value("SELECT MAX(id) FROM credit_lines"), "", service.policy, now
    )
    advance(service, order(service, reader, 1), "pick", "pack", "shelve", "collect")
    (loan,) = loans.of_reader(db, reader.reader_id)
    case, _new = cases.report(db, reader.reader_id, loan.id, "lost", "", service.policy, now)
    assert [library_day(one.promised_at) for one in (found, case)] == [date(2026, 11, 23)] * 2
    closings.take_back(db, closed, "馆员", service.policy, now)
    assert "11月20日（周五） 12:00 前答复您" in Person(service, "stranger").say("转人工")


# ---- answers promised before the closing was declared ----------------------------------------------------------------


@pytest.fixture
def waits(service: Service, reader: Person) -> dict[str, str]:
    """The reader waits for an order, a person, a case and an appeal; their numbers, all promised for this Friday."""
    db, now = service.store.db, service.clock.now()
    advance(service, order(service, reader, 1), "pick", "pack", "shelve", "collect")
    placed = order(service, reader, 2)
    (loan,) = loans.of_reader(db, reader.reader_id)
    case, _new = cases.report(db, reader.reader_id, loan.id, "lost", "", service.policy, now)
    with service.store.writing() as door:
        credit.post(door, reader.reader_id, "duplicate_card", "card:1", service.policy, now)
    line = db.value("SELECT MAX(id) FROM credit_lines")
    appeal, _new = appeals.open_appeal(db, reader.reader_id, line, "", service.policy, now)
    reader.say("转人工")
    request = escalations.open_of(db, reader.reader_id)
    assert request and {library_day(one.promised_at) for one in (request, case, appeal)} == {FRIDAY}
    notify.tell(service.store, service.policy, now)
    reader.listen()
    return {"person": request.number, "case": case.number, "appeal": appeal.number, "order": placed.number}


HOURS = {"person": "12:00", "case": "18:00", "appeal": "18:00"}  # when they are answered by the rules


def declare(service: Service, first: date, last: date, point: int | None = None) -> int:
    """As the page of the calendar does it."""
    db, now, answers = service.store.db, service.clock.now(), escalations.ANSWERS
    return closings.declare(db, point, first, last, "台风", "馆员", service.policy, now, emergency=True, answers=answers)


def take_back(service: Service, closed: int) -> None:
    db, now = service.store.db, service.clock.now()
    closings.take_back(db, closed, "馆员", service.policy, now, escalations.ANSWERS)


def heard(service: Service, reader: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return reader.listen()


def test_answers_promised_before_move_with_the_order_and_are_told_in_one_message(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    closed = declare(service, FRIDAY, SUNDAY)
    said = heard(service, reader)
    assert said.count("答应您的时间要往后挪，对不起") == 1 and waits["order"] in said
    for what, hour in HOURS.items():
        assert f"· {waits[what]} 改在 11月23日（周一） {hour} 前答复您" in said
    take_back(service, closed)
    said = heard(service, reader)
    assert said.count("照常开放了") == 1
    for what, hour in HOURS.items():
        assert f"· {waits[what]} 改在 11月20日（周五） {hour} 前答复您" in said


def test_an_answer_moved_is_not_late_and_one_that_was_late_stays_so(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    declare(service, FRIDAY, SUNDAY)
    heard(service, reader)
    pass_time(service, days=1)
    assert "没有在答应您的时间答复" not in reader.listen()
    pass_time(service, days=3)
    assert reader.listen().count("没有在答应您的时间答复") == 3
    declare(service, date(2026, 11, 24), date(2026, 11, 25))
    assert waits["case"] not in heard(service, reader)


def test_one_point_closed_or_an_answer_given_moves_nothing(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    db, now = service.store.db, service.clock.now()
    declare(service, FRIDAY, SUNDAY, db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'"))
    escalations.close(db, waits["person"], "小林", now)
    declare(service, FRIDAY, SATURDAY)
    said = heard(service, reader)
    assert f"{waits['person']} 改在" not in said and f"· {waits['case']} 改在 11月22日" in said


def test_two_closings_of_which_one_is_taken_back_leave_what_the_other_lets(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    first = declare(service, FRIDAY, FRIDAY)
    second = declare(service, SATURDAY, date(2026, 11, 23))
    assert f"· {waits['case']} 改在 11月24日（周二） 18:00 前答复您" in heard(service, reader)
    take_back(service, second)
    assert f"· {waits['case']} 改在 11月21日（周六） 18:00 前答复您" in heard(service, reader)
    take_back(service, first)
    assert f"· {waits['case']} 改在 11月20日（周五） 18:00 前答复您" in heard(service, reader), "as at the very first"


def test_of_two_closings_over_the_same_day_one_taken_back_moves_and_tells_nothing(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    declare(service, FRIDAY, SUNDAY)
    again = declare(service, FRIDAY, SATURDAY)
    assert f"· {waits['case']} 改在 11月23日（周一） 18:00 前答复您" in heard(service, reader)
    take_back(service, again)
    assert waits["case"] not in heard(service, reader)


def test_an_answer_late_when_its_own_day_is_declared_closed_stays_late(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    pass_time(service, hours=(start_of_day(FRIDAY) + timedelta(hours=13) - service.clock.now()) / timedelta(hours=1))
    heard(service, reader)
    declare(service, FRIDAY, SUNDAY)
    said = heard(service, reader)
    assert f"· {waits['case']} 改在 11月23日" in said and waits["person"] not in said


def test_opened_again_in_the_midst_no_answer_is_promised_sooner_than_one_asked_for_now(
    service: Service, reader: Person, waits: dict[str, str]
) -> None:
    closed = declare(service, FRIDAY, SUNDAY)
    heard(service, reader)
    pass_time(service, hours=(start_of_day(SATURDAY) + timedelta(hours=10) - service.clock.now()) / timedelta(hours=1))
    take_back(service, closed)
    now, policy = service.clock.now(), service.policy
    soonest = moved_promises.answer_by(service.store.db, policy, policy.desk.answer_hours, now)
    request = escalations.get(service.store.db, waits["person"])
    assert request.promised_at == soonest > now


def test_a_closing_and_the_answers_it_moves_are_one_change(
    service: Service, reader: Person, waits: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing looks again at what was taken back: an answer left behind would be promised too late for good."""
    def refuses(*_: object) -> int:
        raise StoreUnwritable("the disk is full")

    closed = declare(service, FRIDAY, SUNDAY)
    heard(service, reader)
    with monkeypatch.context() as patch:
        patch.setattr(moved_answers, "take_back", refuses)
        with pytest.raises(StoreUnwritable):
            take_back(service, closed)
        patch.setattr(moved_answers, "settle", refuses)
        with pytest.raises(StoreUnwritable):
            declare(service, SUNDAY, SUNDAY)
    assert len(closings.declared(service.store.db, FRIDAY)) == 1
    take_back(service, closed)
    assert f"· {waits['person']} 改在 11月20日" in heard(service, reader), "as if it had not been tried"


@pytest.mark.parametrize("how", ["the rules name none", "a librarian says so"])
def test_who_waits_for_a_round_after_which_none_goes_hears_it(small_cart: Service, how: str) -> None:
    """The promise was taken from the parcel, and nobody said a word."""
    service, me = small_cart, Person(small_cart).trusted()
    placed = advance(service, order(service, me, 1, "delivery"), "pick", "pack")
    me.listen()
    now = service.clock.now()
    run = rounds.runs_on(service.store.db, service.policy, FRIDAY)[0]
    service = replace(service, policy=replace(service.policy, parcels=replace(service.policy.parcels, rounds=())))
    if how == "the rules name none":
        closings.settle(service.store.db, service.policy, now)
    else:
        rounds.did_not_go(service.store.db, run, service.policy, run.ends_at)
    pass_time(service, hours=0 if how == "the rules name none" else 23)
    said = me.listen()
    assert f"订单 {placed.number} 答应您的那一班送书没能成行，之后也没有班次去您那里了" in said
    pass_time(service, hours=1)
    assert me.listen() == ""
    advance(service, placed, "ship")
    assert me.listen()


# ---- taken back before anybody has heard ----------------------------------------------------------------------------


def standing(service: Service) -> list[object]:
    """Every date that readers were told."""
    return [
        service.store.db.all("SELECT id, promised_at, pack_by, pickup_until FROM orders ORDER BY id"),
        service.store.db.all("SELECT id, due_at FROM loans ORDER BY id"),
        service.store.db.all("SELECT id, promised_at FROM compensations ORDER BY id"),
    ]


@pytest.mark.parametrize("emergency", [True, False])
def test_b2_9_a_closing_nobody_has_heard_of_is_taken_back_without_a_word(
    service: Service, reader: Person, emergency: bool
) -> None:
    """Declared at night by a slip of the hand: "open after all, the dates go back" would frighten for nothing."""
    db, kept = service.store.db, order(service, reader, 1, "counter")
    advance(service, kept, "pick", "pack", "shelve")
    advance(service, order(service, reader, 2), "pick", "pack", "shelve", "collect")
    pass_time(service, hours=12.9)
    order(service, reader, 3)
    order(service, reader, 6)
    loan = loans.of_reader(db, reader.reader_id)[0]
    cases.report(db, reader.reader_id, loan.id, "damaged", "", service.policy, service.clock.now())
    reader.listen()
    before, policy, now, due = standing(service), service.policy, service.clock.now(), library_day(loan.due_at)
    spans = ((None, FRIDAY, FRIDAY + timedelta(days=6)), (None, due, due), (kept.point_id, SATURDAY, SATURDAY))
    made = [
        closings.declare(db, point, first, last, "暴雪", "王", policy, now, emergency=emergency)
        for point, first, last in spans
    ]
    assert standing(service) != before
    pass_time(service, hours=0.5)
    for one in made:
        closings.take_back(db, one, "王", policy, service.clock.now())
    pass_time(service, hours=10)
    assert standing(service) == before
    said = reader.listen()
    assert "照常" not in said and "闭馆" not in said and "改在" not in said, said


def test_b2_9_who_was_to_stay_away_from_a_door_that_opens_is_not_told_both(service: Service, reader: Person) -> None:
    """And of a point that was to close for good: that it stays is news for those alone who heard that it goes."""
    db, kept = service.store.db, order(service, reader, 1, "counter")
    advance(service, kept, "pick", "pack", "shelve")
    pass_time(service, hours=13)
    reader.listen()
    for days in (1, 800):
        first, now = library_day(service.clock.now()) + timedelta(days=1), service.clock.now()
        last = first + timedelta(days=days - 1)
        made = closings.declare(db, kept.point_id, first, last, "停电", "王", service.policy, now, emergency=True)
        assert db.value("SELECT COUNT(*) FROM notices WHERE step LIKE '%-' || :s AND state = 'waiting'", s=made) == 1
        closings.take_back(db, made, "王", service.policy, now)
    pass_time(service, hours=10)
    said = reader.listen()
    assert "停电" not in said and "照常" not in said, said
