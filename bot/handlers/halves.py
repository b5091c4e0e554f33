"""为啥, 怎么补, 大概几点, 备好没: a question that names nothing is about what was shown last. TABLE is all of it: what that was,
what is asked, and what answers; where it holds nothing the words go on to whoever else knows them. Nothing is done by asking."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from bot import acting, escalations, late_words, meaning, offered, outbox, rule_answers, topics
from bot.events import Button
from bot.folding import REMEMBERED
from bot.handlers import (
    adding,
    appealing,
    attending,
    borrowing,
    bus,
    casework,
    discovering,
    finding,
    following,
    free_delivery,
    getting,
    greeting,
    holding,
    hows,
    keeping,
    matters,
    mending,
    ordering,
    person,
    places,
    reporting,
    returning,
    rules,
    trust,
)
from bot.handlers import loans as renewing
from bot.rulebook import PARTS
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import plainly
from lending import appeal_records, cart, case_records, catalogue, credit, events, holds, loans, orders
from lending.errors import LendingError, NotAllowed
from lending.model import OrderState
from lending.orders import Order

Answer = Callable[[Talk, str], None]  # told the id of what is meant; '' where there are several, or it has none

# ---- what is asked -----------------------------------------------------------------------------------------------

FILL = (  # stands around a question and says nothing
    "完了?蛋了?|糟[了糕]|惨了|天[哪呐]|救命|哎[呀哟]|呜+|那么?|这次?|它们?|他们|你们|您们?|我们?|个|件事|[本书单的了啊呀呢呗哇吗嘛么吧啦哈哦噢呃嗯还要得会能才就是又也都再]|可以|应该|请问|到底|大概|大约|究竟|我?(?:自己|亲自)(?:[去来][取拿领]?|[取拿领])|我?人(?:就|已经|都)?在(?:这里?|那里?|门口|柜子?前)|一般|估计|差不多|现在|所以|不过|然后|可是|[ ,]"
)
CODE = "(?:取书?|取件|取货|提货|开柜)?(?:号?码|验证码|密码)"
WHAT, HOW, WHY = "(?:什么|啥)", "(?:怎么|咋)", "(?:为什么|为啥|为何|怎么|咋)"
COMES = "(?:轮到|排到|备好|弄好|寄出|送到|送来|寄来|到货|好|到|来|送|寄|发货|审完|处理|消息|动静|结果|答复|回复|人?回)我?"
CHANGED = "(?:改|换)(?:一下|时间|日子|地方|地点|[成到个]?(?:别的|其他的?|另外?一?个|近一?点的?)|方式)?(?:柜子?|书柜|馆|分馆|网点|取书点|地方|时间|日子)?"
DAY = "(?:今天|今晚|今儿|明天|明早|明晚|明儿|后天|大后天|周末|这?几天|[这下]*个?(?:周|星期|礼拜)[一二三四五六日天末]|过[几两]天|晚[几两一]天|改天|回头|有空|待会儿?|等会儿?|晚点儿?|(?:下班|放学|接完?孩子|吃完饭)(?:以?后)?)(?:早上|上午|中午|下午|晚上)?"
KIN = "(?:[我咱]家?的?)*(?:[大小老][哥姐弟妹]?|外)?(?:[妈爸爷奶婆公娃]{1,2}|老[公婆伴]|爱人|老伴|儿子|女儿|闺女|孩子|外?孙子?女?|小孩|同学|室友|同事|朋友|邻居|别人|家[里]?人)"
COME = "(?:有空|有时间|方便|[去来过]*[取拿领]书?|过去|过来|去|来)"
IN_CHINESE = {
    "unanswered": f"(?:{WHY}|还|都|一直|根本|这么久)*(?:没|不|未)有?人(?:理|回|管|应|答复|搭理|回复)?(?:我|人)?|(?:{WHY}|还|都|一直)+(?:不|没|没有)(?:理|回|答复|回复)(?:我|人)?|人(?:呢|去哪儿?了)|{WHY}不(?:理|回)(?:我|人)?",
    "why": rf"为什么|为啥|为何|凭什么|凭啥|{WHAT}原因|{HOW}回事|{HOW}会?这样|{WHY}(?:不行|不能|不可以|不让|不给|不成)|{WHY}才?(?:这么|那么)[久慢少贵晚多点]|(?:为什么|为啥|为何)[要会]?[收赔付][钱费我]*"
    rf"|{WHY}(?:还|都|一直)*(?:没|不|未)有?{COMES}|[还都](?:没|未)有?{COMES}",
    "enough": "(?>算了|好了|不用了|没事|那|[了啦,，])*我?(?:已经)?(?:自己)?(?:弄懂|搞懂|解决|搞定|弄好|办好|弄明白|找到|会|打开)了|(?:算了|好了|行了|那)*(?:不用|不必|不需要|别)(?:麻烦|管|回|答复|回复|看|帮|弄)?(?:我|你们?|他们)?了|没事了|(?:刚才|刚刚|我)?的?(?:那个|这个)?(?:问题|事情?)?(?:已经|都|自己)*(?:解决|搞定|弄好|办好|弄明白|找到)了|(?:不用|不必)了?[,，]?(?:已经|都|自己|我)*(?:解决|搞定|弄好|办好|弄明白)了",
    "when": rf"(?:最[晚迟快早]|[放留存]到|保留到|到)?(?:{WHAT}时候|几时|何时|几点钟?|几号|哪一?天|周几|星期几|礼拜几)(?:[能会可以才要得该]*(?:{COMES}|有{COMES}|拿到?|取|还|到期|恢复|开始|结束|结案|[给交赔]))?(?:之?前|为止)?",
    "long": rf"(?:超期?|逾期|过期|晚|迟)了?(?:几|多少)天|(?:等|需|需要|花|停|看)?(?:多久|多长时间|几天|多少天|几个?小时|几个?星期|几周)(?:[能会可以才]*(?:{COMES}|有{COMES}|拿到?|恢复|补回来?))?",
    "count": "(?:一共|总共|里面|车里|里)?(?:有|选|放)?(?:几|多少)本书?",
    "price": f"(?:多少|几块|几元)钱?|{WHY}还?[要收花得]+[钱费]|(?:没有?|有没有|有)?(?:别的|其[他它]的?|额外的?)(?:费用?|收费|钱)(?:没有)?|(?:不[要收花])?钱|{WHAT}价|[收花]钱|收费|免费|贵不?贵?|{HOW}收费|运费(?:多少|几块)?|[扣赔付](?:多少|几|好多)[钱分]?",
    "where": f"(?:(?:到|来|好|轮到)了(?:以?后)?|到时候?)?(?:停|放|存)?(?:(?:在|到|去|上)?(?:哪里|哪儿|{WHAT}地方)|(?:在|到|去|上)哪|哪(?=取|拿|领|还))(?:去|能|可以)?(?:取|拿|领|还|交|看|付|办|借到?)?",
    "tell": "(?!.*还书)(?:(?:书|东西|货)?(?:到货|到|来|好|有|放好|备好|轮到|还回来|回来|还)我?(?:了|的时候|时)?(?:以?后)?|到时候?)?(?:就|再|会不会|会|要|能|可以|记得|麻烦)*"
    "(?:喊|叫|通知|告诉|告知|提醒|(?<=会)说|(?:[跟和]我)?[说讲](?=一?[声下])|发短信|发消息|打电话|打(?=我?电话)|(?:微信|电话)(?=我))(?:给)?我?(?:电话|手机|微信)?(?:一?[声下]|一个)?(?:吗|吧|不)?"
    "|(?:有|来|发不发|发)(?:个|没有)?(?:短信|消息|通知)(?:提醒|通知)?|(?:短信|消息|通知)会?(?:来|提醒|通知|发)",
    "code": f"{CODE}(?:是|在)?(?:多少(?:来着)?|哪一?个|什么|几|哪里?|呢)|把?{CODE}再?[发给]我?(?:一?[下遍次]|看看)*|再?[发给]我?一?[下遍次个]?{CODE}|{CODE}"
    f"|{CODE}我?(?:弄|搞|给)?(?:丢|没|删|忘|找不[到着]|不见)(?:了|掉)*(?:{HOW}[办整弄])?|(?:忘|丢|没|找不到)(?:了|看到|收到)*{CODE}|{CODE}(?:还)?没(?:收到|来|看到|发)",
    "stop": "(?:不小心|手滑)?(?:点|下|按)(?:快|错|多)了[,，]?(?:还?能|可以)?(?:撤|退|取消)(?:掉|回|单)?不?|不要了?[,]?(?:给)?(?:退|取消|撤)(?:掉)?|(?:搞|弄|点|下|看|选|借)错了[,]?我?(?:不想要|不要)(?:[这那][个本])?|(?:不|别|没法|不能|等不)(?:想|愿意|打算|准备)?(?:等|下去|起)?(?:下去)?(?<=[等去起])|等不(?:了|及|起)(?:不等|不要)?|(?:不想|不愿意?)等",
    "move": "(?:(?:等一?[等下]|等会儿?|麻烦)[,]?)?(?:给|帮)?换(?:一?个|到?别的|到?另一?个|到?其他的?|到)?(?:近一?点的?)?(?:馆|分馆|柜子?|书柜|地方|地点|网点|取书点)(?:去?[取拿领])?(?:行不行|可不可以|行|吧)?",
    "send": f"(?:能不能|能|可以|可不可以)(?:送|寄|快递)(?:过?来|到家|家里?|上门|给)?(?:不|吗|么)?|(?:送|寄)不(?:送|寄)|{HOW}(?:送|寄|配送|发货)(?:过?来|到家|给)?法?",
    "far": f"(?:{WHY}|这[些几]个?|哪[个里]?|都|也|离|家)*(?:太|有点儿?|好|挺|这么|那么)(?:远|不顺路|不方便)(?:一?[点些])?",
    "near": "(?:离|家|这里?)*(?:最|比较)?近(?:一?[点些])?(?:的|[那一]|个|家)*(?:是|在)?(?:哪[一个里家儿]*)?",
    "let": "(?:先)?(?:让|给)(?:给)?(?:别人|下一位|后面的人?|其他人)(?:先)?(?:看|借|拿)?(?:吧)?",
    "gain": "(?:信用)?分数?(?:加|涨|到账|算)(?:上)?(?:了)?(?:没有?|吗|么|不)|[加涨]了?分了?(?:没有?|吗|么|不)|[加涨]了?(?:几|多少)分",
    "drop": "把?[这那](?:一)?[个本]?(?:给|帮)?(?:删|去|移|拿|取|撤)(?:除|掉|出去|出来|走)?|(?:不要|不借|别要|删掉|去掉|移除|拿掉)[这那](?:一)?[个本]",
    "toll": "(?:会不会|有没有|不会)?影响(?:[我他]?的?(?:信用|征信|积)?分?|以后)(?:借书)?|扣了?[我他]?的?分了?(?:没有?)?|扣不扣分|(?:还)?扣(?:信用)?分|罚不罚|罚[款钱]?",
    "sorry": "我?(?:真|也)?不是(?:故意|有意|成心)的?|(?:真|实在|很|太|是|的)*(?:对不起|不好意思|抱歉)(?:真|我|是|给|把它|这事|[啊呀哈,])*(?:(?:忘|拖|晚|耽误|搞忘|记错)(?:记|掉|了|还|日子|时间|[几一两]天)*)?|(?!.*忘[记了掉]*我)(?:忘记?|搞忘|完全忘|给忘)(?:掉)?(?:了还书?|了|还书?了)(?:真|实在|太)*(?:对不起|不好意思|抱歉)?",
    "liked": "(?!.*[吗么嘛呢没])(?:这[个本]?|挺|蛮|还|很|真|太|也|觉得|感觉|看着|写得)*(?:还行|不错|好看|(?<=[还挺蛮])可以|喜欢|有意思|好玩|一般般?|凑合|没意思|不好看|难看|无聊|精彩|感人|看哭了)(?:的样子|吧|耶|诶)?",
    "who": "在?谁(?:说|话|讲|定|规定|决定|在?[看管弄办备送]|答复|回复)?|哪位(?:馆员)?",
    "how": f"{HOW}(?:开门?|取|拿|领|用|去|走|报名|涨|加分|挣)法?",
    "mend": f"(?:补救|挽回|弥补)(?:一下)?还?(?:行|可以|来得及|有用|有救)?不?|{HOW}(?:办|补|补救|补回来?|挽回|弄|整|处理|解决|做|搞)(?:才好|好)?|如何(?:是好|处理|补救)|有(?:没有)?{WHAT}?办法(?:补|挽回)?|(?:点|怎)算好?",
    "change": f"(?:书名?|名字|版本|地方|时间|日子)?(?:看|选|借|点|弄|搞|写|填)错了?[,，]?(?:还?能|可以)(?:换|改)(?:一本|过来)?不?|(?:能|可以|可不|能不|来得及|还)(?:可以|能|再)*{CHANGED}|改得了|换得了|改不了|(?:能|可以|可不可以|能不能|还能){CHANGED}不|{CHANGED}行(?:不行)?",
    "day": f"(?:{DAY}?(?:没空|没时间|不在家?|有事|不行|来不了|去不了|要上班|要上课)[,，]?)?{DAY}(?:再|才|只|能|会|要|可以|就)*(?:{COME}(?:(?:行|成|可|得)(?:不行|不成)?|可不可以|来得及|不)?|(?:行不行|行|成不成|可不可以|来得及|不))",
    "ready": "报[上好]了?(?:没有?|吗|不)?|(?:(?:准备|打包|备|弄|审|送|寄|放|排|轮|看|批|办|收|还)?(?:好|到|完|妥|齐|来|出|得|下来)我?|有(?:结果|消息|动静|答复|回复))(?:了?(?:没有?|未)|了?(?:吗|么|不(?!了)))",
    "sooner": "(?:该)?不会(?:是)?(?:[弄搞]?丢|没)了?|(?:急死了?|急|赶)?[,，]?(?:我|就)?(?:今天|今晚|明天|后天|马上|这两天|周末)就?(?:要|得|等着)(?:用|看|交|上课)(?:了|的)?|(?:能不能|可不可以)?插个?队[吗不么]?[,，]?(?:急用|很急)?|(?:急用|急死了?|急着[要用看]|很急|好急|急|赶时间|(?:[太好真]|有点儿?|有些|这么)慢|[这太好]么?久|慢死了?|(?:都|已经)?等(?:好?几天|好久|半天|很久)|(?:是不是|别|不会是?|该不会)(?:把)?忘(?:记|掉|了)?(?:的书)?|等得?急|(?:能不能|可不可以|可否|能否|麻烦|帮忙?|给|稍微|尽量|尽快|送|弄|办)*(?:快(?:一?点儿?|些)|催一?(?:下|催)?|加急|提前(?:一?点|些)|早一?点(?:送|到|好|拿到))(?:行不行|行|送|弄|办|处理)?)",
    "soon": "(?:怎么|咋)?(?:这么|那么|好|真|挺)快就?(?:(?:备|准备|送|弄|打包|寄|轮|排)?(?:好|到|完|来)我?)",
    "proxy": f"(?:能不能|可不可以|能|可以|我?想|要)?(?:叫|让|请|喊|派|托)?{KIN}(?>明天|后天|今天|下班|放学|路过|顺路|顺便|过去|过来|去|来|代(?!我)|可以|能|会)*[取拿领](?:一下|书|走|回来?)?(?:(?:可以|行不?|成|好)?(?:不|吧|行)?|要?[说带给](?:什么|啥))",
    "add": "(?:能不能|可不可以|能|可以|想|来得及)?(?:再|多)?[加添塞放](?:多)?(?:一|几|两|1|2)?[本些个]书?(?:一起)?(?:进去|进来|一起|到里面|到这单里?|到一起)",
    "cheap": "哪[个种一]*(?:方式|办法|地方)?(?:是|最|比较|更)*(?:不[要花]钱|免费|便宜|省钱|快|方便|划算|省事|好)",
    "spare": "(?:能不能|可不可以|能|可以)(?:别|不)扣",
    "slowly": "(?:可不可以|能不能|可以|能)?(?:慢慢|分期|以后|晚点|缓一缓|分几次|过段时间)(?:再)?(?:还|赔|付|给)钱?不?",
    "more": "有?一?[个件点]事情?(?:要问|想问|没说)?|我?(?:还?想|要|还要)?再?(?:补充|加)(?:说|问)?(?:一?[句点个下条]|两句|几句|一下)?|(?:再|想再|还想|还要|我再)(?:说|问)(?:一?[句点个下条]|两句|几句|一下)",
    "hours": "(?:你们|馆员|老师|人工|客服)?(?:几点|什么时候|啥时候|周末|明天|今天|晚上)(?:有人)?(?:上班|在线|下班|有人)不?|有没有人(?:在|啊)?|有人(?:在)?[不]?",
    "booked": "我?刚?[刚才]?还的?(?:那本|书|那些)?(?:到账|入账|登记|记上|收到|销|销账|算)(?:没有?)?",
    "called": "我?刚?[刚才]?还的?那?一?[本个]?书?(?:叫|名字?叫?|书名)(?:什么|啥)(?:名字?|书名)?(?:来着)?",
    "anew": "我?(?:还?想|要|能不能|能|可以|帮我)?(?:再|重新)(?:帮我|给我)?借(?:一次|一遍|一回|回来|过来|[那这]本|出来)",
    "same": "(?:还?有没有|还?有|想看|再来|推荐)?(?:点|些|几本)?(?:跟|和|与|像)?(?:刚还的)?(?:那|这|它|刚才那|刚才)一?[本个]?书?(?:差不多|类似|相近|相似|一样|像|同类)的?书?(?:没有)?|(?:看得过瘾|好看|看完了)?[,，]?(?:还?有没有|还?有)?同类的书?",
    "away": "(?:排|轮)?到我?了?的?(?:时候|那天)?我?(?:要是|如果|万一)?(?:不在家?|没空|去不了|来不了|出差|在外地|没时间)(?:怎么办|咋办|怎么弄|咋整)?",
    "unfetched": "(?:要是|如果|万一)?我?(?:没时间|没空|来不了|去不了|忘了)去?[取拿](?:书|走)?(?:的话)?(?:怎么办|咋办|怎么样)?",
    "in_time": "(?:今天|现在|明天|今晚|马上)?去?还?书?还?(?:来得及|晚不晚|算不算晚|赶得上)(?:不)?",
    "will": f"(?:知道|好的?|收到|行|明白|晓得)?[了啦]?[,，]?我?(?:{DAY}|马上|这就|立刻|立马)(?>一定|就|肯定|去|来|再|过去|马上)*还(?:书|掉|给你们?|回去)?(?:可以|行|成)?不?",
    "means": rf"(?:这|那)?(?:句话|话|个)?是?{WHAT}意思|(?:没|看不|不太?|听不)(?:看|听)?(?:懂|明白)",
}
FILL_EN = "so|and|but|then|ok|okay|well|hmm|hi|sorry|please|exactly|now|still|it|this|that|they|them|one|my|me|the|books?|order|actually|roughly|about"
IT = "(?:it|this|that|they|them|my (?:books?|order|turn)|the (?:books?|order))"
IN_ENGLISH = {
    "why": rf"why(?:'s| is| was| not|n't| isn't| can't i)?(?: {IT})?(?: so (?:long|slow|late|expensive)| not (?:ready|here)| taking so long| (?:ready|here) yet)?|how come|what happened|what's taking so long|for what reason",
    "when": rf"(?:when|what time|what day|by when|until when|how soon)(?: (?:is|are|will|can|do|does|should))?(?: i)?(?: {IT})?(?: be)?(?: (?:ready|due|arrive|come|here|there|get|collect|fetch|pick|my turn))?(?: {IT})?(?: up)?(?: back)?",
    "long": rf"how (?:long|many days|much longer|many more days)(?: (?:will|does|would|is|do))?(?: i)?(?: {IT})?(?: (?:take|have to wait|be|wait|need to wait|must i wait))?",
    "price": rf"how much(?: (?:is|does|will|would|do))?(?: i)?(?: {IT})?(?: (?:cost|be|pay|owe))?|what (?:does|will) {IT} cost|is {IT} free|free|any (?:fees?|charges?|costs?)|(?:does|will) {IT} cost (?:anything|much|something)",
    "where": rf"where(?: (?:is|are|do|can|should|will|to))?(?: i| we)?(?: {IT})?(?: (?:get|collect|pick|fetch|return|take|pay|go|bring))?(?: {IT})?(?: up)?(?: from)?",
    "who": "who(?: says(?: so)?| said(?: so| that)?| decide[sd]| made (?:that|this) rule| is looking| looks at it)?",
    "how": rf"how (?:do|can|should) (?:i|we) (?:get|collect|open|fetch|use|earn|pick)(?: {IT})?(?: up)?",
    "mend": rf"(?:what|and) now|what (?:can|should|do|shall) i do(?: (?:now|then|about {IT}))?|(?:how (?:do|can|could) i|can i) (?:fix|mend|make up for|undo|repair|get) {IT}(?: back)?|any way (?:out|around)(?: of)?",
    "change": rf"(?:can|could|may) (?:i|we|{IT})(?: still| be)*(?: change[d]?)(?: {IT})?|is it too late to change|too late to change",
    "ready": rf"(?:is |are )?(?:{IT} )?(?:ready|here|there|done)(?: yet)|(?:is|are) {IT} (?:ready|here|done|there)|any (?:news|updates?)(?: yet)?|(?:has|have) {IT} (?:come|arrived)(?: yet)?|my turn yet",
    "sooner": rf"(?:can|could|any chance) (?:{IT}|you|i)(?: get| be| do| have| make)*(?: {IT})?(?: any| a bit| a little)? ?(?:faster|sooner|quicker|earlier|hurry(?: up)?|speed (?:{IT} )?up)|any (?:faster|sooner|quicker)|hurry(?: up)?",
    "day": r"(?:is |would |can i (?:come|pick it up|collect it|fetch it|get it) |(?:i )?(?:can )?only (?:come |free |collect it |pick it up )?|(?:i'm|im|i am) (?:not free|away|busy) (?:till|until) )(?:on |by )?(?:today|tonight|tomorrow|(?:this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:the |this |at the )?weekend)(?: be)?(?: ok(?:ay)?| all right| fine| possible)?",
    "means": rf"what (?:does|do) (?:{IT}|you) mean(?: by {IT})?|meaning|i (?:don't|do not) (?:understand|get)",
}
ASKED = {what: re.compile(rf"(?>{FILL})*(?:{said})(?>{FILL})*") for what, said in IN_CHINESE.items()}
ASKED_EN = {what: re.compile(rf"(?:(?:{FILL_EN})[ ,]+)*(?:{said})(?:[ ,]+(?:{FILL_EN}))*") for what, said in IN_ENGLISH.items()}
REMARKS = ("sorry", "enough", "drop", "let", "tell", "stop", "move", "proxy", "more", "hours", "anew", "same", "will", "cheap")  # no questions: after nothing they are something else
PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]+")
LONGEST, MOST_WORDS = 12, 9  # characters; words


@lru_cache(REMEMBERED)
def question(text: str) -> str:
    """What a line asks that holds nothing but its question; '' for any other."""
    said = PICTURES.sub("", plainly(text)).strip(" .,!?~…")
    if said.isascii():
        asked = ASKED_EN if said and len(said.split()) <= MOST_WORDS else {}
    else:
        asked = ASKED if len(said := said.replace(" ", "")) <= LONGEST else {}
    return next((what for what, words in asked.items() if words.fullmatch(said)), "")


# ---- what was shown ----------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What was shown last, and which one where it was one only."""

    kind: str
    id: str


