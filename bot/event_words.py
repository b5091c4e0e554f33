"""What a line of the conduct ledger is called: in the reader's account, in an appeal, in the rules."""

from __future__ import annotations

from bot.texts import N_

EVENTS = {
    "start": N_("起始分"),
    "borrow": N_("借书"),
    "overdue": N_("超期一天"),
    "damaged": N_("图书破损"),
    "lost": N_("图书丢失"),
    "activity": N_("参加活动"),
    "volunteer": N_("志愿服务"),
    "thaw": N_("冻结期满恢复"),
    "promise_broken": N_("图书馆没守时，补偿"),
    "found_again": N_("丢的书找到了"),
    "never_came": N_("书寄丢了，不算您的，退还"),
    "renew": N_("续借"),
    "activity_signup": N_("报名活动"),
    "activity_late": N_("活动迟到"),
    "activity_no_show": N_("报了名没有来"),
    "donation": N_("捐书"),
    "membership_year": N_("读者满一年"),
    "prize": N_("获奖"),
    "rules_broken": N_("违反规则"),
    "hold_not_collected": N_("预约的书没有来取"),
    "lost_card": N_("补办读者证"),
    "duplicate_card": N_("重复办证"),
    "quiz": N_("答题"),
    "redeem": N_("积分换多借一本"),
    "forgiven": N_("宽免日还书，退还"),
    "reversal": N_("改正"),
    "merged": N_("两个账户合并"),
}
