"""A rule of the shop, and the query that finds what breaks it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """A rule, and the query that finds what breaks it: one text column that names the offender."""

    name: str
    sql: str
