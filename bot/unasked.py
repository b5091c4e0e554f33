"""Whether a line only speaks of a deed (续借要钱吗, 不要续借, 我妈说要续借, should i renew) and asks for none. Who says
帮我 or 能不能 asks for it; where words leave it open, it is told and one press away rather than done."""

from __future__ import annotations

import re

from bot.folding import fold
from bot.understanding import Intent, mended, plainly, without_courtesies

LONGEST = 100  # characters; longer lines are told about something else
TAKES = "借|拿|加|放|收|要|来一?本|下单|结账|提交"
VERBS = {  # what is done by words alone, and what that is called; no other word behind a 不要 refuses it
    "renew": "续|延|拖|往后|宽限|(?<=[再在])借|再看|多借|多看", "borrow": TAKES, "add_to_cart": f"{TAKES}|[丢扔塞存搁]",
    "remove_from_cart": "移|删|拿[掉出走]|去掉|划掉|清|倒空|取消|取出", "cancel_order": "取消|退|撤|作废|反悔",
    "cancel_hold": "取消|退|撤|不排", "hold": "预约|预定|预留|排队|排|约|留|占",
    "transfer": "转|登记|过户|[过交换]给|换到",
    "erase_data": "删|注销|清|销|抹|移除", "export_data": "导出|下载|拷|打包|备份|打印",
    "sign_up_event": "报名|参加|预约|签|取消|退出|退掉",
    "link": "连|绑|关联|合并", "subscribe": "订阅|关注", "suggest_purchase": "荐购|采购",
    "escalate": "(?<!态度)(?:人工|客服|馆员|真人|活人|经理|管理员|服务员|转|找人|叫人|人来|管事)",
    "set_language": "换|切|说|用|改|设|[体文]$", "reminder_settings": "关|设置|改|取消|提前|开启|打开|推送",
}  # fmt: skip
HOWEVER = (  # may stand between a 不要 and what is not wanted
    r"(?:快到期了|[再先又还也跟找揾要想是你您让叫去来过都]|换个?|给我?|[帮替]我|帮忙|急着|马上|现在|立刻|自动"
    r"|全部?|通通"
    r"|[把将从].{1,12}?|第.{1,3}[本个单]|[这那][本个单]|《[^《》]+》|[\da-z] ?){0,6}"
)
FIRMLY = (
    "(?:不好(?![意看用办弄的了借找])|还是不|不(?:要|想|用|使|必|需要?|打算|准备|愿意|是要?|能让)"
    "|(?<![特区级个])别(?![的忘说]|人(?!工))"
    "|甭|没有?(?:说|话|让|叫|要|想|打算|点(?!进)|按|选)|(?:暂时|暂|先)不|谁(?:让|叫|说))"
)
NOT = f"(?:{FIRMLY}|(?<![要能可是好何还从再样])不|能不(?!能)|(?<!有)没有?(?!的)|未)"
ASKED = (
    "会点样?$|[吗么嘛没呢?]$|(?:没有|不)$|会不会|能不能|可不可以|要不要|是不是|有没有|是否|怎|多少|什么|谁|几次"
)
MANNERS = re.compile(r"[帮替给]我|帮忙|麻烦|劳驾|拜托|(?<!申)请(?!问)|唔该")
WHEREFORE = (
    "怎么(?!都[行可])|怎样(?!都)|如何|咋(?!样)|什么(?!都)|[是叫]啥|啥时候?|几号|几回|干嘛|为何|几时|何时|谁(?!都)|[在到去]哪"
    "|多久|多少(?!都)"
    "|哪(?:里|儿|些|天|本|个|(?=能|可以|续|借|还|取))|几次|几点|几块|最[晚迟早多](?:能|可以)"
)
TOLD_OF_IT = (
    "要钱|使不使|收费|免费|花钱|扣|罚|影响|后果|来得及|反悔|后悔|成功|有用|限制|次数|条件|要求|费用|麻烦吗"
    "|好处|坏处|意义|必要|算不算"
    "|(?<![事书享诵乐面谈演赛聚])会.{0,8}[吗么呢]|之[后前]|以[后前]|是不是|有没有|要等"
)
MUSED = (
    "系咪|系不系|要不要|该不该|应不应该|是不是(?:应该|该|要|得|必须)|需不需要|用不用|使不使|有必要|有没有必要"
    "|必须|值得|考虑|可能会|或许|也许|说不定|一定[要得].{0,12}[吗么]$|非[要得].{0,12}[吗么]$"
    "|[吗么呢没](?:还是|或者).|续过了?.{0,4}再?续|自动(?:帮我|给我)?(?:续|延)|有人(?:预约|排队?|在?等).{0,4}续|还(?:了|完|掉|回来).{0,6}再借|犹豫|纠结|无所谓|懒得|不在乎|想好|不确定|不知道(?:要|该|能)|我在想|该(?!死).{0,10}[吗么]$|应该.{0,10}[吗么]$"
)
LATER = "(?:等(?!等).{0,12}|明[天晚早]|后天|改天|过(?:几|两|些)天|到时候?|以后|下次|下周|回头|晚点|看完|雨)(?:再|才)"
SUPPOSED = "如果|要是|假如|万一|倘若|若是|的话"
BEFORE = (
    "琴日|寻日|昨天|前天|刚才|刚刚|刚|上次|上周|上个月|以前|之前|早就|早已|已经|曾经|前几天|去年|今早|那天"
)
PEOPLE = (
    "(?:[我阿]*[妈爸爷奶婆公]{1,2}|家人|老师|朋友|同学|同事|别人|有个?人|人家|大家|[他她]们?|邻居|老公|老婆"
    "|孩子|儿子|女儿)"
)
BY_OTHERS = f"{PEOPLE}(?:[也都又刚在来去想要能会]|已经|可以|是不是|有没有)*"
FORBIDDEN = "(?<![能可得会敢准])(?:不(?:可以|准|得(?!不)|许|能|会|敢)|怕(?:会|要)?|担心(?:会|要)?|没法|无法)"
UNREAL = "差点|(?<![别要])忘(?:了|记)|后悔|以为|本来|原本|早知道|当时|当初|幸好|幸亏|还好没|快[要该]|想.{0,12}来着"
SOME_DAY = "(?:改天|下次|以后|回头|到时候?|过[几两]天|明天|后天|[下改]周)(?:我|[再才要想会来去])*"
DONE_FOR_ME = (  # 你怎么给我续了, 你帮我续了吗: about what was done, however politely
    "(?:怎么(?!还|不|没)|为什么|谁|是不是).{0,6}[帮给替]我.{0,14}%s.{0,8}了"
    "|[帮给替]我.{0,14}%s.{0,8}(?:(?:了|过)[吗没么]|了没有|的吗)$"
)
BETWEEN = "(?:我|全部?|都|把.{1,12}|第.{1,3}[本个单]|[这那][本个单]|《[^《》]+》)*"  # and the verb
ANY_NAME = ("subscribe", "suggest_purchase")  # what is wished for may be called anything
OWN_WISH = ("borrow", "add_to_cart", "hold", "escalate")  # what one may well want for somebody else, or for tomorrow
STORED = "[存留记集].{0,6}(?:什么|哪些)|(?<!为)(?:什么|哪些)(?:我的)?(?:个人)?(?:资料|数据|信息)"
BEHIND = (  # asked after a name that may hold any words
    "(?:要钱|收费|是?免费的|会扣分|扣分|来得及|成功了?|难|有必要|能反悔|有次数限制)[吗么]|(?:是|有)?(?:什么"
    "|啥)(?:意思|影响|用|条件)?"
    "|干[嘛什]么?|会怎么?样|需要什么条件|了没有?|过了|使不使钱|的人多吗"
)
SAID_BY = (
    f"(?:{PEOPLE}|馆员|客服)[都也刚又]?(?:说|话|让我|叫我|要我|建议|提醒我|跟我[说讲]|问|在你们这)|听说|据说|听讲"
)
QUOTED = re.compile("《[^《》]*》")
CLAUSE = re.compile(r"[,，.。;；!！?？~…\n]+")
CANTONESE = re.compile("[唔搵冇咗嘅喺嘢乜咩哋啲嚟佢俾畀嗰]|点[解样算]|系咪|几时|琴日")
OWN_BOOK = re.compile("漂流")  # asked about, and not handed on: bot/handlers/drifting.py
ESCALATES = (  # who asks how needs a person
    "是谁|谁叫|谁.{1,10}了$|我什么时候|为什么|为何|点解|多久|几次|最晚|谁(?:可以|能)(?!帮)"
)
ITS_WAY = ("escalate", "link")  # what is given to whoever asks how

