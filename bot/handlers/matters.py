"""What people ask about the service itself and no rule answers: what is true of it, what can be done, and a person."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot import escalations, late_words, meaning, place_words, subject_words, topics
from bot.events import Button
from bot.folding import fold, trimmed
from bot.handlers import casework, finding, following, free_delivery, keeping, person, returning, rules
from bot.handlers import loans as loan_lines
from bot.likeness import examples, nearest
from bot.rulebook import delivery
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import Intent, in_mandarin
from lending import cart, catalogue, home_returns, loans, orders, shipping
from lending.model import OrderState

LONGEST = 60
THEY = "快递员?|送书的?|小哥|骑手|他们|师傅"
HOUSE = "wi-?fi|无线网?|上网|打印|复印|扫描仪|自习|自修|念书|写作业|连网|联网|网络|座位|占座|空调|厕所|卫生间|洗手间|停车|饮水|开水|热水|充电|插座|电梯|轮椅|食堂|餐厅|咖啡|寄存|存包|储物柜|母婴室"
PLACES = "寝室|宿舍|学校|单位|公司|办公室|医院|病房|护士站|工地|厂里|店里|酒店|宾馆|村里"
FAR = "老家|外地|外省|外市|异地|别的城市|其他城市|国外"
ASKS = re.compile(r"[吗么呢?]$|[也但没].{0,3}想?借|想?借.{0,3}[但可]是|怎|如何|咋|能不能|可以|能否|是否|会不会|要不要|多少|多久|多长|几[天本次个点块分]|什么|啥|何|为啥|行不|不$|能.{0,12}不|哪|谁")
OURS = re.compile("[信分换借还续取拿送寄留延扣罚赔收交费钱码柜馆书约排单卡]")
# Of 2,500 titles that are questions 23 are as like an example as this, few of them with a word of OURS (measured).
ROUGHLY = 0.28
TELLING = ("faq", "fees", "show_loans", "show_orders", "show_holds", "show_credit", "find_branches", "return_books", "events")
SAYS = re.compile("[你您我们吗呢要得会]|能|可以|书|卡|柜|逾期|借|还|行不|不$")  # beside the word that names the part

BOX = re.compile(  # 「那个柜子在哪，我找不着」, not 「附近哪里有书柜」
    "(?>我的?|那个?|这个?|个|個|取书的?|放书的?|智[能慧]|书(?!柜))*(柜子?|书柜)(在|到底在|具体在|喺).{0,4}?(哪个?[门口角]落?|几号[门口]|几楼|哪一?层|哪个?角落|哪边|哪一?块|哪头|哪个?位置|什么位置|哪个地方|哪里?|哪儿|什么地方|邊度|边度|啥地方)"
    "(来着)?[呀啊呢里]*([ ,]*我?(找不[到着]|没找到|找半天了?|怎么走))?"
    "|where(?:'s| is) (?:the|my) (?:locker|box)"
)
MATTERS: dict[str, str] = {  # what is asked, in simplified characters; the first that is found counts
    "day_end": "(半夜|夜里|晚上|[零〇一二三四五六七八九十0-9]点).{0,6}算(不算)?(晚|超期|逾期|过期|当天)|(几点|十二点|12点|零点|半夜|夜里|晚上).{0,6}(还|放).{0,4}算.{0,3}(晚|超期|逾期|过期|当天|今天|按时|到期)|到期.{0,4}[天日].{0,8}(几点|十二点|12点|零点)|(几点|十二点|12点|零点).{0,5}(之?前|以前|过了?|后|都)?.{0,3}(才?算(不算)?(晚|超期|逾期|过期|当天|今天)|超期|逾期|过期)",
    "wrapped": "还书?(的?时候)?.{0,3}(要不要|用不用|需不需要|要|需要|得).{0,3}(包|装袋|套袋|盒子)",
    "condition": "^(?!.*(还[书了掉]|归还|赔|丢)).*((会不会|是不是|会).{0,2}(很|太|特别|都)?(旧|脏|破破烂烂|有味|有异味)|干不干净|干净(吗|么|不)|旧不旧|新不新|几成新|新的还是旧的|旧的还是新的|[给留挑拿](我|个|一)*(个|本)?(新|干净)一?点的)",
    "weight": "(重|厚|沉)(一?点)?的?(书|包裹)?.{0,6}(贵|加钱|多收|另外收)|按(重量|斤)|(公斤|千克|[0-9一二两三四五]斤).{0,8}(贵|钱)",
    "regain": "^(?:do|will|can|how do|how can) i get (?:my|the|some) points back.*|^[那我被扣掉的了]*分数?.{0,5}(?:能不能|能|可以|会|什么时候|啥时候|几时|多久)*.{0,2}(?:回来|恢复|回得来|回得去)[吗么呢啊不]*$|^(?=.*(分|扣|掉|补回|涨回|挣回|攒回|加回|赚回))(?>那么?|我|被|这些|掉了?|扣了?|丢了?|少了?|的|信用|积|分数?|把|怎么样?|怎样|如何|咋|才|能不能|能|可以|还|要|该|得|就|再)+"
    "(补|涨|加|挣|攒|赚|恢复|升|提|拿|弄)(回|上)?(来|去|分)?(吗|不|呢|么|呀|啊)?$",
    "fits": "(柜子?|格口|格子).{0,4}(多大|大不大|够不够大)|(柜子?|书柜|格口|格子).{0,6}([放装塞]得?下|放|装|塞).{0,3}(几|多少)[本册]|(柜子?|格口|格子).{0,6}(放|装|塞)(得下|不下)(吗|么|怎么办|咋办)"
    "|^(?>能不能|能|可以|一次|最多|里面|那|一格|我|也)*[放塞装](?:得下|得进|进去?)?(?:几|多少)[本册]书?(?:进去|进|下|呢|呀|啊)*$",
    "key": "(开|打开)(柜|书柜|那?个?柜子|柜门|格口).{0,8}(身份证|证件|验证码|密码|手机|刷脸|什么码|[要用带]什么)|(柜子?|书柜|柜门|柜机).{0,4}(怎么|如何|咋|怎样)(开|打开|用|使|弄|操作|取|使用)|(怎么|如何|咋|怎样)(用|使用|操作|打开|开)(这个|那个)?(柜子?|书柜|柜门|柜机)",
    "picture": "怎么(拍照?片?|发照片|传照片|拍给你们?)$|(要不要|需不需要|用不用|得不得|要|需要|用|能|可以|得)(我)?(先|给你们?)?(拍照|拍个?照片?|拍张?照片?|发照片|发图)",
    "astray": rf"({THEY}|书|包裹|东西).{{0,8}}(丢|扔|放|搁|撂|送)(在|到|给|去)?了?.{{0,6}}(门口|楼下|驿站|快递柜|邻居|隔壁|门卫|物业).{{0,10}}"
    r"(没了|不见|没有了|没看到|没找到|找不到|被拿|被偷)|(快递|包裹|书|东西).{0,4}(送|放|丢|扔|寄)(到|在|给|去)了?(隔壁|邻居|别人|别家|楼上|对门|别的)"
    r".{0,4}(去了|了|家里?$)|(快递|包裹|书|东西).{0,6}(被偷|被人?拿走|被人领走)|(签收|送达|妥投).{0,6}(没收到|没有收到|没拿到|没看到|没见)|(没收到|没拿到).{0,8}(签收|送达)",
    "fetching": "(能|可以|能不能|可不可以).{0,4}(来|到)我?家里?.{0,2}(拿|取|收)|在家里?(能|可以|怎么)?.{0,2}(还|归还)|(快递员?|小哥|你们|人)(能|可以)?(过来|来|上门)(家里)?.{0,3}(收|取走|取书|拿走)|上门(来)?(收|取走)",
    "draw": "^(那|这个|请问|抽签)*(怎么|如何|咋)抽(签|的)?[呢啊吗]?$|抽不(中|到)|没抽[中到]|(中签|抽中)(的|率|机会)",
    "bring": "^(那|请问|取书|去|取的时候|还|我|来)*(要不要|要|需要|用|得|用不用)带(上)?(身份证|证件|证)(吗|不|么|去)*$",
    "still": "(会不会|还会|不会).{0,3}(没了|没有了|过期|被别?人?拿|放回去)",
    "early": "(能|可以|可不可以|能不能|会不会|要不要).{0,3}(早点|早一点|提前|提早)还|(提前|提早|早点)还.{0,6}(吗|么|行|可以|加分|好处)",
    "one_by_one": "(分开|分批|分次|分几次|一本一本).{0,3}还.{0,3}(吗|么|不|行|可以|没)|(能|可以|可不可以|能不能)分(开|批|几次|两次)还",
    "phoneless": "(没有?|不会用|不会使|用不来)(智能)?手机",
    "stolen": r"(账号|账户|帐号|帐户|号).{0,4}(被盗|被人盗|被偷|盗用|盗了|被别人用|被人用|被人登)|盗号|有人(用|拿|冒用|登).{0,3}我的?(账号|号|名义|名字)",
    "phone": "(换|新买)[了个部台只支过新成一]{0,5}(手机|号码|手机号|电话号码|微信号?|sim卡)(?!提醒)|手机(丢|掉|坏|被偷)了?.{0,8}(账号|还在|怎么|记录|书)",
    "leaving": r"^(我|以后|我以后|我们)?(不想|不打算|不准备|不要)(再)?(用|玩)(了|这个了?|你们了?|你们这个了?|书信了?|下去了)(.{0,2}(怎么|咋)(退|办|弄|取消))?$"
    r"|^(我|想|要|打算|可以|能)*(退出|注销)(书信|服务|账号|帐号)?[,，]?(了|不用|不再用|不想用|不玩|怎么办|吗)*$",
    "code": "(码|二维码).{0,12}(过期|失效|不能用|用不了|无效|作废|没用|不对|错误|不好使)|(过期|失效).{0,4}码",
    "shut": "^(门|柜门|怎么|就是|还是|都|也|我|码|二维码|取书码|输了码?|按了)*(打不开|开不了|开不开|不开|扫不(出来?|上|了|进去?)|没反应|没动静|不认)(门|柜门|柜子)?[了啊呀呢么]*$",
    "case": "(处理|赔|个案|核定|认定)(到|得|完|好)?了?.{0,4}(哪一?步|怎么样|没动静|没下文|没消息|了没|结果|进度)|我?(选|要|想)(赔钱|赔书|按书价|赔同样|赔新书|付钱)|找[到着]了|买(到|好)?了一?本(新|同样|一样)",
    "enough": "不(投诉|问|麻烦你们|麻烦馆员|举报)了$|(不用|不要|不需要|不找|不转|别转)(转|找|叫|了)?(人工|馆员|客服|真人)(了|吧|$)",
    "voice": "(能|可以|可不可以|能不能|支持)(发|说|用)?语音|不识字|不认字|不认得字|打字(慢|不会|太难)|不会(打字|写字)",
    "reach": "(够不着|够不到|拿不到格|太高了?够|柜子?太高|格口?太高|格子?太高)",
    "apart": "(分|拆)(开|两|二|三|几|批|次|成).{0,5}(送|寄|取|拿|下单|发)|(送|寄).{0,3}(分开|分批|分两次)",
    "far": rf"({FAR}).{{0,10}}(寄|送|还|收)(?!了)|(寄|送|邮)(到|去|回).{{0,4}}({FAR})|^({FAR}).{{0,3}}(能|可以)?(寄|送)",
    "there": rf"(送|寄)(到|去|我|我们)?.{{0,6}}({PLACES}).{{0,6}}$|({PLACES}).{{0,4}}(能|可以|给).{{0,4}}(送|寄)",
    "score": "^(?=.*(信用|积)?分).{0,10}(会怎么?样|会咋样|有?(什么|啥)后果|怎么(算|扣|加)的?|规则|能加(多少|几分))[呢吗啊]?$",
    "kept": "(不要|别|不想|不许|不准|能不能不|可不可以不|可以不|能不|会不会|会).{0,3}(记录|记下|记住|留下?|保存|存下?|记).{0,4}(我|我们).{0,4}(看过|借过|读过|借了|看了|借的|看的|借阅|阅读|历史).{0,8}$"
    "|(借阅|阅读|借书|看书)([记纪]录|历史).{0,4}(能不能|可以|可不可以|会不会|能|会|要)?.{0,2}(不留|别留|不记|不保存|保留多久|留多久|存多久|删)",
    "seen": "(别人|人家|谁|老婆|老公|爱人|对象|家里人?|家人|爸妈?|妈妈?|父母|老师|同学|同事|领导|老板|孩子|朋友|邻居).{0,4}(看得?到|知道|查得?到|看见|发现).{0,10}(吗|么|不|没)?$",
    "proxy": "取[书件]码.{0,4}(发|给|告诉|转发?).{1,8}(能|可以|行|拿|取)",
    "sent_to": "^(请问|那|你们|能不能|可不可以|能|可以|快递|书|都|会|也)*(送|寄|邮)得?(到|去|往)[\u3400-\u9fff]{2,6}(吗|么|不|行吗|可以吗)$",
    "courier": rf"门铃|先别送|别送过?来|别敲门|不要敲门|轻点敲|(让|叫|请|跟|告诉)({THEY}).{{2,12}}|不在家.{{0,3}}(怎么办|咋办|怎么弄)|没人?在家.{{0,10}}(快递|送|收|签)|家里?(没|没有|无)人.{{0,4}}(收|签|在|拿|开门)|"
    "(改天|换个时间|换一天|晚点|晚一点|下午|晚上|周末|明天|后天)再?(送|派送)(来|过来|到|吗|行|可以|$)|能.{0,3}(改天|改时间|换时间)送",
    "post": "(邮局|挂号信?|平邮|顺丰|ems|闪送|跑腿|超商|便利店|菜鸟).{0,6}(寄|送|取|拿|发|可以|行|吗)",
    "house": rf"^(?!.*(书|教程|入门|小说)$)(.{{0,12}}({HOUSE}).{{0,10}}([吗么嘛呢]|没有?|不|多少|在?[几哪].{{0,3}}|密码|方便|怎么.{{1,3}}|收费|能用|好找)$|.{{0,6}}(有|能|可以|哪).{{0,6}}({HOUSE}).{{0,2}}$)",
    "receipt": "发票|收据|报销",
    "poor": "没钱(赔|付|交)|分期(赔|付|还)?|(可不可以|能不能|可以|能).{0,3}(慢慢|以后|晚点|晚些|缓缓)(再)?(赔|付)|(赔|付|交)不起|(赔|付)不出",
    "afraid": "坐牢|抓起来|被抓|报警抓|犯法|犯罪|违法|起诉|法院|告我|派出所|通缉|老赖|黑名单",
    "honest": "诈骗|骗子吗|是骗(人|钱)|骗我|骗人|假的吧|是真的吗?$|靠不靠谱|靠谱吗|正规吗",
    "night": "(夜班|半夜|凌晨|夜里|深夜|晚上|24小时|二十四小时|下班).{0,10}(取|拿|开|还书?|锁门?|关门?|用)(书|吗|不|么|呢|得到|$)|几点(能|可以)(取|拿)",
    "card": "(借书|读者|借阅|图书)(证|卡).{0,4}(丢|掉|不见|找不到|没了|坏|补)|补(一?张|办).{0,4}(卡|证)",
    "elsewhere": "还错(地方|馆|柜|了|地)|还到.{1,6}去了|还到.{1,12}了.{0,3}(算|行不|可以吗|没事吧|要紧)|还到(别的|另一个?|其他|其它)(馆|柜子|书柜|地方|图书馆)了",
    "fetched": "(书)?我?(已经|刚|刚刚|都)?(取|拿)(好|到|走|完|出来)[了啦]?[啊呀哈]?([,，]?(谢谢|多谢|辛苦).{0,4})?",
}
SURE = ("fetched",)  # only where nothing else is said
_HEARD = {code: re.compile(pattern) for code, pattern in MATTERS.items()}
TOLD = {
    "fits": N_(
        "放不放得下不用您算：下单时按本数给您留放得下的格口，一个放不下就多留一个，一个取书码全打开。放不下的书柜不会列出来。"
        "还书的格口放得下几本，看书的厚薄；放不下的，交给任何一个馆的服务台，或者放到别的书柜。"
    ),
    "day_end": N_("到期的那天整天都不算晚，过了半夜才算。书柜当晚放进去，就算当天还的；交给服务台，看各馆几点关门。"),
    "wrapped": N_("自己还的不用包：书直接放进书柜，或者交给服务台，都行。"),
    "condition": N_("书是大家一起看的，有新有旧，拿到的是哪一册，现在还看不到。收到时就有破损、缺页的，告诉我一声，登记下来，不算您的。"),
    "weight": N_("快递费按本数算，不看书的轻重厚薄。"),
    "early": N_("什么时候还都行，不用等到期，早还也不收费。还到任何一个馆、任何一个书柜都可以。"),
    "one_by_one": N_("可以分开还：每本书各算各的日子，看完哪本先还哪本，剩下的照常借着，也可以单独续借。"),
    "phoneless": N_("没有手机也能看书：您用自己的账号替 TA 借，取书码给谁谁就能取，也可以送到 TA 家；TA 也可以到馆里的服务台，请馆员帮忙。"),
    "apart": N_("一张订单的书一起送、一起取。想分开，就把晚些要的先从借书车里拿出来，下完这一单再借；每张订单的快递费各算各的。"),
    "courier": N_("给快递的话，我这里捎不过去；已经寄出的，点「转人工」，馆员跟快递说。家里没人收，下次可以选书柜，有空再去取，不收费。"),
    "voice": N_("语音我还听不懂。不用写很多字：点按钮、回数字，或者只发书名就行；手机键盘上的话筒能把您说的变成字。也可以请家人替您办，或者点「转人工」。"),
    "post": N_("书有三种拿法：放到智能书柜、到馆自取、快递送到家。邮局、便利店这些现在还不行。"),
    "house": N_("馆里的无线网、打印、座位、停车这些，我这里没有记。点「附近网点」看各馆的地址和开放时间；点「转人工」，这句话一起交给馆员。"),
    "receipt": N_("发票我这里开不了，能不能开、怎么开，点「转人工」，馆员告诉您。"),
    "poor": N_("别着急。要赔的，由您选：还一本同样的书，或者按书价。实在有困难，点「转人工」，馆员和您一起想办法。"),
    "honest": N_(
        "我们是{library}的借书服务：不收押金，也不会在聊天里问您要密码、验证码、身份证号。有人用我们的名义要这些，千万别给。"
        "不放心，到任何一个馆的服务台问一问都行。"
    ),
    "card": N_("在这里借书不用借书证，直接发书名就能借。自助机上用的卡丢了，点下面领一张新的，旧的马上停用；馆里的读者证、市民卡丢了，点「转人工」。"),
    "elsewhere": N_("没关系，还到我们的任何一个馆、任何一个书柜都算还，不用再跑一趟。要是过了一阵还显示在借，或者放的不是我们的馆，点下面告诉我们，我们去找。"),
    "reach": N_("够不着不要紧：取书码给谁，谁就能替您取。身边没有人，点「转人工」，馆员来想办法。"),
    "stolen": N_(
        "别着急，先点「转人工」，请馆员看一看。同时您自己可以：在「我的家人」里收回给别人的授权，在「自助机用的卡」里换一张新卡（旧的马上停用），"
        "看看谁看过您的资料、有没有不是您借的书。"
    ),
    "phone": N_(
        "这里认的是您的聊天账号，不是手机：换了手机，还用这个账号登录，书、预约和信用都在。"
        "换了聊天账号，就在旧的账号里点「连接另一个聊天」，把码发到新的那边；旧的进不去了，点「转人工」。"
    ),
    "leaving": N_("不用的话，什么都不必做：没有年费，也没有押金要退。只是嫌消息多，可以关掉提醒；想把资料都删掉，点下面，删以前还会再问您一次。"),
}  # fmt: skip


def asked(talk: Talk) -> str:
    """Which matter a line is about; '' where it names a book, answers a question of ours or is clear without."""
    said = fold(talk.event.text).strip(" .,!?~…")
    if talk.step or talk.wishes or not 2 <= len(said) <= LONGEST or not _open(talk):
        return ""
    found = next((code for one in (said, in_mandarin(said)) for code, words in _HEARD.items() if _says(code, words, one)), "")
    return found if found and _fits(talk, found) and meaning.called_so(talk) is None else ""


def _open(talk: Talk) -> bool:
    """Whether nothing else is meant for certain, and no book of ours is found by these words."""
    if talk.intent.name == "search" and talk.found and talk.found.ids and not talk.found.near:
        return False
    if re.fullmatch(FAR, talk.slot("place")):
        return True  # no place of ours is called so
    guessed = talk.intent.likened or talk.intent.heard or talk.slot("query") == subject_words.MOOD
    return guessed or talk.intent.name in ("search", "faq", "unknown", "show_title")


def _says(code: str, words: re.Pattern[str], said: str) -> bool:
    return bool(words.fullmatch(said) if code in SURE else words.search(said)) and "《" not in said


def _fits(talk: Talk, code: str) -> bool:
    if code == "bring":
        return bool(following.still_open(talk))
    if code in ("fetched", "still"):
        return any(one.state in following.WAITING for one in following.still_open(talk))
    if code == "shut":
        return any(one.state is OrderState.IN_LOCKER for one in following.still_open(talk))
    if code == "case":
        return bool(casework.open_buttons(talk))
    if code == "enough":
        return escalations.open_of(talk.db, talk.reader.id) is not None
    return code != "honest" or talk.intent.name != "fees"


def tell(talk: Talk, code: str) -> None:
    """The answer, by the reader's own state where that counts."""
    if code in BY_STATE:
        return BY_STATE[code](talk)
    _ = talk._
    if code in HANDED_ON:
        talk.memory["unanswered"] = talk.event.text[: person.MOST]
    ways = [menu(_, name) if name in MENUS else Button(_(BUTTONS[name]), name) for name in WAYS[code]]
    talk.say(_(TOLD[code], library=_(talk.service.library)), rows(*ways))


