"""What Telegram is told once at start: the menu of commands in each language, and where to post updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from telegram.error import TelegramError

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.errors import transport_error
from bot.channels.telegram.updates import KINDS

CONNECTIONS = 16  # at once to our webhook; the web threads are about as many

Commands = Mapping[str, Sequence[tuple[str, str]]]


def set_up(
    channel: TelegramChannel, commands: Commands, webhook_url: str | None = None, secret: str | None = None
) -> None:
    """Set the commands (a two-letter language, or "" for all others, → name and description) and the webhook.

    Without an address the webhook is removed, so that polling may begin. Raises TransportError.
    """
    try:
        channel.call(_set_up(channel, commands, webhook_url, secret))
    except TelegramError as error:
        raise transport_error(error) from error


async def _set_up(channel: TelegramChannel, commands: Commands, webhook_url: str | None, secret: str | None) -> None:
    bot = channel.bot
    await channel.learn_name()
    for language, menu in commands.items():
        await bot.set_my_commands(menu, language_code=language or None)
    if webhook_url is None:
        await bot.delete_webhook()
    else:
        await bot.set_webhook(
            webhook_url, secret_token=secret, allowed_updates=list(KINDS), max_connections=CONNECTIONS
        )
