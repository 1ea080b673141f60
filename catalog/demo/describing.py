"""What the demo shop says about its products: brand, type with attributes, tags, and the collections made of these.

All of it is read from the words of the assortment, so that it fits them: "Stoneware, 380 ml, 11 cm high. Safe in the
dishwasher" has a material, a capacity, a height and a dishwasher.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from catalog.collections import insert_collection
from catalog.demo.assortment import DemoProduct
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Brand,
    Category,
    Collection,
    CollectionRule,
    Product,
    ProductType,
    RelatedProduct,
    TypeAttribute,
)
from catalog.naming import slug_from

# Code: name, kind, unit. The order is that of the page.
ATTRIBUTES = {
    "material": ("Material", "choice", ""),
    "capacity": ("Capacity", "number", "ml"),
    "height": ("Height", "number", "cm"),
    "diameter": ("Diameter", "number", "cm"),
    "pages": ("Pages", "number", ""),
    "weight-of-cloth": ("Weight of the cloth", "number", "g/m²"),
    "dishwasher-safe": ("Dishwasher safe", "flag", ""),
    "care": ("Care", "text", ""),
}
# A word in the text, and the material that it means; the word that comes first counts.
MATERIALS = {
    "stoneware": "Stoneware",
    "porcelain": "Porcelain",
    "terracotta": "Terracotta",
    "iron": "Cast iron",
    "enamel": "Enamelled steel",
    "lambswool": "Wool",
    "wool": "Wool",
    "linen": "Linen",
    "cotton": "Cotton",
    "beeswax": "Beeswax",
    "glass": "Glass",
    "brass": "Brass",
    "oak": "Oak",
    "walnut": "Walnut",
    "beech": "Beech",
    "olive wood": "Olive wood",
    "cedar": "Cedar",
    "willow": "Willow",
    "seagrass": "Seagrass",
    "steel": "Steel",
    "zinc": "Zinc",
    "paper": "Paper",
}
NUMBERS = {
    "capacity": re.compile(r"\b(\d{2,4}) ml\b"),
    "height": re.compile(r"\b(\d+(?:\.\d+)?) cm high\b"),
    "diameter": re.compile(r"\b(\d+(?:\.\d+)?) cm across\b"),
    "pages": re.compile(r"\b(\d{2,3}) pages\b"),
    "weight-of-cloth": re.compile(r"\b(\d{2,3}) g/m²"),
}
_POTTERY = ("material", "capacity", "height", "diameter", "dishwasher-safe")
_CLOTH = ("material", "weight-of-cloth", "care")
_HOME = ("material", "height", "diameter", "care")
_PAPER = ("material", "pages")
# Category: brand, product type, and the attributes of the type.
KINDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "cups-bowls-plates": ("Hearth & Ash", "Tableware", _POTTERY),
    "tea-coffee": ("Hearth & Ash", "Tableware", _POTTERY),
    "pots-pans": ("Smedjan", "Cookware", (*_POTTERY, "care")),
    "boards-tools": ("Holt Brothers", "Kitchen tool", ("material", "diameter", "care")),
    "cushions-throws": ("Loom Street", "Textile", _CLOTH),
    "towels": ("Loom Street", "Textile", _CLOTH),
    "table-linen": ("Loom Street", "Textile", _CLOTH),
    "vases-baskets": ("Hearth & Ash", "Home accessory", _HOME),
    "lamps-candles": ("Lumen & Wick", "Home accessory", _HOME),
    "clocks-prints-mirrors": ("Holt Brothers", "Home accessory", _HOME),
    "pots-planters": ("Garden Row", "Planter", ("material", "height", "diameter")),
    "tools-watering": ("Garden Row", "Garden tool", ("material", "capacity", "care")),
    "seeds-birds": ("Garden Row", "Garden accessory", ("material", "height", "pages")),
    "soap-care": ("Sudsmiths", "Care", ("material", "capacity")),
    "notebooks": ("Folio No. 5", "Stationery", _PAPER),
    "pens-pencils": ("Folio No. 5", "Stationery", _PAPER),
    "cards-envelopes": ("Folio No. 5", "Stationery", _PAPER),
    "desk-order": ("Folio No. 5", "Desk accessory", ("material", "height")),
}
RELATED = 3
SOON = timedelta(days=12)
# Name, text, whether one rule is enough, the product whose room is the picture, and the rules.
COLLECTIONS: tuple[tuple[str, str, bool, str, tuple[dict[str, Any], ...]], ...] = (
    (
        "Made by hand",
        "Thrown, turned, woven and bound by people whose names we know.",
        False,
        "fjell-mug",
        ({"field": "tag", "text": "handmade"},),
    ),
    (
        "Presents under 25",
        "Small enough for a coat pocket or a shelf that is full already, and good company for years.",
        False,
        "pillar-candles-set-of-three",
        ({"field": "tag", "text": "gift"}, {"field": "price_to", "price": "25.00"}),
    ),
    (
        "The breakfast table",
        "Whatever a slow morning needs, from the cup to the cloth.",
        True,
        "oak-bread-board",
        ({"field": "category", "category": "cups-bowls-plates"}, {"field": "tag", "text": "breakfast"}),
    ),
    (
        "Reduced",
        "Good things for less, as long as they are there.",
        False,
        "shoreline-towels-set-of-three",
        ({"field": "reduced"},),
    ),
)


def describe_demo(pairs: Sequence[tuple[Product, DemoProduct]]) -> None:
    """Say what is known about new demo products; part of the caller's transaction, which indexes them afterwards."""
    attributes = _attributes()
    brands, types = _brands(), _types(attributes)
    for product, demo in pairs:
        brand, kind, _ = KINDS[demo.category]
        product.brand, product.product_type = brands[brand], types[kind]
        product.tags = tags_of(demo)
    Product.objects.bulk_update([product for product, _ in pairs], ["brand", "product_type", "tags"])
    choices = {choice.value: choice for choice in attributes["material"].choices.all()}
    AttributeValue.objects.bulk_create(
        AttributeValue(product=product, attribute=attributes[code], **_column(value, choices))
        for product, demo in pairs
        for code, value in details_of(demo).items()
    )
    RelatedProduct.objects.bulk_create(_links(pairs))


