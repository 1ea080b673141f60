"""What the pages say to machines in the words of schema.org (JSON-LD)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from catalog.browsing import Place
from catalog.feeds.google import KNOWN_OPTIONS
from catalog.feeds.gtin import gtin_of
from catalog.feeds.links import absolute
from catalog.money import to_string
from catalog.product_page import Choice, ProductDetail
from catalog.richtext import plain

SCHEMA = "https://schema.org"
Data = dict[str, Any]


def product_data(detail: ProductDetail) -> Data:
    """The product with its offer; of several variants, the group of them."""
    common = _common(detail)
    if len(detail.choices) == 1:
        [choice] = detail.choices
        return {"@context": SCHEMA, "@type": "Product", **common, **_variant(detail, choice)}
    group: Data = {"@context": SCHEMA, "@type": "ProductGroup", **common, "productGroupID": str(detail.product.pk)}
    if varies_by := [f"{SCHEMA}/{known}" for each in detail.options if (known := _known(each.name))]:
        group["variesBy"] = varies_by
    group["hasVariant"] = [
        {"@type": "Product", "name": _name(detail, choice), **_variant(detail, choice)} for choice in detail.choices
    ]
    return group


def breadcrumbs(trail: Sequence[Place], here: str, address: str) -> Data:
    """The way from the home page to here."""
    steps = [("Home", "/"), *((place.name, place.url) for place in trail), (here, address)]
    return {
        "@context": SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(url)}
            for position, (name, url) in enumerate(steps, 1)
        ],
    }


def shop_data(logo: str) -> list[Data]:
    """Who sells here, and how to search the shop."""
    home = absolute("/")
    organization: Data = {
        "@context": SCHEMA,
        "@type": "Organization",
        "@id": f"{home}#organization",
        "name": settings.SHOP_NAME,
        "legalName": settings.SHOP_LEGAL_NAME,
        "url": home,
        "logo": absolute(logo),
    }
    if settings.SHOP_VAT_ID:
        organization["vatID"] = settings.SHOP_VAT_ID
    site = {
        "@context": SCHEMA,
        "@type": "WebSite",
        "name": settings.SHOP_NAME,
        "url": home,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": absolute(reverse("catalog:search")) + "?q={search_term_string}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    return [organization, site]


def _common(detail: ProductDetail) -> Data:
    product = detail.product
    address = absolute(product.get_absolute_url())
    found: Data = {"@id": f"{address}#product", "name": product.name, "url": address}
    if text := plain(product.description, 5000):
        found["description"] = text
    if detail.pictures:
        found["image"] = [absolute(picture.url) for picture in detail.pictures]
    if product.brand:
        found["brand"] = {"@type": "Brand", "name": product.brand.name}
    return found


def _variant(detail: ProductDetail, choice: Choice) -> Data:
    found: Data = {"sku": choice.sku}
    if gtin := gtin_of(choice.barcode):
        found["gtin"] = gtin
    if choice.image in detail.picture_ids:
        found["image"] = absolute(detail.pictures[detail.picture_ids.index(choice.image)].url)
    texts = {pk: (option.name, text) for option in detail.options for pk, text in option.values}
    for value in choice.values:
        name, text = texts.get(value, ("", ""))
        if known := _known(name):
            found[known] = text
    return {**found, "offers": _offer(detail, choice)}


def _offer(detail: ProductDetail, choice: Choice) -> Data:
    address = absolute(detail.product.get_absolute_url())
    offer: Data = {
        "@type": "Offer",
        "url": f"{address}?{choice.query}" if len(detail.choices) > 1 else address,
        "priceCurrency": settings.SHOP_CURRENCY,
        "price": to_string(choice.price, settings.SHOP_CURRENCY),
        "availability": f"{SCHEMA}/{_availability(choice)}",
        "itemCondition": f"{SCHEMA}/NewCondition",
    }
    if choice.compare_at_price is not None:
        offer["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": f"{SCHEMA}/StrikethroughPrice",
            "price": to_string(choice.compare_at_price, settings.SHOP_CURRENCY),
            "priceCurrency": settings.SHOP_CURRENCY,
        }
    return offer


def _availability(choice: Choice) -> str:
    if choice.available > 0:
        return "InStock"
    return "BackOrder" if choice.is_available else "OutOfStock"


def _name(detail: ProductDetail, choice: Choice) -> str:
    return f"{detail.product.name} – {choice.name}" if choice.name else detail.product.name


def _known(option: str) -> str:
    return KNOWN_OPTIONS.get(option.lower(), "")
