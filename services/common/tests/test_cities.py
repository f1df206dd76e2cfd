import time

import pytest

from yinling_common import cities


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("攀枝花", "攀枝花"),
        ("攀枝花市", "攀枝花"),
        ("四川省攀枝花市", "攀枝花"),
        ("四川攀枝花", "攀枝花"),
        ("四川 攀枝花", "攀枝花"),
        ("四川省/攀枝花市", "攀枝花"),
        ("四川-攀枝花-东区", "攀枝花"),
        ("  攀枝花\u3000", "攀枝花"),
        ("攀枝花市（东区）", "攀枝花"),
        ("中国四川省攀枝花市东区炳草岗大街1号", "攀枝花"),
        ("北京", "北京"),
        ("北京市", "北京"),
        ("北京市朝阳区", "北京"),
        ("北京海淀", "北京"),
        ("北京 海淀区", "北京"),
        ("重庆市涪陵区", "重庆"),
        ("重庆万州", "重庆"),
        ("延边", "延边"),
        ("延边州", "延边"),
        ("延边朝鲜族自治州", "延边"),
        ("吉林省延边朝鲜族自治州延吉市", "延边"),
        ("延吉", "延边"),
        ("内蒙古锡林郭勒盟", "锡林郭勒"),
        ("内蒙古自治区呼伦贝尔市", "呼伦贝尔"),
        ("阿克苏地区", "阿克苏"),
        ("新疆阿克苏", "阿克苏"),
        ("石河子", "石河子"),
        ("新疆石河子市", "石河子"),
        ("湖北仙桃", "仙桃"),
        ("仙桃市", "仙桃"),
        ("昆山市", "苏州"),
        ("江苏昆山", "苏州"),
        ("苏州昆山", "苏州"),
        ("江苏省昆山市玉山镇", "苏州"),
        ("襄樊", "襄阳"),
        ("襄樊市", "襄阳"),
        ("莱芜市", "济南"),
        ("巢湖市", "合肥"),
        ("北京市崇文区", "北京"),
        ("吉林", "吉林"),
        ("吉林市", "吉林"),
        ("吉林省吉林市", "吉林"),
        ("吉林长春", "长春"),
        ("朝阳", "朝阳"),
        ("辽宁朝阳", "朝阳"),
        ("朝阳市", "朝阳"),
        ("海南州", "海南州"),
        ("青海省海南藏族自治州", "海南州"),
        ("海南省海口市", "海口"),
        ("海南三亚", "三亚"),
        ("香港", "香港"),
        ("香港特别行政区", "香港"),
        ("中国香港", "香港"),
        ("澳门", "澳门"),
        ("台北", "台北"),
        ("臺北市", "台北"),
        ("台湾省台北市", "台北"),
        ("瀋陽", "沈阳"),
        ("廣東省廣州市", "广州"),
        ("烏魯木齊", "乌鲁木齐"),
        ("葫蘆島", "葫芦岛"),
        ("Panzhihua", "攀枝花"),
        ("panzhihua city", "攀枝花"),
        ("Panzhihua, Sichuan", "攀枝花"),
        ("Panzhihua, Sichuan Province, China", "攀枝花"),
        ("ＢＥＩＪＩＮＧ", "北京"),
        ("Xi'an", "西安"),
        ("xian", "西安"),
        ("Urumqi", "乌鲁木齐"),
        ("Hong Kong", "香港"),
        ("Lhasa", "拉萨"),
        ("Suzhou", "苏州"),
        ("Suzhou, Anhui", "宿州"),
        ("Taizhou, Jiangsu", "泰州"),
        ("Taizhou Zhejiang", "台州"),
        ("Yichun, Jiangxi", "宜春"),
    ],
)
def test_resolves_what_people_write(text: str, name: str) -> None:
    city = cities.resolve(text)
    assert city is not None, text
    assert city.name == name


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "火星", "某市", "海南", "海南省", "四川", "四川省", "中国", "朝阳区", "鼓楼区", "Taizhou", "Yulin",
        "Springfield", "上海路12号", "攀枝花学院", "北京人", "市", "省", "州", "a", "?", "广东北京", "四川省昆山市",
        "x" * 10_000, "市" * 5000, "\x00", "123456",
    ],
)  # fmt: skip
def test_unknown_and_ambiguous_texts_resolve_to_nothing(text: str) -> None:
    assert cities.resolve(text) is None


def test_every_city_is_found_by_each_of_its_names() -> None:
    for city in cities.all_cities():
        assert cities.resolve(city.name) == city
        assert cities.resolve(city.full_name) == city
        assert cities.resolve(city.province + city.full_name) == city
        assert cities.resolve(f" {city.province} {city.name} ") == city


def test_the_list_is_complete_and_its_names_are_unique() -> None:
    every = cities.all_cities()
    assert len({city.name for city in every}) == len({city.code for city in every}) == len(every)
    prefectures = [city for city in every if city.code.endswith("00") and city.code[:2] not in {"71", "81", "82"}]
    assert len(prefectures) == 333 + 4  # what the national list of the end of 2024 counts, and the municipalities
    for city in every:
        assert 3.0 < city.latitude < 54.0, city
        assert 73.0 < city.longitude < 136.0, city
        assert city.english
        assert city.english[0].isupper()


def test_closest_names_for_advice() -> None:
    assert cities.closest("攀枝化")[0] == "攀枝花"
    assert cities.closest("四川省攀枝化市")[0] == "攀枝花"
    assert cities.closest("Panzihua")[0] == "攀枝花"
    assert cities.closest("朝阳区")[:2] == ["北京", "长春"]
    assert set(cities.closest("Taizhou")) == {"台州", "泰州"}
    assert len(cities.closest("州", n=3)) <= 3
    assert cities.closest("") == []
    assert cities.closest("zzzzzz") == []


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [("北京", "上海", 1068), ("攀枝花", "成都", 500), ("广州", "深圳", 104), ("北京", "北京", 0)],
)
def test_distances(a: str, b: str, km: float) -> None:
    first, second = cities.resolve(a), cities.resolve(b)
    assert first is not None
    assert second is not None
    assert cities.distance_km(first, second) == pytest.approx(km, rel=0.05, abs=0.1)
    assert cities.distance_km(first, second) == cities.distance_km(second, first)


def test_is_fast() -> None:
    cities.resolve("攀枝花")
    started = time.process_time()  # not the clock on the wall: others work on this machine too
    for number in range(1000):
        cities.resolve(f"四川省攀枝花市东区{number}号")
    assert time.process_time() - started < 2
