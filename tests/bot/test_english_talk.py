"""Long talks in English, as visitors have them: each line is said after the one before."""

from __future__ import annotations

import pytest

from bot.service import Service
from bot.texts import Words
from bot.understanding import understand, without_courtesies
from tests.talking import Person, advance, pass_time


def said(me: Person, *pairs: tuple[str, str]) -> None:
    for words, answered in pairs:
        answer = me.say(words)
        assert answered in answer, (words, answer)


def test_choosing_and_choosing_again(me: Person) -> None:
    said(
        me,
        ("English", "Hello"),
        ("is there a book by lu xun", "“lu xun”: 4 titles"),
        ("the second", "狂人日记"),
        ("not that one", "“lu xun”: 4 titles"),
        ("the first", "阿Q正传"),
        ("who wrote it", "鲁迅"),
        ("no, the second", "狂人日记"),
        ("hm ok leave it as it is", "we leave it there"),
    )


def test_from_the_locker_and_back(me: Person, service: Service) -> None:
    me.trusted()
    said(
        me,
        ("English", "Hello"),
        ("the great gatsby", "《The Great Gatsby》"),
        ("borrow 1", "is in your cart"),
        ("the second", "Please confirm"),
        ("yes go ahead", "We have your order"),
        ("is it on its way yet", "Approved"),
    )
    advance(service, me.last_order(), "pick", "pack", "load")
    pass_time(service, hours=1)
    me.listen()
    said(me, ("what was the code again", "Pick-up code"), ("nothing there", "will not expire"))
    advance(service, me.last_order(), "collect")
    said(
        me,
        ("when is it due", "due Wed 30 Dec"),
        ("can I bring it back somewhere else", "No need to go back where you got them"),
        ("i'd like to keep it longer", "renewed until"),
    )


WISHES = (
    "{}", "could you please help me {}", "I'd like to {}", "is it possible to {}", "would it be possible to {}",
    "I was wondering if I could {}", "I was hoping to {}", "am I able to {}", "I'm trying to {}", "is there a way to {}",
    "is there any way I can {}", "I wonder whether I might {}", "sorry to bother you but can I {}", "any chance i could {}",
    "do you mind if i {}", "Good morning! I'd like to {}, please.", "would like to {}", "i gotta {}", "i'm gonna {}",
    "hello, could I possibly {}", "is it okay to {}", "I think I should {}", "i'm looking to {}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "intent"),
    [
        ("renew my book", "renew"),
        ("return this book", "return_books"),
        ("see my loans", "show_loans"),
        ("check my order", "show_orders"),
        ("report a lost book", "report_lost"),
        ("pass this book on to a friend", "transfer"),
        ("see your new books", "new_books"),
        ("borrow this book", "borrow"),
    ],
)
def test_a_wish_is_the_same_however_politely_it_is_put(wish: str, intent: str) -> None:
    assert [asked for asked in WISHES if understand(asked.format(wish)).name != intent] == []


def test_courtesies_are_taken_off_english_alone() -> None:
    assert without_courtesies("hello, could you please renew it? thanks!") == "renew it"
    assert without_courtesies("麻烦帮我续借") == "麻烦帮我续借"


@pytest.mark.parametrize(
    ("said_so", "found"),
    [
        ("To Live by Yu Hua", "《活着》"),
        ("Do you have 1984 by George Orwell?", "《1984》"),
        ("have you got Fortress Besieged in stock", "《围城》"),
        ("Yu Hua's To Live", "《活着》"),
        ("Norwegian Wood please", "《挪威的森林》"),
        ("Would you happen to have The Three-Body Problem?", "《三体》"),
        ("I was hoping to read Fortress Besieged", "《围城》"),
        ("I'd like to read The Great Gatsby in English", "《The Great Gatsby》"),
    ],
)
def test_a_book_is_found_with_its_author_and_courtesies(me: Person, said_so: str, found: str) -> None:
    me.say("English")
    assert found in me.say(said_so).split("2. ")[0]


