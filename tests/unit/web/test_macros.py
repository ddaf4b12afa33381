"""The macros made from declarations: every kind's form in both languages, each error beside its field and linked from the top."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from tests.support.pages import page_app

FORM = """{% import "macros/forms.html" as forms %}
{{ forms.error_summary(errors, labels) }}{{ forms.declared_fields(fields, values, errors, "asset.") }}"""


@pytest.fixture(scope="module")
def app() -> Flask:
    return page_app()


def render(app: Flask, source: str, locale: str, **values: object) -> str:
    with app.test_request_context("/", headers={"Cookie": f"language={locale}"}):
        return app.jinja_env.from_string(source).render(**values)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("kind", KINDS.all(), ids=lambda kind: kind.name)
def test_a_kind_s_form_has_every_attribute_once(app: Flask, kind: AssetKind, locale: str) -> None:
    page = render(app, FORM, locale, fields=kind.attributes, values={}, errors={}, labels={})
    assert re.findall(r'<(?:input|select)[^>]* name="asset\.([a-z0-9_]+)"', page) == list_of_names(kind)
    for field in kind.attributes:
        assert field.label.in_(locale) in page


def list_of_names(kind: AssetKind) -> list[str]:
    """The names by group, in the order in which groups appear."""
    groups = list(dict.fromkeys(field.group for field in kind.attributes))
    return [field.name for group in groups for field in kind.attributes if field.group == group]


def test_an_error_stands_on_top_and_beside(app: Flask) -> None:
    tower = KINDS["tower"]
    page = render(
        app,
        FORM,
        "en",
        fields=tower.attributes,
        values={"structure_height_m": "<b>"},
        labels={"asset.structure_height_m": "Structure height"},
        errors={"asset.structure_height_m": ["Type a number."], "": "The whole is wrong."},
    )
    assert "2 things need attention" in page
    assert 'href="#f-asset.structure_height_m"' in page
    assert 'id="f-asset.structure_height_m"' in page
    assert 'aria-describedby="e-asset.structure_height_m h-asset.structure_height_m" aria-invalid="true"' in page
    assert 'value="&lt;b&gt;"' in page
    assert "The whole is wrong." in page


def test_a_choice_shows_its_value_and_a_boolean_three_ways(app: Flask) -> None:
    page = render(
        app,
        FORM,
        "zh_CN",
        fields=KINDS["tower"].attributes,
        values={"structure": "lattice", "built_up": False},
        errors={},
        labels={},
    )
    assert '<option value="lattice" selected>角钢塔</option>' in page
    assert '<option value="false" selected>否</option>' in page


TABLE = """{% import "macros/data.html" as data %}
{%- call(row) data.table([{"label": "N", "sort": "name"}], rows, "Things", "Nothing fits.", sort=sort) %}<td>{{ row }}</td>{% endcall %}"""


@pytest.mark.parametrize(
    ("sort", "state", "link"),
    [("name", "ascending", "?sort=-name"), ("-name", "descending", "?sort=name"), (None, None, "?sort=name")],
)
def test_a_heading_turns_the_order_and_says_it(app: Flask, sort: str | None, state: str | None, link: str) -> None:
    page = render(app, TABLE, "en", rows=["<i>"], sort=sort)
    assert (f'aria-sort="{state}"' in page) is (state is not None)
    assert f'href="/{link}"' in page
    assert "<td>&lt;i&gt;</td>" in page


def test_an_empty_table_is_a_sentence(app: Flask) -> None:
    page = render(app, TABLE, "en", rows=[], sort=None)
    assert "<table" not in page
    assert "Nothing fits." in page


def test_features_of_a_map_cannot_break_out_of_their_attribute(app: Flask) -> None:
    source = '{% import "macros/map.html" as maps %}{{ maps.map([{"id": "x", "label": label}]) }}'
    page = render(app, source, "en", label="\"><script>alert(1)</script>' onload=")
    assert "<script>" not in page
    assert re.search(r'data-features="[^"<>]*"', page)


@pytest.mark.parametrize(
    ("code", "status"),
    [("forbidden", 403), ("not_found", 404), ("too_many_requests", 429), ("internal", 500), ("unavailable", 503)],
)
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_an_error_page_says_what_to_do_next(app: Flask, code: str, status: int, locale: str) -> None:
    answer = app.test_client().get(f"/styleguide/error/{code}", headers={"Cookie": f"language={locale}"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert page.count("<h1>") == 1
    assert 'class="button button-primary"' in page
    assert str(status) in page
