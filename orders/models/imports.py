from __future__ import annotations

from typing import ClassVar

from django.db import models

from catalog.importing.models import ImportRun


class OrderImportManager(models.Manager["OrderImport"]):
    def get_queryset(self) -> models.QuerySet[OrderImport]:
        return super().get_queryset().filter(kind=ImportRun.Kind.ORDERS)


class OrderImport(ImportRun):
    """An import of orders: the same row, with permissions of its own, since it tells about customers."""

    objects: ClassVar[OrderImportManager] = OrderImportManager()

    class Meta:
        proxy = True
        verbose_name = "order import"
        ordering = ["-pk"]
