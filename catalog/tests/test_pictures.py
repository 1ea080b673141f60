"""What is taken for a picture, and what an attempt with something else may cost."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from catalog import pictures
from catalog.errors import InvalidProduct
from catalog.tests.pictures import a_file

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def checked(content: bytes) -> pictures.Encoded:
    return pictures.checked(io.BytesIO(content), size=len(content))


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(checked(content).content))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, *chunks: bytes, body: bytes = b"") -> bytes:
    """A PNG that says it is so large; whatever its body is."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def with_chunks(*chunks: bytes) -> bytes:
    """A good PNG with these chunks before its pixels."""
    content = a_file()
    at = content.index(b"IDAT") - 4
    return content[:at] + b"".join(chunks) + content[at:]


def moving(format: str, frames: int, size: tuple[int, int] = (60, 40)) -> bytes:
    """Red first, then blue."""
    first, rest = Image.new("RGB", size, "red"), [Image.new("RGB", size, (0, 0, 100 + n % 100)) for n in range(frames)]
    out = io.BytesIO()
    first.save(out, format, save_all=True, append_images=rest, duration=20)
    return out.getvalue()


class TestTaken:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
    def test_five_formats_are_and_become_one(self, format: str) -> None:
        picture = opened(a_file((300, 200), format, colour=(200, 30, 30)))
        assert (picture.format, picture.size) == ("WEBP", (300, 200))
        red, green, blue = picture.convert("RGB").getpixel((150, 100))  # type: ignore[misc]  # three bands
        assert red > 180
        assert max(green, blue) < 60

    @pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP"])
    def test_of_what_moves_the_first_frame_is(self, format: str) -> None:
        picture = opened(moving(format, 5))
        assert getattr(picture, "n_frames", 1) == 1
        assert picture.convert("RGB").getpixel((30, 20))[0] > 180  # type: ignore[index]  # three bands

    @pytest.mark.parametrize(
        ("size", "small"), [((4000, 1000), (1600, 400)), ((10, 5000), (3, 1600)), ((7, 9), (7, 9))]
    )
    def test_it_is_made_smaller_and_never_larger(self, size: tuple[int, int], small: tuple[int, int]) -> None:
        encoded = checked(a_file(size))
        assert (encoded.width, encoded.height) == small == opened(a_file(size)).size

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
    def test_in_every_mode(self, mode: str) -> None:
        content = a_file((30, 20), "JPEG" if mode == "CMYK" else "PNG", mode=mode)
        assert opened(content).size == (30, 20)

    def test_sixteen_bits_of_grey_stay_grey(self) -> None:
        picture = opened(a_file((30, 20), mode="I;16", colour=128 * 256))
        assert 120 < picture.convert("L").getpixel((5, 5)) < 136  # type: ignore[operator]  # one band

    def test_what_shines_through_still_does(self) -> None:
        picture = opened(a_file((30, 20), mode="RGBA", colour=(200, 0, 0, 0)))
        assert picture.mode == "RGBA"
        assert picture.getpixel((5, 5))[3] == 0  # type: ignore[index]  # four bands
        # A palette may have a colour that shines through.
        assert opened(a_file((30, 20), mode="P", transparency=0)).mode == "RGBA"

    @pytest.mark.parametrize("turn", range(1, 9))
    def test_it_is_turned_as_the_camera_noted_and_forgets_where_it_was(self, turn: int) -> None:
        picture = Image.new("RGB", (80, 40), "white")
        ImageDraw.Draw(picture).rectangle((0, 0, 39, 19), "black")  # the upper left quarter, as the sensor saw it
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = turn, "A camera"
        exif.get_ifd(0x8825)[1] = "N"  # the place
        out = io.BytesIO()
        picture.save(out, "JPEG", exif=exif, quality=95)
        upright = opened(out.getvalue())
        assert upright.size == ((80, 40) if turn < 5 else (40, 80))
        assert dict(upright.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile"} & {*upright.info}
        right, below = turn in (2, 3, 6, 7), turn in (3, 4, 7, 8)
        corner = (upright.width * (3 if right else 1) // 4, upright.height * (3 if below else 1) // 4)
        assert upright.convert("L").getpixel(corner) < 50  # type: ignore[operator]  # one band

    def test_nothing_of_the_bytes_that_came_is_kept(self) -> None:
        for content in (
            a_file() + HTML,
            with_chunks(chunk(b"tEXt", b"Comment\x00" + HTML)),
            a_file(format="GIF") + HTML,
        ):
            assert b"script" not in checked(content).content

    def test_its_name_is_ours(self) -> None:
        file = pictures.reencoded(io.BytesIO(a_file()), size=100)
        assert len(str(file.name)) == len("0123456789abcdef.webp")


class TestRefused:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00",
            b"not a picture",
            HTML,
            SVG,
            HTML + a_file(),
            b"<!--" + a_file() + b"-->",
            b"GIF89a" + b"\x00" * 100,
            b"RIFF\x10\x00\x00\x00WEBPVP8 ",
            b"\x89PNG\r\n\x1a\n",
            b"%PDF-1.7",
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            a_file(format="BMP"),
            a_file(format="TIFF"),
            a_file(format="ICO"),
            a_file(format="PPM"),
            png_of(40, 30, body=b"no zlib"),
            png_of(0, 0),
            png_of(2**31 - 1, 2**31 - 1),
        ],
    )
    def test_what_is_no_picture_of_the_five_is(self, content: bytes) -> None:
        with pytest.raises(InvalidProduct, match="not a JPEG, PNG, WebP, AVIF or GIF") as refusal:
            checked(content)
        assert refusal.value.field == "image"

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
    @pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
    def test_so_is_half_of_one(self, format: str, share: float) -> None:
        noise = Image.effect_noise((200, 200), 80).convert("RGB")
        out = io.BytesIO()
        noise.save(out, format)
        with pytest.raises(InvalidProduct):
            checked(out.getvalue()[: int(len(out.getvalue()) * share)])

    def test_so_is_more_than_fifteen_megabytes(self) -> None:
        with pytest.raises(InvalidProduct, match="larger than 15 MB"):
            pictures.checked(io.BytesIO(a_file()), size=15_000_001)
        with pytest.raises(InvalidProduct):
            pictures.checked(io.BytesIO(b"x" * 16_000_000), size=10)  # who says that it is small

    def test_and_so_is_a_jpeg_of_endless_scans(self) -> None:
        """Each scan of a few bytes makes the decoder go over the whole picture once more."""
        content = a_file((1000, 1000), "JPEG", progressive=True)
        last = content.rindex(pictures.START_OF_SCAN)
        with pytest.raises(InvalidProduct, match="too many scans"):
            checked(content[:last] + content[last:-2] * 1000 + content[-2:])


