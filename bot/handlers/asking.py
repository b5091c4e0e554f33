"""这本多少页、哪本最新、不要这本换一本、刚才那本: what is asked of the book or the list that stands there, and what is said when
none of it is right. A record says no more than it holds; what it does not hold is said, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from bot import lookups, meaning, offered
from bot.events import Button
from bot.folding import REMEMBERED, fold, letters
from bot.handlers import discovering, filtering, finding, lists, places, reviewing
from bot.numbers import NUMBER, to_int
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows
from bot.understanding import in_mandarin
from lending import catalogue, shelves
from lending.catalogue import Title

ABOUT_BOOKS = ("search", "show_title", "next_page", "previous_page", "confirm", "new_books", "recommend", "browse", "find_branches", "unknown")
LONGEST, MOST_KNOWN = 40, 300
ENDS = r"(?:(?:吗|嘛|么|呢|呀|啊|的|了|吧|呐|来着|不|没有?)?[ ,，].{0,9}|吗|嘛|么|呢|呀|啊|的|了|吧|呐|来着|不|没有?|我?(?:拿不动|怕).{0,6})?"
NTH = rf"(?:第 ?(?P<n>{NUMBER})|(?P<first>头一)|(?P<last>最后一?))[本个种部册]"
THIS = rf"(?>请问|那么?|哦|嗯|对了|{NTH}|[这那此它该呢]|一?[本部套]|个|书|的|是|有)*"
FACTS = {
    what: re.compile(rf"{THIS}(?:{asked}){ENDS}")
    for what, asked in (
        ("book", "(?:讲|说|写)的?是?(?:啥|什么)的?|[讲说]一?[讲说]|(?:的)?作者(?:是|叫)?(?:谁|哪位|啥|什么)|(?:详细)?介绍(?:一下)?|借(?:出去|走|完|光)了?没?|看看|看一下"),
        ("pages", "有?多少页|几页|页数|有?多厚|厚不厚|薄不薄|厚吗|薄吗|长不长|篇幅.{0,4}|多少字|字数"),
        ("year", "(?:哪一?年|几几年|什么时候|啥时候|几时|何时)(?:出版?|印|写)|出版(?:时间|年份)|新不新"),
        ("translators", "谁(?:翻译|译)|译者(?:是谁)?|翻译(?:是谁|者)?|哪个译本"),
        ("publisher", "(?:什么|哪个|哪家)(?:出版社|社)出?"),
        ("origin", "作者(?:是)?(?:哪国|哪里|哪儿|什么国家|什么地方|男|女|多大|还在世|还活着).{0,4}"),
        ("price", "(?:定价|原价|书价|标价)是?多?少?"),
        ("copies", "(?:一共|总共|馆里)?(?:几|多少|只剩一)[册本](?:在架|在馆|可借|能借)?|(?:其[他它]|别的|另外的|哪些)(?:分?馆|图书馆|地方)(?:也|还)?(?:有没有|有吗|有)"
                   "|(?:现在)?(?:有)?(?:几|多少)个?人(?:正)?(?:在|想|要)*(?:看|借|等|排)|还?有?货|还?有?(?:哪|那)(?:里|儿|个馆|些馆)(?:还|能借|可以借)有?|还有(?:哪里|哪儿|哪个馆)有?|放?在?(?:几楼|哪层|哪个书?架.?)"),
        ("reviews", "没?有?人写过?书评|(?:书评|评分|评价|口碑|你觉得[这那]本?书?)(?:怎么样|是?多少|高不高|好不好|如何)|几分|多少分|大家怎么说|好看不好看|有没有意思|好不?好看|值不?值得?(?:一?看|一?读|借)|好[看读](?=[不吗么嘛])"),
        ("set", "(?:没有)?(?:下册|上册|下部|下一[部册本]|第[二三四]部|(?:续集|下一部|第二部)(?:的)?(?:名字|书名)?(?:叫|是)?(?:什么|啥)(?:名字?)?|续集|续篇|后续|后面(?:的|[几两]?[部本册])?|前传|上下[册部]?(?:都|全)?有?|分?(?:几|多少)[册卷]|同一?系列的?|全套|一?整套|其他几[册本])"
                "(?:还?有没有|有吗|有|的书)?"),
        ("editions", "(?:没有)?(?:(?:更新一?[点些]?|新一[点些])的|更?新一?点?的?版本?|老版本?|旧版|便宜一?点?的?(?:版本?)?|其[他它]版本|别的版本)(?:有没有|有吗)?"),
        ("unrecorded", "(?:我?家?(?:[妈爸爷奶婆公]+|老人)(?:也|就)?(?:想看|要看|要))?[无没]?有?(?:字大(?:一?点)?的|字(?:大不大|多大|小不小|大吗)|字体.{0,4}|大字版?|精装本?|平装本?|插图|彩色的?|彩页|拼音|注音)(?:有没有|有吗)?"
                       "|(?:是不是|有没有|有|是否|没有)?(?:被)?(?:[拍改]编?[过成为]+了?)?(?:的|成)?(?:电影|电视剧|影视剧?|连续剧)(?:版)?|(?:能不能|能|可以)?(?:先)?(?:看一?[个下]?|有没有|有)?(?:目录|试读|样章)|难不难|难懂|好懂|难吗|难不难懂|深不深|[我他她孩子]*(?:看得懂|容易看懂)|适不适合.{1,10}|适合(?:不适合)?.{1,10}"
                       "|(?:我?家?的?(?:大|小)?)?(?:孙子|孙女|外孙女?|孩子|儿子|女儿|闺女|娃|宝宝|小孩|小朋友).{0,6}(?:能不能|能|可以|适合|会不会|会|看得)看?懂?(?=[吗么嘛不没]|了吗)|绘本还是.{1,8}|几岁看|多大.{0,3}看"),
    )
}  # fmt: skip
OF_WHICH = ("pages", "year", "translators", "publisher", "price", "origin", "copies", "reviews", "unrecorded")  # asked of a list: of which?
A_KIND = re.compile("绘本|漫画|小说|读物|的书")
THE_LAST = re.compile(r"(?>那|就|要|我|看|给|帮)*(?:最后|最末|末尾|倒数第一|最下面)(?:的?[那这])?一?[本个](?>呢|吧|给我|看看|瞧瞧|讲什么的?)*")
THERE = re.compile(rf"(?:那|请问|呢)*{NTH}书?(?:现在|目前)?(?:还?有没有|还?有|没有?|(?:还|能)?[拿借]得?到|在不在|在[架馆])(?:吗|么|嘛|不|呢|没有?)*")
ORDERS: dict[str, tuple[re.Pattern[str], str, Callable[[Title], tuple[bool, int]]]] = {
    "new": (re.compile("newest|latest|most recent|最新|最近出|最晚|出版时间|时间|日期|新旧|年份|按年|新的(?=[先在排放优])|by (?:date|year)"), N_("新出版的在前："), lambda one: (one.year is None, -(one.year or 0))),
    "old": (re.compile("oldest|earliest|最早|最老|最旧|[旧老]的(?=[先在排放优])"), N_("出版早的在前："), lambda one: (one.year is None, one.year or 0)),
    "thin": (re.compile("shortest|thinnest|最薄|(?<=[本个])薄|最短|薄一?点|短一?点|页数(?:最少|少)|篇幅(?:最?短|最?小)|字少"), N_("页数少的在前："), lambda one: (one.pages is None, one.pages or 0)),
    "thick": (re.compile("longest|thickest|最厚|最长|厚一?点|页数(?:最多|多)"), N_("页数多的在前："), lambda one: (one.pages is None, -(one.pages or 0))),
    "known": (re.compile("most popular|best known|most famous|the best|(?:借|看|读)的人最?多|最?多人[看借读]|最火|最?热门|最受欢迎|最有名|最出名|最经典|最好看?|最值得|好看|先看|评价最?高|代表作"),
              N_("好不好看各人不同，最知名的在前："), lambda one: (False, -one.popularity)),
}  # fmt: skip
BY = "|".join(pattern.pattern for pattern, _heading, _key in ORDERS.values())
WHICH = r"(?:哪一?[本个部种些]|边本)"
ORDERED = re.compile(
    rf"(?P<what>.{{0,16}}?)(?:的(?:书|小说|作品)?)?[,，]?{WHICH}(?:书|的)?(?:是|更|比较)?(?:{BY})(?:出?版?的|些|呀|啊|呢|一点|点)*"
    rf"|(?P<what2>.{{0,16}}?)(?:的(?:书|小说|作品)?)?(?:{BY})的?(?:一本|书|作品)?是?{WHICH}(?:呀|啊|呢)?"
    rf"|(?P<what3>.{{0,12}}?)(?:类的?|的书)?(?:按|照|依)(?:{BY})(?:顺序|先后)?(?:来?排|排序|排列|看)(?:一?下|个序)?"
    rf"|(?:那|我?要|来|就)*(?=最)(?:{BY})出?的?[那一]?[本个]?(?:呢|吧|是)?"
    rf"|(?:把|让|请)*(?:{BY})的?(?:书|那几本)?(?:先来?|在前面?|(?:排|放)(?:在|到)?(?:最?前面?|前头)|优先)(?:显示|看)?(?:吧)?"
    rf"|(?:sort|order)(?: them| these| it)? (?:{BY})|(?:{BY}) first"
    rf"|(?:so |and )?(?:which|what)(?: one| book)?(?: of (?:these|them))?(?: is|'s)?(?: the)? (?:{BY})(?: one| book)?|the (?:{BY}) (?:one|book)"
)
SIZED = re.compile(
    "(?>(?:这[本些个]|都|有点儿?|太|好|[薄短厚长]|了)+[, ]+)?(?>有没有|想看|想要|来|要|给我|换|一?本|点)*(?:薄|短|厚|长)(?:一?点儿?)?的(?:先来?|在前|排前面|优先)?"
    "(?:书|小说)?(?:有吗|吗|有没有)?"
)
WITHOUT_RECORD = re.compile(
    rf"(?>有没有|想要|要|有|带|配|是)+(?:拼音|注音|插图|彩图|彩色|大字|图画?|精装|平装)(?:版)?的?(?:书|那种|版本?)?(?:没有)?{ENDS}"
)
OUR_OWN = ("大字", "简单一点")  # what readers are told to say for large letters (easing.py): no question about a book
SHORTER = re.compile("(?:(?:都|全)?是?(?:太厚|大部头|好厚|这么厚|太长)了?[啊呀吧 ,，]*)?(?>有没有|有|再|要|来|那|更)*(?:薄|短)一?[点些]儿?(?:的|有吗|吗|吧|没有?|不)*|(?:anything |something |any )?(?:shorter|thinner)(?: one| ones)?")
EASIER = re.compile(
    "(?>有没有|有|再|要|来|那|更|太)*(?:简单|容易|浅|好懂|易懂|通俗|难|深)(?:一?[点些]儿?)?(?:的|了|有吗|吗|吧)*"
    "|(?:anything |something |any )?(?:easier|simpler|lighter)(?: one| ones)?|which (?:one |of (?:them|these) )?is (?:the )?(?:easiest|simplest|lightest)(?: to read| one)?"
)
UNRECORDED = N_("字的大小、插图、难易、适合谁看、拍没拍过电影，书目里没有写，我不乱说；可以点「转人工」，请馆员翻一翻书。")
THIN, THICK = 200, 500  # pages; asked for where no list stands there
BACK = re.compile("(?:回到?|返回|回去|看)*(?:刚才|刚刚|上面|之前|原来)的?(?:那个)?(?:列表|那些书?|那几本|清单|结果)(?:看看|吧)?")
FOR_WHOM = re.compile(rf"(?:这[些几]本?)?{WHICH}(?:书)?.{{0,2}}(?:适合|看得懂|好懂|容易|不难).{{0,10}}")
THESE = re.compile(r"^(?>请问|那|这里[头面]|里[头面]|以上|上面|这|[几些三两]+[本个种]|当中|其中|里|中|的|书|[,，])+|[,，]+$")
IN_NOW = re.compile(rf"(?:这[些几][本个]?|上面的?|它们|[这那]几本)书?(?:现在|目前|今天|是不是|都|全|还)*(?:能借|可以借|可借|能拿|可以拿|能取|在架|在馆|有货|[借拿]得到)(?:到|走)?{ENDS}|(?:这[些几][本个]?|里面)?{WHICH}(?:书)?(?:现在|目前|今天)?(?:就|还|马上|立刻)?(?:有|(?:能|可以)[借拿取](?:到|走)?|可借|在架|在馆|没借出去)(?:货|的)?{ENDS}")
AT_PLACE = re.compile(rf"(?:在)?(?P<place>.{{2,10}}?)(?:里|那边)?(?:现在)?有的?(?:是)?(?:哪[些几][本个]?|{WHICH})|{WHICH}(?:书)?在(?P<place2>.{{2,10}}?){ENDS}")
BEFORE = re.compile(
    r"(?:我?(?:刚才|刚刚|方才|上面|前面|之前|先前|刚)(?:我|你|您)?(?:看|说|找|查|问|推荐)?(?:过)?的?)(?:[那这]一?[本个]|书)书?(?P<rest>.{0,14})"
)
NAME_IT = re.compile("|叫?[啥什么名字来着是呢的吗书名]+|在哪.*|多少页.*|几页.*|还有吗|再.*看.*|谁写的|.*叫什么.*")
ANOTHER = re.compile(
    r"(?:好?无聊|太?难看|不好看|没意思|看不下去|看不懂|不喜欢|没兴趣|不感兴趣|看过|读过|不要|不想看|不合适|版本?太?老|太老|太旧|太难|太厚)"
)
CHANGE = re.compile(
    rf"(?>{ANOTHER.pattern}|我|这|那|本|书|[个部]|也|太|好|真|实在|版本?|了|啊|喔|哦|的|要|都|已经|[,，!！。 ])*"
    r"(?:(?:给我|帮我|再|另)?换一?[本个部](?:别的|书|看看|吧)*|再看一?[本个]|(?:还?有)?别的(?:吗|没有|书)*|还有别的吗|下一[本个])?[吧啊了吗呢]*"
)
APART = re.compile(r"(?>请问|那|[这那它]|[几两三些俩仨]|[本个种套版]|书|版本|之间|里|都|到底|有)+(?:有?(?:什么|啥|没有|哪些))?(?:区别|不同|不一样|差别|两样)(?:在哪里?|吗|么|呢|呀|啊|是什么|是啥|没有)*")
NOT_THESE = re.compile(
    r"(?>感觉|好像|这些|这几本|都|全|也|我)*(?:不太|不怎么|不大|没有?|不)(?:行|喜欢|想看|中意|满意|合适|感兴趣|好看|合心意|喜欢的|想看的|中意的|合适的)(?:了|啊|吧|呢|诶|欸)*"
    r"|(?>好像|感觉|这些|这几本|这个?|都|全|一?个|一|也|[,，])*(?:不对|不太对|不像|(?:不是|没有)(?:我|俺)?(?:想?要|想?找|说)的(?:那本|这个)*书?)(?:了|啊|吧|呢)?"
    r"|不要这个?系列的?|.{0,8}(?:再|重新)(?:帮我)?(?:查查|找找|查一?[下遍]|找一?[下遍]|看看有没有)|.{0,6}(?:书名|名字).{0,3}(?:记错|写错|打错|说错|看错|弄错|搞错).{0,6}"
    r"|.{0,6}(?:明明|网上|应该|肯定|官网).{0,6}(?:有|说你?们?有).{0,10}"
)
BESIDES = re.compile(
    r"除了?(?:这|那|上面|刚才)[一几两些]?[本个部套]?(?:书|的)?(?:以外|之外|外)?[,，]?(?:还|就|再)?(?:有没有|有)?(?:别的|其[他它]的?|什么|啥|哪些|推荐|相近的|类似的)*的?书?(?:呢|吗|么|没有?)*"
)
GIVEN_UP = re.compile(r"(?:没有|冇|无)(?:啊|呀|吗|了|的话|就)*[,， ]*(?:那)?(?:就)?(?:算了|好吧|行吧)(?:吧)?")
ELSEWHERE = re.compile(
    r".{0,6}(?:哪里|哪儿|哪|网上|书店|淘宝|当当|京东).{0,4}(?:能|可以)?买(?:得?到|一?本)?.{0,4}|.{0,4}(?:别的|其他|其它|别家|外地)(?:的)?图书馆.{0,8}"
)
WHEN_BOUGHT = re.compile(r"(?:大概|估计|要|得|等|那)*多久(?:呢|啊)?|(?:那|你们|馆里)*(?:能不能|能|可以|会)(?:帮我|给我)?买(?:一本|来|进来|下来)?(?:吗|么|不)|(?:那|你们|馆里|大概|到底|会不会|[,，])*(?:什么时候|啥时候|几时|多久)(?:才|会|能|可以)*(?:进(?:货|这本|书)?|买(?:来|进|得?到)?|采购|到货?|有)(?:呢|啊|呀|书)?")


WHEN_TOLD = re.compile(
    "(?>要是|如果|那|书)*(?:买|进|采购|到)(?:了|来了?|到了?|货了?)?(?:以后|之后|的话)?[,，]?(?>会不会|会|能不能|能|怎么)*(?:通知|告诉|提醒)我?"
    "一?声?(?:吗|么|呢|的|吧|不)?"
)


def asked(talk: Talk) -> Callable[[], None] | None:
    """What answers the words, where they ask of what stands there; None where they do not, or are the name of a book."""
    said = _said(talk)
    sure = not (talk.intent.likened or talk.intent.heard or talk.intent.name in ABOUT_BOOKS)
    if not said or said in OUR_OWN or len(said) > LONGEST or talk.step or sure or "《" in said:
        return None
    found = next((answer for look in (_of_a_book, _of_the_list, _none_of_it) if (answer := look(talk, said))), None)
    return found if found and meaning.called_so(talk) is None else None


def tell(talk: Talk, answer: Callable[[], None]) -> None:
    """Answer."""
    answer()


def _said(talk: Talk) -> str:
    return in_mandarin(fold(talk.event.text)).strip(" .。!！?？~,，\"").replace("?", ",").replace("!", ",")


# ---- a book --------------------------------------------------------------------------------------------------------


def _of_a_book(talk: Talk, said: str) -> Callable[[], None] | None:
    looked: list[int] = talk.memory.get("looked", [])
    before = BEFORE.fullmatch(said)
    if before and NAME_IT.fullmatch(before["rest"]):
        shown = talk.memory.get("title") or (looked[-1] if looked else None)
        return partial(finding.which, talk) if shown is None else partial(_show, talk, int(shown), before["rest"])
    for what, found in _facts(said):
        if (book := _meant(talk, found) or (finding.on_show(talk) if what == "set" else None)) is not None:
            return partial(fact, talk, what, book)
        if what in OF_WHICH and talk.memory.get("list") and not (what == "copies" and talk.memory.get("missed")) and not A_KIND.search(said):
            return partial(no_record, talk) if what == "unrecorded" else partial(finding.which, talk)
    listed: list[int] = talk.memory.get("list", [])
    if len(listed) > 1 and THE_LAST.fullmatch(said) and any(offered.kind(action) == "t" for action, _label in talk.memory.get("choices", [])):
        per, page = lists.per_page(talk), int(talk.memory.get("page", 0))
        return partial(finding.show_book, talk, str(listed[: (page + 1) * per][-1]))
    there = THERE.fullmatch(said)
    counted = _meant(talk, there) if there else None
    return None if counted is None else partial(finding.show_book, talk, str(counted))


@lru_cache(REMEMBERED)
def _facts(said: str) -> tuple[tuple[str, re.Match[str]], ...]:
    """Which facts of a book the words, or their first part, ask for."""
    asked = ((what, pattern.fullmatch(said) or pattern.fullmatch(said.split(",")[0])) for what, pattern in FACTS.items())
    return tuple((what, found) for what, found in asked if found)


def fact(talk: Talk, what: str, book: int) -> None:
    """One fact of a book, by its word in FACTS."""
    TELL[what](talk, catalogue.title(talk.db, book))


def _show(talk: Talk, shown: int, rest: str) -> None:
    """The book itself; how thick it is, where that was asked."""
    if "页" in rest:
        return _fact(talk, catalogue.title(talk.db, shown), "pages")
    finding.show_book(talk, str(shown))


def _meant(talk: Talk, found: re.Match[str]) -> int | None:
    """The one named by its number, else the one on show."""
    if found["n"] or found["first"] or found["last"]:
        shown: list[int] = talk.memory.get("list", [])
        return lists.nth(talk, (to_int(found["n"]) or 0) if found["n"] else 1 if found["first"] else min(len(shown), lists.per_page(talk)))
    shown_one = talk.memory.get("title")
    return int(shown_one) if shown_one is not None else None


def _in_words(_: Words, title: Title, what: str) -> str:
    """What the record says; '' where it does not."""
    if what == "pages" and title.pages:
        return _.n("《{title}》{n} 页。", "《{title}》{n} 页。", title.pages, title=title.title)
    if what == "year" and title.year:
        return _("《{title}》这个版本是 {year} 年出版的。", title=title.title, year=title.year)
    if what == "translators" and title.translators:
        return _("《{title}》的译者是{names}。", title=title.title, names="、".join(title.translators))
    if what == "publisher" and title.publisher:
        return _("《{title}》由{publisher}出版。", title=title.title, publisher=title.publisher)
    if what == "price" and title.price_fen:
        return _("《{title}》书上的定价是 {price}；借阅不收书钱。", title=title.title, price=_.money(title.price_fen))
    return ""


def _fact(talk: Talk, title: Title, what: str) -> None:
    _ = talk._
    unknown = _("《{title}》的书目里没有写这一点；要紧的话说「转人工」，请馆员看一看书。", title=title.title)
    talk.say(_in_words(_, title, what) or unknown)
    finding.show_book(talk, str(title.id))


def _unrecorded(talk: Talk, title: Title) -> None:
    """What no record holds: said so, with how thick it is, which it may hold."""
    _ = talk._
    pages = _in_words(_, title, "pages")
    text = _(UNRECORDED)
    talk.say("\n".join(part for part in (text, pages) if part), rows(Button(_("看这本书"), f"t:{title.id}"), Button(_("书评"), f"rv:{title.id}"), menu(_, "escalate")))


def _rest_of_set(talk: Talk, title: Title) -> None:
    """Other volumes, and what its author calls alike."""
    _, author = talk._, title.authors[0] if title.authors else ""
    found = catalogue.titles(talk.db, talk.look_up(lookups.fields, title.title, author)).values()
    name = letters(title.title)
    parts = [one.id for one in found if one.id != title.id and (one.volume, letters(one.title)) != (title.volume, name) and _one_set(title, one)]
    if parts:
        return lists.show_list(talk, parts, _("和《{title}》一套的：", title=title.title))
    text = _("馆里没有找到《{title}》的其他册或续集。要是有这样一本，可以荐购。", title=title.title)
    talk.say(text, rows(menu(_, "suggest_purchase"), Button(_("看相近的书"), f"same:{title.id}"), menu(_, "escalate")))


def _one_set(title: Title, other: Title) -> bool:
    """Whether two belong to one series, by its name or by how both begin."""
    return bool(title.series and title.series == other.series) or letters(other.title).startswith(letters(title.title))


TELL: dict[str, Callable[[Talk, Title], None]] = {
    **{what: partial(_fact, what=what) for what in ("pages", "year", "translators", "publisher", "price", "origin")},
    "editions": lambda talk, title: finding.editions(talk),
    "book": lambda talk, title: finding.show_book(talk, str(title.id)),
    "copies": lambda talk, title: finding.show_book(talk, str(title.id)),
    "reviews": lambda talk, title: reviewing.show(talk, str(title.id)),
    "set": _rest_of_set,
    "unrecorded": _unrecorded,
}


# ---- a list --------------------------------------------------------------------------------------------------------


def _of_the_list(talk: Talk, said: str) -> Callable[[], None] | None:
    shown: list[int] = talk.memory.get("list", [])
    if found := ORDERED.fullmatch(said):
        by = next(name for name, (pattern, _heading, _key) in ORDERS.items() if pattern.search(said))
        what = THESE.sub("", next((words for words in found.groups() if words), "")).strip(" 的")
        if what:
            hits = talk.look_up(lookups.words, what)
            return (lambda: order(talk, list(hits.ids), by)) if hits.ids and not hits.near else None
        return (lambda: order(talk, shown, by)) if len(shown) > 1 else None
    if SIZED.fullmatch(said) or SIZED.fullmatch(said.split(",")[0]):
        return partial(_sized, talk, "thick" if re.search("[厚长]一?点儿?的", said) else "thin")
    stands = any(offered.kind(action) == "t" for action, _label in talk.memory.get("choices", []))
    if shown and stands and SHORTER.fullmatch(said):
        return partial(_sized, talk, "thin")
    if shown and stands and EASIER.fullmatch(said):
        return partial(no_record, talk)
    if any(WITHOUT_RECORD.fullmatch(clause) for clause in (said.split(",") if not shown else (said,))):
        return partial(no_record, talk)
    if shown and BACK.fullmatch(said):
        return partial(lists.show_page, talk)
    if len(shown) > 1 and stands and APART.fullmatch(said):
        return partial(tell_apart, talk)
    if shown and FOR_WHOM.fullmatch(said):
        return partial(no_record, talk)
    if shown and IN_NOW.fullmatch(said):
        return lambda: filtering.narrow_by(talk, "只看可借的")
    if shown and (found := AT_PLACE.fullmatch(said)):
        near = places.all_at(catalogue.points(talk.db), found["place"] or found["place2"] or "")
        return (lambda: filtering.narrow_by(talk, f"只看{near[0].name}的")) if len(near) == 1 else None
    return None


def _sized(talk: Talk, by: str) -> None:
    """The list on show by its pages; where none is, the best known that are thin or thick enough."""
    if len(talk.memory.get("list", [])) > 1:
        return order(talk, talk.memory["list"], by)
    known = catalogue.titles(talk.db, lists.suitable(talk, shelves.best_known(talk.db, MOST_KNOWN))).values()
    fits = [one.id for one in known if one.pages and (one.pages <= THIN if by == "thin" else one.pages >= THICK)]
    _ = talk._
    heading = _("页数不多的（{n} 页以内），最知名的在前：", n=THIN) if by == "thin" else _("厚一点的（{n} 页以上），最知名的在前：", n=THICK)
    lists.show_list(talk, fits, heading) if fits else finding.which(talk)


def no_record(talk: Talk) -> None:
    _ = talk._
    text = _(UNRECORDED)
    stands = talk.memory.get("list")
    back = Button(_("回到列表"), f"page:{talk.memory['list_number']}:0") if stands else menu(_, "browse")
    talk.say(text, rows(back, menu(_, "escalate")))


def tell_apart(talk: Talk) -> None:
    """How books differ beyond what a record says, a librarian knows."""
    _ = talk._
    back = Button(_("回到列表"), f"page:{talk.memory['list_number']}:{talk.memory.get('page', 0)}")
    talk.say(_("书目里写着作者、出版社、年份和页数，点书名就看得到；内容上的区别我说不准，馆员知道。"), rows(back, menu(_, "escalate")))


def order(talk: Talk, ids: list[int], by: str) -> None:
    _pattern, heading, key = ORDERS[by]
    found = sorted(catalogue.titles(talk.db, ids).values(), key=key)
    lists.show_list(talk, [one.id for one in found], talk._(heading))


# ---- none of it ----------------------------------------------------------------------------------------------------


def _none_of_it(talk: Talk, said: str) -> Callable[[], None] | None:
    shown, missed = talk.memory.get("title"), talk.memory.get("missed")
    if shown is not None and BESIDES.fullmatch(said):
        return lambda: another(talk, int(shown))
    if talk.memory.get("list") and BESIDES.fullmatch(said):
        return partial(lists.next_page, talk)
    if shown is not None and ANOTHER.search(said) and CHANGE.fullmatch(said):
        return lambda: another(talk, int(shown))
    if shown is not None and re.fullmatch(r"(?:这本|那|给我|帮我|再|另)*(?:换(?:一?[本个部])?|再看一?[本个]|再来一?本别的)(?:别的|类似的?|相近的?|差不多的|书|看看|吧)*", said):
        return lambda: another(talk, int(shown))
    if shown is None and talk.memory.get("list") and ANOTHER.search(said) and CHANGE.fullmatch(said):
        return partial(lists.next_page, talk)
    if (missed or said[0] in "买进采") and WHEN_TOLD.fullmatch(said):
        return lambda: _told_then(talk)
    if not (shown or missed or talk.memory.get("list")):
        return None
    if GIVEN_UP.fullmatch(said):
        return lambda: _given_up(talk)
    if missed and (ELSEWHERE.fullmatch(said) or WHEN_BOUGHT.fullmatch(said)):
        return lambda: _elsewhere(talk)
    return (lambda: clues(talk)) if NOT_THESE.fullmatch(said) else None


def another(talk: Talk, shown: int) -> None:
    """The next book of the list it was taken from, or one like it; nothing is taken."""
    ids: list[int] = talk.memory.get("list", [])
    behind = ids[ids.index(shown) + 1 :] if shown in ids else ids
    if not behind:
        return discovering.like_this(talk, str(shown))
    talk.say(talk._("好，换一本："))
    finding.show_book(talk, str(behind[0]))


def _given_up(talk: Talk) -> None:
    _ = talk._
    talk.say(_("好的，那先不找了。想要馆里买的话可以荐购，想看别的随时说。"), rows(menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "help")))


def _elsewhere(talk: Talk) -> None:
    _ = talk._
    text = _("别的图书馆和书店有没有，我查不到；什么时候买来，要荐购之后由馆员定。可以荐购，也可以请馆员帮您打听。")
    talk.say(text, rows(menu(_, "suggest_purchase"), menu(_, "escalate")))


def _told_then(talk: Talk) -> None:
    """Whether whoever wished for a book hears what became of it."""
    _ = talk._
    talk.say(_("会的：荐购以后，买不买、书到了，我都告诉您。"), rows(menu(_, "suggest_purchase"), menu(_, "browse")))


def clues(talk: Talk) -> None:
    """Where none of it was meant: what else to say, and who looks by hand."""
    _, page = talk._, int(talk.memory.get("page", 0))
    text = _("那再给我一点线索：书名里的几个字、作者，或者讲哪方面的，哪样记得发哪样。馆员也可以帮您找。")
    more = (page + 1) * lists.per_page(talk) < len(talk.memory.get("list", []))
    turn = (Button(_("下一页"), f"page:{talk.memory['list_number']}:{page + 1}"),) if more else ()
    talk.say(text, rows(*turn, Button(_("高级检索"), "guide"), menu(_, "suggest_purchase"), menu(_, "escalate")))
