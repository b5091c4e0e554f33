"""A wrong pack is refused with its file, its line and the reason, also when the wrong word was inherited."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from lending import toml_lines
from lending.policy import PolicyError, load_policy, load_text

TOWN = 'inherits = "default"\nname = "小城图书馆"\n'


def refused(tmp_path: Path, text: str, name: str = "town") -> str:
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("said", "line", "reason"),
    [
        ("[lending]\nloan_dayz = 30\n", 4, "lending: loan_dayz: unknown field 'loan_dayz'"),
        ("[lending]\n# a comment\nloan_days = 0\n", 5, "lending: loan_days: must be at least 1, found 0"),
        ("[lendings]\nlimit = 3\n", 3, "unknown field 'lendings'"),
        ("[desk]\nopens = '09:00'\ncloses = '08:00'\n", 5, "desk.closes must come after desk.opens"),
        ("[ladder]\nsteps = [\n  { returned_on_time = 0, limit = 2 },\n  { returned_on_time = 0, limit = 4 },\n]\n",
         6, "ladder.steps must climb"),
        ("[ladder]\nsteps = [\n  { returned_on_time = 0, limit = 99 },\n]\n", 5, "must not go above lending.limit"),
        ("[gate]\nthresholds = [\n  { from = 2020-01-01, score = 550 },\n  { from = 2021-01-01, scores = 1 },\n]\n",
         6, "unknown field 'scores'"),
        ("[[ledger.rules]]\nevent = 'borow'\ndelta = 1\nsource = 'A6-2'\n", 4, "event must be one of borrow,"),
        ("[[ledger.rules]]\nevent = 'borrow'\ndelta = 1\nsource = 'x'\n[[ledger.rules]]\nevent = 'lost'\ndelta = -1\n"
         "source = 'x'\ncap_covers = ['borrow']\n", 11, "'borrow' goes the other way"),
        ("[[ledger.rules]]\nevent = 'borrow'\ndelta = 1\nsource = 'x'\ncap_covers = ['renew']\n",
         7, "'renew' is no event of this ledger"),
        ("without = ['ledger.redemptions']\n", 3, "ledger.redemptions is not there to be taken away"),
        ("[[amnesties]]\nname = '春节'\nfrom = 2027-02-10\nuntil = 2027-02-01\nsource = 'x'\n",
         3, "amnesties: 春节 ends before it begins"),
        ("[[tiers]]\nname='a'\nfrom_balance = 10\nsource = 'x'\n[[tiers]]\nname='b'\nfrom_balance = 5\nsource = 'x'\n",
         7, "tiers must climb"),
        ("inherited = 'x'\n", 3, "unknown field 'inherited'"),
    ],
)  # fmt: skip
def test_the_line_and_the_reason_are_named(tmp_path: Path, said: str, line: int, reason: str) -> None:
    told = refused(tmp_path, TOWN + said)
    assert told.startswith(f"town.toml:{line}: ")
    assert reason in told


def test_what_is_missing_is_told_at_its_table(tmp_path: Path) -> None:
    told = refused(tmp_path, TOWN + "[[ledger.rules]]\nevent = 'borrow'\nsource = 'x'\n")
    assert told == "town.toml:3: ledger: rules[1]: delta: delta is missing"


def test_what_was_inherited_wrong_is_told_in_the_file_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(TOWN + "[lending]\nloan_days = 'long'\n", encoding="utf-8")
    told = refused(tmp_path, f'inherits = "{tmp_path / "city.toml"}"\nname = "分馆"\n[lending]\nrenewals = 2\n')
    assert told.startswith("city.toml:4: lending: loan_days: expected int")


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert re.search(r"town\.toml: .*line 4", refused(tmp_path, TOWN + "[lending]\nloan_days 30\n"))


def test_a_member_may_not_ask_for_more_than_its_alliance(tmp_path: Path) -> None:
    """A2-8: unless it says so itself."""
    said = 'inherits = "zhejiang"\nname = "小城"\n[gate]\nthresholds = [{ from = 2026-01-01, score = 600 }]\n'
    assert "asks for 600, the alliance for at most 550" in refused(tmp_path, said)
    path = tmp_path / "town.toml"
    path.write_text(said.replace("[gate]\n", "[gate]\nat_most = 600\n"), encoding="utf-8")
    assert load_policy(path).gate.at_most == 600


def test_a_city_does_not_lie_under_its_branch(tmp_path: Path) -> None:
    """A12-6."""
    told = refused(tmp_path, 'inherits = "yinzhou"\nname = "小城"\nlevel = "city"\n')
    assert told.startswith("town.toml:3: level: lies over a pack of a lower level")


def test_a_list_is_replaced_and_a_table_taken_away_only_when_said(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text(TOWN, encoding="utf-8")
    assert load_policy(path).ledger.redemption is not None
    path.write_text(TOWN + "without = ['ledger.redemption']\n", encoding="utf-8")
    assert load_policy(path).ledger.redemption is None


def test_keys_in_texts_and_comments_are_not_taken_for_keys() -> None:
    text = 'a = "b = 1 # no [list"  # c = 2\n[t] # [u]\n"d" = [1, 2]\nlong = [\n  # nothing\n  { x = 1 },\n  2,\n]\n'
    found = toml_lines.lines(text)
    assert found == {("a",): 1, ("t",): 2, ("t", "d"): 3, ("t", "long"): 4, ("t", "long", 1): 6, ("t", "long", 2): 7}


def test_the_pack_in_the_documentation_is_a_whole_one() -> None:
    text = (Path(__file__).parents[2] / "docs" / "credit.md").read_text(encoding="utf-8")
    found = re.search(r"```toml\n(.*?)```", text, re.S)
    assert found
    policy = load_text(dedent(found[1]))
    assert (policy.name, policy.lending.loan_days, policy.freeze.days) == ("小城图书馆", 30, 14)
