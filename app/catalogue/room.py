"""room: machine room, cabinet or data-hall space. Sources: GB 50174 (data centre design), YD/T 1051 (power), product.md."""

from __future__ import annotations

from app.catalogue.declaration import AssetKind, Choice, Criterion, Dimension, Field, Geometry, Sort, Test
from app.kernel.text import Text

SPACE = Text("Space", "空间")
POWER = Text("Power and cooling", "供电与制冷")

ROOM = AssetKind(
    name="room",
    label=Text("Machine room", "机房"),
    plural=Text("Machine rooms", "机房"),
    summary=Text("Machine rooms, cabinets, data-hall space", "机房、机柜、数据中心空间"),
    geometry=(Geometry.POINT, Geometry.AREA),
    need_geometry=("circle", "area"),
    quantity="rack_units",
    icon="room",
    hue="room",
    aliases=("机房", "机柜", "rooms", "data centre", "data center", "cabinet", "机架"),
    attributes=(
        Field("room_type", Text("Type", "类型"), "choice", required=True, default="room", group=SPACE, choices=(
            Choice("room", Text("Machine room", "机房"), ("机房",)), Choice("cabinet", Text("Outdoor cabinet", "室外机柜"), ("机柜", "cabinet")),
            Choice("hall", Text("Data hall", "数据中心机房"), ("数据中心", "data hall"))), aliases=("类型", "机房类型", "type")),
        Field("floor_load_kn_m2", Text("Floor load", "楼面荷载"), unit="kN/m²", minimum=0, maximum=100, default=6, group=SPACE, aliases=("荷载", "楼面荷载", "承重", "floor load")),
        Field("cooling_kw", Text("Cooling", "制冷"), unit="kW", minimum=0, maximum=10000, group=POWER, aliases=("制冷", "制冷量", "cooling")),
        Field("power_type", Text("Power", "供电方式"), "choice", default="ac", group=POWER, choices=(
            Choice("ac", Text("AC", "交流"), ("交流",)), Choice("dc48", Text("−48 V DC", "−48 V 直流"), ("-48v", "直流"))), aliases=("供电方式", "power type")),
        Field("feeds", Text("Independent feeds", "独立供电路数"), "integer", minimum=0, maximum=8, default=1, group=POWER, aliases=("路数", "feeds")),
        Field("backup_min", Text("Backup", "备电时长"), "integer", unit="min", minimum=0, maximum=10080, default=0, group=POWER, aliases=("备电", "backup")),
        Field("level", Text("Level", "楼层"), "text", group=SPACE, aliases=("楼层", "level", "floor"), grade="important"),
    ),
    dimensions=(
        Dimension("rack_unit", Text("Rack units", "机架U位"), Sort.SLOTS, "U", contiguous=True, aliases=("机架u", "u位", "空闲u位", "rack units", "ru")),
        Dimension("floor_area_m2", Text("Floor area", "面积"), Sort.QUANTITY, "m²", aliases=("面积", "可用面积", "floor area", "area")),
        Dimension("power_kw", Text("Power", "供电容量"), Sort.QUANTITY, "kW", aliases=("供电容量", "供电", "power", "power kw")),
    ),
    requirements=(
        Field("rack_units", Text("Rack units", "机架U位"), "integer", unit="U", minimum=0, maximum=5000, required=True, default=1,
              aliases=("数量", "机架u", "u位", "quantity", "rack units")),
        Field("floor_area_m2", Text("Floor area", "面积"), unit="m²", minimum=0, maximum=100000, default=0, aliases=("面积", "floor area")),
        Field("power_kw", Text("Power", "供电"), unit="kW", minimum=0, maximum=10000, default=0, aliases=("供电", "供电kw", "power")),
        Field("floor_load_kn_m2", Text("Floor load at least", "楼面荷载不低于"), unit="kN/m²", minimum=0, maximum=100, default=0, aliases=("荷载", "floor load")),
        Field("backup_min", Text("Backup at least", "备电不低于"), "integer", unit="min", minimum=0, maximum=10080, default=0, aliases=("备电", "backup")),
    ),
    criteria=(
        Criterion("rack_units", Text("Rack units", "机架U位"), Test.CAPACITY, supply="rack_unit", demand="rack_units", unit="U", weight=15, full_at=1.0,
                  passed=Text("{supply} in a row free for the whole period, {demand} asked.", "全程连续空闲 {supply}，所需 {demand}。"),
                  failed=Text("Only {supply} in a row free for the whole period, {demand} asked.", "全程连续空闲只有 {supply}，所需 {demand}。"),
                  change=Text("ask for {value}", "改为 {value}")),
        Criterion("power", Text("Power", "供电"), Test.CAPACITY, supply="power_kw", demand="power_kw", unit="kW", weight=15, full_at=1.0,
                  passed=Text("{supply} of power free: {margin} to spare.", "可用供电 {supply}，余 {margin}。"),
                  failed=Text("Only {supply} of power free: {margin} short.", "可用供电只有 {supply}，缺 {margin}。"),
                  change=Text("reduce the power to {value}", "将供电需求降到 {value}")),
        Criterion("floor_area", Text("Floor area", "面积"), Test.CAPACITY, supply="floor_area_m2", demand="floor_area_m2", unit="m²", weight=5, full_at=1.0,
                  passed=Text("{supply} of floor free: {margin} to spare.", "可用面积 {supply}，余 {margin}。"),
                  failed=Text("Only {supply} of floor free: {margin} short.", "可用面积只有 {supply}，缺 {margin}。"),
                  change=Text("reduce the floor area to {value}", "将面积需求降到 {value}")),
        Criterion("floor_load", Text("Floor load", "荷载"), Test.AT_LEAST, supply="floor_load_kn_m2", demand="floor_load_kn_m2", unit="kN/m²", weight=3, full_at=0.5,
                  passed=Text("Floor carries {supply}: {margin} to spare.", "楼面荷载 {supply}，余 {margin}。"),
                  failed=Text("Floor carries only {supply}: {margin} short.", "楼面荷载只有 {supply}，缺 {margin}。"),
                  change=Text("spread the load to {value}", "将荷载降到 {value}")),
        Criterion("backup", Text("Backup", "备电"), Test.AT_LEAST, supply="backup_min", demand="backup_min", unit="min", weight=2, full_at=1.0,
                  passed=Text("Backup of {supply}: {margin} to spare.", "备电 {supply}，余 {margin}。"),
                  failed=Text("Backup of {supply} only: {margin} short.", "备电只有 {supply}，缺 {margin}。"),
                  change=Text("accept a backup of {value}", "将备电放宽到 {value}")),
    ),
)