FILLED_EN = "(?:(?:so|and|but|ok|okay|hi|hello|hey|well|hmm|wait|please|sorry|actually|no)[ ,]+)*"
POLITE_EN = "(?:ok|possible|all right|alright)"
RELATIVE_EN = (
    r"my (?:mum|mom|mother|dad|father|son|daughter|wife|husband|friend|brother|sister|kids?|child|parents?"
    r"|teacher|neighbou?r"
    r"|roommate|colleague|partner|grand\w+)"
)
HEADS_EN = re.compile(
    rf"{FILLED_EN}(?:how (?!about)|(?:when|why|where|who|what|which|does|did|are|am|was|should|shall|has|had|if"
    rf"|must i|ought i) "
    rf"|do (?!you mind|it\b)|is (?!it {POLITE_EN})|will (?!you)|would (?!you|it be {POLITE_EN})|have (?:i|you"
    rf"|they) |need i "
    r"|suppos(?:e|ing) |maybe |perhaps |(?:someone|somebody|they|he|she) |my \w+ (?:says|said|asked|told)"
    r"|(?:tomorrow|later|when) i"
    r"|(?:can|will|could) it (?:be )?(?:renew|extend)(?:ed)? (?:by )?(?:itself|automatically)"
    r"|last \w+ i|the (?:message|button)|it says |(?:i'm |i am )?not sure|i wonder|(?:i'm |i am )(?:wondering"
    r"|thinking|considering)"
    r"|thinking (?:of|about)|no need (?:to|for) |no(?:body| one) asked |(?:i )?never |i won't |i will not "
    r"|i (?:have|had) (?:already |just )?\w+ed"
    r"|i (?:don't|do not|dont) know (?:if|whether)|stop asking |i have no (?:intention|wish|plans?) )"
)
MOOD_EN = re.compile(  # felt, planned or told of others; who asks for a person so is given one
    rf"{FILLED_EN}(?:(?:next \w+|some ?day|one day|another time|before|after|when|tomorrow|later)(?: i|,? i'll"
    rf"|,? i will)\b"
    r"|(?:i|we) (?:was|were|had been) (?:just |really |actually |originally )?"
    r"(?:going|about|planning|meaning|set|ready) to\b"
    rf"|nobody |no one |(?:any|some)(?:one|body) (?:else )?(?!please)|{RELATIVE_EN} |he |she |they |people "
    rf"|(?:can|could|may|will) (?:(?:any|some)(?:one|body) else|others|other people|he|she|they|a friend"
    rf"|{RELATIVE_EN}) "
    r"|(?:i|you|we) (?:may|might|could|should|shouldn't|should not|mustn't|wouldn't|would not|can't|cannot|can not"
    r"|couldn't|could not"
    r"|almost|nearly|forgot|regret|refuse|thought|wish|dread|hate|hesitate)\b(?! use)"
    r"|(?:i'd |i would |would )?rather not |(?:i'm |i am )(?:scared|afraid|worried)|what about |never mind "
    r"|forget about )"
)
THEN_EN = (
    r"(?:[,.;!?]|\b(?:so|then|but|and)) *"
    r"(?:(?:so|then|please|pls|just|kindly|can you|could you|i want to|i'd like to) )*(?:%s)\b"
)
DOING_EN = (  # renewed, no renewing, renewing?
    r"(?:\b(?:i|you|we|it|one|body)(?:'ve|'d)? (?:have |had(?:n't)? |(?:should|could)(?:n't)? have |already "
    r"|just |only |not )*(?:%s)(?:e?d|led|ped)\b"
    r"|\b(?:not?|without|instead of|against|before|after|of|about|regret|mind|is|for|what's) (?:%s)(?:e|l|p|t)?ing\b"
    r"|^(?:%s)(?:l|p|t)?ing\b[^,.;]*\?$)"
)
NOT_EN = re.compile(
    r"\b(?:do(?:n't|nt| not)|did(?:n't|nt| not)|won't|not|never|haven't|have not)"
    r"(?: (?:want(?:ed)?|need|wish|mean|ask(?:ed)?|like|say|said|intend|plan|going|you|yet|ever|please|me|to))*"
    r" (?P<verb>[a-z]+)"
)
POLITELY_EN = re.compile("(?:please (?!no)|can|could|would|will|i want|i'd|i need|help|thanks|sorry)")
VERBS_EN = {
    "renew": "renew|extend|prolong|add|give|keep", "borrow": "borrow|take|lend|sign|give|get",
    "add_to_cart": "add|put|take|keep|place|include|drop|borrow",
    "remove_from_cart": "remove|take|delete|drop|empty|clear|wipe|put", "cancel_order": "cancel|call|take|drop",
    "cancel_hold": "cancel|drop|remove|forget|stop|give|take", "hold": "reserve|hold|place|put|join|sign|queue",
    "transfer": "transfer|lend|pass|hand|give", "erase_data": "delete|erase|forget|wipe|cancel|remove|take",
    "export_data": "export|download|send|give|get|delete|erase|forget|wipe",
    "escalate": "talk|speak|call|get|give|put|connect|transfer", "link": "link|connect|merge|join|add",
    "subscribe": "subscribe|follow", "suggest_purchase": "suggest|buy|purchase|recommend",
    "sign_up_event": "sign|put|reserve|get|take|register|book|cancel|leave|drop", "set_language": "switch"
    "|change|set|put|talk|speak|use",
    "reminder_settings": "turn|stop|switch|send|change|give|unsubscribe|mute",
}  # fmt: skip
ANOTHER_EN = re.compile("change|return|renew|extend|borrow|take|talk|speak|sign|delete|export|transfer|add|put|send")
PRESSED_EN = re.compile("(?:confirm|agree|press|click|approve)e?d?")
THE_WAY = re.compile("(?:how|where|is|are|when(?! i )|who) (?!.*(?:button|free|cost|necessary|often|many))")


