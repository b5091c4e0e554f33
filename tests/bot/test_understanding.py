"""What readers write is understood (F-1 to F-19): commands in three languages and their own words, and book titles stay
searches however much they sound like commands."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.folding import LONGEST, clean, fold
from bot.numbers import to_int
from bot.phrasebook import phrasebook
from bot.understanding import COMMANDS, INTENTS, Intent, understand

HERE = Path(__file__).parent
SAID = [line.split("\t") for line in (HERE / "utterances.tsv").read_text(encoding="utf-8").splitlines()]
TITLES = (HERE / "titles.txt").read_text(encoding="utf-8").splitlines()
NUMBER_SLOTS = {"n", "days"}


@pytest.mark.parametrize(("text", "intent", "slots"), SAID, ids=[line[0] for line in SAID])
def test_what_a_reader_says_is_understood(text: str, intent: str, slots: str) -> None:
    assert understand(text) == Intent(intent, json.loads(slots))


def test_every_intent_is_in_the_corpus() -> None:
    counted = Counter(line[1] for line in SAID)
    assert set(counted) == set(INTENTS)
    assert min(counted.values()) >= 5


@pytest.mark.parametrize("title", TITLES)
def test_a_bare_title_is_searched_as_it_stands(title: str) -> None:
    assert understand(title) == Intent("search", {"query": title})


@pytest.mark.parametrize("title", [*TITLES, "谢谢", "帮助", "取消", "2", "人工", "退出", "新书", "Yes", "more"])
def test_book_marks_make_anything_a_search(title: str) -> None:
    assert understand(f"《{title}》") == Intent("search", {"query": title})


@pytest.mark.parametrize("title", [line for line in TITLES if len(line) > 2 and not set("，。…？：、") & set(line)])
def test_a_marked_title_is_borrowed_whole(title: str) -> None:
    assert understand(f"我想借《{title}》") == Intent("borrow", {"title": title})
    assert understand(f"续借《{title}》") == Intent("renew", {"title": title})
    assert understand(f"有《{title}》吗？").name == "search"


@given(st.text())
@settings(max_examples=400)
def test_no_text_makes_it_raise(text: str) -> None:
    intent = understand(text)
    assert intent.name in INTENTS
    for slot, value in intent.slots.items():
        assert isinstance(value, int if slot in NUMBER_SLOTS else str)


PIECES = [
    *'借还我要的第二本《》「」“”"，。？吗 /@#2②９',
    "续借",
    "预约",
    "图书馆",
    "附近",
    "有没有",
    "please ",
    "book ",
    "\u202e",
    "\ud800",
    "👍",
    "\x00",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(max_examples=600)
def test_no_mixture_of_our_own_words_makes_it_raise(text: str) -> None:
    assert understand(text).name in INTENTS


@given(st.text(max_size=300))
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    said = clean(text)
    assert len(fold(said)) == len(said) <= LONGEST


LONG = [
    "a",
    "我",
    "2",
    "，",
    "《",
    "《》",
    "我要",
    "请问",
    "第二本",
    "吗",
    " ",
    "please ",
    "谢谢",
    "/",
    "的书",
    "提前5天",
    "\n",
    "\x00",
    "續",
    "借《",
    '"',
    "有没有",
]


@pytest.mark.parametrize("piece", LONG)
@pytest.mark.parametrize(
    "around", ["{}", "续借{}了吗", "有没有{}的书吗", "do you have {}?", "把《{}还了", "在{}附近的图书馆"]
)
def test_nothing_long_makes_it_slow(piece: str, around: str) -> None:
    text = around.format(piece * (1_000_000 // len(piece)))
    begun = time.process_time()
    understand(text)
    assert time.process_time() - begun < 0.5


def test_it_is_fast_enough_to_ask_before_every_answer() -> None:
    texts = [line[0] for line in SAID] + TITLES
    begun = time.process_time()
    for text in texts:
        understand(text)
    assert (time.process_time() - begun) / len(texts) < 0.0015  # about 0.1 ms; a busy machine is allowed for


@pytest.mark.parametrize("text", ["", "   ", "？？？", "😀😀", "\x00\x01", "\u202e\u202d", "\ud800", "……", "。", "/"])
def test_what_holds_nothing_to_search_is_unknown(text: str) -> None:
    assert understand(text) == Intent("unknown")


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"search", "rules"}))
def test_commands_of_the_menu_are_known_with_and_without_the_name_of_the_bot(command: str) -> None:
    assert understand(f"/{command}") == understand(f"/{command}@ShuxinBot") == Intent(COMMANDS[command])


def test_every_number_up_to_99_is_a_choice_in_figures_and_in_chinese() -> None:
    tens = ["", "十", *(f"{digit}十" for digit in "二三四五六七八九")]
    for n in range(1, 100):
        chinese = tens[n // 10] + ("一二三四五六七八九"[n % 10 - 1] if n % 10 else "")
        assert to_int(chinese) == n
        for text in (str(n), f"第{n}本", chinese, f"第{chinese}个", f"选{chinese}"):
            assert understand(text) == Intent("choose", {"n": n}), text
        assert understand(f"借第{chinese}本") == Intent("borrow", {"n": n})


@pytest.mark.parametrize("text", ["0", "100", "2000", "第一百本", "第100回"])
def test_a_number_that_names_no_book_of_a_list_is_searched(text: str) -> None:
    assert understand(text) == Intent("search", {"query": text})


@pytest.mark.parametrize("n", [0, 100, 999])
def test_a_book_of_a_list_is_meant_even_where_no_list_is_so_long(n: int) -> None:
    assert understand(f"第{n}本") == Intent("choose", {"n": n})
    assert understand(f"借第{n}本") == Intent("borrow", {"n": n})


def test_courtesies_before_and_after_change_nothing() -> None:
    for before in ("", "请问", "你好，", "麻烦帮我", "我想", "可以", "我要"):
        for after in ("", "吗", "，谢谢", "一下", "吧！", "呢？"):
            assert understand(f"{before}续借{after}").name == "renew", (before, after)
            assert understand(f"{before}借第2本{after}") == Intent("borrow", {"n": 2}), (before, after)


def test_the_phrasebook_names_known_intents_only() -> None:
    rules = phrasebook().rules + phrasebook().wrappers
    heard = {entry.intent for entries in phrasebook().heard.values() for entry in entries}
    assert {rule.intent for rule in rules} | heard <= set(INTENTS)
    assert {rule.intent for rule in rules} == set(INTENTS) - {"unknown"}


@pytest.mark.parametrize(
    ("said", "name"),
    [("谢谢🌹", "thanks"), ("好的👌", "confirm"), ("OK👌🏻", "confirm"), ("续借🙏", "renew"), ("👍", "confirm"), ("三体👽", "search"),
     ("👌🏻", "confirm"), ("✅", "confirm"), ("🙆‍♀️", "confirm"), ("👍👍👍", "confirm"), ("✔️", "confirm"), ("👎", "deny"),
     ("❌", "deny"), ("🙅🏽‍♂️", "deny"), ("👍👎", "unknown"), ("👍😀", "unknown"), ("♀", "unknown"), ("🏻", "unknown")],
)
def test_a_picture_at_the_end_says_nothing_else_and_a_sign_alone_is_a_yes_or_no(said: str, name: str) -> None:
    assert understand(said).name == name


@pytest.mark.parametrize(
    "said", ["怎么还没到啊都四天了", "怎么还没发货", "怎么还不到啊", "怎么还没人联系我", "怎么还提醒我", "怎么还没退钱"]
)
def test_still_not_is_no_giving_back(said: str) -> None:
    """ "怎么还" is how to return, and also why still."""
    assert understand(said).name != "return_books"


@pytest.mark.parametrize("said", ["怎么还", "要怎么还呢", "在哪怎么还", "怎么还书", "书看完了怎么还"])
def test_how_to_give_back(said: str) -> None:
    assert understand(said).name == "return_books"
