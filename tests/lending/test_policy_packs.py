"""A policy pack is refused with one line that names the field, or it is right."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from lending.policy import PACKS, PolicyError, load_policy

DEFAULT = (PACKS / "default.toml").read_text(encoding="utf-8")
REFUSED = [  # what stands in the default pack, what is put instead, what the line must name
    ("loan_days = 40", "loan_dayz = 40", "unknown field 'loan_dayz'"),
    ("loan_days = 40", "", "loan_days is missing"),
    ("loan_days = 40", 'loan_days = "40"', "loan_days: expected a whole number"),
    ("loan_days = 40", "loan_days = true", "loan_days: expected a whole number"),
    ("loan_days = 40", "loan_days = 40.0", "loan_days: expected a whole number"),
    ("loan_days = 40", "loan_days = 0", "loan_days: must be at least 1"),
    ("renewals = 1", "renewals = -1", "renewals: must be at least 0"),
    ("parcel_cap = 5", "parcel_cap = 0", "parcel_cap: must be at least 1"),
    ("base_fen = 300", "base_fen = -300", "base_fen: must be at least 0"),
    ("blocked_while_overdue = true", "blocked_while_overdue = 1", "blocked_while_overdue: expected true or false"),
    ('renewal_anchor = "due_date"', 'renewal_anchor = "tomorrow"', "renewal_anchor must be one of due_date, today"),
    ('loan_starts = "pickup"', 'loan_starts = "never"', "loan_starts must be one of order, shipped, signed, pickup"),
    ('direction = "return"', 'direction = "back"', "direction must be one of borrow, return"),
    ('direction = "return"', 'direction = "borrow"', "fees.rates: borrow, city stands there twice"),
    ('quiet_from = "21:30"', 'quiet_from = "25:30"', "quiet_from: expected a time like 21:30"),
    ('quiet_from = "21:30"', "quiet_from = 2130", "quiet_from: expected a time like 21:30"),
    ('quiet_from = "21:30"', 'quiet_from = "21:30+08:00"', "quiet_from: expected a time like 21:30"),
    ("loan_days_more = 20", "loan_days_more = -20", "special: loan_days_more: must be at least 0"),
    ("loan_days_more = 20", "loan_days_more = 2000", "special: loan_days_more: must be at most 366"),
    ("renewals_more = 1", "renewals_more = 99", "special: renewals_more: must be at most 12"),
    ("keep_days_more = 2", "keep_days_more = 200", "special: keep_days_more: must be at most 31"),
    ("keep_days_more = 2", 'keep_days_more = "2"', "special: keep_days_more: expected a whole number"),
    ("hour = 10", "hour = 24", "hour: must be at most 23"),
    ("before_days = [3, 0]", "before_days = 3", "before_days: expected a list"),
    ("before_days = [3, 0]", 'before_days = [3, "0"]', "before_days[2]: expected a whole number"),
    ("before_days = [3, 0]", "before_days = [3, -1]", "before_days[2]: must be at least 0"),
    ("weekdays = [1, 2, 3, 4, 5, 6, 7]", "weekdays = [0]", "weekdays[1]: must be at least 1"),
    ("weekdays = [1, 2, 3, 4, 5, 6, 7]", "weekdays = [8]", "weekdays[1]: must be at most 7"),
    ("from = 2017-09-02", "from = 2017-09-02T00:00:00", "thresholds[1]: from: expected a day"),
    (
        "\nscore = 550",
        "\nscore = 550\n[[gate.thresholds]]\nfrom = 2017-09-02\nscore = 600",
        "gate.thresholds: 2017-09-02 stands there twice",
    ),
    ('event = "activity"', 'event = "borrow"', "ledger.rules: borrow stands there twice"),
    ("{ returned_on_time = 0, limit = 2 }", "{ returned_on_time = 1, limit = 2 }", "ladder.steps must begin"),
    ("{ returned_on_time = 6, limit = 8 }", "{ returned_on_time = 2, limit = 8 }", "ladder.steps must climb"),
    ("balance_on_thaw = 0", "balance_on_thaw = -5", "freeze.balance_on_thaw must not be less than freeze.below"),
    ('closes = "18:00"', 'closes = "08:00"', "desk.closes must come after desk.opens"),
    ("tries_a_day = 5", "tries_a_day = 0", "tries_a_day: must be at least 1"),
    ("mandate_days = 365", "mandate_days = 0", "mandate_days: must be at least 1"),
    ("of_age = 18", "of_age = 0", "of_age: must be at least 1"),
    ("[desk]", "[desks]", "unknown field 'desks'"),
    ("[promise]", "[promise", "pack.toml"),
]


@pytest.mark.parametrize(("stands", "instead", "names"), REFUSED)
def test_a_wrong_pack_is_refused_in_one_line(tmp_path: Path, stands: str, instead: str, names: str) -> None:
    assert stands in DEFAULT
    path = tmp_path / "pack.toml"
    path.write_text(DEFAULT.replace(stands, instead, 1), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert names in str(caught.value)
    assert "pack.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pack_that_is_not_utf8_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    with pytest.raises(PolicyError, match=r"pack\.toml: No such file"):
        load_policy(path)
    path.write_bytes(DEFAULT.encode("gb18030"))
    with pytest.raises(PolicyError, match=r"pack\.toml: .*utf-8"):
        load_policy(path)
    with pytest.raises(PolicyError, match="nowhere"):
        load_policy("nowhere")


@pytest.mark.parametrize("pack", sorted(path.stem for path in PACKS.glob("*.toml")))
def test_every_pack_that_comes_with_us_is_right(pack: str) -> None:
    assert load_policy(pack).name


def test_a_copy_of_a_pack_equals_it(tmp_path: Path) -> None:
    path = tmp_path / "copy.toml"
    path.write_text(DEFAULT, encoding="utf-8")
    assert load_policy(path) == load_policy()
    assert load_policy().reminders.quiet_from == time(21, 30)


@pytest.mark.parametrize(
    ("moment", "score"),
    [
        (datetime(2017, 1, 1, tzinfo=UTC), 600),
        (datetime(2017, 9, 1, 15, 59, 59, tzinfo=UTC), 600),
        (datetime(2017, 9, 1, 16, 0, tzinfo=UTC), 550),
        (datetime(2026, 1, 1, tzinfo=UTC), 550),
    ],
)
def test_the_threshold_changes_at_midnight_in_the_library(moment: datetime, score: int) -> None:
    """A1-3, A1-4: 600 was asked in 杭州; it is no part of any other library's history."""
    assert load_policy("杭州").threshold(moment) == score
    assert load_policy("晋城").threshold(moment) == load_policy().threshold(moment) == 550