def _astray(talk: Talk) -> None:
    """A parcel is not where it should be: nothing the reader can mend, so a librarian is told at once."""
    person.call(talk, talk.event.text, talk._("书没到您手里，别着急。馆员去找快递查，查清楚就告诉您。"))


def _code(talk: Talk) -> None:
    _, waiting = talk._, [one for one in following.still_open(talk) if one.state in following.WAITING]
    if waiting:
        lines = [_("书还为您留着："), *(following.line(talk, one) for one in waiting)]
        lines.append(_("输了码柜门不开，点「柜门没开」，馆员去看，取书的日子先停住。"))
        shut = [Button(_("柜门没开"), "door?")] if any(one.state is OrderState.IN_LOCKER for one in waiting) else []
        return talk.say("\n".join(lines), rows(*shut, menu(_, "show_orders"), menu(_, "escalate")))
    told = _("现在没有等着您取的书。过了保留的日子没取，书就放回书架，想看再借一次就好。连接码、授权码、转借码过期了，重新要一个就行。")
    again = [Button(_("把书放回借书车"), f"again:{one.number}") for one in _called_off(talk)]
    talk.say(told, rows(*again, menu(_, "show_orders"), menu(_, "escalate")))


def _called_off(talk: Talk) -> list[orders.Order]:
    newest = orders.of_reader(talk.db, talk.reader.id, 1)
    return [one for one in newest if one.state in following.CALLED_OFF]


