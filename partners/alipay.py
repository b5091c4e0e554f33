"""Alipay's open gateway: signed requests out, answers believed only with a right signature (RSA2, B3.1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lending.model import LIBRARY_ZONE

GATEWAY = "https://openapi.alipay.com/gateway.do"
CONSENT_PAGE = "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm"
SECONDS = 10.0
WELL = "10000"
PASSING = ("20000", "aop.")  # their own trouble, or too many requests: the same question may be asked again


class NoAnswer(Exception):
    """Nothing that can be believed came back: a timeout, an outage, a wrong signature. Ask again later."""


class Refused(Exception):
    """They understood and said no; asking the same again changes nothing. `code` is theirs."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """What was agreed with Alipay. `aes_key` hides the content of requests and answers from every log on the way."""

    app_id: str
    private_key: RSAPrivateKey
    alipay_key: RSAPublicKey
    aes_key: bytes = b""
    gateway: str = GATEWAY
    consent_page: str = CONSENT_PAGE


def load_private(pem: bytes) -> RSAPrivateKey:
    """A PEM in PKCS#1 or PKCS#8. Raises ValueError."""
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def load_public(pem: bytes) -> RSAPublicKey:
    """Raises ValueError."""
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def consent_link(account: Account, back: str, state: str) -> str:
    """Where the reader lets Alipay answer; it leads back with a code and our state."""
    asked = {"app_id": account.app_id, "scope": "auth_zhima", "redirect_uri": back, "state": state}
    return f"{account.consent_page}?{urlencode(asked)}"


def call(
    account: Account, web: httpx.Client, method: str, now: datetime,
    content: Mapping[str, Any] | None = None, **plain: str,
) -> dict[str, Any]:  # fmt: skip
    """One request, by POST so that no address holds what it says. Raises NoAnswer, Refused."""
    asked = {
        "app_id": account.app_id, "method": method, "charset": "utf-8", "sign_type": "RSA2", "version": "1.0",
        "timestamp": now.astimezone(LIBRARY_ZONE).strftime("%Y-%m-%d %H:%M:%S"), "format": "JSON", **plain,
    }  # fmt: skip
    if content is not None:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        asked |= {"biz_content": encrypt(account.aes_key, text) if account.aes_key else text}
        asked |= {"encrypt_type": "AES"} if account.aes_key else {}
    try:
        heard = web.post(account.gateway, data=asked | {"sign": sign(account.private_key, asked)}, timeout=SECONDS)
        heard.raise_for_status()
        answer = believed(account, heard.text, method)
    except (httpx.HTTPError, InvalidSignature, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoAnswer(f"{method}: {type(error).__name__}") from error
    return _well(method, answer)


def _well(method: str, answer: dict[str, Any]) -> dict[str, Any]:
    code, detail = str(answer.get("code", WELL)), str(answer.get("sub_code", ""))
    if code != WELL and (code == PASSING[0] or detail.startswith(PASSING[1]) or detail.endswith("system-error")):
        raise NoAnswer(f"{method}: {detail or code}")
    if code != WELL:
        raise Refused(detail or code)
    return answer


def believed(account: Account, text: str, method: str) -> dict[str, Any]:
    """The answer's content, once the signature over exactly those characters is right. Raises InvalidSignature …"""
    whole = json.loads(text)
    name = method.replace(".", "_") + "_response"
    name = name if name in whole else "error_response"
    start = text.index(f'"{name}"') + len(name) + 2
    start = text.index(":", start) + 1
    start += len(text[start:]) - len(text[start:].lstrip())
    answer, end = json.JSONDecoder().raw_decode(text, start)
    signature = base64.b64decode(whole["sign"], validate=True)
    account.alipay_key.verify(signature, text[start:end].encode(), PKCS1v15(), hashes.SHA256())
    return dict(json.loads(decrypt(account.aes_key, answer)) if isinstance(answer, str) else answer)


def sign(key: RSAPrivateKey, asked: Mapping[str, str]) -> str:
    """RSA2: SHA-256 with RSA over name=value, sorted and joined with &."""
    text = "&".join(f"{name}={asked[name]}" for name in sorted(asked) if asked[name] != "")
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


def encrypt(key: bytes, text: str) -> str:
    """As they ask for it: AES-CBC with a zero vector, PKCS#7, base64."""
    pad, lock = padding.PKCS7(128).padder(), Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return base64.b64encode(lock.update(pad.update(text.encode()) + pad.finalize()) + lock.finalize()).decode()


def decrypt(key: bytes, text: str) -> str:
    """The other way round. Raises ValueError."""
    lock, pad = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor(), padding.PKCS7(128).unpadder()
    return (pad.update(lock.update(base64.b64decode(text)) + lock.finalize()) + pad.finalize()).decode()
