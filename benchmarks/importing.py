"""Products a second that an import takes in, and the memory it needs for a long file.

    .venv/bin/python -m benchmarks.importing [lines]

The baseline of every figure is reading the same file with nothing but `csv`, in the same run.
"""

from __future__ import annotations

import csv
import io
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.surroundings import FOLDER, empty_shop

LINES = 20_000
COLUMNS = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Variant Compare At Price",
    "Variant Barcode", "Image Src", "Image Position", "Image Alt Text", "SEO Title", "SEO Description",
    "Variant Weight Unit", "Cost per item", "Status", "Material (product.metafields.shop_choice.material)",
    "Height [cm] (product.metafields.shop_number.height)",
]  # fmt: skip
WORDS = [
    "oak", "ash", "clay", "linen", "wool", "brass", "river", "harbour", "meadow", "stone", "willow", "amber",
    "cobalt", "ivory", "slate",
]  # fmt: skip


def lines(count: int) -> Iterator[list[str]]:
    """Two variants, two pictures and two attributes a product."""
    for number in range(count // 2):
        word, other = WORDS[number % 15], WORDS[number // 15 % 15]
        for size in ("Small", "Large"):
            first = size == "Small"
            yield [
                f"thing-{number}",
                f"{word} {other} thing {number}".title() if first else "",
                f"<p>A thing of {word} and {other}, made by hand.</p><ul><li>Good</li></ul>" if first else "",
                f"Maker {number % 200}" if first else "",
                f"Home > {word} > {word} and {other}".title() if first else "",
                f"{word} thing".title() if first else "",
                f"{word}, {other}, new" if first else "",
                "true" if first else "",
                "Size" if first else "",
                size,
                f"T-{number}-{size[0]}",
                "350",
                "shopify",
                str(number % 50),
                "deny",
                f"{10 + number % 90}.{number % 100:02}",
                "199.00" if number % 5 == 0 else "",
                "",
                f"https://pictures.example.com/{number}-{size}.jpg",
                "1" if first else "2",
                f"{word} thing",
                "",
                "",
                "g",
                "4.20",
                "active" if first else "",
                word.title() if first else "",
                str(5 + number % 40) if first else "",
            ]


def write(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(lines(count))


def seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


class Clock:
    """Seconds that we and our backend of PostgreSQL have computed: they mean something on a busy machine, too."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._backend = Path(f"/proc/{cursor.fetchone()[0]}/stat")

    def __call__(self) -> float:
        ticks = self._backend.read_text().rpartition(")")[2].split()[11:13]
        return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True)
class Measured:
    """What one way with the file took: seconds, seconds computed, and megabytes more than before."""

    name: str
    took: float
    computed: float
    more: float


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with empty_shop():
        path = FOLDER / "products.csv"
        write(path, count)
        baseline = seconds(lambda: _plain(path))
        rows = list(_measured(path, count))
    products = count // 2
    print(f"{products} products, {count} lines; reading them with csv alone: {products / baseline:,.0f} products/s")
    print(f"{'':<26} {'products/s':>10} {'× csv':>7} {'per CPU second':>14} {'MB more':>8}")
    for row in rows:
        per_second = products / max(row.computed, 0.01)
        ratio = row.took / baseline
        print(f"{row.name:<26} {products / row.took:>10,.0f} {ratio:>7.1f} {per_second:>14,.0f} {row.more:>8.0f}")


def _measured(path: Path, count: int) -> Iterator[Measured]:
    clock = Clock()

    def measure(name: str, act: Callable[[], Any]) -> Measured:
        before, computed = peak_mb(), clock()
        took = seconds(act)
        return Measured(name, took, clock() - computed, peak_mb() - before)

    yield measure("parse only", lambda: _parsed(path, count))
    yield measure("import, all new", lambda: _imported(path))
    yield measure("import, nothing changes", lambda: _imported(path))
    path.write_text(path.read_text().replace(",deny,1", ",deny,2"))
    yield measure("import, a ninth cost more", lambda: _imported(path))
    yield measure("export", _written)


def _plain(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.DictReader(file):
            pass


def _parsed(path: Path, count: int) -> None:
    from catalog.importing import running
    from catalog.importing.shopify import ProductFile

    with path.open("rb") as file:
        for _ in ProductFile(file, running.rules(count)):
            pass


def _imported(path: Path) -> None:
    from catalog.importing import running
    from catalog.importing.choices import Choices

    with path.open("rb") as file:
        run = running.hand_in(file=file, name="products.csv", choices=Choices())
    done = running.carry_out(run_id=run.pk)
    if done.refused or done.error:
        raise SystemExit(f"{done.refused} refused. {done.error}")


def _written() -> None:
    from catalog.importing.exporting import exported

    with io.TextIOWrapper((FOLDER / "out.csv").open("wb")) as file:
        file.writelines(exported())


if __name__ == "__main__":
    main()
