"""Whether a text says anything. One that does not lies near others of its kind, and would be given a score for that."""

from yinling_common.text import WORDS_FOR_NOTHING, fold
from yinling_matching.remembering import remembered

_NOTHING_HERE = (
    "没 待完善 不知道 不限 不限制 随便 随意 任意 任何 都可以 都可 都行 均可 皆可 可以 无要求 没要求 没有要求 "
    "无特殊要求 没有特殊要求 无所谓 看情况 再说 同上 略 其他 其它 等 等等 的 了 是 有 nothing unknown tbd tba any "
    "anyone anybody anything whatever other others etc a an the of and or no not yes"
)
_WORDS = WORDS_FOR_NOTHING.union(_NOTHING_HERE.split())


@remembered(maxsize=4096)
def says_something(text: str) -> bool:
    """Whether there is more in it than signs, or one word that stands for nothing: "……", "无" and "随便" do not."""
    plain = "".join(filter(str.isalnum, fold(text)))
    return bool(plain) and plain not in _WORDS
