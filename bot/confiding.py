"""What should not be said in a chat: identity numbers, bank cards, passwords. Answered kindly, and not kept (A3-31)."""

from __future__ import annotations

import re

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{17})([\dXx])(?![0-9A-Za-z])")
BANK = re.compile(r"(?<![0-9A-Za-z])(?:\d[ -]?){16,19}(?![0-9A-Za-z])")
PASSWORD = re.compile(
    r"(?:密码|密碼|口令|password|passcode|pwd)\s*(?:是|为|為|is|[:：=])\s*[\"'“]?[^\s，。？?！!\"'”]*[A-Za-z0-9]",
    re.IGNORECASE,
)


def secret_in(text: str) -> bool:
    """Whether the text holds an identity number, a bank card's number or a password."""
    return bool(PASSWORD.search(text)) or _identity(text) or _bank(text)


def _identity(text: str) -> bool:
    """Eighteen digits whose last one proves the others (GB 11643)."""
    return any(
        CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11] == check.upper()
        for body, check in IDENTITY.findall(text)
    )


def _bank(text: str) -> bool:
    """Sixteen to nineteen digits with a Luhn digit that fits."""
    found = (re.sub(r"\D", "", match) for match in BANK.findall(text))
    return any(16 <= len(digits) <= 19 and _luhn(digits) for digits in found)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0
