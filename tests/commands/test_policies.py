"""`flask policy …`: packs listed along the tree, told in sentences, refused with their line, and rehearsed (D-14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from lending.policy import PACKS, load_policy, packs
from tests.commandline import here, run

TOWN = 'inherits = "default"\nname = "小城图书馆"\n[lending]\nloan_days = 30\n'


def test_every_pack_is_listed_under_the_one_it_lies_over(tmp_path: Path) -> None:
    lines = here(tmp_path, "policy", "list").stdout.splitlines()
    assert len(lines) == len(packs())
    assert lines[0].startswith("* default  书信默认规则")
    above = lines.index(next(line for line in lines if " zhejiang " in line))
    assert lines[above + 1].startswith("      hangzhou  杭州图书馆，也叫杭州")


def test_jincheng_is_shown_by_its_chinese_name(tmp_path: Path) -> None:
    """A6."""
    said = here(tmp_path, "policy", "show", "晋城").stdout
    assert said.startswith("晋城市图书馆，2026-11-21 版\n没有另说的，从这里来：书信默认规则\n")
    assert "参加图书馆组织的志愿者服务，每次加 10 分，每年最高累积 100 分。" in said
    assert "比如：一天借 5 本：加 3 分。" in said


def test_a_right_file_is_told_by_what_differs_from_the_one_above_it(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_text(TOWN, encoding="utf-8")
    done = here(tmp_path / "data", "policy", "check", str(file))
    assert done.returncode == 0
    assert "town.toml 可以用：小城图书馆" in done.stdout
    assert "+ 一次最多 20 本，每本借 30 天。" in done.stdout
    assert "− 一次最多 20 本，每本借 40 天。" in done.stdout


def test_a_wrong_file_is_refused_with_its_line_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_text(TOWN.replace("loan_days", "loan_dayz"), encoding="utf-8")
    done = run(tmp_path / "data", "policy", "check", str(file))
    assert done.returncode == 1
    assert (
        done.stderr == "Error: town.toml:4: lending: loan_dayz: unknown field 'loan_dayz'; did you mean 'loan_days'?\n"
    )


def test_a_pack_without_a_version_of_its_own_is_reminded(tmp_path: Path) -> None:
    """Lines of the ledger keep the version they were written under."""
    file = tmp_path / "town.toml"
    file.write_text(TOWN, encoding="utf-8")
    assert "没有写自己的 version" in here(tmp_path / "data", "policy", "check", str(file)).stdout


def test_a_pack_is_rehearsed_on_this_library(tmp_path: Path) -> None:
    said = here(tmp_path, "policy", "rehearse", str(PACKS / "zhuhai.toml"), "--last", "30d").stdout
    assert "换成「珠海市图书馆」重来一遍" in said
    assert "更好 0 位，更差 0 位，有好有坏 0 位，不变 0 位。" in said
    assert "两份规则说的一样" in said
    assert "起始分 100 → 1000：只给以后新来的读者" in said


@pytest.mark.parametrize("last", ["0d", "soon", "-3d", "90 weeks", "12345d"])
def test_a_span_that_is_none_is_refused(tmp_path: Path, last: str) -> None:
    done = here(tmp_path, "policy", "rehearse", "晋城", "--last", last)
    assert done.returncode == 1
    assert f"--last {last}: write it in days, like 90d" in done.stderr


def test_a_library_nobody_knows_is_refused_in_one_line(tmp_path: Path) -> None:
    done = here(tmp_path, "policy", "show", "亚特兰蒂斯")
    assert done.returncode == 1
    assert "亚特兰蒂斯.toml: No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["jincheng", "晋城", "晋城市图书馆"])
def test_the_setting_chooses_the_pack_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    lines = here(tmp_path, "policy", "list", POLICY=name).stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("*")] == ["jincheng"]
    assert load_policy(name).name == "晋城市图书馆"
