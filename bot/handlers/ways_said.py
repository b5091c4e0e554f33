"""送到府上, 那就柜子好了, 哪个近: how to get the books in one's own words, while that is what is asked."""

from __future__ import annotations

import re

from bot.folding import letters
from bot.handlers import choosing, getting, picking
from bot.offered import bare
from bot.talk import Talk

LONGEST = 16  # letters; whoever says more speaks of something else
FILL = "(?>那么?就?|我?还?是|[改换]成?|[我要想就也]|请|麻烦|可以|能不能|能|帮忙?|给|直接|都)*+"
SO_BE_IT = "(?:好了|吧|可以吗|行吗|就行|就好|也行|行|方便|更?好)?"
HOME = re.compile(
    f"{FILL}(?:[送寄](?:货|书)?|快递|宅配|配送|邮寄)(?:过?[到去来给])*(?:我们?)?"
    f"(?:的?家里?|府上|上门|门上|这里?|这边|单位|公司|宿舍|学校|办公室|手上){SO_BE_IT}"
    f"|{FILL}(?:宅配|送货上门|送书上门|快递到家){SO_BE_IT}"
)
BOX = re.compile(f"{FILL}(?:[放用选送]到?)?(?:智能|智慧)?(?:[借取]?书)?柜子?(?:里|那里)?{SO_BE_IT}")
ASKS = re.compile("行不行$|可以不$|[吗么]$|有没有|怎么")  # whether, and not which
NEAR = re.compile("[附最]?近|顺路|near|close")
OTHER = re.compile("别的|其他|另外|另一|换")
HINT = re.compile("柜|丰巢|蜂巢|菜鸟|驿站|取书?点|自取|附近|近|顺路|楼下|小区|公司|单位|学校|地铁|那个站|locker|near|close")


def named(talk: Talk) -> str:
    """The press for home or for a locker, said in words of one's own; '' where no way is asked for now."""
    said = letters(talk.event.text) if _open(talk) else ""
    return "w:delivery:0" if HOME.fullmatch(said) else "i:checkout" if BOX.fullmatch(said) else ""


def unclear(talk: Talk) -> bool:
    """Whether the words speak of some place, and nobody knows of which."""
    kinds = [bare(action).split(":")[0] for action, _label in (*choosing.standing(talk), *choosing.stood(talk))]
    said = letters(talk.event.text)
    return "w" in kinds and _open(talk) and bool(HINT.search(said)) and not ASKS.search(said)


def _open(talk: Talk) -> bool:
    """Whether a way is still to be chosen, and the words are nothing else for certain."""
    found, unsure = talk.found, talk.intent.likened or talk.intent.heard or talk.intent.name in ("search", "unknown")
    lost = unsure and not (found and found.ids and not found.near)
    return lost and not talk.step and not talk.wishes and len(letters(talk.event.text)) <= LONGEST and getting.underway(talk)


def ask_again(talk: Talk) -> None:
    """The ways once more, with what can be said of the words."""
    _, said = talk._, ""
    if NEAR.search(talk.event.text):
        said = _("哪个近要看您在哪里：发位置给我，或者说在哪个区；也可以直接点一个。")
    elif not OTHER.search(talk.event.text):
        said = _("「{words}」是哪一处，我没有认出来。点一个就好。", words=talk.event.text.strip())
    picking.ways(talk, said)
