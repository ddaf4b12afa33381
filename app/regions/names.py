"""English names of Chinese regions: pinyin of the proper name, the kind of region translated, and a reviewed table of exceptions.

Exceptions follow the spellings of the Xinhua and UNGEGN lists: names from Mongolian, Tibetan and Uyghur, Hong Kong, Macao and
Taiwan, and readings that pinyin alone gets wrong.
"""

from __future__ import annotations

from pypinyin import lazy_pinyin

PEOPLES = {
    "蒙古": "Mongol",
    "蒙古族": "Mongol",
    "回族": "Hui",
    "藏族": "Tibetan",
    "羌族": "Qiang",
    "彝族": "Yi",
    "苗族": "Miao",
    "侗族": "Dong",
    "布依族": "Buyei",
    "土家族": "Tujia",
    "白族": "Bai",
    "傣族": "Dai",
    "景颇族": "Jingpo",
    "傈僳族": "Lisu",
    "哈尼族": "Hani",
    "壮族": "Zhuang",
    "朝鲜族": "Korean",
    "满族": "Manchu",
    "黎族": "Li",
    "瑶族": "Yao",
    "畲族": "She",
    "土族": "Tu",
    "撒拉族": "Salar",
    "保安族": "Bonan",
    "东乡族": "Dongxiang",
    "裕固族": "Yugur",
    "哈萨克": "Kazakh",
    "哈萨克族": "Kazakh",
    "柯尔克孜": "Kyrgyz",
    "塔吉克": "Tajik",
    "锡伯": "Xibe",
    "达斡尔族": "Daur",
    "鄂温克族": "Evenki",
    "鄂伦春": "Oroqen",
    "仡佬族": "Gelao",
    "水族": "Sui",
    "毛南族": "Maonan",
    "仫佬族": "Mulao",
    "各族": "Various Nationalities",
    "拉祜族": "Lahu",
    "佤族": "Va",
    "布朗族": "Blang",
    "纳西族": "Naxi",
    "普米族": "Pumi",
    "怒族": "Nu",
    "独龙族": "Derung",
    "维吾尔": "Uyghur",
}

# Whole names.
EXCEPTIONS = {
    "内蒙古自治区": "Inner Mongolia",
    "西藏自治区": "Tibet",
    "新疆维吾尔自治区": "Xinjiang",
    "宁夏回族自治区": "Ningxia",
    "广西壮族自治区": "Guangxi",
    "陕西省": "Shaanxi",
    "台湾省": "Taiwan",
    "香港特别行政区": "Hong Kong",
    "澳门特别行政区": "Macao",
    "黑龙江省": "Heilongjiang",
    "中西区": "Central and Western District",
    "东区": "Eastern District",
    "南区": "Southern District",
    "北区": "North District",
    "湾仔区": "Wan Chai District",
    "九龙城区": "Kowloon City District",
    "观塘区": "Kwun Tong District",
    "深水埗区": "Sham Shui Po District",
    "黄大仙区": "Wong Tai Sin District",
    "油尖旺区": "Yau Tsim Mong District",
    "离岛区": "Islands District",
    "葵青区": "Kwai Tsing District",
    "西贡区": "Sai Kung District",
    "沙田区": "Sha Tin District",
    "屯门区": "Tuen Mun District",
    "大埔区": "Tai Po District",
    "荃湾区": "Tsuen Wan District",
    "元朗区": "Yuen Long District",
    "台北市": "Taipei",
    "新北市": "New Taipei",
    "桃园市": "Taoyuan",
    "台中市": "Taichung",
    "台南市": "Tainan",
    "高雄市": "Kaohsiung",
    "基隆市": "Keelung",
    "新竹市": "Hsinchu",
    "新竹县": "Hsinchu County",
    "苗栗县": "Miaoli County",
    "彰化县": "Changhua County",
    "南投县": "Nantou County",
    "云林县": "Yunlin County",
    "嘉义市": "Chiayi",
    "嘉义县": "Chiayi County",
    "屏东县": "Pingtung County",
    "宜兰县": "Yilan County",
    "花莲县": "Hualien County",
    "台东县": "Taitung County",
    "澎湖县": "Penghu County",
    "神农架林区": "Shennongjia Forestry District",
    "六枝特区": "Liuzhi Special District",
    "莲花山风景林自然保护区": "Lianhuashan Nature Reserve",
    "太子山天然林保护区": "Taizishan Nature Reserve",
}

