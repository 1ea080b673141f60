from catalog.inventory.models import StockLevel, StockMovement
from catalog.models.category import Category
from catalog.models.product import Product, ProductImage, Variant

__all__ = ["Category", "Product", "ProductImage", "StockLevel", "StockMovement", "Variant"]
