from __future__ import annotations

import random
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from catalog.inventory.models import StockLevel
from catalog.models.attributes import ProductType
from catalog.models.brand import Brand
from catalog.models.category import Category
from catalog.models.seo import SearchEngineText
from catalog.models.tax_class import TaxClass


def _shuffled() -> float:
    return random.random()  # noqa: S311  # a sample, no secret


def is_out_by_now(prefix: str = "") -> Q:
    """The moment from which products are shown has come; part of being on sale."""
    return Q(**{f"{prefix}published_from": None}) | Q(**{f"{prefix}published_from__lte": Now()})


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> Self:
        """What shoppers can see: published by now and not archived. Lists show those of them that are `listed`."""
        return self.filter(is_out_by_now(), is_published=True, archived_at=None)

    def listed(self) -> Self:
        """What lists, search and feeds show: on sale, and not only for those who know the address."""
        return self.on_sale().filter(is_listed=True)

    def in_category(self, category: Category) -> Self:
        """Products of a category and of everything below it."""
        return self.filter(category__path__startswith=category.path)

    def priced(self, *, at_least: int | None = None, at_most: int | None = None) -> Self:
        """Products whose price from (the cheapest variant's, minor units) lies between the two bounds, inclusive."""
        products = self
        if at_least is not None:
            products = products.filter(price__gte=at_least)
        if at_most is not None:
            products = products.filter(price__lte=at_most)
        return products

    def reduced(self) -> Self:
        """Products that cost less than they did before."""
        return self.filter(compare_at_price__isnull=False)

    def in_stock(self, wanted: bool = True) -> Self:
        """Products of which something can be bought now (or, with `wanted=False`, nothing)."""
        available = Exists(
            StockLevel.objects.buyable().filter(variant__product=OuterRef("pk"), variant__archived_at=None)
        )
        return self.filter(available if wanted else ~available)


class Product(SearchEngineText):
    """What is listed. It is bought as one of its variants, of which it has at least one."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    product_type = models.ForeignKey(
        ProductType, null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    description = models.TextField(blank=True, help_text="HTML of the few tags that rich text needs.")
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tax_class = models.ForeignKey(
        TaxClass,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
        help_text="Empty: the default class.",
    )
    is_published = models.BooleanField("published", default=True)
    published_from = models.DateTimeField(null=True, blank=True, help_text="Empty: as soon as it is published.")
    is_listed = models.BooleanField(
        "listed",
        default=True,
        help_text="Otherwise no list and no search shows it; its address works.",
    )
    google_category = models.CharField(
        max_length=255, blank=True, help_text="Of Google's product taxonomy: its number or its path."
    )
    related = models.ManyToManyField("self", symmetrical=False, through="RelatedProduct", related_name="related_from")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Copied from the cheapest live variant by the acts that write variants, so that lists sort and filter on
    # one indexed column. Minor units.
    price = models.BigIntegerField(default=0, editable=False)
    compare_at_price = models.BigIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # What it is found by, written by `catalog.search.indexing`: all its words, and those of its name and brand with its
    # SKUs and barcodes, which come first.
    search_vector = SearchVectorField(null=True, editable=False)
    name_vector = SearchVectorField(null=True, editable=False)

    # Ids of its FacetValues, and its place in a random order, by which lists too long to count are sampled.
    facet_ids = ArrayField(models.IntegerField(), default=list, blank=True, editable=False)
    shuffle = models.FloatField(default=_shuffled, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [
            # One for all, so that words, filters and a place in the sample are one look into it.
            GinIndex(fields=["facet_ids", "search_vector", "name_vector"], name="catalog_product_search"),
            GinIndex(fields=["tags"], name="catalog_product_tags"),
            models.Index(fields=["shuffle"], name="catalog_product_shuffle"),
            models.Index(fields=["price", "id"], name="catalog_product_price"),
            models.Index(fields=["-created_at", "-id"], name="catalog_product_newest"),
            models.Index(fields=["category", "-created_at", "-id"], name="catalog_product_shelf"),
            models.Index(fields=["name", "id"], name="catalog_product_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="catalog_product_price_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    @property
    def is_on_sale(self) -> bool:
        """Shoppers can see it."""
        is_out = self.published_from is None or self.published_from <= timezone.now()
        return self.is_published and is_out and self.archived_at is None


class RelatedProduct(models.Model):
    """A product that the merchant shows beside another, in order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="related_links")
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="related_links_from")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "other"], name="catalog_relatedproduct_once"),
            models.CheckConstraint(
                condition=~Q(product=F("other")),
                name="catalog_relatedproduct_not_itself",
                violation_error_message="A product is not related to itself.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.other)
