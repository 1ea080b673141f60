"""Whatever stands in the address of a staff page: an answer, never a fault of the shop's own."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Field, Model
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from catalog.tests.factories import VariantFactory
from orders.models import Coupon, Order
from orders.tests.factories import CouponFactory
from orders.tests.placing import place

pytestmark = pytest.mark.django_db
LISTED = sorted(admin.site._registry, key=lambda model: model._meta.label)
LOOKUPS = ("", "__exact", "__gte", "__isnull", "__isempty", "__year")
ODD = "-" + "9" * 30  # no word, no date, no year, no key and no page


@pytest.fixture
def ada() -> Client:
    CouponFactory.create(code="TEN", batch="May")
    place((VariantFactory.create(), 1), coupon="TEN")
    ada = get_user_model().objects.create_superuser("ada", "ada@example.com", "irrelevant-here")
    client = Client()
    client.force_login(ada)
    return client


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def parameters_of(model: type[Model]) -> list[str]:
    """Everything that a list reads from its address: what Django reads, and what its filters do."""
    page = admin.site._registry[model]
    names = ["q", "p", "o", "e", "all", "_facets", "_popup", "nonsense"]
    for each in [*page.list_filter, *([page.date_hierarchy] if page.date_hierarchy else [])]:
        known = each[0] if isinstance(each, tuple) else each
        if isinstance(known, str):
            names += [known + lookup for lookup in LOOKUPS]
        elif hasattr(known, "parameter_name"):
            names.append(known.parameter_name)
    fields = [field.name for field in model._meta.get_fields() if isinstance(field, Field)]
    return names + [f"{name}__exact" for name in fields]


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.label_lower)
def test_no_list_of_the_staff_stumbles_over_what_its_filters_are_given(ada: Client, model: type[Model]) -> None:
    ada.raise_request_exception = False
    for query in ("q=%00", "p=a%00b", "o=%00", "%00=1", *(f"{name}=%00" for name in parameters_of(model)[-3:])):
        assert ada.get(f"{list_of(model)}?{query}").status_code == 400, query
    for name in parameters_of(model):
        before = transaction.savepoint()
        assert ada.get(f"{list_of(model)}?{name}={ODD}").status_code < 500, name
        transaction.savepoint_rollback(before)


def test_a_nul_is_refused_on_every_staff_page_with_a_page_that_says_so(ada: Client) -> None:
    for address in ("", "login/", "autocomplete/", "orders/coupon/batches/", "orders/coupon/add/", "nowhere/"):
        for query in ("next=%00", "%00=1", "csv=\x00"):
            answer = ada.get(f"/admin/{address}?{query}")
            assert answer.status_code == 400, (address, query)
            assert b"We did not understand that" in answer.content
            assert answer["Content-Security-Policy"]
    assert ada.get(f"{reverse('admin:orders_coupon_changelist')}?q=%2500").status_code == 200


@pytest.mark.parametrize("address", ["/", "/products/", "/search/", "/cart/", "/account/login/", "/api/v1/products/"])
def test_the_storefront_and_the_api_answer_by_themselves(address: str) -> None:
    for name in ("next", "q", "search", "page", "category", "ordering", "skip", "nonsense"):
        assert Client().get(f"{address}?{name}=%00").status_code in (200, 302, 400, 404), name


@pytest.mark.parametrize("chosen", ["abc", "-1", "9" * 30, "\x00", ""])
def test_what_is_no_row_of_a_list_is_not_acted_on(ada: Client, chosen: str) -> None:
    ada.raise_request_exception = False
    for model, action in ((Order, "accept_all"), (Coupon, "switch_off"), (Product, "delete_selected")):
        before = transaction.savepoint()
        for also in ({}, {"select_across": "1"}, {"index": "abc"}):
            answer = ada.post(list_of(model), {"action": action, "_selected_action": [chosen], **also})
            assert answer.status_code < 500, (model, also)
        transaction.savepoint_rollback(before)
