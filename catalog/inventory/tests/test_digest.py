"""The morning's letter about low stock."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.inventory import stock
from catalog.inventory.digest import send_digest, tell_what_became_low
from catalog.models import Variant
from catalog.tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebody_watches(settings: Any) -> None:
    settings.SHOP_LOW_STOCK = 5
    settings.SHOP_LOW_STOCK_EMAILS = ["buyer@example.com", "clara@example.com", "buyer@example.com"]


def letters() -> list[dict[str, Any]]:
    jobs = ProcrastinateJob.objects.filter(task_name="catalog.send_low_stock").order_by("pk")
    return [job.args for job in jobs]


def sell(variant: Variant, pieces: int) -> None:
    stock.adjust(variant_id=variant.pk, quantity=-pieces)


def test_what_is_low_is_told_once_to_everybody_who_watches() -> None:
    mug = VariantFactory.create(stock=3)
    VariantFactory.create(stock=30)
    assert tell_what_became_low() == 1
    assert [(each["to"], each["count"]) for each in letters()] == [("buyer@example.com", 1), ("clara@example.com", 1)]
    assert letters()[0]["level_ids"] == [mug.stock.pk]
    assert tell_what_became_low() == 0
    assert len(letters()) == 2


def test_what_was_restocked_and_sold_again_is_news_again() -> None:
    mug = VariantFactory.create(stock=3)
    tell_what_became_low()
    stock.receive(variant_id=mug.pk, quantity=10)
    assert tell_what_became_low() == 0
    sell(mug, 10)
    assert tell_what_became_low() == 1


def test_nobody_to_tell_nothing_is_marked(settings: Any) -> None:
    VariantFactory.create(stock=3)
    settings.SHOP_LOW_STOCK_EMAILS = []
    assert (tell_what_became_low(), letters()) == (0, [])
    settings.SHOP_LOW_STOCK_EMAILS = ["buyer@example.com"]
    assert tell_what_became_low() == 1


def test_the_letter_names_them_the_scarcest_first(settings: Any) -> None:
    mug = VariantFactory.create(sku="MUG", product__name="Speckled <mug>", stock=3)
    bowl = VariantFactory.create(sku="BOWL", product__name="Deep bowl", stock=1)
    send_digest(to="buyer@example.com", level_ids=[mug.stock.pk, bowl.stock.pk], count=4, number=7)
    (letter,) = mail.outbox
    assert letter.to == ["buyer@example.com"]
    assert letter.subject == f"Low stock at {settings.SHOP_NAME}: 4 variants"
    assert letter.body.index("BOWL") < letter.body.index("MUG  Speckled <mug>: 3 available, warned of below 5")
    assert "and 2 more" in letter.body
    assert "Speckled &lt;mug&gt;" in str(letter.alternatives[0][0])  # type: ignore[attr-defined]


def test_what_came_in_meanwhile_needs_no_letter() -> None:
    mug = VariantFactory.create(stock=30)
    send_digest(to="buyer@example.com", level_ids=[mug.stock.pk], count=1, number=7)
    assert mail.outbox == []
