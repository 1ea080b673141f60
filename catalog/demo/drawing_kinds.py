"""Every kind of thing that can be drawn, and how it wants to be looked at."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from catalog.demo import drawing_basket as basket
from catalog.demo import drawing_ceramics as ceramics
from catalog.demo import drawing_desk as desk
from catalog.demo import drawing_garden as garden
from catalog.demo import drawing_home as home
from catalog.demo import drawing_textile as textile
from catalog.demo import drawing_wood as wood
from catalog.demo.drawing_colours import Palette
from catalog.demo.drawing_paths import Point
from catalog.demo.drawing_pen import Pen

Painter = Callable[[Pen, Palette, random.Random, int], None]
Stance = Literal["standing", "flat", "wall"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A painter, where its thing stands, lies or hangs, and where a close look should go.

    `size` scales it to fill the picture, `shift` moves it sideways, `focus` is in its own units,
    `beside` names the thing that keeps it company in a scene.
    """

    paint: Painter
    stance: Stance
    size: float
    focus: Point
    beside: str
    shift: float = 0
    zoom: float = 1.9


KINDS: dict[str, Kind] = {
    "mug": Kind(ceramics.mug, "standing", 1.62, (30, -170), "teapot", -40, 1.7),
    "bowl": Kind(ceramics.bowl, "standing", 1.42, (70, -90), "pitcher", zoom=1.8),
    "plate": Kind(ceramics.plate, "flat", 1.14, (130, 110), "spoons", zoom=1.8),
    "teapot": Kind(ceramics.teapot, "standing", 1.24, (40, -170), "mug", 0, 1.7),
    "vase": Kind(ceramics.vase, "standing", 0.98, (30, -210), "bowl", zoom=1.9),
    "pitcher": Kind(ceramics.pitcher, "standing", 1.44, (30, -220), "bowl", -20, 1.7),
    "mortar": Kind(ceramics.mortar, "standing", 1.5, (20, -150), "jar", -20, 1.7),
    "board": Kind(wood.board, "flat", 1.1, (140, -80), "knife"),
    "knife": Kind(wood.knife, "flat", 1.14, (70, 0), "board", zoom=2.1),
    "spoons": Kind(wood.spoons, "flat", 1.02, (20, -190), "board"),
    "rolling_pin": Kind(wood.rolling_pin, "flat", 1.12, (100, -60), "spoons"),
    "pan": Kind(wood.pan, "flat", 1.08, (20, -30), "spoons", -20, 1.8),
    "casserole": Kind(wood.casserole, "standing", 1.32, (60, -210), "jar", zoom=1.7),
    "jar": Kind(wood.jar, "standing", 1.5, (20, -170), "mortar", zoom=1.7),
    "cushion": Kind(textile.cushion, "standing", 1.22, (90, -290), "basket", zoom=1.8),
    "throw": Kind(textile.throw, "standing", 1.22, (120, -130), "candle", zoom=1.8),
    "towels": Kind(textile.towels, "standing", 1.3, (110, -170), "bottle", zoom=1.8),
    "tea_towel": Kind(textile.tea_towel, "flat", 1.06, (40, 60), "spoons"),
    "basket": Kind(basket.basket, "standing", 1.34, (60, -150), "throw", zoom=1.7),
    "planter": Kind(garden.planter, "standing", 1.2, (20, -230), "watering_can", zoom=1.7),
    "watering_can": Kind(garden.watering_can, "standing", 1.28, (-120, -230), "planter", 30, 1.7),
    "hand_tools": Kind(garden.hand_tools, "flat", 1.08, (-30, -60), "seeds", zoom=1.7),
    "seeds": Kind(garden.seeds, "flat", 1.12, (10, -10), "hand_tools", 0, 1.7),
    "twine": Kind(garden.twine, "standing", 1.5, (20, -140), "planter", -20, 1.7),
    "bird_house": Kind(garden.bird_house, "standing", 1.3, (20, -230), "planter", -20, 1.7),
    "lantern": Kind(garden.lantern, "standing", 1.18, (10, -170), "planter", zoom=1.7),
    "lamp": Kind(home.lamp, "standing", 1.1, (40, -260), "vase", zoom=1.7),
    "candle": Kind(home.candle, "standing", 1.4, (10, -190), "vase", zoom=1.7),
    "clock": Kind(home.clock, "wall", 1.2, (90, -80), "vase"),
    "frame": Kind(home.frame, "wall", 1.1, (60, 60), "lamp"),
    "mirror": Kind(home.mirror, "wall", 1.16, (90, -110), "planter"),
    "notebook": Kind(desk.notebook, "flat", 1.16, (50, -90), "pencils"),
    "pencils": Kind(desk.pencils, "flat", 1.24, (10, -120), "notebook"),
    "cards": Kind(desk.cards, "flat", 1.12, (-30, -40), "scissors", zoom=1.6),
    "pen_pot": Kind(desk.pen_pot, "standing", 1.42, (10, -200), "lamp", zoom=1.6),
    "scissors": Kind(desk.scissors, "flat", 1.12, (0, 40), "cards"),
    "soap": Kind(desk.soap, "standing", 1.5, (40, -110), "towels", zoom=1.7),
    "bottle": Kind(desk.bottle, "standing", 1.34, (0, -190), "soap", zoom=1.7),
    "brush": Kind(desk.brush, "flat", 1.12, (-90, 40), "soap"),
    "tray": Kind(desk.tray, "flat", 1.12, (20, 10), "notebook", zoom=1.7),
}