BY_WORD = {  # what an answer was about, by the word it was asked with (as in acting.WORDS)
    "show_orders": "order", ":order": "order", "show_loans": "loan", "renew": "loan", ":r": "loan", "return_books": "loan",
    "show_holds": "hold", "show_credit": "points", ":why": "points", ":line": "points", ":pf": "case", ":ga": "appeal", ":ev": "event",
    "faq": "rule", ":rules": "rule", "fees": "fee", "escalate": "request", ":free": "draw", ":draw": "draw", ":draw!": "draw",
    "show_cart": "cart", "suggest_purchase": "wish", ":vote": "wish", ":wish": "wish", ":rebuy": "wish",
}
BESIDE = ("rule", "fee", "request")  # told in between: what was shown before it still stands
BY_WHAT: tuple[tuple[tuple[str, ...], Callable[[str], object], str], ...] = (  # of a word that is asked about several things
    (("faq", "find_branches"), bus.asked, "bus"),
    (("fees",), re.compile("免费配送|抽签|free delivery").search, "draw"),
)  # fmt: skip
BY_BUTTON = {  # and any message, also one that the library sent by itself, by the first of its buttons that tells
    **dict.fromkeys(("order", "cancel", "cancel!", "ko", "got", "ng", "ap", "ap+", "ap-", "here", "lo"), "order"),
    **dict.fromkeys(("r", "back"), "loan"),
    **dict.fromkeys(("hx", "hr", "hw", "hp", "hg", "hl", "kh"), "hold"),
    **dict.fromkeys(("pf", "pfc", "pfp"), "case"),
    **dict.fromkeys(("ga", "gam", "gac"), "appeal"),
    **dict.fromkeys(("line", "appeal"), "points"),
    **dict.fromkeys(("ev", "ev+", "ev-"), "event"),
    "out": "cart", "rv+": "returned", "ok": "quote", **dict.fromkeys(("draw", "draw!"), "draw"), "b": "title", "t": "title", "w": "way", "credit": "consent",
}
ANSWERED = "i:thanks"  # stands below a librarian's answer, and nowhere else
AT_HOME = {"i:show_loans", "i:return_books"}  # stand below what is said of books at home
STAYS = ("thanks", "unknown", "choose", "confirm", "deny")  # said in between, and no other matter
RIGHTS = {  # the word (as in acting.WORDS) under which each may be told in another's name
    "order": "show_orders", "loan": "show_loans", "hold": "show_holds", "case": ":pf", "appeal": ":ga", "points": "show_credit",
    "event": ":ev", "quote": "checkout", "rule": "faq", "refused": "faq", "answer": "escalate", "request": "escalate",
    "fee": "faq", "draw": ":free", "wish": "faq", "bus": "faq", "title": "show_title", "way": "checkout", "consent": "faq", "cart": "show_cart", "returned": "show_loans",
}  # fmt: skip


