from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from orders.api.cart import CartCouponView, CartDetailView, CartItemsView, CartItemView, CartMergeView
from orders.api.checkout import CheckoutOptionsView
from orders.api.documents import DocumentsView, DocumentView
from orders.api.editing import NotesView, OrderAddressView
from orders.api.emails import EmailsView
from orders.api.orders import OrderViewSet
from orders.api.payments import PaymentViewSet
from orders.api.quoting import QuoteView
from orders.api.refunds import CaptureView, ConfirmRefundView, OrderRefundsView, RetryRefundView
from orders.api.returns import OrderReturnsView, ReturnViewSet, WithdrawReturnView
from orders.api.shipments import ShipmentsView
from orders.reports.api import OrderSummaryView

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="api-order")
router.register("payments", PaymentViewSet, basename="api-payment")
router.register("returns", ReturnViewSet, basename="api-return")

urlpatterns = [
    path("cart/", CartDetailView.as_view(), name="api-cart"),
    path("cart/items/", CartItemsView.as_view(), name="api-cart-items"),
    path("cart/items/<int:variant_id>/", CartItemView.as_view(), name="api-cart-item"),
    path("cart/coupon/", CartCouponView.as_view(), name="api-cart-coupon"),
    path("cart/merge/", CartMergeView.as_view(), name="api-cart-merge"),
    path("checkout/options/", CheckoutOptionsView.as_view(), name="api-checkout-options"),
    path("checkout/quote/", QuoteView.as_view(), name="api-checkout-quote"),
    path("reports/order-summary/", OrderSummaryView.as_view(), name="api-order-summary"),
    path("orders/<str:number>/documents/", DocumentsView.as_view(), name="api-order-documents"),
    path("orders/<str:number>/documents/<str:document>/", DocumentView.as_view(), name="api-order-document"),
    path("orders/<str:number>/emails/", EmailsView.as_view(), name="api-order-emails"),
    path("orders/<str:number>/notes/", NotesView.as_view(), name="api-order-notes"),
    path("orders/<str:number>/shipping-address/", OrderAddressView.as_view(), name="api-order-address"),
    path("orders/<str:number>/returns/", OrderReturnsView.as_view(), name="api-order-returns"),
    path("orders/<str:number>/returns/withdraw/", WithdrawReturnView.as_view(), name="api-order-return-withdraw"),
    path("orders/<str:number>/shipments/", ShipmentsView.as_view(), name="api-order-shipments"),
    path("orders/<str:number>/refunds/", OrderRefundsView.as_view(), name="api-order-refunds"),
    path("orders/<str:number>/capture/", CaptureView.as_view(), name="api-order-capture"),
    path("refunds/<int:id>/retry/", RetryRefundView.as_view(), name="api-refund-retry"),
    path("refunds/<int:id>/confirm/", ConfirmRefundView.as_view(), name="api-refund-confirm"),
    *router.urls,
]
