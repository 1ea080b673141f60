"""Prices changed at the same moment: their history is one chain, whoever came first."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import pytest

from catalog import variants
from catalog.models import Variant
from catalog.prices import Prices, record_prices
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.variants import update_variant
from orders.tests.auditing import broken_rules
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_prices_changed_at_once_form_one_unbroken_chain() -> None:
    variant = VariantFactory.create(price=1000)

    outcomes = at_once(12, lambda n: update_variant(variant_id=variant.pk, price=900 + n, actor=f"clara{n}"))

    assert not [each for each in outcomes if isinstance(each, Exception)]
    entries = list(variant.price_changes.order_by("pk"))
    assert len(entries) == 13
    assert [entry.price for entry in entries[:-1]] == [entry.price_before for entry in entries[1:]]
    assert broken_rules() == []


def test_control_without_the_lock_of_the_product_the_chain_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: all read the price before anybody writes it down."""
    variant = VariantFactory.create(price=1000)
    product = ProductFactory.create()
    everybody_has_read = threading.Barrier(4)

    def late(changed: Iterable[Variant], before: Mapping[int, Prices], *, actor: str) -> None:
        everybody_has_read.wait(20)
        record_prices(changed, before, actor=actor)

    def careless(variant_id: int, changes: variants.VariantChanges, *, actor: str) -> Variant:
        changed = Variant.objects.get(pk=variant_id)
        before = {changed.pk: (changed.price, changed.compare_at_price)}
        changed.price = changes["price"]
        late([changed], before, actor=actor)
        changed.save(update_fields=["price"])
        return changed

    monkeypatch.setattr(variants, "lock_product", lambda _: product)
    monkeypatch.setattr(variants, "change_variant", careless)
    at_once(4, lambda n: update_variant(variant_id=variant.pk, price=900 + n, actor=f"clara{n}"))

    assert any("follows the one before" in rule for rule in broken_rules())
