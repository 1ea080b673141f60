"""The kitchen shelves of the demo shop."""

from __future__ import annotations

from catalog.demo.assortment_shape import Option, item, shelf

_STONEWARE = (
    "Safe in the dishwasher and the microwave. The unglazed foot is sanded smooth, so it will not mark your table."
)
_WOOD = "Wash by hand, let it dry standing up, and rub in a little linseed oil two or three times a year."
_ENAMEL = "Suits gas, electric, ceramic and induction hobs, and the oven up to 240 °C. Use wooden or silicone tools."

TABLEWARE = shelf(
    "cups-bowls-plates",
    "KT",
    [
        item(
            "Fjell Mug",
            ("mug", "juniper", 0, "Straight dark green mug with speckled glaze and a bare clay foot"),
            [Option("Small, 240 ml", "16.00", 34), Option("Large, 360 ml", "19.50", 21)],
            0,
            "A straight-sided mug for people who drink their coffee slowly. The juniper green glaze is dipped by "
            "hand, so the line where it meets the bare clay is never quite the same twice.",
            "Stoneware, thrown in a workshop of five people. The large one is 9 cm across and 10 cm high; the "
            "handle takes three fingers.",
            _STONEWARE,
            views="fsd",
        ),
        item(
            "Harvest Mug",
            ("mug", "clay", 1, "Round-bellied terracotta coloured mug filled with tea"),
            "18.00",
            27,
            "Round enough to warm both hands. The belly keeps tea hot and the rim turns in a little, which is "
            "kind to anyone who carries a full cup up the stairs.",
            "Stoneware with a satin terracotta glaze, 320 ml, 9.5 cm high.",
            _STONEWARE,
        ),
        item(
            "Chalk Breakfast Cup",
            ("mug", "chalk", 2, "Tall white cup that narrows to a small foot"),
            "17.50",
            4,
            "Tall, white and footed, with iron speckles that burn through the glaze in the kiln. Good for "
            "porridge as well as for milky coffee.",
            "Stoneware, 380 ml, 11 cm high.",
            _STONEWARE,
            views="f",
        ),
        item(
            "Inkwell Cup",
            ("mug", "ink", 3, "Low wide navy blue coffee cup with a sand-coloured foot"),
            [Option("Single", "15.00", 18), Option("Set of four", "54.00", 6, "60.00")],
            0,
            "A low, wide cup for a short coffee with a good crema. The blue is so dark that it only shows near a "
            "window.",
            "Stoneware, 200 ml, 8 cm high. The set comes in a box made of grey board that is worth keeping.",
            _STONEWARE,
            views="f",
        ),
        item(
            "Sage Salad Bowl",
            ("bowl", "sage", 0, "Wide shallow sage green bowl"),
            [Option("24 cm", "32.00", 12), Option("30 cm", "46.00", 0)],
            0,
            "Wide and open, so that a salad can be turned without half of it landing on the cloth. It makes a "
            "calm fruit bowl for the rest of the week.",
            "Stoneware with a matt sage glaze outside and a glossy one inside.",
            _STONEWARE,
            views="fsd",
        ),
        item(
            "Nesting Bowls, Set of Three",
            ("bowl", "lake", 1, "Three stacked bowls from deep to pale blue"),
            "58.00",
            9,
            "Three bowls that live inside each other and take up the room of one. The glaze gets lighter from the "
            "largest to the smallest, like a lake towards the shore.",
            "Stoneware; 12, 15 and 18 cm across.",
            _STONEWARE,
            was="69.00",
        ),
        item(
            "Rust Ramen Bowl",
            ("bowl", "rust", 2, "Deep rust-red bowl on a small foot"),
            "26.00",
            0,
            "Deep, with straight walls and a foot to hold it by when the broth is hot. Rust red outside, and a "
            "plain glaze inside that lets the soup look its best.",
            "Stoneware, 850 ml, 16 cm across.",
            _STONEWARE,
            views="f",
        ),
        item(
            "Border Dinner Plate",
            ("plate", "juniper", 0, "Cream plate with a broad green rim, seen from above"),
            [Option("Side, 20 cm", "17.00", 40), Option("Dinner, 27 cm", "24.00", 31)],
            0,
            "A cream plate with a green border painted on the wheel, one turn and one brush. The rim is low "
            "enough for sauce and high enough to carry.",
            "Stoneware, stacks well, 2.5 cm high.",
            _STONEWARE,
        ),
        item(
            "Garland Plate",
            ("plate", "clay", 2, "Cream plate with painted terracotta leaves around its rim"),
            "29.00",
            14,
            "Twenty-two leaves, each painted with two strokes. We asked whether a stamp would be quicker; the "
            "painter said yes, and went on painting.",
            "Stoneware with underglaze decoration, 26 cm across.",
            _STONEWARE,
            views="fd",
        ),
    ],
)

