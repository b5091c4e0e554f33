"""城市 in the chat: chosen by words, by button or by place, offered once, and what comes first then (A2-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.service import Service
from lending import catalogue, events, order_records, readers
from lending.events import Plan
from lending.points import PointEntry, store_points
from lending.rules import Zone
from tests.bot.test_filters import LITERATURE
from tests.cities import spread
from tests.talking import Person

OFFER = "选好您的城市"


@pytest.fixture
def there(service: Service) -> Service:
    spread(service)
    return service


@pytest.fixture
def me(there: Service) -> Person:
    return Person(there).trusted()


def city(me: Person) -> str | None:
    return readers.reader(me.service.store.db, me.reader_id).city


def labels(me: Person) -> list[str]:
    """The buttons of the newest message."""
    return [button.label for row in me.heard[-1].buttons for button in row]


def ruled(me: Person, **parts: Any) -> None:
    """The same library with other rules."""
    me.service = replace(me.service, policy=replace(me.service.policy, **parts))


def located(me: Person, lat: float, lon: float) -> str:
    me.send(me.event(location=(lat, lon)))
    return me.listen()


# ---- in one city nothing changes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cities", [(), ("zx",)])
def test_with_no_city_or_one_nothing_is_asked_or_said(service: Service, cities: tuple[str, ...]) -> None:
    with service.store.writing() as db:
        for code in cities:
            db.run("UPDATE points SET city = '湖州' WHERE code = :c", c=code)
    me = Person(service).trusted()
    said = [me.say(words) for words in ("附近网点", "借《围城》", "到馆自取", "围城", "几点开门", "还书", "规则")]
    offered = [button.label for reply in me.heard for row in reply.buttons for button in row]
    assert not [text for text in (*said, *offered) if "城市" in text.replace("城市图书馆", "") or "湖州" in text]
    assert city(me) is None
    assert "这些网点都能借" in me.say("换城市")
    assert "没有" in me.press("city:湖州") and city(me) is None
    assert "在哪里取" in me.press("wc:湖州") and "这些网点" in me.press("cities:0")


# ---- chosen ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("我在湖州", "湖州"), ("我在湖州市", "湖州"), ("换到嘉兴", "嘉兴"), ("切换到嘉兴市图书馆", "嘉兴"), ("我住在宁波", "宁波"),
        ("我是湖州人", "湖州"), ("换成宁波吧", "宁波"), ("我搬到嘉兴了", "嘉兴"), ("我在寧波", "宁波"), ("我人在嘉兴", "嘉兴"),
        ("I live in Ningbo", "宁波"), ("I'm in Huzhou now", "湖州"), ("switch to Jiaxing", "嘉兴"),
    ],
)  # fmt: skip
def test_words_choose_a_city(me: Person, said: str, chosen: str) -> None:
    assert f"以后先看{chosen}" in me.say(said) and city(me) == chosen


@pytest.mark.parametrize(
    "said", ["换城市", "有哪些城市", "我想换个城市", "城市列表", "which cities do you have", "change my city", "你们有几个城市"]
)
def test_words_ask_for_the_choice_and_a_number_answers(me: Person, said: str) -> None:
    assert "· 嘉兴：" in me.say(said) and labels(me)[:3] == ["湖州", "嘉兴", "宁波"]
    assert "以后先看嘉兴" in me.say("2") and city(me) == "嘉兴"
    assert "现在先看嘉兴" in me.say(said)
    assert "所有城市" in me.tap("不分城市") and city(me) == ""


def test_a_bare_name_answers_the_choice(me: Person) -> None:
    me.say("换城市")
    assert "以后先看宁波" in me.say("宁波") and city(me) == "宁波"


def test_a_city_of_the_province_where_we_are_not_is_said_so(me: Person) -> None:
    said = me.say("我在绍兴")
    assert "我们在绍兴还没有网点" in said and "· 湖州：" in said and city(me) is None


@pytest.mark.parametrize("press", ["city:绍兴", "city:围城", "city:" + "湖" * 10, "cities:x", "cities:-1", "cityp:湖州:x", "wc:a:b"])
def test_forged_presses_choose_nothing(me: Person, press: str) -> None:
    me.press(press)
    assert city(me) is None and me.heard[-1].text


def test_pressed_twice_it_is_chosen_once(me: Person) -> None:
    assert me.press("city:湖州") == me.press("city:湖州") and city(me) == "湖州"


def test_many_cities_are_turned_over(me: Person, there: Service) -> None:
    names = ["舟山", "绍兴", "杭州", "温州", "台州", "金华", "衢州", "丽水"]
    with there.store.writing() as db:
        store_points(db, [PointEntry(f"c{n}", "branch", f"{name}馆", city=name) for n, name in enumerate(names)])
    me.say("换城市")
    assert "下一页" in labels(me) and "丽水" not in labels(me)
    me.tap("下一页")
    assert "丽水" in labels(me) and "上一页" in labels(me)
    assert "以后先看丽水" in me.tap("丽水")
    me.press("cities:99")
    assert "丽水" in labels(me)
    me.press("city:")
    said = me.say("附近网点")
    assert "说「湖州的网点」" in said and "· 湖州：3 个网点" in said and "听泉区分馆" not in said
    assert "听泉区分馆" in me.say("湖州的网点")
    me.say("借《围城》")
    me.say("到馆自取")
    assert "按城市选" in labels(me)
    me.tap("按城市选")
    me.tap("下一页")
    me.tap("丽水")
    assert "丽水馆" in me.tap("丽水馆") and "确认下单" in labels(me)


# ---- where the reader is ---------------------------------------------------------------------------------------------


def test_a_location_gives_the_city_and_says_so(me: Person) -> None:
    said = located(me, 29.545, 119.347)
    assert "看起来您在嘉兴" in said and city(me) == "嘉兴"
    me.tap("换城市")
    me.tap("湖州")
    assert city(me) == "湖州"


def test_far_from_every_place_it_gives_none(me: Person) -> None:
    assert "看起来" not in located(me, 39.9, 116.4) and city(me) is None


def test_a_city_once_chosen_is_not_changed_by_walking(me: Person) -> None:
    me.say("我在湖州")
    said = located(me, 29.545, 119.347)
    assert city(me) == "湖州" and "看起来" not in said and "1. 259 米" in said and "嘉兴 · 望川区分馆" in said
    me.tap("以后先看嘉兴")
    assert city(me) == "嘉兴"


def test_asked_for_the_city_a_location_answers(me: Person) -> None:
    me.say("我在湖州")
    me.say("换城市")
    located(me, 29.545, 119.347)
    assert city(me) == "嘉兴"


def test_a_code_at_a_place_sets_no_city(me: Person) -> None:
    me.send(me.event(start="p3"))
    me.listen()
    assert city(me) is None and "以后先看嘉兴" in labels(me)
    me.say("我在湖州")
    me.send(me.event(start="m3"))
    me.listen()
    assert city(me) == "湖州"
    me.tap("以后先看嘉兴")
    assert city(me) == "嘉兴"


# ---- one gentle offer ------------------------------------------------------------------------------------------------


def test_it_is_offered_once_and_forces_nobody(me: Person) -> None:
    assert OFFER not in me.say("你好")
    assert OFFER in me.say("借《围城》") and city(me) == ""
    assert OFFER not in me.say("去下单") + me.say("附近网点")
    assert "选城市" not in labels(me)
    me.say("去下单")
    assert "云栖站" in me.tap("嘉兴 · 云栖站")
    assert "订单 SX" in me.tap("确认下单")


def test_the_offer_leads_back_to_the_order(me: Person) -> None:
    me.say("借《围城》")
    me.tap("选城市")
    said = me.tap("嘉兴")
    assert "以后先看嘉兴" in said and "这 1 本怎么取" in said
    assert labels(me)[0].startswith("云栖站") and not [one for one in labels(me) if one.startswith(("湖州", "宁波"))]


def test_with_the_list_of_places_it_is_offered_too(me: Person) -> None:
    said = me.say("附近网点")
    assert OFFER in said and said.index("【湖州】") < said.index("【嘉兴】")
    assert OFFER not in me.say("附近网点")


def test_whoever_has_a_city_is_not_offered_any(me: Person) -> None:
    me.say("我在湖州")
    assert OFFER not in me.say("附近网点") + me.say("借《围城》")


# ---- what comes first ------------------------------------------------------------------------------------------------


def test_places_are_those_of_ones_city_and_others_are_a_look_away(me: Person) -> None:
    me.say("我在湖州")
    said = me.say("附近网点")
    assert "湖州的这些网点" in said and "中心馆" in said and "竹影" not in said
    me.tap("别的城市")
    said = me.tap("嘉兴")
    assert "竹影区分馆" in said and "中心馆" not in said and city(me) == "湖州"
    assert "以后先看嘉兴" in labels(me)


@pytest.mark.parametrize("said", ["嘉兴有哪些馆", "嘉兴的网点", "libraries in Jiaxing", "嘉兴有书柜吗"])
def test_a_citys_places_are_asked_by_name(me: Person, said: str) -> None:
    me.say("我在湖州")
    assert "竹影区分馆" in me.say(said) and city(me) == "湖州"


def test_hours_are_those_of_ones_city_and_of_one_that_is_named(me: Person) -> None:
    me.say("我在湖州")
    said = me.say("几点开门")
    assert "听泉区分馆" in said and "望川区分馆" not in said and "问「嘉兴几点开门」" in said
    said = me.say("嘉兴几点开门")
    assert "望川区分馆" in said and "听泉区分馆" not in said
    assert "望川区分馆" in me.say("望川区分馆几点开门")


def test_returning_names_ones_city_first_and_says_that_others_take_books(me: Person, there: Service) -> None:
    me.say("我在湖州")
    said = me.say("还书")
    assert "听泉区分馆" in said and "竹影" not in said and "别的城市的网点也都收" in said
    ruled(me, cities=replace(there.policy.cities, return_anywhere=False))
    assert "由我们送回它的城市" in me.say("还书")


def test_the_rules_say_where_books_stay(me: Person, there: Service) -> None:
    assert "还到别的城市也一样" in me.press("rules:borrowing")
    ruled(me, cities=replace(there.policy.cities, return_anywhere=False, near_km=77))
    said = me.press("rules:borrowing")
    assert "送回它自己的城市" in said and "77 公里" in said


def test_a_card_counts_copies_here_and_elsewhere(me: Person) -> None:
    db = me.service.store.db
    stock = catalogue.availability(db, [10])[10]
    city_of = {point.id: point.city for point in catalogue.points(db)}
    here = sum(place.n for place in stock.places if city_of[place.point_id] == "嘉兴")
    assert 0 < here < stock.available
    me.say("我在嘉兴")
    counted = f"嘉兴可借 {here} 本，别的城市 {stock.available - here} 本，可以调来"
    said = me.say("围城")
    assert counted in said and any(name in said for name in ("望川", "竹影"))
    said = me.tap("详情")
    assert counted in said and said.index("竹影区分馆") < said.index("湖州 · ")
    with me.service.store.writing() as door:
        door.run("UPDATE copies SET state = 'on_loan' WHERE title_id = 10 AND point_id IN "
                 "(SELECT id FROM points WHERE city = '嘉兴')")
    assert f"嘉兴现在没有，别的城市可借 {stock.available - here} 本" in me.tap("详情")
    me.say("借《围城》")
    me.say("到馆自取")
    me.say("1")
    assert "订单 SX" in me.tap("确认下单")  # what was promised is true
    (book,) = order_records.books(db, me.last_order().id)
    assert city_of[book["point_id"]] != "嘉兴" and city_of[me.last_order().point_id or 0] == "嘉兴"


def test_a_pick_up_point_in_another_city_may_be_chosen_and_is_said_plainly(me: Person) -> None:
    me.say("我在湖州")
    me.say("借《围城》")
    assert labels(me)[0].startswith("中心馆南门") and not [one for one in labels(me) if "云栖站" in one]
    me.tap("到别的城市取")
    me.tap("嘉兴")
    said = me.tap("嘉兴 · 云栖站")
    assert "这个取书点在嘉兴，不在湖州" in said
    assert "订单 SX" in me.tap("确认下单")
    (book,) = order_records.books(me.service.store.db, me.last_order().id)
    assert catalogue.point(me.service.store.db, book["point_id"]).city == "嘉兴"
    assert city(me) == "湖州"


def test_in_ones_own_city_nothing_is_warned_of(me: Person) -> None:
    me.say("我在湖州")
    me.say("借《围城》")
    assert "这个取书点在" not in me.tap("中心馆南门")


def test_changing_the_city_while_ordering_shows_the_ways_again(me: Person) -> None:
    me.say("借《围城》")
    said = me.say("换到嘉兴")
    assert "以后先看嘉兴" in said and "这 1 本怎么取" in said and labels(me)[0].startswith("云栖站")


def test_activities_in_ones_city_come_first(me: Person, there: Service) -> None:
    now = there.clock.now()
    with there.store.writing() as db:
        for days, code, name in ((7, "ql", "宁波的故事会"), (8, "zx", "湖州的讲座"), (9, "zy", "嘉兴的读书会")):
            starts = now + timedelta(days=days)
            point = catalogue.point_by_code(db, code).id
            plan = Plan(name=name, about="", point_id=point, place="", starts_at=starts,
                        ends_at=starts + timedelta(hours=1), sign_up_until=starts, seats=9)  # fmt: skip
            events.make(db, plan, there.policy, now)
    said = me.say("活动")
    assert said.index("宁波的故事会") < said.index("湖州的讲座") < said.index("嘉兴的读书会")
    me.say("我在嘉兴")
    said = me.say("活动")
    assert said.index("嘉兴的读书会") < said.index("【宁波】宁波的故事会") < said.index("【湖州】湖州的讲座")


def test_a_hold_may_be_fetched_anywhere_ones_city_first(me: Person, there: Service) -> None:
    with there.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = 10")
    me.say("我在嘉兴")
    me.say("预约《围城》")
    me.press(next(one.action for row in me.heard[-1].buttons for one in row if one.action.startswith("hp:")))
    assert labels(me)[0] == "望川区分馆" and "下一页" in labels(me)
    me.tap("下一页")
    assert [one for one in labels(me) if one.startswith("宁波 · ")]


# ---- sent home -------------------------------------------------------------------------------------------------------


def test_districts_of_ones_city_first_and_the_address_names_the_city(me: Person) -> None:
    me.say("我在嘉兴")
    me.say("借《围城》")
    me.tap("送到家")
    assert labels(me)[:2] == ["望川区", "竹影区"] and "听泉区" not in labels(me)
    assert "听泉区" in me.tap("在别的区")
    assert "嘉兴 竹影区" in me.say("李明 13800000000 竹影区春风路8号")
    assert "送到 李明" in me.heard[-1].text


def test_the_price_of_ones_city_stands_there_before_any_address(me: Person, there: Service) -> None:
    fees = there.policy.fees
    dear = [replace(rate, zone="jx", base_fen=900) for rate in fees.rates]
    zones = (*fees.zones, Zone("jx", "嘉兴市内", ("嘉兴",)))
    ruled(me, fees=replace(fees, zones=zones, rates=(*fees.rates, *dear)))
    me.say("借《围城》")
    assert "送到家 ¥3（还书取件 ¥3）" in labels(me)
    me.say("我在嘉兴")
    assert "送到家 ¥9（还书取件 ¥9）" in labels(me)
    me.tap("送到家")
    assert "送书 ¥9" in me.say("李明 13800000000 竹影区春风路8号")


def test_outside_all_cities_the_courier_does_not_go(me: Person) -> None:
    me.say("借《围城》")
    me.tap("送到家")
    assert "快递目前只送到湖州、嘉兴、宁波" in me.press("d:")


# ---- names that are words in titles ----------------------------------------------------------------------------------


@pytest.fixture
def peking(there: Service) -> Person:
    """Where one of the cities is 北京, which titles of ours have in their names."""
    with there.store.writing() as db:
        db.run("UPDATE points SET city = '北京', city_en = 'Beijing' WHERE city = '宁波'")
    return Person(there).trusted()


def test_a_citys_name_finds_books_and_offers_the_city(peking: Person) -> None:
    said = peking.say("北京")
    assert "《北京，北京》" in said and {"北京的网点", "以后先看北京"} <= set(labels(peking)) and city(peking) is None
    assert "晴岚区分馆" in peking.tap("北京的网点") and city(peking) is None
    peking.say("北京")
    assert "以后先看北京" in peking.tap("以后先看北京") and city(peking) == "北京"


def test_where_no_book_is_called_so_the_citys_places_are_shown(me: Person) -> None:
    assert "晴岚区分馆" in me.say("宁波") and "以后先看宁波" in labels(me) and city(me) is None


def test_a_sentence_that_begins_a_title_is_offered_as_one_too(peking: Person) -> None:
    assert "以后先看北京" in peking.say("我在北京")
    assert "《我在北京送快递》" in peking.tap("找「我在北京」")


@pytest.mark.parametrize("said", ["我在北京送快递", "《我在北京送快递》", "北京，北京", "《北京，北京》", "北京的书", "关于北京的历史"])
def test_a_title_stays_a_title(peking: Person, said: str) -> None:
    peking.say(said)
    assert city(peking) is None and "以后先看" not in peking.heard[-1].text.split("\n")[0]


@pytest.mark.parametrize("said", ["换三体", "换一本", "我在看围城", "我在家", "到馆自取", "在吗", "换到竹影", "我是新手", "我是学生"])
def test_other_words_choose_no_city(me: Person, said: str) -> None:
    me.say(said)
    assert city(me) is None


# ---- for others, in other languages, after forgetting ----------------------------------------------------------------


def test_in_english_the_city_has_its_english_name(there: Service) -> None:
    me = Person(there, language="en").trusted()
    me.say("English")
    assert "Jiaxing comes" not in me.say("which cities") and "Huzhou" in labels(me)
    assert "Jiaxing come first" in me.say("I live in Jiaxing") and city(me) == "嘉兴"
    assert "in Jiaxing" in me.say("Fortress Besieged") + me.say("围城")
    assert "Zhuying" in me.say("opening hours")


def test_the_city_is_in_the_copy_of_ones_data_and_gone_with_the_reader(me: Person, there: Service) -> None:
    me.say("我在湖州")
    held = there.store.db.one("SELECT city FROM readers WHERE id = :r", r=me.reader_id)
    assert held == {"city": "湖州"}
    reader = me.reader_id
    me.say("删除我的资料")
    me.tap("确定删除")
    assert there.store.db.value("SELECT city FROM readers WHERE id = :r", r=reader) is None


def test_a_bus_of_ones_own_city_is_told_first(me: Person, there: Service) -> None:
    with there.store.writing() as db:
        bus = catalogue.point_by_code(db, "dpc")
        store_points(db, [PointEntry("bus2", "branch", "湖州书车", branch_type="bus", stops=bus.stops, city="湖州")])
    me.say("我在湖州")
    said = me.say("大篷车什么时候来")
    assert said.index("湖州书车接下来") < said.index("宁波 · 阅读大篷车接下来")


# ---- a list of books, narrowed to what is on the shelf in a city -------------------------------------------------------


def on_shelf(me: Person, *cities: str) -> int:
    """How many titles of literature have a copy on the shelf in one of them."""
    marks = ", ".join(f"'{name}'" for name in cities)
    return int(
        me.service.store.db.value(
            "SELECT COUNT(DISTINCT c.title_id) FROM copies c JOIN points p ON p.id = c.point_id JOIN titles t "
            f"ON t.id = c.title_id WHERE p.city IN ({marks}) AND c.state = 'available' AND t.id IN "
            f"(SELECT id FROM titles WHERE {LITERATURE})"
        )
    )


def lend_out(me: Person, name: str, n: int) -> None:
    with me.service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'on_loan' WHERE id IN (SELECT c.id FROM copies c JOIN points p "
            "ON p.id = c.point_id JOIN titles t ON t.id = c.title_id WHERE p.city = :c AND t.clc LIKE 'I%' LIMIT :n)",
            c=name, n=n,
        )  # fmt: skip


def test_who_has_a_city_narrows_to_its_shelves_with_one_press(me: Person) -> None:
    me.say("我在嘉兴")
    lend_out(me, "嘉兴", 100)
    me.say("文学类")
    me.tap("筛选")
    n = on_shelf(me, "嘉兴")
    assert f"嘉兴在架的 {n}" in labels(me) and not any("湖州" in label or "城市" in label for label in labels(me))
    said = me.tap("嘉兴在架的")
    assert f"只看：嘉兴在架的（{n} 种）" in said
    me.tap("筛选")
    assert not any("在架的" in label for label in labels(me)), "it is set already"


def test_who_has_none_chooses_among_the_cities(me: Person) -> None:
    me.say("文学类")
    me.tap("筛选")
    me.tap("城市 (3)")
    counts = {name: on_shelf(me, name) for name in ("湖州", "嘉兴", "宁波")}
    assert {f"{name}在架的 {n}" for name, n in counts.items()} <= set(labels(me))
    assert f"只看：宁波在架的（{counts['宁波']} 种）" in me.tap("宁波在架的")


@pytest.mark.parametrize("said", ["只看嘉兴的", "只看嘉兴在架的", "嘉兴市的", "嘉興有的", "only Jiaxing", "只看嘉兴现在能借的"])
def test_a_city_is_asked_for_in_words(me: Person, said: str) -> None:
    me.say("文学类")
    assert f"只看：嘉兴在架的（{on_shelf(me, '嘉兴')} 种）" in me.say(said)


def test_my_city_is_ones_own(me: Person) -> None:
    me.say("我在湖州")
    me.say("文学类")
    assert "只看：湖州在架的" in me.say("只看我的城市的")


def test_a_copy_elsewhere_or_out_does_not_count_and_where_it_stands_is_said(me: Person) -> None:
    with me.service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = 1 AND point_id IN "
               "(SELECT id FROM points WHERE city = '嘉兴')")  # fmt: skip
    me.say("余华")
    said = me.say("只看嘉兴的")
    assert "只看：嘉兴在架的" in said and "《活着》\n" not in said and "区分馆" in said
    for line in said.splitlines():
        assert not line.endswith("中心馆"), "a book's line names the shelf in that city"


def test_the_filter_says_the_city_in_english(me: Person) -> None:
    me.say("English")
    me.say("文学类")
    assert "Jiaxing" in me.say("only Jiaxing")


def test_with_one_city_there_is_no_such_filter(service: Service) -> None:
    with service.store.writing() as db:
        db.run("UPDATE points SET city = '湖州' WHERE code = 'zx'")
    me = Person(service).trusted()
    me.say("文学类")
    me.tap("筛选")
    assert not any("城市" in label or "在架" in label for label in labels(me))
    assert "只看：" not in me.say("只看湖州的")
