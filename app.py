"""Puts 书信 together: settings from the environment, the parts, the pages, the `flask` commands. No rules here."""

from __future__ import annotations

import hmac
import logging
import sqlite3
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlite_utils import Database as AnyDatabase
from werkzeug.middleware.proxy_fix import ProxyFix

import admin
import commands
from admin.migrations import migrations as admin_migrations
from bot import contacts, exporting, inbox, linking, notify, order_words, reach, shared, why
from bot.channels import webchat
from bot.finder import Finder
from bot.migrations import migrations as bot_migrations
from bot.receive import Received, receive, receive_all
from bot.rulebook import points
from bot.service import Service
from bot.texts import FULFILMENTS, ORDER_STATES, Words, refusal
from commands import remedies
from commands.privacy import SEALED
from lending import evidence, sealed
from lending.clock import Clock
from lending.database import Database, Store
from lending.errors import StoreOutgrown, StoreUnwritable
from lending.health import Health
from lending.migrations import migrations as lending_migrations
from lending.proofs import CardSystem
from partners import bureau_simulator, card_system, console
from partners.identity_simulator import SimulatedCards, SimulatedFaces
from partners.sip2 import terminals
from partners.sip2.kiosk import Kiosk
from partners.sip2.terminals import Kiosks
from partners.webhooks import webhooks
from search.migrations import migrations as search_migrations
from settings import PREFIX, SettingError, Settings, read_settings

# What only some libraries have (Telegram, Alipay, 快递100) is imported where its keys are: half a second of each start.
if TYPE_CHECKING:
    from partners.alipay_gate import AlipayGate
    from partners.kuaidi100 import Account

TELEGRAM = "telegram"
RETRY_SECONDS = "5"
FOR_EVERYBODY = ("webchat.page", "share.book", "rules.page", "promises.page", "draws.draw")  # may be kept and listed
TABLES = (lending_migrations, search_migrations, bot_migrations, admin_migrations)
TALK_KEPT = timedelta(days=365)  # how long after the last visit a browser finds its talk again


def create_app(settings: Settings | None = None) -> Flask:
    """The web service and its commands. A setting that cannot be used ends the start with one line."""
    try:
        settings = settings or read_settings()
        service = build(settings)
        kiosks = _kiosks(settings, service)
    except (SettingError, StoreUnwritable) as error:
        sys.exit(f"书信: {remedies.told(error)}")
    _log_plainly()
    app, talks, account = _flask(settings), _telegram(settings, service), kuaidi100_account(settings)
    app.extensions["shuxin"] = {
        "settings": settings, "service": service, "telegram": talks, "kiosks": kiosks, "courier": account,
    }  # fmt: skip
    app.register_blueprint(webchat.blueprint(partial(receive, service), service.store, Words, settings.simulators))
    app.register_blueprint(webchat.share_pages(service))
    app.register_blueprint(webchat.rules_page(service))
    app.register_blueprint(webchat.promises_page(service))
    app.register_blueprint(webchat.draw_pages(service))
    app.register_blueprint(webchat.secret_pages(service))
    app.register_blueprint(webchat.copy_pages(service))
    app.register_blueprint(webchat.calendar_pages(service))
    app.register_blueprint(_admin(service, account is not None, partial(_doors, service, talks)))
    if settings.simulators:
        app.register_blueprint(_simulators(service))
        app.register_blueprint(
            webhooks(service.store, service.policy, service.clock, derived(settings.secret, "partners"))
        )
    if settings.alipay:
        from partners import alipay_page

        gate: Any = service.bureau
        app.register_blueprint(alipay_page.pages(gate, Words))
    if account:
        from partners.kuaidi100_push import pushes

        app.register_blueprint(pushes(service.store, service.policy, service.clock, account.salt))
    app.add_url_rule("/healthz", "healthz", partial(_healthz, service, Health(service.store)))
    app.register_error_handler(StoreUnwritable, webchat.not_kept(service))
    app.register_error_handler(OSError, webchat.nothing_to_open(service))
    for kind in webchat.no_page.SAID:
        app.register_error_handler(kind, webchat.no_such_page(service))

    for command in commands.ALL:
        app.cli.add_command(command)
    return app


def _flask(settings: Settings) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.secret_key = settings.secret
    app.url_map.strict_slashes = False  # /admin/ is /admin
    app.config.update(
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https"),
        SESSION_COOKIE_HTTPONLY=True,
        PERMANENT_SESSION_LIFETIME=TALK_KEPT,
    )
    app.after_request(_with_defaults)
    if settings.public_url:  # a proxy stands before us and says who really asks, and for which address
        app.wsgi_app = ProxyFix(app.wsgi_app, x_host=1)  # type: ignore[method-assign]
    return app


