"""English names of Chinese regions: reviewed spellings, and the whole tree spelled in letters."""

from __future__ import annotations

import pytest

from app.regions import region_tree
from app.regions.names import english_name


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("深圳市", "Shenzhen"),
        ("龙华区", "Longhua District"),
        ("内蒙古自治区", "Inner Mongolia"),
        ("西藏自治区", "Tibet"),
        ("新疆维吾尔自治区", "Xinjiang"),
        ("香港特别行政区", "Hong Kong"),
        ("陕西省", "Shaanxi"),
        ("山西省", "Shanxi"),
        ("哈尔滨市", "Harbin"),
        ("呼和浩特市", "Hohhot"),
        ("乌鲁木齐市", "Urumqi"),
        ("西安市", "Xi'an"),
        ("吕梁市", "Lüliang"),
        ("重庆市", "Chongqing"),
        ("朝阳区", "Chaoyang District"),
        ("长沙县", "Changsha County"),
        ("长阳土家族自治县", "Changyang Tujia Autonomous County"),
        ("漯河市", "Luohe"),
        ("成都市", "Chengdu"),
        ("六安市", "Lu'an"),
        ("六合区", "Liuhe District"),
        ("喀什地区", "Kashgar Prefecture"),
        ("兴安盟", "Hinggan League"),
        ("海西蒙古族藏族自治州", "Haixi Mongol and Tibetan Autonomous Prefecture"),
        ("延边朝鲜族自治州", "Yanbian Korean Autonomous Prefecture"),
        ("积石山保安族东乡族撒拉族自治县", "Jishishan Bonan, Dongxiang and Salar Autonomous County"),
        ("鄂温克族自治旗", "Evenki Autonomous Banner"),
        ("锡林浩特市", "Xilinhot"),
        ("忠县", "Zhong County"),
        ("神农架林区", "Shennongjia Forestry District"),
        ("曾都区", "Zengdu District"),
    ],
)
def test_reviewed_names(chinese: str, english: str) -> None:
    assert english_name(chinese) == english


def test_every_region_of_the_tree_has_a_name_in_letters() -> None:
    for region in region_tree("cn").regions.values():
        assert region.name.en.isascii() or "ü" in region.name.en, region
        assert region.name.en[0].isupper(), region
        assert "Autonomous" not in region.name.en or "自治" in region.name.zh
