"""What the things of the demo shop weigh, packed: by their kind, and the dearer of a product's variants more."""

from __future__ import annotations

from decimal import Decimal

from catalog.demo.assortment_shape import DemoProduct, DemoVariant

GRAMS = {
    "basket": 1200, "bird_house": 1400, "board": 1400, "bottle": 600, "bowl": 900, "brush": 220, "candle": 650,
    "cards": 40, "casserole": 4200, "clock": 1100, "cushion": 650, "frame": 900, "hand_tools": 400, "jar": 800,
    "knife": 350, "lamp": 2400, "lantern": 1300, "mirror": 5500, "mortar": 5200, "mug": 450, "notebook": 320,
    "pan": 1800, "pen_pot": 500, "pencils": 90, "pitcher": 950, "planter": 1500, "plate": 800, "rolling_pin": 600,
    "scissors": 180, "seeds": 120, "soap": 180, "spoons": 250, "tea_towel": 140, "teapot": 1200, "throw": 1100,
    "towels": 450, "tray": 900, "twine": 200, "vase": 1300, "watering_can": 1300,
}  # fmt: skip
SETS = {
    "nesting-bowls-set-of-three": 2100,
    "shoreline-towels-set-of-three": 1500,
    "sage-towels-pair": 900,
    "hand-tool-set": 1100,
    "notebook-pair-with-pencil": 680,
}
USUAL = 700


def grams(product: DemoProduct, variant: DemoVariant) -> int:
    """Whole tens of grams."""
    kind = product.pictures[0].drawing.kind
    lightest = SETS.get(product.slug, GRAMS.get(kind, USUAL))
    cheapest = min(Decimal(each.price) for each in product.variants)
    return int(lightest * Decimal(variant.price) / cheapest / 10) * 10
