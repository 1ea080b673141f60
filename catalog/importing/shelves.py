"""What products of a batch belong to: brands, types, categories and tax classes, made when they are missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol, cast

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from catalog.categories import lock_tree, other_category, plant
from catalog.importing.shapes import WantedProduct
from catalog.models import Brand, Category, Product, ProductType, TaxClass
from catalog.naming import numbered, slug_from

SLUG_LENGTH = 140


class _Named(Protocol):
    pk: int
    name: str


class Shelves:
    """Looks up by name, without regard to case. Part of the caller's transaction, before it locks any product."""

    def __init__(self, products: Collection[WantedProduct], *, new_handles: Collection[str]) -> None:
        self.brands = _by_name(Brand, {product.vendor for product in products}, _new_brands)
        self.types = _by_name(ProductType, {product.type for product in products}, _new_types)
        self.tax_classes = {each.code.lower(): each.pk for each in TaxClass.objects.all()}
        new = [product for product in products if product.handle in new_handles]
        paths = {product.category for product in products} | {self.path_of(product) for product in new}
        self._categories = _categories(paths - {()})
        # Made now, if at all: what is made while products are written is undone with them.
        self._other = other_category().pk if any(not self.path_of(product) for product in new) else None

    @staticmethod
    def path_of(product: WantedProduct) -> tuple[str, ...]:
        """Where a new product goes: its category or, in a file without one, a top category called like its type."""
        return product.category or ((product.type,) if product.type else ())

    def type_of(
        self, products: Iterable[WantedProduct], here: Mapping[str, int], *, in_file: bool
    ) -> dict[str, int | None]:
        """The types of products by their handles: those of the file, or else (`here`: ids by handle) of the shop."""
        if in_file:
            return {product.handle: self.types.get(product.type.lower()) for product in products}
        stored = dict(Product.objects.filter(pk__in=here.values()).values_list("pk", "product_type"))
        return {handle: stored.get(pk) for handle, pk in here.items()}

    def category(self, path: tuple[str, ...]) -> int:
        """The id of a category; of "Other" for none."""
        found = self._categories.get(_key(path), self._other)
        return other_category().pk if found is None else found


def _by_name(model: Any, names: set[str], made: Callable[[list[str]], list[Any]]) -> dict[str, int]:
    """The ids of rows by their names in lower case; what is missing is made, at once if nobody interferes."""
    wanted = {name.lower(): name for name in names if name}

    def stored() -> dict[str, int]:
        # PostgreSQL's lower() is what the unique index goes by; ours may differ for a letter here and there.
        rows: Iterable[_Named] = model.objects.annotate(key=Lower("name")).filter(key__in=list(wanted))
        return {row.name.lower(): row.pk for row in rows}

    found = stored() if wanted else {}
    missing = [wanted[key] for key in sorted(wanted.keys() - found.keys())]
    if missing:
        rows = _inserted(model, missing, made)
        found |= {row.name.lower(): row.pk for row in rows}
        if len(rows) < len(missing):
            found |= stored()
    return found


def _inserted(model: Any, names: list[str], made: Callable[[list[str]], list[Any]]) -> list[Any]:
    """New rows with these names, inserted at once; one by one when somebody else was faster with one of them."""
    try:
        with transaction.atomic():
            return list(model.objects.bulk_create(made(names)))
    except IntegrityError:
        return [row for name in names for row in _inserted(model, [name], made)] if len(names) > 1 else []


def _new_brands(names: list[str]) -> list[Brand]:
    slugs = {
        name: list(numbered(slug_from(name, fallback="brand", length=SLUG_LENGTH), length=SLUG_LENGTH))
        for name in names
    }
    possible = [slug for several in slugs.values() for slug in several]
    taken = set(Brand.objects.filter(slug__in=possible).values_list("slug", flat=True))
    brands = []
    for name, several in slugs.items():
        free = next(slug for slug in several if slug not in taken)
        taken.add(free)
        brands.append(Brand(name=name, slug=free))
    return brands


def _new_types(names: list[str]) -> list[ProductType]:
    return [ProductType(name=name) for name in names]


def _key(path: Iterable[str]) -> tuple[str, ...]:
    # As an export writes them: there, the other sign parts the levels from one another.
    return tuple(name.lower().replace(">", "›") for name in path)


def _categories(paths: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The ids of categories by their names from the top; what is missing of the tree is grown."""
    tree = _known(paths)
    missing = sorted(path for path in paths if _key(path) not in tree)
    if missing:
        lock_tree()
        tree = _known(paths)
        for path in missing:
            _grow(tree, path)
    return {key: category.pk for key, category in tree.items()}


def _known(paths: set[tuple[str, ...]]) -> dict[tuple[str, ...], Category]:
    names = {name.lower() for path in paths for name in path}
    also = {name.replace("›", ">") for name in names}
    rows = Category.objects.annotate(key=Lower("name")).filter(key__in=names | also).order_by("path")
    tree: dict[tuple[str, ...], Category] = {}
    by_path: dict[str, tuple[str, ...]] = {"": ()}
    for row in rows:
        above = by_path.get(row.path[: -Category.steplen])
        if above is not None:
            by_path[row.path] = (*above, *_key([row.name]))
            tree.setdefault(by_path[row.path], cast("Category", row))
    return tree


def _grow(tree: dict[tuple[str, ...], Category], path: tuple[str, ...]) -> None:
    for depth, name in enumerate(path):
        above, key = _key(path[:depth]), _key(path[: depth + 1])
        if key not in tree:
            tree[key] = plant(name=name, parent=tree[above] if above else None)
