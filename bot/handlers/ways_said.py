"""送到府上, 那就柜子好了, 哪个近: how to get the books in one's own words, while that is what is asked."""

from __future__ import annotations

import re

from bot.folding import letters
from bot.handlers import choosing, getting, picking
from bot.offered import bare
from bot.talk import Talk

LONGEST = 16  # letters; whoever says more speaks of something else
FILL = "(?>那么?就?|我?还?是|[改换]成?|[我要想就也]|请|麻烦|可以|能不能|能|帮忙?|给|直接|都)*+"
HOME = re.compile(
    f"{FILL}(?:[送寄](?:货|书)?|快递|宅配|配送|邮寄)(?:过?[到去来给])*(?:我们?)?(?:的?家里?|府上|上门|门上|这里?|这边|单位|公司|宿舍|学校|办公室|手上)"
    f"(?:好了|吧|可以吗|行吗|行|方便|更?好)?|{FILL}(?:宅配|送货上门|送书上门|快递到家)(?:好了|吧)?"
)
PRICE = re.compile("便宜|免费|不要钱|不花钱|不收费|省钱|cheapest|free one")
ASKS = re.compile("行不行$|可以不$|[吗么]$|有没有|怎么")  # whether, and not which
OTHER = re.compile("别的|其他|另外|另一|换")
NEAR = re.compile("[附最]?近|顺路|near|close")
HINT = re.compile("柜|丰巢|蜂巢|菜鸟|驿站|取书?点|自取|附近|近|顺路|楼下|小区|公司|单位|学校|地铁|那个站|locker|near|close")


def asked(talk: Talk) -> str:
    """"home", "price" or "where"; '' where no way is asked for now, or the words are something else for certain."""
    said = letters(talk.event.text)
    if talk.step or talk.wishes or len(said) > LONGEST or not getting.underway(talk):
        return ""
    found, unsure = talk.found, talk.intent.likened or talk.intent.heard or talk.intent.name in ("search", "unknown")
    if not unsure or (found and found.ids and not found.near):
        return ""
    if HOME.fullmatch(said):
        return "home"
    kinds = [bare(action).split(":")[0] for action, _label in (*choosing.standing(talk), *choosing.stood(talk))]
    if "w" not in kinds or ASKS.search(said):
        return ""
    return "price" if PRICE.search(said) else "where" if HINT.search(said) else ""


def tell(talk: Talk, what: str) -> None:
    """The ways once more, with what can be said of the words."""
    _ = talk._
    if what == "home":
        return getting.choose_way(talk, "delivery", "0")
    if what == "price":
        return picking.ways(talk, _("标着 ¥0 的都不收费。"))
    if OTHER.search(talk.event.text):
        return picking.ways(talk, "")
    if NEAR.search(talk.event.text):
        return picking.ways(talk, _("哪个近要看您在哪里：发位置给我，或者说在哪个区；也可以直接点一个。"))
    picking.ways(talk, _("「{words}」是哪一处，我没有认出来。点一个就好。", words=talk.event.text.strip()))
