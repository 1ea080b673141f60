from __future__ import annotations

from django.db import models
from django.urls import reverse
from treebeard.mp_tree import MP_Node


class Category(MP_Node):  # type: ignore[misc]  # treebeard has no types
    """A node of the category tree. Its descendants share the beginning of its `path`."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    description = models.TextField(blank=True)
    image = models.ImageField(upload_to="categories/", blank=True)

    node_order_by = ["name"]

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])
