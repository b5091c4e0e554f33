"""Telegram: the only place that knows python-telegram-bot. One background loop owns the Bot, started at first use."""

from __future__ import annotations

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.inline import answerer
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.rendering import start_link
from bot.channels.telegram.setup import set_up
from bot.channels.telegram.updates import MalformedUpdate, UpdateReader
from bot.channels.telegram.webhook import Webhook

__all__ = [
    "Intake", "MalformedUpdate", "Poller", "TelegramChannel", "UpdateReader", "Webhook", "answerer", "set_up",
    "start_link",
]  # fmt: skip
