"""Cities of China: what people write for where they live, and how far apart cities are.

A city is a prefecture-level division, a municipality, a county-level city that stands directly under a province, Hong
Kong, Macau, or a main city of Taiwan. `resolve` takes what stands in a roster: "攀枝花", "四川省攀枝花市东区",
"Panzhihua, Sichuan", "昆山" (→ 苏州) and names of before ("襄樊" → 襄阳).

What has more than one meaning:

- "海南" is the province, so no city; the prefecture in Qinghai is "海南州". "吉林" is the city.
- Districts of one name ("朝阳区", "鼓楼区") need the city or province before them; `closest` names the cities.
- "Suzhou" and "Fuzhou" are 苏州 and 福州. Other spellings shared by two cities ("Taizhou", "Yichun", "Yulin") need the
  province: "Taizhou, Jiangsu".
"""

import csv
import difflib
import functools
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class City:
    """A city, by its code in the national list of divisions."""

    code: str
    """Six digits, "510400"; cities of Taiwan have numbers of our own (71nn00)."""
    name: str
    """Canonical short name, "攀枝花". Unique."""
    full_name: str
    """Official name, "攀枝花市"."""
    province: str
    """Official name of the province, "四川省"; of a municipality its own."""
    english: str
    """English or pinyin name, "Panzhihua". Not unique."""
    latitude: float
    """Degrees north, WGS 84."""
    longitude: float
    """Degrees east, WGS 84."""


# Characters of place names, traditional → simplified. Those that differ between names only ("乾縣") are left alone.
_TRADITIONAL = str.maketrans(
    "東亞儀齊餘興內岡農馮別區華衛廈縣雙臺啟吳鹹團園圖聖壢壩墾夾奧孫寧寶宮將爾嶺島岡峽嶗巖帶莊廣廬慶應龍張彌彥徵德懷揚搖擁"
    "撫數無舊時曠會東楊極樂樓橫歐漢滬沖溝瀘濟瀏潤淥漣渦滄溫滿漁灣滙濱灤灘濰瀋燈爐獨獅獻環瓊甌異畢療發鹽盧監確礦碭祿禪"
    "離種積穩穎競筆紅納紹終經綏維綿緬縉織羅義聯肅膠臨興舊艱萊蓮蔣蘆蘇蘭藍薊蕪華葉蒼術裡襄覺觀許諸謝譙證豐貞貢貴費賀資賓"
    "賽贊贛趙車軍載輝輪遼達遷運過遙還邊連進遠鄒鄧鄭鄰釣鋼錢鐵鉛銅銀鋒錫錦鎮鏡長門開間閩閬關陝陽陰陳陸隴隨雞離雲電靈靜韋韓順項頂額"
    "風饒館馬駐騰驛魯鮮鳳鳴鶴鶏鷹鹹麗麥黃黨齊齡慄岩峯滎欒濼塗衆國廳懷灃漵潛澗犍瑤萬與專業叢個為烏習鄉書買亂爭倉侖優傘儲儋"
    "凍淨涼幾憑擊劃劉則剛創勞勢單賣參變號葉後嚮員週哈響圍場塊堅壘壽備復頭奪奮孿學寬實審對導屆層屬崗嶽嵐巋幹廠廟廢歸當錄彙",
    "东亚仪齐余兴内冈农冯别区华卫厦县双台启吴咸团园图圣坜坝垦夹奥孙宁宝宫将尔岭岛冈峡崂岩带庄广庐庆应龙张弥彦征德怀扬摇拥"
    "抚数无旧时旷会东杨极乐楼横欧汉沪冲沟泸济浏润渌涟涡沧温满渔湾汇滨滦滩潍沈灯炉独狮献环琼瓯异毕疗发盐卢监确矿砀禄禅"
    "离种积稳颍竞笔红纳绍终经绥维绵缅缙织罗义联肃胶临兴旧艰莱莲蒋芦苏兰蓝蓟芜华叶苍术里襄觉观许诸谢谯证丰贞贡贵费贺资宾"
    "赛赞赣赵车军载辉轮辽达迁运过遥还边连进远邹邓郑邻钓钢钱铁铅铜银锋锡锦镇镜长门开间闽阆关陕阳阴陈陆陇随鸡离云电灵静韦韩顺项顶额"
    "风饶馆马驻腾驿鲁鲜凤鸣鹤鸡鹰咸丽麦黄党齐龄栗岩峰荥栾泺涂众国厅怀沣溆潜涧犍瑶万与专业丛个为乌习乡书买乱争仓仑优伞储儋"
    "冻净凉几凭击划刘则刚创劳势单卖参变号叶后向员周哈响围场块坚垒寿备复头夺奋孪学宽实审对导届层属岗岳岚岿干厂庙废归当录汇",
)
_PROVINCES_EN = {
    "inner mongolia": "内蒙古自治区", "neimenggu": "内蒙古自治区", "guangxi": "广西壮族自治区", "tibet": "西藏自治区",
    "xizang": "西藏自治区", "ningxia": "宁夏回族自治区", "xinjiang": "新疆维吾尔自治区", "hebei": "河北省",
    "shanxi": "山西省", "liaoning": "辽宁省", "jilin": "吉林省", "heilongjiang": "黑龙江省", "jiangsu": "江苏省",
    "zhejiang": "浙江省", "anhui": "安徽省", "fujian": "福建省", "jiangxi": "江西省", "shandong": "山东省",
    "henan": "河南省", "hubei": "湖北省", "hunan": "湖南省", "guangdong": "广东省", "hainan": "海南省",
    "sichuan": "四川省", "guizhou": "贵州省", "yunnan": "云南省", "shaanxi": "陕西省", "gansu": "甘肃省",
    "qinghai": "青海省", "taiwan": "台湾省",
}  # fmt: skip
_PREFERRED_EN = {"suzhou": "苏州", "fuzhou": "福州", "yulin": "", "jilin": "吉林", "xinxing": "新星"}
_ENGLISH_TAIL = re.compile(r"\b(city|shi|prefecture|municipality|province|p\.?r\.? ?china|china)\b\.?")
_SUFFIXES = ("自治州", "地区", "专区", "特区", "市", "盟", "州", "县")
_SEPARATORS = re.compile(r"[\s·•,，、/\\|—–\-_:：]+")


