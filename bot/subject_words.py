"""What a sentence about books asks for: the subject in it, without who asks, for whom and how it should be; or what
sort of question it is, where a book is named in it. Pure; bot/meaning.py tries the answers on the catalogue."""

from __future__ import annotations

import re

from bot.folding import fold
from bot.understanding import Intent

LONGEST = 60
LISTS, MOOD, PLOT = "书单", "心情", "情节"  # what a recommendation is wanted by
NEAR, HOUSE = "相近", "版社"  # what is not as it was asked for
CLAUSE = re.compile(r"[,，.。;；!！?？~…、\n]+| +")
WHOM = (
    r"(?:我家?|咱家?|老家)?(?:的)?(?:小学生?|初[一二三]|高[一二三]|初中生?|高中生?|大学生|老年人|老人|长辈|孩子|娃"
    r"|宝宝|小朋友|儿子|女儿|孙子|孙女"
    r"|爸爸?|妈妈?|父母|爷爷|奶奶|老伴|老公|老婆|男朋友|女朋友|对象|朋友|同事|老师|自己|新手|小白|老大|老二|男孩"
    r"|女孩)"
)
BEFORE = re.compile(
    rf"^(?>[ ,]|(?:给|送|适合)?{WHOM}(?:要|想)?[看读]的|小?伙子|姑娘|老师|同志|你好|您好|请问|麻烦|贵馆|你们|馆里"
    rf"|图书馆|那个?|就是|我们?|俺|咱|打算|准备|最近|以前|现在"
    r"|想要?|需要|要|求|找|寻|搜|查|看看?|读读?|借|来|学习?|了解|知道|研究|介绍|推荐|给我|帮我|让我|写论文用|教人?"
    r"|讲述?|说|写|谈"
    r"|关于|有关|有没有|有冇|有无|有啥|有什么|有哪些|有些?|一下|点儿?|些|[一几两]?本|什么|书"
    r"|入门级?|基础|初级|通俗(?:点|易懂)?|简单|轻松|好懂|易懂|好读|经典|好看|有趣|专业|系统|怎么样?|如何|怎样|的)+"
)
BEHIND = re.compile(
    r"(?>[ ,]|的(?=$)|怎么[办打弄做]$|的|类|方面|相关|之类|题材|主题|专业|入门|那种|有(?:没有|冇|吗|嘛|么|哪些"
    r"|哪几本|啥|什么)?|图?书籍?|读物|教材|资料|著作"
    r"|推荐|介绍|几本|吗|呢|吧|啊|呀|嘛|么|可以|看|读|给我|入门级?|要用|用|需要)+$"
)
QUALITY = re.compile(  # how a book should be, or for whom; no record says so
    rf"(?:不要|别|不)?太?(?:难|深|厚|贵|旧|玄乎|枯燥|吓人|烧脑|复杂|教材)的?|通俗|轻松|简单|薄|短(?!篇)|厚|好读|好懂"
    rf"|易懂|浅|治愈|解压|烧脑|刺激|睡前|睡觉|打发时间|不?费脑子?|不?动脑子?|文化不高|识字不多|识字少"
    rf"|一晚上?看完|看一个月|放下|适合|合适|给{WHOM}|送{WHOM}|大字|字大|带拼音|注音|双语|插图|立体书|翻翻书|桥梁书|精装"
    rf"|{WHOM}看"
)
FEELING = re.compile(
    r"心情|难过|失恋|压力|焦虑|无聊|烦|睡不着|失眠|孤独|治愈|解压|放松|轻松|睡前|书荒|闲着|值夜班|下夜班|打发时间"
    r"|不烧脑|费脑|动脑|刺激|短一点|送|选书|文化不高|好读|好懂|适合|合适"
)
BOOKISH = re.compile(r"[书看读]|小说|故事|散文|漫画|绘本|推荐")
LISTED_ELSEWHERE = re.compile(  # prizes, lists and advice that no record holds
    r"(?:文学|小说|图书|科幻|诗歌|[\u3400-\u9fff]{0,8})?[\u3400-\u9fff]{1,6}(?:奖)(?:的?(?:书|小说|作品|作者|作家|得主|获奖.{0,6})|的)?"
    r"(?:都?有哪些|有吗|有没有)?"
    r"|.{0,8}(?:获奖|得奖)(?:的)?(?:作品|小说|书)?.{0,4}"
    r"|.{0,12}(?:必读|必看|书单|书目单|阅读书目|课外书|课外阅读|快乐读书吧|指定阅读|推荐阅读|百大|top ?\d+|高分"
    r"|评分高|评价(?:最|很)?[高好]).{0,12}"
    r"|.{0,10}(?:老师|学校)(?:让|要|叫|推荐|布置|要求).{0,6}(?:看|读)的.{0,12}"
    r"|.{0,6}[\u3400-\u9fff]{2,4}(?:老师|先生|主播)?(?:推荐|推荐过|在看|带火)的(?:那几?本|书|那些|小说)?.{0,6}"
)
NO_SUBJECT = (
    "外国", "国外", "国内", "新书", "最新", "方面", "这方面", "关系", "毕业论文", "论文", "别的", "其他", "电子",
)  # fmt: skip
GENRES = {"小说": "文学", "散文": "文学", "散文集": "文学"}
ASKED_INSIDE = re.compile("怎么|如何|怎样|为什么|为啥|是什么")
POINTED = re.compile("的?那个人?$|的那[本部]")  # whoever or whichever is meant, not a subject
KINDS = (  # everyday words for a subject, and where its books stand; asked only where no title says the word
    (re.compile("炒股|股票|基金|理财|投资|赚钱"), "finance"),
    (re.compile("做饭|做菜|菜谱|烧菜|家常菜|下厨|烘焙|食谱|吃的|面包|蛋糕|甜点|煲汤|炒菜"), "cooking"),
    (re.compile("画画|绘画|素描|油画|国画|书法"), "art"),
    (re.compile("种花|养花|花草|园艺|种菜|种地|养殖|养鱼|养鸡"), "farming"),
    (re.compile("法律|劳动法|官司|维权|合同|拖欠|离婚|遗产"), "D9"),
    (re.compile("育儿|带娃|带孩子|教育?孩子|青春期|当妈|做妈妈|当爸|做父母|发脾气|如厕|二胎|怕黑"), "family"),
    (re.compile("养生|保健|健身|减肥"), "fitness"),
    (re.compile("护士|护理|医学|看病|中医|西医|医生|怀孕"), "medicine"),
    (re.compile("编程|程序|电脑|手机|软件|人工智能|大模型|llm|python|java"), "computing"),
    (re.compile("电工|电路"), "electronics"),
    (re.compile("抑郁|焦虑|情绪|心理"), "B84"),
    (re.compile("旅游|旅行|自驾"), "K9"),
    (re.compile("打仗|战争|抗战|抗美援朝|军事"), "E"),
    (re.compile("[秦汉隋唐宋元明清]朝|地方志|县志|民国|朝代|古代史|近代史"), "history"),
    (re.compile("恐龙|宇宙|黑洞|科普"), "science"),
    (re.compile("名人|伟人|自传"), "biography"),
    (re.compile("小说|推理|悬疑|武侠|言情|侦探|鬼故事"), "literature"),
)
IN_ENGLISH = {  # subjects that are asked for in English, and the words by which our records know them
    "cook(?:ing|ery)|recipes?|cookbooks?": "烹饪", "baking|cakes?": "烘焙",
    "(?:the )?(?:sea|seas|ocean|oceans)": "海洋",
    "(?:outer )?space|(?:the )?universe|astronomy|(?:the )?stars": "宇宙", "dinosaurs?": "恐龙",
    "gardening|gardens?|plants?": "园艺", "investing|stocks?|money|personal finance|finance": "投资",
    "parenting|raising (?:kids|children)": "育儿", "(?:chinese |ancient )?history": "历史",
    "(?:world )?wars?|military": "战争", "(?:the )?law": "法律", "medicine|health": "医学",
    "programming|coding|computers?": "编程", "drawing|painting": "绘画", "art": "艺术", "music": "音乐",
    "psychology|emotions": "心理", "travel(?:l?ing)?": "旅行", "photography": "摄影", "science": "科普",
    "physics": "物理", "math(?:s|ematics)?": "数学", "philosophy": "哲学", "economics|(?:the )?economy": "经济",
    "education|teaching": "教育", "management|business": "管理", "religion|buddhism": "宗教", "poetry|poems": "诗歌",
    "sports?": "体育", "animals?": "动物", "architecture|buildings": "建筑", "chinese culture|culture": "文化",
    "tea": "茶", "love": "爱情", "birds": "鸟", "cats?": "猫", "dogs?": "狗", "food": "美食",
}  # fmt: skip
OF_A_GENRE = "(?: (?:books?|novels?|stories|fiction))?"
GENRES_EN = {  # the same for kinds of stories
    f"(?:sci[ -]?fi|science fiction){OF_A_GENRE}": "科幻",
    f"(?:mystery|mysteries|detective|whodunn?its?|crime|thrillers?){OF_A_GENRE}": "推理",
    f"(?:romance|romantic|love stor(?:y|ies)){OF_A_GENRE}": "言情", f"(?:fantasy|epic fantasy){OF_A_GENRE}": "奇幻",
    f"(?:horror|ghost stories){OF_A_GENRE}": "恐怖", f"(?:martial arts|wuxia|kung ?fu){OF_A_GENRE}": "武侠",
    f"(?:comics?|manga|graphic novels?){OF_A_GENRE}": "漫画",
    "picture books?": "绘本", "(?:biograph(?:y|ies)|memoirs?)": "传记",
}  # fmt: skip
SOME = r"(?:请问|那个?|你们|馆里|贵馆|有没有|有冇|有无|有什么|有啥|有|想看|想找|找|推荐|求|来)*"
NAMED = r"《?(?P<name>[^《》,，]{1,20}?)》?"
ASKED_OF = (  # a question with the name of a book in it, and what is asked
    (re.compile(rf"{SOME}(?:跟|和|与|同)?{NAMED}(?:差不多|类似|相似|相近|同类|一个类型|那样|那种|这样|一样)(?:的"
                rf"|感觉|风格|类型)*(?:书|小说|故事)?(?:有吗|吗|嘛|推荐)?"), "like"),
    (re.compile(rf"{SOME}(?:类似|像|好似){NAMED}(?:这样|那样|一样|这种|那种)?(?:的|书|小说)*(?:有吗|吗"
                rf"|推荐)?"), "like"),
    (re.compile(rf"{SOME}比{NAMED}还?更?(?:好看|好读|精彩|刺激|短|长)(?:的|书|小说)*(?:有吗|有没有|吗)?"), "like"),
    (re.compile(rf"(?:刚|我)*(?:看|读)完了?{NAMED}了?(?:,|，)?(?:再|还|接下来|接着|之后|可以|该|能)*(?:看|读)(?:啥"
                rf"|什么|哪本).{{0,4}}"), "like"),
    (re.compile(rf"(?:刚|我)*(?:看|读)完了?{NAMED}了?(?:,|，)?(?:再|还|也)*(?:想看|想找|来|有没有|有)(?:点|些|几本)?(?:这种|这样|这类"
                rf"|那种|那样|类似|差不多|同类|同样)(?:类型|风格)?的?(?:书|小说)?(?:吗|没有?|呢|嘛|看看)?"), "like"),
    (re.compile(rf"{SOME}{NAMED}(?:有|出过?)(?:几|哪些|哪几|什么|多少)[个种]?(?:译本|版本|版|译)(?:的)?"), "版本"),
    (re.compile(rf"{NAMED}的?哪[个种一]?(?:个|种)?(?:版本?|译本|翻译|出版社)(?:的|最|比较|更)*(?:好|权威|全"
                rf"|推荐)?.{{0,3}}"), "版本"),
    (re.compile(rf"{SOME}(?:写过?|著){NAMED}的?(?:那个|那位|这个)(?:人|作者|作家|谁)?(?:还|都|又|另外)*(?:写|有|出)"
                rf"(?:过|了)?(?:什么|啥|哪些)?.{{0,4}}"), "作者的书"),
    (re.compile(rf"{SOME}{NAMED}的?(?:那个|那位)?作者(?:还|都|的|其他|别的|另外)+(?:写|有|书|作品|出)?(?:过|了)?"
                rf"(?:什么|啥|哪些|书)?.{{0,4}}"), "作者的书"),
    (re.compile(rf"(?:[^,，《》]{{2,10}}?(?:写的|的书?|的作品)?[,，]?)?除了?{NAMED}(?:之外|以外|外)?[,，]?(?:他|她|作者)?(?:还|都)(?:有|写|出)(?:过|了)?"
                rf"(?:啥|什么|哪些|别的)?(?:好?书|作品)?(?:吗|呢)?"), "作者的书"),
    (re.compile(rf"那个谁[,，]?写{NAMED}的[,，]?(?:还|都)有(?:啥|什么|哪些).{{0,3}}"), "作者的书"),
)  # fmt: skip
AROUND = re.compile(  # said around a name, and no part of it
    rf"^(?:(?:给|送|适合)?{WHOM}看的|(?:青少|儿童|少儿|注音|大字|精装)版的?|(?:语文)?(?:老师|学校)(?:说|让|叫|要求"
    rf"|要)+(?:我们?|大家)?(?:看|读)"
    r"|(?:我|小时候|年轻时候?|以前|之前|早年)*(?:看过|读过|听说过?|记得)[一那]?[本部]?(?:书叫?|叫)?|那个谁[,，]?"
    r"|电影|电视剧)+"
    r"|(?:的?(?:是哪本书改的|原著小说|原著|改编的?书?|全集|全套|一套|共?(?:有)?(?:几|多少)[本册卷部]|合集|注释本"
    r"|注音版|青少版|儿童版|大字版)+"
    r"|和.{2,12}是一本|是一本书?|在哪层楼?|在哪|有几[册本]|那几本)(?:吗|有吗|有没有|呢)?$"
)


