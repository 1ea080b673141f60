from __future__ import annotations

from django.urls import path

from orders.reports.api import OrderSummaryView

urlpatterns = [
    path("reports/order-summary/", OrderSummaryView.as_view(), name="api-order-summary"),
]
