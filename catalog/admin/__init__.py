"""The catalogue for its staff. Every save goes through the pieces the acts are made of."""

from catalog.admin.alerts import StockAlertAdmin
from catalog.admin.attributes import AttributeAdmin, BrandAdmin, ProductTypeAdmin
from catalog.admin.categories import CategoryAdmin
from catalog.admin.collections import CollectionAdmin
from catalog.admin.images import ProductImageAdmin
from catalog.admin.imports import ImportRunAdmin
from catalog.admin.prices import PriceChangeAdmin
from catalog.admin.products import ProductAdmin
from catalog.admin.searches import SearchMissAdmin, SynonymAdmin
from catalog.admin.stock import StockLevelAdmin, StockMovementAdmin
from catalog.admin.stock_sheets import StockSheetAdmin

__all__ = [
    "AttributeAdmin",
    "BrandAdmin",
    "CategoryAdmin",
    "CollectionAdmin",
    "ImportRunAdmin",
    "PriceChangeAdmin",
    "ProductAdmin",
    "ProductImageAdmin",
    "ProductTypeAdmin",
    "SearchMissAdmin",
    "StockAlertAdmin",
    "StockLevelAdmin",
    "StockMovementAdmin",
    "StockSheetAdmin",
    "SynonymAdmin",
]
