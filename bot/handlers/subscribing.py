"""订阅: being told of new books by an author, of a class or about something, and taking it back (A2-20, D 8)."""

from __future__ import annotations

import re

from bot import lookups, meaning, wants
from bot.events import Button
from bot.folding import letters, trimmed
from bot.talk import Talk
from bot.texts import Words, menu, rows
from bot.understanding import without_courtesies
from lending import catalogue, subscriptions
from lending.arrivals import Want
from lending.subscriptions import Subscription

LONGEST = 80  # characters of a wish
TELL = (
    r"[,， ]*(?:的话|的时候|时)?[,， ]*(?:请|就|再|要|也|都|能|可以|麻烦|记得|帮我|一定|第一时间)*"
    r"(?:告诉|通知|提醒|叫|喊|告知|推送给|发给)(?:一下)?我?(?:一声|一下|吧|吗|呗|啊)*"
    r"|[,， ]*(?:请|就|再|要|也|麻烦|记得)*(?:[跟和给]我)?(?:说|吱)一?[声下](?:吧|呗|啊)*"
)
COMES = r"(?:出|有|来|到|进|上|发)了?"
IF = r"(?:我想|我要|请|帮我)?(?:要是|如果|一旦|以后|下次|等|什么时候|只要)?"
KIND = r"(?:书|书籍|图书|作品|作)"
HERE = r"(?:了|到了|来了|到馆|到馆了|上架|上架了|出来了|出版了){0,2}"
HINT = re.compile(r"订阅|关注|新|subscri|new", re.IGNORECASE)  # without any of these it is something else
WISHES = (
    re.compile(rf"{IF}(?P<what>.{{1,30}}?)(?:如果|一)?{COMES}新{KIND}{HERE}(?:{TELL})"),
    re.compile(rf"{IF}(?:{COMES})?新{KIND}{HERE}(?:{TELL})"),
    re.compile(rf"{IF}(?:{COMES})(?P<what>.{{1,30}}?)的?新{KIND}{HERE}(?:{TELL})"),
    re.compile(rf"{IF}(?:{COMES})新的?(?P<what>.{{1,30}}?)(?:类|方面)?的?(?:{KIND})?{HERE}(?:{TELL})"),
    re.compile(rf"{IF}(?P<what>.{{1,30}}?)的?新{KIND}{HERE}(?:{TELL})"),
    re.compile(
        rf"(?:我要|我想|帮我|请|怎么|可以)?订阅(?:一下)?(?:(?P<what>.{{1,30}}?)(?:类|方面)?(?:的?新?{KIND})?)?"
    ),
    re.compile(rf"(?:我要|我想|帮我|请)?关注(?:一下)?(?P<what>.{{1,30}}?)的?新{KIND}"),
    re.compile(
        r"(?:(?:tell|notify|alert|inform|message|text|remind) me|let me know|be (?:told|notified)|hear|keep me (?:posted|updated|informed))"
        r" (?:when|whenever|if|about|of|on|once)(?: (?:there (?:is|are)|you (?:get|have)|the library (?:gets|has)))?"
        r"(?: any| some| a)? ?new (?:(?P<about>.{1,30}?) )?(?:books?|titles?|arrivals?|novels?|works?|ones?)"
        r"(?: (?:by|about|on|from) (?P<what>.{1,30}?))?(?: (?:(?:is|are) (?:in|there|added|available)|(?:come|get|show)s? (?:in|out|up)|comes?|arrives?))?"
    ),
    re.compile(
        r"(?:(?:tell|notify|alert|inform|message|text) me|let me know) (?:when|whenever|if|once|as soon as) (?P<what>.{1,30}?)"
        r" (?:has|have|writes|publishes|brings out|comes out with) (?:(?:something|anything) new|a new (?:book|novel|one))(?: out)?"
    ),
    re.compile(r"(?:subscribe(?: me)?|follow)(?: to)?(?: (?:(?:any |all )?new (?:books|titles) (?:by|about|on|from) )?(?P<what>.{1,30}?))?"),
)
MINE = re.compile(r"(?:我的|看看我的|查看)订阅|我都?订阅了?(?:什么|哪些|谁).{0,3}|订阅(?:列表|管理|设置)|my subscriptions?")
ALL = r"(?:全部|所有|一切)"
STOPS_ALL = re.compile(
    rf"(?:取消|退订|退掉|停掉|关掉|不要|清空){ALL}的?(?:新书)?订阅.?|(?:新书)?订阅{ALL}?(?:都|全)?(?:取消|退订|关掉|不要|停掉).?"
    rf"|{ALL}(?:取消订阅|退订)|(?:取消|退订|关掉|停掉)新?书?(?:的)?(?:订阅|推送)|unsubscribe from (?:all|everything)"
)
STOPS = re.compile(
    rf"(?:取消|退订|不再|不要再|停止|别再|不想|不要)(?:订阅|关注)?(?P<what>.{{1,30}}?)的?(?:新{KIND})?的?订阅"
    rf"|(?:取消订阅|退订|不再订阅|不订阅|取消关注|不再关注)了?(?P<one>.{{1,30}}?)(?:的新?{KIND})?"
    r"|unsubscribe from (?P<from>.{1,30})"
)
OTHERS = re.compile(r"^(?:提醒|通知|消息|推送|还书|到期|短信|邮件|reminders?|notifications?)")  # that is set elsewhere
NOTHING = ("", "新书", "书", "有", "馆里", "你们", "图书馆", "最近", "本馆", "any", "the", "出", "什么", "new books")