def note(talk: Talk, word: str, *arguments: object) -> None:
    """Remember what is about to be shown. What is about none of it ends what was shown before; a rule or a call for a
    person comes beside it."""
    if word in STAYS:
        return
    kind = BY_WORD.get(word, "")
    kind = next((other for its, asked_for, other in BY_WHAT if word in its and asked_for(talk.event.text)), kind)
    beside = kind in BESIDE or (kind and not stands(talk, Shown(kind, "")))
    before = next(([*one] for one in shown(talk) if one.kind not in BESIDE), None) if beside else None
    named = str(arguments[0]) if word.startswith(":") and arguments else ""
    part = topics.part_of(talk.event.text) if word == "faq" else named
    talk.memory["about"] = [*([[kind, part]] if kind else []), *([before] if before else [])]


def refused(talk: Talk, error: LendingError) -> None:
    """Remember a refusal."""
    talk.memory["about"] = [["refused", "borrowing" if isinstance(error, NotAllowed) else ""]]


def shown(talk: Talk) -> list[Shown]:
    """What was shown last, and what it came beside."""
    about = [Shown(*one) for one in talk.memory.get("about", [])]
    if any(one.kind not in BESIDE for one in about):
        return about
    actions = [offered.bare(action) for action, _label in talk.memory.get("choices", [])]
    if ANSWERED in actions:
        return [*about, Shown("answer", "")]
    kinds = [BY_BUTTON[word] for action in actions if (word := action.split(":")[0]) in BY_BUTTON]
    kinds = kinds or (["loan"] if {*actions} >= AT_HOME else [])
    kind = next((one for one in kinds if one != "title"), kinds[0] if kinds else "")  # a book that is kept can be taken, too
    ids = {action.split(":")[1] for action in actions if BY_BUTTON.get(action.split(":")[0]) == kind and ":" in action}
    return [*about, Shown(kind, ids.pop() if len(ids) == 1 else "")] if kind else about


