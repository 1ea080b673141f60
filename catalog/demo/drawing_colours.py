"""Colours of the demo pictures: palettes by name, and how a colour takes light."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[int, int, int]

_LIGHT: RGB = (255, 249, 236)
_NIGHT: RGB = (38, 30, 44)


def rgb(code: str) -> RGB:
    """The colour of a six-digit hex code without its hash."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """From `a` (share 0) to `b` (share 1)."""
    t = min(max(share, 0.0), 1.0)
    return (
        round(a[0] + (b[0] - a[0]) * t),
        round(a[1] + (b[1] - a[1]) * t),
        round(a[2] + (b[2] - a[2]) * t),
    )


def tone(base: RGB, light: float) -> RGB:
    """The colour under more (towards 1) or less (towards 0) light; 0.5 leaves it as it is."""
    if light >= 0.5:
        return mix(base, _LIGHT, (light - 0.5) * 1.15)
    deep: RGB = (round(base[0] * 0.5), round(base[1] * 0.46), round(base[2] * 0.5))
    return mix(base, mix(deep, _NIGHT, 0.25), (0.5 - light) * 1.9)


def brightness(colour: RGB) -> float:
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


@dataclass(frozen=True, slots=True)
class Palette:
    """Three colours: the thing itself, its second colour, and the paper behind it."""

    main: RGB
    accent: RGB
    paper: RGB

    @property
    def cream(self) -> RGB:
        """A light glaze or cloth that goes with the main colour."""
        return mix(CREAM, self.paper, 0.15)


CREAM = rgb("f4ead8")
OAK = rgb("c6965f")
BEECH = rgb("d9b487")
WALNUT = rgb("7d5639")
BRASS = rgb("c09a55")
STEEL = rgb("aeb3b4")
LEAF = rgb("5f8257")
COFFEE = rgb("4a2d1d")
INK = rgb("33383f")


def _palette(main: str, accent: str, paper: str) -> Palette:
    return Palette(rgb(main), rgb(accent), rgb(paper))


PALETTES: dict[str, Palette] = {
    "juniper": _palette("416a5a", "c8704a", "e6e0cf"),
    "clay": _palette("c4704b", "f1dfc6", "eadcc8"),
    "oat": _palette("d8c4a2", "86653f", "d9d3c3"),
    "ink": _palette("3a4b63", "d9a54a", "dfe0da"),
    "sage": _palette("93a88a", "f1e6d0", "e8e2d2"),
    "blush": _palette("dba592", "8b5346", "efe0d4"),
    "ochre": _palette("d39d42", "4c5a49", "ece0c6"),
    "sky": _palette("8eb0bd", "c8704a", "dde4e1"),
    "charcoal": _palette("4a4844", "c9a06a", "ddd7cc"),
    "plum": _palette("744b5d", "e2b8a2", "e9ddd6"),
    "chalk": _palette("f3ecdf", "6f8f84", "d3cdbe"),
    "moss": _palette("737d4c", "e4d3a4", "e4dfc9"),
    "rust": _palette("a3512f", "ecd9b4", "ead9c6"),
    "lake": _palette("46798a", "ecd9b6", "dbe3df"),
    "butter": _palette("ecd08c", "5d7f74", "e3e0d3"),
    "oak": _palette("c6965f", "3d6b5c", "e9e1d3"),
    "walnut": _palette("7d5639", "d39d42", "e4d9ca"),
    "beech": _palette("dcb98c", "c4704b", "dde0d6"),
    "brass": _palette("c09a55", "3a4b63", "e1dccf"),
    "rose": _palette("c98a86", "f4e4d4", "ecdcd3"),
    "night": _palette("2f3e4c", "e0b96f", "d5d3cb"),
    "mint": _palette("a9c4b0", "d98b66", "e6e8dc"),
}
