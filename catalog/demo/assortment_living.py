"""The living shelves of the demo shop."""

from __future__ import annotations

from catalog.demo.assortment_shape import Option, item, shelf

_COVER = "The cover comes off by a hidden zip and washes at 30 °C. The filling is feather; a synthetic one on request."
_WOOL = (
    "Air it outside on a damp day; that is all wool usually asks for. "
    "If it must be washed: by hand, cool, with wool soap."
)
_FRAME = "Printed with pigment inks on cotton paper. The frame is solid wood with acrylic glass, ready to hang."

CUSHIONS = shelf(
    "cushions-throws",
    "LC",
    [
        item(
            "Veranda Cushion",
            ("cushion", "juniper", 0, "Green cushion with terracotta stripes and piping"),
            [Option("45 × 45 cm", "39.00", 24), Option("60 × 60 cm", "56.00", 8)],
            0,
            "Garden-chair stripes for indoors. Woven, not printed, so the pattern is the same on the inside and "
            "does not fade to one side.",
            "Cotton and linen, 380 g/m², with piping in the colour of the stripes.",
            _COVER,
            views="fsd",
        ),
        item(
            "Arcade Cushion",
            ("cushion", "ochre", 1, "Mustard yellow cushion with rows of small arches"),
            "42.00",
            13,
            "Rows of small arches, block-printed by hand; look closely and you will see where the printer drew breath.",
            "Heavy cotton, 45 by 45 cm.",
            _COVER,
        ),
        item(
            "Gingham Cushion",
            ("cushion", "sage", 2, "Sage green gingham cushion"),
            "36.00",
            30,
            "A soft check the size of a biscuit. It gets along with stripes, flowers and dogs.",
            "Washed linen, 45 by 45 cm.",
            _COVER,
            was="44.00",
            views="f",
        ),
        item(
            "Button Cushion",
            ("cushion", "rust", 3, "Plain rust-red cushion with a button in the middle"),
            [Option("Rust", "45.00", 9), Option("Forest", "45.00", 12), Option("Sand", "45.00", 0)],
            0,
            "One colour, one button, and a filling generous enough to lean on with a book.",
            "Cotton velvet with a button covered in linen, 45 by 45 cm.",
            _COVER,
            views="f",
        ),
        item(
            "Long Sofa Cushion",
            ("cushion", "ink", 4, "Long navy cushion with mustard yellow piping"),
            "48.00",
            16,
            "Long and low, for the small of the back. Navy with mustard piping.",
            "Wool and cotton, 60 by 40 cm.",
            _COVER,
        ),
        item(
            "Heather Throw",
            ("throw", "blush", 0, "Folded rose-coloured wool throw with a fringe"),
            "98.00",
            7,
            "A wool throw in a pink that comes from mixing three colours of yarn, not from one dye. Light over "
            "the shoulders, warm over the knees.",
            "Lambswool, 130 by 180 cm, with a twisted fringe; 700 g.",
            _WOOL,
            was="118.00",
            views="fsd",
        ),
        item(
            "Forest Plaid Throw",
            ("throw", "juniper", 1, "Folded green plaid throw with terracotta lines"),
            "112.00",
            10,
            "A plaid with terracotta lines on juniper green. Woven at a mill that has made blankets since the "
            "railway came.",
            "Lambswool, 140 by 200 cm; 850 g.",
            _WOOL,
            views="f",
        ),
    ],
)

