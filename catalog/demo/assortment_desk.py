"""The desk and paper shelves of the demo shop."""

from __future__ import annotations

from catalog.demo.assortment_shape import Option, item, shelf

_PAPER = "Paper of 100 g/m² from recycled fibre; fountain pens do not show through."

NOTEBOOKS = shelf(
    "notebooks",
    "DN",
    [
        item(
            "Field Notebook",
            ("notebook", "juniper", 0, "Green notebook with a terracotta elastic band"),
            [Option("Dotted", "18.00", 48), Option("Lined", "18.00", 35), Option("Plain", "18.00", 0)],
            0,
            "Opens flat, closes with a band, and fits the pocket of a coat. There is a label on the front, so "
            "that it can be about something.",
            f"160 pages, thread-sewn in cloth. {_PAPER}",
            views="fsd",
        ),
        item(
            "Cloth-Spine Notebook",
            ("notebook", "blush", 1, "Rose notebook with a dark spine and printed leaves"),
            "22.00",
            17,
            "Bound the old way: boards in printed paper, spine in cloth. The ribbon is long enough to find.",
            f"A5, 192 pages. {_PAPER}",
            views="f",
        ),
        item(
            "Notebook Pair with Pencil",
            ("notebook", "ink", 2, "Navy and yellow notebooks with a pencil"),
            "29.00",
            9,
            "One for work and one for the rest, and a pencil for both.",
            f"Two A5 notebooks of 96 pages and one pencil. {_PAPER}",
            was="35.00",
        ),
    ],
)

WRITING = shelf(
    "pens-pencils",
    "DP",
    [
        item(
            "Pencil Set, Five",
            ("pencils", "juniper", 0, "Five pencils in greens and warm colours"),
            "12.00",
            70,
            "Five pencils in the colours of the shop, with an eraser at the end for the things one writes before "
            "coffee.",
            "Cedar, HB; lacquered with water-based paint.",
            "Made in a factory that also sharpens them.",
            views="fsd",
        ),
        item(
            "Pencil Fan, Seven",
            ("pencils", "clay", 1, "Seven coloured pencils fanned out"),
            "16.00",
            38,
            "Seven grades from 4B to 2H, one colour each, so that a hand learns which is which.",
            "Cedar and graphite, in a box of grey board.",
            views="f",
        ),
        item(
            "Speckled Pen Pot",
            ("pen_pot", "chalk", 0, "White speckled beaker with pencils and a brush"),
            "24.00",
            21,
            "A beaker for pens, thrown by the same hands as our mugs; only the handle is missing.",
            "Stoneware, 9 cm across, 11 cm high.",
            "Safe in the dishwasher, if ink has happened.",
        ),
        item(
            "Fluted Pen Pot",
            ("pen_pot", "lake", 1, "Fluted blue beaker with pencils"),
            [Option("Lake", "26.00", 14), Option("Charcoal", "26.00", 8)],
            0,
            "With flutes, so that it turns between the fingers while one thinks.",
            "Stoneware, 9 cm across, 11 cm high.",
            "Safe in the dishwasher.",
            views="f",
        ),
    ],
)

CARDS = shelf(
    "cards-envelopes",
    "DC",
    [
        item(
            "Wreath Cards",
            ("cards", "sage", 0, "Card with a leaf wreath on a green envelope"),
            [Option("Single", "4.50", 120), Option("Box of ten", "36.00", 22)],
            0,
            "A wreath with room in the middle for one line. Blank inside, because you know best.",
            "Letterpress on cotton paper, A6, with an envelope of green paper.",
            views="f",
        ),
        item(
            "Half Moon Cards",
            ("cards", "clay", 1, "Card with a pattern of half circles on a terracotta envelope"),
            "4.50",
            95,
            "Half moons in three inks, printed one after the other. They never line up perfectly, and that is why "
            "we like them.",
            "Letterpress on cotton paper, A6, with an envelope.",
            views="f",
        ),
        item(
            "Bouquet Cards, Box of Six",
            ("cards", "sky", 2, "Card with a drawn bouquet on a pale blue envelope"),
            "24.00",
            5,
            "A bouquet that needs no water. Six cards for birthdays you remember in time, and for the others.",
            "Offset on recycled board, A6, with pale blue envelopes.",
            was="29.00",
        ),
    ],
)

ORDER = shelf(
    "desk-order",
    "DO",
    [
        item(
            "Desk Tray",
            ("tray", "juniper", 0, "Green desk tray with a pencil, clips and a pad"),
            "38.00",
            12,
            "A place for what otherwise lies about: keys, clips, a pad, the one good pencil.",
            "Powder-coated steel, 30 by 19 cm, with a cork foot.",
            "Wipe with a damp cloth.",
            views="fsd",
        ),
        item(
            "Oval Valet Tray",
            ("tray", "oat", 1, "Sand-coloured oval tray with small things in it"),
            "42.00",
            0,
            "An oval for the hall, where pockets are emptied.",
            "Stoneware with a satin glaze, 30 by 19 cm.",
            "Wipe with a damp cloth.",
            views="f",
        ),
        item(
            "Paper Scissors",
            ("scissors", "charcoal", 0, "Paper scissors with black handles"),
            [Option("Black", "32.00", 16), Option("Green", "32.00", 7)],
            0,
            "Long blades for one clean cut across a sheet. The bows are large enough for any hand, also for a "
            "left one.",
            "Stainless steel with lacquered bows, 21 cm.",
            "A drop of oil on the screw once a year.",
        ),
    ],
)

PRODUCTS = NOTEBOOKS + WRITING + CARDS + ORDER
