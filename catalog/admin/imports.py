"""Imports in the admin: hand a file in, look at it, have it taken in, read what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanWidget

from catalog.admin.base import ReadOnly, money
from catalog.fetching import to_fetch
from catalog.importing import running
from catalog.importing.cells import quoted
from catalog.importing.choices import Choices
from catalog.importing.previewing import preview
from catalog.models import ImportRun

PROBLEMS_SHOWN = 50
SECONDS_BETWEEN_LOOKS = "3"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text="As Shopify exports it: Products → Export → “CSV for Excel, Numbers, or other”. "
        "What this shop exports fits as well.",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_MB * 1_000_000:
            raise forms.ValidationError(
                f"This file is larger than {settings.IMPORT_MAX_MB} MB; "
                "ask whoever runs the shop for the command import_products."
            )
        return file


class StartForm(forms.Form):
    dry_run = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Only report what would happen, and change nothing.",
    )
    stock = forms.BooleanField(
        label="Also the stock of products that are here",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Make as many pieces available as the file says. New products always get their stock.",
    )
    only_new = forms.BooleanField(
        label="Only new products",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Leave products that are here as they are.",
    )


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly, ModelAdmin):
    list_display = ["file_name", "created_at", "actor", "state", "is_dry_run", "created", "updated", "unchanged"]
    list_display += ["refused"]
    list_filter = ["state"]
    search_fields = ["file_name", "actor"]
    ordering = ["-pk"]
    list_per_page = 50
    actions_list = ["upload"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        """Of products: what orders were taken in tells about customers."""
        runs: QuerySet[ImportRun] = super().get_queryset(request)
        return runs.filter(kind=ImportRun.Kind.PRODUCTS)

    def has_import_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("catalog.add_importrun")

    @action(description="Import products", permissions=["import"], url_path="upload", icon="upload_file")
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file and keep it."""
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            run = running.hand_in(
                file=file, name=file.name or "file", choices=Choices(), actor=request.user.get_username()
            )
            return redirect(_page(run))
        context = {**self.admin_site.each_context(request), "title": "Import products", "form": form}
        return TemplateResponse(request, "admin/catalog/import_upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One import: its preview, its progress or its report."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404("There is no such import.")
        if request.method == "POST":
            return self._act(request, run)
        if request.GET.get("problems") == "csv":
            return _problems_file(run)
        return self._show(request, run, StartForm())

    def _act(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """Start it, call it off, or begin again with the same file."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if "cancel" in request.POST:
            done, said = running.cancel(run_id=run.pk), "Called off. What was taken in before stays."
        elif "again" in request.POST:
            repeated = running.again(run_id=run.pk, actor=request.user.get_username())
            if repeated is None:
                self.message_user(request, running.NOT_STORED, messages.WARNING)
            return redirect(_page(repeated or run))
        else:
            form = StartForm(request.POST)
            if not form.is_valid():
                return self._show(request, run, form)
            chosen = dict(form.cleaned_data)
            is_dry_run = chosen.pop("dry_run")
            done = running.start(run_id=run.pk, choices=Choices(**chosen), is_dry_run=is_dry_run)
            said = "The import has begun."
        if not done:
            self.message_user(request, "This import has begun, or is over, already.", messages.WARNING)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect(_page(run))

    def _show(self, request: HttpRequest, run: ImportRun, form: StartForm) -> HttpResponse:
        problems = Paginator(run.problems.order_by("line", "pk"), PROBLEMS_SHOWN)
        is_waiting = run.state in running.OPEN
        context = {
            **self.admin_site.each_context(request),
            "title": run.file_name,
            "run": run,
            "form": form,
            "preview": _dressed(run) if run.state == ImportRun.State.UPLOADED else None,
            "problems": problems.get_page(request.GET.get("p")),
            "is_waiting": is_waiting,
            "pictures": to_fetch(run.pk),
            "percent": 100 * run.line // max(run.lines, 1),
            "may_import": self.has_import_permission(request),
        }
        answer = TemplateResponse(request, "admin/catalog/import.html", context)
        if is_waiting:
            answer["Refresh"] = SECONDS_BETWEEN_LOOKS
        return answer


def _page(run: ImportRun) -> str:
    return reverse("admin:catalog_importrun_change", args=[run.pk])


def _dressed(run: ImportRun) -> Any:
    """The preview with amounts as people read them."""
    found = preview(run)
    rows = [(shown, " – ".join(money(price) for price in shown.prices)) for shown in found.products]
    return {"found": found, "rows": rows}


def _problems_file(run: ImportRun) -> HttpResponseBase:
    """All problems as a CSV file, however many."""

    def pieces() -> Iterator[str]:
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(["line", "column", "value", "problem", "refused"])
        for problem in run.problems.order_by("line", "pk").iterator(chunk_size=1000):
            cells = [quoted(problem.column), quoted(problem.value), quoted(problem.message)]
            writer.writerow([problem.line, *cells, "yes" if problem.is_refusal else "no"])
            yield out.getvalue()
            out.seek(0)
            out.truncate()
        yield out.getvalue()

    headers = {"Content-Disposition": f'attachment; filename="import-{run.pk}-problems.csv"'}
    return StreamingHttpResponse(pieces(), content_type="text/csv; charset=utf-8", headers=headers)
