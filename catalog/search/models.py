"""What search knows besides the products: which values lists can be narrowed by, words, and what people looked for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone


class FacetValue(models.Model):
    """A value that products are found by: a brand, an option's or an attribute's value. Products hold its id.

    `code` and `value` stand in addresses; `group` and `label` are what shoppers read.
    """

    class Kind(models.TextChoices):
        BRAND = "brand", "Brand"
        OPTION = "option", "Option"
        ATTRIBUTE = "attribute", "Attribute"

    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=80, help_text="Which option or attribute, such as size.")
    value = models.CharField(max_length=160, help_text="In addresses, such as xl.")
    group = models.CharField(max_length=80, help_text="What the option or attribute is called.")
    label = models.CharField(max_length=160)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code", "value"], name="catalog_facetvalue_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.label}"


class SearchWord(models.Model):
    """A word that products are called by, to complete and to correct what people type."""

    word = models.CharField(max_length=60, primary_key=True)
    uses = models.PositiveIntegerField(default=0, help_text="Products with it, about.")

    class Meta:
        indexes = [
            GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="catalog_searchword_trigram"),
            models.Index(fields=["word"], opclasses=["text_pattern_ops"], name="catalog_searchword_prefix"),
        ]

    def __str__(self) -> str:
        return self.word


class Synonym(models.Model):
    """Words that mean the same to those who search: whoever types one finds the others, too."""

    words = ArrayField(models.CharField(max_length=60), help_text="Separated by commas, such as sofa, couch, settee.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(words__len__gte=2), name="catalog_synonym_two_words"),
        ]

    def __str__(self) -> str:
        return ", ".join(self.words)


class SearchMiss(models.Model):
    """Something people looked for and did not find, and how often. No word of who they were."""

    text = models.CharField(max_length=100, unique=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now, editable=False)
    last_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "vain search"
        verbose_name_plural = "vain searches"
        ordering = ["-count", "-last_at"]

    def __str__(self) -> str:
        return self.text