def asked(talk: Talk) -> tuple[Shown, str] | None:
    """What was shown last and what is asked of it, where TABLE knows the answer."""
    if talk.step or talk.wishes or not (what := question(talk.event.text)):
        return None
    known = (one for one in shown(talk) if what in TABLE.get(one.kind, {}) and stands(talk, one))
    return next(((one, what) for one in known), None)


def tell(talk: Talk, found: tuple[Shown, str]) -> None:
    """The answer. A book that is called so is a press away."""
    _, (about, what), book = talk._, found, meaning.called_so(talk)
    tell_of(talk, about, TABLE[about.kind][what])
    if book is not None:
        title = catalogue.title(talk.db, book).title
        talk.say(_("要找的是《{title}》这本书，点下面。", title=title), rows(Button(_("看这本书"), f"t:{book}")))


def tell_of(talk: Talk, about: Shown, answer: Answer) -> None:
    """What answers; what it is about stays what the next question is about."""
    beside = [[*one] for one in shown(talk)]
    acting.run(talk, RIGHTS[about.kind], answer, about.id)
    talk.memory["about"] = beside


def alone(talk: Talk) -> bool:
    """Whether a question that names nothing comes after nothing it could be about, and finds no book."""
    if talk.intent.name == "confirm" and question(talk.event.text):
        return not talk.step and question(talk.event.text) not in (*REMARKS, "liked")  # 好了没 is no yes to whatever was asked before
    lost = talk.intent.name in ("search", "unknown") and (talk.found is None or not talk.found.ids or talk.found.near)
    return bool(lost and not talk.step and not talk.wishes and question(talk.event.text) not in ("", *REMARKS))


