"""Structured data on pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from catalog.feeds.links import absolute as absolute_address
from catalog.money import to_string

register = template.Library()
# So that nothing in a name can end the element, begin a comment or be markup. To JSON it is the same.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@register.simple_tag
def json_ld(data: Any) -> str:
    """The data in a block that browsers keep and never execute: a content security policy has no say in it."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  escaped above


@register.filter
def absolute(address: str) -> str:
    """The address with the site's name in front of it."""
    return absolute_address(address)


@register.filter
def plain_amount(amount: int) -> str:
    """Minor units as programs read them: 1250 → "12.50"."""
    return to_string(amount, settings.SHOP_CURRENCY)


@register.simple_tag
def currency() -> str:
    return settings.SHOP_CURRENCY
