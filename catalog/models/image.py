from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from catalog.srcset import Picture, picture


class ProductImageQuerySet(models.QuerySet["ProductImage"]):
    def stored(self) -> Self:
        """Pictures that can be shown: those whose file is here."""
        return self.exclude(image="")


class ProductImage(models.Model):
    """A picture of a product, in the merchant's order.

    An imported one has a `source_url` and no file until a job has fetched it. `renditions` are the smaller copies that
    a job has made: a list of `{"format", "width", "name"}`, names as the media storage knows them.
    """

    class State(models.TextChoices):
        STORED = "stored", "Stored"
        WAITING = "waiting", "To be fetched"
        FAILED = "failed", "Could not be fetched"

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="images")
    image = models.ImageField(
        upload_to="products/", width_field="width", height_field="height", max_length=200, blank=True
    )
    alt = models.CharField("alternative text", max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    renditions = models.JSONField(default=list, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.STORED, editable=False)
    source_url = models.CharField(max_length=1000, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    import_run = models.ForeignKey(
        "catalog.ImportRun",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="images",
        help_text="The import that brought it.",
    )
    problem = models.CharField(max_length=200, blank=True, editable=False, help_text="Why it could not be fetched.")

    objects = ProductImageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            # Whether a file is still somebody's, asked before it is thrown away.
            models.Index(fields=["image"], name="catalog_productimage_file"),
            models.Index(fields=["import_run"], condition=~Q(state="stored"), name="catalog_productimage_imported"),
            models.Index(fields=["state"], condition=~Q(state="stored"), name="catalog_productimage_missing"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "source_url"],
                condition=~Q(source_url=""),
                name="catalog_productimage_source_once",
            ),
            models.CheckConstraint(condition=~Q(image="", source_url=""), name="catalog_productimage_file_or_source"),
        ]

    def __str__(self) -> str:
        return self.alt or self.image.name or "picture"

    @property
    def shown(self) -> Picture | None:
        """What a page shows of it; None while its file is not here. Without a text of its own it is called as the
        product (which must be selected to be free of queries)."""
        if not self.image:
            return None
        return picture(
            name=str(self.image.name),
            alt=self.alt or self.product.name,
            width=self.width,
            height=self.height,
            renditions=self.renditions,
        )
