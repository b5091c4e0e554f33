"""筛选: a list made shorter by buttons with right counts or by words; each step is a list of the catalogue's own facts."""

from __future__ import annotations

import re

import pytest

from bot.events import Button
from bot.service import Service
from tests.talking import Person

CENTRAL = "云栖市图书馆中心馆"
LABEL = re.compile(r"(.+) (\d+)")


def buttons(me: Person) -> list[Button]:
    """Those of the last message."""
    return [button for row in me.heard[-1].buttons for button in row]


def counted(me: Person) -> dict[str, int]:
    """The choices of the last message with their numbers."""
    found = [(button, LABEL.fullmatch(button.label)) for button in buttons(me) if button.action.startswith("f:")]
    return {match[1]: int(match[2]) for _button, match in found if match}


def list_of(service: Service, me: Person) -> list[int]:
    """The remembered list."""
    memory = service.store.db.value("SELECT unseal(memory) FROM conversations WHERE reader_id = :r", r=me.reader_id)
    found = service.store.db.all("SELECT value FROM json_each(:m, '$.list')", m=memory)
    return [row["value"] for row in found]


LITERATURE = "withdrawn = 0 AND clc LIKE 'I%' AND clc NOT LIKE 'I222%' AND clc NOT LIKE 'I256%'"
HERE = "id IN (SELECT title_id FROM copies WHERE state NOT IN ('lost', 'withdrawn') AND point_id = (SELECT id FROM points WHERE name = :p))"
FREE = "id IN (SELECT title_id FROM copies WHERE state = 'available')"


def ids(service: Service, condition: str, **values: object) -> set[int]:
    """Titles of literature that fulfil a condition, straight from the table."""
    found = service.store.db.all(f"SELECT id FROM titles WHERE {LITERATURE} AND {condition}", **values)
    return {row["id"] for row in found}


@pytest.mark.parametrize(
    ("said", "condition", "values"),
    [
        ("2010年以后的", "year >= 2010", {}),
        ("2010年之后", "year >= 2010", {}),
        ("1999年以前的书", "year <= 1999", {}),
        ("2005到2008年的", "year BETWEEN 2005 AND 2008", {}),
        ("2008-2005", "year BETWEEN 2005 AND 2008", {}),
        ("1990年代的", "year BETWEEN 1990 AND 1999", {}),
        ("近十年的", "year >= 2017", {}),
        ("2015年出版的", "year = 2015", {}),
        ("只看2015年", "year = 2015", {}),
        ("只看中心馆的", HERE, {"p": CENTRAL}),
        ("中心馆的", HERE, {"p": CENTRAL}),
        ("只看莲塘街道书房", HERE, {"p": "莲塘街道书房"}),
        ("人民文学出版社的", "publisher = '人民文学出版社'", {}),
        ("人民文学出版社出的", "publisher = '人民文学出版社'", {}),
        ("三联书店的", "publisher = '生活·读书·新知三联书店'", {}),
        ("只看三联的", "publisher = '生活·读书·新知三联书店'", {}),
        ("只看听泉区分馆有的", HERE, {"p": "听泉区分馆"}),
        ("只看譯林", "publisher = '译林出版社'", {}),
        ("只看余华的", "authors = '余华'", {}),
        ("since 2010", "year >= 2010", {}),
        ("before 2000", "year <= 2000", {}),
    ],
)
def test_words_narrow_the_list(me: Person, service: Service, said: str, condition: str, values: dict[str, str]) -> None:
    me.say("文学类")
    assert "只看：" in me.say(said)
    wanted = ids(service, condition, **values)
    assert f"（{len(wanted)} 种）" in me.heard[-1].text
    assert len(list_of(service, me)) == min(len(wanted), 200) and set(list_of(service, me)) <= wanted


@pytest.mark.parametrize("said", ["只看可借的", "可借的", "在馆的", "只要能借的", "only available"])
def test_what_can_be_borrowed_now(me: Person, service: Service, said: str) -> None:
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id % 3 = 0")
    me.say("文学类")
    assert "只看：可借的" in me.say(said)
    assert f"（{len(ids(service, FREE))} 种）" in me.heard[-1].text