@pytest.mark.parametrize(
    ("words", "answered"),
    [
        ("to my flat please", "Which district?"),
        ("just post it to my apartment", "Which district?"),
        ("home delivery sounds good", "Which district?"),
        ("the one at Yunqi Station", "Getting it: Book locker, Yunqi Station"),
        ("I'll collect it from the library", "Which branch suits you?"),
        ("the first option", "Please confirm"),
        ("central library locker please", "Getting it: Book locker, Central Library"),
        ("which one is the cheapest?", "brought home ¥3"),
    ],
)
def test_a_way_is_chosen_in_ones_own_words(me: Person, words: str, answered: str) -> None:
    me.trusted()
    said(me, ("English", "Hello"), ("To Live", "《活着》"), ("borrow 1", "How would you like to get this book?"), (words, answered))


def test_an_address_in_english_order_keeps_the_name_apart(me: Person) -> None:
    me.trusted()
    said(
        me,
        ("English", "Hello"),
        ("7 Wenlan Avenue, Tingquan District, John Smith, 13900002222", "Noted: John Smith 13900002222 听泉区 7 Wenlan Avenue"),
    )


def test_what_else_an_english_reader_asks_for(me: Person) -> None:
    me.trusted()
    said(
        me,
        ("English", "Hello"),
        ("To Live", "《活着》"),
        ("save it for later", "is saved for later"),
        ("what's on my temporary shelf?", "Saved for later, 1 book"),
        ("what do other people think of it", "《活着》"),
        ("could you let me know when you get new books by Yu Hua please", "when new books come"),
        ("I use Telegram too, can I link my account", "Send this link code"),
        ("could you please add my due dates to my Google calendar?", "are all in this calendar"),
        ("what do you do with my personal information", "Privacy:"),
        ("add my son to my family", "What do you call the child"),
        ("can my husband pick up my books?", "what may they do for you?"),
        ("can my wife use my account?", "what may they do for you?"),
        ("you should get more English books", "Which book shall we buy?"),
        ("my friend wants to borrow it after me", "To hand a book to a friend"),
        ("I'd like to suggest a book for you to purchase", "Which book shall we buy?"),
        ("cheers mate", "come"),
    )


def test_what_is_put_by_in_chinese_goes_on_the_shelf_too(me: Person) -> None:
    said(me, ("活着", "《活着》"), ("收藏第1本", "放到暂存架了"))


def test_places_are_named_in_the_readers_own_script(me: Person) -> None:
    me.trusted()
    said(me, ("繁體", "您好"), ("圍城", "晴嵐區分館"), ("借第1本", "怎麼取"))
    assert me.tap("雲棲站").count("站前路") == 1
    said(me, ("雲棲站在哪裡", "雲棲站智慧借書櫃"), ("還書", "中心館南門智慧借書櫃"))


def test_big_sums_are_parted_in_english_alone() -> None:
    assert [Words("en").money(1_000_000), Words("en").money(350)] == ["¥10,000", "¥3.50"]
    assert Words("zh_Hans").money(1_000_000) == "¥10000"


def test_a_parcel_that_came_is_said_in_few_words(me: Person, service: Service) -> None:
    me.trusted()
    said(
        me,
        ("English", "Hello"),
        ("it arrived", "We found nothing"),
        ("To Live", "《活着》"),
        ("borrow 1", "How would you like"),
        ("John Smith, 13900002222, 7 Wenlan Avenue, Tingquan District", "Noted: John Smith"),
        ("to my home", "Please confirm"),
        ("yes", "We have your order"),
    )
    advance(service, me.last_order(), "pick", "pack", "ship")
    me.listen()
    said(me, ("it arrived", "Good, you have 《活着》"))


def test_who_wrote_it_is_listed_as_the_names_are_written(me: Person) -> None:
    said(me, ("Metaphors We Live By", "George Lakoff, Mark Johnson"), ("红楼梦", "曹雪芹、高鹗"))


