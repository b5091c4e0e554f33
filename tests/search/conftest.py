"""A small library of real titles, indexed once for all search tests that only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import analysis
from search.document import Document
from search.index import Index, rebuild

HERE = Path(__file__).parent


def rows(name: str) -> list[list[str]]:
    """The cells of a .tsv file beside this one, comments left out."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


def _document(cells: dict[str, str]) -> Document:
    return Document(
        int(cells["id"]),
        cells["title"],
        cells["subtitle"],
        cells["volume"],
        tuple(filter(None, cells["authors"].split(";"))),
        tuple(filter(None, cells["translators"].split(";"))),
        cells["publisher"],
        "",
        int(cells["year"]) if cells["year"] else None,
        cells["isbn"],
        cells["clc"],
        popularity=int(cells["popularity"]),
        revision=int(cells["id"]),
    )


def small_library() -> list[Document]:
    """About a hundred titles: plain bibliographic facts."""
    return documents("documents.tsv")


def documents(name: str) -> list[Document]:
    """The titles of a .tsv file beside this one."""
    head, *body = rows(name)
    return [_document(dict(zip(head, cells, strict=True))) for cells in body]


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """No test is to be timed by the loading of dictionaries."""
    analysis.warm()


@pytest.fixture(scope="session")
def library() -> list[Document]:
    """The documents of the small library."""
    return small_library()


@pytest.fixture(scope="session")
def index(library: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The small library, indexed; do not write to it."""
    return rebuild(tmp_path_factory.mktemp("index"), library)


@pytest.fixture
def titles(library: list[Document]) -> dict[int, str]:
    """Titles by id."""
    return {document.id: document.title for document in library}