def asked(talk: Talk) -> bool:
    """Whether the words are about being told of new books; a title of ours that begins so is no wish."""
    text = talk.event.text
    if len(text) > LONGEST or not HINT.search(text):
        return False
    said = _said(talk)
    if MINE.fullmatch(said) or STOPS_ALL.fullmatch(said) or _stopped(said):
        return True
    return _wish(said) is not None and meaning.called_so(talk) is None


def wished(talk: Talk) -> bool:
    """Whether it is asked for, and not given up."""
    said = _said(talk)
    return asked(talk) and not (MINE.fullmatch(said) or STOPS_ALL.fullmatch(said) or _stopped(said))


def hear(talk: Talk) -> None:
    """What was meant: all off, one off, the list, or one more."""
    said = _said(talk)
    if STOPS_ALL.fullmatch(said):
        return stop_all(talk)
    if MINE.fullmatch(said):
        return show(talk)
    if what := _stopped(said):
        return stop_named(talk, what)
    what = _wish(said) or ""
    if not what:
        return show(talk)
    _take(talk, _want(talk, what), what)


def _said(talk: Talk) -> str:
    return without_courtesies(trimmed(talk.event.text))


def _wish(said: str) -> str | None:
    """What somebody wants to hear of, '' where they do not say; None where nothing is wished for."""
    found = next((found for pattern in WISHES if (found := pattern.fullmatch(said))), None)
    if found is None:
        return None
    named = found.groupdict()
    what = (named.get("what") or named.get("about") or "").strip(" 《》「」,的")
    return None if OTHERS.match(what) else "" if what in NOTHING else what


def _stopped(said: str) -> str:
    """What somebody does not want to hear of any more."""
    found = STOPS.fullmatch(said)
    what = next((group for group in found.groups() if group), "").strip(" 《》「」,的") if found else ""
    return "" if OTHERS.match(what) else what


def _want(talk: Talk, what: str) -> Want | None:
    """A class by its name or mark, an author whom we have books of, else words."""
    if wanted := wants.by_class(what):
        return wanted
    ids = talk.look_up(lookups.fields, "", what)[:5]
    authors = (wants.by_author(title, what) for title in catalogue.titles(talk.db, ids).values())
    return next((author for author in authors if author), None) or wants.by_words(what)


# ---- asking for it ---------------------------------------------------------------------------------------------------