def test_what_is_asked_for_a_child_or_of_a_book_that_is_out(me: Person) -> None:
    assert understand("can I reserve a book that's out?").name == "hold"
    assert understand("find something for a 6 year old").name == "browse"


@pytest.mark.parametrize("said_so", ["i might renew", "i was going to renew", "i was about to renew it", "i might need to renew it"])
def test_a_perhaps_renews_nothing(me: Person, service: Service, said_so: str) -> None:
    me.trusted()
    said(me, ("English", "Hello"), ("To Live", "《活着》"), ("borrow 1", "is in your cart"), ("the second", "Please confirm"), ("yes", "your order"))
    said(me, (said_so.replace("renew it", "cancel it").replace("renew", "cancel"), "nothing has been changed"))
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    me.listen()
    said(me, (said_so, "nothing has been changed"), ("my loans", "due Wed 30 Dec"), ("renew", "renewed until"))


def test_a_question_is_no_address(me: Person, service: Service) -> None:
    """While the courier's address is asked for, an English question was kept as the recipient's name."""
    me.trusted()
    said(me, ("English", "Hello"), ("To Live", "《活着》"), ("borrow 1", "is in your cart"))
    for question in ("what can she do in my name", "are kids welcome", "sorry, can't make it any more", "no wait", "what is this for"):
        me.tap("To my home")
        assert "Noted" not in me.say(question), question
    me.tap("To my home")
    said(me, ("John Smith, 13900002222, the address is 7 Wenlan Avenue, Tingquan District", "Delivered to John Smith 13900002222"))


def test_what_was_answered_beside_the_point(me: Person) -> None:
    me.trusted()
    said(
        me,
        ("English", "Hello"),
        ("my daughter is 8, can she borrow too", "Under 18"),
        ("could you buy Gone Girl", "your suggestion: 《Gone Girl》"),
        ("could you buy some more english books", "Which book shall we buy?"),
        ("never mind", "we leave it there"),
        ("has anyone looked at my suggestion", "“Gone Girl”: received"),
        ("never mind", "we leave it there"),
        ("put me on the waiting list for Fortress Besieged", "《围城》 can be borrowed now"),
        ("let me know when Mo Yan has something new", "when new books come for “mo yan”"),
        ("can my friend return it for me", "Anyone may bring them back"),
        ("how do i get rid of the overdue", "return it first"),
        ("can i just buy another copy instead", "bring the same book"),
        ("do i have to show my ID", "no card"),
        ("i'm not from here, can i still join", "Getting started"),
        ("i've got it, thanks", "You are welcome"),
        ("i think i left the book on the bus", "no such book on loan"),
        ("delete everything about me", "Delete?"),
        ("no wait", "take your time"),
        ("anything by Ch'ien Chung-shu?", "《围城》"),
        ("Lu Hsün", "《阿Q正传》"),
    )


def test_one_sentence_does_not_run_into_the_next(me: Person) -> None:
    said(me, ("English", "Hello"), ("can you keep my books longer, i can't come before friday", "right now. Ready within"))
    assert Words("en").together("One.", "Two.") == "One. Two." and Words("zh_Hant").together("一。", "二。") == "一。二。"


