"""Descriptions in forms: HTML of a few tags."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.richtext import sanitised

MAX_DESCRIPTION = 50_000


class RichTextWidget(UnfoldAdminTextareaWidget):
    """Buttons above the text; without JavaScript the HTML itself."""

    class Media:
        js = ("js/staff_richtext.js",)


class RichTextField(forms.CharField):
    """Gives sanitised HTML. Without JavaScript it is the source that people edit, or plain text."""

    def __init__(self, **kwargs: Any) -> None:
        widget = RichTextWidget(attrs={"rows": 10, "data-richtext": ""})
        hint = "Plain text, or HTML with headings (h2 to h4), lists, tables, quotations, links, bold and italics."
        super().__init__(required=False, max_length=MAX_DESCRIPTION, widget=widget, help_text=hint, **kwargs)

    def clean(self, value: Any) -> str:
        return sanitised(super().clean(value))