def ask(talk: Talk, _alone: bool = True) -> None:
    """About what? A person is called with the question; an opinion is none."""
    _ = talk._
    if question(talk.event.text) == "liked":
        return _liked(talk, "")
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    mine = [menu(_, name) for name in ("show_orders", "show_loans", "show_holds", "show_credit")]
    talk.say(_("您问的是哪一件？点一下，我把它找出来；也可以连着事情一起说，比如「订单为什么还没好」。"), rows(*mine, menu(_, "faq"), menu(_, "escalate")))


def stands(talk: Talk, one: Shown) -> bool:
    """Whether there is any of it."""
    kind = one.kind
    reader = (talk.acting.reader if talk.acting else talk.reader).id
    if kind == "order":
        return bool(orders.of_reader(talk.db, reader, 1))
    if kind == "loan":
        return bool(loans.of_reader(talk.db, reader))
    if kind == "hold":
        return bool(holds.of_reader(talk.db, reader))
    if kind == "request":
        return escalations.open_of(talk.db, reader) is not None
    if kind == "way":
        return getting.underway(talk)
    if kind == "cart":
        return bool(cart.items(talk.db, reader))
    return bool(one.id) if kind == "title" else kind != "quote" or bool(talk.memory.get("draft"))


# ---- an order ----------------------------------------------------------------------------------------------------

WHERE_IT_IS = {
    OrderState.IN_REVIEW: N_("这一单要请馆员先看一遍，看完就备书。"),
    OrderState.APPROVED: N_("这一单已经通过，接下来馆员从书架上取书。"),
    OrderState.PICKING: N_("馆员正从书架上取这一单的书。"),
    OrderState.PACKED: N_("这一单已经打好包，接下来送出去，或放到取书的地方。"),
    OrderState.SHIPPED: N_("这一单正在路上。"),
    OrderState.IN_LOCKER: N_("这一单已经放进书柜，等您来取。"),
    OrderState.AT_COUNTER: N_("这一单已经放到取书架，等您来取。"),
    OrderState.DONE: N_("这一单的书已经到您手里了。"),
    OrderState.CANCELLED: N_("这一单已经取消了。"),
    OrderState.REFUSED: N_("这一单审核没有通过。"),
}


