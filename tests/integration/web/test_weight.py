"""What a first visit loads, packed as browsers take it: under 200 KB without the map."""

from __future__ import annotations

import gzip
import re

import pytest
from flask.testing import FlaskClient

LIMIT = 200_000


@pytest.mark.parametrize("path", ["/", "/sign-in"])
def test_a_first_page_is_light(client: FlaskClient, path: str) -> None:
    page = client.get(path, follow_redirects=True).text
    own = {url for url in re.findall(r'(?:src|href)="(/static/[^"#]+)', page) if "/map-" not in url}
    assert len(own) >= 3, "a style sheet, a script and the icons"
    heavy = {url: len(client.get(url, headers={"Accept-Encoding": "gzip"}).data) for url in own}
    assert len(gzip.compress(page.encode())) + sum(heavy.values()) < LIMIT, heavy
