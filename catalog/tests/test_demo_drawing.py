from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image, ImageStat

from catalog.demo.assortment import CATEGORIES
from catalog.demo.drawing import SIZE, VIEWS, Drawing, draw, draw_category, draw_hero, draw_many
from catalog.demo.drawing_colours import PALETTES
from catalog.demo.drawing_kinds import KINDS
from catalog.demo.drawing_scenes import CATEGORIES as PAINTED

LIMIT = 60_000


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_gives_a_small_square_picture_with_something_on_it(kind: str) -> None:
    data = draw(kind, "juniper", 0)
    image = opened(data)
    assert (image.format, image.size) == ("WEBP", (SIZE, SIZE))
    assert len(data) <= LIMIT
    # Paper alone is even; a thing on it is not.
    middle = image.convert("L").crop((200, 200, 700, 800))
    assert ImageStat.Stat(middle).stddev[0] > 6


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", ["mug", "tea_towel", "frame"])
def test_standing_lying_and_hanging_things_have_every_view(kind: str, view: str) -> None:
    data = draw(kind, "clay", 1, view)
    assert opened(data).size == (SIZE, SIZE)
    assert len(data) <= LIMIT


def test_the_same_words_give_the_same_bytes_in_another_process() -> None:
    words = ("planter", "sage", 2, "scene")
    script = f"import sys; from catalog.demo.drawing import draw; sys.stdout.buffer.write(draw(*{words!r}))"
    root = Path(settings.BASE_DIR)
    other = subprocess.run([sys.executable, "-c", script], cwd=root, check=True, capture_output=True)
    assert other.stdout == draw(*words)


def test_seed_palette_and_view_each_change_the_picture() -> None:
    pictures = {
        draw("mug", "juniper", 0),
        draw("mug", "juniper", 1),
        draw("mug", "clay", 0),
        draw("mug", "juniper", 0, "detail"),
    }
    assert len(pictures) == 4


@pytest.mark.parametrize(
    "words", [("ufo", "juniper", 0, "front"), ("mug", "neon", 0, "front"), ("mug", "juniper", 0, "x-ray")]
)
def test_unknown_words_are_refused(words: tuple[str, str, int, str]) -> None:
    with pytest.raises(KeyError):
        draw(*words)


def test_the_hero_is_wide() -> None:
    data = draw_hero()
    assert opened(data).size == (1600, 700)
    assert len(data) <= 2 * LIMIT


@pytest.mark.parametrize("slug", sorted(PAINTED))
def test_top_categories_have_a_square_picture(slug: str) -> None:
    data = draw_category(slug)
    assert opened(data).size == (SIZE, SIZE)
    assert len(data) <= LIMIT


def test_every_top_category_is_painted() -> None:
    assert set(PAINTED) == {category.slug for category in CATEGORIES if not category.parent}


def test_many_are_drawn_once_each_in_order() -> None:
    wanted = [Drawing("soap", "sage"), Drawing("knife", "walnut"), Drawing("soap", "sage")]
    drawn = list(draw_many(wanted))
    assert [drawing for drawing, _ in drawn] == wanted[:2]
    assert drawn[0][1] == draw("soap", "sage")


def test_several_processes_draw_the_same_as_one() -> None:
    wanted = [Drawing("knife", palette) for palette in list(PALETTES)[:8]]
    assert list(draw_many(wanted, processes=2)) == list(draw_many(wanted))
