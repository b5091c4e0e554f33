"""Keep locale/ in step with the code: `python translate.py` finds every sentence and renews the three .po files.

Sentences are found in Python (`_("…")`, `_.n("…", "…", n)`, `N_("…")`, `words("…")`, `say()("…")`), in templates, and
among the class names of search/. What is translated stays, what is no longer said goes, and nothing is guessed.
zh_Hans says the msgid itself; zh_Hant gets a draft to read; in en, what is new waits to be written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes
from opencc import OpenCC

from bot.texts import CATALOGUES, DOMAIN, LANGUAGES
from search import browse

ROOT = Path(__file__).parent
SPOKEN = ("bot", "admin", "partners", "lending", "commands", "app.py", "settings.py")
MARKS = ("_", "N_", "words")  # called, by name or as an attribute, with a sentence
SPEAKERS = ("say", "Words")  # what they return is called with a sentence
TRADITIONAL_WORDS = {  # where OpenCC's words are not a library's, or wrong
    "稽核": "審核", "賬": "帳", "回復": "回覆", "藉": "借", "彆著急": "別著急", "許可權": "權限",
    "真即時間": "真實時間", "開通訊用": "開通信用", "好訊息": "好消息", "丟失": "遺失", "汙": "污", "網點": "服務點",
    "格口": "櫃格", "轉人工": "轉接館員", "檢視": "查看", "演示": "示範", "臺": "台", "檯": "台", "記錄": "紀錄",
    "二維碼": "QR 碼", "手機號": "手機號碼", "斯大林": "史達林", "質量": "品質", "航天": "航太", "表頭": "標題列",
    "發給我": "傳給我", "發書名": "傳書名", "辦卡": "辦證",
}  # fmt: skip
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


class Sentence(NamedTuple):
    """A msgid, its plural when it is counted, and the file that says it."""

    text: str
    plural: str | None
    file: str


class WronglyWritten(Exception):
    """A sentence put together while it is said (an f-string, a sum, a choice) cannot be looked up."""


# ---- finding -------------------------------------------------------------------------------------------------------


@cache
def sentences() -> tuple[Sentence, ...]:
    """Everything the program can say, file by file. Raises WronglyWritten."""
    found: list[Sentence] = []
    for name in SPOKEN:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix == ".py":
                found += _in_python(file)
            elif file.suffix == ".html":
                found += _in_template(file)
    return (*found, *_class_names())


def _in_python(file: Path) -> Iterator[Sentence]:
    where = file.relative_to(ROOT).as_posix()
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.end_lineno or 0, call.col_offset)):
        if not node.args:
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "n" and len(texts) >= 2:
            yield Sentence(texts[0], texts[1], where)
        elif _marks(node.func):
            if isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.IfExp):
                raise WronglyWritten(f"{where}:{node.lineno}: {ast.unparse(node)}")
            if texts:
                yield Sentence(texts[0], None, where)


def _marks(called: ast.expr) -> bool:
    if isinstance(called, ast.Call):
        return _name(called.func) in SPEAKERS
    return _name(called) in MARKS


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _in_template(file: Path) -> Iterator[Sentence]:
    where = file.relative_to(ROOT).as_posix()
    for call in Environment().parse(file.read_text(encoding="utf-8")).find_all(nodes.Call):
        texts = [arg.value for arg in call.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        counted = isinstance(call.node, nodes.Getattr) and call.node.attr == "n"
        if counted and len(texts) >= 2:
            yield Sentence(texts[0], texts[1], where)
        elif isinstance(call.node, nodes.Name) and call.node.name == "_":
            if isinstance(call.args[0], nodes.BinExpr | nodes.Concat | nodes.CondExpr):
                raise WronglyWritten(f"{where}:{call.lineno}")
            if texts:
                yield Sentence(texts[0], None, where)


def classes() -> dict[str, str]:
    """Class and shelf names with their English, from the tables of search/."""
    main = browse.main_classes()
    seconds = [shelf for one in main for shelf in browse.children(one.code)]
    everyday = (browse.NOWHERE, *browse.everyday_shelves(), *browse.groups())
    return {shelf.name: shelf.english for shelf in (*everyday, *main, *seconds)}


def _class_names() -> list[Sentence]:
    return [Sentence(name, None, "search/") for name in classes()]


# ---- keeping -------------------------------------------------------------------------------------------------------


def path_of(language: str) -> Path:
    """The language's .po file."""
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """The catalogue as it stands."""
    if not path_of(language).exists():
        return Catalog(locale=language)
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str, found: Iterable[Sentence]) -> Catalog:
    """The catalogue for what is said now, with every translation it had."""
    old, new = read(language), Catalog(locale=language)
    for one in found:
        new.add((one.text, one.plural) if one.plural else one.text, locations=[(one.file, 0)])
    for message in new:
        if message.id:
            message.string = _said(language, message, old)
    return new


def _said(language: str, message: Message, old: Catalog) -> str | tuple[str, ...]:
    """The translation it had, if it has the right number of forms; else a first one."""
    text = ids(message)[0]
    known = old.get(text)
    kept = forms(known) if known else ()
    count = old.num_plurals if message.pluralizable else 1
    if language == "zh_Hans" or len(kept) != count or not all(kept):
        kept = (_first(language, text),) * count
    return kept if message.pluralizable else kept[0]


def _first(language: str, text: str) -> str:
    if language == "zh_Hans":
        return text
    if language == "en":
        return classes().get(text, "")
    draft = OpenCC("s2twp").convert(text)
    for said, better in TRADITIONAL_WORDS.items():
        draft = draft.replace(said, better)
    return draft


def ids(message: Message) -> tuple[str, ...]:
    """Its msgid, and its plural when it is counted."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def forms(message: Message) -> tuple[str, ...]:
    """Its translation, in every form it has."""
    said = message.string or ""
    return tuple(said) if isinstance(said, list | tuple) else (said,)


def write(language: str, catalogue: Catalog) -> None:
    """Sorted by file, without line numbers or dates, so that a difference shows what changed and no more."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(language=language, plural=catalogue.plural_forms).encode())
        write_po(file, catalogue, width=0, omit_header=True, sort_by_file=True, include_lineno=False)


def waiting(catalogue: Catalog) -> list[str]:
    """Sentences not yet translated."""
    return [ids(message)[0] for message in catalogue if message.id and not all(forms(message))]


def main() -> None:
    """Bring all three up to date; say what to write, and which drafts to read."""
    found = sentences()
    for language in LANGUAGES:
        before = {ids(message)[0] for message in read(language)}
        catalogue = renewed(language, found)
        write(language, catalogue)
        missing = waiting(catalogue)
        print(f"{path_of(language).relative_to(ROOT)}: {len(catalogue)} sentences, {len(missing)} to translate")
        for text in missing:
            print(f"  write  {text}")
        for message in catalogue if language == "zh_Hant" else ():
            if message.id and ids(message)[0] not in before:
                print(f"  read   {forms(message)[0]}")


if __name__ == "__main__":
    main()