class _Gazetteer:
    """The names of all cities and what lies in them."""

    def __init__(self, cities: Iterable[dict[str, str]], places: Iterable[dict[str, str]]) -> None:
        self.cities = [
            City(
                code=row["code"],
                name=row["name"],
                full_name=row["full_name"],
                province=row["province"],
                english=row["english"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
            )
            for row in cities
        ]
        by_code = {city.code: city for city in self.cities}
        self.by_name = {city.name: city for city in self.cities}
        self.by_full = {city.full_name: city for city in self.cities}
        self.by_english: dict[str, list[City]] = defaultdict(list)
        self.by_place: dict[str, dict[str, set[City]]] = {"county": defaultdict(set), "former": defaultdict(set)}
        self.parts: dict[str, set[str]] = defaultdict(set)
        self.provinces = {short_province(city.province): city.province for city in self.cities}
        for city in self.cities:
            self.by_english[_fold_english(city.english)].append(city)
        for row in places:
            city = by_code[row["city"]]
            for name in {row["name"], row["full_name"]}:
                if len(name) > 1:
                    self.by_place[row["kind"]][name].add(city)
                    self.parts[city.code].add(name)

    def chinese(self, text: str) -> City | None:
        """Resolves a Chinese text without separators."""
        found = self._inside(text, None)
        if found:
            return found
        for short, province in self.provinces.items():
            for prefix in (province, short):
                if text.startswith(prefix) and len(text) > len(prefix):
                    found = self._inside(text.removeprefix(prefix), province)
                    if found:
                        return found
        return None

    def _inside(self, text: str, province: str | None) -> City | None:
        """Resolves a text inside a province; without one, in the whole country."""

        def fits(city: City) -> bool:
            return province in {None, city.province}

        def only(cities: Iterable[City]) -> City | None:
            left = [city for city in cities if fits(city)]
            return left[0] if len(left) == 1 else None

        exact = self.by_name.get(text) or self.by_full.get(text)
        if exact and fits(exact):
            return exact
        for kind in ("county", "former"):
            if text in self.by_place[kind]:
                return only(self.by_place[kind][text])
        for suffix in _SUFFIXES:
            stem = text.removesuffix(suffix)
            if len(stem) > 1 and stem != text:
                city = self.by_name.get(stem) or only(self.by_place["county"].get(stem, ()))
                if city and fits(city):
                    return city
        # An address: a city's full name and anything, or its short name and a part of that city.
        for length in range(min(len(text) - 1, 14), 1, -1):
            head, tail = text[:length], text[length:]
            city = self.by_full.get(head)
            if city and fits(city):
                return city
            city = self.by_name.get(head)
            if city and fits(city) and any(tail.startswith(part) for part in self.parts[city.code]):
                return city
            if head[-1] in "市县旗区":
                city = only(self.by_place["county"].get(head, ()))
                if city:
                    return city
        return None

    def english(self, text: str) -> City | None:
        """Resolves a text in Latin letters: the city first, the province behind a comma or a space."""
        words = [part for part in (_ENGLISH_TAIL.sub("", each).strip() for each in text.split(",")) if part]
        if not words:
            return None
        province = next((_PROVINCES_EN[word] for word in words[1:] if word in _PROVINCES_EN), None)
        name = words[0]
        found = self.by_english.get(_fold_english(name), [])
        if not found and province is None:
            for english, chinese in _PROVINCES_EN.items():
                if name.endswith(" " + english):
                    province, name = chinese, name.removesuffix(english)
            found = self.by_english.get(_fold_english(name), [])
        if province:
            found = [city for city in found if city.province == province]
        elif preferred := self.by_name.get(_PREFERRED_EN.get(_fold_english(name), "")):
            return preferred
        return found[0] if len(found) == 1 else None


def short_province(province: str) -> str:
    """Gives "四川" for "四川省", "内蒙古" for "内蒙古自治区"."""
    for suffix in ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"):
        if province.endswith(suffix):
            return province.removesuffix(suffix)
    return province


def resolve(text: str) -> City | None:
    """Finds the city that a text means; None where there is none or more than one."""
    return _resolve(text[:200]) if text else None


def closest(text: str, n: int = 3) -> list[str]:
    """Gives up to `n` canonical names that the writer of an unknown text may have meant, the likeliest first."""
    gazetteer = _gazetteer()
    cleaned = _clean(text[:60])
    if not cleaned:
        return []
    squeezed = _SEPARATORS.sub("", cleaned)
    found = dict.fromkeys(_ambiguous(gazetteer, squeezed))
    for key in _near(gazetteer, squeezed, n):
        found.setdefault(key)
    return list(found)[:n]


def distance_km(a: City, b: City) -> float:
    """Gives the distance between two cities over the ground as the crow flies, in kilometres."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    d_lat, d_lon = lat_b - lat_a, math.radians(b.longitude - a.longitude)
    h = math.sin(d_lat / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(d_lon / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, h)))


def all_cities() -> list[City]:
    """Gives every city, in the order of the codes."""
    return list(_gazetteer().cities)


@functools.lru_cache(maxsize=4096)
def _resolve(text: str) -> City | None:
    cleaned = _clean(text)
    if not cleaned:
        return None
    if cleaned.isascii():
        return _gazetteer().english(cleaned)
    squeezed = _SEPARATORS.sub("", cleaned)
    for prefix in ("中华人民共和国", "中国"):
        squeezed = squeezed.removeprefix(prefix)
    gazetteer = _gazetteer()
    # 瀋陽 → 沈阳 and 乾縣 → 乾县 both hold: first as written, then simplified.
    return gazetteer.chinese(squeezed) or gazetteer.chinese(squeezed.translate(_TRADITIONAL))


def _ambiguous(gazetteer: _Gazetteer, text: str) -> Iterator[str]:
    """Gives the cities that share a name."""
    for city in gazetteer.by_english.get(_fold_english(text), ()):
        yield city.name
    for kind in gazetteer.by_place.values():
        for city in sorted(kind.get(text, ()), key=lambda city: city.code):
            yield city.name


def _near(gazetteer: _Gazetteer, text: str, n: int) -> Iterator[str]:
    """Gives cities with similar names."""
    if text.isascii():
        for match in difflib.get_close_matches(_fold_english(text), gazetteer.by_english, n, 0.6):
            for city in gazetteer.by_english[match]:
                yield city.name
        return
    text = text.translate(_TRADITIONAL)
    for short, province in gazetteer.provinces.items():
        stem = text.removeprefix(province).removeprefix(short)
        if stem != text:
            text = stem
            break
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and len(text) > len(suffix) + 1:
            text = text.removesuffix(suffix)
            break
    yield from difflib.get_close_matches(text, gazetteer.by_name, n, 0.5)


def _clean(text: str) -> str:
    """Gives the text in half width and lower case, without spaces around and without what stands in brackets."""
    return re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", text)).strip().casefold().replace("臺", "台")


def _fold_english(name: str) -> str:
    """Gives the letters a–z of a name: "Xi'an" → "xian", "Lüliang" → "luliang"."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z]", "", decomposed)


@functools.cache
def _gazetteer() -> _Gazetteer:
    data = resources.files("yinling_common") / "data"
    with (
        (data / "cities.csv").open(encoding="utf-8", newline="") as cities,
        (data / "places.csv").open(encoding="utf-8", newline="") as places,
    ):
        return _Gazetteer(csv.DictReader(cities), csv.DictReader(places))
