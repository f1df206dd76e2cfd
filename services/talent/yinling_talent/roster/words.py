"""Words that stand for the values of an enum: genders, ways of working, limits, languages.

Those for title levels are in `yinling_common.titles`: matching reads titles too.
"""

# ruff: noqa: E501 - word lists read better on long lines; Chinese counts double

import re
import unicodedata

from yinling_common.types import Gender, Mode, PhysicalDemand, TravelRange
from yinling_talent.roster.cells import fold, is_nothing, items

_GENDERS = {"男": Gender.MALE, "男性": Gender.MALE, "m": Gender.MALE, "male": Gender.MALE, "先生": Gender.MALE,
            "女": Gender.FEMALE, "女性": Gender.FEMALE, "f": Gender.FEMALE, "female": Gender.FEMALE,
            "女士": Gender.FEMALE}  # fmt: skip

_BOTH_MODES = re.compile(
    r"均可|都可|都行|皆可|不限|两者|两种|都能|任意|随意|线上线下|线上\+线下|混合|both|any|hybrid|现场远程"
)
_ON_SITE = re.compile(r"现场|线下|驻厂|驻场|到场|坐班|面授|上门|面对面|实地|到岗|on-?site|offline|inperson")
_REMOTE = re.compile(r"远程|线上|视频|电话|网上|网络|在线|居家|在家|remote|online")
_NOT = re.compile(r"不|非|无法|拒|除|not|no\b")

_TRAVEL = [
    (TravelRange.NATIONWIDE, re.compile(r"全国|不限|各地|跨省|外省|国内|任何|nationwide|anywhere|country")),
    (TravelRange.PROVINCE, re.compile(r"本省|省内|全省|周边城市|本自治区|区内|province")),
    (
        TravelRange.CITY,
        re.compile(r"本市|市内|同城|本地|当地|就近|家门口|本城|本区|本县|不出差|不出市|不能出差|city|local"),
    ),
]
_TRAVEL_YES_NO = {"是": TravelRange.NATIONWIDE, "可": TravelRange.NATIONWIDE, "可以": TravelRange.NATIONWIDE,
                  "能": TravelRange.NATIONWIDE, "可出差": TravelRange.NATIONWIDE, "yes": TravelRange.NATIONWIDE,
                  "否": TravelRange.CITY, "不可": TravelRange.CITY, "不能": TravelRange.CITY, "不": TravelRange.CITY,
                  "no": TravelRange.CITY}  # fmt: skip
_KILOMETRES = re.compile(r"(?<!\d)(\d{1,5})(?:\.\d+)?(?:[-~—–至到]+\d+)?(?:公里|千米|km)")

_LIMITS = [
    (PhysicalDemand.UNDERGROUND, re.compile(r"井下|下井|地下作业|地下|入坑|下矿|underground")),
    (PhysicalDemand.HEIGHTS, re.compile(r"高处|登高|高空|爬高|攀高|高架|恐高|heights?")),
    (PhysicalDemand.NIGHT_SHIFT, re.compile(r"夜班|熬夜|倒班|夜间|晚班|三班|nightshifts?|nightwork")),
    (PhysicalDemand.LONG_JOURNEYS, re.compile(r"长途|出差|远途|远行|长时间(乘|坐)车|远距离|longjourneys?|longtrips?|travel")),
    (PhysicalDemand.STANDING, re.compile(r"久站|站立|久立|长时间站|standing")),
    (PhysicalDemand.HEAVY_WORK, re.compile(r"重体力|重物|负重|搬运|体力劳动|体力活|重活|搬抬|heavywork|heavylifting")),
    (PhysicalDemand.DUST_AND_NOISE, re.compile(r"粉尘|噪声|噪音|灰尘|扬尘|尘肺环境|dust|noise")),
]  # fmt: skip
_HEALTHY = re.compile(
    r"(身体|健康)?(状况|情况)?(很|较|非常|比较|基本)?(健康|良好|正常|好|健壮|硬朗|一般|尚可|优秀|优|良)"
    r"|无(任何|特殊|其他|身体)*(限制|禁忌|疾病|不适|要求)|没有(限制|禁忌|疾病)|无重大疾病|不限|healthy|good|none"
)
_ALLOWED = re.compile(r"^(仍|尚|还)?(可以?|能够?|适应|接受|胜任)(?!.*不)")
_LIMIT_WORDS = re.compile(
    r"^(因.{1,12}?)?(不能|不宜|不可|不适合|不适宜|避免|禁止|禁|不从事|无法|不可以|不得|忌|怕|不再|不便|不)?(从事|参加|进行|承担|上|做|搞)?"
)

