"""What can be asked of a report: one form that validates for the page, the download and the API alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, validate_slug
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils import timezone

from catalog.models import Category
from orders.models import Order

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
DEFAULT_DAYS = 30
MAX_PERIODS = 800


class GroupBy(TextChoices):
    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    STATUS = "status", "Status"
    PRODUCT = "product", "Product"
    CATEGORY = "category", "Category"
    TOP_CATEGORY = "top_category", "Top category"
    CUSTOMER = "customer", "Customer"


PERIODS = frozenset({GroupBy.DAY, GroupBy.WEEK, GroupBy.MONTH})
BY_LINE = frozenset({GroupBy.PRODUCT, GroupBy.CATEGORY, GroupBy.TOP_CATEGORY})


@dataclass(frozen=True, slots=True)
class Parameters:
    """A validated question. `start` and `end` are days in the shop's time zone, both included."""

    group_by: GroupBy
    start: date
    end: date
    status: str = ""
    category: str = ""
    include_cancelled: bool = False

    @property
    def is_by_period(self) -> bool:
        return self.group_by in PERIODS

    @property
    def holds_whole_orders(self) -> bool:
        """The totals are about whole orders; with a category they are about the lines in it only."""
        return not self.category

    @property
    def rows_hold_whole_orders(self) -> bool:
        return self.holds_whole_orders and self.group_by not in BY_LINE

    @property
    def counts_cancelled(self) -> bool:
        """Cancelled orders are in the totals: only when asked for, whatever the rows are."""
        return self.include_cancelled or self.status == Order.Status.CANCELLED

    @property
    def lists_cancelled(self) -> bool:
        """Cancelled orders are in the rows: grouped by status they are always a row of their own."""
        return self.counts_cancelled or self.group_by == GroupBy.STATUS

    @property
    def zone(self) -> tzinfo:
        return timezone.get_default_timezone()

    @property
    def starts_at(self) -> datetime:
        """The first moment of the first day."""
        return datetime.combine(self.start, time.min, tzinfo=self.zone)

    @property
    def ends_before(self) -> datetime:
        """The first moment after the last day."""
        return datetime.combine(self.end + timedelta(days=1), time.min, tzinfo=self.zone)

    def as_query(self) -> str:
        """The query string that asks the same again."""
        asked = {
            "group_by": self.group_by.value,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "status": self.status,
            "category": self.category,
            "include_cancelled": "true" if self.include_cancelled else "",
        }
        return urlencode({name: value for name, value in asked.items() if value})


class InvalidParameters(Exception):
    """The question cannot be answered; `errors` maps parameter names to sentences."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("Some parameters need correction.")
        self.errors = errors


class DayField(forms.DateField):
    """A day as ISO 8601 writes it, and no other way."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": str(EARLIEST), "max": str(LATEST)})
    default_error_messages = {"invalid": "Give a day as YYYY-MM-DD."}
    input_formats = ["%Y-%m-%d"]

    def __init__(self, **options: Any) -> None:
        validators = [
            MinValueValidator(EARLIEST, f"Give a day from {EARLIEST} on."),
            MaxValueValidator(LATEST, f"Give a day until {LATEST}."),
        ]
        super().__init__(validators=validators, **options)

    def strptime(self, value: str, format: str) -> date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError(value)
        return date.fromisoformat(value)


class TrueOrFalse(forms.CheckboxInput):
    """A box that sends `true`, and hands on whatever else was sent, so that nonsense is refused."""

    def __init__(self) -> None:
        super().__init__(check_test=lambda value: value == "true")

    def format_value(self, value: Any) -> str:
        return "true"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return data.get(name)


def category_choices() -> list[tuple[str, str]]:
    """The whole tree, indented; read when the page is drawn."""
    nodes = Category.objects.order_by("path").values_list("slug", "name", "depth")
    return [("", "All categories"), *((slug, "\u2003" * (depth - 1) + name) for slug, name, depth in nodes)]


