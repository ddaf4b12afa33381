"""What a kernel tells the processor to load before it is needed: many rows on their way at once instead of one after the other."""

# mypy: allow-untyped-defs, allow-untyped-calls
from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

LINE = 64  # bytes that travel together


def _ahead(typing_context, array, row, lines):
    """Begin to load item `row` of an array, which must be within it: the line it begins in and the next, `lines` (a literal) in all.
    Changes nothing but time."""
    if not isinstance(lines, types.IntegerLiteral):
        return None

    def lower(context, builder, signature, arguments):
        held = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        place = builder.mul(arguments[1], builder.extract_value(held.strides, 0))
        begin = builder.gep(builder.bitcast(held.data, byte), [place])
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for line in range(lines.literal_value):
            at = builder.gep(begin, [ir.Constant(ir.IntType(64), line * LINE)])
            builder.call(fetch, [at, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64, lines), lower


ahead: Any = intrinsic(_ahead)