def _orders(talk: Talk, number: str) -> list[Order]:
    """The one that was shown; else those on their way; else the newest."""
    if number:
        return [orders.by_number(talk.db, number, talk.reader.id)]
    return following.still_open(talk)[: following.MOST_OPEN] or orders.of_reader(talk.db, talk.reader.id, 1)


def _tell_orders(talk: Talk, found: list[Order], lines: list[str], *ways: Button) -> None:
    _ = talk._
    seen = [Button(_("看这个订单"), f"order:{found[0].number}")] if len(found) == 1 else []
    talk.say("\n".join(lines), rows(*ways, *seen, menu(_, "show_orders"), menu(_, "escalate")))


def _order(talk: Talk, number: str) -> None:
    following.show_order(talk, number) if number else following.show_orders(talk)


def _order_why(talk: Talk, number: str) -> None:
    """What is being done with it now, why a person looks, what was written beside a no, and what is promised."""
    _, lines, found = talk._, [], _orders(talk, number)
    for one in found:
        lines.append(_(WHERE_IT_IS[one.state]))
        if one.state is OrderState.IN_REVIEW:
            lines += ordering.reviewed(talk, orders.why_reviewed(talk.db, one.id))
        lines += [_("说明：{reason}", reason=one.reason)] if one.reason else []
        lines.append(following.line(talk, one))
    _tell_orders(talk, found, lines)


def _order_day(talk: Talk, number: str) -> None:
    """Whether it can be fetched on that day: until when what waits is kept, else by when it is ready and how long it is kept."""
    waits = [one for one in _orders(talk, number) if one.state in following.WAITING]
    if waits:
        return keeping.show_waiting(talk)
    if kept := rule_answers.told(talk, "service", "保留"):
        talk.say("\n".join(kept))
    following.show_orders(talk)


def _order_sooner(talk: Talk, number: str) -> None:
    """What is promised is the latest; only a person can see whether it can be sooner."""
    _, found = talk._, _orders(talk, number)
    lines = [following.line(talk, one) for one in found]
    if any(one.state in ordering.BEFORE_IT_GOES for one in found):
        lines.append(_("写的是最晚的时间，备好了马上告诉您。急着用，点「转人工」，请馆员看看能不能早一点。"))
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    _tell_orders(talk, found, lines)


def _order_told(talk: Talk, number: str) -> None:
    """Nobody has to ask again: each step is told here by itself."""
    told = talk._("备好了、寄出了、能取了，我都在这里告诉您，不用一直看着。")
    _tell_orders(talk, found := _orders(talk, number), [told, *(following.line(talk, one) for one in found)])


def _order_code(talk: Talk, number: str) -> None:
    """The code of what waits; what is not there yet has none."""
    found = _orders(talk, number)
    if any(one.state in following.WAITING for one in found):
        return keeping.show_waiting(talk)
    told = [talk._("书放好了，取书码就发给您。")] if any(one.state in orders.OPEN and one.point_id for one in found) else []
    _tell_orders(talk, found, [*told, *(following.line(talk, one) for one in found)])


def _order_stop(talk: Talk, number: str) -> None:
    """Asked once more before it is cancelled; acting for another it is only shown."""
    following.cancel_order(talk) if talk.acting is None else _order(talk, number)


def _order_change(talk: Talk, number: str) -> None:
    following.ordered_already(talk, change=True) if following.still_open(talk) else _order_why(talk, number)


# ---- what is at home, and what is waited for --------------------------------------------------------------------------


def _loan(talk: Talk, _id: str) -> None:
    """Every loan: each can be renewed from there."""
    renewing.show_loans(talk)


def _loan_mend(talk: Talk, _id: str) -> None:
    """Of what is overdue, what bringing it back comes to; else how it can be kept longer, and what cannot."""
    late = any(one.days_left(talk.now) < 0 and not one.stopped_at for one in loans.of_reader(talk.db, talk.reader.id))
    mending.show(talk) if late else hows.tell(talk, "renew")


def _loan_price(talk: Talk, _id: str) -> None:
    """What is overdue comes to by now; else what bringing back and keeping cost."""
    if greeting.owed(talk):
        return
    _ = talk._
    lines = [_("续借不收费；书自己还到任何馆或书柜，也不收费。"), late_words.beforehand(_, talk.policy)]
    talk.say("\n".join(lines), rows(menu(_, "show_loans"), menu(_, "fees"), menu(_, "escalate")))


FETCHED = re.compile("[取拿领]|collect|pick|fetch")


def _loan_where(talk: Talk, _id: str) -> None:
    """Where books are brought back; who says that something is to be fetched means what still waits."""
    waits = FETCHED.search(plainly(talk.event.text)) and following.still_open(talk)
    following.tell_where(talk) if waits else returning.return_books(talk)


def _loan_sorry(talk: Talk, _id: str) -> None:
    """Nobody is blamed; what is overdue comes to what it comes to, and ends with bringing it back."""
    talk.say(talk._("没关系，别放在心上。"))
    if not greeting.owed(talk):
        renewing.show_loans(talk)


def _liked(talk: Talk, title_id: str) -> None:
    """An opinion is thanked for; written down for other readers only where that is wished."""
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    title_id = title_id or (str(held[0].title_id) if len(held) == 1 else "")
    its = [Button(_("写书评"), f"rv+:{title_id}"), Button(_("看相近的书"), f"same:{title_id}")] if title_id else [menu(_, "recommend")]
    talk.say(_("谢谢您告诉我。愿意说给别的读者听，可以写一句书评；也可以看看相近的书。"), rows(*its, menu(_, "show_loans")))


def _loan_will(talk: Talk, _id: str) -> None:
    """What is meant to be brought back is still at home: nothing is done, and where it can go stands beside."""
    talk.say(talk._("好的，还到任何一个馆或书柜都行，不收费。"))
    renewing.show_loans(talk)


def _loan_in_time(talk: Talk, _id: str) -> None:
    """Of what is overdue, what it comes to by now; else until when it may stay."""
    if not greeting.owed(talk):
        renewing.show_loans(talk)


def _returned(talk: Talk, title_id: str) -> None:
    """The book that was just brought back; of several, what is still at home."""
    finding.show_book(talk, title_id) if title_id else renewing.show_loans(talk)


def _like_returned(talk: Talk, title_id: str) -> None:
    discovering.like_this(talk, title_id) if title_id else discovering.recommend(talk)


def _hold_told(talk: Talk, _id: str) -> None:
    talk.say(talk._("轮到您了，我马上在这里告诉您，不用一直看着。"))
    holding.show_holds(talk)