def test_at_a_branch_and_free_means_the_same_copy(me: Person, service: Service) -> None:
    """Free somewhere else is not free here."""
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'on_loan' WHERE point_id = (SELECT id FROM points WHERE name = :p) AND title_id % 2 = 0",
            p=CENTRAL,
        )
    me.say("文学类")
    me.say("只看可借的")
    me.say("只看中心馆的")
    here = "id IN (SELECT title_id FROM copies WHERE state = 'available' AND point_id = (SELECT id FROM points WHERE name = :p))"
    assert f"（{len(ids(service, here, p=CENTRAL))} 种）" in me.heard[-1].text
    assert all(CENTRAL in card.shelf for card in me.heard[-1].cards)


def test_filters_add_up_and_are_taken_off_together(me: Person, service: Service) -> None:
    me.say("文学类")
    me.say("人民文学出版社的")
    me.say("2010年以后的")
    said = me.say("只看中心馆的")
    assert f"只看：{CENTRAL}、2010 年以后、人民文学出版社" in said
    wanted = ids(service, f"publisher = '人民文学出版社' AND year >= 2010 AND {HERE}", p=CENTRAL)
    assert set(list_of(service, me)) == wanted
    assert "只看：" not in me.tap("取消筛选")
    assert f"共 {len(ids(service, '1 = 1'))} 种" in me.heard[-1].text


FACETS = {
    "馆": "SELECT p.name AS value, COUNT(DISTINCT c.title_id) AS n FROM copies c JOIN points p ON p.id = c.point_id "
    f"WHERE c.state NOT IN ('lost', 'withdrawn') AND c.title_id IN (SELECT id FROM titles WHERE {LITERATURE}) GROUP BY 1",
    "出版社": f"SELECT publisher AS value, COUNT(*) AS n FROM titles WHERE {LITERATURE} AND publisher <> '' GROUP BY 1",
    "年份": "SELECT (year / 10 * 10) || '–' || (year / 10 * 10 + 9) || ' 年' AS value, COUNT(*) AS n "
    f"FROM titles WHERE {LITERATURE} AND year IS NOT NULL GROUP BY 1",
}


@pytest.mark.parametrize("facet", FACETS)
def test_the_choices_count_what_they_would_leave(me: Person, service: Service, facet: str) -> None:
    """The most first (years: newest first), at most eight, and each leaves just as many as it says."""
    me.say("文学类")
    me.say("筛选")
    me.tap(f"{facet} (")
    real = {row["value"]: row["n"] for row in service.store.db.all(FACETS[facet])}
    offered = counted(me)
    assert offered and 0 not in offered.values()
    shortened = {(name if len(name) <= 20 else name[:19] + "…"): n for name, n in real.items()}
    assert offered.items() <= shortened.items()
    if facet != "年份":
        assert list(offered.values()) == sorted(real.values(), reverse=True)[:8]
    label, n = next(iter(offered.items()))
    assert f"只看：{label}（{n} 种）" in me.tap(label)


def test_a_narrowed_list_offers_the_counts_of_what_is_left(me: Person, service: Service) -> None:
    me.say("文学类")
    me.say("人民文学出版社的")
    me.tap("筛选")
    me.tap("馆 (")
    real = {name: len(ids(service, f"publisher = '人民文学出版社' AND {HERE}", p=name)) for name in counted(me)}
    assert counted(me) == real and len(real) > 3


def test_what_would_change_nothing_is_not_offered(me: Person, service: Service) -> None:
    """A5-3: the sample has one form, no subjects, and everything free; so there is no button for them."""
    me.say("文学类")
    me.tap("筛选")
    assert [button.label.split(" (")[0] for button in buttons(me)] == ["馆", "年份", "出版社", "作者", "语种", "回到列表"]


