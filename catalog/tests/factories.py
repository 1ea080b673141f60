"""Small makers of catalogue rows, for the tests of every app. Amounts are minor units."""

from __future__ import annotations

from typing import Any

import factory
from django.utils.text import slugify

from catalog.models import (
    Attribute,
    AttributeChoice,
    Brand,
    Category,
    Collection,
    CollectionRule,
    Product,
    ProductImage,
    ProductType,
    StockLevel,
    StockMovement,
    TypeAttribute,
    Variant,
)
from catalog.prices import record_prices
from catalog.search.indexing import reindex


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    """A top category, or with `parent=` one below it; later ones are also later in the order of names."""

    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n:06}")
    slug = factory.LazyAttribute(lambda category: slugify(category.name))

    @classmethod
    def _create(cls, model_class: type[Category], *args: Any, **kwargs: Any) -> Category:
        parent = kwargs.pop("parent", None)
        if parent is None:
            return model_class.objects.add_root(instance=model_class(**kwargs))  # type: ignore[no-any-return]  # treebeard has no types
        parent.refresh_from_db()  # the tree counts children in a column that another copy may have changed
        return model_class.objects.add_child(parent, instance=model_class(**kwargs))  # type: ignore[no-any-return]


class BrandFactory(factory.django.DjangoModelFactory[Brand]):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Brand {n}")
    slug = factory.LazyAttribute(lambda brand: slugify(brand.name))


class AttributeFactory(factory.django.DjangoModelFactory[Attribute]):
    """A text, or what `kind=` says; `choices=` are its values to choose from."""

    class Meta:
        model = Attribute

    name = factory.Sequence(lambda n: f"Attribute {n}")
    code = factory.LazyAttribute(lambda attribute: slugify(attribute.name))
    kind = "text"

    @classmethod
    def _create(cls, model_class: type[Attribute], *args: Any, **kwargs: Any) -> Attribute:
        choices = kwargs.pop("choices", ())
        attribute: Attribute = super()._create(model_class, *args, **kwargs)
        for position, value in enumerate(choices):
            AttributeChoice.objects.create(attribute=attribute, value=value, position=position)
        return attribute


class ProductTypeFactory(factory.django.DjangoModelFactory[ProductType]):
    """A type with `attributes=` in this order."""

    class Meta:
        model = ProductType

    name = factory.Sequence(lambda n: f"Type {n}")

    @classmethod
    def _create(cls, model_class: type[ProductType], *args: Any, **kwargs: Any) -> ProductType:
        attributes = kwargs.pop("attributes", ())
        product_type: ProductType = super()._create(model_class, *args, **kwargs)
        for position, attribute in enumerate(attributes):
            TypeAttribute.objects.create(product_type=product_type, attribute=attribute, position=position)
        return product_type


class CollectionFactory(factory.django.DjangoModelFactory[Collection]):
    """A published collection; `rules=` are the columns of each of its rules."""

    class Meta:
        model = Collection

    name = factory.Sequence(lambda n: f"Collection {n}")
    slug = factory.LazyAttribute(lambda collection: slugify(collection.name))

    @classmethod
    def _create(cls, model_class: type[Collection], *args: Any, **kwargs: Any) -> Collection:
        rules = kwargs.pop("rules", ())
        collection: Collection = super()._create(model_class, *args, **kwargs)
        for rule in rules:
            CollectionRule.objects.create(collection=collection, **rule)
        return collection


class VariantFactory(factory.django.DjangoModelFactory[Variant]):
    """A variant with its stock level; `stock=` pieces have been received, so the ledger adds up.

    `allows_backorders=True` lets more be promised than is there.
    """

    class Meta:
        model = Variant

    product = factory.SubFactory("catalog.tests.factories.ProductFactory", bare=True)
    sku = factory.Sequence(lambda n: f"SKU-{n:05d}")
    price = 1250

    @classmethod
    def _create(cls, model_class: type[Variant], *args: Any, **kwargs: Any) -> Variant:
        stock, allows_backorders = kwargs.pop("stock", 10), kwargs.pop("allows_backorders", False)
        variant: Variant = super()._create(model_class, *args, **kwargs)
        level = StockLevel.objects.create(variant=variant, on_hand=stock, allows_backorders=allows_backorders)
        if stock:
            StockMovement.objects.create(
                level=level, quantity=stock, on_hand_after=stock, reason=StockMovement.Reason.RECEIVED
            )
        record_prices([variant], {}, actor="factory")
        _copy_cheapest_price(variant.product)
        return variant


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    """A published product with one variant, which `price=`, `compare_at_price=`, `stock=` and `sku=` describe.

    `bare=True` leaves the variant out.
    """

    class Meta:
        model = Product

    category = factory.SubFactory(CategoryFactory)
    name = factory.Sequence(lambda n: f"Product {n}")
    slug = factory.LazyAttribute(lambda product: slugify(product.name))
    description = "<p>Made by hand in a small workshop.</p>"

    @classmethod
    def _create(cls, model_class: type[Product], *args: Any, **kwargs: Any) -> Product:
        bare = kwargs.pop("bare", False)
        of_variant = {
            name: kwargs.pop(name) for name in ("price", "compare_at_price", "stock", "sku") if name in kwargs
        }
        product: Product = super()._create(model_class, *args, **kwargs)
        if not bare:
            VariantFactory.create(product=product, **of_variant)
        return product


class ProductImageFactory(factory.django.DjangoModelFactory[ProductImage]):
    """A picture of 900 × 900 pixels; only its row, no file."""

    class Meta:
        model = ProductImage

    product = factory.SubFactory(ProductFactory)
    image = factory.Sequence(lambda n: f"products/picture-{n}.webp")
    alt = "The thing on a table"
    width = height = 900


def _copy_cheapest_price(product: Product) -> None:
    cheapest = product.variants.live().order_by("price", "pk").first()
    if cheapest is not None:
        product.price, product.compare_at_price = cheapest.price, cheapest.compare_at_price
        product.save(update_fields=["price", "compare_at_price"])
    reindex([product.pk])
