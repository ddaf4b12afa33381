"""`flask evidence bundle`, `flask evidence verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app

from app.approvals.evidence import verify as verifier
from app.approvals.evidence.bundling import bundle
from app.kernel.actor import SYSTEM
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("evidence", help="Evidence of agreements.")
GROUPS = [group]


@group.command("bundle")
@click.argument("ref")
@click.option("--out", type=click.Path(path_type=Path), help="Default: evidence-REF.zip here.")
def write(ref: str, out: Path | None) -> None:
    """Write the bundle of the agreement REF."""
    target = out or Path(f"evidence-{ref}.zip")
    target.write_bytes(bundle(bus(), SYSTEM, ref, current_app.config["SETTINGS"]))
    click.echo(f"{target}: {target.stat().st_size} bytes")


@group.command("verify")
@click.argument("path", type=click.Path(exists=True))
@click.option("--key", help="The register's public key, in hexadecimal.")
def check(path: str, key: str | None) -> None:
    """Verify a bundle, as its own verify.py does."""
    sys.exit(verifier.main([path, *(["--key", key] if key else [])]))
