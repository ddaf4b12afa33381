"""cable: one span between joints: dark fibre on OPGW, ADSS, duct or submarine cable.

A pair is two cores of the same glass: the ledger holds cores, a need asks for pairs. Sources: ITU-T G.652/G.654/G.655/G.657,
OFDS 0.4.
"""

from __future__ import annotations

from app.catalogue.declaration import AssetKind, Choice, Criterion, Derivation, Dimension, Field, Geometry, Sort, Test
from app.catalogue.fibre import end_to_end_loss_db
from app.kernel.text import Text

SPAN = Text("Span", "缆段")
FIBRE = Text("Fibre", "光纤")

FIBRE_TYPES = (
    Choice("g652", Text("ITU-T G.652", "ITU-T G.652"), ("G.652", "G652D", "G.652.D")),
    Choice("g654", Text("ITU-T G.654", "ITU-T G.654"), ("G.654", "G.654.E")),
    Choice("g655", Text("ITU-T G.655", "ITU-T G.655"), ("G.655",)),
    Choice("g657", Text("ITU-T G.657", "ITU-T G.657"), ("G.657", "G.657.A1", "G.657.A2")),
)

CABLE = AssetKind(
    name="cable",
    label=Text("Cable", "光缆"),
    plural=Text("Cables", "光缆"),
    summary=Text("Dark fibre on OPGW, ADSS, duct and submarine cables", "OPGW、ADSS、管道光缆、海缆的纤芯"),
    geometry=(Geometry.LINE,),
    need_geometry=("route", "circle", "area"),
    quantity="pairs",
    joint_ducts=1,
    icon="cable",
    hue="cable",
    aliases=("光缆", "纤芯", "光纤", "cables", "fibre", "fiber", "span", "裸纤"),
    attributes=(
        Field(
            "cable_type",
            Text("Cable type", "光缆类型"),
            "choice",
            required=True,
            default="duct",
            group=SPAN,
            choices=(
                Choice("opgw", Text("OPGW", "OPGW"), ("opgw", "光纤复合架空地线")),
                Choice("adss", Text("ADSS", "ADSS"), ("adss",)),
                Choice("duct", Text("Duct cable", "管道光缆"), ("管道光缆", "below ground", "underground")),
                Choice("aerial", Text("Aerial cable", "架空光缆"), ("架空", "above ground", "aerial")),
                Choice("submarine", Text("Submarine cable", "海缆"), ("海缆", "undersea", "below surface")),
            ),
            aliases=("光缆类型", "缆型", "deployment", "type"),
        ),
        Field(
            "length_m",
            Text("Length", "长度"),
            unit="m",
            minimum=0,
            maximum=20000000,
            group=SPAN,
            aliases=("长度", "皮长", "length"),
        ),
        Field(
            "fibre_type",
            Text("Fibre type", "光纤类型"),
            "choice",
            choices=FIBRE_TYPES,
            default="g652",
            group=FIBRE,
            aliases=("光纤类型", "纤芯类型", "fibre type", "fiber type"),
        ),
        Field(
            "attenuation_db_km",
            Text("Attenuation at 1550 nm", "1550 nm 衰减"),
            unit="dB/km",
            minimum=0,
            maximum=5,
            default=0.22,
            group=FIBRE,
            aliases=("衰减", "attenuation"),
        ),
        Field(
            "splices",
            Text("Splices", "接头数"),
            "integer",
            minimum=0,
            maximum=10000,
            group=FIBRE,
            aliases=("接头", "接头数", "splices"),
        ),
        Field(
            "loss_db",
            Text("Loss end to end at 1550 nm", "1550 nm 全程损耗"),
            unit="dB",
            minimum=0,
            maximum=200,
            group=FIBRE,
            help=Text(
                "As measured; else reckoned from length, attenuation, splices and connectors.",
                "实测值；未填则按长度、衰减、接头与连接器推算。",
            ),
            aliases=("全程损耗", "链路损耗", "loss"),
        ),
        Field("lit", Text("Lit by the owner", "是否开通"), "boolean", group=FIBRE, aliases=("开通", "lit")),
    ),
    dimensions=(
        Dimension(
            "core",
            Text("Fibre cores", "纤芯"),
            Sort.SLOTS,
            "core",
            aliases=("芯数", "纤芯数", "空闲纤芯", "fibre count", "fiber count", "cores", "fibrecount"),
            most=13_824,
        ),
    ),
    requirements=(
        Field(
            "pairs",
            Text("Fibre pairs", "纤芯对"),
            "integer",
            unit="pair",
            minimum=1,
            maximum=432,
            required=True,
            default=1,
            aliases=("数量", "纤芯对", "quantity", "pairs", "对"),
        ),
        Field(
            "attenuation_db_km",
            Text("Attenuation at most", "衰减不高于"),
            unit="dB/km",
            minimum=0,
            maximum=5,
            default=0.4,
            aliases=("衰减", "attenuation"),
        ),
        Field(
            "loss_budget_db",
            Text("Loss budget", "损耗预算"),
            unit="dB",
            minimum=0,
            maximum=200,
            help=Text("Fibre, splices and connectors together, from A to B.", "A 至 B 光纤、接头与连接器损耗合计上限。"),
            aliases=("损耗预算", "全程损耗不高于", "loss budget", "budget dB"),
        ),
    ),
    criteria=(
        Criterion(
            "pairs",
            Text("Fibre pairs", "纤芯对"),
            Test.CAPACITY,
            supply="core",
            demand="pairs",
            per=2,
            unit="pair",
            weight=30,
            full_at=2.0,
            passed=Text("{supply} free for the whole period, {demand} asked.", "全程空闲 {supply}，所需 {demand}。"),
            failed=Text("Only {supply} free for the whole period, {demand} asked.", "全程空闲只有 {supply}，所需 {demand}。"),
            change=Text("ask for {value}", "改为 {value}"),
        ),
        Criterion(
            "attenuation",
            Text("Attenuation", "衰减"),
            Test.AT_MOST,
            supply="attenuation_db_km",
            demand="attenuation_db_km",
            unit="dB/km",
            weight=10,
            full_at=0.5,
            passed=Text("{supply}: {margin} better than asked.", "{supply}，比要求好 {margin}。"),
            failed=Text("{supply}: {margin} worse than asked.", "{supply}，比要求差 {margin}。"),
            change=Text("accept {value}", "放宽到 {value}"),
        ),
        Criterion(
            "loss",
            Text("Loss end to end", "全程损耗"),
            Test.AT_MOST,
            supply="loss_db",
            demand="loss_budget_db",
            unit="dB",
            passed=Text("{supply} from end to end: {margin} to spare.", "全程 {supply}，余量 {margin}。"),
            failed=Text("{supply} from end to end: {margin} over the budget.", "全程 {supply}，超出预算 {margin}。"),
            change=Text("accept {value}", "放宽到 {value}"),
        ),
    ),
    derived=(
        Derivation(
            "loss_db",
            ("length_m", "attenuation_db_km", "fibre_type", "splices"),
            end_to_end_loss_db,
            Text(
                "Length × attenuation, splices (stated, or one for every 2 km), and a splice and a connector at either end.",
                "长度×衰减 + 接头（已填，或每 2 km 一处）+ 两端各一处熔接与连接器。",
            ),
        ),
    ),
)
