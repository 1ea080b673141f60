"""The bath and linen shelves of the demo shop."""

from __future__ import annotations

from catalog.demo.assortment_shape import Option, item, shelf

_TERRY = "Washes at 60 °C. Leave out the softener: it makes towels smooth and useless."
_SOAP = "Keep it dry between two uses and it will last about six weeks."
_LINEN = "Washes at 60 °C and softens every time. Iron it damp, or do not iron it at all."

TOWELS = shelf(
    "towels",
    "BT",
    [
        item(
            "Shoreline Towels, Set of Three",
            ("towels", "sky", 0, "Stack of towels from blue to cream"),
            "69.00",
            13,
            "A bath towel, a hand towel and a guest towel in three tones, from deep water to sand.",
            "Organic cotton terry, 550 g/m²; 70 × 140, 50 × 100 and 30 × 50 cm.",
            _TERRY,
            views="fsd",
        ),
        item(
            "Clay Bath Towel",
            ("towels", "clay", 1, "Two folded terracotta towels with a paper band"),
            [
                Option("Hand, 50 × 100 cm", "19.00", 32),
                Option("Bath, 70 × 140 cm", "34.00", 21),
                Option("Sauna, 90 × 180 cm", "52.00", 5),
            ],
            0,
            "Thick, with a long loop and a colour that forgives. The border is woven flat so that it does not "
            "pull in the wash.",
            "Organic cotton terry, 600 g/m².",
            _TERRY,
            views="f",
        ),
        item(
            "Sage Towels, Pair",
            ("towels", "sage", 1, "Pair of folded sage green towels with a band"),
            "39.00",
            0,
            "Two hand towels in sage. They dry quickly, because the loops on one side are cut shorter.",
            "Cotton terry, 500 g/m²; 50 × 100 cm each.",
            _TERRY,
            was="46.00",
            views="f",
        ),
    ],
)

CARE = shelf(
    "soap-care",
    "BS",
    [
        item(
            "Stacked Soaps, Three Bars",
            ("soap", "sage", 0, "Three stacked bars of soap with leaves on top"),
            "21.00",
            41,
            "Olive, oat and sea clay: three bars cold-stirred and cured for six weeks in a barn with good air.",
            "Saponified olive and rapeseed oil, no palm oil, 3 × 110 g.",
            _SOAP,
            views="fsd",
        ),
        item(
            "Rose Clay Soap",
            ("soap", "blush", 1, "Pink bar of soap on a ceramic dish"),
            [Option("Bar", "8.50", 56), Option("Bar with dish", "24.00", 15)],
            0,
            "A mild bar coloured with nothing but rose clay. The dish has a groove underneath where the water goes.",
            "Saponified olive oil and rose clay, 110 g; the dish is stoneware.",
            _SOAP,
        ),
        item(
            "Amber Hand Soap",
            ("bottle", "juniper", 0, "Brown glass pump bottle with a paper label"),
            [Option("Juniper", "18.00", 37), Option("Lemon thyme", "18.00", 24)],
            0,
            "Liquid soap in brown glass, with a pump that can be taken apart and cleaned. Refills come in a carton.",
            "300 ml; made from rapeseed oil.",
            "Recycle the glass, or fill it again.",
            views="f",
        ),
        item(
            "Stoneware Dispenser",
            ("bottle", "clay", 1, "Terracotta stoneware dispenser with a brass pump"),
            "38.00",
            11,
            "For soap you buy by the litre. The pump is solid brass and there is a spare one in our drawer, if "
            "yours ever fails.",
            "Stoneware and brass, 350 ml.",
            "Wash by hand.",
            was="45.00",
        ),
        item(
            "Wash Basin Pair",
            ("bottle", "sky", 2, "A brown and a pale pump bottle side by side"),
            "34.00",
            4,
            "Hand wash and hand balm, side by side: one takes off the garden, the other makes up for it.",
            "2 × 300 ml in glass bottles with pumps.",
            "Recycle the glass, or fill it again.",
            views="f",
        ),
        item(
            "Bath Brush",
            ("brush", "oak", 0, "Oak bath brush with light bristles"),
            "26.00",
            18,
            "A long handle and firm bristles for the part of the back that nobody reaches.",
            "Oiled oak and tampico fibre, 42 cm.",
            "Hang it up with the bristles down.",
            views="f",
        ),
    ],
)

LINEN = shelf(
    "table-linen",
    "BL",
    [
        item(
            "Grain Sack Tea Towel",
            ("tea_towel", "ink", 0, "Cream tea towel with navy stripes"),
            [Option("Single", "14.00", 66), Option("Set of three", "38.00", 20)],
            0,
            "Stripes like those on old grain sacks, on a half-linen that dries a wine glass in one go.",
            "Half linen, 50 by 70 cm, with a loop.",
            _LINEN,
            views="fsd",
        ),
        item(
            "Checked Tea Towel",
            ("tea_towel", "sage", 1, "Sage green checked tea towel"),
            "13.00",
            42,
            "A large check in sage. It hides the tea, which is half of what is asked of it.",
            "Cotton, 50 by 70 cm.",
            _LINEN,
            views="f",
        ),
        item(
            "Sprig Tea Towel",
            ("tea_towel", "moss", 2, "Cream tea towel printed with three green sprigs"),
            "16.00",
            25,
            "Three sprigs of juniper, screen-printed in one colour with a water-based ink.",
            "Linen, 50 by 70 cm.",
            _LINEN,
        ),
    ],
)

PRODUCTS = TOWELS + CARE + LINEN
