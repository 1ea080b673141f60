# ruff: noqa: SIM905  # lists of words are read as lines
"""The words that the large catalogue is made of. About as many as a real one of a shop for the house has."""

from __future__ import annotations

from itertools import product

# Each stands in a twentieth of all names.
NOUNS = (
    "Mug Bowl Plate Jug Vase Lamp Chair Stool Table Shelf Basket Blanket Cushion Towel Apron Notebook Planter Tray"
    " Clock Mirror"
).split()
MOODS = (
    "Amber Ashen Birch Bramble Brook Calm Cedar Cloud Copper Dawn Dune Dusk Fern Flint Frost Hazel Heath Honey Ivy Lark"
    " Linden Maple Marsh Meadow Mist Orchard Pebble Pine Quiet Reed River Rowan Russet Salt Shale Thistle Tide Umber"
    " Willow Winter Crème Fjäll Élan Süd"
).split()
MATERIALS = "Oak Beech Ash Steel Brass Glass Stoneware Porcelain Linen Cotton Wool Cork".split()
COLOURS = "Black White Grey Blue Green Red Yellow Sand Rose Olive".split()
SIZES = "Small Medium Large".split()
TAGS = "gift new handmade sale outdoor kitchen bath bedroom office kids eco vegan limited classic spring winter".split()
STAPLES = (
    "made by hand in small series from wood and clay that lasts for years keeps its colour dries fast stacks well goes"
    " into the dishwasher fits every table feels warm light heavy round square deep flat smooth rough glazed"
    " matt turned woven printed dyed sewn with care and sent without plastic wrapped in paper ready to give"
    " away easy to clean hard wearing soft quiet bright simple useful for tea coffee bread fruit"
    " flowers books guests mornings evenings"
).split()
# Two thousand names of series: the first stand for many products, the last for few.
SERIES = [
    "".join(syllables)
    for syllables in product(
        ("al", "ber", "cor", "del", "em", "fal", "gor", "hel", "ist", "jor", "kal", "lun", "mar", "nor", "or", "pel"),
        ("a", "e", "i", "o", "u"),
        ("va", "ro", "mi", "ne", "sta", "lin", "den", "go", "ki"),
        ("", "n", "s"),
    )
]
