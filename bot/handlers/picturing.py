"""拍条码: the book on a photo, or what to do when there is none (F-1, D 6, C5 2)."""

from __future__ import annotations

from bot.handlers import finding, lists
from bot.picture_limits import MOST_BYTES, MOST_PIXELS
from bot.pictures import Sight
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows

WORDS = {
    "empty": N_("这张照片是空的。请再拍一次，或者把书号打给我。"),
    "too_large": N_("这张照片太大了（最大 {megabytes} MB、{megapixels} 百万像素）。请拍小一点再发，或者把书号打给我。"),
    "format": N_("这种图片我看不了，请发 JPEG、PNG 或 WebP 照片，或者把书号打给我。"),
    "damaged": N_("这张照片没能打开，可能没有传完整。请再发一次，或者把书号打给我。"),
    "busy": N_("现在看照片的人多，请过一会儿再发，或者把书号打给我。"),
    "unreachable": N_("这张照片没有收到，请再发一次，或者把书号打给我。"),
}


def answer(talk: Talk, sight: Sight) -> None:
    """The card of the book; several that share the number as a list; otherwise the next step."""
    _ = talk._
    if len(sight.titles) == 1:
        return finding.show_book(talk, str(sight.titles[0]))
    if sight.titles:
        return lists.show_list(talk, list(sight.titles), _("这个条码对应这几种："))
    if sight.isbn:
        return _not_here(talk, sight.isbn)
    talk.say(_trouble(_, sight.problem), rows(menu(_, "browse"), menu(_, "escalate")))


def _not_here(talk: Talk, isbn: str) -> None:
    """The number was read, but nobody here has the book: it can be asked for."""
    _ = talk._
    talk.memory["missed"] = f"ISBN {isbn}"
    talk.say(
        _("读到了书号 {isbn}，馆里还没有这本书。可以荐购，也可以让馆员帮您找；发书名也许能找到别的版本。", isbn=isbn),
        rows(menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "escalate")),
    )


def _trouble(_: Words, problem: str) -> str:
    if problem:
        return _(WORDS[problem], megabytes=MOST_BYTES >> 20, megapixels=MOST_PIXELS // 10**6)
    return _(
        "照片上没有读到书的条码。请对着书背面的条码拍，光线亮一点、拍正拍清楚，让条码占照片的一半；也可以直接打条码下面的数字。"
    )
