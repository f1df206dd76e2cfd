"""What a person would like to do, and what not, out of their own words.

A wish is compared with what a request is about by its vector, and a vector knows subjects. It does not know "not", and
it knows nothing of hours, travel, nights or pay: "no night shifts" lies near every text about shifts. So clauses are
sorted by their words into wanted and avoided, and those that name conditions instead of a subject are left out:
conditions have fields of their own, with rules that can tell. What is left out has no effect; a guess would be worse.
"""

# ruff: noqa: E501 - word lists read better on long lines; Chinese counts double

import re
from collections.abc import Iterator

from yinling_common.text import clean
from yinling_matching.lexical.normalise import simplified

MOST_CLAUSES = 8
"""Of either sort that are read of one person."""

_LEAST = 2
"""Characters of a subject, or pairs of letters, that must be left for a clause to name one."""


def _words(chinese: str, english: str = "") -> re.Pattern[str]:
    """A pattern of alternatives; the English ones stand between word boundaries."""
    chinese_ones = "|".join(chinese.split())
    english_ones = "|".join(english.replace("_", " ").split("|")) if english else ""
    return re.compile(rf"{chinese_ones}|\b(?:{english_ones})\b" if english else chinese_ones, re.IGNORECASE)


_ENDS = re.compile(r"[。！？!?；;，,：:\n]+|\.(?=\s|$)")
_TURNS = re.compile(
    r"(?=但是|但(?!是)|不过(?!了)|只是|然而|可是)|\b(?=(?:but|however|though|although)\b)", re.IGNORECASE
)

# "不" that denies nothing, and denials of a denial.
_NO_NEGATION = _words(
    r"不(?:限|仅|但|光|单|怕|介意|在乎|要紧|拘|论|计|图|求|嫌|挑|错|少|同|断|妨|得不|超过|低于|多于|少于|收) 不管(?=什么|哪|是|多) "
    r"没问题 没有问题 没关系 没有关系 无所谓 无妨 没意见 没有意见 不是不",
    r"not only|no problem|not a problem|no preference|do(?:n'?t| not) mind|no matter|no limits?|why not|no objections?",
)
_NEGATION = _words(
    r"不(?:太|大|怎么|再|便|宜)*(?:想|愿意?|接受|接触|希望|喜欢|考虑|打算|参与|参加|承担|从事|做|干|搞|碰|跑|接|管|带|教|讲|去|上|下|当|要|能|可|适合|方便|安排|便|宜|必|行|会) "
    r"不再 避免 婉拒 谢绝 拒绝 免谈 除外 除了?(?=.{1,30}都) (?:以外|之外)(?=.{0,10}都) 请勿 没(?:有)?兴趣 不感兴趣 (?<![特区级个类分识鉴辨判])别(?=让|叫|安排|派|再|找|给) "
    r"[\u4e00-\u9fff]不(?:了|住|动|消|来|惯) 讨厌 反感 厌倦 腻了 干够了 做够了",
    r"not|no|never|avoid(?:ing)?|without|unwilling|reluctant|decline|refuse|tired of|anything but|nothing|cannot|\w{1,6}n['’]t",
)
_WILLING = _words(
    r"愿意? (?<!思)想(?!法|象) 希望 可以 (?<!不)能够?(?=[帮带教讲去到来做给为]) 喜欢 乐意 只(?:做|带|讲|教|接)",
    r"willing|happy|glad|(?:would|i['’]d)_(?:like|love)|like|love|want|prefer|can|could",
)

