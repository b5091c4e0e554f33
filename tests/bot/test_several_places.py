"""听泉馆和望川馆周日都开吗: each place that a question names is answered for, and no other."""

from __future__ import annotations

import pytest

from tests.talking import Person

TINGQUAN, WANGCHUAN, MAIN, YUNQI, PARK = "听泉区分馆", "望川区分馆", "云栖市图书馆中心馆", "云栖站智能借书柜", "竹影科技园智能借书柜"
EVERY = (TINGQUAN, WANGCHUAN, MAIN, YUNQI, PARK, "竹影区分馆", "莲塘街道书房", "石阶街道书房")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("听泉馆和望川馆周日都开吗", (TINGQUAN, WANGCHUAN)),
        ("莲塘书房和石阶书房周一闭馆吗", ("莲塘街道书房", "石阶街道书房")),
        ("听泉馆开门吗？", (TINGQUAN,)),
        ("中心馆和听泉分馆的电话是多少", (MAIN, TINGQUAN)),
        ("中心馆電話", (MAIN,)),
        ("听泉馆和望川馆在哪", (TINGQUAN, WANGCHUAN)),
        ("中心馆和望川分馆怎么走", (MAIN, WANGCHUAN)),
        ("望川分馆怎么走", (WANGCHUAN,)),
        ("云栖站和竹影科技园的柜子还有空格吗", (YUNQI, PARK)),
        ("听泉馆还是望川馆近", (TINGQUAN, WANGCHUAN)),
    ],
)
def test_each_that_is_named_and_no_other(me: Person, said: str, named: tuple[str, ...]) -> None:
    answer = me.say(said)
    assert {one for one in EVERY if f"· {one}" in answer} == {*named}


def test_one_that_is_not_ours_leaves_the_list_of_all(me: Person) -> None:
    answer = me.say("西湖馆和望川馆在哪")
    assert all(f"· {one}" in answer for one in EVERY)
