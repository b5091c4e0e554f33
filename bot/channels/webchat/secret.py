"""The one-time form at /secret/<token>: what must not be typed into a chat is typed here, and kept nowhere (A3-31)."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf, validate_csrf
from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from wtforms import ValidationError

from bot.card_words import KINDS
from bot.channels.webchat import letters
from bot.channels.webchat.chat import TAGS, fingerprints
from bot.service import Service
from bot.texts import Words, language_of
from lending import outside, proofs, readers, secret_forms
from lending.database import writing
from lending.errors import StoreUnwritable
from lending.model import Verdict
from lending.proofs import Begun, Claim
from lending.secret_forms import Form

log = logging.getLogger(__name__)

PER_ADDRESS = RateLimitItemPerMinute(30)
PER_FORM = RateLimitItemPerMinute(12)
PER_CARD = RateLimitItemPerDay(10)  # passwords tried, whoever tries: joining again must not give more guesses
MOST_ASKED_AT_ONCE = 2  # partners are slow; the other threads go on serving the chat
FORM_SECONDS = 3600
BODY_BYTES = 8_192  # of a form sent in; more is no card
LONGEST = 64  # characters of a number or a password
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Counter:
    """What the form's views work with."""

    service: Service
    versions: Mapping[str, str]
    tries: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    asking: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_ASKED_AT_ONCE))


@dataclass(frozen=True, slots=True)
class Typed:
    """One form sent in: the form, its secret address, the card as it may be kept, and what is only passed on."""

    form: Form
    token: str
    card: Claim
    number: str = field(repr=False)
    password: str = field(repr=False)


Way = Callable[[Counter, Words, Typed], Response]


def blueprint(service: Service) -> Blueprint:
    """The form, and where a verifier of persons leads back to."""
    made, counter = Blueprint("secret", __name__), Counter(service, fingerprints())
    made.add_url_rule("/secret/<token>", "form", partial(_show, counter))
    made.add_url_rule("/secret/<token>", "take", partial(_take, counter), methods=["POST"])
    made.add_url_rule("/secret/back/<ticket>", "back", partial(_back, counter))
    made.after_request(_with_headers)
    return made


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


# ---- the page ------------------------------------------------------------------------------------------------------


def _words(form: Form | None, counter: Counter) -> Words:
    """The switch first, else the reader's own language, else the browser's."""
    asked = request.args.get("lang", "")
    own = readers.reader(counter.service.store.db, form.reader_id).language if form else ""
    return Words(language_of(asked) if asked else own or language_of(next(iter(request.accept_languages.values()), "")))


def _frame(counter: Counter, _: Words) -> dict[str, object]:
    return {
        "_": _, "language": _.language, "tags": TAGS, "library": counter.service.library,
        "large": letters.large(),
        "asset": lambda name: url_for("webchat.static", filename=name, v=counter.versions[name]),
    }  # fmt: skip


def _page(counter: Counter, _: Words, title: str, text: str, status: int = 200, go: str = "") -> Response:
    """A page that says what happened; `go` is where it continues, if not back in the chat."""
    said = {"title": title, "text": text, "go": go}
    return make_response(render_template("webchat/secret_done.html", **_frame(counter, _), **said), status)


def _open(counter: Counter, token: str) -> Form | None:
    service = counter.service
    return secret_forms.look(service.store.db, token, service.card_key, service.policy, service.clock.now())


def _show(counter: Counter, token: str) -> Response:
    """GET: looking uses nothing up; other chats' previews open links too."""
    form = _open(counter, token)
    _ = _words(form, counter)
    return _form(counter, _, form) if form else _gone(counter, _)


def _gone(counter: Counter, _: Words) -> Response:
    text = _("它只能用一次，过几分钟就失效。在聊天里说「我的证件」，马上有新的一页。")
    return _page(counter, _, _("这一页已经用过，或者过了时间"), text, 410)


