"""Any number of further products, for measuring the shop with a large catalogue."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count

from catalog.demo.assortment_shape import DemoPicture, DemoProduct, DemoVariant, slug_of

_MOODS = (
    "Amber",
    "Ashen",
    "Birch",
    "Bramble",
    "Brook",
    "Calm",
    "Cedar",
    "Cloud",
    "Copper",
    "Dawn",
    "Dune",
    "Dusk",
    "Fern",
    "Flint",
    "Frost",
    "Hazel",
    "Heath",
    "Honey",
    "Ivy",
    "Lark",
    "Linden",
    "Maple",
    "Marsh",
    "Meadow",
    "Mist",
    "Orchard",
    "Pebble",
    "Pine",
    "Quiet",
    "Reed",
    "River",
    "Rowan",
    "Russet",
    "Salt",
    "Shale",
    "Thistle",
    "Tide",
    "Umber",
    "Willow",
    "Winter",
)
_MAKERS = (
    "Aalto",
    "Bergen",
    "Cadiz",
    "Delft",
    "Elba",
    "Faro",
    "Gotland",
    "Hudson",
    "Inari",
    "Jura",
    "Kyoto",
    "Lofoten",
    "Malmo",
    "Narvik",
    "Oslo",
    "Porto",
    "Rugen",
    "Siena",
    "Tampere",
    "Uppsala",
    "Visby",
    "Zadar",
)
_SIZES = ("Small", "Medium", "Large")


def generated_from(shelves: tuple[DemoProduct, ...], number: int) -> Iterator[DemoProduct]:
    """`number` products, always the same ones, spread evenly over the categories of `shelves`.

    Names, slugs and SKUs are unique and do not meet those of `shelves`; each borrows the front
    picture, and the category, of a product of its kind, so nothing more needs to be drawn.
    """
    rng = random.Random("generated")
    taken = {product.slug for product in shelves}
    for index in range(number):
        model = shelves[index % len(shelves)]
        noun = _noun(model)
        name = f"{_MOODS[rng.randrange(len(_MOODS))]} {_MAKERS[rng.randrange(len(_MAKERS))]} {noun}"
        name = _free(name, taken)
        taken.add(slug_of(name))
        yield _like(model, name, index, rng)


def _noun(model: DemoProduct) -> str:
    return model.pictures[0].drawing.kind.replace("_", " ").title()


def _free(name: str, taken: set[str]) -> str:
    if slug_of(name) not in taken:
        return name
    return next(f"{name} No. {n}" for n in count(2) if slug_of(f"{name} No. {n}") not in taken)


def _like(model: DemoProduct, name: str, index: int, rng: random.Random) -> DemoProduct:
    cents = rng.randrange(450, 19900, 50)
    was = f"{(cents + cents // 5) / 100:.2f}" if rng.random() < 0.12 else None
    sizes = _SIZES[: rng.choice((2, 3))] if rng.random() < 0.3 else ("",)
    variants = tuple(
        DemoVariant(
            f"X{index:06d}{f'-{size[0]}' if size else ''}",
            size,
            f"{cents * (4 + k) // 4 / 100:.2f}",
            was if k == 0 else None,
            0 if rng.random() < 0.08 else rng.randrange(1, 120),
        )
        for k, size in enumerate(sizes)
    )
    front = model.pictures[0]
    text = f"{name} is one of a small series. {model.description.partition(chr(10))[0]}"
    picture = DemoPicture(front.drawing, front.alt)
    return DemoProduct(slug_of(name), name, model.category, text, variants, (picture,), model.tax_class)