def test_in_the_words_of_taiwan(me: Person, service: Service) -> None:
    me.trusted()
    said(
        me,
        ("繁體中文", "您好"),
        ("活著", "《活着》"), ("借第1本", "放進借書車"), ("雲棲站", "請確認"), ("確認下單", "收到了"),
    )  # fmt: skip
    advance(service, me.last_order(), "pick", "pack", "load")
    pass_time(service, hours=1)
    me.listen()
    said(me, ("櫃子說取件碼不對", "雲棲站智慧借書櫃的門"))
    advance(service, me.last_order(), "collect")
    me.listen()
    said(
        me,
        ("我可能會續借", "什麼都沒動"), ("一定要本人去續借嗎", "什麼都沒動"), ("我的借閱", "12月30日（週三） 到期"),
        ("我想把媽媽加進來", "媽媽可以替您做什麼"), ("算了", "先放下"), ("可以到府收書嗎", "請快遞上門"), ("算了", "先放下"),
        ("誰看過我的個資", "還沒有館員看過"), ("匯出我的資料", "我們保存的您的資料"), ("借閱紀錄會保留多久", "說過的話留 30 天"),
        ("幫我候補三體", "不用預約"), ("我推薦的書有下文嗎", "每一步都告訴您"),
    )  # fmt: skip


def test_a_neighbourhood_keeps_its_name_in_traditional_characters() -> None:
    _ = Words("zh_Hant")
    assert _.called("莲塘街道荷风里 12 号", "") == "蓮塘街道荷風里 12 號" and _.called("馆里", "") == "館裡"


def test_consent_is_taken_back_in_words(me: Person) -> None:
    """The talk promises that it can be at any time; only a button below 我的信用 did it."""
    said(me, ("English", "Hello"), ("i'd like to withdraw my consent", "no consent to take back"))
    said(me, ("繁體中文", "您好"), ("我想撤回信用授權", "現在沒有可以撤回的同意"), ("撤回同意", "現在沒有可以撤回的同意"))


@pytest.mark.parametrize(
    ("words", "answered"),
    [
        ("new books from the bookshop", "bookshop"), ("my own books", "no drifting books"), ("share my own book with others", "drift"), ("did i win", "money for free delivery"),
        ("enter the draw", "money for free delivery"), ("when is the next draw", "money for free delivery"), ("the result of the last draw", "draw"),
        ("card for the kiosk", "at a kiosk"), ("the door stayed shut", "no books waiting in a locker"), ("book a time to collect my books", "you can book a time"),
        ("pause my hold for two weeks", "No holds now"), ("i have a suggestion", "number RG"), ("suggestion box", "number RG"), ("my suggestions", "suggest"), ("my cases", "No books on loan"),
    ],
)  # fmt: skip
def test_what_can_be_said_in_chinese_can_be_said_in_english(me: Person, words: str, answered: str) -> None:
    """A1-23, A2-4, A2-27, A10-6, D 28, D 30: each has its Chinese words in docs/circulation.md."""
    said(me, ("English", "Hello"), (words, answered))


def test_what_is_no_removal_and_no_cancelling(me: Person) -> None:
    me.trusted()
    said(
        me,
        ("English", "Hello"),
        ("The Dream of the Red Chamber", "《红楼梦》"),
        ("borrow 1", "is in your cart"),
        ("could a colleague of mine take it over", "hand"),
        ("could i add another book to that order", "Nothing is ordered yet"),
        ("my cart", "Your cart holds 1 book"),
        ("remove it", "your cart is empty now"),
        ("is the library open on sunday morning", "Opening hours on Sun 22 Nov"),
        ("Strange Tales from a Chinese Studio", "《聊斋志异》"),
        ("borrow 1", "is in your cart"),
    )
    me.tap("Branch")
    said(me, ("the central one", "Getting it: Yunqi City Library, Central Library"), ("繁體中文", "以後說繁體中文"))
    me.tap("換個方式")
    me.tap("到館自取")
    said(me, ("總館", "取書：雲棲市圖書館中心館"), ("我要客訴", "已為您轉接館員"))


def test_the_way_without_a_check_can_be_written_out(me: Person) -> None:
    """Its label says no, which is no refusal of it (A7-8)."""
    said(
        me,
        ("English", "Hello"),
        ("the great gatsby", "《The Great Gatsby》"),
        ("borrow 1", "is in your cart"),
        ("the second", "To borrow for the first time"),
        ("No check, first 2 books", "All right, no check. You can borrow 2 books"),
    )