def _hold_only(talk: Talk, do: Callable[[Talk, str], object]) -> None:
    """What is asked next of the only one; of several they are shown."""
    waits = holds.of_reader(talk.db, talk.reader.id)
    do(talk, str(waits[0].id)) if len(waits) == 1 and talk.acting is None else holding.show_holds(talk)


def _hold(talk: Talk, _id: str) -> None:
    holding.show_holds(talk)


def _hold_why(talk: Talk, _id: str) -> None:
    if any(one.state != "ready" and not one.rests_until for one in holds.of_reader(talk.db, talk.reader.id)):
        talk.say(talk._("馆里的都借出去了，按预约的先后轮；前面的读者还了书，就轮到下一位。"))
    holding.show_holds(talk)


def _hold_where(talk: Talk, _id: str) -> None:
    talk.say(talk._("书到了，再选在哪里取；也可以现在点「换取书点」定下来。"))
    holding.show_holds(talk)


def _hold_sooner(talk: Talk, _id: str) -> None:
    _, waits = talk._, holds.of_reader(talk.db, talk.reader.id)
    lines = [_("预约按先后轮，我这里提不到前面。等得急，看看相近的书，或请馆里再买一本："), *(holding.line(talk, one) for one in waits)]
    same = [Button(_("类似《{title}》的书", title=one.title[:10]), f"same:{one.title_id}") for one in waits[:2]]
    more = [Button(_("请馆里再买一本"), f"rebuy:{one.title_id}") for one in waits if len(waits) == 1]
    talk.say("\n".join(lines), rows(*same, *more, menu(_, "show_holds"), menu(_, "escalate")))


# ---- cases, appeals, points ----------------------------------------------------------------------------------------


def show_case(talk: Talk, number: str) -> None:
    """The one that was shown, or all that stand open."""
    _, found = talk._, case_records.open_ones(talk.db, talk.reader.id)
    if number or len(found) == 1:
        return casework.show_case(talk, number or found[0].number)
    lines = casework.open_lines(talk) or [_("现在没有在办的个案。")]
    talk.say("\n".join(lines), rows(*casework.open_buttons(talk), menu(_, "show_loans"), menu(_, "escalate")))


def _case_rules(talk: Talk, number: str) -> None:
    """What the rules say of it, then the case itself."""
    talk.say("\n".join(rule_answers.told(talk, "mishaps", reporting.PAID)))
    show_case(talk, number)


def _appeal(talk: Talk, number: str) -> None:
    found = appeal_records.waiting(talk.db, talk.reader.id)
    number = number or (found[0].number if len(found) == 1 else "")
    appealing.show(talk, number) if number else appealing.appeal(talk)


def _points_why(talk: Talk, line: str) -> None:
    """Of one line its rule; else what stands in the way of borrowing, or the lines to choose from."""
    if line:
        return appealing.show_line(talk, line)
    if appealing.TAKEN.search(plainly(talk.event.text)):
        return appealing.appeal(talk)
    mending.show(talk) if _paused(talk) else trust.show_credit(talk)


def _points_mend(talk: Talk, _line: str) -> None:
    """How points come back; while borrowing is paused, until when and what ends that."""
    _ = talk._
    if _paused(talk):
        return mending.show(talk)
    lines = rule_answers.told(talk, "points", "怎么补回来")
    whole = Button(PARTS["points"](_, talk.db, talk.policy, talk.now).title, "rules:points")
    talk.say("\n".join(lines), rows(menu(_, "show_credit"), whole, menu(_, "appeal"), menu(_, "escalate")))


def _points_object(talk: Talk, _line: str) -> None:
    """By which rule a line stands there, and how to object: nothing is opened by asking."""
    appealing.appeal(talk)


def _paused(talk: Talk) -> bool:
    return credit.frozen_until(talk.db, talk.reader.id, talk.now) is not None


# ---- an activity, a rule, an order being made, an answer, a refusal -----------------------------------------------------


def _event(talk: Talk, event_id: str) -> None:
    known = event_id.isdigit() and events.event(talk.db, int(event_id))
    attending.show(talk, event_id) if known else attending.show_page(talk, "0")


def _event_day(talk: Talk, _id: str) -> None:
    """What there is on that day."""
    attending.events_to_come(talk)


def _rule_source(talk: Talk, code: str) -> None:
    """Who made it, and who can be asked about what is hard."""
    _ = talk._
    told = _("这是{library}自己定的规则（{version}），写在明处，谁都能看。有难处，点「转人工」，和馆员商量。", library=_(talk.service.library), version=talk.policy.version)
    part = [Button(PARTS[code](_, talk.db, talk.policy, talk.now).title, f"rules:{code}")] if code in PARTS else []
    talk.say(told, rows(*part, menu(_, "faq"), menu(_, "escalate")))


def _rule_mend(talk: Talk, code: str) -> None:
    """How points come back is what can be mended of most rules."""
    _points_mend(talk, "") if code in ("points", "borrowing") else _rule_whole(talk, code)


def _rule_whole(talk: Talk, code: str) -> None:
    rules.show_part(talk, code) if code in PARTS else _rule_source(talk, code)


def send_title(talk: Talk, title_id: str) -> None:
    """Yes, and what it costs; the book is one press away."""
    greeting.whether(talk, True, Button(talk._("借这本"), f"b:{title_id}"))


def _quote(talk: Talk, _id: str) -> None:
    getting.go_on(talk)


def _way_far(talk: Talk, _id: str) -> None:
    """Whatever is too far can be sent home; the ways stand there once more."""
    _ = talk._
    talk.say(_("嫌远，可以送到家；或者点「附近网点」，发个位置，我找离您最近的。"), rows(menu(_, "find_branches")))
    getting.checkout(talk)


def _quote_unfetched(talk: Talk, _id: str) -> None:
    """For how long books are kept, before they are ordered."""
    talk.say("\n".join(rule_answers.told(talk, "service", "保留")))
    getting.go_on(talk)


def _quote_change(talk: Talk, _id: str) -> None:
    talk.say(talk._("确认下单以前都能改：点「换个方式」换取书的办法，点「借书车」增减书。"))
    getting.go_on(talk)


def _ask_librarian(talk: Talk, _id: str) -> None:
    """Only whoever answered knows more: the question goes along with the call, if the reader makes one."""
    _ = talk._
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    talk.say(_("这是馆员答复您的，要再问一句才知道。点「转人工」，这句话一起交给馆员。"), rows(menu(_, "escalate"), menu(_, "help")))


