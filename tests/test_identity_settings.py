"""Who is asked about cards and faces: nobody, a simulator, or a real system; a face only when switched on (A3-32)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import build, create_app
from bot.service import Service
from lending.policy import load_policy
from partners.card_system import Sip2Cards
from settings import SettingError, Settings, read_settings


def service(folder: Path, **more: object) -> Service:
    return build(Settings(folder, "云栖市图书馆", load_policy(), "s" * 32, **more))  # type: ignore[arg-type]


def test_a_face_is_off_until_it_is_switched_on(tmp_path: Path) -> None:
    assert service(tmp_path).person_verifier is None
    on = read_settings({"SHUXIN_DATA": str(tmp_path), "SHUXIN_FACE": "1"})
    assert on.faces and service(tmp_path, faces=True).person_verifier is not None


def test_a_simulated_face_is_never_offered_as_a_real_one(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SHUXIN_FACE"):
        read_settings({"SHUXIN_DATA": str(tmp_path), "SHUXIN_FACE": "1", "SHUXIN_SIMULATORS": "0"})


def test_the_real_card_system_goes_before_the_simulated_one(tmp_path: Path) -> None:
    real = service(tmp_path, cards_sip2="us:them@10.0.0.5:6001/hz").card_system
    assert isinstance(real, Sip2Cards) and (real.host, real.port, real.institution) == ("10.0.0.5", 6001, "hz")
    simulated = service(tmp_path).card_system
    assert simulated is not None and simulated.simulated
    assert service(tmp_path, simulators=False).card_system is None, "then a librarian looks"


def test_an_address_of_another_form_stops_the_start_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="SHUXIN_CARDS_SIP2: write it like") as stopped:
        create_app(Settings(tmp_path, "云栖市图书馆", load_policy(), "s" * 32, cards_sip2="us:hunter2@nowhere"))
    assert "hunter2" not in str(stopped.value)
