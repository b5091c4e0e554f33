"""The rules in the chat and on the page are made from the policy: change the pack, and they change (D-11, F-13, B2-12)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin import appeals
from app import create_app
from bot import rulebook
from bot.handlers import trust
from bot.rulebook import borrowing, points
from bot.texts import LANGUAGES, Words
from lending import credit, examples, loans, tryout
from lending.database import Database
from lending.ledger_rules import LedgerRule
from lending.policy import CHOICES, Policy, load_policy, packs
from settings import Settings
from tests.talking import Person, open_sample
from translate import forms, ids, sentences
from translate import read as catalogue

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with tryout.library() as made:
        yield made


def told(db: Database, policy: Policy, language: str = "zh_Hans") -> str:
    """Everything the rules say."""
    parts = rulebook.sections(Words(language), db, policy, NOW)
    return "\n".join(line for part in parts for line in (part.title, *part.lines, *part.examples))


@contextmanager
def page(folder: Path, policy: Policy) -> Iterator[FlaskClient]:
    app = create_app(Settings(folder, "云栖市图书馆", policy, "s" * 32))
    try:
        yield app.test_client()
    finally:
        app.extensions["shuxin"]["service"].store.close()


def read(folder: Path, policy: Policy, address: str = "/rules") -> str:
    with page(folder, policy) as client:
        answer = client.get(address)
        assert answer.status_code == 200
        return unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


# ---- text = behaviour ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pack", packs())
def test_every_pack_can_be_told_in_every_language(db: Database, pack: str, language: str) -> None:
    text = told(db, load_policy(pack), language)
    assert "{" not in text
    assert len(text.splitlines()) > 25
    if language == "en":
        words = re.sub(
            r"“[^”]*”|[^\n]*(?:Delivered|Collected from|come back without loss|Picking up at)[^\n]*", "", text
        )  # names stay Chinese
        assert not re.search(r"[\u4e00-\u9fff]", words)


def test_no_sentence_of_the_rules_holds_a_number_of_its_own() -> None:
    """B2-12: every number comes from the policy."""
    ours = [one.text for one in sentences() if one.file.startswith("bot/rulebook") or "rules" in one.file]
    assert len(ours) > 80
    assert [text for text in ours if re.search(r"\d", text)] == []


def rules_own_numbers(text: str) -> list[str]:
    """Numbers of a sentence but for examples of what to type, ¥0, a list's numbers, and doors open day and night."""
    text = re.sub(r"「[^」]*」|例如.*|\{\w+\}|¥0|24 ?小时|快递100|^\d\. ", "", text, flags=re.M)
    return re.findall(r"\d+|[二两三四五六七八九十百半]+ ?(?:天|本|次|分|小时|册|个月|年|周|元|块)", text)


def test_no_text_of_the_talk_holds_a_number_a_rule_could_change() -> None:
    """B2-12: nor what partners' pages and pages for everybody say."""
    ours = [
        one for one in sentences() if one.file.startswith(("bot/", "lending/", "partners/templates/partners/bureau"))
    ]
    assert len(ours) > 800
    known = {  # the page's own protocol; four eyes, which are the schema's
        "没有看懂：{name} 要是一个不小于 0 的整数。", "申诉 {number} 要由另一位馆员来看，一个人不能定两次。",
    }  # fmt: skip
    wrong = [(one.file, one.text) for one in ours if rules_own_numbers(one.text) and one.text not in known]
    assert [one for one in wrong if not one[0].startswith("lending/importing")] == []


@pytest.mark.parametrize(
    "text", ["借 40 天", "借四十天", "一次两本", "¥3 起", "半小时", "1. 借 2 本", "{n} 本，最多 5 本"]
)
def test_a_number_of_its_own_would_be_noticed(text: str) -> None:
    assert rules_own_numbers(text)


def test_no_number_is_put_into_a_text_by_the_code() -> None:
    """B2-12: what fills a brace is looked up, never written there."""
    found = []
    for path in (file for part in ("bot", "lending", "partners", "admin") for file in Path(part).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("_", "n"):
                values = [*node.args[2:], *(word.value for word in node.keywords)]
                found += [f"{path}:{node.lineno}" for one in values if _is_number(one)]
    assert found == []


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "zh_Hans"])
def test_a_translation_brings_no_number_of_its_own(language: str) -> None:
    """B2-12, B2-13."""
    wrong = []
    for message in (one for one in catalogue(language) if one.id and not one.pluralizable):
        said, told = " ".join(ids(message)), " ".join(forms(message))
        wrong += [told for number in re.findall(r"\d+", re.sub(r"\{\w+\}", "", told)) if number not in said]
    assert wrong == []


