"""Names, phones, addresses and words are sealed before they reach the disk: AES-256-GCM, keys in a file of their own.

SQL seals and opens them by the functions seal(), unseal(), legible() and keyed(), which every connection knows.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import sqlite3
import tempfile
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lending.errors import StoreUnwritable

FORM = re.compile(r"~([0-9a-f]{8})\.([A-Za-z0-9_-]+=*)")  # which key, then nonce and sealed text
KEY = re.compile(r"[0-9a-f]{64}")
TO_URL, FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
SEALED_AT = 10  # after the mark of the key and its dot
NONCE = 12  # bytes, as GCM wants it
FINDABLE = 10_000  # texts remembered


class KeyLost(StoreUnwritable):
    """Something is sealed with a key that the key file does not hold, or the file cannot be used."""


@dataclass(frozen=True, slots=True)
class _Key:
    mark: str
    cipher: AESGCM
    lookup: bytes  # for keyed hashes: never the sealing key itself


Keys = Callable[[], tuple[_Key, ...]]


def _key(text: str) -> _Key:
    raw = bytes.fromhex(text)
    return _Key(sha256(raw).hexdigest()[:8], AESGCM(raw), hmac.digest(raw, b"look-up", "sha256"))


class Findable(NamedTuple):
    """A text as rows hold it: its hash by each key, the newest first, and itself sealed."""

    hashes: tuple[str, ...]
    sealed: str


def _hashed(key: _Key, text: str) -> str:
    return hmac.digest(key.lookup, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


class Vault:
    """The keys of one data folder, the newest first; made at the first use, read again when changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = os.fspath(path)
        self._read_at: tuple[int, int] | None = None
        self._keys: tuple[_Key, ...] = ()
        self._found: dict[str, Findable] = {}  # what was asked for lately

    def attach(self, connection: sqlite3.Connection, in_turns: bool = False) -> None:
        """Give a connection's SQL the four functions. One that writes looks for new keys when a turn begins.

        Whoever turns the key then writes rows anew in turns of their own, and meets all that was sealed before.
        """
        keys = self.last if in_turns else self.keys
        connection.create_function("seal", 1, lambda text: self.seal(text, keys))
        connection.create_function("unseal", 1, self.unseal)
        connection.create_function("legible", 1, self.legible)
        connection.create_function("keyed", 1, lambda text: self.keyed(text, keys))

    def seal(self, text: str | None, keys: Keys | None = None) -> str | None:
        """The text as it may stand on the disk; nothing stays nothing. Raises KeyLost."""
        if not text:
            return text
        key, nonce = (keys or self.keys)()[0], os.urandom(NONCE)
        sealed = nonce + key.cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)
        return f"~{key.mark}.{b2a_base64(sealed, newline=False).translate(TO_URL).decode()}"

    def unseal(self, text: str | None) -> str | None:
        """What was sealed; a text that never was comes back as it is. Raises KeyLost."""
        if not text or text[0] != "~" or not FORM.fullmatch(text):
            return text
        sealed = a2b_base64(text[SEALED_AT:].encode().translate(FROM_URL))
        try:
            return (
                self._named(text[1 : SEALED_AT - 1])
                .cipher.decrypt(sealed[:NONCE], sealed[NONCE:], None)
                .decode("utf-8", "surrogatepass")
            )
        except InvalidTag as error:
            raise KeyLost(f"{self.path}: a sealed text was changed") from error

    def legible(self, text: str | None) -> str | None:
        """The same, and "" for what is damaged or sealed with a lost key: where one row is not to hide others."""
        try:
            return self.unseal(text)
        except (KeyLost, ValueError):
            return ""

    def keyed(self, text: str | None, keys: Keys | None = None) -> str | None:
        """A hash to look up by, worth nothing without the newest key; it changes with it. Raises KeyLost."""
        return _hashed((keys or self.keys)()[0], text) if text else text

    def findable(self, text: str, in_turn: bool) -> Findable:
        """Hashes and sealed text of what is looked up all the time, remembered while the keys stay. Raises KeyLost."""
        keys, found = self.last() if in_turn else self.keys(), self._found
        if text not in found:
            if len(found) >= FINDABLE:
                found.clear()
            found[text] = Findable(tuple(_hashed(key, text) for key in keys), self.seal(text) or "")
        return found[text]

    def marks(self) -> tuple[str, ...]:
        """What texts sealed with each key begin with, the newest first."""
        return tuple(f"~{key.mark}." for key in self.keys())

    def rotate(self) -> None:
        """A new key, before those there are: everything written from now on is sealed with it."""
        self._write([secrets.token_hex(32), *self._lines()])

    def drop_old(self, used: Collection[str] = ()) -> int:
        """The newest key stays, and those whose marks are used; what others sealed can never be read again.

        Returns how many went.
        """
        newest, *older = self._lines()
        kept = [line for line in older if f"~{_key(line).mark}." in used]
        self._write([newest, *kept])
        return len(older) - len(kept)

    def last(self) -> tuple[_Key, ...]:
        """The keys as the file had them when it was last looked at. Raises KeyLost."""
        return self._keys or self.keys()

    def keys(self) -> tuple[_Key, ...]:
        """The keys as the file has them now; makes the first one. Raises KeyLost when the file cannot be used."""
        try:
            at = self._written()
        except FileNotFoundError as error:
            if self._keys:  # what was sealed with them is there: a new key would open nothing
                raise KeyLost(f"{self.path}: the key file has gone; put it back") from error
            self._make()
            at = self._written()
        except OSError as error:
            raise KeyLost(f"{self.path}: {error.strerror}") from error
        if not self._keys or at != self._read_at:
            self._keys, self._read_at, self._found = tuple(_key(line) for line in self._lines()), at, {}
        return self._keys

    def _written(self) -> tuple[int, int]:
        found = os.stat(self._name)
        return found.st_mtime_ns, found.st_ino

    def _named(self, mark: str) -> _Key:
        for key in self._keys or self.keys():
            if key.mark == mark:
                return key
        for key in self.keys():  # another process may have turned the key
            if key.mark == mark:
                return key
        raise KeyLost(f"{self.path}: the key {mark} is missing; put back the key file that belongs to this data")

    def _lines(self) -> list[str]:
        if not self.path.exists():
            self._make()
        try:
            found = self.path.read_text().split()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyLost(f"{self.path}: cannot be read ({error})") from error
        if not found or not all(KEY.fullmatch(line) for line in found):
            raise KeyLost(f"{self.path}: not a key file; it holds keys of 64 hexadecimal digits, the newest first")
        return found

    def _make(self) -> None:
        """The first key; two processes that start together keep the same one."""
        try:
            with self._temporary([secrets.token_hex(32)]) as name, suppress(FileExistsError):
                os.link(name, self.path)
        except OSError as error:
            raise KeyLost(f"{self.path}: cannot be made ({error.strerror})") from error

    def _write(self, lines: list[str]) -> None:
        try:
            with self._temporary(lines) as name:
                os.replace(name, self.path)
        except OSError as error:
            raise KeyLost(f"{self.path}: cannot be written ({error.strerror})") from error

    @contextmanager
    def _temporary(self, lines: list[str]) -> Iterator[str]:
        """A file with the keys, gone at the end whatever happens: no key may outlive the one file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, prefix="keys-", delete=False) as file:  # born 0600
            try:
                file.write("\n".join(lines) + "\n")
                file.flush()
                os.fsync(file.fileno())
                yield file.name
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
