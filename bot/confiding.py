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
LIBRARY = "读者证|讀者證|读者卡|讀者卡|借书证|借書證|借书卡|借書卡|借阅证|借閱證|借阅卡|图书证|圖書證"
CITIZEN = "市民卡|社保卡|社会保障卡|社會保障卡|一卡通"
CARD = re.compile(
    rf"(?:(?P<library>{LIBRARY}|library card|reader card)|(?P<citizen>{CITIZEN}|citizen card)|卡|card)"
    r"\s*(?:上)?(?:的)?\s*(?:号码|號碼|号|號|编号|編號|no\.?|number)?\s*(?:是|为|為|is|[:：=])?\s*"
    r"(?P<number>[A-Za-z]{0,4}[ -]?\d(?:[ -]?\d){5,29}[A-Za-z]?)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[A-Za-z]{0,4}[ -]?\d(?:[ -]?\d){5,29}[A-Za-z]?")
# An ISBN is looked for, and a day is told; neither is confided.
BOOK = re.compile(r"97[89](?:[ -]?\d){10}|(?:\d[ -]?){9}[\dXx]|(?:19|20)\d\d[ -]\d\d?[ -]\d\d?")


def secret_in(text: str) -> bool:
    """Whether the text holds an identity number, a bank card's number, a card's number or a password."""
    return bool(PASSWORD.search(text)) or of_a_person(text) or card_in(text) is not None


def of_a_person(text: str) -> bool:
    """Whether the text holds an identity number or a bank card's."""
    return _identity(text) or _bank(text)


def card_in(text: str) -> str | None:
    """Of which kind a card is whose number stands in the text: "library", "citizen", "" for any; None without one."""
    for found in CARD.finditer(text):
        if not BOOK.fullmatch(found["number"].strip()):
            return "library" if found["library"] else "citizen" if found["citizen"] else ""
    return None


def bare_number(text: str) -> bool:
    """Whether the text is a number and nothing else, and not a book's."""
    said = text.strip()
    return bool(NUMBER.fullmatch(said)) and not BOOK.fullmatch(said)


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
