"""The top bar: words in their order, menus of what is used less often, a menu of one link is that link."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web import shell


def bar(*links: shell.NavLink, path: str = "/") -> list[shell.NavItem | shell.NavMenu]:
    app = Flask(__name__)
    app.extensions[shell.EXTENSION] = shell.Shell()
    for link in links:
        app.add_url_rule(f"/{link.section}", link.endpoint, lambda: "")
    shell.add_links(app, *links)
    with app.test_request_context(path):
        return list(shell.nav_items())


def link(name: str, order: int = 50, menu: str = "", visible: bool = True) -> shell.NavLink:
    return shell.NavLink(f"{name}.index", Text(name, name), name, order, lambda: visible, menu)


def test_words_stand_in_their_order_and_menus_in_theirs() -> None:
    found = bar(link("c", 60), link("x", 10, "together"), link("y", 5, "together"), link("a", 20))
    assert [entry.label.en for entry in found] == ["a", "Build together", "c"]
    menu = found[1]
    assert isinstance(menu, shell.NavMenu)
    assert [item.label.en for item in menu.items] == ["y", "x"]


def test_a_menu_of_one_link_is_that_link_and_an_empty_one_is_not_there() -> None:
    found = bar(link("x", menu="together"), link("y", menu="together", visible=False), link("z", menu="office", visible=False))
    assert found == [shell.NavItem(Text("x", "x"), "/x", False)]


def test_a_menu_is_current_when_one_of_its_pages_is() -> None:
    links = (link("x", menu="together"), link("y", menu="together"), link("a", 20))
    assert [entry.current for entry in bar(*links, path="/y/ref")] == [False, True]
    assert [entry.current for entry in bar(*links, path="/a")] == [True, False]
