"""Our signing against a gateway that verifies, and against python-alipay-sdk, a client none of us wrote (B3.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from alipay import AliPay
from alipay.exceptions import AliPayValidationError
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from partners import alipay
from partners.alipay import Account, NoAnswer, Refused
from tests.fakes.alipay_gateway import FakeAlipay, new_key, private_pem, public_pem

SCORE = "zhima.credit.score.brief.get"
QUESTION = {
    "transaction_id": "a" * 64, "product_code": "w1010100000000002733", "cert_type": "ALIPAY_USER_ID",
    "cert_no": "2088000000000001", "admittance_score": 550,
}  # fmt: skip
AES = bytes(range(16))
KEY = new_key()
PEER = AliPay("1", None, private_pem(KEY), public_pem(KEY.public_key()))


@pytest.fixture(params=[b"", AES], ids=["plain", "aes"])
def gateway(request: pytest.FixtureRequest) -> Iterator[FakeAlipay]:
    with FakeAlipay(aes_key=request.param) as made:
        made.meet("code-1", "2088000000000001", 600)
        yield made


def account(fake: FakeAlipay, **changes: Any) -> Account:
    return replace(Account(fake.app_id, fake.app, fake.own.public_key(), fake.aes_key, fake.url), **changes)


def ask(of: Account, now: datetime, seconds: float = 5.0) -> dict[str, Any]:
    with httpx.Client() as web:
        return alipay.call(of, web, SCORE, now, QUESTION)


def test_a_signed_question_gets_a_signed_answer(gateway: FakeAlipay, now: datetime) -> None:
    assert ask(account(gateway), now)["is_admittance"] == "Y"
    [line] = gateway.log
    assert line["verified"] == "True" and line["address"] == "/gateway.do"


def test_encrypted_nobody_on_the_way_reads_who_is_asked_about(now: datetime) -> None:
    with FakeAlipay(aes_key=AES) as gateway:
        gateway.meet("code-1", "2088000000000001", 600)
        ask(account(gateway), now)
        assert "2088000000000001" not in str(gateway.log) and gateway.asked[0][1] == QUESTION


def test_a_wrong_key_on_either_side_is_noticed(gateway: FakeAlipay, now: datetime) -> None:
    with pytest.raises(Refused, match="invalid-signature"):
        ask(account(gateway, private_key=KEY, aes_key=b""), now)
    with pytest.raises(NoAnswer, match="InvalidSignature"):
        ask(account(gateway, alipay_key=KEY.public_key()), now)
    gateway.fault = lambda method: "forged"
    with pytest.raises(NoAnswer, match="InvalidSignature"):
        ask(account(gateway), now)


def test_outages_are_no_answer(gateway: FakeAlipay, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alipay, "SECONDS", 0.3)
    for fault, says in (("down", "HTTPStatusError"), ("slow", "ReadTimeout"), ("busy", "isp.unknow-error")):
        gateway.fault = lambda method, fault=fault: fault  # type: ignore[misc]
        with pytest.raises(NoAnswer, match=says):
            ask(account(gateway), now)
    with pytest.raises(NoAnswer, match="ConnectError"):
        ask(account(gateway, gateway="http://127.0.0.1:1/gateway.do"), now)


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"sign":"x"}', '{"error_response":{}}', '"x"', "<html>", "[" * 50_000,
])  # fmt: skip
def test_what_is_no_answer_of_theirs_is_not_believed(text: str, now: datetime) -> None:
    known = Account("1", KEY, KEY.public_key(), gateway="http://gateway")
    web = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, text=text)))
    with pytest.raises(NoAnswer):
        alipay.call(known, web, SCORE, now, QUESTION)


def test_the_signature_covers_every_character(now: datetime) -> None:
    with FakeAlipay() as gateway:
        gateway.meet("code-1", "2088000000000001", 500)
        of = account(gateway)
        asked = {"app_id": of.app_id, "method": SCORE, "biz_content": json.dumps(QUESTION)}
        heard = httpx.post(gateway.url, data=asked | {"sign": alipay.sign(of.private_key, asked)}).text
        assert alipay.believed(of, heard, SCORE)["is_admittance"] == "N"
        with pytest.raises(alipay.InvalidSignature):
            alipay.believed(of, heard.replace('"is_admittance": "N"', '"is_admittance": "Y"'), SCORE)


# ---- the independent peer


def peer(gateway: FakeAlipay, private: str, public: str) -> AliPay:
    made = AliPay(gateway.app_id, None, private, public)
    made._gateway = gateway.url
    return made


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_the_peer_gets_the_same_answer_from_the_same_gateway(now: datetime, form: PrivateFormat) -> None:
    with FakeAlipay() as gateway:
        gateway.meet("code-1", "2088000000000001", 600)
        theirs = peer(gateway, private_pem(gateway.app, form), public_pem(gateway.own.public_key()))
        assert theirs.server_api(SCORE, dict(QUESTION)) == ask(account(gateway), now)
        pem = private_pem(gateway.app, form).encode()
        assert alipay.load_private(pem).private_numbers() == gateway.app.private_numbers()
        assert [line["verified"] for line in gateway.log] == ["True", "True"]
        gateway.fault = lambda method: "forged"
        with pytest.raises(AliPayValidationError):
            theirs.server_api(SCORE, dict(QUESTION))


@settings(max_examples=40)  # two RSA signatures each
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.text(min_size=1, max_size=40), min_size=1))
def test_the_peer_believes_our_signature_and_makes_the_same(asked: dict[str, str]) -> None:
    asked.pop("sign_type", None)
    theirs = PEER
    told = "&".join(f"{name}={value}" for name, value in sorted(asked.items()))
    assert alipay.sign(KEY, asked) == theirs._sign(told)
    assert theirs.verify(dict(asked), alipay.sign(KEY, asked))


@pytest.mark.parametrize("pem", [b"", b"nonsense", public_pem(KEY.public_key()).encode()])
def test_a_key_that_is_none_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError):
        alipay.load_private(pem)
