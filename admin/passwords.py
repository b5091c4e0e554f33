"""Passwords of librarians: argon2 hashes, at most two computed at once, and readable ones to begin with."""

from __future__ import annotations

import secrets
from base64 import b64encode
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10  # characters
LONGEST = 200
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)  # 64 MiB each
AT_ONCE = BoundedSemaphore(2)  # so that a storm of guesses cannot fill the memory
SYLLABLES = [a + b for a in "bdfghjkmnprstz" for b in ("a", "e", "i", "o", "u")]


def hashed(password: str) -> str:
    """What is stored instead of the password."""
    with AT_ONCE:
        return HASHER.hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether the password is the stored one."""
    with AT_ONCE:
        try:
            return HASHER.verify(stored, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False


def readable() -> str:
    """A random password that can be read out and typed: four short words and two digits, about 56 bits."""
    words = ("".join(secrets.choice(SYLLABLES) for _ in range(2)) for _ in range(4))
    return "-".join([*words, f"{secrets.randbelow(100):02d}"])


def _random(length: int) -> str:
    return b64encode(secrets.token_bytes(length)).decode().rstrip("=")


# Verified for unknown names, so that they take as long as known ones; made up rather than computed, and fits nothing.
NOBODY = (
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    f"${_random(HASHER.salt_len)}${_random(HASHER.hash_len)}"
)
