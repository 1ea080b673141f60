"""What is said at start about settings that cannot be right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from orders.payments.methods import GATEWAYS
from shop.checks import (
    invoice_settings,
    money_settings,
    payment_methods_have_names_of_their_own,
    printed_seller,
    refuse_unsafe_start,
    selling_settings,
)


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


def test_the_settings_as_they_come_are_fine() -> None:
    assert [*money_settings(), *selling_settings()] == []


@pytest.mark.parametrize("amount", ["", "0", "4.90", "75"])
def test_shipping_may_be_free_from_any_amount_or_never(settings: Any, amount: str) -> None:
    settings.SHOP_SHIPPING_FREE_FROM = amount
    assert money_settings() == []


@pytest.mark.parametrize("name", ["SHOP_SHIPPING_FLAT_RATE", "SHOP_SHIPPING_FREE_FROM"])
@pytest.mark.parametrize("amount", ["-1", "4.905", "four", "NaN"])
def test_amounts_that_are_none_stop_the_start(settings: Any, name: str, amount: str) -> None:
    setattr(settings, name, amount)
    assert [error.id for error in money_settings()] == ["shop.E006"]
    with pytest.raises(ImproperlyConfigured, match=name):
        refuse_unsafe_start()


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("SHOP_COUNTRIES", ["DE", "Austria"], ["shop.E020"]),
        ("SHOP_COUNTRIES", ["DE", "at"], ["shop.E020"]),
        ("SHOP_COUNTRIES", [], ["shop.E020", "shop.E021"]),
        ("SHOP_COUNTRIES", ["AT"], ["shop.E021"]),
        ("SHOP_COUNTRY", "US", ["shop.E021"]),
        ("SHOP_COUNTRY", "", ["shop.E021"]),
        ("SHOP_BANK_TRANSFER_TERM", timedelta(0), ["shop.E022"]),
        ("SHOP_PAYMENT_TERM", timedelta(minutes=-5), ["shop.E022"]),
        ("SHOP_RETURN_DAYS", -1, ["shop.E022"]),
        ("SHOP_LOW_STOCK", -1, ["shop.E022"]),
        ("SHOP_LOW_STOCK_EMAILS", ["buyer@example.com", "nobody"], ["shop.E026"]),
    ],
)
def test_places_and_times_that_make_no_sense_stop_the_start(
    settings: Any, name: str, value: Any, ids: list[str]
) -> None:
    setattr(settings, name, value)
    assert [error.id for error in selling_settings()] == ids
    with pytest.raises(ImproperlyConfigured):
        refuse_unsafe_start()


def test_a_tax_class_that_is_not_there_yet_is_fine(settings: Any) -> None:
    settings.SHOP_SHIPPING_TAX_CLASS = "made later"
    assert [*money_settings(), *selling_settings()] == []


def test_two_ways_to_pay_with_one_code_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert payment_methods_have_names_of_their_own() == []
    monkeypatch.setitem(GATEWAYS, "rival", GATEWAYS["manual"])
    assert [error.id for error in payment_methods_have_names_of_their_own()] == ["shop.E023"] * 2
