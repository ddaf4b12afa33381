"""The engine's version: part of every stored run, raised whenever an answer may change."""

from __future__ import annotations

ENGINE_VERSION = "1.1.0"
