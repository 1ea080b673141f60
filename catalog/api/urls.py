from __future__ import annotations

from rest_framework.routers import SimpleRouter

from catalog.api.categories import CategoryViewSet
from catalog.api.products import ProductViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("categories", CategoryViewSet, basename="api-category")

urlpatterns = router.urls