def _case(talk: Talk) -> None:
    """What is being looked into, and where it stands; with one only, all that can be chosen in it."""
    _, found = talk._, casework.open_buttons(talk)
    if len(found) == 1:
        return casework.show_case(talk, found[0].action.partition(":")[2])
    talk.say("\n".join(casework.open_lines(talk)), rows(*found, menu(_, "escalate")))


def _enough(talk: Talk) -> None:
    """A request is closed by its librarian, who reads this."""
    _, asked_for = talk._, escalations.open_of(talk.db, talk.reader.id)
    assert asked_for is not None, "asked before"
    told = _("好的，这句话馆员看得到（{number}），不用答复的话，馆员会结束这个请求。", number=asked_for.number)
    talk.say(told, rows(menu(_, "show_loans"), menu(_, "help")))


def _zones(talk: Talk) -> str:
    _ = talk._
    return _.listed(_(zone.name) for zone in talk.policy.fees.zones)


def _far(talk: Talk) -> None:
    """Where couriers go, and what whoever is away can do with what is due."""
    _ = talk._
    lines = [_("快递送书、上门取书的地方：{zones}，再远就送不到了。", zones=_zones(talk))]
    held = loans.of_reader(talk.db, talk.reader.id)
    if held:
        lines.append(_("书要还到我们的馆或书柜；可以先续借，也可以请家人替您还。来不及的，点「转人工」，馆员想办法。"))
    ways = [menu(_, "renew")] if any(loan_lines.renewable(talk, one) for one in held) else []
    talk.say("\n".join(lines), rows(*ways, menu(_, "find_branches"), menu(_, "fees"), menu(_, "escalate")))


