"""Names out of a statement of responsibility: (德)马克思(Marx)著;姜晶花,张梅编译 → authors and translators.

A name keeps the form its source gave it; only the nationality in brackets, the role and stray marks are taken off.
"""

from __future__ import annotations

import re
from functools import lru_cache

HAN = "\u4e00-\u9fff\u3400-\u4dbf"
BRACKETS = r"[\[［〔【（(<〈]\s*([^\]］〕】）)>〉]{1,8}?)\s*[\]］〕】）)>〉]"
NATION = re.compile(rf"^{BRACKETS}\s*(?=\S)")
WHOLE = re.compile(r"^[\[［〔【（(]([^\]］〕】）)]+)[\]］〕】）)]$")
ROLES = (
    "总主编", "执行主编", "副主编", "主编", "编著", "编译", "译著", "著译", "选编", "改编", "编写", "编绘", "选译",
    "译注", "校注", "选注", "编注", "原著", "合著", "合译", "翻译", "校译", "译校", "摄影", "绘图", "撰文", "插图",
    "编纂", "编选", "主审", "著", "译", "编", "绘", "撰", "注", "校",
)  # fmt: skip
ROLE = re.compile(rf"(\s*)[（(\[［]?(等)?\s*(?:／|/)?({'|'.join(ROLES)})[）)\]］]?$")
PURE_ROLES = {*ROLES, "文", "图", "漫画", "插图&漫画", "文字", "作者", "译者", "等"}
SEGMENTS = re.compile(r"\s*[;；|/／]\s*")
NAMES = re.compile(r"\s*[、，]\s*(?![^（(]*[)）])")
NAMES_HAN = re.compile(r"\s*[、，,]\s*(?![^（(]*[)）])")
HAS_HAN = re.compile(f"[{HAN}]")
DOT = re.compile(rf"(?<=[{HAN}])\s*[?？•‧・･．﹒.∙●]\s*(?=[{HAN}A-Za-z])")
FOREIGN = re.compile(rf"^{BRACKETS}|·|^[A-Za-z]")

Names = tuple[str, ...]


@lru_cache(maxsize=20_000)
def statement(text: str) -> tuple[Names, Names]:
    """Authors and translators of a free text; each name once."""
    if not text:
        return (), ()
    authors: dict[str, None] = {}
    translators: dict[str, None] = {}
    for segment in SEGMENTS.split(_unwrapped(text)):
        parts = (NAMES_HAN if HAS_HAN.search(segment) else NAMES).split(segment)
        for name, translates in _people(parts):
            (translators if translates else authors)[name] = None
    return tuple(authors), tuple(name for name in translators if name not in authors)


def _people(parts: list[str]) -> list[tuple[str, bool]]:
    """Names with "do they translate?"; a role after the last of several names counts for all."""
    found: list[tuple[str, bool]] = []
    translates = False
    for part in reversed(parts):
        name, role = person(part)
        translates = "译" in role if role else translates
        if name and name not in PURE_ROLES:
            found.append((name, translates))
    return found[::-1]


@lru_cache(maxsize=20_000)
def person(text: str) -> tuple[str, str]:
    """One name without nationality and role, and the role (or "")."""
    name, role = _without_role(_unwrapped(text.strip(" ,，:：").lstrip(".")))
    bare = NATION.sub("", name)
    name = bare if bare not in PURE_ROLES else name
    if name.endswith("等") and len(name) > 2:
        name = name[:-1].rstrip()
    return DOT.sub("·", name), role


def _without_role(text: str) -> tuple[str, str]:
    found = ROLE.search(text)
    if found is None:
        return text, ""
    rest = text[: found.start()]
    clear = found.group(1) or len(found.group(3)) > 1 or rest.endswith((")", "）", "]"))
    if len(rest) < (1 if clear else 2) or (not clear and not HAS_HAN.search(rest)):
        return text, ""
    return rest.rstrip(), found.group(3)


def _unwrapped(text: str) -> str:
    """[毛泽东著] → 毛泽东著; a nationality alone is nobody."""
    found = WHOLE.match(text)
    if found is None:
        return text
    return found.group(1) if len(found.group(1)) > 1 else ""


def author_then_translator(text: str) -> tuple[Names, Names]:
    """ "[英]丹尼尔·比尔 / 孔俐颖": where a foreign author stands first, those after the slash translate."""
    first, slash, rest = text.partition(" / ")
    if not slash or not FOREIGN.search(first.strip()):
        return statement(text)
    authors, translators = statement(first)
    later, theirs = statement(rest)
    return authors, (*translators, *theirs, *later)


def looks_like_person(text: str) -> bool:
    """A nationality in front or a role behind, and nothing a publisher is called by."""
    if re.search(r"出版|书局|书店|社|馆|公司|集团|文化|大学|中心|(?i:press|book|publish)", text):
        return False
    return bool(NATION.match(text)) or bool(_without_role(text)[1])
