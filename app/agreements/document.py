"""An agreement version as a document: its facts in words of one language, typeset. Made from the version alone, so that the same version
gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import shapely

from app.agreements.rules import RIGHTS
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.documents import Place, map_svg, qr_svg, typeset
from app.kernel.quantity import number_ranges
from app.kernel.text import Text
from app.regions import boundaries, region_name, region_tree
from app.web import writing

LANGUAGES = ("en", "zh_CN")
WIDE_M, CLOSE_M = 60_000.0, 2_500.0
WORDS: Mapping[str, Text] = {
    "register": Text("Register of Shared Infrastructure", "跨行业基础设施共建共享登记"),
    "heading": Text("Agreement on the Sharing of Infrastructure", "基础设施共享协议"),
    "number": Text("No.", "编号："),
    "continued": Text(", continued", "（续）"),
    "page": Text("page", "第"),
    "page_end": Text("", "页"),
    "parties": Text("1. Parties", "一、协议双方"),
    "subject": Text("2. Subject", "二、协议事项"),
    "lines": Text("3. Capacity lines", "三、容量条款"),
    "terms": Text("4. Terms", "四、其他约定"),
    "effect": Text("5. Entry into force", "五、生效"),
    "no_terms": Text("The parties agreed no further terms.", "双方未作其他约定。"),
    "effect_text": Text(
        "This version is one and unchangeable; any change of it is another version with another hash. It enters into force when every "
        "competent regulator that decides has approved exactly this version. Signatures and decisions are kept in the register over "
        "the hash below.",
        "本版本内容唯一且不可更改，任何修改均构成另一版本并具有不同的哈希值。有审批权的主管部门均批准本版本后，协议生效。"
        "签署与审批均针对下列哈希值作出，并留存于登记系统。",
    ),
    "signatures": Text("6. Signatures", "六、签署"),
    "seal": Text("Signature, seal", "签字（盖章）"),
    "date": Text("Date", "日期"),
    "annex": Text("Annex: the assets on the map", "附件：设施位置图"),
    "no": Text("No.", "序号"),
    "asset": Text("Asset", "设施"),
    "place": Text("Longitude, latitude (WGS-84 / CGCS2000)", "经度、纬度（WGS-84 / CGCS2000）"),
    "map_source": Text("{source}; for orientation, not an approved map.", "{source}；仅供示意，非审定地图。"),
    "verify": Text("Verify this document", "验证本文件"),
    "verify_text": Text(
        "Scan the code or open the address: it says whether the hash is of a version in the register and where that stands, and nothing of "
        "its content. The file itself can be compared there too.",
        "扫描二维码或打开以下网址，可查验该哈希值是否为登记系统中的版本及其状态，不显示协议内容；也可上传本文件进行比对。",
    ),
}


def agreement_pdf(content: Mapping[str, Any], content_hash: str, locale: str, base_url: str) -> bytes:
    """The PDF of a version in a language; `base_url`: of the page that verifies it."""
    return typeset("agreement", _facts(content, content_hash, locale, base_url))


def _facts(content: Mapping[str, Any], content_hash: str, locale: str, base_url: str) -> dict[str, Any]:
    def say(words: Text) -> str:
        return words.in_(locale)

    zh, address = locale.startswith("zh"), f"{base_url}/verify/{content_hash}"
    words = {name: say(text) for name, text in WORDS.items()}
    words["version"] = say(Text("Version {number}", "第 {number} 版").format(number=content["number"]))
    places = _places(content)
    tree = get_profile(content["profile"]).region_tree
    drawn = [place for _, place in places]
    numbered = [Place(str(number), place.geometry) for number, place in places]
    box = shapely.total_bounds([place.geometry for place in drawn]).tolist() if drawn else None
    near = (box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1) if box else None
    wide = boundaries(tree, "prefecture", near, 0.002) if near else {"features": []}
    close = boundaries(tree, "district", near, 0.0002) if near else {"features": []}
    words["map_source"] = say(WORDS["map_source"].format(source=region_tree(tree).source))
    return {
        "lang": "zh" if zh else "en",
        "region_code": "CN" if zh else "GB",
        "words": words,
        "title": content["title"],
        "number": content["agreement"].upper(),
        "hash": content_hash,
        "address": address,
        "qr": qr_svg(address),
        "parties": [
            [say(Text("Owner", "权属单位（甲方）")), _name(content["owner"], zh)],
            [say(Text("Requester", "申请方（乙方）")), _name(content["requester"], zh)],
        ],
        "signatories": [
            {"role": say(Text("For the owner", "甲方（权属单位）")), "name": _name(content["owner"], zh)},
            {"role": say(Text("For the requester", "乙方（申请方）")), "name": _name(content["requester"], zh)},
        ],
        "subject": [
            [say(Text("Region", "所在地区")), say(region_name(content["region"]))],
            [say(Text("Need", "对应需求")), content["need"]["title"]],
            [say(Text("Purpose", "用途")), content["purpose"] or "–"],
            [say(Text("Rules", "适用规则")), say(get_profile(content["profile"]).name)],
        ],
        "lines": [_line(line, locale) for line in content["lines"]],
        "terms": content["terms"],
        "map": map_svg(numbered, wide["features"], WIDE_M, locale) if drawn else None,
        "close": map_svg(drawn, close["features"], CLOSE_M, locale) if drawn else "",
        "places": [[str(number), place.label.removeprefix(f"{number} "), _coordinates(place)] for number, place in places],
    }


def _name(party: Mapping[str, str], zh: bool) -> str:
    return (party.get("name_zh") if zh else None) or party["name"]


def _line(line: Mapping[str, Any], locale: str) -> dict[str, Any]:
    kind, zh = KINDS[line["asset"]["kind"]], locale.startswith("zh")
    words = {
        "title": Text("Line {number}: {asset}", "第 {number} 项：{asset}").format(
            number=line["number"], asset=line["asset"]["name"]
        ),
        "kind": Text("Kind of asset", "设施类别"),
        "supplier": Text("Supplier", "供方"),
        "beneficiary": Text("Beneficiary", "受益方"),
        "right": Text("Right", "权利类型"),
        "capacity": Text("Capacity", "容量"),
        "period": Text("Period", "期限"),
        "return": Text("In return, a year", "对价（每年）"),
    }
    said = {name: text.in_(locale) for name, text in words.items()}
    starts, ends = date.fromisoformat(line["starts"]), date.fromisoformat(line["ends"])
    rows = [
        [said["kind"], kind.label.in_(locale)],
        [said["supplier"], _name(line["supplier"], zh)],
        [said["beneficiary"], _name(line["beneficiary"], zh)],
        [said["right"], RIGHTS[line["right"]].in_(locale)],
        [said["capacity"], ("；" if zh else "; ").join(amounts_in_words(line, locale))],
        [said["period"], writing.period(starts, ends, locale)],
        [said["return"], _consideration(line["consideration"], locale)],
    ]
    return {"title": said["title"], "rows": rows}


def amounts_in_words(line: Mapping[str, Any], locale: str) -> list[str]:
    kind, found = KINDS[line["asset"]["kind"]], []
    for dimension in kind.dimensions:
        amount = line["amounts_milli"].get(dimension.name)
        if amount is None:
            continue
        said = f"{dimension.label.in_(locale)} {writing.milli(amount, dimension.unit, locale)}"
        slots = line["slots"].get(dimension.name)
        if slots:
            said += Text(" (no. {named})", "（第 {named} 号）").format(named=number_ranges(slots)).in_(locale)
        found.append(said)
    return found


def _consideration(given: Mapping[str, Any], locale: str) -> str:
    if "against_line" in given:
        return Text("line {number} in return", "以第 {number} 项为对价").format(number=given["against_line"]).in_(locale)
    return writing.money(given["price_minor_a_year"], given["currency"], locale)


def _places(content: Mapping[str, Any]) -> list[tuple[int, Place]]:
    """The lines whose asset's place the version states; versions of earlier releases state none, and have no map."""
    return [
        (line["number"], Place(f"{line['number']} {line['asset']['name']}", shapely.from_wkt(line["asset"]["place"])))
        for line in content["lines"]
        if line["asset"].get("place")
    ]


def _coordinates(place: Place) -> str:
    points = shapely.get_coordinates(place.geometry)
    ends = [points[0]] if len(points) == 1 else [points[0], points[-1]]
    return " – ".join(f"{lon:.6f}, {lat:.6f}" for lon, lat in ends)
