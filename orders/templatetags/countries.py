"""Countries in templates, by name."""

from __future__ import annotations

from django import template

from accounts import countries

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """DE → Germany."""
    return countries.country_name(code)