def test_the_ladder_is_climbed_step_by_step() -> None:
    """D-2."""
    policy = load_policy()
    for returned in range(20):
        step, above = policy.ladder_step(returned)
        assert step.returned_on_time <= returned
        assert above is None or above.returned_on_time > returned
        assert above is None or above.limit > step.limit


def test_a_pack_lies_over_the_one_it_inherits_from(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text('inherits = "default"\nname = "小城"\n[lending]\nloan_days = 30\n', encoding="utf-8")
    policy = load_policy(path)
    assert (policy.name, policy.lending.loan_days, policy.lending.renewals) == ("小城", 30, 1)


def test_a_pack_that_inherits_from_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    path.write_text(f'inherits = "{path}"\n', encoding="utf-8")
    with pytest.raises(PolicyError, match="inherits from itself"):
        load_policy(path)


def test_a_pack_that_takes_something_away_leaves_the_one_below_as_it_was(tmp_path: Path) -> None:
    """Each file is read once and shared by all that lie over it."""
    below, above = tmp_path / "below.toml", tmp_path / "above.toml"
    below.write_text(DEFAULT, encoding="utf-8")
    above.write_text('inherits = "below.toml"\nwithout = ["ledger.redemption"]\n', encoding="utf-8")
    assert load_policy(above).ledger.redemption is None
    assert load_policy(below).ledger.redemption
    below.write_text(DEFAULT.replace("loan_days = 40", "loan_days = 41"), encoding="utf-8")
    assert load_policy(above).lending.loan_days == 41, "a file that was changed is read again"
