"""What the environment says (SHUXIN_…), checked once at the start; a bad value stops it with one clear line."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from lending.model import LIBRARY_ZONE
from lending.policy import Policy, PolicyError, load_policy

PREFIX = "SHUXIN_"
TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{3,80}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes as secret_token


class SettingError(ValueError):
    """A setting that cannot be used; the text names it, says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service is told from outside."""

    data: Path
    library: str
    policy: Policy
    secret: str
    start: datetime | None = None  # where SHUXIN_NOW puts the clock
    public_url: str = ""
    simulators: bool = True
    telegram_token: str = ""
    telegram_api: str = ""
    telegram_secret: str = ""
    threads: int = 16


KNOWN = ("DATA", "LIBRARY", "POLICY", "SECRET", "NOW", "PUBLIC_URL", "SIMULATORS", "TELEGRAM_TOKEN", "TELEGRAM_API",
         "TELEGRAM_SECRET", "THREADS", "SHARED_DATA", "BOOKS")  # fmt: skip


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings, or SettingError. Makes the data folder, and a secret in it when none is given."""
    given = {name[len(PREFIX) :]: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    for name in given:
        if name not in KNOWN:
            raise SettingError(
                f"{PREFIX}{name} is not a setting; known are {', '.join(PREFIX + known for known in KNOWN[:11])}"
            )
    data = _folder(given.get("DATA") or "data")
    secret = given.get("SECRET") or _kept_secret(data)
    return Settings(
        data=data,
        library=given.get("LIBRARY") or "云栖市图书馆",
        policy=_policy(given.get("POLICY") or "default"),
        secret=secret,
        start=moment(given.get("NOW", "")),
        public_url=_url("PUBLIC_URL", given.get("PUBLIC_URL", "")),
        simulators=_yes("SIMULATORS", given.get("SIMULATORS", "1")),
        telegram_token=_matching(
            "TELEGRAM_TOKEN", given.get("TELEGRAM_TOKEN", ""), TOKEN, "123456:ABC… as @BotFather gives it"
        ),
        telegram_api=_url("TELEGRAM_API", given.get("TELEGRAM_API", "")),
        telegram_secret=_matching(
            "TELEGRAM_SECRET", given.get("TELEGRAM_SECRET", ""), SECRET, "letters, digits, _ and -"
        ),
        threads=_number("THREADS", given.get("THREADS", "16"), 1, 256),
    )


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise SettingError(
            f"{PREFIX}DATA={text}: cannot write there ({error.strerror}); name a folder of your own"
        ) from error
    return path


def _kept_secret(data: Path) -> str:
    """A secret for sessions, made once and kept beside the data, readable by its owner only."""
    path = data / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _policy(name: str) -> Policy:
    try:
        return load_policy(name)
    except PolicyError as error:
        raise SettingError(f"{PREFIX}POLICY: {error}") from error


def moment(text: str) -> datetime | None:
    """An ISO time; without a zone it is the library's."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingError(f"{PREFIX}NOW={text}: not an ISO time; write it like 2026-12-27T10:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=LIBRARY_ZONE)).astimezone(UTC)


def _url(name: str, text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise SettingError(f"{PREFIX}{name}={text}: not an address; write it like https://books.example.org")
    return text.rstrip("/")


def _yes(name: str, text: str) -> bool:
    if text.lower() not in ("0", "1", "yes", "no", "true", "false"):
        raise SettingError(f"{PREFIX}{name}={text}: write 1 or 0")
    return text.lower() in ("1", "yes", "true")


def _matching(name: str, text: str, pattern: re.Pattern[str], right: str) -> str:
    if text and not pattern.fullmatch(text):
        raise SettingError(f"{PREFIX}{name}: not of its form; it is {right}")
    return text


def _number(name: str, text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingError(f"{PREFIX}{name}={text}: a whole number from {low} to {high}")
    return int(text)
