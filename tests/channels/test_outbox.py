"""The outbox: what goes out once, in order, by one sender at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot import outbox
from bot.events import Button, Card, Reply
from lending.database import Store


def put(store: Store, now: datetime, address: str = "7", text: str = "x", **more: object) -> int:
    with store.writing() as db:
        id = outbox.put(db, "telegram", address, Reply(text), now, **more)  # type: ignore[arg-type]
    assert id is not None
    return id


def claim(store: Store, now: datetime, n: int = 10, resting: tuple[str, ...] = ()) -> list[int]:
    return [message.id for message in outbox.claim(store.db, "telegram", now, n, resting)]


def test_a_key_is_said_once(store: Store, now: datetime) -> None:
    """B2-4."""
    put(store, now, key="due:1:2026-11-20")
    with store.writing() as db:
        assert outbox.put(db, "telegram", "7", Reply("again"), now, key="due:1:2026-11-20") is None
    assert len(claim(store, now)) == 1


def test_a_turn_that_is_undone_leaves_nothing_to_say(store: Store, now: datetime) -> None:
    with pytest.raises(RuntimeError), store.writing() as db:
        outbox.put(db, "telegram", "7", Reply("x"), now)
        raise RuntimeError("the loan failed")
    assert claim(store, now) == []


def test_an_address_has_one_message_under_way_and_keeps_its_order(store: Store, now: datetime) -> None:
    first, second = put(store, now), put(store, now)
    other = put(store, now, address="8")
    assert claim(store, now) == [first, other]
    assert claim(store, now) == []
    outbox.sent(store.db, first, "e1", now)
    assert claim(store, now) == [second]


def test_a_message_that_is_retried_keeps_its_place(store: Store, now: datetime) -> None:
    first, second = put(store, now), put(store, now)
    claim(store, now)
    outbox.later(store.db, first, now + timedelta(seconds=4), "cut")
    assert claim(store, now) == []
    assert claim(store, now + timedelta(seconds=4)) == [first]
    outbox.sent(store.db, first, "e1", now)
    assert claim(store, now) == [second]


def test_a_message_for_tomorrow_holds_nothing_back(store: Store, now: datetime) -> None:
    tomorrow = put(store, now, due_at=now + timedelta(days=1))
    answer = put(store, now)
    assert claim(store, now) == [answer]
    outbox.sent(store.db, answer, "e1", now)
    assert claim(store, now + timedelta(days=1)) == [tomorrow]


def test_answers_go_before_notices(store: Store, now: datetime) -> None:
    notices = [put(store, now, address=str(n), key=f"n{n}") for n in range(5)]
    answer = put(store, now + timedelta(seconds=9), address="99")
    assert claim(store, now + timedelta(seconds=9), n=2) == [answer, notices[0]]


def test_a_notice_goes_at_once_when_an_answer_waits_behind_it(store: Store, now: datetime) -> None:
    notices = [put(store, now, address=str(n), key=f"n{n}") for n in range(5)]
    put(store, now, address="4")
    assert claim(store, now, n=1) == [notices[4]]


def test_addresses_at_rest_are_left_alone(store: Store, now: datetime) -> None:
    put(store, now, address="7")
    other = put(store, now, address="8")
    assert claim(store, now, resting=("7",)) == [other]


def test_the_claims_of_a_dead_sender_are_taken_again_after_a_minute(store: Store, now: datetime) -> None:
    id = put(store, now)
    assert claim(store, now) == [id]
    assert claim(store, now + timedelta(seconds=59)) == []
    assert claim(store, now + timedelta(seconds=60)) == [id]


DAMAGED = {
    "a damaged byte": "body = substr(body, 1, 30) || 'AAAA' || substr(body, 35)",
    "a lost key": "chat = '~deadbeef.' || substr(chat, 11)",
    "another version": """body = '{"words": 1}'""",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_message_that_cannot_be_opened_holds_up_no_other(store: Store, now: datetime, damage: str) -> None:
    bad, good = put(store, now), put(store, now, address="8")
    with store.writing() as db:
        db.run(f"UPDATE outbox SET {damage} WHERE id = :id", id=bad)
    assert claim(store, now) == [good]
    [parked] = outbox.undelivered(store.db)
    assert (parked.id, parked.reply.text) == (bad, "")
    assert parked.error.startswith("cannot be opened: ")
    after = put(store, now)
    assert claim(store, now) == [after]


@pytest.mark.parametrize("damage", ["a damaged byte", "another version"])
def test_one_that_cannot_be_opened_leaves_the_rest_of_a_talk_readable(store: Store, now: datetime, damage: str) -> None:
    """B2-8, on the page too: the librarian sees it, and it can be shown once it can be opened."""
    with store.writing() as db:
        first, bad, last = (outbox.put(db, "web", "7", Reply(text), now) for text in ("甲", "乙", "丙"))
        whole = db.value("SELECT body FROM outbox WHERE id = :id", id=bad)
        db.run(f"UPDATE outbox SET {DAMAGED[damage]} WHERE id = :id", id=bad)
    for _ in range(2):
        assert [message.id for message in outbox.after(store.db, "web", "7", 0)] == [first, last]
    [parked] = outbox.undelivered(store.db)
    assert (parked.id, parked.error) == (bad, "cannot be opened")
    with store.writing() as db:
        db.run("UPDATE outbox SET body = :whole WHERE id = :id", whole=whole, id=bad)
    assert outbox.retry(store.db, parked.id, now)
    assert [message.reply.text for message in outbox.after(store.db, "web", "7", 0)] == ["甲", "乙", "丙"]
    assert outbox.forget_old(store.db, now + timedelta(days=1)) == 3


def test_while_a_key_is_lost_nothing_is_set_aside(store: Store, now: datetime) -> None:
    """It will be put back: what waits goes out then, and holds up nothing meanwhile."""
    kept, first, second = store.vault.path.read_text(), put(store, now, address="7"), put(store, now, address="8")
    store.vault.path.write_text(f"{'0' * 64}\n")
    after = put(store, now, address="9")
    assert claim(store, now) == [after]
    assert outbox.undelivered(store.db) == []
    store.vault.path.write_text(f"{'0' * 64}\n{kept}")
    assert claim(store, now) == []
    assert claim(store, now + timedelta(minutes=1)) == [after, first, second]


def test_only_the_first_mark_counts(store: Store, now: datetime) -> None:
    id = put(store, now)
    claim(store, now)
    assert outbox.sent(store.db, id, "e1", now)
    assert not outbox.sent(store.db, id, "e2", now)
    assert not outbox.later(store.db, id, now, "late")
    assert outbox.external_id(store.db, id) == "e1"


def test_what_failed_is_shown_and_can_be_sent_again(store: Store, now: datetime) -> None:
    """B2-8."""
    id = put(store, now, text="到期提醒")
    claim(store, now)
    outbox.failed(store.db, id, "blocked")
    [parked] = outbox.undelivered(store.db)
    assert (parked.id, parked.reply.text, parked.error) == (id, "到期提醒", "blocked")
    assert claim(store, now) == []
    assert outbox.retry(store.db, id, now) and not outbox.retry(store.db, id, now)
    assert outbox.undelivered(store.db) == []
    assert claim(store, now) == [id]


def test_a_dropped_message_is_gone_but_its_key_is_not_used_again(store: Store, now: datetime) -> None:
    """B2-7."""
    id = put(store, now, key="due:1")
    claim(store, now)
    outbox.dropped(store.db, id, now)
    with store.writing() as db:
        assert outbox.put(db, "telegram", "7", Reply("x"), now, key="due:1") is None
    assert claim(store, now) == [] and outbox.undelivered(store.db) == []


def test_the_latest_words_of_a_message_are_found_by_the_channels_id(store: Store, now: datetime) -> None:
    first, edit = put(store, now), put(store, now)
    for id in (first, edit):
        claim(store, now)
        outbox.sent(store.db, id, "555", now)
    assert outbox.find(store.db, "telegram", "7", "555") == edit
    assert outbox.find(store.db, "telegram", "8", "555") is None


def test_a_pulled_channel_is_read_and_never_sent(store: Store, now: datetime) -> None:
    reply = Reply("x", ((Button("借", "b:1"),),), (Card("围城", "钱锺书", buttons=(Button("借", "b:1"),)),), edits=3)
    with store.writing() as db:
        ids = [outbox.put(db, "web", "s1", reply, now) for _ in range(3)]
        outbox.put(db, "web", "s2", reply, now)
    assert outbox.claim(store.db, "web", now, 10) == []
    messages = outbox.after(store.db, "web", "s1", ids[0] or 0)
    assert [message.id for message in messages] == ids[1:]
    assert messages[0].reply == reply and messages[0].at == now
