"""More products of the same kind, copied within the database: a million in a tenth of the time.

Copy n of a row has its id plus n times the highest id of the original rows, and so have the rows it refers to. What
products are found by is copied, too, but for what is each product's own: codes, and the place in the random order.
"""

from __future__ import annotations

from typing import Any

from catalog.search.marks import PART_ID, PARTS

REFERENCES = {
    "product_id": "product",
    "option_id": "option",
    "variant_id": "variant",
    "level_id": "stocklevel",
    "value_1_id": "optionvalue",
    "value_2_id": "optionvalue",
}
SKU = "'BX-' || lpad(({product})::text, 7, '0') || substring(sku from '-[0-9]$')"
ONE_SKU = "'BX-' || lpad(({product})::text, 7, '0')"
BARCODE = "'40' || lpad((({product}) * 10 + position)::text, 11, '0')"
VECTORS = ("search_vector", "name_vector")


def add_copies(cursor: Any, columns: dict[str, str], times: int) -> None:
    """Have every row `times` times, the original included."""
    highest = {table: _highest(cursor, table) for table in columns}
    for table, names in columns.items():
        if table != "product":
            _copy(cursor, table, [name.strip() for name in names.split(",")], highest, times)
    _copy_products(cursor, [name.strip() for name in columns["product"].split(",")], highest["product"], times)


def _highest(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT coalesce(max(id), 0) FROM catalog_{table}")
    return int(cursor.fetchone()[0])


def _copy(cursor: Any, table: str, names: list[str], highest: dict[str, int], times: int) -> None:
    product = f"product_id + n * {highest['product']}"
    values = {"id": f"id + n * {highest[table]}"}
    values |= {name: f"{name} + n * {highest[other]}" for name, other in REFERENCES.items()}
    if table == "variant":
        values["sku"] = f"coalesce({SKU.format(product=product)}, {ONE_SKU.format(product=product)})"
        values["barcode"] = BARCODE.format(product=product)
    cursor.execute(
        f"INSERT INTO catalog_{table} ({', '.join(names)})"
        f" SELECT {', '.join(values.get(name, name) for name in names)}"
        f" FROM catalog_{table}, generate_series(1, {times - 1}) AS n"
    )


def _copy_products(cursor: Any, names: list[str], highest: int, times: int) -> None:
    """Written once each, with the marks and codes that `catalog.search.indexing` would give them."""
    values = {
        "id": "p.new_id",
        "slug": "regexp_replace(p.slug, '[0-9]+$', p.new_id::text)",
        "facet_ids": f"ARRAY[{PART_ID}] || ARRAY(SELECT f FROM unnest(p.facet_ids) WITH ORDINALITY AS u(f, place)"
        f" WHERE f NOT BETWEEN -{PARTS} AND -1 ORDER BY place)",
        "created_at": "p.created_at + p.n * interval '7 seconds'",
        "shuffle": "p.shuffle",
    }
    for vector in VECTORS:
        values[vector] = f"ts_delete(p.{vector}, before.codes) || array_to_tsvector(after.codes)"
    every = [*names, *VECTORS]
    chosen = ", ".join(values.get(name, f"p.{name}") for name in every)
    for n in range(1, times):
        cursor.execute(
            f"WITH p AS MATERIALIZED (SELECT {', '.join(name for name in every if name != 'shuffle')},"
            f" {n} AS n, id + {n * highest} AS new_id, random() AS shuffle FROM catalog_product WHERE id <= {highest}),"
            f" before AS MATERIALIZED ({_codes(1, highest)}),"
            f" after AS MATERIALIZED ({_codes(1 + n * highest, (n + 1) * highest)})"
            f" INSERT INTO catalog_product ({', '.join(every)}) SELECT {chosen}"
            " FROM p JOIN before ON before.product_id = p.id JOIN after ON after.product_id = p.new_id"
        )


def _codes(first: int, last: int) -> str:
    """The SKUs and barcodes of these products, as words."""
    return (
        "SELECT product_id, array_agg(DISTINCT code) AS codes"
        " FROM catalog_variant, unnest(ARRAY[lower(sku), lower(barcode)]) AS code"
        f" WHERE product_id BETWEEN {first} AND {last} GROUP BY product_id"
    )
