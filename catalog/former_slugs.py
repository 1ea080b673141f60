"""Addresses that pages have left: each leads to the page's present one, for ever."""

from __future__ import annotations

from catalog.models import Category, Collection, FormerSlug, Product

Page = Product | Category | Collection


def keep_former_address(page: Page, old: str) -> None:
    """Let `old` lead to the page, which has its new slug already; part of the caller's transaction."""
    if old == page.slug:
        return
    take_over_address(page)
    FormerSlug.objects.filter(**{f"{_kind(page)}__isnull": False}, slug=old).delete()
    FormerSlug.objects.create(**{_kind(page): page}, slug=old)


def take_over_address(page: Page) -> None:
    """What led from the page's slug elsewhere ends: here is a page again. Part of the caller's transaction."""
    FormerSlug.objects.filter(**{f"{_kind(page)}__isnull": False}, slug=page.slug).delete()


def moved_product(slug: str) -> Product | None:
    """The product that shoppers can see and that had this address once."""
    return Product.objects.on_sale().filter(former_slugs__slug=slug).first()


def moved_category(slug: str) -> Category | None:
    """The category that had this address once."""
    moved: Category | None = Category.objects.filter(former_slugs__slug=slug).first()
    return moved


def moved_collection(slug: str) -> Collection | None:
    """The published collection that had this address once."""
    return Collection.objects.filter(is_published=True, former_slugs__slug=slug).first()


def _kind(page: Page) -> str:
    return str(page._meta.model_name)
