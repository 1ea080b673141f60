"""`manage.py import_orders`: its options, and what it says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order

pytestmark = pytest.mark.django_db
HEADER = "No;When;SKU;Quantity;Price\n"
LAYOUT = ["--delimiter", ";", "--decimal", ",", "--date-format", "%d/%m/%Y", "--status", "done"]
OPTIONS = [*LAYOUT, "--cancelled-prefix", "C", "--columns", "order=No,date=When,unit_price=Price"]


def run(path: Path, text: str, *more: str) -> str:
    path.write_text(text, encoding="utf-8-sig")
    out = io.StringIO()
    call_command("import_orders", str(path), *OPTIONS, *more, stdout=out)
    return out.getvalue()


def test_a_file_of_another_shop_is_mapped_by_options(tmp_path: Path) -> None:
    text = HEADER + "1;1/12/2010;A;2;2,55\nC2;2/12/2010;A;-1;2,55\n3;3/12/2010;A;-1;0\n"
    said = run(tmp_path / "old.csv", text)
    assert "2 orders imported (1 of them cancelled), with 2 lines and 3 pieces; 0 were there, 1 refused." in said
    assert "Revenue: €5.10" in said
    assert "refused line 4, quantity '-1'" in said
    assert Order.objects.count() == 2


def test_many_refusals_are_shown_when_they_are_asked_for(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{n};soon;A;1;1\n" for n in range(25))
    assert "… and 5 more, which -v 2 shows, too." in run(tmp_path / "old.csv", text, "--dry-run")
    assert run(tmp_path / "old.csv", text, "--dry-run", "-v", "2").count("refused line") == 25


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no column"):
        run(tmp_path / "old.csv", "x;y\n")
    with pytest.raises(CommandError, match="time zone"):
        run(tmp_path / "old.csv", HEADER, "--time-zone", "Nowhere/../etc")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_orders", str(tmp_path / "absent.csv"), stdout=io.StringIO())