def _there(talk: Talk) -> None:
    _ = talk._
    told = _("{zones}里快递到得了的地址都送。下单选「送到家」，地址写清楚楼号、房间和电话就行。", zones=_zones(talk))
    filled = bool(cart.items(talk.db, talk.reader.id))
    ways = [Button(_("送到家"), "w:delivery:0")] if filled else [menu(_, "fees")]
    talk.say(told, rows(*ways, menu(_, "find_branches"), menu(_, "escalate")))


def _night(talk: Talk) -> None:
    """Lockers have no hours; what waits in one is told with its code."""
    _ = talk._
    told = _("智能书柜 24 小时都能取、能还；到馆自取看各馆的开放时间。")
    lines = place_words.of_lockers(_, catalogue.points(talk.db), told, _("智能书柜和各馆都看开放时间："))
    lines += [following.line(talk, one) for one in following.still_open(talk) if one.state in following.WAITING]
    talk.say("\n".join(lines), rows(menu(_, "find_branches"), menu(_, "show_orders"), menu(_, "escalate")))


def _afraid(talk: Talk) -> None:
    """What being late costs, and nothing worse is said of it than the rules say."""
    _ = talk._
    told = [_("别怕，晚还的书，还回来就好。这里的规则只有这些："), late_words.points(_, talk.policy)]
    told.append(delivery.late(_, talk.policy))
    talk.say(_.together(*told), rows(menu(_, "return_books"), menu(_, "show_loans"), menu(_, "escalate")))


