"""What is known about products of a type, in a form that pages can show and lists can filter by."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


def shown_value(
    *, text: str, number: Decimal | str | None, flag: bool | None, choice: str | None, unit: str = ""
) -> str:
    """The value as people read it: the one of the four that is there."""
    if number is not None:
        return f"{plain_number(number)} {unit}".strip()
    if flag is not None:
        return "Yes" if flag else "No"
    return choice if choice is not None else text


def plain_number(number: Decimal | str) -> str:
    """Without the zeros that say nothing: 240, 12.5."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Attribute(models.Model):
    """A property such as Material or Capacity. Product types share it, so that it filters across them."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        FLAG = "flag", "Yes or no"
        CHOICE = "choice", "Choice"

    code = models.SlugField(max_length=60, unique=True, help_text="In addresses and the API, such as material.")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    unit = models.CharField(max_length=20, blank=True, help_text="Of a number, such as ml.")
    is_filter = models.BooleanField("filter", default=True, help_text="Shoppers can narrow lists by it.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit="") | Q(kind="number"),
                name="catalog_attribute_unit_of_numbers",
                violation_error_message="Only numbers have a unit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.unit})" if self.unit else self.name


class AttributeChoice(models.Model):
    """One of the values that an attribute of the kind "choice" can have."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="choices")
    value = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                "attribute",
                Lower("value"),
                name="catalog_attributechoice_unique",
                violation_error_message="This choice stands there already.",
            ),
            models.CheckConstraint(condition=~Q(value=""), name="catalog_attributechoice_given"),
        ]

    def __str__(self) -> str:
        return self.value


class ProductType(models.Model):
    """A sort of product, such as Shirt or Mug: which attributes its products have."""

    name = models.CharField(max_length=120)
    attributes = models.ManyToManyField(Attribute, through="TypeAttribute", related_name="product_types")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="catalog_producttype_unique", violation_error_message="There is such a type."
            ),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_producttype_name_given"),
        ]

    def __str__(self) -> str:
        return self.name


class TypeAttribute(models.Model):
    """An attribute that products of a type have, at its place in the list."""

    product_type = models.ForeignKey(ProductType, on_delete=models.CASCADE, related_name="type_attributes")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="type_attributes")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product_type", "attribute"], name="catalog_typeattribute_unique"),
        ]

    def __str__(self) -> str:
        return str(self.attribute)


class AttributeValue(models.Model):
    """What an attribute is for one product; the column that fits its kind holds it, the others are empty."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="attribute_values")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="values")
    text = models.CharField(max_length=500, blank=True)
    number = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    flag = models.BooleanField(null=True, blank=True)
    choice = models.ForeignKey(AttributeChoice, null=True, blank=True, on_delete=models.PROTECT, related_name="values")

    class Meta:
        ordering = ["attribute__position", "attribute__name", "pk"]
        indexes = [models.Index(fields=["attribute", "number"], name="catalog_attributevalue_number")]
        constraints = [
            models.UniqueConstraint(fields=["product", "attribute"], name="catalog_attributevalue_one_each"),
            models.CheckConstraint(
                condition=(
                    (~Q(text="") & Q(number=None, flag=None, choice=None))
                    | Q(text="", number__isnull=False, flag=None, choice=None)
                    | Q(text="", number=None, flag__isnull=False, choice=None)
                    | Q(text="", number=None, flag=None, choice__isnull=False)
                ),
                name="catalog_attributevalue_exactly_one",
            ),
        ]

    def __str__(self) -> str:
        return f"attribute {self.attribute_id} of product {self.product_id}"

    @property
    def value(self) -> str | bool:
        """What it is, a number without the zeros that say nothing (needs `choice` selected to be free of queries)."""
        if self.number is not None:
            return plain_number(self.number)
        if self.flag is not None:
            return self.flag
        return self.choice.value if self.choice else self.text
