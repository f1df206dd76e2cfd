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
    "亞來侖倉倫儀內別剛勝區叢吳啟單嚮國圍園圖團場塗墾壘壩壯壽夾婁孫宮寧審寬寶將岡峯島峽崑崗嵐嶗嶧嶺嶽巖帶庫廈廠廣廬張"
    "彌彙彥徵慄慶憑應懷揚撫會東棗楊業極榮樂樓樹橫欒欽歸沖涼淥渦溝溫滄滎滙滿漢漣漵潁潛潤澗澠澤濟濰濱瀋瀏瀘瀾灘灣灤烏燈"
    "營爐爾獅獨獻瑤瑪環瓊甌畢監盤盧碭確礦祿禪禮積穎競節紅納紹綏經維綿縉縣績織羅義習聖聯肅膠臘臨臺興舊荊莊華萊萬葉蒼蓮"
    "蕪蕭薊薩藍蘄蘆蘇蘭衛覺觀許諸謝譙豐貝貞貢貴費賀資賓賢賽贊贛趙車軍載輝輪農連週進運達遙遠遷遼邊郟鄉鄒鄖鄧鄭鄰鄲鉛銀"
    "銅鋒鋼錢錦錫鎮鏡鐵長門開間閩閬關陝陰陳陸陽隨隴雙雞離雲電靈靜鞏韓響頂項順頗額風餘館饒馬駐騰驛鬱魯鮮鳳鳴鴨鶏鶴鷹鹹"
    "鹽麗麥黃黨齊龍",
    "亚来仑仓伦仪内别刚胜区丛吴启单向国围园图团场涂垦垒坝壮寿夹娄孙宫宁审宽宝将冈峰岛峡昆岗岚崂峄岭岳岩带库厦厂广庐张"
    "弥汇彦征栗庆凭应怀扬抚会东枣杨业极荣乐楼树横栾钦归冲凉渌涡沟温沧荥汇满汉涟溆颍潜润涧渑泽济潍滨沈浏泸澜滩湾滦乌灯"
    "营炉尔狮独献瑶玛环琼瓯毕监盘卢砀确矿禄禅礼积颍竞节红纳绍绥经维绵缙县绩织罗义习圣联肃胶腊临台兴旧荆庄华莱万叶苍莲"
    "芜萧蓟萨蓝蕲芦苏兰卫觉观许诸谢谯丰贝贞贡贵费贺资宾贤赛赞赣赵车军载辉轮农连周进运达遥远迁辽边郏乡邹郧邓郑邻郸铅银"
    "铜锋钢钱锦锡镇镜铁长门开间闽阆关陕阴陈陆阳随陇双鸡离云电灵静巩韩响顶项顺颇额风余馆饶马驻腾驿郁鲁鲜凤鸣鸭鸡鹤鹰咸"
    "盐丽麦黄党齐龙",
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
                if len(name) > 1 and name not in self.provinces:  # 海南区 of 乌海 is not what "海南" means
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
        for length in range(min(len(text) - 1, 14), 1, -1):
            city = self._address(text[:length], text[length:])
            if city and fits(city):
                return city
        heads = (text[:length] for length in range(min(len(text) - 1, 14), 1, -1) if text[length - 1] in "市县旗区")
        return next(filter(None, (only(self.by_place["county"].get(head, ())) for head in heads)), None)

    def _address(self, head: str, tail: str) -> City | None:
        """Resolves a city's full name with anything behind it, or its short name with a part of that city."""
        city = self.by_full.get(head)
        if city:
            return city
        city = self.by_name.get(head)
        return city if city and any(tail.startswith(part) for part in self.parts[city.code]) else None

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
    found = dict.fromkeys(_ambiguous(gazetteer, squeezed)) or dict.fromkeys(_near(gazetteer, squeezed, n))
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
    cities, places = ((data / name).read_text("utf-8").splitlines() for name in ("cities.csv", "places.csv"))
    return _Gazetteer(csv.DictReader(cities), csv.DictReader(places))
