from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from catalog.api.brands import BrandViewSet
from catalog.api.categories import CategoryViewSet
from catalog.api.collections import CollectionViewSet
from catalog.api.imports import ImportCancelView, ImportProblemsView, ImportsView, ImportView, ProductsFileView
from catalog.api.pictures import PicturesView, PictureView
from catalog.api.product_types import ProductTypeViewSet
from catalog.api.products import ProductViewSet
from catalog.api.search import FacetsView, SuggestionsView
from catalog.api.shelf_pictures import CategoryPictureView, CollectionPictureView
from catalog.api.stock import AdjustView, CountView, MovementsView, ReceiveView, StockView
from catalog.api.stock_lists import StockLevelsView, StockValueView
from catalog.api.variants import StockAlertsView, VariantPricesView

router = SimpleRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("categories", CategoryViewSet, basename="api-category")
router.register("brands", BrandViewSet, basename="api-brand")
router.register("collections", CollectionViewSet, basename="api-collection")
router.register("product-types", ProductTypeViewSet, basename="api-product-type")

urlpatterns = [
    path("search/suggestions/", SuggestionsView.as_view(), name="api-suggestions"),
    path("search/facets/", FacetsView.as_view(), name="api-facets"),
    path("stock/", StockLevelsView.as_view(), name="api-stock"),
    path("stock/value/", StockValueView.as_view(), name="api-stock-value"),
    path("variants/<int:variant_id>/prices/", VariantPricesView.as_view(), name="api-variant-prices"),
    path("variants/<int:variant_id>/stock-alerts/", StockAlertsView.as_view(), name="api-variant-stock-alerts"),
    path("variants/<int:variant_id>/stock/", StockView.as_view(), name="api-variant-stock"),
    path("variants/<int:variant_id>/stock/receive/", ReceiveView.as_view(), name="api-variant-receive"),
    path("variants/<int:variant_id>/stock/adjust/", AdjustView.as_view(), name="api-variant-adjust"),
    path("variants/<int:variant_id>/stock/count/", CountView.as_view(), name="api-variant-count"),
    path("variants/<int:variant_id>/movements/", MovementsView.as_view(), name="api-variant-movements"),
    path("products/<slug:slug>/images/", PicturesView.as_view(), name="api-product-images"),
    path("products/<slug:slug>/images/<int:image_id>/", PictureView.as_view(), name="api-product-image"),
    path("categories/<slug:slug>/image/", CategoryPictureView.as_view(), name="api-category-image"),
    path("collections/<slug:slug>/image/", CollectionPictureView.as_view(), name="api-collection-image"),
    path("imports/", ImportsView.as_view(), name="api-imports"),
    path("imports/<int:run_id>/", ImportView.as_view(), name="api-import"),
    path("imports/<int:run_id>/cancel/", ImportCancelView.as_view(), name="api-import-cancel"),
    path("imports/<int:run_id>/problems/", ImportProblemsView.as_view(), name="api-import-problems"),
    path("exports/products.csv", ProductsFileView.as_view(), name="api-products-file"),
    *router.urls,
]
