"""Alipay's settings come together or not at all, and a key that is none stops the start with one line (B3.1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from partners.alipay_gate import AlipayGate
from partners.bureau_simulator import SimulatedBureau
from settings import SettingError, read_settings
from tests.fakes.alipay_gateway import new_key, private_pem, public_pem

KEY = new_key()


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "ours.pem").write_text(private_pem(KEY))
    (tmp_path / "theirs.pem").write_text(public_pem(KEY.public_key()))
    return {
        "SHUXIN_DATA": str(tmp_path / "data"), "SHUXIN_PUBLIC_URL": "https://books.example.org",
        "SHUXIN_ALIPAY_APP_ID": "2026", "SHUXIN_SIMULATORS": "0", "SHUXIN_ALIPAY_KEY": str(tmp_path / "ours.pem"),
        "SHUXIN_ALIPAY_PUBLIC_KEY": str(tmp_path / "theirs.pem"),
    }  # fmt: skip


def test_with_keys_the_real_bureau_is_asked(given: dict[str, str]) -> None:
    service = create_app(read_settings(given)).extensions["shuxin"]["service"]
    assert isinstance(service.bureau, AlipayGate) and not service.bureau.simulated
    assert service.rent_link is None, "信用借还 is off by default"
    service = create_app(read_settings(given | {"SHUXIN_ALIPAY_RENTS": "1"})).extensions["shuxin"]["service"]
    assert service.rent_link("t").endswith("t.rent")


def test_nobody_may_answer_in_alipays_place(given: dict[str, str]) -> None:
    """The simulator's page would let a reader choose their own verdict."""
    del given["SHUXIN_SIMULATORS"]
    with pytest.raises(SettingError, match="SHUXIN_SIMULATORS=0"):
        read_settings(given)


def test_its_page_is_there_and_the_simulators_is_not(given: dict[str, str]) -> None:
    visitor = create_app(read_settings(given)).test_client()
    assert visitor.get("/webhooks/credit/alipay").status_code == 200
    assert visitor.get("/simulator").status_code == 404 and visitor.get("/simulator/bureau/x").status_code == 404
    assert visitor.post("/webhooks/credit/simulator", json={}).status_code == 404


def test_without_keys_the_simulator_answers(tmp_path: Path) -> None:
    service = create_app(read_settings({"SHUXIN_DATA": str(tmp_path)})).extensions["shuxin"]["service"]
    assert isinstance(service.bureau, SimulatedBureau)


@pytest.mark.parametrize(
    "name", ["SHUXIN_PUBLIC_URL", "SHUXIN_ALIPAY_APP_ID", "SHUXIN_ALIPAY_KEY", "SHUXIN_ALIPAY_PUBLIC_KEY"]
)
def test_one_that_is_missing_is_named(given: dict[str, str], name: str) -> None:
    del given[name]
    with pytest.raises(SettingError, match=f"{name} is missing"):
        read_settings(given)


@pytest.mark.parametrize(
    "name, value",
    [
        ("KEY", "/nowhere.pem"),
        ("AES_KEY", "not a key"),
        ("AES_KEY", "c2hvcnQ="),
        ("URL", "alipay"),
        ("RENTS", "perhaps"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"SHUXIN_ALIPAY_{name}"):
        read_settings(given | {f"SHUXIN_ALIPAY_{name}": value})


def test_a_key_that_is_none_stops_the_start(given: dict[str, str]) -> None:
    wrong = given | {"SHUXIN_ALIPAY_KEY": given["SHUXIN_ALIPAY_PUBLIC_KEY"]}
    with pytest.raises(SystemExit, match="not RSA keys in PEM"):
        create_app(read_settings(wrong))
