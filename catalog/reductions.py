"""The lowest price of the 30 days before a reduction, which the law wants beside every reduced price.

Directive 98/6/EC, Article 6a, read as docs/catalog.md says:

- A reduction begins where a compare-at price appears, or where price or compare-at price *rise* under one. Steps that
  only deepen it belong to it (paragraph 5).
- What counts are the prices that were in force at any moment of the 30 days before it began.
- A variant that is younger than 30 days counts from its first day (paragraph 4). One that came into the shop reduced
  has no earlier price, and none is made up.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, F, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields import BigIntegerField

from catalog.models import PriceChange, Variant

BEFORE = timedelta(days=30)
# What an entry says about itself is enough to see it: each carries the prices before.
BEGINS = Q(compare_at_price__isnull=False) & (
    Q(compare_at_price_before=None)
    | Q(price__gt=F("price_before"))
    | Q(compare_at_price__gt=F("compare_at_price_before"))
)


def lowest_price() -> Case:
    """For variants: the lowest price (minor units) before the reduction at hand; None without one, or before it."""
    return Case(When(compare_at_price__isnull=False, then=_lowest()), output_field=BigIntegerField(null=True))


def with_lowest_price(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """The variants, each with its `lowest_price`, in the same query."""
    return variants.annotate(lowest_price=lowest_price())


def _lowest() -> Subquery:
    """The price before every change within the 30 days, the one that began the reduction among them.

    A price was in force until the change after it; so these are all that were in force after the window opened.
    """
    began = PriceChange.objects.filter(BEGINS, variant=OuterRef(OuterRef("pk"))).order_by("-pk")
    changes = PriceChange.objects.filter(
        variant=OuterRef("pk"),
        pk__lte=Subquery(began.values("pk")[:1]),
        created_at__gt=Subquery(began.annotate(opens=F("created_at") - BEFORE).values("opens")[:1]),
    )
    prices = changes.order_by().values("variant").annotate(lowest=Min("price_before")).values("lowest")
    return Subquery(prices)
