"""The order summary for managers: a page with a chart and a table, and its download."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from orders.errors import ReportTooSlow
from orders.reports.access import EVERYBODY, VIEW_REPORTS
from orders.reports.charts import BarChart, ColumnChart, bar_chart, column_chart
from orders.reports.export import file_name, pieces, write_csv
from orders.reports.figures import DEFINITIONS, Summary
from orders.reports.parameters import GroupBy, InvalidParameters, Parameters, ReportForm
from orders.reports.queries import ROW_LIMIT, summarize

TILES = ("orders", "units", "net", "total", "average_order_value")


@require_GET
@cache_control(no_store=True)
@login_required
@permission_required(VIEW_REPORTS, raise_exception=True)
def report(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.GET)
    try:
        parameters = form.parameters()
        summary = summarize(parameters, scope=EVERYBODY)
    except (InvalidParameters, ReportTooSlow) as error:
        return _sorry(request, form, error)
    context = {
        "form": form,
        "parameters": parameters,
        "summary": summary,
        "tiles": [(column, value) for column, value in summary.totals.values() if column.name in TILES],
        "chart": _chart(parameters, summary),
        "peak": max(summary.rows, key=lambda row: row.figures.net, default=None),
        "has_orders": any(row.figures.orders for row in summary.rows),
        "row_limit": ROW_LIMIT,
    }
    return render(request, "orders/reports/report.html", _frame() | context)


@require_GET
@cache_control(no_store=True)
@login_required
@permission_required(VIEW_REPORTS, raise_exception=True)
def report_csv(request: HttpRequest) -> HttpResponseBase:
    form = ReportForm(request.GET)
    try:
        parameters = form.parameters()
        file = write_csv(parameters, scope=EVERYBODY)
    except (InvalidParameters, ReportTooSlow) as error:
        return _sorry(request, form, error)
    response = StreamingHttpResponse(pieces(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(parameters)}"'
    return response


def _sorry(request: HttpRequest, form: ReportForm, error: Exception) -> HttpResponse:
    """The form again, with what is to be corrected."""
    too_slow = isinstance(error, ReportTooSlow)
    context = _frame() | {"form": form, "too_slow": error if too_slow else None}
    response = render(request, "orders/reports/report.html", context, status=503 if too_slow else 400)
    if too_slow:
        response["Retry-After"] = "5"
    return response


def _frame() -> dict[str, Any]:
    """What the page shows whatever was asked."""
    return {
        "definitions": DEFINITIONS,
        "shortcuts": shortcuts(timezone.localdate()),
        "time_zone": timezone.get_default_timezone_name(),
    }


def shortcuts(today: date) -> list[tuple[str, str]]:
    """Reports that are asked for often: name and query string."""
    this_month = today.replace(day=1)
    end_of_last = this_month - timedelta(days=1)
    return [
        ("Last 7 days", Parameters(GroupBy.DAY, today - timedelta(days=6), today).as_query()),
        ("This month", Parameters(GroupBy.DAY, this_month, today).as_query()),
        ("Last month", Parameters(GroupBy.DAY, end_of_last.replace(day=1), end_of_last).as_query()),
        ("This year", Parameters(GroupBy.MONTH, today.replace(month=1, day=1), today).as_query()),
        ("Best sellers", Parameters(GroupBy.PRODUCT, today - timedelta(days=29), today).as_query()),
    ]


def _chart(parameters: Parameters, summary: Summary) -> ColumnChart | BarChart:
    return column_chart(summary.rows) if parameters.is_by_period else bar_chart(summary.rows)
