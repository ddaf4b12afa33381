"""Which engine room runs: compiled kernels once they are ready, numpy and scipy until then.

`ENGINE_BACKEND=numpy` forces the fallback, `numba` waits for the kernels. Otherwise a process answers with numpy until `warm()`
has
loaded (or, once per machine, compiled) them, so that no request ever waits for a compiler.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar

_ready = threading.Event()
_lock = threading.Lock()
_rehearsing: ContextVar[bool] = ContextVar("engine_rehearsing", default=False)


def use_kernels() -> bool:
    """True when the compiled kernels may be called."""
    choice = os.environ.get("ENGINE_BACKEND", "")
    if choice not in ("", "numpy", "numba"):
        raise ValueError(f"ENGINE_BACKEND={choice!r}: expected numpy or numba")
    if choice == "numpy":
        return False
    if choice == "numba" and not _rehearsing.get():
        warm()
    return _rehearsing.get() or _ready.is_set()


def warm(background: bool = False) -> None:
    """Load the kernels, compiling those not yet kept on disk. Idempotent; `background` returns at once."""
    if background:
        threading.Thread(target=_compile, name="engine-warm", daemon=True).start()
    else:
        _compile()


def _compile() -> None:
    with _lock:
        if _ready.is_set() or os.environ.get("ENGINE_BACKEND") == "numpy":
            return
        from app.engine.rehearsal import rehearse

        token = _rehearsing.set(True)
        try:
            rehearse()
        finally:
            _rehearsing.reset(token)
        _ready.set()