def load_collections(prices: Any, pictures: Mapping[str, str]) -> None:
    """Make the demo's collections, unless there are any; `prices` makes minor units, `pictures` go by slug."""
    if Collection.objects.exists():
        return
    for position, (name, text, one_is_enough, _, rules) in enumerate(COLLECTIONS):
        picture = pictures.get(slug_from(name, fallback="", length=140), "")
        collection = Collection(
            name=name,
            description=f"<p>{text}</p>",
            matches_any=one_is_enough,
            position=position,
            image=picture,
            image_width=900 if picture else 0,
            image_height=900 if picture else 0,
        )
        insert_collection(collection, "")
        for rule in rules:
            _rule(collection, dict(rule), prices)


def details_of(demo: DemoProduct) -> dict[str, str | bool]:
    """The attributes that the type of a product asks for and its text tells."""
    text = demo.description.lower()
    found: dict[str, str | bool] = {}
    if material := _material(demo):
        found["material"] = material
    for code, pattern in NUMBERS.items():
        if told := pattern.search(demo.description):
            found[code] = told[1]
    if "dishwasher" in text or "wash by hand" in text:
        found["dishwasher-safe"] = "safe in the dishwasher" in text
    if care := re.search(r"\b(?:Wash|Washable|Washes|Wipe|Rinse)\b[^.;]*", demo.description):
        found["care"] = care[0]
    return {code: found[code] for code in KINDS[demo.category][2] if code in found}


def _material(demo: DemoProduct) -> str:
    """The first that the facts name, which stand below the first paragraph; else the first of name and text."""
    _, _, facts = demo.description.partition("\n\n")
    for text in (facts, f"{demo.name}. {demo.description}"):
        if word := re.search(rf"\b({'|'.join(MATERIALS)})\b", text, re.IGNORECASE):
            return MATERIALS[word[1].lower()]
    return ""


def tags_of(demo: DemoProduct) -> list[str]:
    """How a merchant might label it."""
    text = demo.description.lower()
    words = {
        "handmade": ("made by hand", "dipped by hand", "handmade", "thrown", "turned", "workshop", "glaze"),
        "breakfast": ("breakfast", "coffee", "bread", "morning"),
        "natural": ("linen", "oak", "walnut", "cotton", "beeswax"),
        "recycled": ("recycled",),
    }
    tags = [tag for tag, signs in words.items() if any(sign in text for sign in signs)]
    return [*tags, "gift"] if float(demo.variants[0].price) < 40 else tags


def _attributes() -> dict[str, Attribute]:
    for position, (code, (name, kind, unit)) in enumerate(ATTRIBUTES.items()):
        defaults = {"name": name, "kind": kind, "unit": unit, "position": position, "is_filter": kind != "text"}
        attribute, is_new = Attribute.objects.get_or_create(code=code, defaults=defaults)
        if is_new and kind == "choice":
            materials = dict.fromkeys(MATERIALS.values())
            AttributeChoice.objects.bulk_create(
                AttributeChoice(attribute=attribute, value=value, position=place)
                for place, value in enumerate(materials)
            )
    return {each.code: each for each in Attribute.objects.prefetch_related("choices")}


def _brands() -> dict[str, Brand]:
    names = dict.fromkeys(brand for brand, _, _ in KINDS.values())
    for name in names:
        Brand.objects.get_or_create(name=name, defaults={"slug": slug_from(name, fallback="brand", length=140)})
    return {each.name: each for each in Brand.objects.all()}


def _types(attributes: Mapping[str, Attribute]) -> dict[str, ProductType]:
    for _, name, codes in KINDS.values():
        kind, is_new = ProductType.objects.get_or_create(name=name)
        if is_new:
            TypeAttribute.objects.bulk_create(
                TypeAttribute(product_type=kind, attribute=attributes[code], position=place)
                for place, code in enumerate(codes)
            )
    return {each.name: each for each in ProductType.objects.all()}


def _column(value: str | bool, choices: Mapping[str, AttributeChoice]) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"flag": value}
    if value in choices:
        return {"choice": choices[value]}
    return {"number": value} if re.fullmatch(r"[\d.]+", value) else {"text": value}


def _links(pairs: Sequence[tuple[Product, DemoProduct]]) -> Iterable[RelatedProduct]:
    """Products of the same colour from other shelves go well together."""
    by_colour: dict[str, list[tuple[Product, DemoProduct]]] = {}
    for product, demo in pairs:
        by_colour.setdefault(demo.pictures[0].drawing.palette, []).append((product, demo))
    for product, demo in pairs:
        alike = by_colour[demo.pictures[0].drawing.palette]
        here = alike.index((product, demo))
        others = [each for each, other in alike[here + 1 : here + 40] if other.category != demo.category]
        for position, other in enumerate(others[:RELATED]):
            yield RelatedProduct(product=product, other=other, position=position)


def _rule(collection: Collection, rule: dict[str, Any], prices: Any) -> None:
    if "price" in rule:
        rule["number"] = prices(rule.pop("price"))
    if "category" in rule:
        rule["category"] = Category.objects.get(slug=rule["category"])
    CollectionRule.objects.create(collection=collection, **rule)