def test_every_choice_a_pack_may_make_has_words() -> None:
    assert set(borrowing.STARTS) == set(CHOICES["loan_starts"])
    assert set(points.THAWS) == set(CHOICES["kind"])
    assert {*points.ALSO, ""} == set(CHOICES["also"])
    assert {event for event, _per in points.EVENTS} >= set(CHOICES["event"])


def test_jincheng_reads_like_its_source(db: Database) -> None:
    """A6, in the source's own order."""
    text = told(db, load_policy("晋城"))
    says = [
        "起始分是 100 分", "每借一册书加 1 分，每天不超过 3 分", "参加图书馆活动并登记，每次加 5 分",
        "志愿者服务，每次加 10 分，每年最高累积 100 分", "逾期还书，每天每册减 1 分，没有上限",
        "污损书籍，每次每册减 30 分，情况严重无法阅读的还需购买同款图书归还", "丢失书籍，每次每册减 50 分，且需购买同款图书归还",
        "重复办理读者证，每次减 20 分", "每 100 积分可兑换多借一册图书，上限为 3 册", "分数为负时暂停借书 30 天",
    ]  # fmt: skip
    places = [text.index(sentence) for sentence in says]
    assert places == sorted(places)


def test_a_change_of_the_pack_is_a_change_of_the_page(tmp_path: Path) -> None:
    """D-11."""
    before = load_policy()
    rules = tuple(
        replace(rule, delta=2, cap_a_day=8) if rule.event == "borrow" else rule for rule in before.ledger.rules
    )
    after = replace(
        before,
        lending=replace(before.lending, loan_days=33),
        ledger=replace(before.ledger, rules=rules),
        fees=replace(before.fees, rates=tuple(replace(rate, base_fen=450) for rate in before.fees.rates)),
    )
    old, new = read(tmp_path / "old", before), read(tmp_path / "new", after)
    for says in ("每本借 40 天", "每借一册书加 1 分，每天不超过 3 分", "一天借 5 本：加 3 分", "1 本 ¥3、"):
        assert says in old and says not in new
    for says in ("每本借 33 天", "每借一册书加 2 分，每天不超过 8 分", "一天借 5 本：加 8 分", "1 本 ¥4.50、"):
        assert says in new and says not in old


def test_the_examples_are_what_then_really_happens(db: Database) -> None:
    """D-11: the due date told is the due date given, the points told are those posted."""
    policy = load_policy()
    assert examples.dates(db, policy, NOW).due == loans.due_date(db, NOW, policy)
    seen = examples.points(policy)
    assert (seen.earned, seen.lost, seen.left, seen.pauses_after_days) == (3, -3, 97, 101)
    gentler = replace(policy, freeze=replace(policy.freeze, below=90))
    assert examples.points(gentler).pauses_after_days == 11
    assert examples.points(replace(policy, freeze=replace(policy.freeze, days=0))).pauses_after_days is None


def test_a_rule_without_words_would_be_noticed(db: Database) -> None:
    policy = load_policy()
    rules = (*policy.ledger.rules, LedgerRule("borrow", 1, "x", per="year"))
    with pytest.raises(KeyError):
        told(db, replace(policy, ledger=replace(policy.ledger, rules=rules)))


def test_trying_rules_out_leaves_nothing_behind(db: Database) -> None:
    with tryout.library() as other:
        assert other.store.path.exists()
        credit.thaw_due(other, load_policy(), NOW)
    assert not other.store.path.exists()


# ---- the page and the chat -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/rules", "信用分"),
        ("/rules?lang=zh-Hant", "書可以還到任何一個館"),
        ("/rules?lang=en", "Return books to any branch"),
    ],
)
def test_the_page_speaks_three_languages_and_keeps_no_cookie(tmp_path: Path, address: str, says: str) -> None:
    with page(tmp_path, load_policy()) as client:
        answer = client.get(address)
        assert says in answer.get_data(as_text=True)
        assert "Set-Cookie" not in answer.headers
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_chat_tells_the_rules_in_short_and_each_part_in_full(me: Person) -> None:
    said = me.say("借阅规则")
    assert "一次最多 20 本" in said
    assert "每位读者的起始分是 100 分" in said
    part = me.tap("信用分")
    assert "丢失书籍，每次每册减 50 分" in part
    assert "一本书超期 3 天：减 3 分" in part


