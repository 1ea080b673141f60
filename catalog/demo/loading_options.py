"""The options of the demo products, written in bulk."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.combinations import ValueColumns, columns
from catalog.demo.assortment import DemoProduct, DemoVariant
from catalog.models import Option, OptionValue, Product


class LoadedOptions:
    """The values of new products, to be found by their texts."""

    def __init__(self, pairs: Sequence[tuple[Product, DemoProduct]]) -> None:
        options = Option.objects.bulk_create(
            Option(product=product, name=name, position=position)
            for product, demo in pairs
            for position, name in enumerate(demo.options, 1)
        )
        texts = [text for _, demo in pairs for text in _texts(demo)]
        values = OptionValue.objects.bulk_create(
            OptionValue(option=option, value=text, position=position)
            for option, own in zip(options, texts, strict=True)
            for position, text in enumerate(own)
        )
        self._values = {(value.option.product_id, value.option.position, value.value): value for value in values}

    def columns(self, product: Product, variant: DemoVariant) -> ValueColumns:
        return columns([self._values[product.pk, place, text] for place, text in enumerate(variant.values, 1)])


def _texts(demo: DemoProduct) -> list[list[str]]:
    """The values of each option, as they first appear."""
    return [
        list(dict.fromkeys(variant.values[place] for variant in demo.variants)) for place in range(len(demo.options))
    ]
