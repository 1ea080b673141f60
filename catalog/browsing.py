"""Where products are: categories and collections, as menus, trails and their own pages show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from django.db.models import Q, Subquery, Value
from django.db.models.functions import Left, Length
from django.urls import reverse

from catalog.models import Category, Collection
from catalog.srcset import Picture, picture


@dataclass(frozen=True)
class Place:
    """A category, as menus, trails and tiles show it."""

    name: str
    slug: str
    path: str
    picture: Picture | None = None
    children: tuple[Place, ...] = ()

    @property
    def url(self) -> str:
        return _url_of(self.slug)


@lru_cache(maxsize=10_000)  # every page has the menu of them all
def _url_of(slug: str) -> str:
    return reverse("catalog:category", args=[slug])


@dataclass(frozen=True)
class Shelf:
    """A collection, as tiles show it."""

    name: str
    url: str
    picture: Picture | None


@dataclass(frozen=True)
class Navigation:
    places: list[Place]
    collections: list[Shelf]


@dataclass(frozen=True)
class CategoryDetail:
    category: Category
    trail: list[Place]
    children: list[Place]


def navigation() -> Navigation:
    """The menu and the published collections, in the shop's order; one query."""
    columns = ("name", "slug", "path", "image", "image_width", "image_height", "image_renditions")
    places = (
        Category.objects.filter(depth__lte=2).order_by().annotate(position=Value(0)).values_list(*columns, "position")
    )
    published = Collection.objects.filter(is_published=True).order_by().annotate(path=Value(""))
    tops: dict[str, list[Place]] = {}
    collections = []
    rows = places.union(published.values_list(*columns, "position"), all=True).order_by("path", "position", "name")
    for name, slug, path, image, width, height, copies, _ in rows:
        shown = picture(name=image, alt=name, width=width, height=height, renditions=copies) if image else None
        if path:
            tops.setdefault(path[: Category.steplen], []).append(Place(name, slug, path, shown))
        else:
            collections.append(Shelf(name, reverse("catalog:collection", args=[slug]), shown))
    nested = [replace(top, children=tuple(children)) for top, *children in tops.values()]
    return Navigation(nested, collections)


def menu() -> list[Place]:
    """The top categories with those right below them; one query."""
    tops: dict[str, list[Category]] = {}
    for category in Category.objects.filter(depth__lte=2).order_by("path"):
        tops.setdefault(category.path[: Category.steplen], []).append(category)
    return [place(top, children=tuple(place(child) for child in children)) for top, *children in tops.values()]


def place(category: Category, *, children: tuple[Place, ...] = ()) -> Place:
    return Place(category.name, category.slug, category.path, children=children)


def picture_of_shelf(shelf: Category | Collection) -> Picture | None:
    """The picture at the head of a category's or collection's page."""
    if not (shelf.image and shelf.image_width):
        return None
    size = {"width": shelf.image_width, "height": shelf.image_height}
    return picture(name=str(shelf.image), alt=shelf.name, **size, renditions=shelf.image_renditions)


def category_detail(slug: str) -> CategoryDetail:
    """A category, what is above and what is right below it; one query. Raises Category.DoesNotExist."""
    here = Subquery(Category.objects.filter(slug=slug).order_by().values("path")[:1])
    self_and_above = Q(path=Left("here", Length("path")))
    below = Q(here=Left("path", Length("here")), length=Length("here") + Category.steplen)
    family = Category.objects.alias(here=here, length=Length("path")).filter(self_and_above | below)
    relatives = list(family.order_by("path"))
    category = next((relative for relative in relatives if relative.slug == slug), None)
    if category is None:
        raise Category.DoesNotExist
    return CategoryDetail(
        category=category,
        trail=[place(relative) for relative in relatives if relative.depth < category.depth],
        children=[place(relative) for relative in relatives if relative.depth > category.depth],
    )
