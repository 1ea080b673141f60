"""Which products a merchant shows beside others: written when all products of the file are here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from catalog.describing import MAX_RELATED
from catalog.importing.columns import Layout
from catalog.importing.copying import insert_plain
from catalog.importing.present import held, ids_of
from catalog.importing.shapes import Problem, WantedProduct
from catalog.models import Product, RelatedProduct

MOST_NAMED = 5


@dataclass
class Related:
    """What became of a batch. `changed` are products in which this import has changed nothing else."""

    changed: int = 0
    problems: list[Problem] = field(default_factory=list)


def relate(wanted: Sequence[WantedProduct], *, layout: Layout, since: datetime, only_new: bool) -> Related:
    """Let products show those that the file names beside them; part of the caller's transaction.

    `since` is when the import began. Whoever is not here is a hint.
    """
    here = ids_of({product.handle for product in wanted})
    others = ids_of({handle for product in wanted for handle in product.related})
    with_links = set(RelatedProduct.objects.filter(product__in=here.values()).values_list("product", flat=True))
    concerned = {
        here[product.handle]: product
        for product in wanted
        if product.handle in here and (product.related or here[product.handle] in with_links)
    }
    locked, outcome = {product.pk: product for product in held(concerned.keys())}, Related()
    stored, links = _stored(locked), dict[int, list[int]]()
    for pk, product in locked.items():
        if only_new and product.created_at < since:
            continue
        ids, problems = _ids(concerned[pk], pk, others, layout)
        outcome.problems += problems
        if ids != stored[pk]:
            links[pk] = ids
            outcome.changed += product.updated_at < since
    _write(links)
    return outcome


def _stored(product_ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = RelatedProduct.objects.filter(product__in=product_ids).order_by("product", "position", "pk")
    for product_id, other_id in rows.values_list("product", "other"):
        found[product_id].append(other_id)
    return found


def _ids(wanted: WantedProduct, pk: int, others: dict[str, int], layout: Layout) -> tuple[list[int], list[Problem]]:
    """Whom a product is related to, and what is to be said about it."""
    said = []
    if strangers := [handle for handle in wanted.related if handle not in others]:
        named = ", ".join(f"“{handle}”" for handle in strangers[:MOST_NAMED])
        more = f" and {len(strangers) - MOST_NAMED} more" if len(strangers) > MOST_NAMED else ""
        said.append((strangers[0], f"There is no product {named}{more}; it was left out."))
    ids = list(dict.fromkeys(others[handle] for handle in wanted.related if handle in others))
    if pk in ids:
        ids.remove(pk)
        said.append((wanted.handle, "A product is not related to itself; that was left out."))
    if len(ids) > MAX_RELATED:
        said.append((str(len(ids)), f"A product has at most {MAX_RELATED} related ones; the first were taken."))
    column = layout.title("related")[:100]
    problems = [Problem(wanted.line, column, value[:200], text[:500], is_refusal=False) for value, text in said]
    return ids[:MAX_RELATED], problems


def _write(links: dict[int, list[int]]) -> None:
    if not links:
        return
    RelatedProduct.objects.filter(product__in=links).delete()
    rows = ((pk, other, place) for pk, ids in links.items() for place, other in enumerate(ids))
    insert_plain(RelatedProduct, ["product_id", "other_id", "position"], rows)
    # Whoever has the product's form open sees that it has changed.
    Product.objects.filter(pk__in=links).update(updated_at=timezone.now())