def speaks_of(text: str, intent: Intent) -> str:
    """How the words speak of the deed they are like: "no", "told", or "" where they ask for it."""
    if intent.name == "export_data" and intent.slots:
        return ""  # 谁看过我的资料
    if intent.name == "suggest_purchase" and intent.slots.get("query") == "进度":
        return ""  # has anyone looked at my suggestion
    return of_deed(text, intent.name)


def of_deed(text: str, deed: str) -> str:
    """The same of a deed by its name here."""
    if deed not in VERBS or len(text) > LONGEST or OWN_BOOK.search(text):
        return ""
    said = fold(text.strip())
    said = plainly(text.strip()) if CANTONESE.search(said) else mended(said)
    english = said.replace("《", "").replace("》", "")
    return _in_english(english, deed) if english.isascii() else _in_chinese(said.replace(" ", ""), deed)


def _in_chinese(said: str, deed: str) -> str:
    """Each clause that names the deed is looked at; one that asks for it is enough."""
    clauses = [one for one in CLAUSE.split(said) if one]
    named = [one for one in clauses if re.search(VERBS[deed], one)]
    if deed in ANY_NAME:
        bare = deed == "subscribe" and re.match(f"要?(?:{VERBS[deed]}).*[吗么呢]$", said)
        return "told" if bare or (named and re.search(f"(?:{BEHIND})[呢啊呀?]*$", said)) else ""
    if deed == "escalate" and not named:
        return "told" if re.search("有个?人[跟对和]我[说讲]", said) else ""
    if deed in ("cancel_hold", "cancel_order") and not named and re.search(FIRMLY, said) and "了" not in said:
        return "no"
    if deed == "renew" and not named and re.search(f"{LATER}(?:去|来)?还", said):
        return "told"  # 过几天再还书: brought back then, and not kept longer
    how = [_clause(one, f"(?:{VERBS[deed]})", deed) for one in named or clauses[-1:]]
    return how[-1] if how and all(how) else ""


