"""What the environment says (SHUXIN_…), checked once at the start; a bad value stops it with one clear line."""

from __future__ import annotations

import base64
import errno
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from lending.model import LIBRARY_ZONE
from lending.policy import Policy, PolicyError, load_policy

PREFIX = "SHUXIN_"
TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{3,80}")
DIGITS = 20  # of a number; Python reads none of thousands
SECRET = re.compile(r"\S{16,}")  # short ones can be guessed, and with them any session forged
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # line ends and other signs that no value has
FULL = (errno.ENOSPC, errno.EDQUOT)  # of bytes, of files, or of what the user may have
NO_ADDRESS = frozenset(' ?#"<>\\^`{|}')
LONGEST_NAME = 100  # signs of a library's name: it stands in every greeting
TELEGRAM_PORTS = (None, 443, 80, 88, 8443)
TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes as secret_token


class SettingError(ValueError):
    """A setting that cannot be used; the text names it, says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Kuaidi100:
    """What 快递100 gave the library; `url` is another address of theirs, for trying out."""

    key: str
    customer: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Alipay:
    """What Alipay gave the library: keys as PEM; `aes_key` b'' when contents are not encrypted; `url` to try out."""

    app_id: str
    key: bytes
    public_key: bytes
    aes_key: bytes = b""
    url: str = ""
    rents: bool = False  # 信用借还 may be offered


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
    threads: int = 8
    sip2_port: int = 0  # 0: no terminals are listened to
    sip2_terminals: str = ""
    kuaidi100: Kuaidi100 | None = None
    alipay: Alipay | None = None
    cards_sip2: str = ""  # where another system is asked about its cards; '' asks none
    faces: bool = False  # an outside verifier of persons is offered (A3-32)
    keys: Path | None = None  # what readers' data is sealed with; None: the file "keys" in the data folder


KNOWN = ("DATA", "KEYS", "LIBRARY", "POLICY", "SECRET", "NOW", "PUBLIC_URL", "SIMULATORS", "TELEGRAM_TOKEN",
         "TELEGRAM_API", "TELEGRAM_SECRET", "THREADS", "SIP2_PORT", "SIP2_TERMINALS", "ALIPAY_APP_ID", "ALIPAY_KEY",
         "ALIPAY_PUBLIC_KEY", "ALIPAY_AES_KEY", "ALIPAY_URL", "ALIPAY_RENTS",
         "KUAIDI100_KEY", "KUAIDI100_CUSTOMER", "KUAIDI100_URL", "CARDS_SIP2", "FACE")  # fmt: skip
PATHS = ("DATA", "KEYS", "POLICY", "ALIPAY_KEY", "ALIPAY_PUBLIC_KEY")  # a file's name may be in any coding
MEASURING = ("SHARED_DATA", "BOOKS", "RUNS")  # what tests and benchmarks are told; nothing to the service


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings, or SettingError. Makes the data folder, and a secret in it when none is given."""
    given = {name.removeprefix(PREFIX): value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    for name in given:
        if name not in KNOWN + MEASURING:
            raise SettingError(
                f"{PREFIX}{name} is not a setting; known are {', '.join(PREFIX + known for known in KNOWN)}"
            )
    given = {name: value for name, value in given.items() if value}
    for name in given.keys() - set(PATHS):
        if not is_text(given[name]):
            raise SettingError(f"{PREFIX}{name}: not written in UTF-8; write it so")
        if UNSEEN.search(given[name]) and name != "SIP2_TERMINALS":  # of them there may be many lines
            raise SettingError(f"{PREFIX}{name}: holds a line end, a tab or another sign nobody sees; leave it out")
    return Settings(
        policy=_policy(given.get("POLICY", "default")),
        start=moment(given.get("NOW", "")),
        public_url=_public_url(given),
        simulators=_yes("SIMULATORS", given.get("SIMULATORS", "1")),
        telegram_token=_matching(
            "TELEGRAM_TOKEN", given.get("TELEGRAM_TOKEN", ""), TOKEN, "123456:ABC… as @BotFather gives it"
        ),
        telegram_api=_url("TELEGRAM_API", given.get("TELEGRAM_API", "")),
        telegram_secret=_matching(
            "TELEGRAM_SECRET", given.get("TELEGRAM_SECRET", ""), TELEGRAM_SECRET, "up to 256 letters, digits, _ and -"
        ),
        threads=_number("THREADS", given.get("THREADS", "8"), 1, 256),
        sip2_port=_number("SIP2_PORT", given.get("SIP2_PORT", "0"), 0, 65535),
        sip2_terminals=given.get("SIP2_TERMINALS", ""),
        kuaidi100=_kuaidi100(given),
        alipay=_alipay(given),
        cards_sip2=given.get("CARDS_SIP2", ""),
        faces=_faces(given),
        keys=_key_file(given.get("KEYS", "")),
        library=_library(given.get("LIBRARY", "云栖市图书馆")),
        data=(data := _folder(given.get("DATA", "data"))),
        secret=_matching("SECRET", given.get("SECRET", ""), SECRET, "16 characters or more, without spaces")
        or _kept_secret(data),
    )


def _library(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise SettingError(f"{PREFIX}LIBRARY={name[:20]}…: {len(name)} characters; at most {LONGEST_NAME}")
    return name


def _public_url(given: Mapping[str, str]) -> str:
    """Where we are found, by Telegram too, which posts to none but such addresses."""
    url = _url("PUBLIC_URL", given.get("PUBLIC_URL", ""))
    if url and given.get("TELEGRAM_TOKEN") and not given.get("TELEGRAM_API"):
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.port not in TELEGRAM_PORTS:
            raise SettingError(
                f"{PREFIX}PUBLIC_URL={url}: Telegram posts to https:// at port 443, 80, 88 or 8443 alone; "
                "give such an address, or none: then Telegram is asked for what is new"
            )
    return url


def _kuaidi100(given: Mapping[str, str]) -> Kuaidi100 | None:
    """Key and customer number come together, and pushes need an address of ours to come to."""
    key, customer = given.get("KUAIDI100_KEY", ""), given.get("KUAIDI100_CUSTOMER", "")
    if bool(key) != bool(customer):
        raise SettingError(f"{PREFIX}KUAIDI100_KEY and {PREFIX}KUAIDI100_CUSTOMER: set both, or neither")
    if key and not given.get("PUBLIC_URL"):
        raise SettingError(f"{PREFIX}KUAIDI100_KEY: set {PREFIX}PUBLIC_URL too, the address it is to push to")
    url = _url("KUAIDI100_URL", given.get("KUAIDI100_URL", ""))
    return Kuaidi100(key, customer, url) if key else None


def _alipay(given: Mapping[str, str]) -> Alipay | None:
    """App number and both keys come together, and readers need an address of ours to come back to."""
    names = ("ALIPAY_APP_ID", "ALIPAY_KEY", "ALIPAY_PUBLIC_KEY", "PUBLIC_URL")
    if not any(given.get(name) for name in names[:3]):
        return None
    for name in names:
        if not given.get(name):
            raise SettingError(f"{PREFIX}{name} is missing: Alipay needs {', '.join(PREFIX + each for each in names)}")
    if _yes("SIMULATORS", given.get("SIMULATORS", "1")):
        raise SettingError(f"{PREFIX}ALIPAY_APP_ID: set {PREFIX}SIMULATORS=0 too, or anyone may answer in their place")
    keys = [_file(name, given[name]) for name in names[1:3]]
    url, rents = _url("ALIPAY_URL", given.get("ALIPAY_URL", "")), _yes("ALIPAY_RENTS", given.get("ALIPAY_RENTS", "0"))
    aes = _base64("ALIPAY_AES_KEY", given.get("ALIPAY_AES_KEY", ""))
    return Alipay(given["ALIPAY_APP_ID"], keys[0], keys[1], aes, url, rents)


def _faces(given: Mapping[str, str]) -> bool:
    """Only a simulated verifier there is so far; a real one is a file like partners/identity_simulator.py."""
    wanted = _yes("FACE", given.get("FACE", "0"))
    if wanted and not _yes("SIMULATORS", given.get("SIMULATORS", "1")):
        raise SettingError(f"{PREFIX}FACE: the only verifier is a simulator; leave it off, or set {PREFIX}SIMULATORS=1")
    return wanted


def _file(name: str, path: str) -> bytes:
    try:
        return _path(name, path).read_bytes()
    except OSError as error:
        raise SettingError(f"{PREFIX}{name}={path}: cannot be read ({error.strerror})") from error


def _base64(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b"?"
    if len(key) not in (0, 16, 24, 32):
        raise SettingError(f"{PREFIX}{name}: not a key; it is the base64 of 16 bytes as Alipay shows it")
    return key


def _key_file(text: str) -> Path | None:
    """Where the keys are, when they are not to lie beside the data they open."""
    if not text:
        return None
    path = _path("KEYS", text)
    try:
        right = path.parent.is_dir() and (path.is_file() or not os.path.lexists(path))  # a pipe would be waited for
    except OSError:  # its name is too long
        right = False
    if not right:
        raise SettingError(f"{PREFIX}KEYS={text}: name a file in a folder that exists; it is made at the first start")
    return path


def _path(name: str, text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise SettingError(f"{PREFIX}{name}={text}: nobody is called so here; write the whole path") from error


def _folder(text: str) -> Path:
    path = _path("DATA", text)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # readers' addresses live in it
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        remedy = "make room on that disk" if error.errno in FULL else "name a folder of your own"
        raise SettingError(f"{PREFIX}DATA={text}: cannot write there ({error.strerror}); {remedy}") from error
    return path


def _kept_secret(data: Path) -> str:
    """A secret for sessions, made once and kept beside the data, readable by its owner only."""
    path = data / "secret"
    try:
        if path.is_fifo():  # it would be waited for
            raise OSError("a pipe, not a file")
        if not path.exists() or not path.read_text().strip():
            _make_secret(path)
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: cannot be read ({error}); remove it, or set {PREFIX}SECRET") from error


def _make_secret(path: Path) -> None:
    number, name = tempfile.mkstemp(dir=path.parent, prefix="secret-")  # born 0600
    os.close(number)
    made = Path(name)
    try:
        made.write_text(secrets.token_urlsafe(32))
        made.replace(path)
    except OSError as error:
        made.unlink()
        raise SettingError(f"{path}: cannot be written ({error.strerror}); make room, or set {PREFIX}SECRET") from error


def _policy(name: str) -> Policy:
    try:
        return load_policy(name)
    except PolicyError as error:
        raise SettingError(f"{PREFIX}POLICY: {error}") from error


def moment(text: str, name: str = f"{PREFIX}NOW=") -> datetime | None:
    """An ISO time; without a zone it is the library's. SettingError begins with `name`."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=LIBRARY_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SettingError(f"{name}{text}: not an ISO time; write it like 2026-12-27T10:00") from error
    if not 1970 <= found.year < 3000:  # loans and their due dates must have room in the calendar
        raise SettingError(f"{name}{text}: not a year of 1970 to 2999; write it like 2026-12-27T10:00")
    return found


def _url(name: str, text: str) -> str:
    """An address of a site: scheme, host and perhaps a port and a path. A password would stand in every link."""
    if "@" in text:
        raise SettingError(f"{PREFIX}{name}: without name and password; write it like https://books.example.org")
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not set(text) & NO_ADDRESS
    except ValueError:
        right = False
    if text and not right:
        raise SettingError(f"{PREFIX}{name}={text}: not an address; write it like https://books.example.org")
    return text.rstrip("/")


def _yes(name: str, text: str) -> bool:
    if text.lower() not in ("0", "1", "yes", "no", "true", "false"):
        raise SettingError(f"{PREFIX}{name}={text}: neither yes nor no; write 1 or 0")
    return text.lower() in ("1", "yes", "true")


def is_text(value: str) -> bool:
    """Not what the environment holds for bytes that are no UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _matching(name: str, text: str, pattern: re.Pattern[str], right: str) -> str:
    if text and not pattern.fullmatch(text):
        raise SettingError(f"{PREFIX}{name}: not of its form; it is {right}")
    return text


def _number(name: str, text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS or not low <= int(text) <= high:
        raise SettingError(f"{PREFIX}{name}={text[:DIGITS]}: a whole number from {low} to {high}")
    return int(text)