def _picture(talk: Talk) -> None:
    """A case takes pictures, and needs none; what stands open is shown with its own way to send one."""
    if casework.open_buttons(talk):
        return _case(talk)
    _ = talk._
    told = _("不拍也可以。书破了、收到时就破，先说一声登记，再把照片发来，馆员看得更清楚；一件事最多 {n} 张，只有馆员看得到。", n=talk.policy.cases.photos)
    talk.say(told, rows(Button(_("丢失与破损"), "rules:mishaps"), menu(_, "show_loans"), menu(_, "escalate")))


def _proxy(talk: Talk) -> None:
    """Whoever has the code may fetch."""
    talk.intent = Intent("show_orders", {"query": following.BY_PROXY})
    following.show_orders(talk)


def _key(talk: Talk) -> None:
    """What opens a locker, and the codes of what waits."""
    talk.intent = Intent("show_orders", {"query": following.TO_BRING})
    following.show_orders(talk)


def _fetched(talk: Talk) -> None:
    _ = talk._
    told = _("好的，祝您读得开心。书柜或馆员记下以后，「我的借阅」里就有到期的日子。")
    talk.say(told, rows(menu(_, "show_loans"), menu(_, "show_orders")))


def _fetching(talk: Talk) -> None:
    """Of what is at home, the courier's offer; with nothing at home, that it can be done and what it costs."""
    _, cost = talk._, shipping.quote(talk.policy, "return", shipping.zone_or_first(talk.policy, talk.reader.zone, talk.reader.city), 1)
    if home_returns.fetchable(talk.db, talk.reader.id):
        return returning.offer_fetching(talk)
    told = _("可以在家还：说「上门取书」，快递到家里来取，一本 {fee}。自己放到任何一个馆或书柜不收费。", fee=_.money(cost.fee_fen))
    talk.say(told, rows(menu(_, "return_books"), menu(_, "fees"), menu(_, "escalate")))


