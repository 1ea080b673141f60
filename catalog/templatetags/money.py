"""Amounts and numbers in templates, as people read them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal
from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.money import format_amount

register = template.Library()


@register.filter(name="money")
def money_filter(amount: int | None) -> str:
    """Minor units of the shop's currency for the shop's locale: 1250 → "€12.50"; nothing for None."""
    return "" if amount is None else format_amount(amount, settings.SHOP_CURRENCY, settings.SHOP_LOCALE)


@register.filter
def percent(rate: Decimal) -> str:
    """A rate in percent for the shop's locale: 19.0000 → "19 %", 8.875 → "8.875 %"."""
    return f"{format_decimal(rate, format='#,##0.####', locale=settings.SHOP_LOCALE)}\N{NO-BREAK SPACE}%"


@register.filter
def thousands(number: int) -> str:
    """A number of things for the shop's locale: 12000 → "12,000"."""
    return _formatted(number, settings.SHOP_LOCALE)


@lru_cache(maxsize=10_000)  # lists show hundreds
def _formatted(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)


@register.simple_tag
def facet_count(count: int, is_estimate: bool) -> SafeString:
    """How many products a filter would leave: a figure to the eye, a sentence to the ear. Lists show hundreds."""
    return format_html(
        '<span class="facet__count"><span class="visually-hidden">, {}</span>{}<span class="visually-hidden"> {}</span>'
        "</span>",
        "about " if is_estimate else "",
        thousands(count),
        "product" if count == 1 else "products",
    )


@register.simple_tag(name="money")
def money_tag(amount: int, currency: str) -> str:
    """The same for an amount that carries its currency, as orders do: `{% money order.total order.currency %}`."""
    return format_amount(amount, currency, settings.SHOP_LOCALE)
