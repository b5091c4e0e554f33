"""A chat's address lies hashed and sealed in the file, is found by one look, and survives the key being turned."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import contacts, forgetting, inbox, outbox
from bot.events import Reply
from bot.migrations import migrations as bot_migrations
from bot.service import Service
from lending import sealed
from lending.database import Store
from lending.migrations import migrations as lending_migrations
from tests.talking import Person

CHAT = "8675309042"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def on_the_disk(store: Store) -> bytes:
    """The file and its log, folded together and not."""
    files = [store.path, store.path.with_name(f"{store.path.name}-wal")]
    before = b"".join(file.read_bytes() for file in files)
    store.db.conn.execute("PRAGMA wal_checkpoint(FULL)")
    return before + b"".join(file.read_bytes() for file in files)


def turned(store: Store) -> None:
    """As `flask keys rotate` does it."""
    store.vault.rotate()
    sealed.seal_anew(store, forgetting.SEALED, forgetting.HASHED)
    store.vault.drop_old()


@pytest.fixture
def me(service: Service) -> Person:
    """Someone on Telegram who has said a few things."""
    person = Person(service, CHAT, "telegram")
    person.say("你好")
    person.say("围城")
    return person


def test_no_address_is_in_the_file(service: Service, me: Person) -> None:
    """A11-1: neither the file nor its log leads to a Telegram account."""
    web = Person(service, "a-session-of-the-page", "web")
    web.say("围城")
    raw = on_the_disk(service.store)
    assert [word for word in (CHAT, web.address) if word.encode() in raw] == []
    assert contacts.of_reader(service.store.db, me.reader_id) == ("telegram", CHAT)


def test_what_goes_out_still_knows_where_to(service: Service, me: Person) -> None:
    claimed = outbox.claim(service.store.db, "telegram", service.clock.now(), 9)
    assert {message.address for message in claimed} == {CHAT}


def test_rows_from_before_are_sealed_and_found(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", synchronous="OFF")
    at = "2026-01-01T00:00:00Z"
    with store.writing() as db:
        lending_migrations.apply(db)
        bot_migrations.apply(db, stop_before="chat_addresses_are_sealed")
        db.run("INSERT INTO readers (number, joined_at) VALUES ('R1', :at)", at=at)
        db.run(
            "INSERT INTO contacts (channel, address, reader_id, last_seen) VALUES ('web', :a, 1, :at)", a=CHAT, at=at
        )
        db.run(
            "INSERT INTO inbox (channel, event_id, address, kind, text, received_at, error) "
            "VALUES ('web', :id, :a, 'text', seal('早'), :at, 'KeyError: 8675309042')",
            id=f"{CHAT}:7", a=CHAT, at=at,
        )  # fmt: skip
        db.run(
            "INSERT INTO outbox (channel, address, body, due_at, made_at) VALUES ('web', :a, seal(:body), :at, :at)",
            a=CHAT, body=Reply("早").to_json(), at=at,
        )  # fmt: skip
        db.run("INSERT INTO link_tries (channel, address, day, tries) VALUES ('web', :a, '2026-01-01', 2)", a=CHAT)
        bot_migrations.apply(db)
    assert sealed.state(store.db, forgetting.SEALED).clear == 0
    who = contacts.reader_of(store.db, "web", CHAT)
    assert who is not None and who.number == "R1"
    assert [row["text"] for row in inbox.said(store.db, "web", CHAT)] == ["早"]
    assert [message.reply.text for message in outbox.after(store.db, "web", CHAT, 0)] == ["早"]
    assert store.db.value("SELECT event_id FROM inbox").endswith(":7")
    store.close()
    assert CHAT.encode() not in store.path.read_bytes()


def test_after_the_key_was_turned_the_same_reader_is_met(service: Service, me: Person) -> None:
    before, talk = me.reader_id, len(inbox.said(service.store.db, "telegram", CHAT))
    turned(service.store)
    assert me.reader_id == before
    assert len(inbox.said(service.store.db, "telegram", CHAT)) == talk
    me.say("谢谢")
    assert me.reader_id == before
    assert contacts.of_reader(service.store.db, before) == ("telegram", CHAT)


def test_while_the_key_is_being_turned_nobody_becomes_a_newcomer(service: Service, me: Person) -> None:
    """Stopped half-way, or written in between: the row still stands under the key before."""
    before = me.reader_id
    service.store.vault.rotate()
    me.say("谢谢")
    assert me.reader_id == before
    with service.store.writing() as db:
        contacts.set_reachable(db, "telegram", CHAT, False)
        forgetting.forget(db, before, service.policy, service.clock.now())
    assert service.store.db.value("SELECT COUNT(*) FROM contacts WHERE reachable = 0") == 1
    assert [row["text"] for row in service.store.db.all("SELECT text FROM inbox")] == [""] * 3
    assert service.store.db.value("SELECT COUNT(*) FROM readers WHERE number <> 'NOBODY'") == 1


def test_a_chat_is_found_by_one_look_into_an_index(service: Service) -> None:
    """As it was when the address stood in the clear."""
    plan = service.store.db.all(
        "EXPLAIN QUERY PLAN SELECT reader_id FROM contacts WHERE channel = 'a' AND address = 'b'"
    )
    assert ["USING" in row["detail"] and "(channel=? AND address=?)" in row["detail"] for row in plan] == [True]
