"""规则预演: a librarian sees who would gain and who would lose before a pack is published (D-14)."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path

import pytest

from admin.policies import REASONS
from lending import rehearsal
from lending.database import Store
from lending.policy import KINDS, load_policy, packs
from tests.admin.conftest import Hand


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rehearse(hand: Hand, **form: str) -> str:
    hand.get("/admin/policies")
    return words(hand.post("/admin/policies", **form).get_data(as_text=True))


def test_the_room_is_for_those_who_work_here(stranger: Hand) -> None:
    assert stranger.client.get("/admin/policies").status_code == 302


def test_every_pack_can_be_chosen_and_the_one_in_force_is(colleague: Hand) -> None:
    page = colleague.read("/admin/policies")
    for pack in packs():
        assert load_policy(pack).name in page
    assert re.search(r'value="default" selected', page)


def test_in_english_the_rules_in_force_have_their_english_name(colleague: Hand) -> None:
    colleague.post("/admin/language", language="en")
    assert "In force: Shuxin&#39;s own rules" in colleague.read("/admin/policies")


def test_the_rules_in_force_change_nothing_for_anybody(colleague: Hand) -> None:
    said = rehearse(colleague, pack="default", days="90")
    assert "更好 0 位，更差 0 位" in said
    assert "对谁都没有不同" in said


def test_a_typed_change_is_tried_and_told_reader_by_reader(colleague: Hand) -> None:
    """李明's book is five days over; with ten more days it would not be."""
    said = rehearse(colleague, text='inherits = "default"\nname = "更宽的规则"\n[lending]\nloan_days = 50\n', days="90")
    assert "换成「更宽的规则」" in said
    assert "更好 1 位，更差 0 位" in said
    assert re.search(r"更好 9\d → 101", said)


def test_a_wrong_change_is_refused_with_its_line(colleague: Hand) -> None:
    colleague.get("/admin/policies")
    answer = colleague.send("/admin/policies", text='inherits = "default"\nname = "x"\n[lending]\nloan_days = 0\n')
    assert answer.status_code == 400
    assert "第 4 行 lending: loan_days：至少要 1，写的是 0" in words(answer.get_data(as_text=True))


def test_every_reason_to_refuse_a_pack_has_words() -> None:
    written = set(KINDS.values())
    for file in Path(rehearsal.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Wrong":
                written |= {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
    assert written == REASONS.keys()


@pytest.mark.parametrize("parent", ["/etc/passwd.toml", "../default.toml", "nowhere"])
def test_a_typed_pack_lies_over_packs_of_ours_only(colleague: Hand, parent: str) -> None:
    colleague.get("/admin/policies")
    answer = colleague.send("/admin/policies", text=f'inherits = "{parent}"\nname = "x"\n')
    assert answer.status_code == 400


def test_what_a_typed_pack_names_is_not_even_opened(colleague: Hand, tmp_path: Path) -> None:
    """Else its first wrong line would be shown, and which files there are."""
    (tmp_path / "other.toml").write_text("the words of somebody else\n", encoding="utf-8")
    colleague.get("/admin/policies")
    for parent in (f"{tmp_path}/other.toml", f"{'../' * 30}{tmp_path}/other"):
        said = words(colleague.send("/admin/policies", text=f'inherits = "{parent}"').get_data(as_text=True))
        assert "这里要写馆里自带的一套规则的名字" in said and "somebody else" not in said


@pytest.mark.parametrize("wrong", ["a = " + "9" * 5000, "a = " + "[" * 5000, "a = " + "{ a = " * 3000])
def test_a_pack_beyond_all_reading_is_refused(colleague: Hand, wrong: str) -> None:
    colleague.get("/admin/policies")
    answer = colleague.send("/admin/policies", text=f'inherits = "default"\n{wrong}\n')
    assert answer.status_code == 400 and "读不了" in words(answer.get_data(as_text=True))


def test_a_rehearsal_writes_nothing(colleague: Hand, store: Store) -> None:
    before = store.db.value("SELECT COUNT(*) FROM credit_lines"), store.db.value("SELECT COUNT(*) FROM freezes")
    rehearse(colleague, pack="zhuhai", days="365")
    assert before == (
        store.db.value("SELECT COUNT(*) FROM credit_lines"), store.db.value("SELECT COUNT(*) FROM freezes")
    )  # fmt: skip


@pytest.mark.parametrize("pack", packs())
def test_every_pack_is_told(colleague: Hand, pack: str) -> None:
    assert f"换成「{load_policy(pack).name}」" in rehearse(colleague, pack=pack, days="30")


def test_a_draft_comes_back_with_the_lines_it_is_to_begin_with(colleague: Hand) -> None:
    """Once something is typed no placeholder shows them any more."""
    said = rehearse(colleague, text="[lending]\nloan_days = 50\n")
    assert "没有继承别的规则，就要每一项都写全" in said
    assert '从这几行写起： inherits = "default" name = "书信默认规则"' in said
    assert "从这几行写起" not in words(colleague.read("/admin/policies")), "an empty box has its placeholder"


def test_a_period_that_begins_in_another_year_says_which(colleague: Hand) -> None:
    assert "从 2025-11-20 到 2026-11-20" in rehearse(colleague, pack="default", days="365")
    assert "从 8月22日（周六） 到 11月20日（周五）" in rehearse(colleague, pack="default", days="90")
