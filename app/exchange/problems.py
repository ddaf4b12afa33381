"""The sentences of the importer: what is wrong with a file, a row or a cell, in both languages, each code once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.kernel.errors import DomainError, Problem, declare, fail
from app.kernel.text import Text

declare("file_unreadable", HTTPStatus.UNPROCESSABLE_ENTITY, "The file could not be read: {why}", "无法读取文件：{why}")


@dataclass(frozen=True, slots=True)
class Note:
    """Something done or seen that a person should know, and that stops nothing."""

    text: Text
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


SENTENCES: dict[str, Text] = {}


def _sentence(code: str, en: str, zh: str) -> None:
    SENTENCES[code] = Text(en, zh)


def problem(code: str, *, sheet: str | None = None, row: int | None = None, column: str | None = None, **values: Any) -> Problem:
    """One thing wrong at one place; `values` fill the sentence (a `Text` among them is filled in its own language)."""
    return Problem(code, sentence(code, values), sheet=sheet, row=row, column=column)


def note(code: str, *, sheet: str | None = None, row: int | None = None, column: str | None = None, **values: Any) -> Note:
    return Note(sentence(code, values), sheet, row, column)


def unreadable(
    code: str, *, sheet: str | None = None, row: int | None = None, column: str | None = None, **values: Any
) -> DomainError:
    """The error that ends the reading of a whole file; it carries the place as its one problem."""
    found = problem(code, sheet=sheet, row=row, column=column, **values)
    return fail("file_unreadable", [found], why=found.detail)


def sentence(code: str, values: dict[str, Any]) -> Text:
    """The words of `code`; what stands in braces in a value is left alone."""
    return SENTENCES[code].format(**values) if values else SENTENCES[code]


def fault_name(code: str) -> Text | None:
    """The kind of fault, without the values of one: “… is not a number.”"""
    found = SENTENCES.get(code)
    return None if found is None else Text(_general(found.en), _general(found.zh))


def _general(words: str) -> str:
    named = re.sub(r"^\{field\}[:：]?\s*", "", words)
    return re.sub(r"[“”]?\{\w+\}[“”]?", "…", named).strip()


# the file
_sentence("file_gone", "The uploaded file is here no longer. Upload it again.", "上传的文件已不在，请重新上传。")
_sentence("empty_file", "The file is empty.", "文件为空。")
_sentence(
    "unknown_format",
    "This is none of XLSX, XLS, ODS, CSV, GeoJSON, GeoPackage, zipped Shapefile, KML or KMZ.",
    "文件不是 XLSX、XLS、ODS、CSV、GeoJSON、GeoPackage、Shapefile 压缩包、KML 或 KMZ。",
)
_sentence("encrypted", "The workbook is protected by a password. Save it without one.", "工作簿有密码保护，请取消密码后另存。")
_sentence("damaged", "The {format} is damaged: {why}", "{format} 文件已损坏：{why}")
_sentence("too_large_inside", "Unpacked, the file is larger than {limit_mb} MB.", "文件解压后超过 {limit_mb} MB。")
_sentence(
    "sheet_too_large",
    "The sheet spans {rows} rows and {columns} columns: a cell stands far away. Delete what is outside the table.",
    "工作表跨 {rows} 行、{columns} 列：有单元格远离数据区。请删除数据区以外的内容。",
)
_sentence(
    "no_shapefile",
    "The archive holds no shapefile (.shp) and no file of another kind that can be read.",
    "压缩包内没有 Shapefile（.shp）或其他可读文件。",
)
_sentence("no_part", "The shapefile {name} has no {part} part.", "Shapefile {name} 缺少 {part} 文件。")
_sentence("no_layer", "The file holds no layer of features or rows.", "文件中没有要素图层或数据表。")
_sentence(
    "no_table",
    "No sheet holds a table: a header over rows, in two columns or more. Looked at: {looked}.",
    "没有任何工作表包含数据表（至少两列，含表头和数据行）。已查看：{looked}。",
)
_sentence(
    "web_page",
    "This is a web page. Copy its table into a workbook and save that, or save it as CSV.",
    "这是网页文件。请将其中的表格复制到工作簿后保存，或另存为 CSV。",
)
_sentence(
    "header_row_blank",
    "This row cannot be the header: it is blank, or nothing stands under it. Choose another under Columns.",
    "该行不能作为表头：为空行，或其下没有数据。请在“列”页选择其他行。",
)
_sentence("no_rows", "There is a header, but no row under it.", "只有表头，没有数据行。")
_sentence(
    "not_json",
    "Not valid JSON at line {line}, character {character}: {why}",
    "第 {line} 行第 {character} 个字符处不是合法的 JSON：{why}",
)
_sentence("too_deep", "The JSON is nested too deeply.", "JSON 嵌套过深。")
_sentence(
    "not_geojson",
    "Valid JSON, but not GeoJSON: the type is {type}, not FeatureCollection, Feature or a geometry.",
    "是合法的 JSON 但不是 GeoJSON：type 为 {type}，应为 FeatureCollection、Feature 或几何类型。",
)
_sentence("features_not_list", "“features” must be a list.", "“features”必须是数组。")
_sentence("doctype", "A document type declaration is not accepted in KML.", "KML 中不允许使用 DOCTYPE 声明。")
_sentence(
    "wrong_encoding", "The text is not {encoding}: byte {byte} in {place}.", "文本不是 {encoding} 编码：{place} 第 {byte} 字节。"
)
_sentence("unknown_encoding", "{encoding} is not the name of an encoding.", "{encoding} 不是编码名称。")
# notes on reading
_sentence(
    "encoding_found",
    "The file does not say its encoding; it was read as {encoding}. Look at the preview.",
    "文件未注明编码，按 {encoding} 读取，请查看预览。",
)
_sentence(
    "titles_skipped",
    "Rows above the header were kept as remarks, not read as data.",
    "表头以上的行作为说明保留，不作为数据读取。",
)
_sentence("totals_dropped", "A row of totals at the bottom was left out.", "底部的合计行已略去。")
_sentence("footnote_dropped", "A footnote at the bottom was left out.", "底部的注释行已略去。")
_sentence(
    "sheet_is_remark", "This sheet holds no table; its words were kept as remarks.", "此工作表不是数据表，其文字作为说明保留。"
)
_sentence(
    "annotations_left_out",
    "This list of problems was added by an earlier check; it and its columns were not read.",
    "此问题汇总由先前的检查添加，连同其所加的列均未读取。",
)
_sentence("sheet_hidden", "This sheet is hidden and was not read.", "此工作表已隐藏，未读取。")
_sentence("crs_in_title", "The file states its coordinate system: {crs}.", "文件注明了坐标系：{crs}。")
_sentence("crs_of_format", "{format} is in WGS-84 longitude and latitude by its standard.", "按标准，{format} 为 WGS-84 经纬度。")
_sentence("name_cut", "The name was cut to {length} bytes by the format.", "字段名被格式截断为 {length} 字节。")
_sentence(
    "ring_orientation",
    "A ring turns the wrong way (RFC 7946, 3.1.6); it was read all the same.",
    "环方向不符合 RFC 7946 3.1.6，仍予读取。",
)
_sentence("member_ignored", "“{member}” is not what RFC 7946 asks for; it was ignored.", "“{member}”不符合 RFC 7946，已忽略。")
_sentence("no_properties", "The feature has no properties.", "要素没有属性。")
# rows that cannot be read
_sentence(
    "formula_without_value",
    "The formula has no value yet: open the workbook, let it calculate, and save it.",
    "公式尚无计算结果：请打开工作簿，待其计算后保存。",
)
_sentence(
    "row_too_long",
    "The row has more cells than the header has columns: {cells}, not {columns}.",
    "该行单元格多于表头列数：{cells} 个，应为 {columns} 个。",
)
_sentence("not_feature", "This is not a feature.", "此项不是要素（Feature）。")
_sentence("properties_not_object", "“properties” must be an object or null.", "“properties”必须是对象或 null。")
_sentence("no_geometry_member", "The feature has no “geometry”.", "要素没有“geometry”。")
# geometry
_sentence("geometry_type", "“{type}” is not a type of geometry.", "“{type}”不是几何类型。")
_sentence("geometry_shape", "The coordinates do not have the shape of a {type}: {where}.", "坐标结构不符合 {type}：{where}。")
_sentence("geometry_missing", "There is no place: the geometry is empty.", "没有位置：几何为空。")
_sentence("geometry_number", "A coordinate is not a finite number.", "坐标不是有限数值。")
_sentence("ring_short", "A ring needs four positions or more; this one has {count}.", "环至少需要四个点，此环只有 {count} 个。")
_sentence("ring_open", "A ring must end where it begins.", "环的终点必须与起点相同。")
_sentence("geometry_invalid", "The geometry is not valid: {why}.", "几何无效：{why}。")
_sentence("geometry_broken", "The geometry could not be read.", "无法读取几何。")
_sentence("geometry_range", "{x}, {y} is no longitude and latitude.", "{x}, {y} 不是经纬度。")
_sentence("geometry_kind", "A {kind} is placed by a {wanted}, not by {found}.", "{kind}的位置应为{wanted}，不能是{found}。")
_sentence("geometry_points", "{count} vertices: at most {limit} can be taken.", "共 {count} 个顶点，最多允许 {limit} 个。")
_sentence("line_short", "The line has no length: all its positions are the same.", "线的长度为零：所有点相同。")
_sentence(
    "antimeridian",
    "The geometry spans more than half of the globe: split it at the antimeridian (RFC 7946, 3.1.9).",
    "几何跨越超过半个地球：请在 180° 经线处分割（RFC 7946 3.1.9）。",
)
# coordinate system
_sentence(
    "no_crs",
    "The file does not say its coordinate system. Declare it: EPSG:4326, EPSG:4490, GCJ-02, BD-09, any EPSG code, or WKT.",
    "文件未注明坐标系，请声明：EPSG:4326、EPSG:4490、GCJ-02、BD-09、其他 EPSG 代码或 WKT。",
)
_sentence(
    "unknown_crs",
    "“{crs}” is not a coordinate system that is known here: {why}. Give an EPSG code, GCJ-02, BD-09 or WKT.",
    "无法识别坐标系“{crs}”：{why}。请给出 EPSG 代码、GCJ-02、BD-09 或 WKT。",
)
_sentence(
    "crs_overruled",
    "The file states {stated}; it was read as {declared}, as declared.",
    "文件注明 {stated}，按声明的 {declared} 读取。",
)
_sentence("coordinates_swapped", "Longitude and latitude are swapped: {x}, {y}.", "经度与纬度颠倒：{x}, {y}。")
_sentence("outside_crs", "{x}, {y} is outside the area of {crs}.", "{x}, {y} 超出 {crs} 的适用范围。")
_sentence(
    "not_transformed", "{x}, {y} cannot be turned into longitude and latitude from {crs}.", "{x}, {y} 无法由 {crs} 转换为经纬度。"
)
# values
_sentence("missing", "{field} is missing.", "缺少{field}。")
_sentence("not_number", "{field}: “{value}” is not a number.", "{field}：“{value}”不是数值。")
_sentence(
    "comma_decimal",
    "{field}: “{value}” may be a decimal comma. Write it with a point.",
    "{field}：“{value}”中的逗号含义不明，小数请用小数点。",
)
_sentence("not_whole", "{field}: “{value}” is not a whole number.", "{field}：“{value}”不是整数。")
_sentence("not_finite", "{field}: “{value}” is not a finite number.", "{field}：“{value}”不是有限数值。")
_sentence("too_low", "{field}: {value} is below {limit}.", "{field}：{value} 低于下限 {limit}。")
_sentence("too_high", "{field}: {value} is above {limit}.", "{field}：{value} 高于上限 {limit}。")
_sentence("not_choice", "{field}: “{value}” is not known. Known are: {known}.", "{field}：无法识别“{value}”。可用值：{known}。")
_sentence("not_boolean", "{field}: “{value}” is neither yes nor no.", "{field}：“{value}”不是“是”或“否”。")
_sentence("not_date", "{field}: “{value}” is not a date.", "{field}：“{value}”不是日期。")
_sentence("no_such_day", "{field}: there is no day {value}.", "{field}：没有 {value} 这一天。")
_sentence(
    "ambiguous_date",
    "{field}: “{value}” can be read as two dates. Write year-month-day.",
    "{field}：“{value}”有两种读法，请按 年-月-日 填写。",
)
_sentence("not_angle", "{field}: “{value}” is not a coordinate.", "{field}：“{value}”不是坐标。")
_sentence("not_geometry_text", "{field}: not a geometry in WKT or GeoJSON.", "{field}：不是 WKT 或 GeoJSON 几何。")
_sentence(
    "wrong_unit", "{field} is in {unit}; “{given}” cannot be turned into it.", "{field}的单位为 {unit}，无法由“{given}”换算。"
)
_sentence("text_long", "{field} has {length} characters; {limit} are allowed.", "{field}有 {length} 个字符，最多 {limit} 个。")
_sentence("text_control", "{field} holds a character that cannot be printed.", "{field}含有不可打印字符。")
_sentence("cell_error", "{field}: the cell holds the error {value}.", "{field}：单元格为错误值 {value}。")
# rows
_sentence("no_organisation", "No organisation is named.", "未填写单位。")
_sentence("unknown_kind", "“{value}” is not a kind of asset. Known are: {known}.", "“{value}”不是设施类型。可用类型：{known}。")
_sentence("no_place", "There is no place: give a longitude and latitude, or a geometry.", "没有位置：请填写经纬度或几何。")
_sentence("route_without_end", "A route needs its end: longitude and latitude are missing.", "路由缺少终点：未填写终点经纬度。")
_sentence(
    "window_reversed", "The period ends ({end}) before it starts ({start}).", "期限在开始（{start}）之前就已结束（{end}）。"
)
_sentence("latest_outside", "The latest start ({latest}) lies outside the period.", "最迟开始日期（{latest}）不在期限内。")
_sentence(
    "purpose_without_note",
    "Universal service and emergencies name the programme or order that they rest on in the note.",
    "普遍服务和应急通信保障需求须在备注中写明所依据的项目或指令。",
)
_sentence("no_radius", "A circle and a route need a radius of 1 m or more.", "圆形范围和路由的半径至少为 1 米。")
_sentence(
    "no_capacity", "Nothing is opened: give an amount for at least one of {known}.", "没有开放任何容量：请至少填写一项：{known}。"
)
_sentence("open_over_total", "{field}: {open} opened of {total} in all.", "{field}：开放 {open}，超过总量 {total}。")
_sentence("extra_value", "A {kind} has no {field}; the value was left out.", "{kind}没有“{field}”，该值未采用。")
_sentence("duplicate_reference", "The reference {value} stands in row {first} too.", "编号 {value} 与第 {first} 行重复。")
# rows against what is there
_sentence("unknown_organisation", "There is no organisation “{value}”.", "没有单位“{value}”。")
_sentence(
    "organisation_ambiguous",
    "Several organisations are called “{value}”: give the reference of one ({refs}).",
    "有多个单位名为“{value}”，请填写其编号之一（{refs}）。",
)
_sentence("sector_missing", "“{value}” is new: say its sector.", "“{value}”为新单位，请填写所属行业。")
_sentence("sector_differs", "“{value}” is new, and its rows name different sectors.", "“{value}”为新单位，但各行所属行业不一致。")
_sentence("not_yours", "You cannot bring rows for “{value}” there.", "您不能为“{value}”导入该地区的数据。")
_sentence("list_takes", "The needs list takes only: {kinds}.", "该需求清单仅征集：{kinds}。")
_sentence("list_invites", "The needs list does not invite “{value}”.", "该需求清单未邀请“{value}”。")
_sentence("list_asks", "The needs list asks every entry to state: {field}.", "该需求清单要求每条需求填写：{field}。")
_sentence("outside_regions", "The place is outside the regions of {profile}.", "该位置不在{profile}的行政区划范围内。")
_sentence("reference_taken", "The reference {value} is taken by an asset on the register.", "编号 {value} 已被登记的设施使用。")
_sentence("problems_cut", "There are {count} problems; the first {shown} are kept.", "共有 {count} 处问题，仅保留前 {shown} 处。")
# columns
_sentence("column_missing", "No column gives {field}, and no default is stated.", "没有给出“{field}”的列，也没有设定默认值。")
_sentence("column_unit", "The header gives {given}; {field} is in {unit}.", "表头单位为 {given}，“{field}”的单位为 {unit}。")
_sentence(
    "unknown_target", "{value} is not a column that can be filled. Known are: {known}.", "{value} 不是可填充的列。可用：{known}。"
)
_sentence("unknown_header", "No column has the header “{value}”.", "没有表头为“{value}”的列。")
_sentence(
    "mapped_twice", "Two columns are mapped to {field}: {first} and {second}.", "两列同时对应“{field}”：{first} 和 {second}。"
)
_sentence("bad_default", "The default for {field} cannot be used: {why}", "“{field}”的默认值不可用：{why}")
_sentence(
    "nothing_recognised",
    "No column was recognised. Row {header} is taken as the header: say under Columns what each of them fills.",
    "没有可识别的列。已将第 {header} 行作为表头，请在“列对应”中指定各列的用途。",
)
_sentence("sheet_not_recognised", "No column of this sheet was recognised.", "此工作表中没有可识别的列。")
_sentence("value_replaced", "“{value}” is read as {meaning}, as stated in {place}.", "按{place}的说明，“{value}”视为{meaning}。")