def _with_defaults(response: Response) -> Response:
    """An outage says when to ask again; what is not for everybody is kept by no cache and listed by no search engine."""
    headers = response.headers
    if response.status_code == 503:
        headers.setdefault("Retry-After", RETRY_SECONDS)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    endpoint = request.endpoint or ""
    if endpoint not in FOR_EVERYBODY and not endpoint.endswith(".static"):
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("X-Robots-Tag", "noindex")
    return response


def build(settings: Settings) -> Service:
    """The parts a conversation works with; the tables are brought up to date first."""
    store = _store(settings)
    clock = Clock(store, settings.start)
    gate = _alipay(settings, store, clock)
    return Service(
        store=store,
        policy=settings.policy,
        clock=clock,
        finder=Finder(store, settings.data / "index"),
        bureau=gate or bureau_simulator.SimulatedBureau(settings.public_url),
        library=settings.library,
        public_url=settings.public_url,
        rent_link=gate.rent_link if gate and settings.alipay and settings.alipay.rents else None,
        card_key=derived(settings.secret, "cards").encode(),
        card_system=_card_system(settings, store),
        person_verifier=SimulatedFaces(store, settings.public_url) if settings.faces else None,
        door_key=derived(settings.secret, "doors").encode(),
    )


def _alipay(settings: Settings, store: Store, clock: Clock) -> AlipayGate | None:
    """The real bureau, where Alipay's keys are set."""
    given = settings.alipay
    if given is None:
        return None
    from partners import alipay
    from partners.alipay_gate import AlipayGate

    try:
        keys = alipay.load_private(given.key), alipay.load_public(given.public_key)
    except (ValueError, TypeError) as error:
        raise SettingError(f"{PREFIX}ALIPAY_KEY, {PREFIX}ALIPAY_PUBLIC_KEY: not RSA keys in PEM ({error})") from error
    account = alipay.Account(given.app_id, *keys, given.aes_key, given.url or alipay.GATEWAY)
    return AlipayGate(account, store, clock, settings.public_url, derived(settings.secret, "alipay").encode())


def _card_system(settings: Settings, store: Store) -> CardSystem | None:
    """Who is asked whether card and password fit; with nobody to ask, a librarian looks."""
    try:
        real = card_system.read(settings.cards_sip2) if settings.cards_sip2 else None
    except ValueError as error:
        raise SettingError(f"{PREFIX}CARDS_SIP2: {error}") from error
    return real or (SimulatedCards(store) if settings.simulators else None)


def _kiosks(settings: Settings, service: Service) -> Kiosks | None:
    """The library as terminals see it, and who may log in; None when none are listened to."""
    if not settings.sip2_port:
        return None
    try:
        logins = terminals.read(settings.sip2_terminals)
    except terminals.BadTerminal as error:
        raise SettingError(f"{PREFIX}SIP2_TERMINALS: {error}") from error
    if not logins:
        raise SettingError(f"{PREFIX}SIP2_PORT needs {PREFIX}SIP2_TERMINALS: {terminals.FORM}")
    return Kiosks(
        Kiosk(
            service.store, service.policy, service.clock, Words, lambda _, error: refusal(_, error)[0],
            service.library, service.card_key,
        ),
        logins, settings.sip2_port,
    )  # fmt: skip


def _store(settings: Settings) -> Store:
    path = settings.data / "shuxin.sqlite"
    try:
        store = Store(path, keys=settings.keys)
        _not_of_a_newer_version(store.db)
        sealed.check(store, SEALED)
        with store.writing() as db:
            coming = sum(len(part.pending(db)) for part in TABLES)
            if coming and any(part.applied(db) for part in TABLES):
                print(
                    f"书信: {path}: of an older version; its tables are brought up to date ({coming} steps)",
                    file=sys.stderr,
                )
            for part in TABLES:
                part.apply(db)
        store.settle()
    except (StoreUnwritable, sqlite3.Error) as error:
        raise StoreUnwritable(f"{path}: {error}") from error
    return store


def _not_of_a_newer_version(db: Database) -> None:
    """Raises StoreUnwritable where a step is done that this programme does not know: it would break what came with it."""
    nothing = AnyDatabase(memory=True)
    for part in TABLES:
        known = {step.name for step in part.pending(nothing)}
        if any(step.name not in known for step in part.applied(db)):
            raise StoreOutgrown


