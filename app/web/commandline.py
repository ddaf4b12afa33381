"""Groups of commands: what a command is refused stands on the terminal in words, with every place that is wrong."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from app.kernel.errors import DomainError


class Commands(AppGroup):
    """Commands that run within the application. A `DomainError` that one of them leaves ends it as an error of its arguments does."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except DomainError as error:
            raise refused(error) from None


def refused(error: DomainError) -> click.ClickException:
    """The refusal in words, with every field that is wrong."""
    places = [f"  {(problem.pointer or '').lstrip('/')}: {problem.detail.en}" for problem in error.problems]
    return click.ClickException("\n".join([error.text.en, *places]))
