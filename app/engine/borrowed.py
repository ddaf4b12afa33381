"""Arrays that a kernel reads without counting who holds them."""

# mypy: allow-untyped-defs, allow-untyped-calls
from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic


def _borrowed(typing_context, value):
    """The same array, or tuple of arrays and tuples, that no count of references is kept of: whoever called holds them longer
    than the kernel runs. An array that is taken out of a tuple in a loop otherwise costs two atomic operations each time, on
    one place in memory for all threads."""

    def lower(context, builder, signature, arguments):
        return _bare(context, builder, signature.args[0], arguments[0])

    return value(value), lower


def _bare(context, builder, kind, value):
    if isinstance(kind, types.Array):
        array = cgutils.create_struct_proxy(kind)(context, builder, value)
        array.meminfo = ir.Constant(array.meminfo.type, None)
        array.parent = ir.Constant(array.parent.type, None)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts: Any = kind
        for at, part in enumerate(parts):
            value = builder.insert_value(value, _bare(context, builder, part, builder.extract_value(value, at)), at)
    return value


borrowed: Any = intrinsic(_borrowed)
