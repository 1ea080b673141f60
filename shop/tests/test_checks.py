"""What is said at start about settings that cannot be right."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from shop.checks import invoice_settings, printed_seller, refuse_unsafe_start


@pytest.mark.parametrize(("invoices", "credit_notes"), [("INV-", "CR-"), ("", "CR-"), ("2027-A", "2027-B"), ("R-", "")])
def test_two_series_that_cannot_meet_are_fine(settings: Any, invoices: str, credit_notes: str) -> None:
    settings.SHOP_INVOICE_PREFIX, settings.SHOP_CREDIT_NOTE_PREFIX = invoices, credit_notes
    assert invoice_settings() == []


@pytest.mark.parametrize(
    ("invoices", "credit_notes"),
    [
        ("INV-", "INV-"),
        ("", ""),
        ("A", "A1"),
        ("../", "CR-"),
        ("INV ", "CR-"),
        ("R\n", "CR-"),
        ("É-", "CR-"),
        ("A" * 11, "B"),
    ],
)
def test_two_series_that_could_meet_or_be_no_file_names_stop_the_start(
    settings: Any, invoices: str, credit_notes: str
) -> None:
    settings.SHOP_INVOICE_PREFIX, settings.SHOP_CREDIT_NOTE_PREFIX = invoices, credit_notes
    assert [error.id for error in invoice_settings()] == ["shop.E007"]
    with pytest.raises(ImproperlyConfigured, match="SHOP_INVOICE_PREFIX"):
        refuse_unsafe_start()


def test_production_is_warned_of_invoices_without_an_address(settings: Any) -> None:
    settings.DEBUG, settings.SHOP_LEGAL_ADDRESS = False, ""
    assert [warning.id for warning in printed_seller()] == ["shop.W002"]
    settings.SHOP_LEGAL_ADDRESS = "Töpfergasse 12"
    assert printed_seller() == []
