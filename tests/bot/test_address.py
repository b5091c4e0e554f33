"""A reader's address in one message: name, number and place in any order, in Chinese or English (A4-11, C5-8)."""

from __future__ import annotations

import pytest

from bot.service import Service
from bot.texts import Words
from tests.talking import Person

WRITTEN = {
    "李明 13800000000 春风路8号3单元201": ("李明", "春风路8号3单元201"),
    "春风路8号3单元201 李明 13800000000": ("李明", "春风路8号3单元201"),
    "李明，13800000000，春风路8号，3单元201": ("李明", "春风路8号 3单元201"),
    "李明 13800000000 春风路8号，3单元201": ("李明", "春风路8号 3单元201"),
    "李明\n13800000000\n春风路8号 3单元201": ("李明", "春风路8号 3单元201"),
    "听泉区 李明 13800000000 春风路8号": ("李明", "春风路8号"),
    "听泉区 欧阳小明 春风路8号 13800000000": ("欧阳小明", "春风路8号"),
    "听泉区，李明，13800000000，春风路8号": ("李明", "春风路8号"),
    "我住在春风路8号3单元201，我叫李桂兰，我儿子电话是13800000000": ("李桂兰", "春风路8号3单元201"),
    "春风路8号3单元201室 王德福收 电话13800000000": ("王德福", "春风路8号3单元201室"),
    "收件人：李明，手机号：13800000000，地址：春风路8号": ("李明", "春风路8号"),
    "姓名李明\n电话13800000000\n地址春风路8号": ("李明", "春风路8号"),
    "I live at 8 Chunfeng Road. My name is John Smith, 13800000000": ("John Smith", "8 Chunfeng Road"),
    "Name: Ann Lee, phone: 13800000000, address: 8 Chunfeng Road": ("Ann Lee", "8 Chunfeng Road"),
    "李明 138-0000-0000 春风路8号3单元201": ("李明", "春风路8号3单元201"),
    "李明 138 0000 0000 春风路8号3-1301": ("李明", "春风路8号3-1301"),
    "李明，+86 13800000000，春风路8号": ("李明", "春风路8号"),
    "李明+86 138-0000-0000春风路8号": ("李明", "春风路8号"),
    "收货人: 李明\n手机号码: 13800000000\n所在地区: 听泉区\n详细地址: 春风路8号3单元201": ("李明", "春风路8号3单元201"),
    "我姓李，送到春风路8号就行，电话13800000000": ("李", "春风路8号"),
    "春风路8号（近地铁站）李明收 13800000000": ("李明", "春风路8号（近地铁站）"),
    "春风路 8 号 3 单元 201 室 李明 13800000000": ("李明", "春风路 8号 3单元 201室"),
    "13800000000 春风路 8 号李明收": ("李明", "春风路 8号"),
    "Li Ming, 13800000000, Room 201, 8 Chunfeng Road": ("Li Ming", "Room 201 8 Chunfeng Road"),
    "Christopher Smith 13800000000 Room 201, 8 Chunfeng Road": ("Christopher Smith", "Room 201 8 Chunfeng Road"),
}


def asked_for_the_address(service: Service) -> Person:
    me = Person(service).trusted()
    me.say("围城")
    for label in ("借这本", "送到家", "听泉区"):
        me.tap(label)
    return me


@pytest.mark.parametrize("text", WRITTEN)
def test_name_and_place_are_told_apart(service: Service, text: str) -> None:
    name, place = WRITTEN[text]
    assert f"记下了：{name} 13800000000 听泉区 {place}\n" in asked_for_the_address(service).say(text) + "\n"


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_the_example_we_give_is_one_we_understand(service: Service, language: str) -> None:
    """What stands in the quotation marks of the question can be sent as it is."""
    words = Words(language)
    asked = words(
        "地址还差一点：请写上收件人、手机号和详细地址，例如「李明 13800000000 春风路8号3单元201」，分几条发也行。"
    )
    example = asked.split("「" if language != "en" else "“")[1].split("」" if language != "en" else "”")[0]
    said = asked_for_the_address(service).say(example)
    assert "记下了：李明 " in said or "记下了：Li Ming " in said


def test_an_address_kept_from_other_rules_is_asked_for_anew_and_stops_nothing_else(service: Service) -> None:
    """A4-11: the library has changed its rules, and the zone it kept is none of theirs."""
    me = asked_for_the_address(service)
    me.say("李明 13800000000 春风路8号")
    with service.store.writing() as db:
        db.run("UPDATE readers SET zone = 'province'")
    assert "怎么取" in me.say("借《三体》")
    assert "哪个区" in me.tap("送到家")
    me.say("听泉区")
    assert "请确认" in me.say("李明 13800000000 春风路8号")


@pytest.mark.parametrize("text", ["我住听泉区春风路8号，我叫李桂兰，电话13800000000", "听泉区春风路8号 李桂兰收 13800000000"])
def test_an_address_nobody_has_asked_for_yet_is_an_address_and_no_book(service: Service, text: str) -> None:
    me = Person(service).trusted()
    me.say("借《围城》")
    assert "记下了：李桂兰 13800000000 听泉区" in me.say(text)
    assert "《围城》" in me.tap("借书车"), "and there is a way on"


def test_the_books_that_are_wanted_are_no_name(service: Service) -> None:
    me = Person(service).trusted()
    assert "记下了：李明 13800000000 听泉区春风路8号" in me.say("我要借三体和围城，送到听泉区春风路8号李明13800000000")


