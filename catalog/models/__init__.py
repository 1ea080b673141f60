from catalog.inventory.models import StockLevel, StockMovement
from catalog.models.category import Category
from catalog.models.product import Product, ProductImage, Variant
from catalog.models.tax_class import TaxClass

__all__ = ["Category", "Product", "ProductImage", "StockLevel", "StockMovement", "TaxClass", "Variant"]