def _form(counter: Counter, _: Words, form: Form, problem: str = "", status: int = 200) -> Response:
    service = counter.service
    shown = {
        "kind": _(KINDS[form.kind]), "number": readers.reader(service.store.db, form.reader_id).number,
        "left": form.tries_left, "until": _.time(form.until), "problem": problem, "csrf_token": generate_csrf,
        "by_password": service.card_system is not None, "by_face": service.person_verifier is not None,
        "chosen": request.form.get("way", ""), "longest": LONGEST,
    }  # fmt: skip
    return make_response(render_template("webchat/secret.html", **_frame(counter, _), **shown), status)


# ---- what is sent in -----------------------------------------------------------------------------------------------


def _take(counter: Counter, token: str) -> Response:
    """POST: one try. What was typed goes to whoever can tell and is forgotten; what stays is a hash and two digits."""
    request.max_content_length = BODY_BYTES
    form = _open(counter, token)
    _ = _words(form, counter)
    if not _slow_enough(counter, token):
        return _page(counter, _, _("试得太频繁了"), _("请过一分钟再试。"), 429)
    if form is None:
        return _gone(counter, _)
    if not form.tries_left:
        return _spent(counter, _)
    number, password = (request.form.get(name, "").strip()[:LONGEST] for name in ("number", "password"))
    card = proofs.claim(form.kind, number, counter.service.card_key)
    problem = _problem(counter, _, card, password)
    if problem or card is None:
        return _form(counter, _, form, problem, 400)
    way = request.form["way"]
    if way == "password" and not counter.tries.hit(PER_CARD, "secret-card", card.digest):
        text = _("这张卡的密码今天试得太多次了。明天再试，或选「请馆员核对」。")
        return _form(counter, _, form, text, 429)
    return _once(counter, _, Typed(form, token, card, number, password), WAYS[way])


def _slow_enough(counter: Counter, token: str) -> bool:
    return counter.tries.hit(PER_ADDRESS, "secret-address", request.remote_addr or "") and counter.tries.hit(
        PER_FORM, "secret-form", token[:64]
    )


def _problem(counter: Counter, _: Words, card: Claim | None, password: str) -> str:
    """What is to be put right first; it costs no try."""
    service, way = counter.service, request.form.get("way", "")
    try:
        validate_csrf(request.form.get("csrf_token"), time_limit=FORM_SECONDS)
    except ValidationError:
        return _("这一页放得太久，或者不是从这里打开的，请再填一次。")
    if way not in WAYS:
        return _("请选一种核对的方式。")
    if (way == "password" and service.card_system is None) or (way == "face" and service.person_verifier is None):
        return _("这种方式现在不能用，请换一种。")
    if card is None:
        return _("请把卡号填完整：{least} 到 {most} 个字母或数字。", least=proofs.LEAST, most=proofs.MOST)
    if way == "password" and not password:
        return _("请填这张卡的密码，或者换一种方式。")
    return "" if way != "face" or request.form.get("agreed") else _("刷脸要您先同意；不同意也没关系，换一种方式就行。")


def _once(counter: Counter, _: Words, typed: Typed, way: Way) -> Response:
    """Count the try, then let this way do its work; a partner is asked by few at once."""
    service = counter.service
    if not counter.asking.acquire(blocking=False):
        return _form(counter, _, typed.form, _("现在问的人多，请过几秒再交一次。"), 503)
    try:
        if not secret_forms.take_try(
            service.store.db, typed.token, service.card_key, service.policy, service.clock.now()
        ):
            return _spent(counter, _)
        return way(counter, _, typed)
    finally:
        counter.asking.release()


def _spent(counter: Counter, _: Words) -> Response:
    text = _("为了保护持卡人，这一页不能再试了。在聊天里说「我的证件」，可以重新来，或请馆员核对。")
    return _page(counter, _, _("试的次数用完了"), text, 410)


def _by_password(counter: Counter, _: Words, typed: Typed) -> Response:
    """The card's own system says yes, no, or cannot tell: then a librarian looks."""
    said = _verify(counter, typed)
    if said is Verdict.CANNOT_TELL:
        return _by_desk(counter, _, typed)
    if said is Verdict.NO:
        form = _open(counter, typed.token)
        if form is None or not form.tries_left:
            return _spent(counter, _)
        text = _.n(
            "卡号和密码对不上，还可以试 {n} 次；也可以选「请馆员核对」。",
            "卡号和密码对不上，还可以试 {n} 次；也可以选「请馆员核对」。",
            form.tries_left,
        )
        return _form(counter, _, form, text, 422)
    service, now = counter.service, counter.service.clock.now()
    with writing(service.store.db) as db:
        if not secret_forms.use(db, typed.token, service.card_key, now):
            return _gone(counter, _)
        state = proofs.proven(db, typed.form.reader_id, typed.card, "password", now)
    return _proved(counter, _, state, typed.card)


