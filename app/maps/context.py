"""The name of a region in every template: filters show the one that is chosen."""

from __future__ import annotations

from flask import Flask

from app.regions import region_name


def init(app: Flask) -> None:
    app.jinja_env.globals["region_name"] = region_name
