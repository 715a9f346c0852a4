"""The `aisle` command: one verb a subcommand, each with --json for machines."""

from aisle.cli import learn, operate, request
from aisle.cli.command import app, main

__all__ = ["app", "learn", "main", "operate", "request"]
