"""The garden shelves of the demo shop."""

from __future__ import annotations

from catalog.demo.assortment_shape import Option, item, shelf

_POT = (
    "There is a hole in the bottom, as there should be. Frost-proof to about −10 °C when it stands on feet. "
    "The plant is not included."
)
_TOOL = "Wipe off the soil, dry, and put a drop of oil on the steel before winter."

POTS = shelf(
    "pots-planters",
    "GP",
    [
        item(
            "Classic Terracotta Pot",
            ("planter", "clay", 0, "Terracotta flower pot with a snake plant"),
            [Option("14 cm", "12.00", 60), Option("18 cm", "17.00", 44), Option("24 cm", "28.00", 19)],
            0,
            "The pot that every plant understands: porous clay that breathes, a thick rim to lift it by, and a "
            "colour that gets better in the rain.",
            "Terracotta, fired at 1040 °C.",
            _POT,
            views="fsd",
        ),
        item(
            "Fluted Planter",
            ("planter", "chalk", 1, "White fluted planter with a pilea"),
            "36.00",
            15,
            "Flutes that run around like the folds of a skirt. White outside, bare inside, so that the roots can "
            "breathe.",
            "Stoneware, 18 cm across, 17 cm high.",
            _POT,
            views="f",
        ),
        item(
            "Dipped Belly Pot",
            ("planter", "juniper", 2, "Round green pot with a young olive tree"),
            "44.00",
            8,
            "A round pot for a small tree. Dipped in green as far as the shoulder allowed.",
            "Stoneware, 21 cm across.",
            _POT,
            was="52.00",
        ),
        item(
            "Pot with Saucer",
            ("planter", "sky", 3, "Pale blue pot on a saucer with a large-leaved plant"),
            [Option("Sky", "32.00", 20), Option("Clay", "32.00", 0)],
            0,
            "Pot and saucer in one glaze, made to stand on a windowsill without leaving a ring.",
            "Stoneware, 19 cm across with an attached saucer.",
            _POT,
            views="f",
        ),
        item(
            "Cactus Pot",
            ("planter", "rose", 4, "Rose-coloured pot with a flowering cactus"),
            "18.00",
            28,
            "Small, rose-coloured and patient, like what should live in it.",
            "Terracotta with a slip of coloured clay, 12 cm.",
            _POT,
            views="f",
        ),
        item(
            "Fern Pot",
            ("planter", "moss", 8, "Moss green pot with an arching fern"),
            "24.00",
            3,
            "A taller pot for ferns, with a deep rim that keeps the water where it is poured.",
            "Glazed terracotta, 17 cm.",
            _POT,
        ),
    ],
)

TOOLS = shelf(
    "tools-watering",
    "GT",
    [
        item(
            "Long-Reach Watering Can",
            ("watering_can", "juniper", 0, "Green watering can with a brass rose and a curved handle"),
            [Option("1.5 litres", "38.00", 16), Option("5 litres", "62.00", 9)],
            0,
            "Balanced so that it pours when your wrist turns and not before. The long spout finds the soil behind "
            "the leaves.",
            "Powder-coated steel with a rose of brass that unscrews.",
            "Empty it before the first frost.",
            views="fsd",
        ),
        item(
            "Butter Watering Can",
            ("watering_can", "butter", 1, "Pale yellow watering can with two handles"),
            "45.00",
            0,
            "Two handles: one to carry, one to pour. In a yellow you can find again in tall grass.",
            "Powder-coated steel, 3 litres.",
            "Empty it before the first frost.",
            views="f",
        ),
        item(
            "Hand Tool Set",
            ("hand_tools", "juniper", 0, "Trowel, fork and dibber with green handles"),
            "54.00",
            12,
            "A trowel, a fork and a dibber: the three tools that do nine tenths of the work in a small garden.",
            "Stainless steel and ash with a lacquered grip, in a cotton roll.",
            _TOOL,
            was="66.00",
        ),
        item(
            "Planting Trowel",
            ("hand_tools", "rust", 1, "Garden trowel with a rust-red handle"),
            "22.00",
            35,
            "Forged, with a blade narrow enough for bulbs and a grip painted so that you will not dig it in.",
            "Carbon steel and ash, 30 cm.",
            _TOOL,
            views="f",
        ),
        item(
            "Weeding Fork",
            ("hand_tools", "sage", 2, "Three-pronged garden fork with a sage green handle"),
            "22.00",
            29,
            "Three prongs that go down beside a root and come up with all of it.",
            "Carbon steel and ash, 29 cm.",
            _TOOL,
            views="f",
        ),
        item(
            "Jute Twine on a Spool",
            ("twine", "oat", 0, "Wooden spool of natural garden twine"),
            [Option("Natural", "9.50", 80), Option("Green", "9.50", 52)],
            0,
            "A hundred metres on a spool that stands still while you pull. Ties tomatoes, parcels and, once, a gate.",
            "Jute, 2 mm, on oak. Rots in the compost within a year.",
            "Keep it dry.",
        ),
    ],
)

WILDLIFE = shelf(
    "seeds-birds",
    "GS",
    [
        item(
            "Kitchen Garden Seeds",
            ("seeds", "juniper", 0, "Three seed packets with tomatoes, sunflower and lavender"),
            "14.00",
            48,
            "Tomato, sunflower and lavender: something to eat, something to look at, something for the bees.",
            "Three packets of open-pollinated seed with sowing dates on the back. Enough for about six square metres.",
            "Keep cool and dry; good for three years.",
            views="f",
            tax_class="reduced",
        ),
        item(
            "Nest Box",
            ("bird_house", "sky", 1, "Pale blue bird house with a terracotta roof"),
            [Option("Blue tit, 28 mm", "42.00", 10), Option("Great tit, 32 mm", "42.00", 6)],
            0,
            "A house of planed larch with a hole for the one you would like as a neighbour. Hang it towards the "
            "east before the end of February.",
            "Larch, water-based paint on the outside only, 28 cm high. The front opens for cleaning.",
            "Brush it out every autumn, without chemicals.",
            views="fsd",
        ),
        item(
            "Juniper Nest Box",
            ("bird_house", "juniper", 0, "Green bird house with a terracotta roof"),
            "42.00",
            0,
            "The nest box in the colour of the hedge. Birds do not mind; neighbours seem to like it.",
            "Larch, 28 cm high, hole of 32 mm.",
            "Brush it out every autumn, without chemicals.",
            views="f",
        ),
        item(
            "Storm Lantern",
            ("lantern", "charcoal", 0, "Dark metal lantern with a candle behind glass"),
            "49.00",
            14,
            "Holds a pillar candle behind glass and does not mind the wind. Hang it in the tree or put it on the step.",
            "Powder-coated steel and glass, 36 cm high with its handle.",
            "The glass lifts out for washing.",
            was="58.00",
        ),
        item(
            "Twelve Months of Small Harvests",
            ("notebook", "moss", 5, "Moss green garden book with a cloth spine"),
            "24.00",
            26,
            "A garden book for people with four pots and a balcony: what to sow, water and eat in every month, and "
            "what to leave alone.",
            "Sewn and bound in cloth, 192 pages, with drawings on every other one.",
            "The index knows what things are called in four languages.",
            views="f",
            tax_class="books",
        ),
    ],
)

PRODUCTS = POTS + TOOLS + WILDLIFE