REMEMBERED = re.compile("看过|读过|听说过|(?:老师|学校)(?:说|让|叫|要求|要)+")
WRITER = re.compile(
    r"(?P<who>[\u3400-\u9fff·]{2,8}?)(?:先生|老师|女士)?写(?:[^的]{2,16}的?那[一]?[本部]|的?(?:那[一]?[本部])?(?:书|小说)?(?:讲|说|关于|写)的?.{2,16}的)"
)
OF_PLOT = re.compile(
    r"(?:讲|说|写|主角|主人公|里面|有个人?|一个).{2,24}(?:那本书?|的?书|小说|故事)?[,，]?(?:叫什么|叫啥|是什么书"
    r"|是哪本|书名)"
    r"|(?:主角|主人公|男主|女主)[叫是]|^(?:有个|一个|讲一个).{2,24}(?:故事|小说|书|那本)"
    r"|忘了?(?:了)?(?:书名|名字|叫什么)|(?:[红绿蓝黄黑白]色?|绿皮|红皮)封[面皮]|[红绿蓝黄黑白]皮的?|是哪本书(?:里的"
    r"|改的|改编的)?|(?<!不要)(?<!不看)原著(?:是什么|是哪本|有没有|有吗|小说)?$"
)
ASKS = re.compile(
    "有没有|有冇|有吗|想[学看找了借考]|(?:推荐|介绍|找|求|来|看|挑|选)(?:一?[点些下]|[一几]?[本部])|求?推荐$|求推荐|的书|[啥点么]书|书吗|书有|有书|哪些"
    "|[讲学教].+的$|那种|相关的|方面的|图多|字少"
)
CHILD = re.compile(
    "孩子|宝宝|娃|小朋友|年级|\\d ?岁|[一二两三四五六七八九十]岁|初[一二三]|小学|小升初|老大"
    "|立体书|翻翻书|桥梁书|桥梁读物|儿童|少儿|幼儿园|学前|托班|[大中小]班"
)