# When, where, for how much, in what state of health.
_CONDITIONS = _words(
    r"夜班 晚班 倒班 值班 熬夜 夜间 跟班 加班 白天 晚上 周末 节假日 下井 井下 入井 井场 登高 高处 高空 高塔 爬高 进洞 久站 站着 站立 长时间 久坐 重活 体力 重体力 "
    r"出差 长途 异地 外地 外省 出远门 远门 出国 离家 家门口 家里 就近 西部 北方 南方 本地 本市 本省 当地 驻厂 驻场 驻矿 住宿 吃住 吃饭 饮食 清真 食堂 坐班 坐办公室 办公室 工地 到岗 奔波 坐车 开车 "
    r"报酬 待遇 工资 补贴 收费 费用 免费 车费 讲课费 身体 条件 情况 允许 短期 长期 临时 孙子 孙女 老伴 照顾 腿脚 腰 听力 血压 心脏 心肺 年纪 岁数 老了 健康 精力 粉尘 噪声 噪音 高原 寒冷 高温 "
    r"英文 英语 外语 双语 方言 普通话 喝酒 应酬 酒局 宴请 采访 拍照 镜头 上镜 露面 填表 打卡 考勤",
    r"nights?|night_shifts?|shifts?|weekends?|evenings?|travel(?:ling)?|trips?|abroad|overnight|pay|paid|fees?|salary|money|health|knees?|"
    r"underground|heights?|on[- ]?site|home|hours?|days?|far|dust|noise|noisy|standing|lifting|climb(?:ing)?|relocat\w+",
)
# Whom one teaches and in which form: every request for a mentor is near to that.
_FORMS = _words(
    r"年轻人?的? 青年人?的? 新人 新手 新员工 青工 员工 职工 学员 学生 徒弟 孩子 女孩子? 男孩子? 女 男 后辈 晚辈 骨干 师傅 老师 干部 "
    r"传帮带 师带徒 带徒 授徒 收徒 讲课 讲座 授课 上课 公开课 培训 辅导 指导 教学 顾问 评审 答疑 线上 线下 远程 视频 电话 微信 现场 面谈 手把手 一对一 把关 坐镇 指挥 "
    r"专家 技术员 工程师 经验 手艺 技术 知识 本事 东西 事情? 活儿? 工作 项目 方面 有关 相关 之类 什么 这些? 那些? 任何 外方 行业 企业 公司 单位 专业 辛苦 吃苦 简单 余热 退而不休 发挥 服从 听从 配合 安排 组织 要求 特殊 哪里 需要 贡献 奉献 国家 社会 家乡 结合 服务 支援 培养 传承 图纸 审?方案 审图 照片 意见 "
    r"每周 每月 每年 每天 小时 上午 下午 [一二两三四五六七八九十\d]{1,3}到?[一二两三四五六七八九十百\d]{0,3}[个天期年月次位名班人周回趟]",
    r"mentor(?:ing|s)?|teach(?:ing)?|train(?:ing)?|coach(?:ing)?|young(?:er)?|people|engineers?|workers?|students?|apprentices?|juniors?|lectur\w+|"
    r"courses?|advice|advis\w+|help(?:ing)?|shar(?:e|ing)|experience|work(?:ing)?|projects?|jobs?|tasks?|things?|online|remote(?:ly)?|video|calls?|weekly|monthly|"
    r"week|month|year|one|two|three|four|five",
)
_FILLERS = _words(
    r"我们? 本人 自己 主要 最好 打算 比较 其他 别的 或者 可以 那种 一些 不过 但是 只是 [年月期可也都行就还再了的得和与及在到去来给跟同陪为从对把让帮做带教讲说谈听看收用有是要请吧呢啊些点好很特所以只能会想愿太]",
    r"a|an|the|of|on|in|at|to|for|with|and|or|my|me|i|i['’][dm]|am|be|is|are|any|anything|more|some|do|does|doing|would|will|should|please|only|also|long|"
    r"rather|but|however|though|although|that|it|by|from|about|am",
)
_UNCLEAR = _words(r"不是 除了 除非 如果 要是 假如 若是", r"if|unless|except")
_AROUND = re.compile(
    r"^(?:but |interested in |to |in |[\s但再又还去碰搞做干管接带教讲当和与同跟的了]|涉及|接触|从事|参与|参加|承担|处理){1,8}|(?:\s|再|了|都|的都行|(?<!骨)干|做|搞|这类事|那一套){1,8}$"
)
_HOW_MANY = re.compile(r"[一二两三四五六七八九十几\d]{1,3}到?[一二两三四五六七八九十\d]{0,3}[个位名]|年轻的?|特别")
_WORD = re.compile(r"[\u3400-\u9fff]|[a-zA-Z0-9]{1,3}(?![a-zA-Z0-9])|[a-zA-Z0-9]{2}")


def wish_texts(wishes: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is wanted and what is avoided, a clause each; clauses without a subject are left out.

    Args:
        wishes: As the person wrote them, in Chinese or English.

    Returns:
        (wanted, avoided), each text once, in the order written and in simplified characters. What denies is not in them: "不想再带焊接" gives "焊接".
    """
    wanted: dict[str, None] = {}
    avoided: dict[str, None] = {}
    for clause in _clauses(simplified(clean(wishes))):
        stated = _NO_NEGATION.sub(" ", clause)
        if _NEGATION.search(stated):
            subject = _tidy(_WILLING.sub(" ", _NEGATION.sub(" ", stated)))
            if not _CONDITIONS.search(clause) and _has_subject(subject):
                avoided[subject] = None
        elif not _UNCLEAR.search(stated) and _has_subject(stated):
            wanted[_tidy(_WILLING.sub(" ", stated))] = None
    return tuple(wanted)[:MOST_CLAUSES], tuple(avoided)[:MOST_CLAUSES]


def _clauses(text: str) -> Iterator[str]:
    for sentence in _ENDS.split(text):
        for part in _TURNS.split(sentence):
            yield from _sides(part)


def _sides(part: str) -> Iterator[str]:
    """One clause, or two where it says first what somebody would do and then, without a comma, what not."""
    masked = _NO_NEGATION.sub(lambda match: " " * len(match[0]), part)
    denial = _NEGATION.search(masked)
    if denial and (will := _WILLING.search(masked)) and will.end() < denial.start():
        yield part[: denial.start()]
        yield part[denial.start() :]
    else:
        yield part


def _has_subject(text: str) -> bool:
    for words in (_CONDITIONS, _FORMS, _WILLING, _FILLERS):
        text = words.sub(" ", text)
    return len(_WORD.findall(text)) >= _LEAST


def _tidy(text: str) -> str:
    """The subject without the verbs around it, and without how many people it is for."""
    return _AROUND.sub("", " ".join(_HOW_MANY.sub(" ", text).split()).strip("、 .·"))
