"""What stands there is chosen, agreed to, refused or left for a moment. What the words press is returned."""

from __future__ import annotations

import re

from bot import acting, offered
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import asking, discovering, finding, getting, greeting, lists
from bot.numbers import FROM_END_EN, ORDINAL, nth
from bot.talk import Talk
from bot.texts import menu, rows

MOST = 9  # buttons that are shown again
COUNTED = re.compile(rf"第|[本个种册部]|{ORDINAL}|{FROM_END_EN}")  # "the second", and not the number of a button
A_BOOK = re.compile("(?:第.{1,3}|最.{1,4}|中间.{0,3})[本册]")  # no answer is counted so
THIS_ONE = re.compile("这一?本|它")
WAIT, ANY = "等等", "随便"  # what phrases.toml makes of a moment asked for, and of a choice left to us
NO_YES = re.compile(  # asked back, refused, or only heard: 确认吗, 不确认, 知道了
    r"(?:吗|么|(?<![嗯的好对])呢|了没有?|\?)[ ?]*$|(?:^|[,.。~ ])(?:我|先|还|暂时|都|可|嗯)*(?:不(?!错|好意思|后悔|客气)|没(?!有?[问意]|[错毛事])|别|未)"
    r"|^(?:我|哦|嗯|好的?)*(?:收到|知道|明白|了解)了?[.!~]*$|^(?:ok |okay )?got it[.!]*$|^对了"
)
OF_AN_ORDER = ("w", "wc", "d", "dc", "ok", "credit", "young")  # what is asked while one is made: to be chosen, not nodded at
ONWARD = ("goon",)  # a button that only goes on with what the reader had begun


def standing(talk: Talk) -> list[tuple[str, str]]:
    """What was offered last: actions with their labels."""
    return [(action, label) for action, label in talk.memory.get("choices", [])]


def stood(talk: Talk) -> list[tuple[str, str]]:
    """What there was to choose from before something else was asked."""
    return [(action, label) for action, label in talk.memory.get("stood", [])]


def choose(talk: Talk) -> str:
    """"2": the press of the second of what was offered last; '' where there is none, and that is said.

    "The second" counts along books, places or what else is alike, if need be those that stood there before: a menu
    that follows an answer is none of these, and nothing is done by counting along it. Of what stood before nothing is
    done either: 第一个 after the opening hours is no consent (A3-33).
    """
    if talk.slot("query") == ANY:
        return _choose_any(talk)
    _, choices, n = talk._, standing(talk), talk.number() or 0
    counted = bool(COUNTED.search(fold(talk.event.text)))
    before = [one for one in offered.alike(stood(talk)) if offered.kind(one[0]) not in offered.DOES]
    groups = [_in_the_cart(choices) or offered.alike(choices), before] if counted else [choices]
    if A_BOOK.search(fold(talk.event.text)):
        groups = [group if any("《" in label for _action, label in group) else [] for group in groups]
    if fitting := next(filter(None, (nth(group, n) for group in groups)), None):
        return fitting[0]
    if n < 0:
        which(talk) if choices else finding.which(talk)
        return ""
    if talk.memory.get("list") and any(offered.kind(action) == "t" for action, _label in choices):
        finding.no_such(talk, n)
        return ""
    if counted and choices and not groups[0]:
        which(talk)
        return ""
    shown = again(choices) or [menu(_, "help"), menu(_, "escalate")]
    talk.say(_("没有第 {n} 个。再看看上面的号码，或直接说想要什么。", n=n), rows(*shown))
    return ""


def which(talk: Talk) -> None:
    """What stands there, to be pressed or named."""
    talk.say(talk._("是哪一个呢？请点一下，或直接说想要什么："), rows(*again(standing(talk))))


