"""duct: one section from chamber to chamber; also a tray in a utility tunnel, or a pole route as a section.

Sources: GB 50373 (communication conduits), OFDS 0.4 (span deployment), product.md.
"""

from __future__ import annotations

from app.catalogue.declaration import (
    AssetKind,
    Choice,
    Criterion,
    Derivation,
    Dimension,
    Field,
    Geometry,
    Passage,
    Sort,
    Test,
    Way,
)
from app.catalogue.duct_fill import USUAL_FILL_PCT, largest_cable_mm
from app.kernel.text import Text

SECTION = Text("Section", "管段")
PLACE = Text("Place", "位置")

DUCT = AssetKind(
    name="duct",
    label=Text("Duct", "管道"),
    plural=Text("Ducts", "管道"),
    summary=Text("Duct sections, trays in utility tunnels, pole routes", "通信管道、综合管廊托架、杆路"),
    geometry=(Geometry.LINE,),
    need_geometry=("route", "circle", "area"),
    quantity="holes",
    joint_ducts="holes",
    icon="duct",
    hue="duct",
    aliases=("管道", "管孔", "管廊", "ducts", "conduit", "通信管道", "pipeline", "杆路"),
    attributes=(
        Field(
            "deployment",
            Text("Deployment", "敷设方式"),
            "choice",
            required=True,
            default="buried",
            group=SECTION,
            choices=(
                Choice("buried", Text("Buried duct", "直埋管道"), ("埋地", "管道", "underground", "below ground")),
                Choice("tray", Text("Tray in a utility tunnel", "管廊托架"), ("管廊", "托架", "桥架")),
                Choice("pole_route", Text("Pole route", "杆路"), ("杆路", "架空", "aerial", "above ground")),
            ),
            aliases=("敷设方式", "类型", "deployment", "type"),
        ),
        Field(
            "length_m",
            Text("Length", "长度"),
            unit="m",
            minimum=0,
            maximum=100000,
            group=SECTION,
            aliases=("长度", "段长", "length"),
        ),
        Field(
            "bore_mm",
            Text("Bore", "管孔内径"),
            unit="mm",
            minimum=5,
            maximum=1000,
            default=100,
            group=SECTION,
            aliases=("内径", "孔径", "管径", "bore", "diameter"),
        ),
        Field(
            "subduct_bore_mm",
            Text("Bore of the subducts", "子管内径"),
            unit="mm",
            minimum=5,
            maximum=200,
            group=SECTION,
            aliases=("子管内径", "子管孔径", "subduct bore"),
        ),
        Field(
            "fill_limit_pct",
            Text("Highest fill", "截面利用率上限"),
            unit="%",
            minimum=0,
            maximum=100,
            default=50,
            group=SECTION,
            help=Text("Area of cables over area of bore.", "电缆截面积占管孔截面积的比例。"),
            aliases=("占用上限", "fill limit"),
        ),
        Field(
            "largest_cable_mm",
            Text("Thickest cable", "最大缆径"),
            unit="mm",
            minimum=0,
            maximum=1000,
            group=SECTION,
            help=Text(
                "Left empty it is what the highest fill allows: area of the cable over area of the bore.",
                "留空则按截面利用率上限（电缆截面积占管孔截面积）推算。",
            ),
            aliases=("最大缆径", "thickest cable"),
        ),
        Field(
            "depth_m", Text("Depth of cover", "埋深"), unit="m", minimum=0, maximum=100, group=SECTION, aliases=("埋深", "depth")
        ),
        Field("line_reference", Text("Line reference", "线路名称"), "text", group=PLACE, aliases=("线路", "线路名称", "line")),
        Field("chainage_from_m", Text("Chainage from", "起点里程"), unit="m", group=PLACE, aliases=("起点里程", "chainage from")),
        Field("chainage_to_m", Text("Chainage to", "终点里程"), unit="m", group=PLACE, aliases=("终点里程", "chainage to")),
        Field(
            "chamber_from",
            Text("Chamber at the start", "起点人孔"),
            "text",
            group=PLACE,
            grade="important",
            aliases=("起点人孔", "起点井", "from chamber"),
        ),
        Field(
            "chamber_to",
            Text("Chamber at the end", "终点人孔"),
            "text",
            group=PLACE,
            grade="important",
            aliases=("终点人孔", "终点井", "to chamber"),
        ),
    ),
    dimensions=(
        Dimension(
            "hole",
            Text("Holes", "管孔"),
            Sort.SLOTS,
            "hole",
            aliases=("管孔数", "空闲管孔", "孔数", "空余孔", "holes", "ducts"),
            most=1_000,
        ),
        Dimension(
            "subduct", Text("Subducts", "子管"), Sort.SLOTS, "subduct", aliases=("子管数", "空闲子管", "subducts"), most=5_000
        ),
    ),
    requirements=(
        Field(
            "holes",
            Text("Holes", "管孔"),
            "integer",
            unit="hole",
            minimum=0,
            maximum=100,
            required=True,
            default=1,
            aliases=("数量", "孔数", "quantity", "孔", "holes"),
        ),
        Field(
            "subducts",
            Text("Subducts", "子管"),
            "integer",
            unit="subduct",
            minimum=0,
            maximum=200,
            default=0,
            aliases=("子管", "subducts"),
        ),
        Field(
            "cable_diameter_mm",
            Text("Cable diameter", "缆径"),
            unit="mm",
            minimum=0,
            maximum=200,
            default=0,
            aliases=("缆径", "外径", "cable diameter"),
        ),
    ),
    passage=Passage(
        "cable_diameter_mm", "fill_limit_pct", USUAL_FILL_PCT, (Way("hole", "bore_mm"), Way("subduct", "subduct_bore_mm"))
    ),
    criteria=(
        Criterion(
            "holes",
            Text("Holes", "管孔"),
            Test.CAPACITY,
            supply="hole",
            demand="holes",
            unit="hole",
            weight=25,
            full_at=2.0,
            passed=Text("{supply} free for the whole period, {demand} asked.", "全程空闲 {supply}，所需 {demand}。"),
            failed=Text("Only {supply} free for the whole period, {demand} asked.", "全程空闲只有 {supply}，所需 {demand}。"),
            change=Text("ask for {value}", "改为 {value}"),
        ),
        Criterion(
            "subducts",
            Text("Subducts", "子管"),
            Test.CAPACITY,
            supply="subduct",
            demand="subducts",
            unit="subduct",
            weight=5,
            full_at=2.0,
            passed=Text("{supply} free for the whole period, {demand} asked.", "全程空闲 {supply}，所需 {demand}。"),
            failed=Text("Only {supply} free for the whole period, {demand} asked.", "全程空闲只有 {supply}，所需 {demand}。"),
            change=Text("ask for {value}", "改为 {value}"),
        ),
        Criterion(
            "bore",
            Text("Bore", "内径"),
            Test.AT_LEAST,
            supply="largest_cable_mm",
            demand="cable_diameter_mm",
            unit="mm",
            weight=10,
            full_at=3.0,
            passed=Text(
                "Takes a cable of {supply} by area of cable over bore: {margin} more than asked.",
                "按缆截面积占孔截面积计可穿缆径 {supply}，比所需大 {margin}。",
            ),
            failed=Text(
                "Takes a cable of {supply} only, by area of cable over bore: {margin} less than asked.",
                "按缆截面积占孔截面积计只可穿缆径 {supply}，比所需小 {margin}。",
            ),
            change=Text("use a cable of {value}", "改用缆径 {value}"),
        ),
    ),
    derived=(
        Derivation(
            "largest_cable_mm",
            ("bore_mm", "subduct_bore_mm", "fill_limit_pct"),
            largest_cable_mm,
            Text(
                "The widest bore × √(highest fill): fill is the area of the cable over the area of the bore.",
                "最大内径 × √(截面利用率上限)；利用率为缆截面积占孔截面积之比。",
            ),
        ),
    ),
)
