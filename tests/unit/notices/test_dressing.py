"""A mail's HTML says what its text says, with links, and lets nothing that a name holds become markup."""

from __future__ import annotations

import re
from email.policy import SMTP

from app.notices.delivery import OutgoingMail, compose
from app.notices.dressing import blocks, dress
from tests.support.now import NOW

END = "https://site.example/tasks/digest/stop/x"
DIGEST = f"""What waits for Grid on Monday:

Overdue (1)
- Answer: <b>Mast & \u94c1\u5854</b>
  due Friday \u00b7 provisional
  https://site.example/tasks/a/1

and 3 more: https://site.example/tasks

You are sent this because you asked for it.
Change it: https://site.example/tasks/digest
End it: {END}
"""


def test_items_carry_their_address_and_facts_and_the_end_is_at_the_foot() -> None:
    made = dress("Grid: 1 overdue", DIGEST, END)
    assert '<a href="https://site.example/tasks/a/1"' in made
    assert "Answer: &lt;b&gt;Mast &amp; \u94c1\u5854&lt;/b&gt;</a>" in made
    assert "due Friday \u00b7 provisional</span>" in made
    assert re.search(r"<h2[^>]*>Overdue \(1\)</h2>", made)
    assert re.search(r'border-top:1px solid #dde3e8;padding-top:14px">\s*You are sent this', made)
    assert f'<a href="{END}" style="color:#0b5568">End it</a>' in made
    assert '<html lang="en">' in made


def test_every_word_of_the_text_is_in_the_html() -> None:
    words = re.sub(r"https?://\S+", "", DIGEST).replace("- ", "").replace(":", " ")
    shown = re.sub(r"<[^>]+>", " ", dress("s", DIGEST, END)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert [word for word in words.split() if word not in shown] == []


def test_two_languages_stand_apart_and_an_address_alone_is_shown() -> None:
    made = list(blocks("\u8bf7\u63a5\u53d7\uff1a\nhttps://a.example/1\n----\n\nAccept:\nhttps://a.example/1\n"))
    assert [block.form for block in made] == ["text", "rule", "text"]
    assert (made[2].lines[1].words, made[2].lines[1].url) == ("https://a.example/1",) * 2
    assert '<html lang="zh-CN">' in dress("s", "\u8bf7\u63a5\u53d7\u3002\n----\n\nAccept it now, please.\n")


def test_an_address_in_a_title_is_no_link() -> None:
    (items,) = blocks("- Cheap: https://evil.example/x (Grid)\n  https://site.example/listings/1\n")
    assert [(line.words, line.url) for line in items.lines] == [
        ("Cheap: https://evil.example/x (Grid)", "https://site.example/listings/1")
    ]


def test_a_mail_has_its_text_first_and_its_html_beside_it() -> None:
    message = compose(OutgoingMail("r", "a@example.com", "s", DIGEST, NOW, END), "x@y.invalid")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, message.as_bytes(policy=SMTP).splitlines())) <= 998
