"""A batch of products taken into the catalogue: created or changed, each as a whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError, transaction

from catalog.errors import CatalogError
from catalog.importing.choices import Choices
from catalog.importing.columns import Layout
from catalog.importing.planning import CREATED, UNCHANGED, UPDATED, Planner
from catalog.importing.planning_variants import Refused
from catalog.importing.present import Present, ids_of
from catalog.importing.shapes import Group, Problem, WantedProduct
from catalog.importing.shelves import Shelves
from catalog.importing.traits import Traits
from catalog.importing.writing import Writing
from catalog.variants import MAX_VARIANTS

COLLISION = "This could not be written: it collides with something else in the shop"


# What one product of a set may be to blame for.
UNWRITABLE = (IntegrityError, DataError, CatalogError)


@dataclass
class Outcome:
    """What became of a batch."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def created(self) -> int:
        return self.counts[CREATED]

    @property
    def updated(self) -> int:
        return self.counts[UPDATED]

    @property
    def unchanged(self) -> int:
        return self.counts[UNCHANGED]


def take(
    groups: Sequence[Group], *, layout: Layout, choices: Choices, actor: str, run_id: int | None = None
) -> Outcome:
    """Write the products of these groups; part of the caller's transaction.

    The set is written at once. When PostgreSQL refuses it, each product is written by itself, so that only those are
    refused that have to be.
    """
    outcome = Outcome(refused=sum(group.product is None for group in groups))
    for group in groups:
        outcome.problems += group.problems
    wanted = [group.product for group in groups if group.product is not None]
    if not wanted:
        return outcome
    here = ids_of({product.handle for product in wanted})
    shelves = Shelves(wanted, new_handles={product.handle for product in wanted} - here.keys())
    traits = Traits(layout.attributes, wanted, shelves.type_of(wanted, here, in_file="type" in layout))
    batch = Batch(layout=layout, choices=choices, shelves=shelves, traits=traits, actor=actor, run_id=run_id)
    try:
        with transaction.atomic():
            written = batch.write(wanted)
    except UNWRITABLE:
        for product in wanted:
            _add(outcome, batch.write_alone(product))
    else:
        _add(outcome, written)
    return outcome


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What the products of a batch have in common."""

    layout: Layout
    choices: Choices
    shelves: Shelves
    traits: Traits
    actor: str
    run_id: int | None

    def write(self, wanted: Sequence[WantedProduct]) -> Outcome:
        outcome = Outcome()
        present, writing = Present(wanted), Writing(actor=self.actor, run_id=self.run_id)
        planner = Planner(present, self.shelves, self.traits, self.layout, self.choices, writing, MAX_VARIANTS)
        for product in wanted:
            try:
                outcome.counts[planner.plan(product, outcome.problems.append)] += 1
            except Refused as refused:
                outcome.refused += 1
                outcome.problems.append(refused.problem)
        writing.write()
        return outcome

    def write_alone(self, product: WantedProduct) -> Outcome:
        """One product; what PostgreSQL or the stock says about it becomes a refusal."""
        try:
            with transaction.atomic():
                return self.write([product])
        except CatalogError as error:
            return Outcome(refused=1, problems=[Problem(product.line, "", product.handle[:200], str(error))])
        except (IntegrityError, DataError) as error:
            said = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
            message = f"{COLLISION} ({said})." if said else f"{COLLISION}."
            return Outcome(refused=1, problems=[Problem(product.line, "", product.handle[:200], message)])


def _add(outcome: Outcome, more: Outcome) -> None:
    outcome.counts += more.counts
    outcome.refused += more.refused
    outcome.problems += more.problems
