"""Long talks in English, as visitors have them: each line is said after the one before."""

from __future__ import annotations

from bot.service import Service
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