_LANGUAGES = {
    "zh": "普通话 中文 汉语 国语 华语 chinese mandarin 汉 四川话 川话 东北话 河南话 山东话 陕西话 云南话 贵州话 湖北话 武汉话 "
    "重庆话 天津话 北京话 西南官话 当地话 本地话 方言 家乡话",
    "en": "英语 英文 english", "yue": "粤语 广东话 广州话 白话 cantonese", "ru": "俄语 俄文 russian", "ja": "日语 日文 japanese",
    "de": "德语 德文 german", "fr": "法语 法文 french", "ko": "韩语 朝鲜语 韩文 朝语 korean", "es": "西班牙语 西语 spanish",
    "pt": "葡萄牙语 葡语 portuguese", "ar": "阿拉伯语 阿语 arabic", "it": "意大利语 italian", "vi": "越南语 越语 vietnamese",
    "th": "泰语 thai", "mn": "蒙古语 蒙语 蒙古文 mongolian", "bo": "藏语 藏文 tibetan", "ug": "维吾尔语 维语 维文 uyghur uighur",
    "kk": "哈萨克语 哈语 kazakh", "ky": "柯尔克孜语 吉尔吉斯语", "za": "壮语 zhuang", "ii": "彝语 yi", "hmn": "苗语",
    "nan": "海南话 闽南语 闽南话 台语 潮汕话 潮州话 hokkien", "hak": "客家话 客家语 客语 hakka", "wuu": "上海话 吴语 苏州话 温州话 宁波话 杭州话",
    "tji": "土家语", "ium": "瑶语", "mnc": "满语", "kmc": "侗语", "pcc": "布依语", "tdd": "傣语", "bca": "白语", "hni": "哈尼语",
    "nxq": "纳西语", "lis": "傈僳语", "sjo": "锡伯语", "dta": "达斡尔语", "evn": "鄂温克语", "orh": "鄂伦春语", "cng": "羌语",
    "swi": "水语", "slr": "撒拉语", "mjg": "土族语", "sce": "东乡语", "tg": "塔吉克语", "uz": "乌孜别克语 乌兹别克语",
    "hsn": "湘语 湖南话 长沙话", "gan": "赣语 江西话 南昌话", "cjy": "晋语 山西话 太原话", "cdo": "福州话 闽东语",
}  # fmt: skip
_LANGUAGE_OF = {word: tag for tag, words in _LANGUAGES.items() for word in words.split()}
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def gender(value: str) -> Gender | None:
    """The gender that a word names."""
    return _GENDERS.get(fold(value))


def modes(value: str) -> tuple[Mode, ...] | None:
    """The ways of working that a text accepts; None where that is not clear ("不去现场")."""
    folded = fold(value)
    if _BOTH_MODES.search(folded):
        return (Mode.ON_SITE, Mode.REMOTE)
    if _NOT.search(folded):
        return None
    found = tuple(
        mode for mode, pattern in ((Mode.ON_SITE, _ON_SITE), (Mode.REMOTE, _REMOTE)) if pattern.search(folded)
    )
    return found or None


def travel(value: str) -> TravelRange | None:
    """How far a text says that the person goes; the widest that it names."""
    folded = fold(value)
    if folded in _TRAVEL_YES_NO:
        return _TRAVEL_YES_NO[folded]
    if folded.startswith(("不出", "不能出", "仅本市", "只在本市", "不接受出差")):
        return TravelRange.CITY
    return next((reach for reach, pattern in _TRAVEL if pattern.search(folded)), None)


def kilometres(value: str) -> int | None:
    """The distance that a text names in kilometres: "100公里以内" → 100, of a range the lower end; None where it names none."""
    found = _KILOMETRES.search(fold(value))
    return int(found[1]) if found else None


def limits(value: str) -> tuple[tuple[PhysicalDemand, ...], tuple[str, ...], tuple[str, ...]]:
    """The limits that a text names: those with a name of their own, the others word for word, and what was passed over.

    "良好" and "无" are no limits. "可以下井" says what the body does allow: it is passed over.
    """
    known: dict[PhysicalDemand, None] = {}
    others: dict[str, None] = {}
    passed: list[str] = []
    for part in items(re.sub(r"[。.]|以及|及其?|和|与|或者?", "、", unicodedata.normalize("NFKC", value))):
        folded = fold(part)
        if is_nothing(part) or _HEALTHY.fullmatch(folded):
            continue
        if _ALLOWED.match(folded):
            passed.append(part)
            continue
        found = [limit for limit, pattern in _LIMITS if pattern.search(folded)]
        for limit in found:
            known[limit] = None
        rest = _LIMIT_WORDS.sub("", part).strip()
        if not found and rest:
            others[rest] = None
    return tuple(sorted(known)), tuple(others), tuple(passed)


def languages(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags of the languages that a text names, and the words that are not known."""
    tags: dict[str, None] = {}
    unknown: list[str] = []
    for part in items(re.sub(r"[和及与+]", "、", value)):
        folded = re.sub(
            r"\([^()]*\)|母语|流利|熟练|精通|一般|较好|良好|会|懂|能|[一二三四六八]级|cet-?\d", "", fold(part)
        )
        tag = _LANGUAGE_OF.get(folded) or next((t for w, t in _LANGUAGE_OF.items() if len(w) > 1 and w in folded), None)
        if tag is None and folded.endswith("话"):
            tag = "zh"  # 唐山话, 徐州话: a way of speaking Mandarin, unless it is in the list
        if tag is None and _TAG.fullmatch(part.strip()) and len(part.strip()) <= 20:
            first, dash, rest = part.strip().partition("-")
            tag = first.lower() + dash + rest
        if tag:
            tags[tag] = None
        elif folded:
            unknown.append(part)
    return tuple(tags), tuple(unknown)
