"""What is wrong with a field, in Chinese as well: the sentences of marshmallow's fields and validators, and of our own.

marshmallow says them in English, filled; they are found again by their pattern. A sentence that is not here stays English:
`tests/contract/test_field_words.py` asks for each."""

from __future__ import annotations

import re
from functools import cache

from app.kernel.invalid import REASONS
from app.kernel.text import Text

SENTENCES = (
    Text("Missing data for required field.", "缺少此必填字段。"),
    Text("Field may not be null.", "此字段不能为 null。"),
    Text("Unknown field.", "没有此字段。"),
    Text("Invalid value.", "值无效。"),
    Text("Invalid input.", "输入无效。"),
    Text("Invalid input type.", "输入的类型无效。"),
    Text("Invalid type.", "类型无效。"),
    Text("Invalid JSON body.", "正文不是有效的 JSON。"),
    Text("Not a valid list.", "应为列表。"),
    Text("Not a valid tuple.", "应为元组。"),
    Text("Not a valid string.", "应为文字。"),
    Text("Not a valid utf-8 string.", "不是有效的 UTF-8 文字。"),
    Text("Not a valid number.", "应为数字。"),
    Text("Not a valid integer.", "应为整数。"),
    Text("Number too large.", "数字过大。"),
    Text("Special numeric values (nan or infinity) are not permitted.", "不允许 NaN 或无穷大。"),
    Text("Not a valid boolean.", "应为 true 或 false。"),
    Text("Not a valid date.", "日期无效，应为“年-月-日”。"),
    Text("Not a valid datetime.", "时间无效，应为 ISO 8601 格式。"),
    Text("Not a valid mapping type.", "应为对象。"),
    Text("Not a valid URL.", "网址无效。"),
    Text("Not a valid email address.", "电子邮箱无效。"),
    Text("Must be greater than or equal to {least}.", "不小于 {least}。"),
    Text("Must be greater than {least}.", "应大于 {least}。"),
    Text("Must be less than or equal to {most}.", "不大于 {most}。"),
    Text("Must be less than {most}.", "应小于 {most}。"),
    Text("Must be greater than or equal to {least} and less than or equal to {most}.", "应在 {least} 至 {most} 之间。"),
    Text("Must be greater than {least} and less than or equal to {most}.", "应大于 {least} 且不大于 {most}。"),
    Text("Shorter than minimum length {least}.", "长度不足 {least}。"),
    Text("Longer than maximum length {most}.", "长度超过 {most}。"),
    Text("Length must be between {least} and {most}.", "长度应在 {least} 至 {most} 之间。"),
    Text("Length must be {length}.", "长度应为 {length}。"),
    Text("Must be equal to {other}.", "应等于 {other}。"),
    Text("String does not match expected pattern.", "文字不符合规定的格式。"),
    Text("Must be one of: {choices}.", "应为下列之一：{choices}。"),
    Text("One or more of the choices you made was not in: {choices}.", "所选项应全部在下列范围内：{choices}。"),
    # our own
    Text("Give a GeoJSON geometry of type {types}.", "请给出 GeoJSON 几何，类型为 {types}。"),
    Text("Give a GeoJSON geometry.", "请给出 GeoJSON 几何。"),
    Text("The coordinates cannot be read.", "无法读取坐标。"),
    Text("The geometry is empty.", "几何为空。"),
    *(Text(f"The geometry is not valid: {en} ({{place}}).", f"几何无效：{zh}（{{place}}）。") for en, zh in REASONS.items()),
    *(Text(f"The geometry is not valid: {en}.", f"几何无效：{zh}。") for en, zh in REASONS.items()),
    Text("The geometry is not valid: {why}.", "几何无效：{why}。"),
    Text(
        "Longitude must be within ±180 and latitude within ±90; longitude comes first.",
        "经度应在 ±180 以内，纬度应在 ±90 以内；经度在前。",
    ),
    Text("Give the number of a row.", "请给出行号。"),
    Text("Give west,south,east,north in degrees.", "请按“西,南,东,北”给出度数。"),
    Text("Give lon,lat in degrees.", "请按“经度,纬度”给出度数。"),
    Text("Give dimension:amount.", "请按“容量项:数量”填写。"),
    Text(
        "Give WKT of a line or an area that does not cross itself, longitude first, of at most 500 points.",
        "请填写线或面的 WKT：经度在前，不得自相交，最多 500 个点。",
    ),
    Text("Give the id of an asset, or a new asset.", "请给出设施的标识，或一个新设施。"),
    Text("No such kind.", "没有此设施类型。"),
    Text("Not an ISO 4217 currency.", "不是 ISO 4217 货币代码。"),
    Text("This is not JSON.", "不是 JSON。"),
    Text("Give an object of at most {most} names.", "请给出最多 {most} 个名称的对象。"),
    Text("Give text.", "请填写文字。"),
    Text("A name has at most {most} characters.", "名称最多 {most} 个字符。"),
    Text("Send a file.", "请上传文件。"),
)
_FIELD = re.compile(r"\\\{(\w+)\\\}")


def both(sentence: str) -> Text:
    """The sentence in both languages; in English on both sides when it is not known."""
    for pattern, known in _patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            return Text(sentence, known.zh.format(**found.groupdict()))
    return Text(sentence, sentence)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    """The most particular first: one with more fixed words before one whose fields would swallow them."""
    ordered = sorted(SENTENCES, key=lambda known: -len(known.en))
    return tuple((re.compile(_FIELD.sub(r"(?P<\1>.*)", re.escape(known.en)), re.DOTALL), known) for known in ordered)