TEA_COFFEE = shelf(
    "tea-coffee",
    "KC",
    [
        item(
            "Moss Teapot",
            ("teapot", "moss", 0, "Round moss green teapot with a long spout and a light knob"),
            "64.00",
            8,
            "A pot for four cups that pours without dripping: the spout is cut sharp on the inside and we test "
            "each one with water before it leaves.",
            "Glazed stoneware, 1.1 litres, with holes in the wall of the spout that hold back the leaves.",
            _STONEWARE,
            views="fsd",
        ),
        item(
            "Midnight Teapot with Brass Handle",
            ("teapot", "night", 1, "Low dark blue teapot with a brass handle over the top"),
            "78.00",
            3,
            "Low and broad under a tall brass handle. It looks heavy and is not; full, it weighs just over a kilogram.",
            "Stoneware and solid brass, 0.9 litres. The handle folds down to clean the lid.",
            "Wash by hand. The brass will darken with time; a little lemon and salt brings back the shine if you "
            "miss it.",
            was="92.00",
            views="f",
        ),
        item(
            "Butter Jug",
            ("pitcher", "butter", 0, "Pale yellow pitcher with two thin lines around its neck"),
            [Option("Half litre", "28.00", 16), Option("One litre", "39.00", 11)],
            0,
            "For water at dinner, milk at breakfast, and three stems of cow parsley in between.",
            "Stoneware with a butter yellow glaze and two lines drawn on the wheel.",
            _STONEWARE,
        ),
        item(
            "Dipped Pitcher",
            ("pitcher", "sky", 1, "Pitcher glazed pale blue above bare sandy clay"),
            "42.00",
            19,
            "Half glaze, half clay: dipped upside down to the waist and left alone. The bare part is pleasant to "
            "hold and stays cool in summer.",
            "Stoneware, 1.2 litres, 25 cm high.",
            _STONEWARE,
            views="f",
        ),
        item(
            "Oat Storage Jar",
            ("jar", "clay", 0, "Glass jar of oats with an oak lid and a paper label"),
            [Option("0.8 litres", "19.00", 45), Option("1.4 litres", "24.00", 38)],
            0,
            "Thick glass with an oak lid and a seal that closes with a soft sigh. There is a paper label, and six "
            "more in the box for when you change your mind.",
            "Recycled glass, oiled oak, natural rubber. Stacks when the lids are on.",
            "The glass goes in the dishwasher; wipe the lid with a damp cloth.",
            views="f",
        ),
        item(
            "Tall Pasta Jar",
            ("jar", "juniper", 1, "Tall glass jar with a dark walnut lid"),
            "29.00",
            7,
            "Tall enough for spaghetti, with a walnut lid turned from offcuts of our boards.",
            "Recycled glass and oiled walnut, 2 litres, 33 cm high.",
            "The glass goes in the dishwasher; wipe the lid with a damp cloth.",
            views="f",
        ),
        item(
            "Stoneware Coffee Canister",
            ("jar", "lake", 2, "Blue stoneware canister with a wooden lid"),
            "36.00",
            13,
            "Keeps half a kilogram of beans in the dark, which is where they want to be. The wooden lid closes "
            "with a silicone ring.",
            "Glazed stoneware and oak, 1.3 litres, 20 cm high.",
            "The jar is safe in the dishwasher; wipe the lid.",
        ),
    ],
)

