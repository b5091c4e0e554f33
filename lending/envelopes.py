"""A picture lies sealed with a key of its own, AES-256-GCM; that key lies beside it, sealed by the vault like a name.

So turning the vault's key seals short keys anew and leaves every picture where it lies.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lending.vault import NONCE, KeyLost

BITS = 256


def closed(content: bytes) -> tuple[str, bytes]:
    """A new key, as text for the vault to seal, and the content sealed with it."""
    key, nonce = AESGCM.generate_key(BITS), os.urandom(NONCE)
    return key.hex(), nonce + AESGCM(key).encrypt(nonce, content, None)


def opened(key: str, sealed: bytes) -> bytes:
    """The content. Raises KeyLost for what was changed since."""
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(sealed[:NONCE], sealed[NONCE:], None)
    except (InvalidTag, ValueError) as error:
        raise KeyLost("a sealed picture was changed") from error
