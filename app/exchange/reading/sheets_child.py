"""A program of its own: open a workbook with calamine and write its sheets, as plain values, to a file.

    python sheets_child.py WORKBOOK OUT CELLS_LIMIT MEMORY_BYTES

calamine is quick, but a damaged workbook can make it ask for more memory than there is, and that ends the process. So it has one
of its own, with a limit. Imports nothing of ours: it starts in a tenth of a second.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum


def sheets(path: str, cells_limit: int) -> dict[str, Any]:
    """{"sheets": [(name, visible, grid, merged cells)]}, or {"code": …, what fills its sentence}."""
    found: list[tuple[str, bool, list[list[Any]], list[tuple[int, int, int, int]]]] = []
    with CalamineWorkbook.from_path(path) as book:
        for meta in book.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            if meta.visible != SheetVisibleEnum.Visible:
                found.append((meta.name, False, [], []))
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.total_height * sheet.total_width > cells_limit:
                return {"code": "sheet_too_large", "sheet": meta.name, "rows": sheet.total_height, "columns": sheet.total_width}
            spans = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
            found.append((meta.name, True, sheet.to_python(skip_empty_area=False), spans))
    return {"sheets": found}


def main(path: str, target: str, cells_limit: str, memory: str) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError) as error:  # a system without such limits
        sys.stderr.write(f"no limit of memory: {error}\n")
    try:
        answer = sheets(path, int(cells_limit))
    except PasswordError:
        answer = {"code": "encrypted"}
    except (CalamineError, OSError) as error:
        answer = {"code": "damaged", "why": (str(error) or type(error).__name__).splitlines()[0][:200]}
    with open(target, "wb") as out:  # noqa: PTH123 - no pathlib: this starts often
        pickle.dump(answer, out, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main(*sys.argv[1:5])
