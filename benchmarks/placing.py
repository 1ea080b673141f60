"""Orders placed per second, by 1 to 16 buyers at a time, for different products and for one and the same.

    .venv/bin/python -m benchmarks.placing

Every order is committed durably. The baseline of every rate is one buyer of the same run.
"""

from __future__ import annotations

import threading
import time

from benchmarks.surroundings import empty_shop

BUYERS = (1, 4, 16)
SECONDS = 4.0


def main() -> None:
    with empty_shop():
        from django.core.management import call_command
        from django.db import connection

        from catalog.tests.factories import VariantFactory
        from orders.tests.placing import place

        variants = [VariantFactory.create(stock=1_000_000) for _ in range(max(BUYERS))]

        def rate(buyers: int, *, one_product: bool) -> float:
            placed = [0] * buyers
            until = time.perf_counter() + SECONDS

            def buy(number: int) -> None:
                variant = variants[0 if one_product else number]
                while time.perf_counter() < until:
                    place((variant, 1))
                    placed[number] += 1
                connection.close()

            threads = [threading.Thread(target=buy, args=[number]) for number in range(buyers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return sum(placed) / SECONDS

        different = {buyers: rate(buyers, one_product=False) for buyers in BUYERS}
        same = {buyers: rate(buyers, one_product=True) for buyers in BUYERS}
        call_command("audit", verbosity=0)

    print(f"{'buyers':>6} {'different/s':>12} {'× one':>6} {'same/s':>8} {'× one':>6}")
    for buyers in BUYERS:
        print(
            f"{buyers:>6} {different[buyers]:>12.0f} {different[buyers] / different[1]:>6.2f} "
            f"{same[buyers]:>8.0f} {same[buyers] / same[1]:>6.2f}"
        )


if __name__ == "__main__":
    main()
