from catalog.importing.models import ImportProblem, ImportRun
from catalog.inventory.models import StockLevel, StockMovement, StockSheet, StockSheetLine
from catalog.models.attributes import Attribute, AttributeChoice, AttributeValue, ProductType, TypeAttribute
from catalog.models.brand import Brand
from catalog.models.category import Category
from catalog.models.collection import Collection, CollectionRule
from catalog.models.image import ProductImage
from catalog.models.options import Option, OptionValue
from catalog.models.prices import PriceChange, StockAlert
from catalog.models.product import Product, RelatedProduct
from catalog.models.slugs import FormerSlug
from catalog.models.tax_class import TaxClass
from catalog.models.variant import Variant
from catalog.search.models import FacetValue, SearchMiss, SearchWord, Synonym

__all__ = [
    "Attribute",
    "AttributeChoice",
    "AttributeValue",
    "Brand",
    "Category",
    "Collection",
    "CollectionRule",
    "FacetValue",
    "FormerSlug",
    "ImportProblem",
    "ImportRun",
    "Option",
    "OptionValue",
    "PriceChange",
    "Product",
    "ProductImage",
    "ProductType",
    "RelatedProduct",
    "SearchMiss",
    "SearchWord",
    "StockAlert",
    "StockLevel",
    "StockMovement",
    "StockSheet",
    "StockSheetLine",
    "Synonym",
    "TaxClass",
    "TypeAttribute",
    "Variant",
]
