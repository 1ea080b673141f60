from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from catalog.api.categories import CategoryViewSet
from catalog.api.products import ProductViewSet
from catalog.api.variants import StockAlertsView, VariantPricesView

router = SimpleRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("categories", CategoryViewSet, basename="api-category")

urlpatterns = [
    path("variants/<int:variant_id>/prices/", VariantPricesView.as_view(), name="api-variant-prices"),
    path("variants/<int:variant_id>/stock-alerts/", StockAlertsView.as_view(), name="api-variant-stock-alerts"),
    *router.urls,
]