def _wish(talk: Talk, _id: str) -> None:
    _ = talk._
    talk.say(_("买不买、什么时候买来，由馆员定；定了、书到了，我都告诉您。"), rows(menu(_, "browse"), menu(_, "escalate")))


def _refused_why(talk: Talk, code: str) -> None:
    """Every reason that keeps one from borrowing; of another refusal what was said and its ways out, and a person."""
    _, event = talk._, talk.event
    if code:
        return mending.show(talk)
    last = outbox.newest(talk.db, event.channel, event.address)
    said = outbox.after(talk.db, event.channel, event.address, last - 1) if last else []
    ways = [Button(label, action) for action, label in talk.memory.get("choices", []) if action != "i:escalate"]
    told = _("刚才说的是：\n{text}\n还不清楚，点「转人工」，馆员讲给您听。", text="\n".join(one.reply.text for one in said))
    talk.memory["unanswered"] = talk.event.text[: person.MOST]
    talk.say(told, rows(*ways[:6], menu(_, "escalate")))


# ---- the table -----------------------------------------------------------------------------------------------------

OF_OTHERS = ("proxy", "add", "cheap", "anew", "same", "called", "booked", "will", "slowly", "unfetched")  # ask of no case, appeal or answer
EVERY = tuple(what for what in IN_CHINESE if what not in OF_OTHERS)
TABLE: dict[str, dict[str, Answer]] = {
    "order": {
        "unfetched": _order_day, "soon": _order, "proxy": lambda talk, number: matters.tell(talk, "proxy"), "add": lambda talk, number: adding.may_join(talk),
        "why": _order_why, "means": _order_why, "sooner": _order_sooner, "price": lambda talk, number: greeting.fees(talk),
        "when": _order, "long": _order, "ready": _order, "day": _order_day, "mend": _order_why, "who": _order_why, "how": lambda talk, number: matters.tell(talk, "key"),
        "where": lambda talk, number: following.tell_where(talk),
        **dict.fromkeys(("change", "move", "far"), _order_change), "tell": _order_told, "code": _order_code, "stop": _order_stop, "unanswered": _order_sooner,
    },
    "loan": {
        "why": _loan_mend, "mend": _loan_mend, "change": _loan_mend, "means": lambda talk, loan: rules.show_part(talk, "borrowing"),
        "when": _loan, "long": _loan, "price": _loan_price, "where": _loan_where,
        "day": _loan, "who": lambda talk, loan: _rule_source(talk, "borrowing"), "toll": _loan_price, "sorry": _loan_sorry, "liked": _liked, "count": _loan,
        "in_time": _loan_in_time, "will": _loan_will, "spare": _loan_price,
    },
    "hold": {
        "why": _hold_why, "means": _hold_why, "when": _hold, "long": _hold, "ready": _hold, "mend": _hold_sooner, "change": _hold,
        "where": _hold_where, "sooner": _hold_sooner, "tell": _hold_told, "away": lambda talk, _id: hows.tell(talk, "hold"), "soon": _hold,
        "move": lambda talk, _id: _hold_only(talk, holding.change_point), "let": lambda talk, _id: _hold_only(talk, holding.ask_rest),
    },
    "case": {**dict.fromkeys(EVERY, show_case), "why": _case_rules, "means": _case_rules, "price": _case_rules, "mend": _case_rules, "spare": _case_rules, "toll": _case_rules, "slowly": lambda talk, _number: matters.tell(talk, "poor")},
    "appeal": dict.fromkeys(EVERY, _appeal),
    "points": {
        "why": _points_why, "means": lambda talk, _line: rules.show_part(talk, "points"), "mend": _points_mend, "when": _points_mend, "long": _points_mend,
        "sooner": _points_mend, "gain": lambda talk, _line: trust.show_credit(talk), "how": _points_mend, "change": _points_object, "who": _points_object, "spare": _points_object, "toll": _points_mend,
    },
    "event": {**dict.fromkeys(("when", "where", "price", "long", "ready", "change", "who", "how"), _event), "day": _event_day},
    "rule": {"why": _rule_source, "who": _rule_source, "change": _rule_source, "means": _rule_whole, "mend": _rule_mend},
    "way": {
        **dict.fromkeys(("mend", "means", "change", "how", "move", "send"), lambda talk, _id: getting.checkout(talk)),
        "cheap": lambda talk, _id: getting.checkout(talk), "far": _way_far, "near": lambda talk, _id: places.find_branches(talk),
    },
    "cart": {
        **dict.fromkeys(("count", "means"), lambda talk, _id: borrowing.show_cart(talk)), "drop": lambda talk, _id: borrowing.remove_from_cart(talk),
        **dict.fromkeys(("send", "where", "how"), lambda talk, _id: getting.checkout(talk)), "price": lambda talk, _id: rules.fees(talk),
    },
    "returned": {"ready": _loan, "gain": lambda talk, _id: trust.show_credit(talk), "liked": _liked, "count": _loan,
        "booked": _loan, "called": _returned, "anew": _returned, "same": _like_returned, "toll": lambda talk, _id: trust.show_credit(talk),
    },
    "quote": {
        "unfetched": _quote_unfetched,
        **dict.fromkeys(("when", "long", "ready", "day", "price", "where", "means", "mend"), _quote), "change": _quote_change,
        **dict.fromkeys(("move", "far", "send"), lambda talk, _id: getting.checkout(talk)), "count": lambda talk, _id: borrowing.show_cart(talk),
        "why": lambda talk, _id: rules.fees(talk), "sooner": lambda talk, _id: rules.tell_how_soon(talk),
    },
    "fee": dict.fromkeys(("why", "who", "change", "means"), lambda talk, _id: _rule_source(talk, "delivery")),
    "draw": dict.fromkeys(("when", "long", "how", "ready", "means", "why"), lambda talk, _id: free_delivery.show(talk)),
    "bus": dict.fromkeys(("when", "long", "where"), lambda talk, _id: bus.show(talk)),
    "wish": dict.fromkeys(("when", "long", "ready", "who", "sooner"), _wish),
    "title": {"where": finding.show_book, "liked": finding.show_book, "send": send_title},
    "request": {
        **dict.fromkeys(("when", "long", "who", "unanswered", "more", "hours"), lambda talk, _id: person.show_mine(talk)),
        "enough": lambda talk, _id: matters.tell(talk, "enough"),
    },
    "answer": dict.fromkeys(EVERY, _ask_librarian),
    "refused": dict.fromkeys(("why", "means", "mend", "when", "long", "change"), _refused_why),
}  # fmt: skip