def _clause(said: str, verb: str, deed: str) -> str:
    wavers, between = re.search(MUSED, said), HOWEVER if deed == "escalate" else "[^了就吧]{0,8}?"
    firmly = f"(?:我|可|又|千万|你|好像)*{FIRMLY}{between}{verb}"
    if not wavers and (re.search(NOT + HOWEVER + verb, said) or re.match(firmly, said)):
        return "no"
    bare, polite = QUOTED.sub("", said), MANNERS.search(said)
    if re.search(verb, bare) is None and re.search(verb, said) and re.search(f"{WHEREFORE}|按钮|意思|{ASKED}", bare):
        return "told"
    if wavers or (not polite and re.search(f"(?:{SAID_BY}).{{0,14}}{verb}", said)):
        return "told"
    if deed == "escalate" and re.search("(?:馆员|客服)(?:们|刚才|昨天)*(?:说|讲|告诉|让我|叫我)", said):
        return "told"
    if deed == "export_data" and re.search(STORED, said):
        return ""  # 你们存了我什么: it is all told
    if re.search(ESCALATES if deed in ITS_WAY else WHEREFORE, said) and not polite:
        return "told"
    if re.search(f"{verb}.{{0,10}}(?:{TOLD_OF_IT})", said) and re.search(ASKED, said):
        return "told"
    if re.search(f"{verb}.{{0,6}}(?:干[嘛什]么?|是啥|是?什么意思|会怎么?样)$|什么叫", said):
        return "told"
    done = re.search(DONE_FOR_ME.replace("%s", verb), said) and not re.search("能|可以|行", said)
    if polite:
        return "told" if done else ""
    if deed not in OWN_WISH and re.search(f"(?:{BY_OTHERS}|{SOME_DAY}|{FORBIDDEN}){BETWEEN}{verb}", said):
        return "told"
    if re.search(f"(?:{UNREAL}).{{0,10}}{verb}", said):
        return "told"
    if re.search(f"{LATER}.{{0,16}}{verb}", said):
        return "told"
    may = re.search("能|可以|行吗?$|好吗?$", said)
    if not may and re.search(f"^(?:那|我|还|就|是|全部?|都|要|需要)*{verb}.{{0,8}}[吗么]$", said):
        return "told"  # 借这本吗
    onward = f"^(?:那么?|全部?|都)*{verb}.{{0,8}}(?:呢|的人.+)$|^你{BETWEEN}{verb}.{{0,8}}了$"
    if deed != "escalate" and re.search(onward, said):
        return "told"  # 续借呢
    if not may and re.search(SUPPOSED, said) and re.search(ASKED, said):
        return "told"
    past = re.search(f"(?:{BEFORE}).{{0,12}}{verb}.{{0,10}}(?:了|过)(?!吧)", said)
    past = past or re.search(f"{verb}.{{0,10}}(?:过了?$|了没有?$|了吗$|成功)", said)
    return "told" if past and not may else ""


