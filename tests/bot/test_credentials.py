"""我的证件 in the talk: a form instead of the chat, what is shown, taken away, logged; and who else holds the card."""

from __future__ import annotations

import dataclasses

import pytest

from bot import notify
from bot.confiding import card_in, secret_in
from bot.handlers import credentials
from bot.service import Service
from lending import cards, proof_codes, proofs
from tests.talking import Person, pass_time

KEY = b"a key of the tests"
NUMBER = "HZ20260001 7342"


@pytest.fixture
def service(service: Service) -> Service:
    """One whose cards are hashed with a key of the tests, with a public address."""
    return dataclasses.replace(service, card_key=KEY, public_url="https://books.example.org")


def link(person: Person, kind: str = "library", number: str = NUMBER) -> str:
    service, card = person.service, proofs.claim(kind, number, KEY)
    assert card is not None
    state = proofs.proven(service.store.db, person.reader_id, card, "password", service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())
    return state


def form(person: Person) -> str:
    """The address of the newest form."""
    buttons = [button for row in person.heard[-1].buttons for button in row]
    return next(button.url for button in buttons if "/secret/" in button.url)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("绑定读者证", "library"), ("我想连接我的借书证", "library"), ("綁定市民卡", "citizen"),
        ("添加社保卡", "citizen"), ("读者证怎么绑定", "library"), ("link my library card", "library"),
        ("Link my citizen card please", "citizen"), ("借书证丢了怎么办", ""), ("连接另一个聊天", ""),
        ("没有读者证能借吗", ""), ("三体", ""),
    ],
)  # fmt: skip
def test_who_wants_to_link_a_card_is_understood(said: str, kind: str) -> None:
    assert credentials.asked(said) == kind


@pytest.mark.parametrize("said", ["我的证件", "我的卡", "看看我的读者证", "my cards", "我的市民卡？"])
def test_who_wants_to_see_them_too(said: str) -> None:
    assert credentials.asked_mine(said)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("我的读者证号是HZ2026 0001 7342", "library"), ("市民卡号：A12345678", "citizen"), ("卡号 20260001", ""),
        ("library card number is 20260001", "library"), ("社保卡 12345678", "citizen"),
    ],
)  # fmt: skip
def test_a_cards_number_is_seen(said: str, kind: str) -> None:
    assert card_in(said) == kind and secret_in(said)


@pytest.mark.parametrize(
    "said",
    ["9787020002207", "读者证能借几本", "卡片 9787020002207", "我的卡2026-11-20到期", "市民卡怎么用", "13800000000",
     "SX261120-0001", "card 2"],
)  # fmt: skip
def test_what_is_no_number_of_a_card_is_let_alone(said: str) -> None:
    assert not secret_in(said)


def test_asked_for_a_card_a_form_is_given_and_nothing_is_typed_here(service: Service, me: Person) -> None:
    said = me.say("绑定读者证")
    assert "不要发在聊天里" in said and "10 分钟" in said and "一次" in said
    assert form(me).startswith("https://books.example.org/secret/")


@pytest.mark.parametrize("typed", [NUMBER, "20260001", "我的读者证号是 HZ20260001 7342", "密码是abc12345"])
def test_typed_into_the_chat_anyway_it_is_not_kept_and_the_form_comes(service: Service, me: Person, typed: str) -> None:
    """A3-31: kindly, without a reproach, and with the right place."""
    me.say("绑定读者证")
    said = me.say(typed)
    assert "没有留下" in said and form(me)
    db = service.store.db
    kept = db.all("SELECT unseal(text) AS text FROM inbox") + db.all("SELECT unseal(body) AS body FROM outbox")
    kept += db.all("SELECT unseal(memory) AS memory FROM conversations") + db.all("SELECT * FROM usage_counts")
    assert typed not in str(kept) and "7342" not in str(kept)


def test_a_number_we_told_ourselves_is_no_card_s_while_a_form_waits(service: Service, me: Person) -> None:
    me.say("绑定读者证")
    assert "没有留下" not in me.say("SX261120-0001")


def test_a_telephone_that_an_address_asked_for_is_none_of_a_card_while_a_form_waits(
    service: Service, me: Person
) -> None:
    """And a card's number is none of a telephone: it is refused, whatever else is being asked."""
    me.trusted()
    me.say("围城")
    me.tap("借这本")
    me.say("快递到家")
    me.tap("听泉区")
    me.say("绑定读者证")
    assert "没有留下" in me.say("20260001")
    assert "记下了：13800138000" in me.say("+86 138 0013 8000")
    assert "138001380" in me.say("王小明 文三路1号")


def test_an_identity_number_is_needed_for_nothing(service: Service, me: Person) -> None:
    said = me.say("11010519491231002X")
    assert "没有留下" in said and "借书用不着这些" in said
    assert not [button for row in me.heard[-1].buttons for button in row if button.url]


def test_a_number_long_after_the_form_is_a_search_again(service: Service, me: Person) -> None:
    me.say("绑定读者证")
    pass_time(service, minutes=11)
    assert "没有留下" not in me.say("20260001")


