"""What a closer look may be for: a closed list, so that grants and the ledger can be read by purpose."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.text import Text

PURPOSES: Mapping[str, Text] = {
    "planning": Text("Network planning", "网络规划"),
    "survey": Text("Site survey", "现场勘查"),
    "design": Text("Design", "工程设计"),
    "works": Text("Coordination of works", "施工协调"),
    "emergency": Text("Emergency response", "应急处置"),
    "supervision": Text("Supervision", "监督检查"),
}
