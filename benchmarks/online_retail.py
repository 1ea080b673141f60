"""Takes the order lines of a British wholesaler (the Online Retail set) in, and compares what the managers' report
then says with a plain sum over the file.

    .venv/bin/python -m benchmarks.online_retail ../shared/data/online-retail-10k.csv
"""

from __future__ import annotations

import csv
import os
import sys
from datetime import date
from decimal import Decimal

os.environ["SHOP_CURRENCY"] = "GBP"
from benchmarks.surroundings import empty_shop

COLUMNS = (
    "order=InvoiceNo,date=InvoiceDate,customer=CustomerID,sku=StockCode,name=Description,quantity=Quantity,"
    "unit_price=UnitPrice,country=Country"
)
OPTIONS = [
    "--delimiter", ";", "--decimal", ",", "--date-format", "%d/%m/%Y %H:%M", "--time-zone", "Europe/London",
    "--currency", "GBP", "--status", "completed", "--cancelled-prefix", "C", "--columns", COLUMNS,
]  # fmt: skip


def main() -> None:
    with empty_shop():
        from django.core.management import call_command

        from orders.reports.access import EVERYBODY
        from orders.reports.parameters import GroupBy, Parameters
        from orders.reports.queries import summarize

        call_command("import_orders", sys.argv[1], *OPTIONS)
        call_command("audit", verbosity=0)
        asked = Parameters(GroupBy.MONTH, date(2010, 1, 1), date(2011, 12, 31))
        reported = Decimal(summarize(asked, scope=EVERYBODY).totals.total or 0) / 100

    with open(sys.argv[1], encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    sold = [row for row in rows if row["InvoiceNo"][0] != "C" and int(row["Quantity"]) > 0]
    summed = sum(int(row["Quantity"]) * Decimal(row["UnitPrice"].replace(",", ".")) for row in sold)
    print(f"the report says {reported}, a plain sum over the file {summed}")
    sys.exit(reported != summed)


if __name__ == "__main__":
    main()
