from __future__ import annotations

from django.db import models
from django.urls import reverse
from treebeard.mp_tree import MP_Node

from catalog.models.seo import DESCRIPTION_HELP, TITLE_HELP


class Category(MP_Node):  # type: ignore[misc]  # treebeard has no types
    """A node of the category tree. Its descendants share the beginning of its `path`."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    description = models.TextField(blank=True)
    image = models.ImageField(upload_to="categories/", blank=True)
    # As in SearchEngineText, which types cannot see through beside treebeard's untyped class.
    seo_title = models.CharField("title for search engines", max_length=120, blank=True, help_text=TITLE_HELP)
    seo_description = models.CharField(
        "description for search engines", max_length=320, blank=True, help_text=DESCRIPTION_HELP
    )
    # Written with the picture, so that reading a row opens no file.
    image_width = models.PositiveIntegerField(default=0, editable=False)
    image_height = models.PositiveIntegerField(default=0, editable=False)
    image_renditions = models.JSONField(default=list, blank=True, editable=False)

    node_order_by = ["name"]

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])