def test_forms_and_subjects_are_offered_where_the_catalogue_has_them(me: Person, service: Service) -> None:
    with service.store.writing() as db:
        db.run("UPDATE copies SET material = 'ebook' WHERE title_id IN (1, 2, 3)")
        db.run("UPDATE titles SET subjects = '长篇小说; 中国' WHERE id IN (1, 4)")
    me.say("文学类")
    me.tap("筛选")
    me.tap("形式 (")
    assert counted(me)["电子书"] == 3
    me.say("只看电子书")
    assert list_of(service, me) == [1, 2, 3]
    me.tap("取消筛选")
    me.tap("筛选")
    me.tap("主题 (")
    assert counted(me) == {"长篇小说": 2, "中国": 2}
    me.tap("长篇小说")
    assert list_of(service, me) == [1, 4]


def test_a_search_is_narrowed_in_its_own_order(me: Person, service: Service) -> None:
    me.say("余华")
    before = list_of(service, me)
    me.say("作家出版社的")
    after = list_of(service, me)
    assert 0 < len(after) < len(before) and after == [one for one in before if one in after]


def test_none_such_is_said_and_the_list_stays(me: Person, service: Service) -> None:
    me.say("余华")
    before = list_of(service, me)
    assert "没有符合「1950 年以前」的" in me.say("1950年以前的")
    assert list_of(service, me) == before
    assert {"筛选", "回到列表"} <= {button.label for button in buttons(me)}


@pytest.mark.parametrize(
    "said",
    [
        "人民文学出版社",
        "2010",
        "中心馆",
        "余华",
        "我的名字叫红",
        "作家",
        "一九八四",
        "活着的",
        "电影的书",
        "分馆的",
        "中国的",
        "历史的书",
        "小说的",
    ],
)
def test_a_bare_name_is_still_a_search(me: Person, said: str) -> None:
    """With a list on show, a title or a name alone begins a new search."""
    me.say("文学类")
    assert "只看：" not in me.say(said)
    assert "没有符合" not in me.heard[-1].text


def test_an_old_filter_button_shows_the_present_list(me: Person) -> None:
    """C2."""
    me.say("文学类")
    me.tap("筛选")
    me.tap("出版社 (")
    old = me.action("人民文学")
    me.say("余华")
    said = me.press(old)
    assert "已过期" in said and "「余华」" in said


@pytest.mark.parametrize(
    "action",
    [
        "filter:9",
        "facet:1:nosuch",
        "f:1:publisher:9999",
        "f:1:nosuch:0",
        "f:1:year:x",
        "all:7",
        "facet:1",
        "f:1:available:3",
    ],
)
def test_forged_presses_are_answered(me: Person, action: str) -> None:
    """Something is said, and nothing breaks."""
    me.say("文学类")
    me.press(action)
    assert "抱歉" not in me.heard[-1].text and me.heard[-1].text


def test_filters_without_a_list_are_a_search(me: Person) -> None:
    assert "已过期" in me.press("filter:1")
    assert "只看：" not in me.say("2010年以后的")


def test_paging_ends_with_a_way_to_narrow(me: Person, service: Service) -> None:
    """A class of 834 can be paged to 200; the end says so instead of calling it the last page."""
    me.say("文学类")
    number = me.action("下一页").split(":")[1]
    me.press(f"page:{number}:39")
    assert "前 200 种，一共 834 种" in me.say("下一页")


def test_a_narrowed_list_can_be_paged_and_borrowed_from(me: Person) -> None:
    me.say("文学类")
    me.say("人民文学出版社的")
    assert "只看：人民文学出版社" in me.tap("下一页")
    assert "怎么取" in me.say("借第1本")


@pytest.mark.parametrize(
    ("language", "said", "answered"), [("zh-TW", "篩選", "按什麼篩選"), ("en", "filter", "Narrow by what")]
)
def test_in_other_languages(service: Service, language: str, said: str, answered: str) -> None:
    me = Person(service, language=language)
    me.say("小说")
    assert answered in me.say(said)
