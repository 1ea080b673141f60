"""Collections: pages of products that meet rules. Which they are is a question to the database, asked anew each time.

All conditions are on columns of the product itself, and constant when the question is asked, so that each can use
its index, also when one rule is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict, Unpack

from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from catalog.errors import InvalidProduct, ProductGone
from catalog.former_slugs import keep_former_address, take_over_address
from catalog.images import files_of_shelf
from catalog.jobs import enqueue_discard
from catalog.models import Brand, Category, Collection, CollectionRule, Product, ProductType
from catalog.models.product import ProductQuerySet
from catalog.naming import checked_line, checked_slug, insert_under_free_slug, numbered, slug_from
from catalog.retrying import retried
from catalog.richtext import sanitised
from catalog.search.marks import REDUCED

SLUG_LENGTH = 140
NAME_LENGTH = 120
LENGTHS = {"seo_title": 120, "seo_description": 320}
MAX_RULES = 30
LONGEST_NEW = 3650
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


@dataclass(frozen=True)
class WantedRule:
    """A condition as somebody asks for it, with the one value that belongs to its field."""

    field: str
    text: str = ""
    product_type: ProductType | None = None
    brand: Brand | None = None
    category: Category | None = None
    number: int | None = None


class CollectionChanges(TypedDict, total=False):
    """What may be said of a collection. The address that a new `slug` replaces leads to the new one."""

    name: str
    slug: str
    description: str
    seo_title: str
    seo_description: str
    matches_any: bool
    is_published: bool
    position: int
    rules: Sequence[WantedRule]


@retried
@transaction.atomic(durable=True)
def create_collection(**said: Unpack[CollectionChanges]) -> Collection:
    """Put a collection with its rules on a page of its own. Raises InvalidProduct, naming the field."""
    collection = Collection()
    _say(collection, {"name": "", **said})
    insert_collection(collection, said.get("slug", ""))
    _write_rules(collection, said.get("rules", ()))
    return collection


@retried
@transaction.atomic(durable=True)
def update_collection(*, collection_id: int, **changes: Unpack[CollectionChanges]) -> Collection:
    """Change a collection; its rules all at once. Raises InvalidProduct, ProductGone."""
    collection = _held_collection(collection_id)
    _say(collection, changes)
    if "slug" in changes:
        collection.slug = checked_slug(changes["slug"], length=SLUG_LENGTH)
    rewrite_collection(collection, [name for name in changes if name != "rules"])
    if "rules" in changes:
        collection.rules.all().delete()
        _write_rules(collection, changes["rules"])
    return collection


@retried
@transaction.atomic(durable=True)
def delete_collection(*, collection_id: int) -> None:
    """Take a collection away, and have the files of its picture removed. Raises ProductGone."""
    collection = _held_collection(collection_id)
    files = files_of_shelf(collection)
    collection.delete()
    enqueue_discard([files])


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


def _say(collection: Collection, said: CollectionChanges) -> None:
    if "name" in said:
        collection.name = checked_line(said["name"], field="name", most=NAME_LENGTH)
        if not collection.name:
            raise InvalidProduct("Give it a name.", field="name")
    if "description" in said:
        collection.description = sanitised(said["description"])
    for name, most in LENGTHS.items():
        if name in said:
            setattr(collection, name, checked_line(said[name], field=name, most=most))  # type: ignore[literal-required]
    collection.matches_any = said.get("matches_any", collection.matches_any)
    collection.is_published = said.get("is_published", collection.is_published)
    collection.position = said.get("position", collection.position)


def _write_rules(collection: Collection, rules: Sequence[WantedRule]) -> None:
    """Part of the caller's transaction, in which what the rules name stays."""
    if len(rules) > MAX_RULES:
        raise InvalidProduct(f"A collection has at most {MAX_RULES} rules.", field="rules")
    for rule in rules:
        for row in (rule.product_type, rule.brand, rule.category):
            if row is not None:
                _hold(row)
    CollectionRule.objects.bulk_create(CollectionRule(collection=collection, **vars(rule)) for rule in rules)


def _hold(row: ProductType | Brand | Category) -> None:
    rows: Any = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).filter(pk=row.pk)
    if not list(rows.order_by("pk").values_list("pk")):
        raise InvalidProduct("There is no such thing any more.", field="rules")


def _held_collection(collection_id: int) -> Collection:
    rows = Collection.objects.select_for_update(no_key=True, of=("self",)).filter(pk=collection_id)
    collection = rows.order_by("pk").first()
    if collection is None:
        raise ProductGone("This collection no longer exists.")
    return collection
