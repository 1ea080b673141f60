"""Requests made from the API's own description, good ones and bad ones: the answers must be as described.

What is drawn is fixed by a seed, so that a failure is a failure every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation

from accounts.tokens import open_family
from catalog.tests.factories import BrandFactory, CategoryFactory, CollectionFactory, ProductFactory
from orders import cart as carts
from orders import lifecycle
from orders.actors import SHOP
from orders.documents import invoice_content
from orders.invoices.issuing import issue
from orders.refunds import RefundTerms, request_refund
from orders.tests.api.people import person
from orders.tests.placing import place
from orders.tests.returning import ask, delivered

pytestmark = pytest.mark.django_db

EXAMPLES = 4  # beside those that cover every rule of the description once
CONFIG = {
    "seed": 20260101,
    "generation": {"mode": "all", "max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    "phases": {"examples": {"enabled": False}},
    # The shop refuses more than a schema can say: a variant that is unknown, a total that has changed.
    "checks": {"positive_data_acceptance": {"enabled": False}},
}
SETTINGS = settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def is_open_to_guests(context: Any) -> bool:
    requirements = context.operation.definition.raw.get("security", [{}])
    return {} in requirements or not requirements


described = schemathesis.openapi.from_wsgi(
    "/api/schema/", get_wsgi_application(), config=schemathesis.Config.from_dict(CONFIG)
)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The requests run inside the test's transaction: they must not close its connection when they end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def bearer() -> dict[str, str]:
    """The access token of an administrator, as a header."""
    root = person("root")
    root.is_superuser = True
    root.save()
    return {"Authorization": f"Bearer {open_family(user=root).access}"}


@pytest.fixture
def names() -> dict[str, Any]:
    """Something of everything, and how addresses and bodies name it."""
    product = ProductFactory.create(category=CategoryFactory.create(), stock=1000)
    variant = product.variants.get()
    BrandFactory.create(slug=product.slug)
    CollectionFactory.create(slug=product.slug, rules=[{"field": "reduced"}])
    order = place((variant, 1), customer=person("alice"))
    carts.add(user=person("root"), token=None, variant_id=variant.pk, quantity=1)
    content = invoice_content(order, issued_on=order.placed_at.date())
    invoice = issue(content, order_id=order.pk, refund_id=None, at=order.placed_at)
    paid = lifecycle.mark_paid(order=place((variant, 1)), actor=SHOP)
    refund = request_refund(order=paid, terms=RefundTerms(amount=1), actor=SHOP)
    return {
        "payments": paid.payments.get().pk,
        "refunds": refund.pk,
        "returns": ask(delivered((variant, 1)), 1).pk,
        "order": order.number,
        "number": order.number,
        "document": invoice.number,
        "slug": product.slug,
        "variant_id": variant.pk,
        "variant": variant.pk,
    }


def say(case: schemathesis.Case[Any], names: dict[str, Any]) -> None:
    """Name what is there, in those parts of the request that are meant to be right."""
    if case.meta is None or not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters.update({name: str(names[name]) for name in case.path_parameters if name in names})
        noun = case.path.split("/")[3]
        if "id" in case.path_parameters and noun in names:
            case.path_parameters["id"] = str(names[noun])
    body: Any = case.body
    # A form with a file, once it is touched, counts as wrong: what is in a file is no text.
    is_json = case.media_type == "application/json"
    if (
        is_json
        and isinstance(body, dict)
        and (case.meta is None or not case.meta.is_negative_at(ParameterLocation.BODY))
    ):
        for part in (body, *body.get("items", [])):
            part.update({name: names[name] for name in part if name in {"variant", "order"}})


@described.include(func=is_open_to_guests).parametrize()
@SETTINGS
def test_to_guests_the_api_answers_as_it_says(case: schemathesis.Case[Any], names: dict[str, Any]) -> None:
    say(case, names)
    case.call_and_validate()


@described.parametrize()
@SETTINGS
def test_to_an_administrator_the_api_answers_as_it_says(
    case: schemathesis.Case[Any], names: dict[str, Any], bearer: dict[str, str]
) -> None:
    """Who may do everything gets further than the door."""
    say(case, names)
    case.call_and_validate(headers=bearer)