def asked_of(text: str) -> tuple[str, str]:
    """What is asked of which book, in a question that names one; both '' where it is none."""
    said = _bare(text)
    for pattern, what in ASKED_OF if len(said) <= LONGEST else ():
        if found := pattern.fullmatch(said):
            return what, found["name"].strip(" 的")
    return "", ""


def without_around(text: str) -> str:
    """The line without what is said around a name; '' where nothing was, or nothing is left."""
    said = _bare(text)
    clauses = [clause for clause in CLAUSE.split(said) if clause]
    bare = AROUND.sub("", clauses[0]).strip(" 的") if clauses else ""
    return bare if clauses and 1 < len(bare) < len(clauses[0]) else ""


def remembered(text: str) -> bool:
    """Whether a book read long ago is named."""
    return bool(REMEMBERED.search(_bare(text)))


def writer_in(text: str) -> str:
    """Who wrote it, where the rest tells what is in it: 杨绛先生写她们一家三口的那本."""
    found = WRITER.match(_bare(text))
    return found["who"] if found else ""


def genre_in_chinese(words: str) -> str:
    """An English genre that nobody takes for a name, also where it is all that was said: "sci fi"; '' for any other."""
    return next((word for pattern, word in GENRES_EN.items() if re.fullmatch(pattern, fold(words).strip(" .?!"))), "")


