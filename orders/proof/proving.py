"""The whole proof: every race, the audit while its rows are there, and that nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from orders.proof.races import RACES, Race, run_race
from orders.proof.stage import clear, stage
from orders.proof.tallies import Finding
from orders.reports.invariants import verdicts


@dataclass(frozen=True)
class Proof:
    """What was found, promise by promise."""

    buyers: int
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> list[str]:
        return [found.promise for found in self.findings if not found.holds]

    @property
    def holds(self) -> bool:
        return not self.broken

    def as_json(self) -> dict[str, Any]:
        return {"holds": self.holds, "buyers": self.buyers, "findings": [asdict(found) for found in self.findings]}


def prove(*, buyers: int, tell: Callable[[Finding], None], races: Sequence[Race] = RACES) -> Proof:
    """Run everything; `tell` hears of each finding when it is there.

    What it makes is removed at the end, also when it is interrupted. Raises NothingToProveWith.
    """
    found: list[Finding] = []

    def note(finding: Finding) -> None:
        found.append(finding)
        tell(finding)

    with stage() as made:
        for race in races:
            note(run_race(race, made, buyers))
        for finding in _audit():
            note(finding)
    note(_left())
    return Proof(buyers, tuple(found))


def _audit() -> list[Finding]:
    """What `manage.py audit` checks, while the rows of the races are there: a finding for each of its rules."""
    return [
        Finding(
            verdict.name[0].upper() + verdict.name[1:],
            holds=verdict.holds,
            told="; ".join(verdict.offenders) or "holds for all rows of the shop",
            seconds=verdict.seconds,
        )
        for verdict in verdicts()
    ]


def _left() -> Finding:
    """Removing once more finds nothing."""
    left = clear()
    return Finding("Nothing of the proof is left", holds=not left, told=f"{left} rows were still there")
