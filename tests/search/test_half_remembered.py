"""What readers half remember: a particle, a name misheard, the beginning alone, a title by its initials (B6)."""

from __future__ import annotations

import pytest
from rapidfuzz import fuzz, process

from search import analysis, authors
from search.document import Document
from search.index import Index, rebuild
from search.query import Filters
from tests.search.conftest import rows

SHELF = [
    Document(1, "战争与和平", authors=("[俄] 列夫·托尔斯泰",), popularity=90),
    Document(2, "战争、和平与歌", authors=("某人",)),
    Document(3, "房思琪的初恋乐园", authors=("林奕含",), popularity=95),
    Document(4, "房思", authors=("某人",)),
    Document(5, "兄弟", authors=("余华",), popularity=80),
    Document(6, "余华", authors=("余华",)),
    Document(7, "第七天", authors=("余华",), popularity=70),
    Document(8, "经济学原理（第7版）", authors=("曼昆",)),
    Document(9, "1984", authors=("[英] 乔治·奥威尔",), popularity=95),
    Document(10, "Structure and Interpretation of Computer Programs", authors=("Harold Abelson",)),
    Document(11, "东方快车谋杀案", authors=("[英] 阿加莎·克里斯蒂",), popularity=80),
    Document(12, "平凡的世界", authors=("路遥",), publisher="三联书店", popularity=95),
    Document(13, "黄土高原", authors=("某人",)),
    Document(14, "地心游记", authors=("[法] 儒勒·凡尔纳",), translators=("杨宪益",), popularity=90),
    Document(15, "漏船载酒忆当年", authors=("杨宪益",), popularity=20),
    Document(16, "我们仨", authors=("杨绛",), publisher="生活·读书·新知三联书店", popularity=93),
    Document(17, "人间词话", authors=("王国维",), publisher="北京：三联书店"),
    Document(18, "二○○一太空漫游", authors=("[英] 阿瑟·克拉克",), popularity=50),
]
TITLES = {document.id: document.title for document in SHELF}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """A shelf where each of these has something that could push before it."""
    return rebuild(tmp_path_factory.mktemp("shelf"), SHELF)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("战争和平", "战争与和平"),  # a particle forgotten
        ("战争和和平", "战争与和平"),  # or swapped
        ("房思淇", "房思琪的初恋乐园"),  # the beginning, misheard
        ("兄第 余华", "兄弟"),  # two characters misheard, beside the author
        ("第7天", "第七天"),  # a number written otherwise
        ("yijiubasi", "1984"),  # a number read aloud
        ("一韭八四", "1984"),
        ("2001太空漫游", "二○○一太空漫游"),  # a round sign for a nought
        ("sicp", "Structure and Interpretation of Computer Programs"),  # initials without small words
        ("saiocp", "Structure and Interpretation of Computer Programs"),
        ("阿加沙克里斯蒂 东方快车", "东方快车谋杀案"),  # a name misheard beside a part of the title
        ("黄土高坡 路遥 平凡", "平凡的世界"),  # some words right, some wrong
    ],
)
def test_what_is_half_remembered_comes_first(shelf: Index, typed: str, first: str) -> None:
    assert [TITLES[hit.id] for hit in shelf.search(typed).hits[:1]] == [first]


def test_what_one_wrote_comes_before_what_one_translated(shelf: Index) -> None:
    assert [TITLES[hit.id] for hit in shelf.search("杨宪益").hits] == ["漏船载酒忆当年", "地心游记"]


@pytest.mark.parametrize("house", ["三联", "三联书店", "生活·读书·新知三联书店", "北京三联书店"])
def test_a_publisher_is_found_and_filtered_by_under_any_of_its_names(shelf: Index, house: str) -> None:
    """A7-5: 100 spellings of 三联 in real catalogues."""
    theirs = ["平凡的世界", "我们仨", "人间词话"]
    found = shelf.search(house).hits
    assert [(TITLES[hit.id], hit.why) for hit in found] == [(title, "publisher") for title in theirs]
    assert [TITLES[hit.id] for hit in shelf.search("", filters=Filters(publisher=house)).hits] == theirs
    assert [TITLES[hit.id] for hit in shelf.search(f"{house} 词话").hits[:1]] == ["人间词话"]


def test_no_answer_is_empty_where_a_title_is_near(index: Index, library: list[Document]) -> None:
    """Most of these questions mean books that this small library has not got: near ones must be shown instead."""
    keys = [analysis.key(document.title) for document in library]
    asked = [text for kind, text, _ in rows("generated.tsv") if kind != "isbn"]
    near = [text for text in asked if process.extractOne(analysis.key(text), keys, scorer=fuzz.ratio)[1] >= 50]
    assert 100 < len(near) < len(asked)
    assert [text for text in near if not index.search(text).hits] == []


def test_words_and_a_known_author_are_enough_for_an_answer(shelf: Index) -> None:
    results = shelf.search("想不起名字的那本 路遥")
    assert results.near and [TITLES[hit.id] for hit in results.hits[:1]] == ["平凡的世界"]


@pytest.mark.parametrize("typed", ["余华 没有这本书", "马奎斯 番石榴飘香", "托翁 童年少年"])
def test_where_the_title_is_missing_the_author_named_beside_it_is_near(
    index: Index, library: list[Document], typed: str
) -> None:
    results = index.search(typed)
    assert results.near
    first = next(document for document in library if document.id == results.hits[0].id)
    assert {"余华", "马尔克斯", "托尔斯泰"} & set(authors.names(first.authors[0]))
