"""Leaving an address at a sold-out variant, and having it forgotten again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import quotas
from catalog.alerts import ask_for_alert, withdraw_alert
from catalog.errors import NotSoldOut, ProductGone
from catalog.forms_alert import AlertForm
from catalog.models import Product, StockAlert
from catalog.product_page import ProductDetail, product_detail

ASKED = "We will write to {} once, as soon as it is back."


def form_for(request: HttpRequest, detail: ProductDetail) -> AlertForm | None:
    """The form for the sold-out variants of a product, with the customer's address in it; None when nothing is."""
    if not detail.sold_out:
        return None
    email = request.user.email if request.user.is_authenticated else ""
    chosen = detail.chosen if detail.chosen in detail.sold_out else detail.sold_out[0]
    return AlertForm(sold_out=detail.sold_out, initial={"email": email, "variant": chosen.id})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Wait for a variant. The answer does not tell whether the address waited already."""
    try:
        detail = product_detail(slug)
    except Product.DoesNotExist:
        raise Http404
    if request.method != "POST":
        return redirect(detail.product)
    quotas.spend("stock_alerts", request)
    form = AlertForm(request.POST, sold_out=detail.choices)
    if not form.is_valid():
        return render(request, "catalog/alert.html", {"product": detail.product, "alert_form": form}, status=422)
    variant_id = form.cleaned_data["variant"]
    if not form.is_from_a_machine:
        _ask(request, variant_id, form.cleaned_data["email"])
    chosen = next(choice for choice in detail.choices if choice.id == variant_id)
    return redirect(f"{detail.product.get_absolute_url()}?{chosen.query}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first: mail programs look at every link of a letter."""
    alert = StockAlert.objects.select_related("variant__product").filter(token=token).first()
    if alert is None:
        raise Http404
    if request.method == "POST":
        withdraw_alert(token=token)
        messages.success(request, "Your address is forgotten.")
        return redirect("catalog:home")
    response = render(request, "catalog/alert_withdraw.html", {"alert": alert})
    # The address of this page is a secret; it stays on our own site, where the form needs it.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _ask(request: HttpRequest, variant_id: int, email: str) -> None:
    try:
        ask_for_alert(variant_id=variant_id, email=email)
    except (NotSoldOut, ProductGone) as error:
        messages.info(request, str(error))
    else:
        messages.success(request, format_html(ASKED, email))
