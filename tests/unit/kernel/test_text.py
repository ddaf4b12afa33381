"""Words in two languages: a number with its noun."""

from __future__ import annotations

from app.kernel.text import Text, counted


def test_one_is_one_and_the_rest_are_many() -> None:
    said = [counted(number, "month", "months", "{n} 个月") for number in (0, 1, 2)]
    assert said == [Text("0 months", "0 个月"), Text("1 month", "1 个月"), Text("2 months", "2 个月")]