def in_chinese(subject: str) -> str:
    """An English subject by the word our records have for it; '' for one that is not known."""
    said = re.sub(r"^(?:the |some )?(?:topic|subject) of ", "", fold(subject).strip(" .?!"))
    return next((word for pattern, word in (IN_ENGLISH | GENRES_EN).items() if re.fullmatch(pattern, said)), "")


def of_plot(text: str) -> bool:
    """Whether a book is described by what happens in it, who is in it or how it looks."""
    said = _bare(text)
    return len(said) <= LONGEST and bool(OF_PLOT.search(said))


def asks(text: str) -> bool:
    """Whether books are clearly asked for, not named."""
    return bool(ASKS.search(_bare(text)))


def subjects(text: str) -> list[str]:
    """What may be the subject asked for, the likeliest first; nothing where none is left."""
    said = _bare(text)
    if len(said) > LONGEST:
        return []
    found = []
    for clause in [one for one in CLAUSE.split(said) if one]:
        core, before = clause, ""
        while core != before:
            before, core = core, BEHIND.sub("", BEFORE.sub("", core)).strip()
        core = re.sub(r"^(?:的|本)|(?:小说|故事)?(?:最?新)?的?(?:新书|书)?$", "", core) if len(core) > 2 else core
        if 1 < len(core) < 16 and core not in NO_SUBJECT and not (QUALITY.search(core) or POINTED.search(clause)):
            found.append(core)
            about = ASKED_INSIDE.split(core)[0]  # 宋朝人怎么过日子: about 宋朝, whatever is asked
            shorter = dict.fromkeys((about, about.rstrip("人们"))) if about != core else ()
            found += [one for one in shorter if len(one) > 1 and one not in NO_SUBJECT]
    return found


