"""Secrets are not for a chat: answered kindly, kept nowhere, taken for no answer (A3-31)."""

from __future__ import annotations

import functools
import gc

import pytest

from bot import conversations
from bot.confiding import secret_in
from bot.service import Service
from tests.talking import Person

IDENTITY = "11010519491231002X"
BANK = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "said",
    [
        IDENTITY,
        f"我的身份证是{IDENTITY.lower()}，能办吗",
        "密码是abc123",
        "password: hunter2",
        "密碼：88888888",
        BANK,
        f"卡号{BANK}",
    ],
)
def test_a_secret_is_seen(said: str) -> None:
    assert secret_in(said)


@pytest.mark.parametrize(
    "said",
    [
        "9787020002207",
        "密码",
        "密码学原理",
        "忘记密码怎么办",
        "110105194912310021",
        "13800000000",
        "《达·芬奇密码》",
        "三体",
        "",
    ],
)
def test_what_readers_say_of_books_is_none(said: str) -> None:
    assert not secret_in(said)


def test_it_is_kept_nowhere(service: Service, me: Person) -> None:
    me.trusted()
    me.say("转人工")
    said = me.say(f"身份证 {IDENTITY}")
    assert "请不要发在聊天里" in said and "没有留下" in said
    assert me.action("转人工") == "i:escalate"
    for table in ("inbox", "outbox", "conversations", "escalation_lines", "usage_counts"):
        columns = [row["name"] for row in service.store.db.all(f"SELECT name FROM pragma_table_info('{table}')")]
        shown = ", ".join(f"unseal({name}) AS {name}" for name in columns if name in ("text", "body", "memory"))
        rows = service.store.db.all(f"SELECT {shown or '*'} FROM {table}")
        assert IDENTITY not in str(rows), table


@pytest.mark.parametrize("said", [
    "我的密码是zq81xk，帮我续借三体", "my password is zq81xk", "密码：zq81xk 活着还有吗", "中心馆几点开门，密码是zq81xk",
])  # fmt: skip
def test_nothing_remembers_it_while_the_service_runs(service: Service, me: Person, said: str) -> None:
    """What many say alike is worked out once; this would lie in memory until a thousand other lines had come."""
    me.trusted().say("活着")
    assert "没有留下" in me.say(said)
    assert_nothing_remembers(service, me, "zq81xk")


@pytest.mark.parametrize("number", ["20268801", "AB 8802 7713", "880277131"])
def test_nothing_remembers_a_bare_number_that_belongs_into_the_form(service: Service, me: Person, number: str) -> None:
    """Only the talk before tells it from any other number: a form for a card was just given."""
    me.trusted().say("活着")
    me.say("连读者证")
    assert "没有留下" in me.say(number)
    assert_nothing_remembers(service, me, number.lower())


def assert_nothing_remembers(service: Service, me: Person, secret: str) -> None:
    """Neither the talk nor what many say alike holds it."""
    assert secret not in str(conversations.load(service.store.db, me.reader_id)).lower()
    remembering = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    known = [held for one in remembering for held in gc.get_referents(one) if isinstance(held, dict)]
    assert service.finder._recent and len(known) > 10
    assert [key for held in (*known, service.finder._recent.known) for key in held if secret in str(key).lower()] == []


def test_it_is_no_answer_to_a_question(service: Service, me: Person) -> None:
    """An address is asked for: an identity number is none."""
    me.trusted()
    me.say("荐购")
    me.say(IDENTITY)
    assert service.store.db.value("SELECT COUNT(*) FROM suggestions") == 0
