"""What every official paper of the register carries: words around it, the code that leads to its verification. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.documents.typesetting import qr_svg
from app.kernel.text import Text

LANGUAGES = ("en", "zh_CN")
COMMON: Mapping[str, Text] = {
    "page": Text("page", "第"),
    "continued": Text(", continued", "（续）"),
    "page_end": Text("", "页"),
    "colon": Text(":", "："),
    "seal": Text("Signature, seal", "（盖章）"),
    "date": Text("Date", "日期"),
    "no": Text("No.", "序号"),
    "verify": Text("Verify this document", "验证本文件"),
    "verify_text": Text(
        "Scan the code or open the address: it says whether the agreement version that this document is on is in the register and where it "
        "stands, and nothing of its content. This file itself can be compared there too.",
        "扫描二维码或打开以下网址，可查验本文件所涉协议版本是否在登记系统中及其状态，不显示内容；也可上传本文件进行比对。",
    ),
}


def language_of(locale: str) -> str:
    return "zh_CN" if locale.lower().startswith("zh") else "en"


def official(
    locale: str, words: Mapping[str, Text], *, title: str, keyword: str, foot: str, digest: str = "", base_url: str = ""
) -> dict[str, Any]:
    """The part of a paper's facts that all have. `keyword`: names it to the verifier; `digest`: of the agreement version that it is
    on, none for a paper on no agreement."""
    zh, address = locale.startswith("zh"), f"{base_url}/verify/{digest}"
    return {
        "lang": "zh" if zh else "en",
        "region_code": "CN" if zh else "GB",
        "words": {name: text.in_(locale) for name, text in {**COMMON, **words}.items()},
        "title": title,
        "keyword": keyword,
        "foot": foot,
        **({"hash": digest, "address": address, "qr": qr_svg(address)} if digest else {}),
    }
