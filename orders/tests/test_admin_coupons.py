"""The coupon pages of the admin. Mona is a manager, Bob order staff, Clara keeps the catalogue."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.admin import coupon_forms
from orders.models import Coupon, Order, Redemption
from orders.promotions.batches import CodePlan, make_batch
from orders.promotions.models import Standing
from orders.tests.factories import CouponFactory
from orders.tests.placing import place
from orders.tests.test_admin import browser_of, person

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:orders_coupon_changelist"), reverse("admin:orders_coupon_add")
BATCHES, NEW_BATCH = reverse("admin:orders_coupon_batches"), reverse("admin:orders_coupon_new_batch")
TERMS = {"code": "WELCOME10", "kind": "percentage", "percentage": "10", "is_active": "on"}
BATCH = {"batch": "Newsletter", "count": "20", "begins_with": "may-", "length": "10", "kind": "amount", "amount": "5"}


@pytest.fixture
def mona() -> Client:
    return browser_of(person("mona", "Managers"))


def page_of(coupon: Coupon, name: str = "change") -> str:
    return reverse(f"admin:orders_coupon_{name}", args=[coupon.pk])


def shown(client: Client, coupon: Coupon) -> dict[str, Any]:
    """What the form of a coupon would send unchanged."""
    form = client.get(page_of(coupon)).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    for name in ("starts_at", "ends_at"):
        sent.pop(name)
    return {name: "" if value is None else value for name, value in sent.items() if value is not False}


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def test_a_coupon_is_made_with_amounts_typed_as_decimals_and_dates_in_the_shops_time(mona: Client) -> None:
    cups, mug = CategoryFactory.create(name="Cups"), ProductFactory.create()
    sent = {
        "code": " summer\u20135 ", "kind": "amount", "percentage": "50", "amount": "5,00", "minimum_spend": "20.50",
        "starts_at_0": "2026-06-01", "starts_at_1": "00:00:00", "only_chosen": "on", "products": [mug.pk],
        "categories": [cups.pk], "max_uses": "100", "max_uses_per_customer": "1", "is_active": "on", "note": "Fair",
    }  # fmt: skip
    assert mona.post(ADD, sent).status_code == 302
    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.kind, coupon.amount, int(coupon.percentage)) == ("summer-5", "amount", 500, 0)
    assert (coupon.minimum_spend, coupon.max_uses, coupon.max_uses_per_customer) == (2050, 100, 1)
    assert coupon.starts_at is not None
    assert coupon.starts_at.isoformat() == "2026-05-31T22:00:00+00:00"
    assert (list(coupon.products.all()), list(coupon.categories.all())) == ([mug], [cups])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "AB"}, "code"),
        ({"code": "-ABC"}, "code"),
        ({"code": "SÄLE"}, "code"),
        ({"code": "=1+1"}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"code": "taken"}, "code"),
        ({"kind": ""}, "kind"),
        ({"kind": "gift"}, "kind"),
        ({"percentage": ""}, "percentage"),
        ({"percentage": "0"}, "percentage"),
        ({"percentage": "-1"}, "percentage"),
        ({"percentage": "100.01"}, "percentage"),
        ({"percentage": "1.001"}, "percentage"),
        ({"percentage": "NaN"}, "percentage"),
        ({"percentage": "ten"}, "percentage"),
        ({"kind": "amount", "amount": ""}, "amount"),
        ({"kind": "amount", "amount": "0"}, "amount"),
        ({"kind": "amount", "amount": "-5"}, "amount"),
        ({"kind": "amount", "amount": "5.005"}, "amount"),
        ({"kind": "amount", "amount": "1e5"}, "amount"),
        ({"kind": "amount", "amount": "9" * 15}, "amount"),
        ({"minimum_spend": "abc"}, "minimum_spend"),
        ({"max_uses": "0"}, "max_uses"),
        ({"max_uses": "1.5"}, "max_uses"),
        ({"max_uses": str(2**31)}, "max_uses"),
        ({"max_uses_per_customer": "-1"}, "max_uses_per_customer"),
        ({"starts_at_0": "yesterday", "starts_at_1": "00:00"}, "starts_at"),
        (
            {"starts_at_0": "2096-06-02", "starts_at_1": "00:00", "ends_at_0": "2096-06-01", "ends_at_1": "00:00"},
            "__all__",
        ),
        ({"only_chosen": "on"}, "only_chosen"),
        ({"products": ["999999"]}, "products"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_written(
    mona: Client, changes: dict[str, Any], field: str
) -> None:
    CouponFactory.create(code="TAKEN")
    assert field in errors(mona.post(ADD, TERMS | changes))
    assert Coupon.objects.count() == 1


def test_products_without_the_tick_are_told(mona: Client) -> None:
    assert "only_chosen" in errors(mona.post(ADD, TERMS | {"products": [ProductFactory.create().pk]}))


def test_a_code_in_another_case_is_the_same_code(mona: Client) -> None:
    CouponFactory.create(code="Welcome10")
    assert errors(mona.post(ADD, TERMS))["code"] == ["This code is in use."]


def test_a_form_that_was_opened_before_a_sale_does_not_undo_the_sale(mona: Client) -> None:
    coupon = CouponFactory.create(code="TEN", max_uses=5)
    form = shown(mona, coupon)
    place((VariantFactory.create(), 1), coupon="TEN")
    assert mona.post(page_of(coupon), form | {"note": "Seen"}).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.note, coupon.used) == ("Seen", 1)


def test_a_form_that_was_opened_before_another_edit_is_refused(mona: Client) -> None:
    coupon = CouponFactory.create(code="LEAKED")
    form = shown(mona, coupon)
    Coupon.objects.update(is_active=False)
    assert errors(mona.post(page_of(coupon), form | {"note": "Seen"}))["__all__"] == [coupon_forms.CHANGED]
    coupon.refresh_from_db()
    assert (coupon.is_active, coupon.note) == (False, "")


def test_what_was_redeemed_keeps_its_code(mona: Client) -> None:
    coupon = CouponFactory.create(code="TEN")
    lifecycle.cancel(order=place((VariantFactory.create(), 1), coupon="TEN"), actor=staff("bob"))
    assert "code" not in shown(mona, coupon)
    assert mona.post(page_of(coupon), shown(mona, coupon) | {"code": "OTHER", "percentage": "20"}).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.code, int(coupon.percentage)) == ("TEN", 20)


def test_a_redemption_at_the_moment_of_saving_is_seen_under_the_lock() -> None:
    coupon = CouponFactory.create(code="TEN")
    version = coupon_forms.version_of(Coupon.objects.get())
    sent = {"code": "OTHER", "kind": "percentage", "percentage": "10", "is_active": "on", "version": version}
    form = coupon_forms.CouponForm(sent, instance=coupon)
    place((VariantFactory.create(), 1), coupon="TEN")
    assert form.errors == {"code": ["It has been redeemed under its code, which therefore stays."]}


def test_limits_do_not_go_below_what_is_in_use(mona: Client) -> None:
    coupon = CouponFactory.create(code="TEN")
    variant = VariantFactory.create()
    for email in ("a@example.com", "a+1@example.com", "b@example.com"):
        place((variant, 1), coupon="TEN", email=email)
    form = shown(mona, coupon)
    assert "in use 3 times" in errors(mona.post(page_of(coupon), form | {"max_uses": "2"}))["max_uses"][0]
    told = errors(mona.post(page_of(coupon), form | {"max_uses_per_customer": "1"}))
    assert "has used it 2 times" in told["max_uses_per_customer"][0]
    assert mona.post(page_of(coupon), form | {"max_uses": "3", "max_uses_per_customer": "2"}).status_code == 302


def test_the_page_of_a_coupon_leads_to_what_became_of_it(mona: Client) -> None:
    coupon = CouponFactory.create(code="TEN", max_uses=100)
    variant = VariantFactory.create(price=2000)
    order = place((variant, 1), coupon="TEN")
    lifecycle.cancel(order=place((variant, 1), coupon="TEN"), actor=staff("bob"))

    page = mona.get(page_of(coupon)).content.decode()

    assert "1 / 100" in page
    assert "€22.90" in page  # what live orders brought, and not the cancelled one
    redemptions = f"{reverse('admin:orders_redemption_changelist')}?coupon__id__exact={coupon.pk}"
    assert redemptions in page
    listed = mona.get(redemptions).content.decode()
    assert order.number in listed
    assert "2 redemptions" in listed or listed.count("TEN</a>") == 2


def granted(name: str, permission: str) -> Client:
    """Order staff to whom the merchant has granted a permission more."""
    user = person(name, "Order staff")
    user.user_permissions.add(Permission.objects.get(codename=permission))
    return browser_of(user)


def test_a_redemption_leads_to_its_order_only_those_who_may_open_it(mona: Client) -> None:
    CouponFactory.create(code="TEN")
    order = place((VariantFactory.create(), 1), coupon="TEN")
    otto = granted("otto", "view_redemption")
    link = reverse("admin:orders_order_change", args=[order.pk])
    redemption = reverse("admin:orders_redemption_change", args=[Redemption.objects.get().pk])
    for page in (reverse("admin:orders_redemption_changelist"), redemption):
        for client, is_linked in ((mona, False), (otto, True)):
            shown_page = client.get(page).content.decode()
            assert order.number in shown_page
            assert (link in shown_page) is is_linked


def test_redemptions_are_to_look_at(mona: Client) -> None:
    CouponFactory.create(code="TEN")
    place((VariantFactory.create(), 1), coupon="TEN")
    redemption = Redemption.objects.get()
    assert mona.get(reverse("admin:orders_redemption_add")).status_code == 403
    for name in ("change", "delete"):
        address = reverse(f"admin:orders_redemption_{name}", args=[redemption.pk])
        assert mona.post(address, {"post": "yes"}).status_code == 403
    assert Redemption.objects.count() == 1


def test_the_list_costs_a_constant_number_of_queries(mona: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        CouponFactory.create(code=f"TEN{number}", batch="May" if number else "")
        place((VariantFactory.create(), 1), coupon=f"TEN{number}")
    with django_assert_max_num_queries(12):
        assert b"TEN4" in mona.get(LIST).content


def test_filters_and_the_coupon_itself_agree_on_how_it_stands(mona: Client) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    expected = {
        Standing.RUNNING: CouponFactory.create(starts_at=now - hour, ends_at=now + hour, max_uses=2, used=1),
        Standing.SCHEDULED: CouponFactory.create(starts_at=now + hour),
        Standing.EXPIRED: CouponFactory.create(ends_at=now - hour, max_uses=1, used=1),
        Standing.USED_UP: CouponFactory.create(starts_at=now + hour, max_uses=1, used=1),
        Standing.OFF: CouponFactory.create(is_active=False, ends_at=now - hour),
    }
    for standing, coupon in expected.items():
        assert coupon.standing(now) == standing
        assert list(Coupon.objects.standing(standing, now=now)) == [coupon]
        page = mona.get(LIST, {"standing": standing.value}).content.decode()
        assert [other.code in page for other in expected.values()].count(True) == 1
        assert coupon.code in page


def test_a_batch_is_filtered_for(mona: Client) -> None:
    CouponFactory.create(code="ALONE")
    CouponFactory.create(code="INBATCH", batch="May & June")
    page = mona.get(LIST, {"batch": "May & June"}).content.decode()
    assert ("INBATCH" in page, "ALONE" in page) == (True, False)
    page = mona.get(LIST, {"batch": "-"}).content.decode()
    assert ("INBATCH" in page, "ALONE" in page) == (False, True)


def test_switching_many_off_and_on(mona: Client) -> None:
    coupons = [CouponFactory.create() for _ in range(3)]
    chosen = {"_selected_action": [coupon.pk for coupon in coupons]}
    mona.post(LIST, chosen | {"action": "switch_off"})
    assert not Coupon.objects.filter(is_active=True).exists()
    mona.post(LIST, chosen | {"action": "switch_on"})
    assert Coupon.objects.filter(is_active=True).count() == 3


def test_a_coupon_is_deleted_unless_it_was_redeemed(mona: Client) -> None:
    unused, used = CouponFactory.create(code="UNUSED"), CouponFactory.create(code="REDEEMED")
    place((VariantFactory.create(), 1), coupon="REDEEMED")
    assert mona.post(page_of(used, "delete"), {"post": "yes"}).status_code == 403
    both = {"action": "delete_selected", "_selected_action": [unused.pk, used.pk]}
    assert "switch it off instead" in mona.post(LIST, both).content.decode()
    mona.post(LIST, both | {"post": "yes"})
    assert Coupon.objects.count() == 2
    assert mona.post(page_of(unused, "delete"), {"post": "yes"}).status_code == 302
    assert list(Coupon.objects.all()) == [used]


def test_a_batch_is_made_listed_and_downloaded(mona: Client) -> None:
    sent = BATCH | {"max_uses": "100", "is_active": "on", "note": "=HYPERLINK(1)", "minimum_spend": "20"}
    response = mona.post(NEW_BATCH, sent, follow=True)
    page = response.content.decode()
    assert "20 coupons made." in page
    assert Coupon.objects.filter(batch="Newsletter", amount=500, max_uses=1, minimum_spend=2000).count() == 20
    assert LogEntry.objects.get().object_repr == "Batch “Newsletter”: 20 coupons"
    assert "Newsletter" in mona.get(BATCHES).content.decode()

    download = mona.get(BATCHES, {"csv": "Newsletter"})

    assert download["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in download["Cache-Control"]
    assert download["Content-Disposition"] == 'attachment; filename="coupons-newsletter.csv"'
    content = b"".join(download.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["code"] for row in rows} == {*Coupon.objects.values_list("code", flat=True)}
    assert all(row["code"].startswith("MAY-") for row in rows)
    first = rows[0]
    assert (first["amount"], first["currency"], first["max_uses"], first["used"]) == ("5.00", "EUR", "1", "0")
    assert first["note"] == "'=HYPERLINK(1)"
    assert LogEntry.objects.latest("pk").object_repr == "Batch “Newsletter”: codes downloaded"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"batch": ""}, "batch"),
        ({"batch": "Taken"}, "batch"),
        ({"batch": "x" * 61}, "batch"),
        ({"count": "0"}, "count"),
        ({"count": "10001"}, "count"),
        ({"count": "many"}, "count"),
        ({"length": "7"}, "length"),
        ({"length": "41"}, "length"),
        ({"begins_with": "A" * 31}, "length"),
        ({"begins_with": "=A"}, "begins_with"),
        ({"begins_with": "-A"}, "begins_with"),
        ({"begins_with": "M\u00c4RZ"}, "begins_with"),
        ({"amount": ""}, "amount"),
        ({"ends_at_0": "2026-06-01", "ends_at_1": "00:00"}, "ends_at"),
    ],
)
def test_a_senseless_batch_is_told_and_not_made(mona: Client, changes: dict[str, str], field: str) -> None:
    make_batch(name="Taken", plan=CodePlan(1), terms=Coupon(kind="free_shipping"))
    assert field in errors(mona.post(NEW_BATCH, BATCH | changes))
    assert Coupon.objects.count() == 1


def test_a_batch_that_is_not_there_is_not_found(mona: Client) -> None:
    CouponFactory.create()
    for name in ("", "None"):
        assert mona.get(BATCHES, {"csv": name}).status_code == 404


@pytest.mark.parametrize("group", ["Order staff", "Catalog staff"])
def test_a_code_is_worth_money_and_shown_only_to_managers(group: str, mona: Client) -> None:
    """Who handles an order sees the code it was placed with, and no code that is still to be used."""
    coupon = CouponFactory.create(code="SECRET-CODE", batch="May")
    order = place((VariantFactory.create(), 1), coupon="SECRET-CODE")
    redemption = reverse("admin:orders_redemption_change", args=[Redemption.objects.get().pk])
    pages = [LIST, page_of(coupon), BATCHES, reverse("admin:orders_redemption_changelist"), redemption]
    client = browser_of(person("bob", group))
    for address in pages:
        assert mona.get(address).status_code == 200
        assert client.get(address).status_code == 403
    start = client.get(reverse("admin:index")).content.decode()
    assert LIST not in start
    assert "SECRET-CODE" not in start
    if group == "Order staff":
        page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
        assert "SECRET-CODE" in page
        assert page_of(coupon) not in page


def test_a_merchant_may_let_somebody_look_at_coupons_and_change_nothing() -> None:
    coupon = CouponFactory.create(batch="May")
    client = granted("bob", "view_coupon")
    assert client.get(LIST).status_code == 200
    assert client.get(page_of(coupon)).status_code == 200
    for address in (ADD, NEW_BATCH, f"{BATCHES}?csv=May", BATCHES):
        assert client.get(address).status_code == 403
    assert client.post(NEW_BATCH, BATCH).status_code == 403
    assert client.post(page_of(coupon), TERMS).status_code == 403
    assert client.post(page_of(coupon, "delete"), {"post": "yes"}).status_code == 403
    assert Coupon.objects.get().percentage == 10


def test_customers_are_sent_to_the_login() -> None:
    client = browser_of(person("alice"))
    for address in (LIST, NEW_BATCH, BATCHES):
        assert client.get(address).status_code == 302


def test_a_manager_finds_products_and_categories_to_choose(mona: Client) -> None:
    ProductFactory.create(name="Speckled mug")
    asked = {"app_label": "orders", "model_name": "coupon", "field_name": "products", "term": "mug"}
    found = mona.get(reverse("admin:autocomplete"), asked)
    assert found.json()["results"][0]["text"] == "Speckled mug"


def test_an_order_that_cost_nothing_can_be_cancelled_by_its_customer_and_leaves_nothing_to_return() -> None:
    CouponFactory.create(code="PRESENT", percentage=100)
    order = place((VariantFactory.create(price=8000), 1), coupon="PRESENT")
    assert lifecycle.customer_may_cancel(order)
    lifecycle.cancel(order=order, actor=staff("bob"), by_customer=True)
    assert Order.objects.get().status == "cancelled"
    assert Coupon.objects.get().used == 0
    page = browser_of(person("otto", "Order staff")).get(reverse("admin:index")).content.decode()
    before = page.split("refunds are to be given back by hand")[0]
    assert before.rsplit("</span>", 1)[0].rsplit(">", 1)[1].strip() == "0"