def _doors(service: Service, talks: dict[str, Any] | None, carried: str, here: str) -> dict[str, str]:
    """Where a printed code leads: our page where phones reach it, and Telegram once it has told us our name there."""
    address = f"{service.public_url or here}/?start={carried}"
    name = talks["channel"].username if talks else ""
    if not name:
        return {"web": address}
    from bot.channels.telegram import start_link

    found = {"web": address} if service.public_url else {}
    return found | {TELEGRAM: start_link(address, name)}


def _admin(service: Service, followed: bool, doors: Callable[[str, str], dict[str, str]]) -> Any:
    desk = admin.Desk(
        service.store, service.policy, service.clock, Words, service.library, ORDER_STATES, FULFILMENTS,
        service.card_key, dead_letters=inbox.dead_letters, unreachable=contacts.unreachable,
        explain=why.explain_to_staff, refused=why.refused_to_staff, terms=order_words.terms,
        basis=points.basis,
        unheard=reach.unheard, visits=inbox.visits, has_chat=contacts.all_of,
        link_code=linking.make, doors=doors, followed=followed,
    )  # fmt: skip
    return admin.blueprint(desk)


def _simulators(service: Service) -> Any:
    def tick() -> None:
        notify.tick(service.store, service.policy, service.clock.now())

    return console.blueprint(
        service.store, service.policy, service.clock, Words, service.library, ORDER_STATES, FULFILMENTS, tick,
        service.door_key,
    )  # fmt: skip


def _telegram(settings: Settings, service: Service) -> dict[str, Any] | None:
    """The channel and its intake when a token is set; with a public address also the webhook."""
    if not settings.telegram_token:
        return None
    from bot.channels import telegram

    channel = telegram.TelegramChannel(
        settings.telegram_token, f"{settings.telegram_api}/bot" if settings.telegram_api else None,
        lambda number: (evidence.by_id(service.store.db, number) or ("", None))[1],
        lambda ticket: exporting.of_ticket(service.store.db, ticket, service.library, service.clock.now()),
    )  # fmt: skip
    intake = telegram.Intake(
        telegram.UpdateReader(partial(_reachable, service)),
        lambda events: [_toast(outcome) for outcome in receive_all(service, events)],
        _poison(service),
        channel.download,
        telegram.answerer(channel, partial(shared.for_query, service), Words("zh_Hans")("在书信里借")),
    )
    secret = settings.telegram_secret or derived(settings.secret, "telegram")
    webhook = telegram.Webhook(intake, secret) if settings.public_url else None
    return {"channel": channel, "intake": intake, "secret": secret, "webhook": webhook}


def _toast(outcome: Received | Exception) -> str | Exception | None:
    return outcome if isinstance(outcome, Exception) else outcome.toast or None


def _reachable(service: Service, chat: str, yes: bool) -> None:
    with service.store.writing() as db:
        contacts.set_reachable(db, TELEGRAM, chat, yes)


def kuaidi100_account(settings: Settings) -> Account | None:
    """What is agreed with 快递100, where it is; its pushes are signed with a salt of our own."""
    given = settings.kuaidi100
    if given is None:
        return None
    from partners.kuaidi100 import SITE, Account

    callback = f"{settings.public_url}/webhooks/courier/kuaidi100"
    salt = derived(settings.secret, "kuaidi100")[:32]
    return Account(given.key, given.customer, salt, callback, given.url or SITE)


def derived(secret: str, use: str) -> str:
    """A secret for one use, made from the one that is kept: whoever is given it learns nothing of the others."""
    return hmac.new(secret.encode(), use.encode(), "sha256").hexdigest()


def _poison(service: Service) -> Callable[[str, str], None]:
    def keep(payload: str, error: str) -> None:
        now = service.clock.now()
        inbox.poison(service.store.db, TELEGRAM, f"dead-{uuid.uuid4()}", payload, error, now)

    return keep


def _healthz(service: Service, health: Health) -> ResponseReturnValue:
    """Alive, and the store can be read and written; or what is wrong, in one line."""
    if wrong := health.wrong():
        return jsonify({"ok": False, "wrong": wrong}), 503
    titles = service.store.db.value("SELECT COUNT(*) FROM titles")
    return jsonify({"ok": True, "titles": titles})


def _log_plainly() -> None:
    """Where and what went wrong, never what a reader said."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # a stranger's broken request is no news
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