VASES = shelf(
    "vases-baskets",
    "LV",
    [
        item(
            "Bottle Vase",
            ("vase", "blush", 0, "Rose-coloured bottle vase with dried grasses"),
            "46.00",
            12,
            "A narrow neck that makes one bunch of dried grass look like a decision. Comes without the grass.",
            "Stoneware with a satin glaze, 29 cm high. Watertight.",
            "Rinse with warm water; a bottle brush reaches the bottom.",
        ),
        item(
            "Two-Tone Vase",
            ("vase", "ochre", 1, "Vase with ochre glaze above bare clay, holding eucalyptus"),
            "52.00",
            5,
            "Ochre glaze above, bare clay below, and a line between that ran as it wanted. No two are alike.",
            "Stoneware, 25 cm high, opening 10 cm.",
            "Rinse with warm water and dry upside down.",
            views="fsd",
        ),
        item(
            "Fluted Vase",
            ("vase", "chalk", 6, "White fluted cylinder vase with stems of honesty"),
            [Option("Small", "29.00", 22), Option("Tall", "41.00", 14)],
            0,
            "A white cylinder with flutes cut by hand while the clay is still soft. It catches the light all day long.",
            "Unglazed porcelain outside, glazed inside; 18 or 26 cm high.",
            "Safe in the dishwasher.",
            views="f",
        ),
        item(
            "Moon Vase",
            ("vase", "sky", 3, "Round pale blue vase with a painted zigzag band"),
            "64.00",
            0,
            "As round as clay will go, with a zigzag painted while it turns. A few stems of cotton are enough.",
            "Stoneware with a painted band, 24 cm high.",
            "Rinse with warm water.",
            views="f",
        ),
        item(
            "Rush Laundry Basket",
            ("basket", "chalk", 0, "Tall woven basket with a white foot and two handles"),
            [Option("Medium", "49.00", 11), Option("Large", "65.00", 6)],
            0,
            "Coiled rush with a dipped white foot and two strong handles. Holds a week of towels, or all the "
            "firewood you can carry.",
            "Sea rush and cotton thread; the large one is 40 cm high.",
            "Wipe with a damp cloth. It likes a dry room.",
        ),
        item(
            "Orchard Basket",
            ("basket", "rust", 1, "Low wide woven basket full of oranges"),
            "34.00",
            17,
            "Low, wide and open, so that fruit lies next to each other and not on top. Leather-coloured cord on "
            "the handles.",
            "Willow and rush, 38 cm across.",
            "Wipe with a damp cloth.",
            was="42.00",
            views="f",
        ),
    ],
)

LIGHT = shelf(
    "lamps-candles",
    "LL",
    [
        item(
            "Gourd Table Lamp",
            ("lamp", "lake", 0, "Blue ceramic table lamp with a lit cream shade"),
            [Option("Lake", "129.00", 6), Option("Chalk", "129.00", 4)],
            0,
            "A glazed ceramic base and a pleated shade that turns the light the colour of late afternoon.",
            "Stoneware, brass and cotton; 48 cm high with its shade. E27, up to 40 W, with a dimmer in the cord.",
            "Dust the shade with a soft brush. The bulb is not included.",
            views="fsd",
        ),
        item(
            "Turned Oak Lamp",
            ("lamp", "rust", 1, "Table lamp with a turned oak stem and a rust-coloured shade"),
            "98.00",
            9,
            "The stem is turned from one piece of oak by someone who has made table legs for thirty years, and it "
            "shows.",
            "Oak and linen, 50 cm high. E27, up to 40 W, with a switch in a textile cord.",
            "Dust the shade with a soft brush. The bulb is not included.",
        ),
        item(
            "Mushroom Lamp",
            ("lamp", "butter", 2, "Pale yellow mushroom-shaped lamp"),
            [Option("Butter", "84.00", 10), Option("Moss", "84.00", 0), Option("Clay", "84.00", 7)],
            0,
            "One colour from cap to foot, and a warm ring of light on the table below. Made for hallways and for "
            "children who wake at night.",
            "Powder-coated steel, 32 cm high, with an LED of 2700 K that lasts about 25 000 hours.",
            "Wipe with a dry cloth.",
            was="99.00",
            views="f",
        ),
        item(
            "Juniper & Smoke Candle",
            ("candle", "sage", 0, "Scented candle burning in a sage green stoneware beaker"),
            [
                Option("Juniper & smoke", "32.00", 26),
                Option("Fig leaf", "32.00", 19),
                Option("Tomato vine", "32.00", 3),
            ],
            0,
            "Our own scent: juniper berries, a little smoke, and something like rain on a warm path. Burns for "
            "about fifty hours in a beaker that becomes a cup.",
            "Rapeseed wax, cotton wick, stoneware; 220 g.",
            "Cut the wick to half a centimetre before you light it. Never leave it alone.",
            views="fsd",
        ),
        item(
            "Pillar Candles, Set of Three",
            ("candle", "clay", 1, "Three burning pillar candles in terracotta, cream and sand"),
            "28.00",
            33,
            "Three heights, three tones. Poured and dyed all the way through, so they keep their colour as they "
            "burn down.",
            "Stearin from plants; 6 cm across, 8, 13 and 18 cm high; 25 to 60 hours.",
            "Place on a plate that can take heat.",
        ),
        item(
            "Brass Taper Holders",
            ("candle", "juniper", 2, "Two holders with tall green taper candles"),
            "39.00",
            8,
            "A tall one and a short one, turned with a foot heavy enough for a long table of people who wave "
            "their arms.",
            "Lacquered metal; takes tapers of 22 mm. Two green tapers come with them.",
            "Wax comes off in hot water.",
            was="48.00",
            views="f",
        ),
    ],
)