def button(_: Words, kind: str, key: object) -> Button:
    """Under a list: tell me when more of it comes. `kind` is "a" with a title by the author, or "c" with a class."""
    return Button(_("有新书告诉我"), f"sub:{kind}:{key}")


def subscribe(talk: Talk, kind: str, key: str) -> None:
    """A press under a list: the first author of a title, or a class."""
    if kind == "c":
        return _take(talk, wants.by_class(key), key)
    if kind != "a" or not (key.isascii() and key.isdigit() and len(key) < 15):
        return show(talk)
    title = catalogue.title(talk.db, int(key))
    name = title.authors[0] if title.authors else ""
    _take(talk, wants.by_author(title, name), name)


def _take(talk: Talk, want: Want | None, name: str) -> None:
    """Noted, and how often they will hear. Raises TooManySubscriptions."""
    if want is None:
        return show(talk)
    _, rules = talk._, talk.policy.subscriptions
    one = subscriptions.subscribe(talk.db, talk.reader.id, *want, name[: wants.LONGEST], talk.policy, talk.now)
    text = _("好的，「{name}」有新书到馆就告诉您。", name=wants.called(_, one))
    text += _.n("{n} 天里最多一条消息，晚上不打扰。", "{n} 天里最多一条消息，晚上不打扰。", rules.every_days)
    talk.say(text, rows(Button(_("我的订阅"), "subs"), Button(_("取消这个订阅"), f"unsub:{one.id}"), menu(_, "new_books")))


# ---- seeing it and taking it back ------------------------------------------------------------------------------------


def show(talk: Talk) -> None:
    """What is subscribed to, each with a way to end it; and how to ask for more."""
    _, mine = talk._, subscriptions.of_reader(talk.db, talk.reader.id)
    hint = _("想订阅什么，直接说，比如「余华出新书了告诉我」「有新的科幻小说叫我一声」「订阅 I247」。")
    if not mine:
        return talk.say(_("您还没有订阅新书。") + hint, rows(menu(_, "new_books"), menu(_, "browse")))
    days = talk.policy.subscriptions.every_days
    heading = _.n(
        "有这些新书到馆就告诉您，{n} 天里最多一条消息：", "有这些新书到馆就告诉您，{n} 天里最多一条消息：", days
    )
    lines = [f"· {wants.called(_, one)}" for one in mine]
    ends = [_end(_, one) for one in mine]
    every = (Button(_("全部取消"), "unsub!"),) if len(mine) > 1 else ()
    ways = rows(menu(_, "new_books"), menu(_, "reminder_settings"))
    talk.say("\n".join([heading, *lines, hint]), (*ways, *rows(*ends, *every, across=2)))


def _end(_: Words, one: Subscription) -> Button:
    return Button(_("取消「{name}」", name=wants.called(_, one)[:12]), f"unsub:{one.id}")


def stop(talk: Talk, subscription_id: str) -> None:
    """One less; said the same where it was gone already."""
    subscriptions.cancel(talk.db, talk.reader.id, int(subscription_id))
    talk.say(talk._("好，这个不再告诉您了。"), rows(*_ways(talk)))


def stop_named(talk: Talk, what: str) -> None:
    """The one that is called so; where none is, the list."""
    mine = subscriptions.of_reader(talk.db, talk.reader.id)
    said = letters(what).removesuffix("类")
    found = [one for one in mine if said in (letters(one.name), letters(one.key), letters(wants.called(talk._, one)))]
    if not found:
        talk.say(talk._("没有找到「{what}」的订阅。", what=what))
        return show(talk)
    stop(talk, str(found[0].id))


def stop_all(talk: Talk) -> None:
    """No word of new books any more."""
    subscriptions.cancel_all(talk.db, talk.reader.id)
    talk.say(talk._("好，新书订阅都取消了。想看有什么新书，随时说「新书」。"), rows(*_ways(talk)))


def _ways(talk: Talk) -> tuple[Button, ...]:
    _ = talk._
    return Button(_("我的订阅"), "subs"), menu(_, "new_books")
