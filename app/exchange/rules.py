"""The life of an import. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from app.kernel.errors import declare
from app.kernel.statemachine import Machine
from app.kernel.text import Text

STATUSES: Mapping[str, Text] = {
    "uploaded": Text("Uploaded", "已上传"),
    "checking": Text("Being checked", "检查中"),
    "checked": Text("Checked", "已检查"),
    "importing": Text("Being imported", "导入中"),
    "committed": Text("Imported", "已导入"),
    "undoing": Text("Being undone", "撤销中"),
    "undone": Text("Undone", "已撤销"),
    "failed": Text("Could not be read", "无法读取"),
    "discarded": Text("Discarded", "已放弃"),
}
LIFE = Machine(
    name="import",
    subject=Text("The import", "该导入"),
    states=STATUSES,
    initial="uploaded",
    final=frozenset({"undone", "discarded"}),
    transitions={
        "settle": (frozenset({"uploaded", "checked", "failed"}), "uploaded"),
        "check": (frozenset({"uploaded", "checking", "checked", "failed"}), "checking"),
        "finish": (frozenset({"checking"}), "checked"),
        "fail": (frozenset({"checking"}), "failed"),
        "write": (frozenset({"checked", "importing"}), "importing"),
        "stop": (frozenset({"importing"}), "checked"),
        "commit": (frozenset({"checked", "importing"}), "committed"),
        "take_back": (frozenset({"committed", "undoing"}), "undoing"),
        "undo": (frozenset({"committed", "undoing"}), "undone"),
        "discard": (frozenset({"uploaded", "checked", "failed"}), "discarded"),
    },
    labels={
        "settle": Text("Change", "修改"),
        "check": Text("Check", "检查"),
        "finish": Text("Finish the check", "完成检查"),
        "fail": Text("Give up the check", "终止检查"),
        "write": Text("Import", "导入"),
        "stop": Text("Stop the import", "停止导入"),
        "commit": Text("Import", "导入"),
        "take_back": Text("Undo", "撤销"),
        "undo": Text("Undo", "撤销"),
        "discard": Text("Discard", "放弃"),
    },
)
ALL_ROWS, VALID_ROWS = "all", "valid"

declare(
    "import_has_problems",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{count} things are wrong with the file. Correct it, or import only the {sound} sound rows.",
    "文件有 {count} 处问题。请修正后重新上传，或只导入 {sound} 行正确的数据。",
)
declare("import_empty", HTTPStatus.UNPROCESSABLE_ENTITY, "There is no sound row to import.", "没有可导入的正确数据行。")
declare(
    "import_stale",
    HTTPStatus.CONFLICT,
    "What the file was checked against has changed since. Check it again.",
    "检查之后相关数据已变化，请重新检查。",
)
declare(
    "import_running",
    HTTPStatus.CONFLICT,
    "This import is being written. Wait for its end, or stop it.",
    "正在导入，请等待完成或先停止。",
)
declare(
    "undo_blocked",
    HTTPStatus.CONFLICT,
    "This import cannot be undone. In the way: {things}.",
    "无法撤销该导入，相关记录：{things}。",
)
declare(
    "undo_running",
    HTTPStatus.CONFLICT,
    "This import is being undone. Wait for its end.",
    "该导入正在撤销，请等待完成。",
)
declare(
    "needs_list_missing",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Name the needs list that the rows belong to.",
    "请指定这些需求所属的需求清单。",
)
