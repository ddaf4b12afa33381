"""Names that lead nowhere, and contents that are what their ending says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attachments.rules import NAME_MAX, TYPES, clean_name, extension, is_of_type


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\li\\计算书.pdf", "计算书.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        (".htaccess", "htaccess"),
        ("", "document"),
        ("///", "document"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  two   words .pdf", "two words .pdf"),
        ("x" * 300 + ".pdf", "x" * (NAME_MAX - 4) + ".pdf"),
    ],
)
def test_a_name_is_cleaned(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text())
def test_no_name_holds_what_could_do_harm(given_name: str) -> None:
    kept = clean_name(given_name)
    assert 0 < len(kept) <= NAME_MAX
    assert not set(kept) & set('/\\<>:"|?*\x00\r\n\u202e\u2028')
    assert not kept.startswith(".")
    assert clean_name(kept) == kept


def test_the_first_bytes_decide() -> None:
    assert is_of_type(TYPES["pdf"], b"%PDF-1.7")
    assert not is_of_type(TYPES["pdf"], b"<html>")
    assert is_of_type(TYPES["csv"], "编号,名称".encode("gb18030"))
    assert not is_of_type(TYPES["csv"], b"MZ\x00\x01")
    assert extension("A.PDF") == "pdf"


def test_nothing_that_a_browser_runs_can_be_attached() -> None:
    assert not {"html", "htm", "svg", "js", "xhtml", "xml", "exe"} & TYPES.keys()
