from __future__ import annotations

from django.db import models

TITLE_HELP = "Empty: the name. About 60 characters show."
DESCRIPTION_HELP = "Empty: the beginning of the description. About 155 characters show."


class SearchEngineText(models.Model):
    """What search engines are told about a page, where it differs from what stands on it."""

    seo_title = models.CharField("title for search engines", max_length=120, blank=True, help_text=TITLE_HELP)
    seo_description = models.CharField(
        "description for search engines", max_length=320, blank=True, help_text=DESCRIPTION_HELP
    )

    class Meta:
        abstract = True
