"""Rankings from our own events: by kind, period and branch, small counts hidden, ties shown as ties (R-9 to R-11, F-11)."""

from __future__ import annotations

from datetime import timedelta

from bot.service import Service
from lending import catalogue
from lending.model import library_day, stamp
from lending.rankings import SMALL, most_borrowed, ranks
from search import usage
from tests.talking import Person


def title_id(service: Service, name: str) -> int:
    return int(service.store.db.value("SELECT id FROM titles WHERE title = :t ORDER BY popularity DESC LIMIT 1", t=name))


def lend(service: Service, name: str, readers: int, days_ago: int = 1, times: int = 1, branch: str = "") -> None:
    """So many readers have borrowed it, so many times each."""
    with service.store.writing() as db:
        for reader in range(readers):
            number = f"X{reader}"
            joined = stamp(service.clock.now())
            db.run("INSERT INTO readers (number, joined_at) VALUES (:n, :at) ON CONFLICT DO NOTHING", n=number, at=joined)
            who = db.value("SELECT id FROM readers WHERE number = :n", n=number)
            home = f"AND home_point_id = (SELECT id FROM points WHERE code = '{branch}')" if branch else ""
            copy = db.value(f"SELECT id FROM copies WHERE title_id = :t {home} LIMIT 1", t=title_id(service, name))
            at = stamp(service.clock.now() - timedelta(days=days_ago))
            for _ in range(times):
                db.run(
                    "INSERT INTO loans (copy_id, title_id, reader_id, started_at, due_at, returned_at, ended_as) "
                    "VALUES (:c, :t, :r, :at, :at, :at, 'returned')",
                    c=copy, t=title_id(service, name), r=who, at=at,
                )  # fmt: skip


def test_equal_counts_share_a_rank_and_the_next_one_counts_on() -> None:
    assert [tuple(rank) for rank in ranks([33, 33, 30, 27])] == [(1, True), (1, True), (3, False), (4, False)]
    assert ranks([]) == []


def test_the_borrowed_ranking_shows_ties_as_ties(service: Service, me: Person) -> None:
    for name, times in (("围城", 4), ("活着", 4), ("三体", 3)):
        lend(service, name, readers=3, times=times)
    said = me.say("本月借阅排行")
    assert "借阅排行 · 近一月" in said and said.count("并列第 1 名 · 12 次") == 2 and "第 3 名 · 9 次" in said
    assert "怎么取" in me.say("借第1本")


def test_what_too_few_readers_borrowed_is_not_shown(service: Service, me: Person) -> None:
    lend(service, "围城", readers=SMALL - 1, times=50)
    assert "人数还不够" in me.say("借阅排行")
    lend(service, "围城", readers=SMALL)
    assert "第 1 名" in me.say("借阅排行")


def test_a_week_a_month_a_year_by_words_and_by_button(service: Service, me: Person) -> None:
    lend(service, "围城", readers=3, days_ago=20)
    lend(service, "活着", readers=3, days_ago=200)
    assert "人数还不够" in me.say("本周借阅排行")
    assert "《围城》" in (month := me.tap("近一月")) and "《活着》" not in month
    assert "《活着》" in me.tap("近一年")
    assert "《活着》" in me.say("今年借阅排行")


def test_by_branch_the_copies_at_home_there_count(service: Service, me: Person) -> None:
    codes = service.store.db.all(
        "SELECT p.code, p.name FROM copies c JOIN points p ON p.id = c.home_point_id WHERE p.kind = 'branch' "
        "AND c.title_id = :t GROUP BY p.code, p.name ORDER BY p.code",
        t=title_id(service, "围城"),
    )
    here = codes[0]
    lend(service, "围城", readers=3, branch=here["code"])
    me.say("借阅排行")
    me.tap("各馆的借阅排行")
    assert f"借阅排行 · 近一月 · {here['name']}" in me.tap(here["name"])
    assert here["name"] in me.say(f"{here['name']}借阅排行").split("\n")[0]
    points = [point for point in catalogue.points(service.store.db) if point.kind == "branch"]
    since, now = service.clock.now() - timedelta(days=30), service.clock.now()
    found = {point.code: most_borrowed(service.store.db, since, now, 10, point.id) for point in points}
    assert [code for code, books in found.items() if books] == [here["code"]]


def test_searches_that_found_something_are_ranked_and_searched_again(service: Service) -> None:
    """R-10; spellings together; what one person types once is not shown."""
    people = [Person(service, f"p{n}") for n in range(3)]
    for person, query in zip(people, ("刘慈欣", "劉慈欣", "刘慈欣 "), strict=True):
        person.say(query)
    people[0].say("余华")
    people[0].say("zzqqxxyyww kkjjhh")
    said = people[1].say("热门搜索")
    assert "1. 刘慈欣 · 第 1 名 · 3 次" in said and "余华" not in said and "zzqq" not in said
    assert "《三体》" in people[1].tap("刘慈欣")
    people[1].say("检索排行")
    assert "《三体》" in people[1].say("1")


def test_opened_books_are_ranked_by_card(service: Service, me: Person) -> None:
    """R-11: a card opened counts once; turning pages does not."""
    book = title_id(service, "围城")
    for _ in range(3):
        me.press(f"t:{book}")
    said = me.say("点击排行")
    assert "点击排行 · 近一月" in said and "《围城》" in said and "第 1 名 · 3 次" in said
    today = library_day(service.clock.now())
    assert usage.top(service.store.db, "click", today, today) == [(str(book), 3)]


def test_counts_know_no_reader(service: Service, me: Person) -> None:
    """A11: the table has no column for who, and numbers or addresses are not kept."""
    columns = {row["name"] for row in service.store.db.all("SELECT name FROM pragma_table_info('usage_counts')")}
    assert columns == {"kind", "key", "day", "n"}
    for query in ("13800138000", "me@example.com", "9787020024759"):
        me.say(query)
    assert service.store.db.value("SELECT COUNT(*) FROM usage_counts WHERE kind <> 'click'") == 0


def test_an_empty_search_ranking_says_so_and_leads_on(me: Person) -> None:
    assert "还不够排行" in me.say("热门搜索")
    assert {"借阅排行", "点击排行"} <= {button.label for row in me.heard[-1].buttons for button in row}


def test_a_forged_ranking_button_does_no_harm(me: Person) -> None:
    for action in ("rank:x:7:0", "rank:borrowed:-1:0", "rank:borrowed:30:999", "ranks:zzz", "q:", "q:《》"):
        assert me.press(action)
    assert "过期" in me.press("rank:borrowed:30:x")
