"""The machine against the shop, and against shops that are broken."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds
from hypothesis.stateful import run_state_machine_as_test

from catalog.inventory import stock
from catalog.inventory.stock import Demand
from catalog.models import TaxClass
from orders import lifecycle
from orders.models import Order, TaxRate
from shop.tests.machine.machine import ShopMachine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(live_server: Any, settings: Any) -> None:
    """Taxed, and open for the machine."""
    settings.SITE_URL = live_server.url  # where the provider sends shoppers back to
    standard = TaxClass.objects.create(code="standard", name="Standard", is_default=True)
    TaxRate.objects.create(tax_class=standard, country="DE", rate=19)
    ShopMachine.url = live_server.url


def run(*, examples: int, steps: int, **bounded: Any) -> None:
    run_state_machine_as_test(
        ShopMachine,
        settings=bounds(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],  # shrinking over HTTP takes longer than reading the steps
            **bounded,
        ),
    )


@pytest.mark.usefixtures("shop")
def test_a_shop_is_what_its_model_says_whatever_is_done_to_it() -> None:
    run(examples=10, steps=30)


def keep_the_use(order: Order) -> None:
    """Instead of giving it back."""


def keep_the_pieces(demand: Demand) -> None:
    """Instead of releasing them."""


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("module", "name", "broken", "found"),
    [
        (lifecycle, "give_back", keep_the_use, "an order with a coupon has its redemption"),
        (stock, "release", keep_the_pieces, "reserved stock is what live orders have not shipped"),
    ],
    ids=["coupon", "stock"],
)
def test_control_a_broken_shop_is_found_out(
    module: ModuleType, name: str, broken: Any, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is given back with an order that is cancelled stays away. Always the same steps."""
    monkeypatch.setattr(module, name, broken)
    with pytest.raises(AssertionError, match=found):
        run(examples=30, steps=10, derandomize=True, database=None, report_multiple_bugs=False)