# Proper names, without what follows them (市, 盟, 自治州, 区 …).
PROPER = {
    "哈尔滨": "Harbin",
    "齐齐哈尔": "Qiqihar",
    "佳木斯": "Jiamusi",
    "呼和浩特": "Hohhot",
    "鄂尔多斯": "Ordos",
    "呼伦贝尔": "Hulunbuir",
    "乌兰察布": "Ulanqab",
    "巴彦淖尔": "Bayannur",
    "锡林郭勒": "Xilingol",
    "锡林浩特": "Xilinhot",
    "莫力达瓦": "Morin Dawa",
    "阿拉善": "Alxa",
    "兴安": "Hinggan",
    "二连浩特": "Erenhot",
    "乌兰浩特": "Ulanhot",
    "乌海": "Wuhai",
    "满洲里": "Manzhouli",
    "海拉尔": "Hailar",
    "额济纳": "Ejin",
    "乌鲁木齐": "Urumqi",
    "克拉玛依": "Karamay",
    "吐鲁番": "Turpan",
    "哈密": "Hami",
    "博尔塔拉": "Bortala",
    "巴音郭楞": "Bayingolin",
    "阿克苏": "Aksu",
    "克孜勒苏": "Kizilsu",
    "喀什": "Kashgar",
    "和田": "Hotan",
    "伊犁": "Ili",
    "塔城": "Tacheng",
    "阿勒泰": "Altay",
    "库尔勒": "Korla",
    "伊宁": "Yining",
    "拉萨": "Lhasa",
    "日喀则": "Xigaze",
    "昌都": "Qamdo",
    "林芝": "Nyingchi",
    "山南": "Shannan",
    "那曲": "Nagqu",
    "阿里": "Ngari",
    "果洛": "Golog",
    "阿坝": "Ngawa",
    "甘孜": "Garze",
    "格尔木": "Golmud",
    "德令哈": "Delingha",
    "香格里拉": "Shangri-La",
    "西双版纳": "Xishuangbanna",
    "六安": "Lu'an",
    "厦门": "Xiamen",
    "蔚": "Yu",
    "单": "Shan",
    "浚": "Xun",
    "乐清": "Yueqing",
    "乐亭": "Laoting",
    "大城": "Daicheng",
    "番禺": "Panyu",
    "洪洞": "Hongtong",
    "铅山": "Yanshan",
    "歙": "She",
    "黟": "Yi",
    "阿城": "Acheng",
    "珲春": "Hunchun",
    "莘": "Shen",
    "盱眙": "Xuyi",
    "荥阳": "Xingyang",
    "尉氏": "Weishi",
    "尉犁": "Yuli",
    "涡阳": "Guoyang",
    "监利": "Jianli",
    "筠连": "Junlian",
    "犍为": "Qianwei",
    "盛泽": "Shengze",
    "行唐": "Xingtang",
    "繁峙": "Fanshi",
    "隰": "Xi",
    "长子": "Zhangzi",
    "昌乐": "Changle",
    "民乐": "Minle",
    "南乐": "Nanle",
    "什邡": "Shifang",
    "塔什库尔干": "Taxkorgan",
    "东阿": "Dong'e",
    "中牟": "Zhongmu",
    "牟平": "Muping",
    "牟定": "Mouding",
    "大埔": "Dabu",
    "吴堡": "Wubu",
    "浪卡子": "Nagarze",
    "中农发山丹马场": "Zhongnongfa Shandan Horse Ranch",
}

# Readings of characters as they stand in names of places, where the dictionary prefers another.
READINGS = {
    "长": "chang",
    "朝": "chao",
    "漯": "luo",
    "都": "du",
    "勒": "le",
    "番": "fan",
    "佛": "fo",
    "堡": "bao",
    "卡": "ka",
    "乐": "le",
    "尉": "wei",
    "什": "shi",
    "尾": "wei",
    "厦": "xia",
    "圩": "xu",
    "曾": "zeng",
    "柏": "bai",
    "蚌": "beng",
    "佤": "va",
}

KINDS = (
    ("自治旗", "Autonomous Banner"),
    ("自治州", "Autonomous Prefecture"),
    ("自治县", "Autonomous County"),
    ("地区", "Prefecture"),
    ("盟", "League"),
    ("县", "County"),
    ("区", "District"),
    ("旗", "Banner"),
    ("省", ""),
    ("市", ""),
)


def english_name(chinese: str) -> str:
    """ "Shenzhen" for 深圳市, "Longhua District" for 龙华区, "Yanbian Korean Autonomous Prefecture" for 延边朝鲜族自治州."""
    if chinese in EXCEPTIONS:
        return EXCEPTIONS[chinese]
    for ending, kind in KINDS:
        if chinese.endswith(ending) and len(chinese) > len(ending):
            name = chinese.removesuffix(ending)
            proper, peoples = _split_peoples(name) if "Autonomous" in kind else (name, "")
            return " ".join(word for word in (_proper(proper), peoples, kind) if word)
    return _proper(chinese)


def _split_peoples(name: str) -> tuple[str, str]:
    """The place and its peoples: 海西蒙古族藏族 → 海西, "Mongol and Tibetan"."""
    found: list[str] = []
    rest = name
    while ending := next((p for p in sorted(PEOPLES, key=len, reverse=True) if rest.endswith(p)), None):
        found.insert(0, PEOPLES[ending])
        rest = rest.removesuffix(ending)
    return rest, ", ".join(found[:-1]) + " and " + found[-1] if len(found) > 1 else "".join(found)


def _proper(name: str) -> str:
    if name in PROPER or not name:
        return PROPER.get(name, "")
    syllables = [
        READINGS.get(character, syllable) for character, syllable in zip(name, lazy_pinyin(name, v_to_u=True), strict=True)
    ]
    joined = syllables[0] + "".join("'" + s if s[0] in "aeo" else s for s in syllables[1:])
    return joined[:1].upper() + joined[1:]
