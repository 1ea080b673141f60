"""The ledger of a stock level as staff read it: narrowed down, page by page, with links to what caused an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from catalog.models import StockLevel, StockMovement, StockSheet

SHOWN = 50
Linker = Callable[[HttpRequest, Sequence[str]], Mapping[str, str]]
_linkers: list[Linker] = []


def link_references(linker: Linker) -> None:
    """Have `linker` say which references of movements have a page that the user may see: its address by reference.

    The catalogue does not know what moves stock further up.
    """
    if linker not in _linkers:
        _linkers.append(linker)


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)})


class LedgerForm(forms.Form):
    """What to see of the ledger."""

    reason = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), *StockMovement.Reason.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    since = forms.DateField(label="From", required=False, widget=_day())
    until = forms.DateField(label="To", required=False, widget=_day())

    def narrowed(self, movements: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
        if not self.is_valid():
            return movements
        chosen = self.cleaned_data
        if chosen["reason"]:
            movements = movements.filter(reason=chosen["reason"])
        if chosen["since"]:
            movements = movements.filter(created_at__gte=_midnight(chosen["since"]))
        if chosen["until"]:
            movements = movements.filter(created_at__lt=_midnight(chosen["until"] + timedelta(days=1)))
        return movements


def ledger_of(request: HttpRequest, level: StockLevel) -> dict[str, Any]:
    """What the template of a ledger needs: three queries."""
    form = LedgerForm(request.GET)
    movements = form.narrowed(StockMovement.objects.filter(level=level).order_by("-pk"))
    page: Page[StockMovement] = Paginator(movements, SHOWN).get_page(request.GET.get("p"))
    query = request.GET.copy()
    query.pop("p", None)
    return {"ledger_form": form, "page": page, "movements": linked(request, page), "query": query.urlencode()}


def linked(request: HttpRequest, movements: Iterable[StockMovement]) -> list[tuple[StockMovement, str]]:
    """Each movement with the address of what it refers to, or nothing."""
    found = list(movements)
    references = sorted({movement.reference for movement in found if movement.reference})
    pages = dict(_sheets(request, references))
    for linker in _linkers if references else ():
        pages |= linker(request, references)
    return [(movement, pages.get(movement.reference, "")) for movement in found]


def _sheets(request: HttpRequest, references: Sequence[str]) -> Mapping[str, str]:
    if not request.user.has_perm("catalog.view_stocksheet"):
        return {}
    names = {f"{kind.label.lower()} " for kind in StockSheet.Kind}
    numbers = {each: each.rpartition(" ")[2] for each in references if each.rpartition(" ")[0] + " " in names}
    return {
        each: reverse("admin:catalog_stocksheet_change", args=[number])
        for each, number in numbers.items()
        if number.isascii() and number.isdigit()
    }


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