def _choice(choices: list[tuple[str, str]], **options: Any) -> forms.ChoiceField:
    known = ", ".join(value for value, _ in choices if value)
    return forms.ChoiceField(
        choices=choices, required=False, error_messages={"invalid_choice": f"Choose one of: {known}."}, **options
    )


class ReportForm(forms.Form):
    """The parameters `group_by`, `from`, `to`, `status`, `category`, `include_cancelled`; all may be left out.

    Without dates: the last 30 days up to today. Unknown and repeated parameters are errors.
    """

    NAMES = {"start": "from", "end": "to"}  # `from` cannot be the name of a Python attribute

    group_by = _choice(GroupBy.choices, label="Rows")
    start = DayField(label="From", required=False)
    end = DayField(label="To", required=False)
    status = _choice([("", "All statuses"), *Order.Status.choices], label="Status")
    category = forms.CharField(
        label="Category",
        required=False,
        max_length=140,
        validators=[validate_slug],
        widget=forms.Select(choices=category_choices),  # type: ignore[arg-type]  # the stubs do not know that it may be called
        help_text="With everything below it.",
    )
    include_cancelled = forms.TypedChoiceField(
        label="Count cancelled orders",
        choices=[("true", "Yes"), ("false", "No")],
        coerce=lambda value: value == "true",
        empty_value=False,  # type: ignore[arg-type]  # … nor that it is what `coerce` gives
        required=False,
        widget=TrueOrFalse,
        error_messages={"invalid_choice": "Choose one of: true, false."},
    )

    def __init__(self, query: QueryDict, *, today: date | None = None) -> None:
        self.asked = query
        super().__init__(_with_defaults(query, today or timezone.localdate()), label_suffix="")

    def add_prefix(self, field_name: str) -> str:
        return self.NAMES.get(field_name, field_name)

    def clean_category(self) -> str:
        slug: str = self.cleaned_data["category"]
        if slug and not Category.objects.filter(slug=slug).exists():
            raise forms.ValidationError("There is no such category.")
        return slug

    def clean(self) -> dict[str, Any]:
        self._refuse_unknown()
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        group_by = self.cleaned_data.get("group_by")
        if start and end and start > end:
            self.add_error("end", "The last day is before the first one.")
        elif start and end and group_by in PERIODS and _period_count(start, end, group_by) > MAX_PERIODS:
            self.add_error("start", f"That is more than {MAX_PERIODS} {group_by}s. Choose fewer, or longer periods.")
        return self.cleaned_data

    def _refuse_unknown(self) -> None:
        known = {self.add_prefix(name) for name in self.fields}
        if set(self.asked) - known:
            raise forms.ValidationError(f"The parameters are: {', '.join(sorted(known))}.")
        if any(len(values) > 1 for _, values in self.asked.lists()):
            raise forms.ValidationError("Give each parameter once.")

    def parameters(self) -> Parameters:
        """The validated question. Raises InvalidParameters."""
        if not self.is_valid():
            raise InvalidParameters(
                {
                    "non_field_errors" if name == "__all__" else self.add_prefix(name): [str(e) for e in errors]
                    for name, errors in self.errors.items()
                }
            )
        return Parameters(**{**self.cleaned_data, "group_by": GroupBy(self.cleaned_data["group_by"])})


def _with_defaults(query: QueryDict, today: date) -> dict[str, str]:
    given = {name: value for name, value in query.items() if isinstance(value, str) and value}
    defaults = {"group_by": GroupBy.DAY.value, "to": today.isoformat()}
    until = _day(given.get("to", "")) or today
    defaults["from"] = (until - timedelta(days=DEFAULT_DAYS - 1)).isoformat()
    return defaults | given


def _day(text: str) -> date | None:
    """The day, if it is one from which a month can be taken back."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _period_count(start: date, end: date, group_by: str) -> int:
    if group_by == GroupBy.MONTH:
        return (end.year - start.year) * 12 + end.month - start.month + 1
    if group_by == GroupBy.WEEK:
        return ((end - timedelta(days=end.weekday())) - (start - timedelta(days=start.weekday()))).days // 7 + 1
    return (end - start).days + 1