IN_A_PROCESS = """
import io, json, sys, time
from django.conf import settings
settings.configure()
from catalog import pictures
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
content = open(sys.argv[1], "rb").read()
before, started = peak(), time.process_time()
try:
    pictures.checked(io.BytesIO(content), size=len(content))
    said = "taken"
except pictures.InvalidProduct as error:
    said = str(error)
print(json.dumps([said, time.process_time() - started, peak() - before]))
"""


def of(size: tuple[int, int], format: str, mode: str = "RGB", **options: Any) -> bytes:
    return a_file(size, format, mode, **options)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("png of 50,000 x 50,000", "not a JPEG"),
        ("png of 5,001 x 5,001", "too many pixels"),
        ("png with a zTXt that unpacks to 1 GB", "not a JPEG"),
        ("png with an iCCP that unpacks to 1 GB", "not a JPEG"),
        ("png with a million chunks", "not a JPEG"),
        ("gif of 65,535 x 65,535", "not a JPEG"),
        ("gif with thousands of frames", "taken"),
        ("webp with hundreds of frames", "taken"),
        ("webp of 12,000 x 12,000", "too many pixels"),
        ("largest png", "taken"),
        ("largest webp", "taken"),
        ("largest avif", "taken"),
        ("largest jpeg in scans", "taken"),
    ],
)
def test_whatever_comes_costs_two_seconds_and_two_hundred_megabytes_at_most(
    name: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "upload").write_bytes(BOMBS[name]())
    done = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, str(tmp_path / "upload")], capture_output=True, check=True, text=True
    )
    answer, seconds, megabytes = json.loads(done.stdout)
    assert said in answer
    assert seconds < 2
    assert megabytes < 210  # what is measured is that of the whole process


def packed(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()


def giant_webp() -> bytes:
    """The head of a WebP of a large canvas, and hardly anything in it."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + (11999).to_bytes(3, "little") * 2
    small = a_file((16, 16), "WEBP", lossless=True)[12:]
    frame = b"\x00" * 6 + (15).to_bytes(3, "little") * 2 + b"\x00" * 4 + small
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6) + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMBS: dict[str, Callable[[], bytes]] = {
    "png of 50,000 x 50,000": lambda: png_of(50_000, 50_000, body=packed(100_000_000)),
    "png of 5,001 x 5,001": lambda: png_of(5001, 5001, body=packed(75_000_000)),
    "png with a zTXt that unpacks to 1 GB": lambda: with_chunks(chunk(b"zTXt", b"x\x00\x00" + packed(1_000_000_000))),
    "png with an iCCP that unpacks to 1 GB": lambda: with_chunks(chunk(b"iCCP", b"x\x00\x00" + packed(1_000_000_000))),
    "png with a million chunks": lambda: with_chunks(chunk(b"prIv", b"") * 1_000_000),
    "gif of 65,535 x 65,535": lambda: b"GIF89a\xff\xff\xff\xff" + a_file(format="GIF")[10:],
    "gif with thousands of frames": lambda: moving("GIF", 3000),
    "webp with hundreds of frames": lambda: moving("WEBP", 300),
    "webp of 12,000 x 12,000": giant_webp,
    "largest png": lambda: of((4580, 4580), "PNG", "RGBA"),
    "largest webp": lambda: of((4000, 3000), "WEBP", method=0),
    "largest avif": lambda: of((4400, 4400), "AVIF", speed=10),
    "largest jpeg in scans": lambda: of((7900, 7900), "JPEG", progressive=True),
}
