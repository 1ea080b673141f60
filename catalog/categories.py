"""The category tree: grown, pruned and rearranged by one person at a time."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack, cast

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ProtectedError
from treebeard.exceptions import PathOverflow

from catalog.errors import CategoryInUse, InvalidProduct, ProductGone
from catalog.former_slugs import keep_former_address, take_over_address
from catalog.images import files_of_shelf
from catalog.jobs import enqueue_discard
from catalog.models import Category, CollectionRule, Product
from catalog.naming import checked_line, checked_slug, insert_under_free_slug, numbered, slug_from
from catalog.retrying import retried
from catalog.richtext import sanitised

SLUG_LENGTH = 140
NAME_LENGTH = 120
SEO_LENGTHS = {"seo_title": 120, "seo_description": 320}
OTHER = "Other"


class CategoryChanges(TypedDict, total=False):
    """What may be changed on a category; `parent=None` makes it a root.

    The address that a new `slug` replaces leads to the new one.
    """

    name: str
    slug: str
    description: str
    seo_title: str
    seo_description: str
    parent: Category | None


@retried
@transaction.atomic(durable=True)
def create_category(
    *,
    name: str,
    parent: Category | None = None,
    slug: str = "",
    description: str = "",
    seo_title: str = "",
    seo_description: str = "",
) -> Category:
    """Add a category below `parent`, or a root. Raises InvalidProduct, naming the field."""
    lock_tree()
    texts = {"description": description, "seo_title": seo_title, "seo_description": seo_description}
    return plant(name=name, parent=parent, slug=slug, **texts)


@retried
@transaction.atomic(durable=True)
def update_category(*, category_id: int, **changes: Unpack[CategoryChanges]) -> Category:
    """Rename or move a category with everything below it. Raises InvalidProduct, ProductGone."""
    lock_tree()
    return rewrite_category(category_id, changes)


def rewrite_category(category_id: int, changes: CategoryChanges) -> Category:
    """Write changes of a category; part of the caller's transaction, which holds the tree."""
    category = _current(category_id)
    former = category.slug
    if "name" in changes:
        category.name = _checked_name(changes["name"])
    if "slug" in changes:
        category.slug = checked_slug(changes["slug"], length=SLUG_LENGTH)
        if Category.objects.filter(slug=category.slug).exclude(pk=category_id).exists():
            raise InvalidProduct("This address is in use.", field="slug")
    category.description = sanitised(changes.get("description", category.description))
    for field, most in SEO_LENGTHS.items():
        if field in changes:
            setattr(category, field, checked_line(changes[field], field=field, most=most))  # type: ignore[literal-required]
    category.save(update_fields=["name", "slug", "description", *SEO_LENGTHS])
    keep_former_address(category, former)
    if "name" in changes or "parent" in changes:
        parent = changes["parent"] if "parent" in changes else Category.objects.get_parent(category)
        place(category, parent)
    return category


@retried
@transaction.atomic(durable=True)
def delete_category(*, category_id: int) -> None:
    """Remove an empty category. Raises CategoryInUse, ProductGone."""
    lock_tree()
    uproot(_current(category_id))


def other_category() -> Category:
    """The category of products that were put nowhere, made when first needed; part of the caller's transaction."""
    found = Category.objects.filter(slug=OTHER.lower()).first()
    if found is None:
        lock_tree()
        found = Category.objects.filter(slug=OTHER.lower()).first()
    return cast("Category", found) if found else plant(name=OTHER)


def lock_tree() -> None:
    """Let nobody else change the tree until the transaction ends.

    Adding or moving a category rewrites the paths of others; a row that always exists, the content type of
    categories, is what all wait for.
    """
    types = ContentType.objects.select_for_update(no_key=True).filter(app_label="catalog", model="category")
    list(types.order_by("pk"))


def plant(
    *, name: str, parent: Category | None = None, slug: str = "", description: str = "", **fields: Any
) -> Category:
    """Insert a category; part of the caller's transaction, which holds the tree."""
    name = _checked_name(name)
    for field, most in SEO_LENGTHS.items():
        fields[field] = checked_line(fields.get(field, ""), field=field, most=most)
    below = _current(parent.pk, field="parent") if parent else None

    def insert(slug: str) -> Category:
        category = Category(name=name, slug=slug, description=sanitised(description), **fields)
        try:
            if below is None:
                return cast("Category", Category.objects.add_root(instance=category))
            return cast("Category", Category.objects.add_child(below, instance=category))
        except PathOverflow:
            raise InvalidProduct("The tree is too deep or too wide here.", field="parent") from None

    if slug:
        slugs = iter([checked_slug(slug, length=SLUG_LENGTH)])
    else:
        slugs = numbered(slug_from(name, fallback="category", length=SLUG_LENGTH), length=SLUG_LENGTH)
    category = insert_under_free_slug(slugs, insert, lambda slug: Category.objects.filter(slug=slug).exists())
    take_over_address(category)
    return category


def place(category: Category, parent: Category | None) -> None:
    """Move a category to its place by name below `parent`; part of the caller's transaction, which holds the tree."""
    try:
        if parent is None:
            Category.objects.move(category, Category.objects.get_first_root_node(), pos="sorted-sibling")
            return
        parent = _current(parent.pk, field="parent")
        if parent.path.startswith(category.path):
            raise InvalidProduct("A category cannot be moved below itself.", field="parent")
        Category.objects.move(category, parent, pos="sorted-child")
    except PathOverflow:
        raise InvalidProduct("The tree is too deep or too wide here.", field="parent") from None


def uproot(category: Category) -> None:
    """Delete an empty category and the files of its picture; part of the caller's transaction, which holds the tree."""
    # Products being put into it hold its lock until they can be seen.
    list(Category.objects.select_for_update(of=("self",)).filter(pk=category.pk))
    files = files_of_shelf(category)
    if category.numchild:
        raise CategoryInUse("This category contains other categories.")
    if Product.objects.filter(category=category).exists():
        raise CategoryInUse("This category contains products (perhaps archived ones).")
    if CollectionRule.objects.filter(category=category).exists():
        raise CategoryInUse("A collection asks for this category.")
    try:
        with transaction.atomic():
            Category.objects.filter(pk=category.pk).delete()
    except ProtectedError:  # of another app
        raise CategoryInUse("This category is in use.") from None
    enqueue_discard([files])


def _current(category_id: int, *, field: str = "") -> Category:
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        if field:
            raise InvalidProduct("There is no such category.", field=field)
        raise ProductGone("This category no longer exists.")
    return cast("Category", category)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InvalidProduct(f"A name has 1 to {NAME_LENGTH} characters.", field="name")
    return name
