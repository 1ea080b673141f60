"""The catalogue of the demo shop "Juniper & Clay": categories, products, and as many more as needed."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.demo import assortment_bath as bath
from catalog.demo import assortment_desk as desk
from catalog.demo import assortment_garden as garden
from catalog.demo import assortment_kitchen as kitchen
from catalog.demo import assortment_living as living
from catalog.demo.assortment_generated import generated_from
from catalog.demo.assortment_options import with_options
from catalog.demo.assortment_shape import DemoCategory, DemoPicture, DemoProduct, DemoVariant
from catalog.demo.drawing import Drawing

__all__ = [
    "CATEGORIES",
    "PRODUCTS",
    "SHOP_NAME",
    "DemoCategory",
    "DemoPicture",
    "DemoProduct",
    "DemoVariant",
    "drawings",
    "generated",
]

SHOP_NAME = "Juniper & Clay"

# Parents come before their children.
CATEGORIES: tuple[DemoCategory, ...] = (
    DemoCategory("kitchen", "Kitchen", "Stoneware, wood and iron for cooking slowly and eating together."),
    DemoCategory(
        "cups-bowls-plates", "Cups, Bowls & Plates", "Stoneware thrown by hand, made for every day.", "kitchen"
    ),
    DemoCategory(
        "tea-coffee", "Tea, Coffee & Storage", "Teapots, pitchers and jars that keep things fresh.", "kitchen"
    ),
    DemoCategory("pots-pans", "Pots & Pans", "Iron and enamel that may be passed on.", "kitchen"),
    DemoCategory("boards-tools", "Boards & Tools", "Oiled wood and good steel for the worktop.", "kitchen"),
    DemoCategory("living", "Living", "Warm light, soft wool and something to look at."),
    DemoCategory("cushions-throws", "Cushions & Throws", "Woven cotton, washed linen and lambswool.", "living"),
    DemoCategory("vases-baskets", "Vases & Baskets", "For flowers, branches, blankets and everything else.", "living"),
    DemoCategory("lamps-candles", "Lamps & Candles", "Light for the hours after sunset.", "living"),
    DemoCategory("clocks-prints-mirrors", "Clocks, Prints & Mirrors", "Good company for an empty wall.", "living"),
    DemoCategory("garden", "Garden", "For balconies, beds and windowsills."),
    DemoCategory("pots-planters", "Pots & Planters", "Clay that breathes, in sizes from cactus to olive.", "garden"),
    DemoCategory("tools-watering", "Tools & Watering", "Tools that lie well in the hand and last.", "garden"),
    DemoCategory("seeds-birds", "Seeds, Birds & Lanterns", "Small things that bring a garden to life.", "garden"),
    DemoCategory("bath-linen", "Bath & Linen", "Thick towels, mild soap and linen that softens with the years."),
    DemoCategory("towels", "Towels", "Organic cotton that dries you and then dries itself.", "bath-linen"),
    DemoCategory("soap-care", "Soap & Care", "Soaps and brushes made from plants and patience.", "bath-linen"),
    DemoCategory("table-linen", "Tea Towels", "Linen and half-linen for glasses, bread and hands.", "bath-linen"),
    DemoCategory("desk-paper", "Desk & Paper", "Paper and pencils for thoughts that deserve them."),
    DemoCategory("notebooks", "Notebooks", "Sewn, cloth-bound, and flat when open.", "desk-paper"),
    DemoCategory("pens-pencils", "Pens & Pencils", "Cedar and graphite, and a pot to keep them in.", "desk-paper"),
    DemoCategory(
        "cards-envelopes", "Cards & Envelopes", "Letterpress cards with room for a line of your own.", "desk-paper"
    ),
    DemoCategory("desk-order", "Desk Order", "Trays and tools for a clear table.", "desk-paper"),
)

PRODUCTS: tuple[DemoProduct, ...] = tuple(
    with_options(product)
    for product in kitchen.PRODUCTS + living.PRODUCTS + garden.PRODUCTS + bath.PRODUCTS + desk.PRODUCTS
)


def generated(number: int) -> Iterator[DemoProduct]:
    """That many further products, deterministic, on the same shelves and with the same pictures."""
    return generated_from(PRODUCTS, number)


def drawings() -> tuple[Drawing, ...]:
    """Every picture that the products need, each once."""
    return tuple(dict.fromkeys(p.drawing for product in PRODUCTS for p in product.pictures))
