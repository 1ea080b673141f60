"""Who gets an invoice: Alice owns the order, Bob is order staff, Charlie is a stranger, a guest holds a signed link."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from catalog.tests.factories import VariantFactory
from orders import documents, lifecycle
from orders.access import guest_token
from orders.actors import staff
from orders.models import Order
from orders.tests.api import people
from orders.tests.given_back import given_back
from orders.tests.placing import place
from orders.tests.shopping import client_of

pytestmark = pytest.mark.django_db

INVOICE, NOTE = "INV-000001", "CR-000001"


def with_documents(order: Order) -> Order:
    """Paid, and a part given back: it has an invoice and a credit note."""
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    documents.issue_invoice(order_id=order.pk)
    documents.issue_credit_note(refund_id=given_back(order, 100).pk)
    return order


@pytest.fixture
def hers() -> Order:
    return with_documents(place((VariantFactory.create(price=1250), 2), customer=people.person("alice")))


@pytest.fixture
def a_guests() -> Order:
    return with_documents(place((VariantFactory.create(price=1250), 2)))


def page_of(order: Order, document: str = INVOICE) -> str:
    return reverse("orders:document", args=[order.number, document])


def guest_page_of(order: Order, document: str = INVOICE, token: str | None = None) -> str:
    return reverse("orders:guest-document", args=[order.number, token or guest_token(order.number), document])


def api_of(order: Order, document: str = "") -> str:
    return f"{people.ORDERS}{order.number}/documents/" + (f"{document}/" if document else "")


def browser_of(name: str) -> Client:
    return client_of(people.person(name))


def is_the_pdf(response: Any, number: str) -> bool:
    """It is this document, to be saved under its number, and kept by nobody on the way."""
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    return number in PdfReader(BytesIO(response.content)).pages[0].extract_text()


# --- the storefront


def test_the_page_of_an_order_offers_its_documents(hers: Order) -> None:
    page = browser_of("alice").get(reverse("orders:detail", args=[hers.number])).content.decode()
    for number in (INVOICE, NOTE):
        assert f'href="{page_of(hers, number)}"' in page
    assert "Invoice INV-000001" in page
    assert "Credit note CR-000001" in page


def test_an_order_without_documents_offers_none() -> None:
    order = place((VariantFactory.create(), 1), customer=people.person("alice"))
    assert "To download" not in browser_of("alice").get(reverse("orders:detail", args=[order.number])).content.decode()


def test_the_owner_downloads_them(hers: Order) -> None:
    for number in (INVOICE, NOTE):
        response = browser_of("alice").get(page_of(hers, number))
        assert is_the_pdf(response, number)
        assert "noindex" in response["X-Robots-Tag"]


def test_a_guest_downloads_them_behind_the_signed_link(client: Client, a_guests: Order) -> None:
    page = client.get(reverse("orders:guest-detail", args=[a_guests.number, guest_token(a_guests.number)]))
    for number in (INVOICE, NOTE):
        assert f'href="{guest_page_of(a_guests, number)}"' in page.content.decode()
        response = client.get(guest_page_of(a_guests, number))
        assert is_the_pdf(response, number)
        assert response["Referrer-Policy"] == "no-referrer"


def test_to_others_a_document_is_like_one_that_does_not_exist(hers: Order, a_guests: Order) -> None:
    for name in ("charlie", "bob", "clara", "mona"):
        browser = browser_of(name)
        assert browser.get(page_of(hers)).status_code == 404
        assert browser.get(page_of(a_guests, "INV-000002")).status_code == 404
    answer = Client().get(page_of(hers))
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('account_login')}?next={page_of(hers)}")


def test_a_document_of_another_order_is_none_of_this(hers: Order, a_guests: Order) -> None:
    """One's own order opens no other one's documents."""
    assert browser_of("alice").get(page_of(hers, "INV-000002")).status_code == 404
    assert Client().get(guest_page_of(a_guests, INVOICE)).status_code == 404


def test_a_forged_link_opens_no_document(client: Client, hers: Order, a_guests: Order) -> None:
    real = guest_token(a_guests.number)
    for token in ("x", real[:-1], real + "A", real.swapcase(), guest_token(hers.number), "documents", "é"):
        assert client.get(guest_page_of(a_guests, "INV-000002", token)).status_code == 404


@pytest.mark.parametrize(
    "number", ["x", "\x00", "INV-000001.pdf", "INV-000001\n", "inv-000001", "1", "..", "٣", "é" * 300]
)
def test_what_is_no_number_is_a_404(number: str, hers: Order) -> None:
    assert browser_of("alice").get(page_of(hers, number)).status_code == 404
    address = reverse("api-order-document", args=[hers.number, number])
    assert people.client_of("alice").get(address).status_code == 404


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_other_verbs_are_none(verb: str, hers: Order) -> None:
    assert getattr(browser_of("alice"), verb)(page_of(hers)).status_code == 405
    assert getattr(people.client_of("alice"), verb)(api_of(hers, INVOICE)).status_code == 405


# --- the API


def test_the_api_lists_them(hers: Order) -> None:
    for name in ("alice", "bob"):
        response = people.client_of(name).get(api_of(hers))
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        first, second = response.json()
        assert first.pop("issued_at") <= second.pop("issued_at")
        assert first == {
            "kind": "invoice",
            "number": INVOICE,
            "currency": "EUR",
            "total": "29.90",
            "url": f"http://testserver{api_of(hers, INVOICE)}",
        }
        assert (second["kind"], second["number"], second["total"]) == ("credit_note", NOTE, "1.00")


def test_the_api_lists_nothing_of_an_order_that_has_nothing() -> None:
    order = place((VariantFactory.create(), 1), customer=people.person("alice"))
    assert people.client_of("alice").get(api_of(order)).json() == []


def test_the_list_costs_the_same_for_one_and_for_many(hers: Order, django_assert_num_queries: Any) -> None:
    client = people.client_of("alice")
    with django_assert_num_queries(3):
        client.get(api_of(hers))
    for _ in range(5):
        documents.issue_credit_note(refund_id=given_back(hers, 100).pk)
    with django_assert_num_queries(3):
        assert len(client.get(api_of(hers)).json()) == 7


def test_the_api_gives_the_file_to_owner_and_staff(hers: Order) -> None:
    for name in ("alice", "bob"):
        assert is_the_pdf(people.client_of(name).get(api_of(hers, INVOICE)), INVOICE)
        assert is_the_pdf(people.client_of(name).get(api_of(hers, NOTE)), NOTE)


def test_the_api_gives_a_guest_the_own_documents_by_token(hers: Order, a_guests: Order) -> None:
    guest = people.client_of(None, **{"X-Order-Token": guest_token(a_guests.number)})
    assert len(guest.get(api_of(a_guests)).json()) == 2
    assert is_the_pdf(guest.get(api_of(a_guests, "INV-000002")), "INV-000002")
    for foreign in (api_of(hers), api_of(hers, INVOICE), api_of(a_guests, INVOICE)):
        assert guest.get(foreign).status_code == 404


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 404), ("clara", 404), ("mona", 404)])
def test_to_others_of_the_api_it_is_like_what_does_not_exist(who: str | None, status: int, hers: Order) -> None:
    client = people.client_of(who)
    nowhere = Order(number="22222-22222")
    for address, unknown in (
        (api_of(hers), api_of(nowhere)),
        (api_of(hers, INVOICE), api_of(nowhere, INVOICE)),
        (api_of(hers, INVOICE), api_of(hers, "INV-999999")),
    ):
        theirs, nobodys = client.get(address), client.get(unknown)
        assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content)
        assert theirs.status_code == status
        assert theirs["Content-Type"] == "application/problem+json"
        assert theirs["Cache-Control"] == "no-store"


# --- the admin


@pytest.fixture
def addresses(hers: Order) -> list[str]:
    invoice = hers.invoices.get(number=INVOICE)
    return [
        reverse("admin:orders_invoice_changelist"),
        reverse("admin:orders_invoice_change", args=[invoice.pk]),
        reverse("admin:orders_invoice_pdf", args=[invoice.pk]),
    ]


def test_staff_find_read_and_download_them(addresses: list[str], hers: Order) -> None:
    bob = browser_of("bob")
    listed, one, pdf = addresses
    page = bob.get(listed).content.decode()
    for part in (INVOICE, NOTE, hers.number, "€29.90", "€1.00", pdf):
        assert part in page
    for query in (INVOICE, hers.number, "alice@example", "no such thing"):
        assert bob.get(listed, {"q": query}).status_code == 200
    assert pdf in bob.get(one).content.decode()
    assert is_the_pdf(bob.get(pdf), INVOICE)
    assert bob.get(reverse("admin:orders_invoice_pdf", args=[10**6])).status_code == 404


def test_staff_find_them_on_the_page_of_the_order(addresses: list[str], hers: Order) -> None:
    page = browser_of("bob").get(reverse("admin:orders_order_change", args=[hers.pk])).content.decode()
    assert addresses[2] in page
    assert NOTE in page


def test_the_list_costs_the_same_whatever_its_length(
    addresses: list[str], hers: Order, django_assert_max_num_queries: Any
) -> None:
    bob = browser_of("bob")
    for _ in range(5):
        documents.issue_credit_note(refund_id=given_back(hers, 100).pk)
    with django_assert_max_num_queries(12):
        assert bob.get(addresses[0]).status_code == 200


@pytest.mark.parametrize("name", ["charlie", "clara", "mona"])
def test_who_has_no_business_with_invoices_gets_none_in_the_admin(name: str, addresses: list[str]) -> None:
    for address in addresses:
        assert browser_of(name).get(address).status_code in {302, 403}
        assert Client().get(address).status_code == 302


def test_nobody_changes_one_in_the_admin(addresses: list[str], hers: Order) -> None:
    root = people.person("root")
    root.is_superuser = root.is_staff = True
    root.save()
    client = client_of(root)
    assert client.get(reverse("admin:orders_invoice_add")).status_code == 403
    assert client.post(addresses[1], {"number": "X"}).status_code == 403
    assert client.post(addresses[1].replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert hers.invoices.count() == 2