def _in_english(said: str, deed: str) -> str:
    refused = NOT_EN.search(said)
    if refused and refused["verb"] in VERBS_EN[deed].split("|"):
        return "no"
    if refused and PRESSED_EN.fullmatch(refused["verb"]):
        return "no"  # i haven't confirmed: like a renewal by the letter
    if refused and deed in ("cancel_hold", "cancel_order") and ANOTHER_EN.fullmatch(refused["verb"]):
        return "no"
    verbs, bare = VERBS_EN[deed], without_courtesies(said)
    spoken_of = all(HEADS_EN.match(one) for one in (said, bare))
    if deed != "escalate":
        stems = "|".join(verb.removesuffix("e") for verb in verbs.split("|"))
        spoken_of = spoken_of or all(MOOD_EN.match(one) for one in (said, bare))
        spoken_of = spoken_of or bool(re.search(DOING_EN.replace("%s", stems), bare) and not POLITELY_EN.match(said))
    if not spoken_of or re.search(THEN_EN.replace("%s", verbs), said):
        return ""
    wished = {"suggest_purchase": "you (?:should|could|might)", "transfer": f"{RELATIVE_EN} (?:wants|would like) to"}
    if deed in wished and re.match(rf"{FILLED_EN}{wished[deed]}\b", said):
        return ""  # said to those who buy; of whoever is to have it next
    if deed == "export_data" and re.match(r"what (?!happens|does|would|if|is \w+ing)", said):
        return ""
    return "" if deed in ITS_WAY and THE_WAY.match(said) else "told"