WALLS = shelf(
    "clocks-prints-mirrors",
    "LW",
    [
        item(
            "Station Clock",
            ("clock", "juniper", 0, "Round wall clock with an oak rim and a cream dial"),
            "79.00",
            9,
            "A dial that can be read from the other end of the kitchen, in a rim of bent oak. The movement is "
            "silent; the second hand glides.",
            "Oak and glass, 30 cm across, 4 cm deep. One AA cell lasts about two years.",
            "Dust with a dry cloth.",
            views="f",
        ),
        item(
            "Night Clock",
            ("clock", "ink", 2, "Wall clock with a navy dial and a walnut rim"),
            "84.00",
            5,
            "The same silent movement with a navy dial and a walnut rim, for rooms that are mostly used after dark.",
            "Walnut and glass, 30 cm across.",
            "Dust with a dry cloth.",
            views="f",
        ),
        item(
            "Print: Green Hills",
            ("frame", "juniper", 0, "Framed print of green hills under a red sun"),
            [Option("30 × 40 cm", "58.00", 14), Option("50 × 70 cm", "96.00", 7)],
            0,
            "Five hills and a low sun, drawn from a train window somewhere between Göttingen and Kassel.",
            _FRAME,
            views="fsd",
        ),
        item(
            "Print: Arches",
            ("frame", "clay", 1, "Framed abstract print of terracotta arches"),
            "58.00",
            12,
            "A still life of shapes cut from paper: an arch, a pebble, a sun.",
            _FRAME,
        ),
        item(
            "Print: Sailing Home",
            ("frame", "lake", 3, "Framed print of a small boat on blue waves"),
            "58.00",
            2,
            "A small boat, a large sun, and seven waves that become darker as they come closer.",
            _FRAME,
            views="f",
        ),
        item(
            "Arched Mirror",
            ("mirror", "clay", 1, "Arched mirror with a narrow brass frame"),
            "145.00",
            0,
            "An arch in a narrow brass frame, just large enough to check the collar and the hair. It makes a dark "
            "hallway twice as deep.",
            "Brass-plated steel and 5 mm glass, 56 by 38 cm. Hangs by two keyholes; screws included.",
            "Clean with water and a soft cloth.",
            views="f",
        ),
        item(
            "Round Oak Mirror",
            ("mirror", "sage", 0, "Round mirror with a thin oak frame"),
            [Option("40 cm", "89.00", 8), Option("60 cm", "129.00", 4)],
            0,
            "A circle in a thin frame of steam-bent oak. The joint is at the bottom and takes a moment to find.",
            "Oak and 5 mm glass.",
            "Clean with water and a soft cloth.",
        ),
    ],
)

PRODUCTS = CUSHIONS + VASES + LIGHT + WALLS
