"""Two demo products that no list shows: one that comes later, and one for those who know its address."""

from __future__ import annotations

from dataclasses import replace

from catalog.demo.assortment import PRODUCTS, DemoProduct, DemoVariant

_BY_SLUG = {product.slug: product for product in PRODUCTS}


def _like(slug: str, *, name: str, sku: str, price: str, stock: int, description: str) -> DemoProduct:
    variant = DemoVariant(sku, "", price, None, stock)
    model = _BY_SLUG[slug]
    address = name.lower().replace(" ", "-")
    return replace(model, slug=address, name=name, description=description, variants=(variant,))


SCHEDULED = _like(
    "harvest-mug",
    name="Midwinter Mug",
    sku="KT-901",
    price="21.00",
    stock=60,
    description="Round, warm and dark: the mug of this winter, thrown in one small series.\n\nStoneware, 330 ml.",
)
HIDDEN = _like(
    "chalk-breakfast-cup",
    name="Chalk Cup Seconds",
    sku="KT-902",
    price="9.00",
    stock=14,
    description="For friends of the workshop: cups with a drop too much or too little glaze.\n\nStoneware, 380 ml.",
)
UNLISTED = (SCHEDULED, HIDDEN)
