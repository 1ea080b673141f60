"""Collections: pages of products that meet rules. Which they are is a question to the database, asked anew each time.

All conditions are on columns of the product itself, and constant when the question is asked, so that each can use
its index, also when one rule is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from catalog.errors import InvalidProduct
from catalog.former_slugs import keep_former_address, take_over_address
from catalog.models import Category, Collection, CollectionRule, Product
from catalog.models.product import ProductQuerySet
from catalog.naming import checked_slug, insert_under_free_slug, numbered, slug_from
from catalog.search.marks import REDUCED

SLUG_LENGTH = 140
Field = CollectionRule.Field


@dataclass(frozen=True)
class Rule:
    """A condition with all that it needs: `category_ids` are the category's and those of all below it."""

    field: str
    text: str = ""
    product_type_id: int | None = None
    brand_id: int | None = None
    number: int | None = None
    category_ids: tuple[int, ...] = ()


def with_rules(collections: QuerySet[Collection]) -> QuerySet[Collection]:
    """Collections that know their rules (`stored_rules`), without another query."""
    below = Category.objects.filter(path__startswith=OuterRef("category__path")).order_by().values("pk")
    rules = CollectionRule.objects.filter(collection=OuterRef("pk")).order_by("pk")
    as_json = JSONObject(
        field="field",
        text="text",
        product_type_id="product_type_id",
        brand_id="brand_id",
        number="number",
        category_ids=ArraySubquery(below),
    )
    return collections.annotate(stored_rules=ArraySubquery(rules.values(data=as_json)))


def products_of(collection: Collection) -> ProductQuerySet:
    """The products that meet the collection's rules; which of them shoppers see is for the caller to say.

    One query for the rules, unless the collection comes from `with_rules`.
    """
    return Product.objects.filter(condition_of(collection))


def condition_of(collection: Collection) -> Q:
    """What products meet that are in the collection. Of one without rules there are none."""
    if "stored_rules" not in vars(collection):
        collection = with_rules(Collection.objects.all()).get(pk=collection.pk)
    stored: list[dict[str, Any]] = vars(collection)["stored_rules"]
    rules = [Rule(**each | {"category_ids": tuple(each["category_ids"])}) for each in stored]
    return condition(rules, one_is_enough=collection.matches_any)


def condition(rules: Iterable[Rule], *, one_is_enough: bool) -> Q:
    """The rules as one condition on products."""
    parts = [_condition(rule) for rule in rules]
    if not parts:
        return Q(pk__in=[])
    met = parts[0]
    for part in parts[1:]:
        met = met | part if one_is_enough else met & part
    return met


def _condition(rule: Rule) -> Q:
    match rule.field:
        case Field.TAG:
            return Q(tags__contains=[rule.text])
        case Field.PRODUCT_TYPE:
            return Q(product_type=rule.product_type_id)
        case Field.BRAND:
            return Q(brand=rule.brand_id)
        case Field.CATEGORY:
            return Q(category__in=rule.category_ids)
        case Field.PRICE_FROM:
            return Q(price__gte=rule.number)
        case Field.PRICE_TO:
            return Q(price__lte=rule.number)
        case Field.NEW:
            return Q(created_at__gte=timezone.now() - timedelta(days=rule.number or 0))
        case Field.REDUCED:
            return Q(facet_ids__contains=[REDUCED])
    raise ValueError(f"no such rule: {rule.field}")


def insert_collection(collection: Collection, slug: str) -> None:
    """Insert the collection under this slug, or one made from its name; part of the caller's transaction."""

    def insert(slug: str) -> None:
        collection.slug = slug
        collection.save(force_insert=True)

    if slug:
        slugs = iter([checked_slug(slug, length=SLUG_LENGTH)])
    else:
        slugs = numbered(slug_from(collection.name, fallback="collection", length=SLUG_LENGTH), length=SLUG_LENGTH)
    insert_under_free_slug(slugs, insert, lambda slug: Collection.objects.filter(slug=slug).exists())
    take_over_address(collection)


def rewrite_collection(collection: Collection, columns: Iterable[str]) -> None:
    """Save these columns of a collection, and no others: a job may be writing them; its former address leads to it.

    Part of the caller's transaction. Raises InvalidProduct.
    """
    rows = Collection.objects.select_for_update(no_key=True, of=("self",)).filter(pk=collection.pk)
    former = rows.order_by("pk").values_list("slug", flat=True).first()
    try:
        with transaction.atomic():
            collection.save(update_fields=[*columns])
    except IntegrityError:
        raise InvalidProduct("This address is in use.", field="slug") from None
    keep_former_address(collection, former or collection.slug)
