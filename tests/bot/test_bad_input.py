"""Whatever comes in is answered, told once, and leaves the store whole."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import conversations, dialogue, forgetting, inbox, receive
from bot.events import Event
from bot.service import Service
from lending.errors import StoreUnwritable
from lending.lockers import with_room
from tests.talking import Person, StillClock, advance, pass_time

TEXTS = [
    "", " ", "\x00\x01\x02", "😀😀😀", "？！。", "书" * 50_000, "a" * 200_000, "\u202e反", "'; DROP TABLE readers; --",
    "{query}", "%s %(n)s", "<script>alert(1)</script>", "《》", "第999999999999999999本", "借第0本", "借第99本", "0", "-1",
    "9" * 400, "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "\n\n\n", "/", "/nosuchcommand", "/start",
]  # fmt: skip

PRESSES = [
    "", "?", "nonsense", "t:", "t:abc", "t:999999999", "t:-1", "b:0", "b:1:2:3", "ok:", "ok:deadbeef", "page:1:2", "page:x:y",
    "w:locker:999999", "w:rocket:1", "w:delivery:0", "hold:999999", "hx:1", "r:1:0", "order:SX000000-0000", "order:'--",
    "cancel:SX1", "cancel!:SX1", "again:SX1", "case:lost:1", "case:eaten:1", "sim:x:yes", "sim:x:perhaps", "appeal:1", "like:9999", "lang:xx",
    "remind:0", "remind:many", "i:", "i:nosuch", "i:i:i", "credit:maybe", "d:" + "区" * 18, "shelf:none", "shelves:999", "drop:1",
    "out:77", "same:123456", "erase!", "①②③", "t:１",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_text_gets_an_answer_with_a_way_on(me: Person, text: str) -> None:
    """Empty, enormous, binary, emoji-only: a clear answer, never silence."""
    assert me.say(text).strip()
    assert not inbox.dead_letters(me.service.store.db)


@pytest.mark.parametrize("action", PRESSES)
def test_every_press_gets_an_answer(me: Person, action: str) -> None:
    """Old buttons, forged ones, unknown ids: said so, with a fresh start."""
    me.send(me.event(press=action or " "))
    assert me.listen().strip()
    assert not inbox.dead_letters(me.service.store.db), action


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["text", "press"]), st.text(max_size=60)), max_size=6))
def test_no_sequence_of_words_and_presses_is_left_without_an_answer(me: Person, turns: list[tuple[str, str]]) -> None:
    """Property: after anything, something is said and nothing has failed inside."""
    for kind, text in turns:
        me.send(me.event(**{kind: text or " "}))
        assert me.listen().strip()
    assert not inbox.dead_letters(me.service.store.db)


ARGUMENTS = st.one_of(
    st.sampled_from(("0", "1", "2", "10", "99", "-1", "", "x", "１", "²", "yes", "no", "all", "locker", "branches", "lost", "en")),
    st.sampled_from(("9" * 14, "9" * 15, "year", "SX261120-0001", "R000001", "1.5", "None", '"', "{n}", "%s", "\u202e", " 1")),
    st.text(max_size=12),
)


def test_a_button_that_says_no_way_and_no_kind_there_is_has_expired(me: Person) -> None:
    """With a book in the cart and a list on show, where the way and the kind would be looked up."""
    me.trusted().say("围城")
    me.tap("借这本")
    assert me.say("鲁迅")
    for forged in ("w:rocket:1", "w::1", "w:-1", "facet:1:nose", "f:1:nose:0"):
        assert "已过期" in me.press(forged), forged
    assert not inbox.dead_letters(me.service.store.db)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.sampled_from(sorted(dialogue.PRESSES)), arguments=st.lists(ARGUMENTS, max_size=4), times=st.integers(1, 2))
def test_every_button_we_know_is_answered_whatever_it_brings(
    busy: Person, word: str, arguments: list[str], times: int
) -> None:
    """Property: a known word with whatever behind it, by somebody with a loan, an order, a cart and a list, said twice
    too: an answer, nothing failed inside, and what is another's stays as it was."""
    theirs = "SELECT COUNT(*) FROM loans WHERE returned_at IS NULL AND reader_id <> :r"
    before = busy.service.store.db.value(theirs, r=busy.reader_id)
    for _ in range(times):
        assert busy.press(":".join((word, *arguments))).strip()
    assert not inbox.dead_letters(busy.service.store.db)
    assert busy.service.store.db.value(theirs, r=busy.reader_id) == before


@pytest.fixture
def busy(service: Service) -> Person:
    """Somebody in the middle of everything, beside somebody else who has borrowed too."""
    theirs, mine = Person(service, "other").trusted(), Person(service, "busy").trusted()
    for person, book in ((theirs, "围城"), (mine, "活着")):
        person.say(book)
        person.tap("借这本")
        person.tap("云栖站智能借书柜")
        person.tap("确认下单")
        advance(service, person.last_order(), "pick", "pack", "load", "collect")
    for said in ("三体", "鲁迅"):
        mine.say(said)
        mine.tap("借这本")
    mine.say("余华")
    return mine


