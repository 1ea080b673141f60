"""What people search for: words that mean the same, and what nobody found, from which such words are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.admin.base import TellsCatalogErrors
from catalog.models import SearchMiss, Synonym
from catalog.search.expressions import LONGEST, words_of
from catalog.search.reading import read

MOST_WORDS = 12
LINK = "font-medium text-primary-600 dark:text-primary-500"
LONGEST_PHRASE = 3  # words: what is looked up when somebody searches


class SynonymForm(ModelForm[Synonym]):
    words = forms.CharField(
        max_length=600,
        help_text="Separated by commas, such as: sofa, couch, settee. Each up to three words long.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Synonym
        fields = ("words",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["words"] = ", ".join(self.instance.words)

    def clean_words(self) -> list[str]:
        """As searches are read: lower case, letters and digits only, each once."""
        given = [" ".join(words_of(each.lower())) for each in self.cleaned_data["words"].split(",")]
        words = list(dict.fromkeys(filter(None, given)))
        if len(words) < 2:
            raise ValidationError("Write two or more words that mean the same, separated by commas.")
        if len(words) > MOST_WORDS:
            raise ValidationError(f"At most {MOST_WORDS} words in one row.")
        for each in words:
            if len(each.split()) > LONGEST_PHRASE or len(each) > 60:
                raise ValidationError(f"“{each[:60]}” is longer than three words or 60 characters.")
        taken = Synonym.objects.filter(words__contains=words).exclude(pk=self.instance.pk).first()
        if taken is not None:
            raise ValidationError(f"These words are in a row together already: {taken}.")
        return words


@admin.register(Synonym)
class SynonymAdmin(TellsCatalogErrors):
    form = SynonymForm
    list_display = ["__str__"]
    search_fields = ["words"]
    ordering = ["words"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of a search that found nothing: its text, and what is spelt nearly so."""
        text = " ".join(words_of(request.GET.get("words", "")[:LONGEST].lower()))
        return {"words": ", ".join(filter(None, [text, read(text).spelling.lower()]))} if text else {}

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:
        """What was not found so far has its answer now."""
        super().save_model(request, obj, form, change)
        SearchMiss.objects.filter(text__in=obj.words).delete()


class LastSearched(admin.SimpleListFilter):
    """To find, and delete, what nobody looks for any more."""

    title = "last searched"
    parameter_name = "last"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("7", "In the last week"), *((f"-{days}", f"Not for {days} days") for days in (30, 90, 365))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SearchMiss]) -> QuerySet[SearchMiss]:
        if self.value() not in {value for value, _ in self.lookup_choices}:
            return queryset
        days = int(self.value() or 0)
        since = timezone.now() - timedelta(days=abs(days))
        return queryset.filter(last_at__gte=since) if days > 0 else queryset.filter(last_at__lt=since)


@admin.register(SearchMiss)
class SearchMissAdmin(ModelAdmin):
    """Nobody writes these; a synonym is made of one, or it is deleted."""

    list_display = ["text", "count", "last_at", "first_at", "make_synonym"]
    list_display_links = None
    list_filter = [LastSearched]
    search_fields = ["text"]
    ordering = ["-count", "-last_at"]
    list_per_page = 100
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Meant was")
    def make_synonym(self, miss: SearchMiss) -> str:
        """A link to a new synonym with this text in it, and what is spelt nearly so: two clicks."""
        address = f"{reverse('admin:catalog_synonym_add')}?{urlencode({'words': miss.text})}"
        return format_html('<a class="{}" href="{}">Make a synonym</a>', LINK, address)
