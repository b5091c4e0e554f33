"""Whether a record says that a title is for adults only: a column of its own, or a note in plain words (B8).

The codes of the target audience (CNMARC 100 $a/17-19, MARC21 008/22) say for whom a text is written, not who may not
read it: "adult" stands on nearly every novel and textbook. So no code marks a title.
"""

from __future__ import annotations

import re
from typing import Any

from lending.importing.cells import clean

YES = frozenset(("是", "有", "限", "对", "√", "✓", "x", "y", "yes", "true", "t", "1", "成人", "成年", "adult", "18+"))
NO = frozenset(("否", "无", "無", "不", "不限", "非", "-", "–", "—", "/", "n", "no", "false", "f", "0", "none"))
GROWN, YEARS = r"成年?(?:人士?|读者|讀者)", r"\s*(?:18|十八)\s*[周週]?[岁歲]\s*"
BARRED = r"(?:不宜|勿|请勿|請勿|禁|不得)"
SAID = re.compile(
    rf"(?:[仅僅只]?限|[仅僅只][供对對]|[仅僅只]|限[于於])(?:借给|借給|适合|適合)?{GROWN}"
    r"(?:可?(?:阅读|閱讀|观看|觀看|借阅|借閱|使用))?(?=$|[\W_])"
    rf"|未成年(?:人|读者|讀者)?{BARRED}|(?:[未不][满滿]{YEARS}|{YEARS}以下)(?:人士|读者|讀者|者)?{BARRED}"
    rf"|[仅僅只]?限[满滿]?{YEARS}以上|限制[级級]|18\s*禁"
    r"|\badults? only\b|\bnot (?:suitable )?for (?:minors|children|under[- ]?18s?)\b",
    re.IGNORECASE,
)


def flag(value: Any) -> bool | None:
    """A column that says yes or no; nothing is no, None for what cannot be understood."""
    if isinstance(value, bool):
        return value
    text = clean(value).lower()
    if text in YES or said(text):
        return True
    return False if not text or text in NO else None


def said(note: str) -> bool:
    """Whether a note about the audience says in so many words that the title is not for minors."""
    return bool(SAID.search(note))
