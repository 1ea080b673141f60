from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from catalog.api.categories import CategoryViewSet
from catalog.api.collections import CollectionViewSet
from catalog.api.product_types import ProductTypeViewSet
from catalog.api.products import ProductViewSet
from catalog.api.variants import StockAlertsView, VariantPricesView

router = SimpleRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("categories", CategoryViewSet, basename="api-category")
router.register("collections", CollectionViewSet, basename="api-collection")
router.register("product-types", ProductTypeViewSet, basename="api-product-type")

urlpatterns = [
    path("variants/<int:variant_id>/prices/", VariantPricesView.as_view(), name="api-variant-prices"),
    path("variants/<int:variant_id>/stock-alerts/", StockAlertsView.as_view(), name="api-variant-stock-alerts"),
    *router.urls,
]
