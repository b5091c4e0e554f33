"""Asked for in Latin letters: foreign works and authors by their names abroad, Chinese authors either way round."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import analysis, authors, other_names
from search.document import Document
from search.index import Index, rebuild
from search.query import understand

BOOKS = [
    ("老人与海", ("海明威",)), ("了不起的盖茨比", ("菲茨杰拉德",)), ("The Great Gatsby", ("F. Scott Fitzgerald",)),
    ("挪威的森林", ("[日] 村上春树",)), ("无人生还", ("阿加莎·克里斯蒂",)), ("百年孤独", ("加西亚·马尔克斯",)),
    ("三体", ("刘慈欣",)), ("活着", ("余华",)), ("心流", ("米哈里·契克森米哈赖",)), ("小王子", ("圣埃克苏佩里",)),
    ("The Sun Also Rises", ("Ernest Hemingway",)), ("流动的盛宴", ("欧内斯特·海明威",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """A dozen books."""
    made = [Document(n, title, authors=names) for n, (title, names) in enumerate(BOOKS, 1)]
    return rebuild(tmp_path_factory.mktemp("index"), made)


def found(index: Index, words: str) -> list[str]:
    """What answers, nothing where it is merely near."""
    results = index.search(words)
    return [] if results.near else [BOOKS[hit.id - 1][0] for hit in results.hits]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("the old man and the sea", "老人与海"), ("Old Man and the Sea", "老人与海"), ("norwegian wood", "挪威的森林"),
        ("And Then There Were None", "无人生还"), ("one hundred years of solitude", "百年孤独"),
        ("The Little Prince", "小王子"), ("le petit prince", "小王子"),
    ],
)  # fmt: skip
def test_a_foreign_work_is_found_by_its_name_abroad(index: Index, asked: str, title: str) -> None:
    assert found(index, asked)[:1] == [title]


def test_both_kinds_of_editions_are_found(index: Index) -> None:
    assert set(found(index, "the great gatsby")) == {"The Great Gatsby", "了不起的盖茨比"}
    his = {"老人与海", "The Sun Also Rises", "流动的盛宴"}
    assert set(found(index, "hemingway")) == his == set(found(index, "海明威"))


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("haruki murakami", "挪威的森林"), ("Murakami", "挪威的森林"), ("agatha christie", "无人生还"),
        ("Gabriel García Márquez", "百年孤独"), ("f. scott fitzgerald", "了不起的盖茨比"),
        ("liu cixin", "三体"), ("Cixin Liu", "三体"), ("hua yu", "活着"), ("yu hua", "活着"),
    ],
)  # fmt: skip
def test_an_author_is_found_as_called_abroad(index: Index, asked: str, title: str) -> None:
    assert title in found(index, asked)


def test_a_piece_of_another_word_is_no_name(index: Index) -> None:
    """A name in Latin letters counts whole: no "lem" in "problem"."""
    assert authors.canonical("problem") == "problem"
    assert authors.known_here("problem") == "" and authors.known_here("hemingway") == "海明威"


@pytest.mark.parametrize("name", ["authors_latin.tsv", "titles_latin.tsv"])
def test_every_line_names_somebody_or_something_once(name: str) -> None:
    """Bibliographic facts: characters, a tab, names in plain letters."""
    lines = (Path(other_names.__file__).parent / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len(rows) > 1_000
    for here, abroad in rows:
        assert analysis.has_han(analysis.normalise(here)) and abroad.isascii() and abroad == abroad.lower().strip()
        assert all(len(analysis.key(one)) > 2 for one in abroad.split("|"))


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("harry potter 3", "哈利·波特与阿兹卡班的囚徒"), ("Harry Potter", "哈利·波特与魔法石"),
        ("three body 2", "三体Ⅱ：黑暗森林"),
    ],
)  # fmt: skip
def test_a_series_is_counted_along_abroad_too(asked: str, title: str) -> None:
    assert analysis.key(title) in understand(asked).known