def test_a_link_code_after_the_form_is_still_a_code(service: Service, me: Person) -> None:
    me.say("绑定读者证")
    assert "连接码不对" in me.say("LJ 1234 5678")


def test_without_an_address_the_desk_is_the_way(service: Service) -> None:
    here = dataclasses.replace(service, public_url="")
    phone = Person(here, "phone", "telegram")
    said = phone.say("绑定读者证")
    assert "服务台" in said and not any(button.url for row in phone.heard[-1].buttons for button in row)


def test_ones_own_cards_are_seen_and_one_is_taken_away(service: Service, me: Person) -> None:
    assert "还没有连过卡" in me.say("我的证件")
    link(me)
    assert "读者证（尾号 42）连上了" in me.listen()
    link(me, "citizen", "A 0000 9918")
    said = me.say("我的证件")
    assert "读者证（尾号 42），11月20日（周五）连上" in said and "市民卡（尾号 18）" in said and "7342" not in said
    assert "打不开您的账户" in me.tap("去掉尾号 42")
    assert "去掉了" in me.say("确认")
    assert "尾号 42" not in me.say("我的证件") and "尾号 18" in me.heard[-1].text
    assert [card["tail"] for card in cards.of_reader(service.store.db, me.reader_id)] == ["18"]


def test_nobody_takes_away_anothers_card(service: Service, me: Person) -> None:
    me.trusted()
    link(me)
    other = Person(service, "other").trusted()
    mark = cards.of_reader(service.store.db, me.reader_id)[0]["mark"]
    other.press(f"cardx:{mark}")
    other.press(f"cardx!:{mark}")
    assert cards.of_reader(service.store.db, me.reader_id)


def test_what_became_of_cards_stands_in_the_readers_log(service: Service, me: Person) -> None:
    me.trusted()
    link(me)
    db, card = service.store.db, proofs.claim("citizen", "A 0000 9918", KEY)
    assert card is not None
    asked = proofs.ask(db, me.reader_id, card, "desk", service.clock.now())
    assert "等馆员核对" in me.say("我的证件")
    proofs.settle(db, asked, "no", service.clock.now(), "小陈")
    said = me.say("谁看过我的资料")
    assert "凭密码连上了读者证（尾号 42）" in said and "馆员小陈没能核对上市民卡（尾号 18）" in said
    assert "没能核对上" in me.heard[-2].text + me.heard[-1].text


def test_a_request_can_be_taken_back(service: Service, me: Person) -> None:
    me.trusted()
    card = proofs.claim("library", NUMBER, KEY)
    assert card is not None
    proofs.ask(service.store.db, me.reader_id, card, "desk", service.clock.now())
    me.say("我的证件")
    assert "不核对了" in me.tap("不核对尾号 42 了")
    assert proofs.waiting(service.store.db) == []


def test_a_card_linked_in_another_chat_shows_the_way_to_join(service: Service, me: Person) -> None:
    """Two chats, one card: by a one-time code they become one reader, and the card is theirs (A1-20)."""
    me.trusted()
    link(me)
    phone = Person(service, "phone", "telegram").trusted()
    assert link(phone) == "taken"
    assert "已经连着另一个账户" in phone.listen()
    said = phone.tap("把两个聊天连起来")
    code = next(line for line in said.splitlines() if line.startswith("LJ "))
    me.say(code)
    assert "连上了" in me.tap("连上")
    assert "尾号 42" in phone.say("我的证件") and me.reader_id == phone.reader_id


def test_so_many_forms_a_day(service: Service, me: Person) -> None:
    rules = dataclasses.replace(service.policy.credentials, forms_a_day=2)
    policy = dataclasses.replace(service.policy, credentials=rules)
    me.service = dataclasses.replace(service, policy=policy)
    for _ in range(2):
        assert "明天再来" not in me.say("绑定读者证")
    assert "明天再来" in me.say("绑定读者证")
    assert "没有留下" in me.say(f"读者证号 {NUMBER}"), "kind also when there is no form left"


def test_a_forged_kind_is_no_form(service: Service, me: Person) -> None:
    me.trusted()
    assert "还没有连过卡" in me.press("card:passport")


@pytest.mark.parametrize("language", ["zh_Hant", "en"])
def test_it_speaks_the_readers_language(service: Service, language: str) -> None:
    person = Person(service, "x", language={"zh_Hant": "zh-TW", "en": "en"}[language])
    said = person.say("link my library card")
    assert "卡号和密码请不要" not in said and form(person)


def test_a_code_heard_on_the_cards_telephone_proves_it(service: Service, me: Person) -> None:
    me.trusted()
    card, db, now = proofs.claim("library", NUMBER, KEY), service.store.db, service.clock.now()
    assert card is not None
    asked = proofs.ask(db, me.reader_id, card, "desk", now)
    code = proof_codes.give(db, asked, KEY, service.policy, now)[0]
    assert "核对码不对" in me.say("HM 0000 0000" if code != "HM 0000 0000" else "HM 0000 0001")
    said = me.say(code)
    assert "对上了" in said and "读者证（尾号 42）连上了" in said
    assert "核对码不对" in me.say(code)
