"""A card system and a verifier of persons that do not exist: the visitor says what they answer (A3-32).

Neither keeps a number: the card system answers at once, the verifier knows a question by its receipt.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from lending import simulated
from lending.database import Database, Store
from lending.model import Verdict
from lending.proofs import Begun

CARDS, FACE = "cards", "face:"


@dataclass(slots=True)
class SimulatedCards:
    """Implements `lending.proofs.CardSystem`; it says yes until the console tells it otherwise."""

    store: Store
    name: str = "cards-simulator"
    simulated: bool = True

    def verify(self, kind: str, number: str, password: str) -> Verdict:
        """What the console says it should."""
        return cards_say(self.store.db)


def cards_say(db: Database) -> Verdict:
    """What the card system answers now."""
    return Verdict(simulated.said(db, CARDS) or Verdict.YES)


def let_cards_say(db: Database, verdict: Verdict) -> None:
    """From now on it answers so."""
    simulated.say(db, CARDS, verdict)


@dataclass(slots=True)
class SimulatedFaces:
    """Implements `lending.proofs.PersonVerifier`; the page shows no camera, the visitor presses an answer."""

    store: Store
    public_url: str = ""
    name: str = "face-simulator"
    simulated: bool = True

    def begin(self, kind: str, number: str, back: str) -> Begun:
        """A receipt, and the page on which the visitor plays the verifier; of the number its end is shown there."""
        reference = secrets.token_urlsafe(18)
        about = {"kind": kind, "tail": number.strip()[-2:], "back": back}
        simulated.ask(self.store.db, FACE + reference, about)
        return Begun(reference, f"{self.public_url}/simulator/face/{reference}")

    def answer(self, reference: str) -> Verdict | None:
        """What the visitor pressed, if they have."""
        said = simulated.said(self.store.db, FACE + reference)
        return Verdict(said) if said else None


def question(db: Database, reference: str) -> dict[str, str]:
    """Kind, tail and way back of a question, and what was `said`. Raises UnknownThing."""
    return simulated.about(db, FACE + reference)


def answer(db: Database, reference: str, verdict: Verdict) -> bool:
    """The visitor's answer; False when there was one before."""
    return simulated.answer(db, FACE + reference, verdict)
