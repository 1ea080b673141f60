"""Many coupons at once: a named batch with the same terms and codes that nobody guesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.functions import Upper
from django.utils import timezone

from catalog.models import Category, Product
from orders.errors import BatchExists, InvalidOrder
from orders.locks import retried
from orders.models import Coupon
from orders.promotions.codes import LONGEST, random_code

MOST = 10_000
# 29^8 codes: whoever tries a million of them has found one of ten thousand with a chance of 2 percent.
SHORTEST_RANDOM = 8
AT_ONCE = 1000
PREFIX_FORM = re.compile(r"([A-Z0-9][A-Z0-9-]*)?")


@dataclass(frozen=True)
class CodePlan:
    """How the codes of a batch look: a prefix, then `length` random signs."""

    count: int
    prefix: str = ""
    length: int = 10


@retried
def make_batch(
    *,
    name: str,
    plan: CodePlan,
    terms: Coupon,
    products: Sequence[Product] = (),
    categories: Sequence[Category] = (),
) -> int:
    """Write `plan.count` coupons for one use each, with the terms of an unsaved one, under the name of a new batch;
    returns how many.

    Raises BatchExists, and InvalidOrder for codes that would be too short, too long or too many, or over already.
    """
    _check(plan)
    if terms.ends_at is not None and terms.ends_at <= timezone.now():
        raise InvalidOrder("The end is in the past.", field="ends_at")
    with transaction.atomic(durable=True):
        _one_at_a_time()
        if Coupon.objects.filter(batch=name).exists():
            raise BatchExists(f"There is a batch “{name}” already. Give this one another name.", batch=name)
        coupons = []
        for code in _new_codes(plan):
            coupon = copy(terms)
            coupon.code, coupon.batch, coupon.max_uses = code, name, 1
            coupons.append(coupon)
        made = Coupon.objects.bulk_create(coupons, batch_size=AT_ONCE)
        for chosen, field in ((products, Coupon.products), (categories, Coupon.categories)):
            _choose(made, chosen, field.through, field.field.m2m_reverse_field_name())
        return len(made)


def _check(plan: CodePlan) -> None:
    if not 1 <= plan.count <= MOST:
        raise InvalidOrder(f"Make 1 to {MOST} coupons at once.", field="count")
    if plan.length < SHORTEST_RANDOM:
        raise InvalidOrder(f"Codes with fewer than {SHORTEST_RANDOM} random signs can be guessed.", field="length")
    if not PREFIX_FORM.fullmatch(plan.prefix):
        raise InvalidOrder("Use capital letters, digits and hyphens, a letter or digit first.", field="prefix")
    if len(plan.prefix) + plan.length > LONGEST:
        raise InvalidOrder(f"A code has at most {LONGEST} signs, the prefix included.", field="length")


def _one_at_a_time() -> None:
    """A second click waits for the first, and then sees its batch. A row that always exists is what both wait for."""
    content_type = ContentType.objects.get_for_model(Coupon)
    ContentType.objects.select_for_update(no_key=True).get(pk=content_type.pk)


def _new_codes(plan: CodePlan) -> list[str]:
    """Codes that no coupon has. Should somebody take one of them at this moment, the database refuses and the act is
    run again."""
    codes: set[str] = set()
    while len(codes) < plan.count:
        drawn = {random_code(plan.prefix, plan.length) for _ in range(plan.count - len(codes))}
        in_capitals = Coupon.objects.annotate(capitals=Upper("code")).values_list("capitals", flat=True)
        codes |= drawn - {*in_capitals.filter(capitals__in=drawn)}
    return list(codes)


def _choose(made: Sequence[Coupon], chosen: Sequence[Product | Category], through: type, name: str) -> None:
    rows = [through(coupon_id=coupon.pk, **{f"{name}_id": each.pk}) for coupon in made for each in chosen]
    through.objects.bulk_create(rows, batch_size=AT_ONCE)  # type: ignore[attr-defined]