PIECES = {  # what is sent, and what is still missing after it
    "the usual order": (("李小明", "手机号、详细地址"), ("13800001234", "详细地址"), ("春风路12号3单元501", "")),
    "the place first": (("春风路12号3单元501", "收件人、手机号"), ("手机号13800001234", "收件人"), ("李小明", "")),
    "with labels": (("收件人：李小明", "手机号、详细地址"), ("电话是138-0000-1234", "详细地址"), ("地址：春风路12号", "")),
    "said as one talks": (("我叫李小明", "手机号、详细地址"), ("我住春风路12号", "手机号"), ("13800001234", "")),
    "two and one": (("李小明 13800001234", "详细地址"), ("春风路12号3单元501", "")),
    "an uncommon name": (("13800001234 春风路12号", "收件人"), ("乜小明", "")),
    "a word for the door": (("春风路8号 放门卫", "收件人、手机号"), ("老王 13800001234", "")),
    "a school": (("就送到春风中学门口吧", "收件人、手机号"), ("不对", "收件人、手机号"), ("王老师 13800001234", "")),
    "in English": (("Tom Baker", "手机号、详细地址"), ("13800001234", "详细地址"), ("Room 501, 12 Chunfeng Road", "")),
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=list(PIECES))
def test_an_address_may_come_piece_by_piece(service: Service, pieces: tuple[tuple[str, str], ...]) -> None:
    """A4-11: as people write in chats, a line for each; nothing has to be said twice."""
    me = asked_for_the_address(service)
    for text, missing in pieces:
        said = me.say(text)
        if missing:
            assert f"还差：{missing}" in said and "没找到" not in said
    assert "记下了：" in said and " 13800001234 听泉区 " in said and "请确认" in said


def test_the_pieces_may_come_before_the_district_is_chosen(service: Service) -> None:
    me = Person(service).trusted()
    me.say("借《围城》")
    me.tap("送到家")
    assert "记下了：李小明。送到哪个区" in me.say("李小明")
    assert "记下了：李小明、13800001234。送到哪个区" in me.say("13800001234")
    assert "还差：详细地址" in me.tap("听泉区")
    assert "记下了：李小明 13800001234 听泉区 春风路12号" in me.say("春风路12号")


@pytest.mark.parametrize("text", ["我想看3本", "电话"])
def test_what_tells_nothing_of_an_address_is_not_said_to_be_noted(service: Service, text: str) -> None:
    me = asked_for_the_address(service)
    me.say("换地址")
    for said in (me.say(text), me.say(f"{text}，听泉区"), me.say(text)):
        assert "记下了：。" not in said and "Noted: ." not in said


def test_what_is_written_again_is_a_correction(service: Service) -> None:
    me = asked_for_the_address(service)
    me.say("李小明")
    me.say("13800001234")
    assert "记下了：李小明、13900001234" in me.say("13900001234")
    assert "记下了：李大明、13900001234" in me.say("收件人李大明")
    assert "李大明 13900001234 听泉区 春风路12号" in me.say("春风路12号")


def test_the_telephones_own_button_is_one_of_the_pieces(service: Service) -> None:
    me = asked_for_the_address(service)
    me.say("李小明")
    me.send(me.event(phone="13800001234"))
    assert "还差：详细地址" in me.listen()
    assert "李小明 13800001234 听泉区 春风路12号" in me.say("春风路12号")


@pytest.mark.parametrize(("text", "found"), [("活着", "余华"), ("我想看三体", "刘慈欣")])
def test_a_book_named_between_the_pieces_is_looked_for(service: Service, text: str, found: str) -> None:
    me = asked_for_the_address(service)
    me.say("李小明")
    assert found in me.say(text)


def test_a_new_address_alone_goes_to_the_same_person(service: Service) -> None:
    me = asked_for_the_address(service)
    me.say("李小明 13800001234 春风路12号")
    me.tap("换地址")
    me.tap("竹影区")
    assert "记下了：李小明 13800001234 竹影区 竹溪街9号" in me.say("竹溪街9号")


def test_words_that_are_no_address_are_told_so_and_keep_the_pieces(service: Service) -> None:
    me = asked_for_the_address(service)
    me.say("李小明")
    assert "记下了：李小明。还差：手机号、详细地址" in me.say("嗯呐呐呐呐呐")
    assert "还差：详细地址" in me.say("13800001234")


def test_a_number_alone_is_asked_for_the_rest_and_becomes_no_wish(service: Service) -> None:
    me = Person(service).trusted()
    assert "送到哪个区" in me.say("我的电话是13800000000")
    me.say("算了")
    me.say("13800000000")
    assert "荐购收到" not in me.press("i:suggest_purchase")
    me.say("算了")
    me.say("转人工")
    assert "馆员看得到" in me.say("我的电话是13800000000"), "that is told to the librarian"


@pytest.mark.parametrize("text", ["可以不写电话吗", "地址会不会保密啊", "书架上找不到了怎么办"])
def test_a_question_is_answered_while_an_address_is_asked_for(service: Service, text: str) -> None:
    me = asked_for_the_address(service)
    said = me.say(text)
    assert "地址还差一点" not in said and "想找什么书" not in said
    assert "记下了：李明 " in me.say("李明 13800000000 春风路8号"), "and the address is still waited for"