def _in_the_cart(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The books of the cart on show: counted along, one is looked at, not taken out."""
    taken_out = [(action, label) for action, label in choices if offered.kind(action) == "out"]
    return [(action.removesuffix(offered.bare(action)) + offered.bare(action).replace("out:", "t:"), label) for action, label in taken_out]


def _choose_any(talk: Talk) -> str:
    """"随便": the first book or place that stands there; what binds or costs is never chosen for a reader."""
    _, choices = talk._, standing(talk)
    harmless = [action for action, _label in choices if offered.kind(action) in offered.ALIKE]
    if harmless:
        return harmless[0]
    if choices:
        talk.say(_("这个要您来定。请选一个："), rows(*again(choices)))
    else:
        discovering.never_borrowed(talk)
    return ""


def confirm(talk: Talk) -> str:
    """"确认": the press of the one thing that waits for a yes, or of going on where the library has just offered to.

    A yes answers the question just asked. If something else was said since, or the yes is none, the old one is put
    again, not obeyed; so is what an order that is being made waits for.
    """
    _, choices, waiting = talk._, standing(talk), talk.memory.pop("confirm", "")
    actions = [action for action, _label in choices]
    no_yes = NO_YES.search(fold(talk.event.text).strip())
    if waiting and (waiting not in actions or no_yes):
        asked = talk.memory.get("confirm_label") or _("确认")
        once_more = _("刚才问您的「{what}」还没有定。要的话请点一下，或发「{what}」；不要了就说「算了」。", what=asked)
        talk.say(once_more, rows(Button(asked, waiting), menu(_, "cancel")))
        return ""
    if waiting := waiting or next((action for action in actions if offered.bare(action) in ONWARD and not no_yes), ""):
        return str(waiting)
    if taken := "" if no_yes else _this_one(talk, actions):
        return taken
    if not no_yes and getting.underway(talk) and not any(offered.kind(action) in OF_AN_ORDER for action in actions):
        return acting.carried(talk, "goon")
    if _waves(talk):
        greeting.wave_back(talk)
    elif choices:
        talk.say(_("好的。请选一个，或直接说想要什么："), rows(*again(choices)))
    else:
        talk.say(_("好的。现在没有等您确认的事；想看什么书？"), rows(menu(_, "show_cart"), menu(_, "help")))
    return ""


def _this_one(talk: Talk, actions: list[str]) -> str:
    """ "就这本": the borrowing of the one book that stands there, or was just asked about; else it is shown once more, where
    one was looked at; '' where none was, or no book is meant."""
    shown = talk.memory.get("title")
    if shown is None or not THIS_ONE.search(fold(talk.event.text)):
        return ""
    its = (action for action in actions if offered.bare(action) in (f"b:{shown}", f"t:{shown}", f"same:{shown}"))
    return next((action.removesuffix(f"{offered.kind(action)}:{shown}") + f"b:{shown}" for action in its), f"t:{shown}")


def deny(talk: Talk) -> None:
    """"不要": a clean start; "不是这本" goes back to the list it was taken from; "等等" is no no."""
    if talk.slot("query") == WAIT:
        return wait(talk)
    if re.search(r"这|\bth(is|at) one", fold(talk.event.text)) and talk.memory.get("list"):
        return lists.show_page(talk) if len(talk.memory["list"]) > 1 else asking.clues(talk)
    if _waves(talk):
        return greeting.make_good(talk)
    greeting.cancel(talk)


def _waves(talk: Talk) -> bool:
    """Whether a sign alone (👍) answers no question: none waits, and nothing that stands there can be called off."""
    asked = talk.memory.get("confirm") or any(offered.bare(action) == "i:cancel" for action, _label in standing(talk))
    return bool(talk.event.text) and not letters(talk.event.text) and not asked


def wait(talk: Talk) -> None:
    """"等等": nothing is lost, and nothing is agreed to by the next "好的": what stands there is shown again."""
    _ = talk._
    talk.memory.pop("confirm", None)
    talk.say(_("好的，不急，您慢慢想。想好了再说，刚才的都还在。"), rows(*again(standing(talk))))


def again(choices: list[tuple[str, str]]) -> list[Button]:
    """What stands there, to be shown once more."""
    return [Button(label, action) for action, label in choices[:MOST]]
