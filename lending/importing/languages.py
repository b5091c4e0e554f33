"""The languages of books, as catalogues write them: "eng", "English", "英语", and the two letters that we keep."""

from __future__ import annotations

CODES = {
    "zh": "chi zho chinese 中文 汉语 汉文 简体中文 繁体中文 zh-cn zh-tw zh-hans zh-hant", "en": "eng english 英文 英语",
    "ja": "jpn japanese 日文 日语", "ko": "kor korean 韩文 韩语 朝鲜语 朝鲜文", "fr": "fre fra french 法文 法语",
    "de": "ger deu german 德文 德语", "ru": "rus russian 俄文 俄语", "es": "spa spanish 西班牙文 西班牙语",
}  # fmt: skip
WRITTEN = {written: code for code, several in CODES.items() for written in several.split()}


def language_code(written: str) -> str:
    """Two letters for what we know; what we do not is kept as the catalogue writes it, in small letters."""
    plain = written.strip(" |^#").casefold()
    return WRITTEN.get(plain, plain)
