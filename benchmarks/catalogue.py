"""A large catalogue in little time: products as shops have them, copied into an empty shop's database.

    SHOP_DATA_DIR=.data/large .venv/bin/python -m benchmarks.catalogue 1000000

Always the same products for the same number. Most have one variant, some are chosen by one or two options; they have
brands, types, tags, attributes, prices, sale prices, stock with its ledger, and a picture without a file. Rows are
written by COPY, without looking at foreign keys, and the large indexes are made at the end; what products are found
by is written by `catalog.search.indexing`, as in a real shop. Beyond OWN products the database copies those that are
there, with ids, addresses, codes and places in the random order of their own (`benchmarks.copies`).
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.copies import add_copies
from benchmarks.vocabulary import COLOURS, MATERIALS, MOODS, NOUNS, SERIES, SIZES, STAPLES, TAGS

CHUNK = 5000
OWN = 20_000
BRANDS = 400
TOPS, BELOW = 12, 12
FIRST_DAY = 1_650_000_000  # products are three years' worth
SPAN = 3 * 365 * 86_400
COLUMNS = {
    "product": "id, name, slug, description, tags, seo_title, seo_description, is_published, is_listed,"
    " google_category, archived_at, price, compare_at_price, created_at, updated_at, facet_ids, shuffle, brand_id,"
    " category_id, product_type_id",
    "productimage": "id, product_id, image, alt, position, width, height, renditions, state, source_url, tries,"
    " problem",
    "option": "id, product_id, name, position",
    "optionvalue": "id, option_id, value, position",
    "variant": "id, product_id, sku, name, price, compare_at_price, weight, barcode, position, value_1_id, value_2_id",
    "stocklevel": "id, variant_id, on_hand, reserved, allows_backorders, is_told_low",
    "stockmovement": "id, level_id, quantity, on_hand_after, reason, note, reference, actor, created_at",
    "attributevalue": "id, product_id, attribute_id, text, number, flag, choice_id",
}
PLAIN = str.maketrans("èäéü ", "eaeu-")
Say = Callable[[str], None]


class Rows:
    """Lines for COPY by table, with ids of their own."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = defaultdict(list)
        self.last: dict[str, int] = defaultdict(int)

    def add(self, table: str, *values: object) -> int:
        self.last[table] += 1
        line = "\t".join("\\N" if value is None else str(value) for value in values)
        self.lines[table].append(f"{self.last[table]}\t{line}\n")
        return self.last[table]

    def take(self) -> Iterator[tuple[str, str]]:
        for table in COLUMNS:
            if self.lines[table]:
                yield table, "".join(self.lines.pop(table))


class Shelves:
    """What products refer to: made first, the ordinary way."""

    def __init__(self) -> None:
        from catalog.models import Attribute, Brand, Category, Collection, CollectionRule, ProductType
        from catalog.models.attributes import AttributeChoice, TypeAttribute

        self.categories: list[int] = []
        for number in range(TOPS):
            top = Category.objects.add_root(
                instance=Category(name=f"Department {number + 1}", slug=f"department-{number + 1}")
            )
            for below in range(BELOW):
                name, slug = f"Shelf {number + 1}.{below + 1}", f"shelf-{number + 1}-{below + 1}"
                self.categories.append(Category.objects.add_child(top, instance=Category(name=name, slug=slug)).pk)
        brands = [Brand(name=f"{SERIES[n].title()} & Co", slug=f"{SERIES[n]}-co") for n in range(BRANDS)]
        self.brands = [brand.pk for brand in Brand.objects.bulk_create(brands)]
        self.types = [each.pk for each in ProductType.objects.bulk_create([ProductType(name=n) for n in NOUNS])]
        make = Attribute.objects.create
        self.material = make(code="material", name="Material", kind="choice")
        self.capacity = make(code="capacity", name="Capacity", kind="number", unit="ml")
        self.washable = make(code="washable", name="Washable", kind="flag")
        attributes = (self.material, self.capacity, self.washable)
        choices = [AttributeChoice(attribute=self.material, value=m, position=n) for n, m in enumerate(MATERIALS)]
        self.materials = [choice.pk for choice in AttributeChoice.objects.bulk_create(choices)]
        TypeAttribute.objects.bulk_create(
            [TypeAttribute(product_type_id=pk, attribute=attribute) for pk in self.types for attribute in attributes]
        )
        offers = Collection.objects.create(name="Gifts and offers", slug="gifts-and-offers", matches_any=True)
        for rule in ({"field": "tag", "text": TAGS[0]}, {"field": "reduced"}):
            CollectionRule.objects.create(collection=offers, **rule)


