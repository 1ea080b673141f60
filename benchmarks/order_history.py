"""How many orders a second `import_orders` takes in, and what memory it needs for it.

    .venv/bin/python -m benchmarks.order_history [ORDERS]

Each order has three lines. The file is read a second time, which changes nothing.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
import time
from pathlib import Path

from benchmarks.surroundings import FOLDER, empty_shop

LINES = 3


def write_file(path: Path, orders: int) -> None:
    with path.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["order", "date", "email", "sku", "name", "quantity", "unit_price", "status"])
        for number in range(orders):
            for line in range(LINES):
                sku = (number * 7 + line) % 5000
                at = f"2024-{1 + number % 12:02}-{1 + number % 28:02} 12:00"
                row = [f"A{number}", at, f"c{number % 9000}@example.com", f"S{sku}", f"Thing {sku}", 2, "9.99", "paid"]
                writer.writerow(row)


def main() -> None:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with empty_shop():
        from django.core.management import call_command

        path = FOLDER / "orders.csv"
        write_file(path, orders)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name in ("new", "again, unchanged"):
            started = time.perf_counter()
            call_command("import_orders", str(path), stdout=io.StringIO())
            seconds = time.perf_counter() - started
            print(f"{orders} orders with {LINES} lines, {name}: {seconds:.1f} s, {orders / seconds:.0f} orders/s")
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"memory at its highest: {grown:.0f} MB more than before")


if __name__ == "__main__":
    main()
