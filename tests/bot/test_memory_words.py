"""A talk's memory is shared by every handler: each word of it is written in one file, but for those that mean the same
everywhere. Two files that write one word with two meanings fail only in a long talk, in front of a reader."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

BOT = Path(__file__).parents[2] / "bot"
SHARED = {
    "confirm",  # the action that a yes stands for
    "missed",  # what was looked for and not found
    "loans",  # the loans shown, by their numbers
    "page",  # of the list that is shown
    "unanswered",  # a question nothing answers, for the person who is called next
}


def written(tree: ast.AST) -> Iterator[str]:
    """Words that are put into a memory, by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Subscript) and _is_memory(target.value) and isinstance(target.slice, ast.Constant):
                    yield str(target.slice.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_memory(node.func.value):
            if node.func.attr == "update":
                yield from (word.arg for word in node.keywords if word.arg)
            elif node.func.attr == "setdefault" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def _is_memory(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "memory"


def writers(files: dict[str, str]) -> dict[str, set[str]]:
    """Of each word the files that write it."""
    found = defaultdict(set)
    for name, source in files.items():
        for word in written(ast.parse(source)):
            found[word].add(name)
    return found


def test_each_word_is_written_in_one_file() -> None:
    files = {str(path.relative_to(BOT)): path.read_text("utf8") for path in BOT.rglob("*.py")}
    several = {word: names for word, names in writers(files).items() if len(names) > 1}
    assert several.keys() == SHARED, {word: names for word, names in several.items() if word not in SHARED}


def test_a_second_writer_is_noticed() -> None:
    found = writers({
        "lists.py": "talk.memory.update(ways=[], page=0)", "picking.py": 'talk.memory["ways"] = True',
        "other.py": 'talk.memory.get("ways"); memory_of["ways"] = 1',
    })  # fmt: skip
    assert found == {"ways": {"lists.py", "picking.py"}, "page": {"lists.py"}}
