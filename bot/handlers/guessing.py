"""猜您喜欢: only for who said yes, from what they have in hand just now, with the reason said; nothing is kept (A1-18)."""

from __future__ import annotations

from bot import alike, lookups
from bot.events import Button
from bot.handlers import lists
from bot.talk import Talk
from bot.texts import menu, rows
from lending import cart, catalogue, holds, loans, minors, readers

SEEDS = 6  # books in hand that are looked at
EACH = 4  # books guessed from one


def guess(talk: Talk) -> None:
    """ "猜我喜欢": asked once; then books like those on loan, waited for or in the cart."""
    if not talk.reader.guess_for:
        return _ask(talk)
    _, why = talk._, reasons(talk)
    stop = Button(_("不再猜了"), "guess:off")
    guessed = _guessed(talk, why)
    if not guessed:
        text = _("您手头还没有借着、等着或放在借书车里的书，我没有可以参考的。先看看这些：")
        return talk.say(text, rows(*lists.picks_door(talk), menu(_, "ranking"), stop))
    lists.show_list(talk, list(guessed), _("猜您喜欢（只看您手头的书，看完不留记录）："), notes=guessed, ways=[stop])


def reasons(talk: Talk) -> dict[int, str]:
    """The books in hand, and how each is named as the reason for a guess."""
    _, reader = talk._, talk.reader.id
    waiting = {one.title_id: _("因为您在等《{title}》", title=one.title) for one in holds.of_reader(talk.db, reader)}
    reading = {one.title_id: _("因为您正在读《{title}》", title=one.title) for one in loans.of_reader(talk.db, reader)}
    chosen = catalogue.titles(talk.db, cart.items(talk.db, reader))
    carried = {one.id: _("因为《{title}》在您的借书车里", title=one.title) for one in chosen.values()}
    return dict([*(waiting | carried | reading).items()][::-1][:SEEDS])


def _guessed(talk: Talk, why: dict[int, str]) -> dict[int, str]:
    """Books like those, in turns, each with its reason; what the reader has in hand is no guess."""
    known = catalogue.titles(talk.db, why)
    near = talk.look_up(lookups.like, EACH + SEEDS, *known)
    fitting = set(lists.suitable(talk, (one for others in near.values() for one in others)))
    works = {alike.work(one) for one in known.values()}
    found: dict[int, str] = {}
    for _turn in range(EACH):
        for seed, others in near.items():
            fresh = [one for one in others if one not in found and one in fitting]
            titles = catalogue.titles(talk.db, fresh[:SEEDS])
            new = next((one for one in titles.values() if alike.work(one) not in works), None)
            if new:
                works.add(alike.work(new))
                found[new.id] = why[seed]
    return found


def _ask(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _(
            "要我猜猜您会喜欢什么吗？您问的时候，我只看您正借着、等着和放在借书车里的书，并说明理由；"
            "不看以前借过什么，看完不留记录。随时可以关掉。"
        ),
        rows(Button(_("好，猜猜看"), "guess:on"), Button(_("不用了"), "guess:off")),
    )


def switch(talk: Talk, on: str) -> None:
    """The one yes or no that is kept."""
    wanted = on == "on"
    if wanted:
        minors.require(talk.db, talk.reader.id, "more", talk.now)
    readers.set_guessing(talk.db, talk.reader.id, wanted)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    if wanted:
        return guess(talk)
    _ = talk._
    for kept in ("list", "notes", "list_ways", "heading", "scope", "total"):
        talk.memory.pop(kept, None)
    talk.say(
        _("好，不猜了，也没有留下什么。想换个看法，可以看看这些："),
        rows(*lists.picks_door(talk), menu(_, "ranking")),
    )
