"""From what stands in the file and what the shop has to what has to be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from catalog.importing.cells import Misfit
from catalog.importing.choices import Choices
from catalog.importing.columns import Layout
from catalog.importing.planning_variants import Refused, VariantPlan, arrange
from catalog.importing.present import Present, address_of
from catalog.importing.shapes import Problem, WantedProduct
from catalog.importing.shelves import Shelves
from catalog.importing.traits import Columns, Traits
from catalog.importing.writing import Writing
from catalog.models import Product, ProductImage
from catalog.richtext import sanitised

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


class Planner:
    """Plans product by product. Whoever is refused leaves no trace in the plan."""

    def __init__(
        self,
        present: Present,
        shelves: Shelves,
        traits: Traits,
        layout: Layout,
        choices: Choices,
        writing: Writing,
        most: int,
    ) -> None:
        self.present, self.shelves, self.traits, self.layout = present, shelves, traits, layout
        self.choices, self.writing, self.most = choices, writing, most

    def plan(self, wanted: WantedProduct, hint: Callable[[Problem], None]) -> str:
        """Add a product to what is written; returns what becomes of it. Raises Refused."""
        product = self.present.products.get(wanted.handle)
        if product is not None and self.choices.only_new:
            return UNCHANGED
        if product is None:
            self._check_new(wanted)
        variants = VariantPlan(self.present, self.layout, self.writing, wanted, product, hint)
        variants.check(most=self.most)
        values = self._values(wanted, product, hint)
        attributes = self._attributes(wanted, product, values, hint)
        if product is None:
            product = self._insert(wanted, values)
            self._describe(product, attributes)
            variants.write(product, self._pictures(wanted, product)[0], stock=False)
            return CREATED
        if values.get("product_type_id", product.product_type_id) != product.product_type_id:
            self.writing.retyped.add(product.pk)
        changed = self.writing.change(product, **values)
        changed |= self._describe(product, attributes)
        pictures, pictures_changed = self._pictures(wanted, product)
        changed |= pictures_changed
        changed |= variants.write(product, pictures, stock=self.choices.stock)
        if not changed:
            return UNCHANGED
        # Whoever has the product's form open sees that it has changed.
        self.writing.change(product, updated_at=timezone.now())
        return UPDATED

    def _check_new(self, wanted: WantedProduct) -> None:
        if not wanted.name:
            raise Refused(self.layout, wanted.line, "name", "", "A new product needs a title in its first line.")
        if not wanted.variants:
            raise Refused(self.layout, wanted.line, "price", "", "A new product needs a price.")

    def _values(
        self, wanted: WantedProduct, product: Product | None, hint: Callable[[Problem], None]
    ) -> dict[str, Any]:
        """The columns of the product that the file speaks of."""
        layout, values = self.layout, dict[str, Any]()
        if "name" in layout and wanted.name:
            values["name"] = wanted.name
        if "description" in layout:
            values["description"] = sanitised(wanted.description)
        if "vendor" in layout:
            values["brand_id"] = self.shelves.brands.get(wanted.vendor.lower())
        if "type" in layout:
            values["product_type_id"] = self.shelves.types.get(wanted.type.lower())
        if "tags" in layout:
            values["tags"] = list(wanted.tags)
        for field in ("seo_title", "seo_description", "google_category"):
            if field in layout:
                values[field] = getattr(wanted, field)
        if wanted.category:
            values["category_id"] = self.shelves.category(wanted.category)
        elif product is None:
            values["category_id"] = self.shelves.category(self.shelves.path_of(wanted))
        return values | self._state(wanted, product) | self._tax_class(wanted, hint)

    def _state(self, wanted: WantedProduct, product: Product | None) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if "published" in self.layout or "status" in self.layout:
            values["is_published"] = wanted.is_published and wanted.status != "draft"
        if "published_from" in self.layout:
            values["published_from"] = wanted.published_from
        if "status" not in self.layout:
            return values
        if wanted.status in ("active", "unlisted"):
            values["is_listed"] = wanted.status == "active"
        archived_at = product.archived_at if product else None
        is_archived = wanted.status == "archived"
        values["archived_at"] = (archived_at or timezone.now()) if is_archived else None
        return values

    def _tax_class(self, wanted: WantedProduct, hint: Callable[[Problem], None]) -> dict[str, Any]:
        if not wanted.tax_code:
            return {}
        found = self.shelves.tax_classes.get(wanted.tax_code.lower())
        if found is None:
            message = "The shop has no tax class with this code; the product's class was left as it is."
            hint(Problem(wanted.line, self.layout.title("tax_code"), wanted.tax_code, message, is_refusal=False))
            return {}
        return {"tax_class_id": found}

    def _attributes(
        self, wanted: WantedProduct, product: Product | None, values: dict[str, Any], hint: Callable[[Problem], None]
    ) -> dict[int, Columns | None]:
        """What the file says of attributes, by their ids; None for those that it takes away."""
        type_id = values.get("product_type_id", product.product_type_id if product else None)
        found: dict[int, Columns | None] = {}
        for column, (code, text) in zip(self.layout.attributes, wanted.attributes, strict=True):
            attribute = self.traits.attributes.get(code)
            if attribute is None:
                continue
            try:
                if text and (type_id is None or not self.traits.is_asked(attribute, type_id)):
                    raise Misfit("Only products of a type have attributes.")
                found[attribute.pk] = self.traits.columns(attribute, text) if text else None
            except Misfit as misfit:
                message, title = f"{misfit} It was left out.", self.layout.title(column.field)
                hint(Problem(wanted.line, title[:100], text[:200], message, is_refusal=False))
        return found

    def _describe(self, product: Product, attributes: dict[int, Columns | None]) -> bool:
        """Plan what differs of the product's attributes; does anything?"""
        stored = {value.attribute_id: value for value in self.present.attributes.get(product.pk, ())}
        changed = False
        for attribute_id, columns in attributes.items():
            value = stored.get(attribute_id)
            if value is not None and columns is not None:
                changed |= self.writing.change(value, **columns)
            elif value is not None:
                self.writing.taken_away.add(value.pk)
                changed = True
            elif columns is not None:
                self.writing.attributes.append((product, attribute_id, columns))
                changed = True
        return changed

    def _insert(self, wanted: WantedProduct, values: dict[str, Any]) -> Product:
        cheapest = min(wanted.variants, key=lambda variant: variant.price or 0)
        product = Product(
            slug=wanted.handle, price=cheapest.price or 0, compare_at_price=cheapest.compare_at_price, **values
        )
        self.writing.products.append(product)
        self.present.products[wanted.handle] = product
        return product

    def _pictures(self, wanted: WantedProduct, product: Product) -> tuple[dict[str, ProductImage], bool]:
        """The product's pictures by address, with those of the file among them; and whether that changes anything."""
        stored = sorted(self.present.images.get(product.pk, ()), key=lambda image: (image.position, image.pk))
        by_url = {address_of(image): image for image in stored}
        changed, order = False, []
        for picture in wanted.pictures:
            image = by_url.get(picture.url)
            if image is None:
                image = ProductImage(
                    product=product, source_url=picture.url, alt=picture.alt, state=ProductImage.State.WAITING
                )
                self.writing.images.append(image)
                by_url[picture.url] = image
                changed = True
            elif picture.alt:
                changed |= self.writing.change(image, alt=picture.alt)
            order.append(image)
        changed |= arrange(self.writing, order, stored)
        return by_url, changed
