"""The simulated card system and verifier: the visitor says what they answer; nothing is kept of a number (A3-32)."""

from __future__ import annotations

import pytest

from lending.database import Store
from lending.model import Verdict
from lending.proofs import CardSystem, PersonVerifier
from partners.identity_simulator import SimulatedCards, SimulatedFaces
from tests.admin.conftest import Hand

NUMBER = "HZ2026-00017342"


@pytest.fixture
def face(store: Store, visitor: Hand) -> str:
    """The receipt of a question that waits."""
    verifier: PersonVerifier = SimulatedFaces(store)
    begun = verifier.begin("library", NUMBER, "/simulator")
    assert begun.url == f"/simulator/face/{begun.reference}" and verifier.answer(begun.reference) is None
    return begun.reference


@pytest.mark.parametrize("said", list(Verdict))
def test_the_console_says_what_the_card_system_answers(visitor: Hand, store: Store, said: Verdict) -> None:
    system: CardSystem = SimulatedCards(store)
    assert system.verify("library", NUMBER, "x") is Verdict.YES
    assert "读者证系统现在回答" in visitor.post("/simulator/cards", verdict=said).get_data(as_text=True)
    assert system.verify("library", NUMBER, "x") is said
    assert "请选一个回答" in visitor.post("/simulator/cards", verdict="perhaps").get_data(as_text=True)
    assert "7342" not in str(store.db.all("SELECT * FROM simulated"))


def test_its_page_says_what_is_asked_and_that_no_camera_is_opened(visitor: Hand, store: Store, face: str) -> None:
    page = visitor.read(f"/simulator/face/{face}")
    for shown in ("模拟", "不开摄像头", "城西图书馆", "尾号 42", "照片和脸的特征不会给图书馆", "换一种方式"):
        assert shown in page
    assert "7342" not in page + str(store.db.all("SELECT * FROM simulated"))


@pytest.mark.parametrize("said", list(Verdict))
def test_an_answer_is_kept_once_and_leads_back(visitor: Hand, store: Store, face: str, said: Verdict) -> None:
    visitor.read(f"/simulator/face/{face}")
    answer = visitor.send("/simulator/face", reference=face, verdict=said)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/simulator")
    visitor.send("/simulator/face", reference=face, verdict="yes" if said is Verdict.NO else "no")
    assert SimulatedFaces(store).answer(face) is said
    assert "已回答" in visitor.read(f"/simulator/face/{face}")


def test_an_unknown_question_and_a_strange_answer_are_told_plainly(visitor: Hand, store: Store, face: str) -> None:
    assert visitor.get("/simulator/face/made-up").status_code == 404
    visitor.get("/simulator")
    assert visitor.send("/simulator/face", reference="made-up", verdict="yes").status_code == 404
    assert visitor.send("/simulator/face", reference=face, verdict="perhaps").status_code == 400
    assert SimulatedFaces(store).answer(face) is None
