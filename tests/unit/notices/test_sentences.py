"""Every sentence fills, in both languages, whatever the event carried."""

from __future__ import annotations

import string

import pytest

from app.catalogue.actions import THINGS, VERBS, WHOLE, action_text
from app.notices.sentences import SENTENCES, sentence


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_needs_the_same_values_in_both_languages(code: str) -> None:
    text = SENTENCES[code].text
    en, zh = ({field for _, field, _, _ in string.Formatter().parse(words) if field} for words in (text.en, text.zh))
    assert en == zh


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_missing_value_is_a_dash(code: str) -> None:
    filled = sentence(code, {"who": "City Power"})
    assert "{" not in filled.en + filled.zh


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_an_action_that_is_told_has_words(code: str) -> None:
    thing, _, verb = code.partition(".")
    assert thing in THINGS
    assert code in WHOLE or verb in VERBS


def test_an_unknown_code_still_says_something() -> None:
    assert sentence("gadget.tuned", {}).en == "gadget tuned"
    assert action_text("needs_list.published").zh == "需求清单已发布"