def fill(products: int, *, say: Say = print) -> None:
    """Put this many products into the shop, which has none."""
    from django.db import connection, transaction

    from catalog.models import Product
    from catalog.search.indexing import recount_words, reindex

    own = min(products, OWN)
    if Product.objects.exists() or products % own:
        raise SystemExit(f"Take an empty shop and, beyond {OWN} products, a multiple of it.")
    started = time.perf_counter()
    shelves, rows, rng = Shelves(), Rows(), random.Random(products)
    with connection.cursor() as cursor:
        indexes = _drop_indexes(cursor)
        cursor.execute("SET session_replication_role = replica")  # no foreign keys, no triggers
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for first in range(1, own + 1, CHUNK):
            numbers = range(first, min(first + CHUNK, own + 1))
            for number in numbers:
                _add_product(rows, shelves, number, own, rng)
            with transaction.atomic():
                for table, lines in rows.take():
                    with cursor.copy(f"COPY catalog_{table} ({COLUMNS[table]}) FROM STDIN") as copy:
                        copy.write(lines)
                reindex(numbers)
            if first == 1:
                cursor.execute("ANALYZE")  # so that the planner knows what the tables are like
        say(f"{own} products after {time.perf_counter() - started:.0f} s")
        add_copies(cursor, COLUMNS, products // own)
        cursor.execute("SET session_replication_role = DEFAULT")
        _set_sequences(cursor)
        say(f"written after {time.perf_counter() - started:.0f} s")
        for definition in indexes:
            cursor.execute(definition)
        say(f"indexes after {time.perf_counter() - started:.0f} s")
        recount_words()
        cursor.execute("VACUUM ANALYZE")
    say(f"{products} products in {time.perf_counter() - started:.0f} s")


def _set_sequences(cursor: Any) -> None:
    for table in COLUMNS:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('catalog_{table}', 'id'), max(id)) FROM catalog_{table}")


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop those of the products' table that are no constraint's; returns how to make them again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'catalog_product'"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def _skewed(rng: random.Random, number: int) -> int:
    """One of the first `number` whole numbers, the small ones more often."""
    return int(number * rng.random() ** 2)


def _add_product(rows: Rows, shelves: Shelves, number: int, products: int, rng: random.Random) -> None:
    noun, series = rng.randrange(len(NOUNS)), SERIES[_skewed(rng, len(SERIES))]
    mood, material = rng.choice(MOODS), rng.randrange(len(MATERIALS))
    name = f"{mood} {series.title()} {MATERIALS[material]} {NOUNS[noun]}"
    at = time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(FIRST_DAY + number * SPAN // products))
    price = max(99, int(rng.lognormvariate(8.2, 0.9)) // 50 * 50 + 49)
    was = price * 5 // 4 if rng.random() < 0.12 else None
    product = rows.add(
        "product",
        name,
        f"{name.lower().translate(PLAIN)}-{number}",
        f"<p>{name}. {' '.join(rng.choices(STAPLES, k=12))}.</p>",
        f"{{{','.join(rng.sample(TAGS, rng.randrange(4)))}}}",
        "",
        "",
        "f" if rng.random() < 0.02 else "t",
        "t",
        "",
        at if rng.random() < 0.01 else None,
        price,
        was,
        at,
        at,
        "{}",
        rng.random(),
        shelves.brands[_skewed(rng, len(shelves.brands))],
        shelves.categories[(noun * 7 + _skewed(rng, 20)) % len(shelves.categories)],
        shelves.types[noun],
    )
    file = f"products/{number % 97}.webp"
    rows.add("productimage", product, file, "", 0, 1200, 1200, "[]", "stored", "", 0, "")
    rows.add("attributevalue", product, shelves.material.pk, "", None, None, shelves.materials[material])
    if noun % 3 == 0:
        rows.add("attributevalue", product, shelves.capacity.pk, "", 50 * rng.randrange(2, 30), None, None)
    if noun % 2:
        rows.add("attributevalue", product, shelves.washable.pk, "", None, "t" if rng.random() < 0.6 else "f", None)
    _add_variants(rows, product, price, was, at, rng)


def _add_variants(rows: Rows, product: int, price: int, was: int | None, at: str, rng: random.Random) -> None:
    kind = rng.random()
    colours = _values(rows, product, "Colour", 1, rng.sample(COLOURS, 2)) if kind < 0.3 else [("", None)]
    sizes = _values(rows, product, "Size", 2 if kind < 0.3 else 1, SIZES[:3]) if 0.2 < kind < 0.4 else [("", None)]
    combinations = [(colour, size) for colour in colours for size in sizes]
    for position, ((colour, colour_id), (size, size_id)) in enumerate(combinations):
        variant = rows.add(
            "variant",
            product,
            f"BX-{product:07d}-{position}" if len(combinations) > 1 else f"BX-{product:07d}",
            " / ".join(filter(None, (colour, size))),
            price + 100 * (position // 2) if was is None else price,
            was,
            rng.randrange(50, 4000),
            f"40{product * 10 + position:011d}",
            position,
            colour_id or size_id,
            size_id if colour_id else None,
        )
        pieces = 0 if rng.random() < 0.1 else rng.randrange(1, 200)
        level = rows.add("stocklevel", variant, pieces, 0, "f", "f")
        if pieces:
            rows.add("stockmovement", level, pieces, pieces, "received", "", "", "", at)


def _values(rows: Rows, product: int, name: str, position: int, values: list[str]) -> list[tuple[str, int | None]]:
    option = rows.add("option", product, name, position)
    return [(value, rows.add("optionvalue", option, value, place)) for place, value in enumerate(values)]


def main() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    from shop import embedded_postgres

    django.setup()
    settings.DEBUG = False  # Django would remember every query
    if embedded_postgres.serves(settings.DATABASES["default"]):
        embedded_postgres.ensure_running()
    call_command("migrate", verbosity=0)
    fill(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)


if __name__ == "__main__":
    main()
