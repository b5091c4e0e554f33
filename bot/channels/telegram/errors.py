"""What Telegram's refusals mean to a sender."""

from __future__ import annotations

import logging
from datetime import timedelta

from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels import TransportError

log = logging.getLogger(__name__)

GONE = ("chat not found", "user is deactivated", "user not found", "peer_id_invalid")
TOO_BIG = ("file is too big",)
SETTLED = ("message is not modified",)
NOT_EDITABLE = (
    "message can't be edited",
    "message to edit not found",
    "message_id_invalid",
    "there is no text in the message to edit",
)
OFFLINE_SECONDS = 5.0  # wait for the network, blame no message
LONGEST_QUIET = 3600.0
MISCONFIGURED_SECONDS = 30.0  # a wrong token is nobody's message's fault either


class Unreached(NetworkError):
    """No connection came about, or Telegram is not behind it: hardly anything was sent."""


def transport_error(error: TelegramError) -> TransportError:
    """The same refusal in the words every channel uses."""
    reason = f"{type(error).__name__}: {error.message}"
    if isinstance(error, RetryAfter):
        return TransportError(reason, retry_after=seconds(error.retry_after))
    if isinstance(error, Forbidden) or is_bad_request(error, GONE):
        return TransportError(reason, permanent=True)
    if isinstance(error, (InvalidToken, Conflict)):
        return TransportError(reason, retry_after=MISCONFIGURED_SECONDS)
    if isinstance(error, Unreached):
        return TransportError(reason, retry_after=OFFLINE_SECONDS)
    return TransportError(reason)


def is_bad_request(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    """Is it a 400 that says one of these?"""
    return isinstance(error, BadRequest) and any(phrase in error.message.lower() for phrase in phrases)


def seconds(period: float | timedelta) -> float:
    """How long to be quiet, at most an hour: a number gone wrong would silence every chat for months.

    The library is moving from numbers to timedelta.
    """
    asked = period.total_seconds() if isinstance(period, timedelta) else float(period)
    if asked > LONGEST_QUIET:
        log.warning("Telegram asks for %s s of quiet; it is asked again after %s s", asked, LONGEST_QUIET)
    return min(asked, LONGEST_QUIET)