def test_a_damaged_line_of_the_past_closes_no_way(me: Person) -> None:
    """Where the talk stood, what was said and what was heard are an open book or a blank page, never a wall."""
    service = me.service
    me.say("围城")
    with service.store.writing() as db:
        for table, name in (("conversations", "memory"), ("inbox", "text"), ("outbox", "body")):
            db.run(f"UPDATE {table} SET {name} = SUBSTR({name}, 1, 30) || 'AAAA' || SUBSTR({name}, 35)")
    assert "《围城》" in me.say("围城")
    assert "已为您转人工" in me.say("转人工")
    assert forgetting.everything(service.store.db, me.reader_id)["messages"]
    assert inbox.dead_letters(service.store.db) == []
    with service.store.writing() as db:
        db.run("UPDATE conversations SET memory = SUBSTR(memory, 1, 30) || 'AAAA' || SUBSTR(memory, 35)")
    assert conversations.forget_old(service.store.db, service.clock.now() + timedelta(days=1)) == 1


@pytest.mark.parametrize("said", ["看" * 60, "就" * 60, "不去那里" * 19 + "就", "余华出新书" + "到馆了" * 17 + "x", "有吗" * 25 + "电子书x"])
def test_a_word_said_over_and_over_is_answered_at_once(me: Person, said: str) -> None:
    """Patterns that read it in two ways each time took minutes, in the turn in which nobody else is answered."""
    began = time.process_time()
    assert me.say(said)
    assert time.process_time() - began < 10, "else it is minutes or hours"


def test_a_poisoned_event_is_recorded_answered_and_does_not_come_again(
    me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B2-8: an error of ours is told kindly, kept for the librarian, and blocks nobody."""

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    event = me.event(text="围城")
    with monkeypatch.context() as patch:
        patch.setattr(receive.dialogue, "answer", broken)
        assert me.send(event).new
    assert "没办好" in me.listen()
    assert inbox.dead_letters(me.service.store.db)[0]["error"] == "RuntimeError: a bug"
    assert not me.send(event).new
    assert "《围城》" in me.say("围城")


def test_a_store_that_cannot_be_written_keeps_nothing_and_says_so_to_the_channel(me: Person, service: Service) -> None:
    """A disk that refuses: the channel is told to come again, and the same event then works."""
    me.say("你好")
    writer = service.store._writer.conn
    writer.execute("PRAGMA query_only = ON")
    event = me.event(text="围城")
    with pytest.raises(StoreUnwritable):
        me.send(event)
    writer.execute("PRAGMA query_only = OFF")
    assert me.send(event).new
    assert "《围城》" in me.listen()


def test_a_full_locker_is_said_before_and_at_the_last_moment(service: Service) -> None:
    """A9-6: another locker, the door, or the counter instead; nothing is set aside."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    action = me.action("确认下单")
    with service.store.writing() as db:
        db.run("UPDATE boxes SET state = 'out_of_order' WHERE point_id = (SELECT id FROM points WHERE code = 'g2')")
    said = me.press(action)
    assert "没有放得下这些书的空格口" in said and "还有空位" in said
    assert service.store.db.value("SELECT COUNT(*) FROM copies WHERE state <> 'available'") == 0
    me.tap("去下单")
    assert "云栖站" not in "".join(b.label for row in me.heard[-1].buttons for b in row)
    assert all(room["code"] != "g2" for room in with_room(service.store.db, 1))


def test_a_clock_moved_back_tells_nothing_twice(service: Service) -> None:
    """Time may jump: no second reminder, no lost loan."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    pass_time(service, days=42)
    assert "该还了" in me.listen()
    assert isinstance(service.clock, StillClock)
    pass_time(service, days=-42)
    assert "《围城》" in me.say("我的借阅")
    pass_time(service, days=42)
    assert "该还了" not in me.listen()


def test_two_presses_at_once_are_one_order(service: Service) -> None:
    """B2-2 with real threads."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    action = me.action("确认下单")
    events = [me.event(press=action) for _ in range(8)]
    threads = [threading.Thread(target=me.send, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert service.store.db.value("SELECT COUNT(*) FROM orders") == 1
    assert me.listen().count("收到了") == 8


def test_another_readers_things_are_unknown(service: Service) -> None:
    """Numbers can be guessed: they open nothing."""
    mine, theirs = Person(service, "a").trusted(), Person(service, "b").trusted()
    mine.say("围城")
    mine.tap("借这本")
    mine.tap("云栖站智能借书柜")
    mine.tap("确认下单")
    number = mine.last_order().number
    assert "没有找到这个订单" in theirs.press(f"order:{number}")
    assert "没有找到这个订单" in theirs.press(f"cancel!:{number}")
    advance(service, mine.last_order(), "pick", "pack", "load", "collect")
    assert "不在您的借阅里" in theirs.press("r:1:0")
    assert "不在您的借阅里" in theirs.press("case:lost:1")


def test_events_of_any_shape_are_kept_apart_by_their_channel(service: Service) -> None:
    """The same id on two channels is two events."""
    for channel in ("terminal", "web"):
        assert receive.receive(service, Event(channel, "x", "1", text="你好")).new
