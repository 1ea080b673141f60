"""Time and queries of the pages that matter, in a small shop and in one with 10,000 products more.

    .venv/bin/python -m benchmarks.pages

The baseline of every time is the cheapest page of the same run (`/robots.txt`).
"""

from __future__ import annotations

from typing import Any

from benchmarks.surroundings import empty_shop, median_ms

PAGES = {
    "home": "/",
    "product list": "/products/",
    "category": "/categories/kitchen/",
    "filtered list": "/products/?min_price=20&in_stock=on&sort=price",
    "search": "/search/?q=mug",
    "API product list": "/api/v1/products/?limit=100",
    "API search": "/api/v1/products/?search=mug",
}
MORE_PRODUCTS = 10_000


def main() -> None:
    with empty_shop():
        from django.core.management import call_command
        from django.db import connection
        from django.test import Client

        client = Client()
        statements: list[str] = []

        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            statements.append(sql)
            return execute(sql, params, many, context)

        def measure() -> dict[str, tuple[float, int]]:
            found = {}
            for name, address in PAGES.items():
                statements.clear()
                with connection.execute_wrapper(count):
                    response = client.get(address)
                if response.status_code != 200:
                    raise SystemExit(f"{address} answers {response.status_code}")
                queries = len(statements)
                found[name] = (median_ms(lambda address=address: client.get(address)), queries)  # type: ignore[misc]
            return found

        call_command("demo", no_images=True, force=True, verbosity=0)
        baseline = median_ms(lambda: client.get("/robots.txt"))
        small = measure()
        call_command("demo", no_images=True, force=True, products=MORE_PRODUCTS, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        large = measure()

    print(f"baseline (robots.txt): {baseline:.2f} ms")
    print(f"{'page':<18} {'queries':>7} {'small ms':>9} {'× base':>7} {'large ms':>9} {'large/small':>11}")
    for name in PAGES:
        (before, queries), (after, _) = small[name], large[name]
        print(f"{name:<18} {queries:>7} {before:>9.1f} {before / baseline:>7.1f} {after:>9.1f} {after / before:>11.2f}")


if __name__ == "__main__":
    main()
