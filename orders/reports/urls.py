from __future__ import annotations

from django.urls import path

from orders.reports import views

urlpatterns = [
    path("reports/orders/", views.report, name="report"),
    path("reports/orders/csv/", views.report_csv, name="report-csv"),
]
