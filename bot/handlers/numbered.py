"""A number we have told a reader, said back to us: what it stands for is shown, wherever it stands in a short line."""

from __future__ import annotations

import re

from bot.folding import fold, letters
from bot.talk import Talk

NUMBER = re.compile(r"(?<![a-z0-9])(?P<kind>sx|xs|pf|ga|rg)\d{4,6}-\d{1,9}(?!\d)")
SHOWS = {"sx": "order:{}", "xs": "shop", "pf": "pf:{}", "ga": "ga:{}", "rg": "rg"}
ROUND_IT = 14  # letters round a number; who says more says something else
UNREAD = ("search", "unknown", "show_orders", "checkout")
INTO = re.compile(r"[加并放]进|[加并放]到|加入|合并|\b(add|put|combine|merge)\b")


def meant(talk: Talk) -> str:
    """The press that shows it, or adds the cart to the order of that number; '' where no number of ours is said."""
    folded = fold(talk.event.text)
    found = NUMBER.search(folded) if talk.intent.name in UNREAD else None
    if found is None or len(letters(folded)) - len(letters(found.group())) > ROUND_IT:
        return ""
    number = found.group().upper()
    if found["kind"] == "sx" and INTO.search(folded):
        return f"add:{number}"
    return SHOWS[found["kind"]].format(number)
