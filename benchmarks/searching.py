"""What lists, search, facets and suggestions cost in a small shop and in large ones.

    .venv/bin/python -m benchmarks.searching 1000 100000 1000000

The catalogues are made at the first run (a million takes minutes) and kept in `.data/benchmarks/catalogues`, or in
SHOP_DATA_DIR. A time is what the processor worked for a request, in Python and in PostgreSQL together, so that a busy
machine does not change it much; all sizes are measured in turn, and the least of all runs counts. `--plans` shows
PostgreSQL's plans of the slowest statements of each page instead.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shop.embedded_postgres import ROOT, Cluster

FOLDER = Path(os.environ.get("SHOP_DATA_DIR") or ROOT / ".data" / "benchmarks" / "catalogues").resolve()
CLUSTER = Cluster(FOLDER / "postgres")
PAGES = {
    "home": "/",
    "list": "/products/",
    "list, by price": "/products/?sort=price",
    "list, last page": "/products/?page=40",
    "list, two facets": "/products/?material=oak&material=ash&colour=blue",
    "list, price and stock": "/products/?min_price=20&max_price=30&in_stock=on",
    "category": "/categories/shelf-1-8/",
    "collection": "/collections/gifts-and-offers/",
    "search, rare word": "/search/?q={rare}",
    "search, word in 5 % of names": "/search/?q=mug",
    "search, its last page": "/search/?q=mug&page=20",
    "search, word in most texts": "/search/?q=clay",
    "search, common and a facet": "/search/?q=mug&material=oak",
    "search, two letters": "/search/?q=st",
    "search, SKU": "/search/?q={sku}",
    "search, typing mistake": "/search/?q=stonewre+bowll",
    "search, nothing like it": "/search/?q=xqzzyv",
    "suggestions, two letters": "/search/suggestions/?q=st",
    "suggestions, words": "/search/suggestions/?q=oak+mu",
    "product page": "{product}",
    "API list": "/api/v1/products/",
    "API list, deep cursor": "{cursor}",
    "API search": "/api/v1/products/?search=mug",
    "API facets": "/api/v1/search/facets/",
    "API facets, chosen": "/api/v1/search/facets/?search=mug&facet=material:oak",
}


@contextmanager
def shop_of(products: int) -> Iterator[None]:
    """The shop with so many products; filled when it is not there."""
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.catalogue import fill
    from catalog.models import Product

    CLUSTER.ensure_running(f"products_{products}")
    connection.settings_dict["NAME"] = f"products_{products}"
    connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1}
    cache.clear()
    try:
        if "catalog_product" not in connection.introspection.table_names():
            call_command("migrate", verbosity=0)
        if not Product.objects.exists():
            fill(products)
        yield
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend


def addresses(client: Any) -> dict[str, str]:
    """PAGES with this shop's own words and slugs in them."""
    from benchmarks.vocabulary import SERIES
    from catalog.models import Product, Variant

    middle = Product.objects.listed().order_by("price", "pk")[Product.objects.count() // 3]
    sku = Variant.objects.live().filter(product=middle)[0].sku
    words = {"rare": SERIES[-9], "sku": sku, "product": middle.get_absolute_url()}
    return {name: address.format(**words, cursor=_deep_cursor(client)) for name, address in PAGES.items()}


def _deep_cursor(client: Any) -> str:
    """The API's list after some pages by name: what comes next costs the same wherever it is."""
    address = "/api/v1/products/?ordering=name&limit=20&cursor="
    for _ in range(5):
        address = client.get(address).json().get("next") or address
    return address.removeprefix("http://testserver")


def once(client: Any, address: str) -> float:
    """Get a page; returns the milliseconds that processors worked for it."""
    backend = _backend()
    started, theirs = time.process_time(), _worked(backend)
    response = client.get(address)
    taken = (time.process_time() - started) * 1000 + _worked(backend) - theirs
    if response.status_code >= 500:
        raise SystemExit(f"{address} answers {response.status_code}")
    return taken


def _backend() -> int:
    """The process of PostgreSQL that serves us: the pool has one connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _worked(process: int) -> float:
    """Milliseconds that a process has been running on a processor (Linux)."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


def measure(sizes: list[int], rounds: int, runs: int) -> None:
    from django.db import connection
    from django.test import Client

    client = Client()
    times: dict[tuple[str, int], list[float]] = {}
    queries: dict[str, int] = {}
    for number in range(rounds):
        for size in sizes:
            with shop_of(size):
                for name, address in addresses(client).items():
                    statements = Statements()
                    with connection.execute_wrapper(statements):
                        once(client, address)
                    queries[name] = max(queries.get(name, 0), len(statements.seen) - 1)  # but for `_backend`
                    times.setdefault((name, size), []).extend(once(client, address) for _ in range(runs))
            print(f"round {number + 1}, {size} products", flush=True)
    heads = "".join(f"{size:>12,}" for size in sizes)
    print(f"{'ms':<30} {'queries':>7}{heads}" + "".join(f"{'× first':>9}" for _ in sizes[1:]))
    for name in PAGES:
        each = [min(times[name, size]) for size in sizes]
        ratios = "".join(f"{time / each[0]:>9.1f}" for time in each[1:])
        print(f"{name:<30} {queries[name]:>7}" + "".join(f"{time:>12.1f}" for time in each) + ratios)


class Statements:
    """Collects what is sent, and how long it took."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seen.append((time.perf_counter() - started, sql, params))


def show_plans(sizes: list[int], only: str) -> None:
    from django.db import connection
    from django.test import Client

    client = Client()
    for size in sizes:
        with shop_of(size):
            for name, address in addresses(client).items():
                if only not in name:
                    continue
                once(client, address)
                statements = Statements()
                with connection.execute_wrapper(statements):
                    print(f"\n=== {name}, {size} products: {once(client, address):.1f} ms in all")
                for taken, sql, params in sorted(statements.seen, key=lambda each: -each[0])[:2]:
                    print(f"--- {taken * 1000:.1f} ms")
                    with connection.cursor() as cursor:
                        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                        print("\n".join(row[0] for row in cursor.fetchall()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--plans", metavar="PAGE", help="show the plans of the pages called so")
    options = parser.parse_args()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="shop.settings",
        SHOP_ENV_FILE="",
        DEBUG="true",
        DATABASE_URL=CLUSTER.url(f"products_{options.sizes[0]}"),
        LOG_LEVEL="CRITICAL",
    )
    CLUSTER.hold(f"products_{options.sizes[0]}")
    import django
    from django.conf import settings

    django.setup()
    settings.DEBUG = False  # Django would remember every query
    settings.ALLOWED_HOSTS = ["testserver"]
    if options.plans is None:
        measure(options.sizes, options.rounds, options.runs)
    else:
        show_plans(options.sizes, options.plans)


if __name__ == "__main__":
    main()
