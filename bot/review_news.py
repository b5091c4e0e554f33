"""What the library says by itself about a review: it can be read by others now, or why it cannot (A10-9)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import reviews
from lending.notices import Notice


def _read(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """As it stands now: what was changed or taken back since is not spoken of (B2-7)."""
    _, facts = say.words, group[-1].facts
    one = next((one for one in reviews.of_reader(say.db, say.reader.id, 1_000) if one.id == facts["review"]), None)
    if one is None or one.state != facts["state"]:
        return None
    if one.state == "shown":
        text = _("您写的《{title}》的书评，读者看得到了，谢谢您。不显示您的名字。", title=one.title)
        return Reply(text, rows(Button(_("看这本书"), f"t:{one.title_id}"), Button(_("我的书评"), "rvs")))
    text = _(
        "您写的《{title}》的书评没有展示：{reason}\n改一改再发一次就行，也可以问馆员。",
        title=one.title, reason=one.reason,
    )  # fmt: skip
    return Reply(text, rows(Button(_("改我的书评"), f"rv+:{one.title_id}"), menu(_, "escalate")))


SAY: dict[str, Sentences] = {"review_read": _read}
