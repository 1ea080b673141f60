"""The colours and the frame of the admin. No Django here: the settings import it."""

from __future__ import annotations

from typing import Any

JUNIPER = {
    "50": "240 248 245",
    "100": "219 239 231",
    "200": "184 222 208",
    "300": "139 199 179",
    "400": "92 169 146",
    "500": "70 150 127",
    "600": "47 113 96",
    "700": "40 91 79",
    "800": "35 73 64",
    "900": "31 61 54",
    "950": "14 34 30",
}


def staff_theme(shop_name: str) -> dict[str, Any]:
    """The `UNFOLD` setting."""
    return {
        "SITE_TITLE": shop_name,
        "SITE_HEADER": shop_name,
        "SITE_SUBHEADER": "Shop administration",
        "SITE_SYMBOL": "storefront",
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "shop.staff_site.favicon"}],
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": True,
        "COLORS": {"primary": JUNIPER},
        "STYLES": ["shop.staff_site.style_sheet"],
        "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "shop.staff_site.menu"},
        "DASHBOARD_CALLBACK": "shop.staff_start.start_page",
    }
