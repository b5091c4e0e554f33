"""Whatever a rule refuses is explained: the reason, the reader's own numbers, a way on and a person to ask (A11-5, D-4)."""

from __future__ import annotations

import pytest

from bot import dialogue
from bot.texts import LANGUAGES, Words, refusal
from bot.understanding import understand
from tests.test_locale import samples

# Numbers of a refusal that its sentence does not say, each with why.
UNSAID = {
    ("NoCopyAvailable", "title_id"): "the title is named",
    ("NoNeedToHold", "title_id"): "the title is named",
    ("CannotBuy", "title_id"): "the title is named",
    ("CannotRenew", "number"): "claimed, collected and lost count nothing",
    ("CannotBuy", "number"): "a price in yuan; who bought it and what is left count nothing",
    ("CannotTransfer", "number"): "only some of the reasons count something",
    ("CannotTransfer", "title_id"): "the title is named",
    ("CannotMandate", "number"): "only two of the reasons count something",
    ("PriceChanged", "fee_fen"): "said in yuan",
    ("NothingToRedeem", "points"): "where all is redeemed, or nothing can be, the most is what counts",
    ("NothingToRedeem", "balance"): "likewise",
    ("NothingToRedeem", "taken"): "likewise",
    ("NothingToRedeem", "most"): "where points are missing, these count",
    ("CannotSignUp", "event_id"): "the activity is named",
    ("CannotSignUp", "number"): "only too many people are counted",
    ("CannotCheckIn", "event_id"): "the activity is named",
    ("BadEvent", "number"): "only seats are counted",
    ("CannotAdd", "most"): "only too many books are counted",
    ("CannotMerge", "in_hand"): "said",
    ("CannotMerge", "limit"): "said",
}

TO_STAFF = {  # said on the staff page or a kiosk's screen, where a librarian is beside it
    "BadDays", "BarcodeTaken", "CannotStep", "CardBlocked", "CardTaken", "NoPrice", "NotForLoan", "NothingScanned", "SameEyes", "ScanStands", "TakeMoved",
}  # fmt: skip


def known(action: str) -> bool:
    """Does pressing it lead anywhere?"""
    if action.startswith("i:"):
        return action[2:].partition(":")[0] in dialogue.INTENTS
    return action.partition(":")[0] in dialogue.PRESSES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words_ways_that_lead_on_and_a_person(language: str) -> None:
    words = Words(language)
    for error in samples():
        text, buttons = refusal(words, error)
        assert len(text.strip()) > 3, error
        actions = [button.action for button in buttons]
        assert "i:escalate" in actions, error
        assert len(buttons) >= 2 or type(error).__name__ in TO_STAFF, f"only a person: {error!r}"
        assert [action for action in actions if action and not known(action)] == [], error
        assert len(set(actions)) == len(actions), error


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_refusal_is_told_or_counts_nothing(language: str) -> None:
    words, silent = Words(language), set()
    for error in samples():
        text, _buttons = refusal(words, error)
        for name, value in error.facts().items():
            if isinstance(value, int) and not isinstance(value, bool) and str(value) not in text:
                silent.add((type(error).__name__, name))
    assert sorted(silent - set(UNSAID)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_way_out_said_in_words_is_understood(language: str) -> None:
    """Every channel is complete by text: a button's label typed out works like the button."""
    words = Words(language)
    ways = {button for error in samples() for button in refusal(words, error)[1] if button.action.startswith("i:")}
    assert len(ways) > 10
    assert [button.label for button in ways if understand(button.label).name not in dialogue.INTENTS] == []