def shelf_of(text: str) -> str:
    """Where books about it stand, by an everyday word for a subject, or for children; '' for none."""
    said = _bare(text)
    if not (asks(text) or BOOKISH.search(said) or QUALITY.search(said)):
        return ""
    if re.search("绘本|图画书|图多|字少", said):
        return "绘本"
    if found := next((code for pattern, code in KINDS if pattern.search(said)), ""):
        return found
    return "少儿读物" if CHILD.search(said) else ""


def by_mood(text: str, lost: bool) -> bool:
    """Whether a book is wanted for how one feels or for whom, not for what it is about; `lost`: it may be no wish."""
    said = _bare(text)
    wanted = FEELING.search(said) or (lost and QUALITY.search(said))
    return len(said) <= LONGEST and bool(wanted) and bool(not lost or BOOKISH.search(said) or asks(text))


def has_wishes(text: str) -> bool:
    """Whether something is asked of the book that no record holds."""
    return bool(QUALITY.search(_bare(text)))


def listed_elsewhere(text: str) -> bool:
    """Whether books are meant that some prize, list or person names."""
    return any(LISTED_ELSEWHERE.fullmatch(clause) for clause in CLAUSE.split(_bare(text)) if clause)


def _bare(text: str) -> str:
    return fold(text).strip(" .。!！?？~,，\"“”")


def wish(what: str, name: str) -> Intent:
    """The question about that book, as a reader's intent."""
    if what == "like":
        return Intent("recommend", {"title": name})
    return Intent("show_title", {"query": what, "title": name})