BY_STATE: dict[str, Callable[[Talk], None]] = {
    "astray": _astray, "code": _code, "shut": _code, "case": _case, "enough": _enough, "far": _far, "night": _night, "there": _there, "sent_to": _there, "afraid": _afraid, "fetched": _fetched,
    "fetching": _fetching, "draw": free_delivery.show, "bring": _key, "still": keeping.show_waiting, "regain": lambda talk: rules.answer(talk, "points"), "picture": _picture, "key": _key, "proxy": _proxy,
    "score": lambda talk: rules.answer(talk, "points"),
    "seen": lambda talk: rules.show_part(talk, "privacy"), "kept": lambda talk: rules.show_part(talk, "privacy"),
}  # fmt: skip
WAYS = {
    "fits": ("find_branches", "fees", "escalate"),
    "day_end": ("return_books", "find_branches", "show_loans"), "wrapped": ("return_books", "show_loans"), "condition": ("rules:mishaps", "escalate"), "weight": ("fees", "escalate"),
    "early": ("return_books", "show_loans"), "one_by_one": ("show_loans", "return_books"), "phoneless": ("fam", "find_branches", "escalate"),
    "apart": ("show_cart", "fees", "escalate"), "courier": ("show_orders", "escalate"),
    "voice": ("browse", "find_branches", "escalate"),
    "house": ("find_branches", "escalate"),
    "post": ("find_branches", "fees", "escalate"), "receipt": ("escalate",), "poor": ("rules:mishaps", "escalate"),
    "honest": ("find_branches", "faq", "escalate"), "card": ("kiosk", "escalate"),
    "elsewhere": ("back", "show_loans", "escalate"), "reach": ("show_orders", "escalate"),
    "stolen": ("escalate", "fam", "kiosk", "looks", "show_loans"), "phone": ("links", "escalate"),
    "leaving": ("reminder_settings", "i:erase_data", "show_loans", "escalate"),
}  # fmt: skip
HANDED_ON = ("house",)  # what only a librarian knows
MENUS = ("browse", "return_books", "show_cart", "fees", "escalate", "show_orders", "find_branches", "faq", "show_loans", "reminder_settings")
BUTTONS = {
    "rules:mishaps": N_("丢失与破损"), "kiosk": N_("自助机用的卡"), "back": N_("已经还了"), "fam": N_("我的家人"),
    "looks": N_("谁看过我的资料"), "links": N_("连接另一个聊天"), "i:erase_data": N_("删除我的数据"),
}  # fmt: skip


