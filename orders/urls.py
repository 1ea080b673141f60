from __future__ import annotations

from django.urls import include, path

from orders.views import cart, checkout, coupon, documents, history, paying, pretend, returns, webhooks

app_name = "orders"
urlpatterns = [
    # /cart/
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart-add"),
    path("cart/lines/<int:variant_id>/", cart.line, name="cart-line"),
    path("cart/coupon/", coupon.put, name="coupon"),
    path("cart/coupon/remove/", coupon.take_off, name="coupon-remove"),
    # /checkout/
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/review/", checkout.review, name="review"),
    path("checkout/shipping/", checkout.choose_shipping, name="choose-shipping"),
    # /orders/: a guest's pages have the signed token in their address
    path("orders/", history.history, name="history"),
    path("orders/<str:number>/", history.detail, name="detail"),
    path("orders/<str:number>/confirmation/", history.confirmation, name="confirmation"),
    path("orders/<str:number>/cancel/", history.cancel, name="cancel"),
    path("orders/<str:number>/pay/", paying.pay, name="pay"),
    path("orders/<str:number>/return/", paying.back, name="return"),
    path("orders/<str:number>/documents/<str:document>/", documents.document, name="document"),
    path("orders/<str:number>/send-back/", returns.ask, name="send-back"),
    path("orders/<str:number>/send-back/withdraw/", returns.withdraw, name="send-back-withdraw"),
    path("orders/<str:number>/<str:token>/", history.guest_detail, name="guest-detail"),
    path("orders/<str:number>/<str:token>/confirmation/", history.guest_confirmation, name="guest-confirmation"),
    path("orders/<str:number>/<str:token>/cancel/", history.guest_cancel, name="guest-cancel"),
    path("orders/<str:number>/<str:token>/send-back/", returns.guest_ask, name="guest-send-back"),
    path(
        "orders/<str:number>/<str:token>/send-back/withdraw/", returns.guest_withdraw, name="guest-send-back-withdraw"
    ),
    path("orders/<str:number>/<str:token>/documents/<str:document>/", documents.guest_document, name="guest-document"),
    path("orders/<str:number>/<str:token>/pay/", paying.guest_pay, name="guest-pay"),
    path("orders/<str:number>/<str:token>/return/", paying.guest_back, name="guest-return"),
    # /payments/: what providers tell
    path("payments/webhooks/<str:gateway>/", webhooks.provider_webhook, name="provider-webhook"),
    # /pretend-pay/: another company's page, as it were
    path("pretend-pay/<str:reference>/", pretend.pay, name="pretend-pay"),
    # /reports/
    path("", include("orders.reports.urls")),
]
