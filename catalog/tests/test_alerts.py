"""Back in stock: asked for once, told once, and to nobody who has no use for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import alerts
from catalog.alerts import (
    ask_for_alert,
    claim_alerts,
    forget_alerts,
    look_after_alerts,
    send_alert,
    tell_back,
    withdraw_alert,
)
from catalog.errors import NotSoldOut, ProductGone
from catalog.inventory import stock
from catalog.models import Product, StockAlert, StockLevel, Variant
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Variant:
    """A sold-out mug."""
    product = ProductFactory.create(name="Mug", slug="mug", bare=True)
    return VariantFactory.create(product=product, name="Blue", stock=0)


def jobs(name: str) -> list[dict[str, Any]]:
    found = ProcrastinateJob.objects.filter(task_name=f"catalog.{name}").order_by("pk")
    return [dict(job.args) for job in found]


def restock(variant: Variant, quantity: int = 5) -> None:
    stock.receive(variant_id=variant.pk, quantity=quantity)


def deliver() -> list[str]:
    """Send every letter that lies ready; to whom."""
    before = len(mail.outbox)
    for job in jobs("send_alert"):
        send_alert(**job)
    return [letter.to[0] for letter in mail.outbox[before:]]


def test_an_address_is_kept_once_whatever_its_case(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    ask_for_alert(variant_id=mug.pk, email="Alice@Example.com")

    alert = StockAlert.objects.get()
    assert (alert.variant_id, alert.email, alert.sent_at) == (mug.pk, "alice@example.com", None)
    assert len(alert.token) == 43


def test_who_was_told_may_ask_again(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    StockAlert.objects.update(sent_at=timezone.now())

    ask_for_alert(variant_id=mug.pk, email="alice@example.com")

    assert StockAlert.objects.filter(sent_at=None).count() == 1


@pytest.mark.parametrize("level", [{"on_hand": 1}, {"on_hand": 3, "reserved": 2}, {"allows_backorders": True}])
def test_nobody_waits_for_what_can_be_bought(mug: Variant, level: dict[str, Any]) -> None:
    StockLevel.objects.update(**level)

    with pytest.raises(NotSoldOut):
        ask_for_alert(variant_id=mug.pk, email="alice@example.com")

    assert not StockAlert.objects.exists()


def test_nobody_waits_for_what_is_not_sold(mug: Variant) -> None:
    Variant.objects.update(archived_at=timezone.now())

    for gone in (mug.pk, 10**15):
        with pytest.raises(ProductGone):
            ask_for_alert(variant_id=gone, email="alice@example.com")

    assert not StockAlert.objects.exists()


def test_a_restock_leaves_one_job_however_many_wait(mug: Variant) -> None:
    other = VariantFactory.create(stock=0)
    for name in ("alice", "bob"):
        ask_for_alert(variant_id=mug.pk, email=f"{name}@example.com")

    tell_back(list(StockLevel.objects.filter(variant__in=[mug, other])))

    assert jobs("claim_alerts") == [{"variant_id": mug.pk}]


def test_a_restock_that_is_undone_tells_nobody(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")

    with transaction.atomic():
        tell_back([mug.stock])
        transaction.set_rollback(True)

    assert jobs("claim_alerts") == []


def test_everybody_is_told_once(mug: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "CLAIMED_TOGETHER", 2)
    for number in range(5):
        ask_for_alert(variant_id=mug.pk, email=f"guest{number}@example.com")
    restock(mug)

    assert claim_alerts(variant_id=mug.pk) == 5
    assert claim_alerts(variant_id=mug.pk) == 0
    assert deliver() == [f"guest{number}@example.com" for number in range(5)]
    assert not StockAlert.objects.filter(sent_at=None).exists()


def test_sold_out_again_before_the_job_ran_they_go_on_waiting(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")

    assert claim_alerts(variant_id=mug.pk) == 0

    assert jobs("send_alert") == []
    assert StockAlert.objects.get().sent_at is None


def test_sold_out_again_before_the_letter_left_they_go_on_waiting(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    restock(mug)
    claim_alerts(variant_id=mug.pk)
    stock.adjust(variant_id=mug.pk, quantity=-5)

    assert deliver() == []
    assert StockAlert.objects.get().sent_at is None

    restock(mug)
    claim_alerts(variant_id=mug.pk)
    assert set(deliver()) == {"alice@example.com"}


def test_who_asked_again_meanwhile_waits_once(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    restock(mug)
    claim_alerts(variant_id=mug.pk)
    stock.adjust(variant_id=mug.pk, quantity=-5)
    ask_for_alert(variant_id=mug.pk, email="ALICE@example.com")

    assert deliver() == []
    assert StockAlert.objects.get().sent_at is None


def test_a_product_that_was_taken_out_is_not_announced(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    restock(mug)
    mug.product.is_published = False
    mug.product.save()

    assert claim_alerts(variant_id=mug.pk) == 0


def test_the_letter_names_the_variant_and_how_to_be_forgotten(mug: Variant, settings: Any) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    restock(mug)
    claim_alerts(variant_id=mug.pk)
    deliver()

    [letter] = mail.outbox
    alert = StockAlert.objects.get()
    withdraw = f"{settings.SITE_URL}/stock-alerts/{alert.token}/"
    assert letter.subject == "Mug – Blue is back"
    assert isinstance(letter, mail.EmailMultiAlternatives)
    for text in (str(letter.body), str(letter.alternatives[0][0])):
        assert f"{settings.SITE_URL}/products/mug/?variant={mug.sku}" in text
        assert withdraw in text
    assert letter.extra_headers["Message-ID"] == f"<stock-alert.{alert.pk}@example.com>"
    assert letter.extra_headers["List-Unsubscribe"] == f"<{withdraw}>"


def test_names_are_text_in_letters(mug: Variant) -> None:
    mug.product.name = "<b>Mug</b>\nBcc: x"
    mug.product.save()
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    restock(mug)
    claim_alerts(variant_id=mug.pk)
    deliver()

    [letter] = mail.outbox
    assert letter.subject == "<b>Mug</b> Bcc: x – Blue is back"
    assert "<b>" not in str(letter.alternatives[0][0])  # type: ignore[attr-defined]


def test_withdrawn_is_forgotten_and_not_told(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    restock(mug)
    claim_alerts(variant_id=mug.pk)

    assert withdraw_alert(token=StockAlert.objects.get().token)

    assert deliver() == []
    assert not StockAlert.objects.exists()
    assert not withdraw_alert(token="nothing")


def test_addresses_are_forgotten_in_time(mug: Variant, settings: Any) -> None:
    settings.SHOP_STOCK_ALERT_DAYS = 30
    now = timezone.now()
    for name, sent, created in (("long", 31, 40), ("lately", 29, 40), ("waits", None, 364), ("forever", None, 366)):
        StockAlert.objects.create(
            variant=mug,
            email=f"{name}@example.com",
            token=name,
            created_at=now - timedelta(days=created),
            sent_at=None if sent is None else now - timedelta(days=sent),
        )

    assert forget_alerts() == 2

    assert set(StockAlert.objects.values_list("token", flat=True)) == {"lately", "waits"}


def test_with_an_account_go_its_alerts(mug: Variant) -> None:
    alice = get_user_model().objects.create_user(username="alice", email="alice@example.com", password="x")
    for email in ("Alice@example.com", "bob@example.com"):
        ask_for_alert(variant_id=mug.pk, email=email)

    alice.delete()

    assert StockAlert.objects.get().email == "bob@example.com"


@pytest.mark.parametrize(
    "unseen", [{"is_published": False}, {"published_from": timezone.now() + timedelta(days=400)}, {"is_listed": False}]
)
def test_who_waits_is_told_when_the_product_is_shown_again(mug: Variant, unseen: dict[str, Any]) -> None:
    """It was restocked meanwhile, so that nothing else will ever tell them."""
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    Product.objects.update(**unseen)
    StockLevel.objects.update(on_hand=5)
    is_hidden = "is_listed" not in unseen
    assert look_after_alerts() == (0 if is_hidden else 1)

    Product.objects.update(is_published=True, published_from=None)
    assert look_after_alerts() == 1
    for job in jobs("claim_alerts"):
        claim_alerts(**job)
    assert deliver() == ["alice@example.com"]
    assert look_after_alerts() == 0


def test_nobody_is_told_of_what_is_still_sold_out(mug: Variant) -> None:
    ask_for_alert(variant_id=mug.pk, email="alice@example.com")
    assert look_after_alerts() == 0
    assert jobs("claim_alerts") == []