COOKWARE = shelf(
    "pots-pans",
    "KP",
    [
        item(
            "Juniper Casserole",
            ("casserole", "juniper", 0, "Dark green enamelled casserole with a brass knob"),
            [
                Option("20 cm, 2.6 l", "139.00", 7),
                Option("24 cm, 4.2 l", "169.00", 5),
                Option("28 cm, 6.7 l", "199.00", 0),
            ],
            0,
            "The pot that stays on the stove. Heavy cast iron heats slowly and evenly, the lid sends the steam "
            "back, and Sunday's stew is better on Monday.",
            "Enamelled cast iron with a knob of solid brass. The enamel is ground, applied and fired three times.",
            _ENAMEL,
            views="fsd",
        ),
        item(
            "Ochre Braising Pot",
            ("casserole", "ochre", 1, "Yellow enamelled braising pot with a wooden knob"),
            "149.00",
            4,
            "Lower and wider than a casserole, for things that should brown before they braise. The walnut knob "
            "may be changed for a brass one.",
            "Enamelled cast iron, 26 cm, 3.4 litres.",
            _ENAMEL,
            was="179.00",
            views="f",
        ),
        item(
            "Everyday Iron Skillet",
            ("pan", "charcoal", 0, "Black iron skillet with a fried egg in it"),
            [Option("20 cm", "39.00", 22), Option("26 cm", "54.00", 17)],
            0,
            "One piece of iron, seasoned with flax oil, with a lip on both sides for left-handed cooks. It will "
            "outlive the stove.",
            "Cast iron, 4 mm thick; the larger weighs 2.1 kg.",
            "Rinse with hot water, wipe dry, and rub with a drop of oil. Never leave it in the sink.",
        ),
        item(
            "Enamel Pan with Oak Handle",
            ("pan", "lake", 1, "Blue enamelled pan with an oak handle"),
            "68.00",
            0,
            "An enamelled pan, light enough to toss pancakes, whose handle stays cool because it is made of wood.",
            "Enamelled steel, oiled oak, 25 cm. The handle comes off for the oven.",
            _ENAMEL,
            views="f",
        ),
    ],
)

TOOLS = shelf(
    "boards-tools",
    "KB",
    [
        item(
            "Oak Bread Board",
            ("board", "oak", 0, "Oak board with a handle and a cord to hang it by"),
            [Option("Small", "34.00", 15), Option("Large", "48.00", 10)],
            0,
            "Cut from one plank, with a handle for carrying bread to the table and a cord to hang it by when the "
            "bread is gone.",
            "Solid oak, 2 cm thick. The large one is 48 by 22 cm.",
            _WOOD,
            views="fsd",
        ),
        item(
            "Round Walnut Board",
            ("board", "walnut", 1, "Round dark walnut board with a short handle"),
            "59.00",
            6,
            "A round board for cheese, cake and late suppers. Walnut darkens with use; ours at home is almost black.",
            "Solid walnut, 32 cm across, 1.8 cm thick.",
            _WOOD,
            was="68.00",
        ),
        item(
            "Carving Board with Groove",
            ("board", "beech", 2, "Rectangular beech board with a groove around its edge"),
            "52.00",
            11,
            "Heavy enough to stay where it is, with a groove that holds the juices of a roast. The other side is "
            "plain.",
            "Solid beech, 42 by 27 cm, 3 cm thick.",
            _WOOD,
            views="f",
        ),
        item(
            "Cook's Knife, 20 cm",
            ("knife", "walnut", 0, "Cook's knife with a riveted walnut handle"),
            "89.00",
            9,
            "If you own one knife, make it this one: long enough for a cabbage, fine enough for a shallot.",
            "Stainless steel ground in one piece, walnut scales, brass rivets and bolster. 330 mm overall, 210 g.",
            "Wash by hand and dry at once. We sharpen it for the price of the postage.",
        ),
        item(
            "Spoon Set, Four Pieces",
            ("spoons", "beech", 0, "Four wooden spoons and spatulas fanned out"),
            "32.00",
            25,
            "A spoon, a spatula, a salad fork and a risotto spoon with a hole. Four tools answer most questions "
            "that a pot can ask.",
            "Beech and cherry, 30 cm, finished with oil.",
            _WOOD,
            views="fsd",
        ),
        item(
            "Salad Servers",
            ("spoons", "walnut", 1, "Pair of walnut salad servers tied with twine"),
            "27.00",
            18,
            "Two servers, tied with twine until you need them. The fork has just enough teeth.",
            "Oiled walnut, 29 cm.",
            _WOOD,
            was="33.00",
            views="f",
        ),
        item(
            "Rolling Pin",
            ("rolling_pin", "oak", 0, "Oak rolling pin with green handles"),
            "35.00",
            20,
            "Turns on steel pins, so that your hands stay still and the dough does not. The handles are stained "
            "juniper green.",
            "Oak, 46 cm overall, the barrel 25 cm.",
            _WOOD,
            views="f",
        ),
        item(
            "Granite Mortar",
            ("mortar", "charcoal", 0, "Dark granite mortar with a wooden pestle"),
            "44.00",
            0,
            "Rough inside, polished outside, and heavy enough that nothing jumps out. Pesto in four minutes, with "
            "more taste than any machine gets out of basil.",
            "Granite with a pestle of turned ash, 14 cm across, 2.9 kg.",
            "Rinse with water only; soap would stay in the stone.",
            views="fsd",
        ),
    ],
)

PRODUCTS = TABLEWARE + TEA_COFFEE + COOKWARE + TOOLS
