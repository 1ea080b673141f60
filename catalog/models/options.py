"""What shoppers choose by on the page of a product: up to three options with values in order."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Option(models.Model):
    """A question such as Size or Colour, the first to third of a product."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="options")
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(help_text="1 to 3; a variant's `value_1` answers the first option.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="catalog_option_one_per_position"),
            models.UniqueConstraint(
                "product",
                Lower("name"),
                name="catalog_option_name_unique",
                violation_error_message="This product has such an option.",
            ),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=3), name="catalog_option_first_to_third"),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_option_name_given"),
        ]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One of the answers to an option, in the merchant's order."""

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "option",
                Lower("value"),
                name="catalog_optionvalue_unique",
                violation_error_message="This value stands there already.",
            ),
            models.CheckConstraint(condition=~Q(value=""), name="catalog_optionvalue_given"),
        ]

    def __str__(self) -> str:
        return self.value
