"""tower: any mounting structure, from a high-voltage lattice tower to a lamp pole.

Sources: TIA-222-H (loads, projected area and EPA), YD/T 5131, GB 50545 (clearance under conductors), product.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.catalogue.declaration import (
    AssetKind,
    Choice,
    Criterion,
    Derivation,
    Dimension,
    Field,
    Geometry,
    ReportedUse,
    Sort,
    Test,
)
from app.catalogue.profiles import Profile
from app.kernel.text import Text

STRUCTURE = Text("Structure", "结构")
POWER = Text("Power", "供电")
ACCESS = Text("Access", "进场")
MOUNTING = Text("Mounting", "挂载")

STRUCTURES = (
    Choice("lattice", Text("Lattice tower", "角钢塔"), ("角钢塔", "铁塔", "steel lattice", "lattice tower")),
    Choice("monopole", Text("Monopole", "单管塔"), ("单管塔", "单管", "pole")),
    Choice("guyed", Text("Guyed mast", "拉线塔"), ("拉线塔", "guyed mast", "guyed tower")),
    Choice(
        "power_line", Text("High-voltage tower", "高压输电塔"), ("输电塔", "电力塔", "高压塔", "transmission structure", "pylon")
    ),
    Choice("lamp_pole", Text("Lamp pole", "灯杆"), ("灯杆", "路灯杆", "多功能杆", "street light", "light pole")),
    Choice("gantry", Text("Gantry", "门架"), ("门架", "龙门架")),
    Choice("camera_pole", Text("Camera pole", "监控杆"), ("监控杆", "摄像杆")),
    Choice("rooftop", Text("Rooftop", "楼顶"), ("楼顶", "屋顶", "roof")),
    Choice("other", Text("Other structure", "其他结构"), ("其他",)),
)


def antenna_top_limit_m(attributes: Mapping[str, Any], profile: Profile | None) -> float | None:
    """The structure's height; under conductors the lowest of them less the clearance of the line's voltage.

    A high-voltage tower without its lowest conductor, its voltage or a clearance for it promises no height."""
    if attributes.get("structure") != "power_line":
        height = attributes.get("structure_height_m")
        return None if height is None else float(height)
    conductor, voltage = attributes.get("lowest_conductor_m"), attributes.get("voltage_kv")
    clearance = profile.clearance_m(voltage) if profile is not None and voltage is not None else None
    if conductor is None or clearance is None:
        return None
    return max(0.0, float(Decimal(str(conductor)) - clearance.clearance_m))


MOST_MOUNTS = 50  # of one need


def mounts_unstrengthened(attributes: Mapping[str, Any], profile: Profile | None) -> int:
    """None where foundation or main members would have to be strengthened first: not suitable for sharing (YD 5191). Where nobody
    found that, any number; its loads are judged for themselves."""
    return 0 if attributes.get("strengthening") == "main" else MOST_MOUNTS


TOWER = AssetKind(
    name="tower",
    label=Text("Tower", "塔桅"),
    plural=Text("Towers", "塔桅"),
    summary=Text("Mounting structures: towers, poles, gantries, rooftops", "可挂载设施：铁塔、杆、门架、楼顶"),
    geometry=(Geometry.POINT,),
    need_geometry=("circle", "area"),
    quantity="mounts",
    joint_height="height_m",
    reported=ReportedUse("load_kg", "utilisation_pct", "utilisation_on"),
    icon="tower",
    hue="tower",
    aliases=("铁塔", "塔", "塔桅", "杆塔", "塔类", "towers", "mast", "pole", "structure", "站址"),
    attributes=(
        Field(
            "structure",
            Text("Structure", "结构类型"),
            "choice",
            choices=STRUCTURES,
            required=True,
            group=STRUCTURE,
            default="other",
            aliases=("塔型", "塔类型", "结构形式", "structure type", "type", "tower type", "tptype"),
        ),
        Field(
            "structure_height_m",
            Text("Structure height", "结构高度"),
            unit="m",
            minimum=0,
            maximum=1000,
            required=True,
            group=STRUCTURE,
            aliases=("高度", "塔高", "height", "height m", "overall height", "tower height"),
            default=30,
        ),
        Field(
            "antenna_top_limit_m",
            Text("Highest top of antenna", "天线顶端限高"),
            unit="m",
            minimum=0,
            maximum=1000,
            group=MOUNTING,
            help=Text(
                "The highest allowed top of an antenna above ground. On a high-voltage tower: the lowest conductor at the structure "
                "less the clearance of its voltage. Left empty it is the structure height, or the clearance rule's result.",
                "天线顶端允许的最大离地高度。高压塔为最低导线高度减去电压等级安全距离。留空则取结构高度或按安全距离计算。",
            ),
            aliases=("天线限高", "可用挂高", "最大挂高", "max antenna height", "usable height"),
        ),
        Field(
            "voltage_kv",
            Text("Line voltage", "线路电压"),
            unit="kV",
            minimum=0,
            maximum=1200,
            group=STRUCTURE,
            aliases=("电压", "电压等级", "voltage", "design voltage", "kv"),
        ),
        Field(
            "lowest_conductor_m",
            Text("Lowest conductor at the structure", "塔位最低导线高度"),
            unit="m",
            minimum=0,
            maximum=500,
            group=STRUCTURE,
            aliases=("最低导线高度", "导线对地高度", "lowest conductor"),
        ),
        Field(
            "utilisation_pct",
            Text("Structural utilisation", "结构利用率"),
            unit="%",
            minimum=0,
            maximum=150,
            group=STRUCTURE,
            grade="important",
            help=Text(
                "Highest member utilisation with existing loads, from the last structural report. It takes its share of the load in "
                "all: reserved, held, pending and new loads come on top of it, up to 100 %.",
                "最近一次结构验算在现有荷载下的最大构件利用率。按此比例计入总承载：自留、预留、待审批和新增荷载在此之上累计，合计不超过 100 %。",
            ),
            aliases=("利用率", "结构利用率", "utilisation", "utilization"),
        ),
        Field(
            "utilisation_on",
            Text("Day of the structural report", "结构验算日期"),
            "date",
            group=STRUCTURE,
            grade="important",
            help=Text(
                "Agreements in force on this day are in the reported figure. Left empty, they come on top of it.",
                "该日已生效的协议视为已计入报告值；未填写时在报告值之上累加。",
            ),
            aliases=("结构验算日期", "验算日期", "structural report date"),
        ),
        Field(
            "strengthening",
            Text("Strengthening needed", "加固要求"),
            "choice",
            group=STRUCTURE,
            choices=(
                Choice("none", Text("None", "无需加固"), ("无", "无需加固")),
                Choice("secondary", Text("Secondary members", "次要构件"), ("次要构件", "辅材")),
                Choice("main", Text("Foundation or main members", "基础或主要构件"), ("主要构件", "主材", "基础")),
            ),
            help=Text(
                "By the structural assessment, before anything more is mounted. Where foundation or main members must be strengthened "
                "the structure is not suitable for sharing (YD 5191): the need goes to co-construction.",
                "依据结构评估，新增挂载前需要的加固。基础或主要构件需加固的，不宜共享（YD 5191），需求转入共建。",
            ),
            aliases=("加固要求", "加固", "strengthening"),
        ),
        Field(
            "mounts_unstrengthened",
            Text("Mounts without strengthening", "无需加固可挂载数量"),
            "integer",
            unit="position",
            minimum=0,
            maximum=MOST_MOUNTS,
            group=STRUCTURE,
            help=Text(
                "How many more a structural assessment allows without strengthening foundation or main members. Left empty it follows "
                "from the strengthening that is needed.",
                "结构评估允许在不加固基础或主要构件的前提下新增的挂载数量。留空则按加固要求确定。",
            ),
            aliases=("无需加固可挂载数量",),
        ),
        Field(
            "power_type",
            Text("Power", "供电方式"),
            "choice",
            group=POWER,
            default="none",
            choices=(
                Choice("none", Text("None", "无"), ("无",)),
                Choice("ac", Text("AC", "交流"), ("交流", "220v", "380v")),
                Choice("dc48", Text("−48 V DC", "−48 V 直流"), ("-48v", "直流", "dc")),
            ),
            aliases=("供电方式", "电源类型", "power type"),
        ),
        Field(
            "power_supply",
            Text("Supply", "供电性质"),
            "choice",
            group=POWER,
            choices=(
                Choice("direct", Text("Direct supply", "直供电"), ("直供",)),
                Choice("resold", Text("Resold supply", "转供电"), ("转供",)),
            ),
            aliases=("直供转供", "供电性质"),
        ),
        Field(
            "backup_min",
            Text("Backup", "备电时长"),
            "integer",
            unit="min",
            minimum=0,
            maximum=10080,
            group=POWER,
            aliases=("备电", "备电时长", "backup"),
        ),
        Field(
            "wind_area_basis",
            Text("Basis of wind area", "迎风面积口径"),
            "choice",
            group=MOUNTING,
            default="projected",
            choices=(
                Choice("projected", Text("Projected area", "投影面积"), ("投影",)),
                Choice("epa", Text("Effective projected area (EPA)", "有效投影面积"), ("有效",)),
            ),
            aliases=("迎风面积口径",),
        ),
        Field("built_up", Text("Built-up area", "建成区"), "boolean", group=STRUCTURE, aliases=("建成区", "城区", "urban")),
        Field(
            "access_rule",
            Text("Access", "进场条件"),
            "choice",
            group=ACCESS,
            default="notice",
            choices=(
                Choice("free", Text("Free", "自由"), ("自由",)),
                Choice("notice", Text("By notice", "提前告知"), ("告知", "预约")),
                Choice("escort", Text("By escort", "陪同"), ("陪同",)),
                Choice("outage", Text("By outage permit", "停电作业"), ("停电",)),
            ),
            aliases=("进场条件", "作业条件", "access"),
        ),
    ),
    dimensions=(
        Dimension(
            "platform",
            Text("Mounting positions", "挂载平台"),
            Sort.SLOTS,
            "position",
            aliases=("平台数", "平台", "空余平台", "platforms", "mounts", "positions"),
            most=200,
        ),
        Dimension(
            "load_kg", Text("Load", "承载"), Sort.QUANTITY, "kg", aliases=("承载", "剩余承载", "负载能力", "load", "spare load")
        ),
        Dimension("wind_area_m2", Text("Wind area", "迎风面积"), Sort.QUANTITY, "m²", aliases=("迎风面积", "wind area", "epa")),
        Dimension(
            "power_kw", Text("Power", "供电容量"), Sort.QUANTITY, "kW", aliases=("供电容量", "电力容量", "power", "power kw")
        ),
    ),
    requirements=(
        Field(
            "mounts",
            Text("Mounts", "挂载数量"),
            "integer",
            unit="position",
            minimum=1,
            maximum=MOST_MOUNTS,
            required=True,
            default=1,
            aliases=("数量", "quantity", "个", "平台数", "mounts"),
        ),
        Field(
            "height_m",
            Text("Top of antenna at least", "天线顶端高度不低于"),
            unit="m",
            minimum=0,
            maximum=500,
            required=True,
            default=20,
            aliases=("挂高", "挂高m", "高度", "height", "antenna height"),
        ),
        Field(
            "load_kg",
            Text("Load", "负载"),
            unit="kg",
            minimum=0,
            maximum=20000,
            default=0,
            aliases=("负载", "负载kg", "重量", "load", "weight"),
        ),
        Field(
            "wind_area_m2",
            Text("Wind area", "迎风面积"),
            unit="m²",
            minimum=0,
            maximum=200,
            default=0,
            aliases=("迎风面积", "wind area"),
        ),
        Field(
            "power_kw", Text("Power", "供电"), unit="kW", minimum=0, maximum=500, default=0, aliases=("供电", "供电kw", "power")
        ),
    ),
    criteria=(
        Criterion(
            "height",
            Text("Height", "高度"),
            Test.AT_LEAST,
            supply="antenna_top_limit_m",
            demand="height_m",
            unit="m",
            weight=15,
            full_at=0.25,
            passed=Text("Top of antenna allowed to {supply}: {margin} to spare.", "天线顶端可达 {supply}，余 {margin}。"),
            failed=Text(
                "Top of antenna allowed to {supply} only: {margin} short of {demand}.",
                "天线顶端只可达 {supply}，比所需 {demand} 低 {margin}。",
            ),
            change=Text("lower the antenna to {value}", "将天线高度降到 {value}"),
        ),
        Criterion(
            "mounts",
            Text("Mounts", "平台"),
            Test.CAPACITY,
            supply="platform",
            demand="mounts",
            unit="position",
            weight=5,
            full_at=2.0,
            passed=Text("{supply} free for the whole period, {demand} asked.", "全程空余 {supply}，所需 {demand}。"),
            failed=Text("{supply} free for the whole period, {demand} asked.", "全程空余 {supply}，所需 {demand}。"),
            change=Text("ask for {value}", "改为 {value}"),
        ),
        Criterion(
            "load",
            Text("Load", "承载"),
            Test.CAPACITY,
            supply="load_kg",
            demand="load_kg",
            unit="kg",
            weight=10,
            full_at=1.0,
            passed=Text("{supply} of load free at its tightest: {margin} to spare.", "最紧时仍有承载 {supply}，余 {margin}。"),
            failed=Text("Only {supply} of load free at its tightest: {margin} short.", "最紧时只有承载 {supply}，缺 {margin}。"),
            change=Text("reduce the load to {value}", "将负载降到 {value}"),
        ),
        Criterion(
            "wind_area",
            Text("Wind area", "迎风面积"),
            Test.CAPACITY,
            supply="wind_area_m2",
            demand="wind_area_m2",
            unit="m²",
            weight=5,
            full_at=1.0,
            passed=Text("{supply} of wind area free: {margin} to spare.", "可用迎风面积 {supply}，余 {margin}。"),
            failed=Text("Only {supply} of wind area free: {margin} short.", "可用迎风面积只有 {supply}，缺 {margin}。"),
            change=Text("reduce the wind area to {value}", "将迎风面积降到 {value}"),
        ),
        Criterion(
            "power",
            Text("Power", "供电"),
            Test.CAPACITY,
            supply="power_kw",
            demand="power_kw",
            unit="kW",
            weight=5,
            full_at=1.0,
            passed=Text("{supply} of power free: {margin} to spare.", "可用供电 {supply}，余 {margin}。"),
            failed=Text("Only {supply} of power free: {margin} short.", "可用供电只有 {supply}，缺 {margin}。"),
            change=Text("reduce the power to {value}", "将供电需求降到 {value}"),
        ),
        Criterion(
            "strengthening",
            Text("Strengthening", "加固"),
            Test.AT_LEAST,
            supply="mounts_unstrengthened",
            demand="mounts",
            unit="position",
            movable=False,
            passed=Text("Foundation and main members stay as they are.", "基础和主要构件无需加固。"),
            failed=Text(
                "Foundation or main members would have to be strengthened: not suitable for sharing (YD 5191). Build together instead.",
                "基础或主要构件需加固，不宜共享（YD 5191），建议转入共建。",
            ),
        ),
    ),
    derived=(
        Derivation(
            "mounts_unstrengthened",
            ("strengthening",),
            mounts_unstrengthened,
            Text(
                "None where foundation or main members must be strengthened (YD 5191); else as many as there is room for.",
                "基础或主要构件需加固的为零（YD 5191）；否则以可用空间为限。",
            ),
        ),
        Derivation(
            "antenna_top_limit_m",
            ("structure", "structure_height_m", "lowest_conductor_m", "voltage_kv"),
            antenna_top_limit_m,
            Text(
                "Structure height; on a high-voltage tower the lowest conductor at the structure less the clearance of its voltage.",
                "取结构高度；高压塔取塔位最低导线高度减去相应电压等级的安全距离。",
            ),
        ),
    ),
)