def _proved(counter: Counter, _: Words, state: str, card: Claim) -> Response:
    kind = _(KINDS[card.kind])
    if state == "taken":
        text = _("卡是您的，不过它已经连着另一个账户。回到聊天里，有一步就能把两边合起来。")
        return _page(counter, _, _("这张卡已经连过了"), text)
    text = _("{kind}（尾号 {tail}）连上了。号码和密码都没有留下，这一页可以关了。", kind=kind, tail=card.tail)
    return _page(counter, _, _("连上了"), text)


def _verify(counter: Counter, typed: Typed) -> Verdict:
    """What cannot be asked cannot be told. An error's words may hold what was asked, so they are not written down."""
    system = counter.service.card_system
    try:
        return system.verify(typed.form.kind, typed.number, typed.password) if system else Verdict.CANNOT_TELL
    except Exception as error:
        log.warning("card system: no answer, %s", type(error).__name__)
        return Verdict.CANNOT_TELL


def _by_desk(counter: Counter, _: Words, typed: Typed) -> Response:
    service, now = counter.service, counter.service.clock.now()
    with writing(service.store.db) as db:
        if not secret_forms.use(db, typed.token, service.card_key, now):
            return _gone(counter, _)
        proofs.ask(db, typed.form.reader_id, typed.card, "desk", now)
    text = _(
        "馆员只看到卡的种类和尾号 {tail}。下次到馆出示一下卡，或等馆员联系您；结果会在聊天里告诉您。",
        tail=typed.card.tail,
    )
    return _page(counter, _, _("请馆员核对了"), text)


# ---- an outside verifier of persons --------------------------------------------------------------------------------


def _by_face(counter: Counter, _: Words, typed: Typed) -> Response:
    """Consented to: somebody outside looks at the person; we hear yes or no, and keep that and their receipt."""
    ticket = secrets.token_urlsafe(16)
    begun = _begin(counter, typed, ticket)
    if begun is None:
        problem = _("刷脸核验那边现在没有回应，不是您的问题。可以换一种方式，或过一会儿再试。")
        return _form(counter, _, typed.form, problem, 503)
    service, now = counter.service, counter.service.clock.now()
    with writing(service.store.db) as db:
        if not secret_forms.use(db, typed.token, service.card_key, now):
            return _gone(counter, _)
        asked = proofs.ask(db, typed.form.reader_id, typed.card, "face", now, begun.reference)
        outside.put(db, proofs.FACE, proofs.FACE, _key(ticket), typed.form.reader_id, str(asked), now)
    text = _("点下面的按钮去核验。改主意了也没关系：在聊天里说「我的证件」，换一种方式。")
    return _page(counter, _, _("去核验"), text, go=begun.url)


def _key(ticket: str) -> str:
    return f"{proofs.FACE}:{ticket[:64]}"


def _begin(counter: Counter, typed: Typed, ticket: str) -> Begun | None:
    verifier = counter.service.person_verifier
    back = f"{counter.service.public_url}/secret/back/{ticket}"
    try:
        return verifier.begin(typed.form.kind, typed.number, back) if verifier else None
    except StoreUnwritable:
        raise
    except Exception as error:  # its words may hold what was asked
        log.warning("verifier of persons: no answer, %s", type(error).__name__)
        return None


def _back(counter: Counter, ticket: str) -> Response:
    """The person comes back: the worker asks at once what was found. A made-up ticket is answered alike."""
    _ = _words(None, counter)
    outside.hurry(counter.service.store.db, _key(ticket), counter.service.clock.now())
    return _page(counter, _, _("收到，谢谢！"), _("结果马上回到聊天里，这一页可以关了。"))


WAYS: dict[str, Way] = {"password": _by_password, "face": _by_face, "desk": _by_desk}