def waiting_box(talk: Talk) -> bool:
    """Whether somebody whose books wait in a locker looks for it."""
    said = trimmed(talk.event.text)
    if talk.step or not (_open(talk) or talk.intent.name == "find_branches") or not BOX.fullmatch(said):
        return False
    return any(one.state is OrderState.IN_LOCKER for one in following.still_open(talk))


# ---- a question no sentence was like, whose part of the rules is plain ----------------------------------------------


def part(talk: Talk) -> str:
    """The part of the rules that a question is about which would else be looked for as a book's name; '' for none."""
    said = fold(talk.event.text).strip(" .,!~")
    if talk.intent.name != "search" or talk.step or talk.wishes or not 5 <= len(said) <= LONGEST or "《" in said:
        return ""
    if not _open(talk) or not ASKS.search(said) or not SAYS.search(said) or said.isascii():
        return ""
    if finding.sounds_like_a_book(talk) or topics.asks_for_all(said):
        return ""
    return topics.part_of(said)


def guessed(talk: Talk) -> Intent | None:
    """What such a question is most like, though less than a command must be: no book is called so, and nothing but
    telling follows from it."""
    said = trimmed(talk.event.text)
    if talk.intent.name != "search" or talk.step or talk.wishes or not 4 <= len(said) <= LONGEST or "《" in said:
        return None
    if said.isascii() or not _open(talk) or not ASKS.search(said) or not OURS.search(said) or finding.sounds_like_a_book(talk):
        return None
    like = nearest(examples(), said)
    if like.likeness < ROUGHLY or like.intent not in TELLING:
        return None
    return Intent(like.intent, {"query": talk.event.text} if like.intent == "faq" else {}, likened=True)


def show_part(talk: Talk, code: str) -> None:
    """That part."""
    rules.answer(talk, code)
