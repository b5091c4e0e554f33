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
        ("[[ledger.rules]]\nevent = 'borrow'\nper = 'book'\ndelta = 1\nsource = 'x'\n[[ledger.rules]]\nevent = 'lost'\n"
         "per = 'book'\ndelta = -1\nsource = 'x'\ncap_covers = ['borrow']\n", 13, "'borrow' goes the other way"),
        ("[[ledger.rules]]\nevent = 'borrow'\nper = 'book'\ndelta = 1\nsource = 'x'\ncap_covers = ['renew']\n",
         8, "'renew' is no event of this ledger"),
        ("without = ['ledger.redemptions']\n", 3, "ledger.redemptions is not there to be taken away"),
        ("[[amnesties]]\nname = '春节'\nfrom = 2027-02-10\nuntil = 2027-02-01\nsource = 'x'\n",
         3, "amnesties: 春节 ends before it begins"),
        ("[[tiers]]\nname='a'\nfrom_balance = 10\nsource = 'x'\n[[tiers]]\nname='b'\nfrom_balance = 5\nsource = 'x'\n",
         7, "tiers must climb"),
        ("inherited = 'x'\n", 3, "unknown field 'inherited'"),
        ("[lending]\nloan_days = '30'\n", 4, "expected a whole number like 30, found '30'"),
        ("[lending]\nblocked_while_overdue = 'yes'\n", 4, "expected true or false, found 'yes'"),
        ("[lending]\nloan_days = true\n", 4, "expected a whole number like 30, found true"),
        ("[gate]\nthresholds = [{ from = '2026-01-01', score = 550 }]\n", 4, "expected a day like 2026-11-20"),
        ("[gate]\nthresholds = [{ from = 2026-01-01, score = 5500 }]\n", 4, "must be at most 950, found 5500"),
        ("[gate]\nthresholds = [\n  { from = 2026-01-01, score = 600 },\n  { from = 2025-01-01, score = 550 },\n]\n",
         6, "the earliest day comes first"),
        ("[lending]\nloan_days = 400_000_000\n", 4, "loan_days: must be at most 36500, found 400000000"),
        ("[review]\nanswer_hours = 9_000_000\n", 4, "answer_hours: must be at most 876000"),
        (f"[free_shipping]\ndaily_fen = 1{'0' * 30}\n", 4, "daily_fen: must be at most 1000000000"),
        (f"[freeze]\nbelow = -1{'0' * 30}\n", 4, "below: must be at least -1000000000"),
        ("[lending]\nlimit = 5\n", 4, "ladder.steps must not go above lending.limit, which is 5"),
        ("without = 'ledger.redemption'\n", 3, "expected a list like"),
        ("amnesties = [{ name = '春节', every = '2-30', source = 'x' }]\n", 3, "knows no day '2-30'"),
        ("amnesties = [{ name = '春节', source = 'x' }]\n", 3, "needs either from and until, or every"),
        ("[calendar]\nclosed_on = ['大年三十']\n", 4, "no day is called '大年三十'"),
        ("[[ledger.rules]]\nevent = 'borrow'\nper = 'hour'\ndelta = 1\nsource = 'x'\n", 5, 'counted per = "book"'),
        ("[[ledger.rules]]\nevent = 'lost'\nper = 'book'\ndelta = 50\nsource = 'x'\n", 6, "write it below 0, found 50"),
        ("[[pools]]\nname = 'a'\nways = ['post']\nmaterials = []\nlimit = 3\nsource = 'x'\n", 5, "one of order, desk"),
        ("lending = 3\n", 3, "expected a table"),
        ("[lending]\nlimit = 3\n[lending]\nlimit = 4\n", 5, "Cannot declare"),
        ("[lending]\nloan_days =\n", 4, "Invalid value: loan_days ="),
        ("known_as = [“小城”]\n", 3, "as on an English keyboard"),
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
    assert told.startswith("city.toml:4: lending: loan_days: expected a whole number")


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, TOWN + "[lending]\nloan_days 30\n").startswith("town.toml:4: ")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("[lending]\nloan_dayz = 30\n", "did you mean 'loan_days'?"),
        ("[lendings]\nlimit = 3\n", "did you mean 'lending'?"),
        ("[[ledger.rules]]\nevent = 'borow'\ndelta = 1\nsource = 'x'\n", "did you mean 'borrow'?"),
        ("without = ['ledger.redemptions']\n", "did you mean 'ledger.redemption'?"),
    ],
)
def test_what_was_probably_meant_is_said(tmp_path: Path, said: str, meant: str) -> None:
    assert refused(tmp_path, TOWN + said).endswith(meant)


def test_a_parent_nobody_knows_is_told_with_its_line_and_a_likely_one(tmp_path: Path) -> None:
    assert refused(tmp_path, 'name = "小城"\ninherits = "zhejang"\n') == (
        "town.toml:2: inherits: there is no pack 'zhejang'; did you mean 'zhejiang'?"
    )


def test_a_circle_of_files_is_told_with_its_way(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text('inherits = "town.toml"\n', encoding="utf-8")
    told = refused(tmp_path, 'inherits = "city.toml"\n')
    assert told == "city.toml:1: inherits: inherits from itself (town → city → town)"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "town.toml: empty; begin with inherits"),
        (b"  \n\n", "town.toml: empty; begin with inherits"),
        (TOWN.encode("gb18030"), "town.toml: not written in utf-8 (GBK?)"),
        (f"{TOWN}limit = {'9' * 5000}".encode(), "town.toml: a number too long or brackets too deep"),
        (f"{TOWN}limit = {'[' * 5000}".encode(), "town.toml: a number too long or brackets too deep"),
        (f'inherits = "{"x" * 5000}"'.encode(), "town.toml:1: inherits: there is no pack 'xxx"),
        (b'inherits = "a\\u0000b"', "town.toml:1: inherits: there is no pack"),
        ('name = "小城"\n'.encode(), "a pack that inherits from none says everything itself"),
    ],
)
def test_a_file_that_is_no_pack_at_all_is_told_kindly(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(raw)
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert reason in str(caught.value)


def test_a_mark_before_the_text_does_no_harm_and_a_folder_is_no_pack(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TOWN.encode())
    assert load_policy(path).name == "小城图书馆"
    (folder := tmp_path / "a.toml").mkdir()
    with pytest.raises(PolicyError, match="Is a directory"):
        load_policy(folder)


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
