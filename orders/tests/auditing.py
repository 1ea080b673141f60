"""The audit, for tests: it is the last thing that a test about stock or money looks at."""

from __future__ import annotations

from orders.reports.invariants import verdicts


def broken_rules() -> list[str]:
    """The names of the rules that do not hold, with their offenders; none in a sound shop."""
    return [f"{verdict.name}: {verdict.offenders}" for verdict in verdicts() if not verdict.holds]