def test_a_part_nobody_knows_is_answered_with_the_rules(me: Person) -> None:
    assert "借阅规则（" in me.press("rules:nonsense")


@pytest.mark.parametrize("pack", packs())
def test_every_event_of_every_ledger_has_words_for_the_reader_and_for_the_staff(pack: str) -> None:
    events = {rule.event for rule in load_policy(pack).ledger.rules}
    assert events <= set(trust.EVENTS)
    assert events <= set(appeals.EVENTS)


@pytest.mark.parametrize(
    ("library", "says", "not_a_word"),
    [
        ("default", "550 分就是起步分", "户籍"),
        ("上海", "本馆还要求本地户籍", "起步分"),
        ("沈阳", "是否达到 650 分", "起步分"),
        ("锦林", "也不查任何信用分", "芝麻"),
    ],
)
def test_what_a_newcomer_is_told_is_what_the_pack_says(
    prepared: Path, tmp_path: Path, library: str, says: str, not_a_word: str
) -> None:
    """A7-2, A10-4, A12-4: before anything is asked."""
    service = open_sample(prepared, tmp_path / "library", load_policy(library))
    try:
        said = Person(service).say("开通信用借阅")
        assert says in said and not_a_word not in said
    finally:
        service.store.close()


@pytest.mark.parametrize(
    ("library", "first"),
    [
        ("default", ["分类浏览", "新书", "随便推荐一本", "附近网点"]),
        ("北部湾", ["分类浏览", "转借", "我的预约", "全部续借", "活动", "借阅规则"]),
        ("淄博", ["分类浏览", "书店新书", "借阅规则", "新书"]),
    ],
)
def test_the_greeting_puts_first_what_the_librarys_own_page_had(
    prepared: Path, tmp_path: Path, library: str, first: list[str]
) -> None:
    """A2-9, A3-9, A3-18; help and a person are always there, and no door leads nowhere (A5-3)."""
    service = open_sample(prepared, tmp_path / "library", load_policy(library))
    try:
        me = Person(service)
        me.say("你好")
        labels = [button.label for row in me.heard[-1].buttons for button in row]
        assert labels == [*first, "帮助", "转人工"]
        for label in first:
            me.say("你好")
            assert "已过期" not in me.tap(label)
    finally:
        service.store.close()


@pytest.mark.parametrize(("library", "says"), [("default", "不收逾期费"), ("惠州", "每册每天收 ¥0.10")])
def test_what_things_cost_agrees_with_the_rules_about_late_money(
    prepared: Path, tmp_path: Path, library: str, says: str
) -> None:
    """B2-12: the talk about fees says what the rules page says."""
    service = open_sample(prepared, tmp_path / "library", load_policy(library))
    try:
        assert says in Person(service).say("运费")
    finally:
        service.store.close()


def test_who_is_looked_at_by_a_librarian_is_told_with_both_reasons(db: Database) -> None:
    policy = load_policy()
    said = told(db, policy)
    assert "5 本以内、信用分不低于 60 的订单自动通过；其余由馆员在 4 小时的办公时间内看过" in said
    other = told(db, replace(policy, review=replace(policy.review, auto_from_balance=75)))
    assert "信用分不低于 75 的订单自动通过" in other
    assert "每张订单都由馆员在 4 小时的办公时间内看过" in told(db, load_policy("jinlin"))


def test_what_a_reader_may_count_on_when_the_day_goes_wrong_stands_in_the_rules(db: Database) -> None:
    """E3, B4, B2-9, D-1: the window of a locker, closed days, an order not fetched, a promise the library broke."""
    policy = load_policy()
    said = told(db, policy)
    assert "预约到的书为您保留 3 天" in said and "预约到的书放在书柜里的，保留 2 天" in said
    assert "落在闭馆的那天，往后挪到开门的日子" in said and "再多给 2 天" in said
    assert "没来得及取的订单不扣分：书柜里的收到服务台再留 4 天" in said
    assert "答应的时间晚了，给您加 2 分" in said and "送书的运费免了" in said
    other = replace(
        policy,
        holds=replace(policy.holds, windows=()),
        calendar=replace(policy.calendar, grace_days=0),
        lockers=replace(policy.lockers, counter_days=0),
        promise=replace(policy.promise, waive_fee_when_late=False),
    )
    said = told(db, other)
    assert "放在书柜里的" not in said and "再多给" not in said
    assert "没来得及取的订单不扣分，书放回架上" in said and "送书的运费免了" not in said
