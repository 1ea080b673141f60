"""The pages of an import, whatever it takes in: hand it in, look at it, start it, read what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanWidget

from catalog.admin.base import ReadOnly
from catalog.importing import running
from catalog.importing.cells import quoted
from catalog.importing.choices import Storable
from catalog.models import ImportRun

PROBLEMS_SHOWN = 50
SECONDS_BETWEEN_LOOKS = "3"


class UploadForm(forms.Form):
    command = ""
    help_text = ""
    file = forms.FileField(label="CSV file", widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = self.help_text

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_MB * 1_000_000:
            raise forms.ValidationError(
                f"This file is larger than {settings.IMPORT_MAX_MB} MB; "
                f"ask whoever runs the shop for the command {self.command}."
            )
        return file


class StartForm(forms.Form):
    dry_run = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Only report what would happen, and change nothing.",
    )

    def choices(self) -> Storable:
        """What the form says, besides the tick for a dry run."""
        raise NotImplementedError


class ImportPages(ReadOnly, ModelAdmin):
    """What each kind of import says itself: its forms, its preview, its job, and who may import."""

    kind: ImportRun.Kind
    task: str
    noun: str
    upload_form: type[UploadForm]
    preview_template: str

    list_display = ["file_name", "created_at", "actor", "state", "is_dry_run", "created", "updated", "unchanged"]
    list_display += ["refused"]
    list_filter = ["state"]
    search_fields = ["file_name", "actor"]
    ordering = ["-pk"]
    list_per_page = 50
    actions_list = ["upload"]

    def may_import(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"{self.opts.app_label}.add_{self.opts.model_name}"))

    def start_form(self, run: ImportRun, data: Any = None) -> StartForm:
        raise NotImplementedError

    def preview(self, run: ImportRun, form: StartForm) -> Any:
        """What the preview's template shows of a run that nobody has started."""
        raise NotImplementedError

    def beside(self, run: ImportRun) -> dict[str, Any]:
        """What else the page of an import shows."""
        return {}

    def upload_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file and keep it."""
        form = self.upload_form(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            actor, name = request.user.get_username(), file.name or "file"
            run = running.hand_in(file=file, name=name, actor=actor, kind=self.kind)
            return redirect(self._page(run))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import {self.noun}",
            "form": form,
            "list_url": self._list(),
        }
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
        return self._show(request, run, self.start_form(run))

    def _act(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """Start it, call it off, or begin again with the same file."""
        if not self.may_import(request):
            raise PermissionDenied
        if "cancel" in request.POST:
            done, said = running.cancel(run_id=run.pk), "Called off. What was taken in before stays."
        elif "again" in request.POST:
            repeated = running.again(run_id=run.pk, actor=request.user.get_username())
            if repeated is None:
                self.message_user(request, running.NOT_STORED, messages.WARNING)
            return redirect(self._page(repeated or run))
        else:
            form = self.start_form(run, request.POST)
            if not form.is_valid() or "look" in request.POST:
                return self._show(request, run, form)
            is_dry_run = form.cleaned_data["dry_run"]
            done = running.start(run_id=run.pk, choices=form.choices(), is_dry_run=is_dry_run, task=self.task)
            said = "The import has begun."
        if not done:
            self.message_user(request, "This import has begun, or is over, already.", messages.WARNING)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect(self._page(run))

    def _show(self, request: HttpRequest, run: ImportRun, form: StartForm) -> HttpResponse:
        problems = Paginator(run.problems.order_by("line", "pk"), PROBLEMS_SHOWN)
        is_waiting = run.state in running.OPEN
        context = {
            **self.admin_site.each_context(request),
            **self.beside(run),
            "title": run.file_name,
            "run": run,
            "form": form,
            "preview": self.preview(run, form) if run.state == ImportRun.State.UPLOADED else None,
            "preview_template": self.preview_template,
            "problems": problems.get_page(request.GET.get("p")),
            "is_waiting": is_waiting,
            "percent": 100 * run.line // max(run.lines, 1),
            "may_import": self.may_import(request),
            "list_url": self._list(),
        }
        answer = TemplateResponse(request, "admin/catalog/import.html", context)
        if is_waiting:
            answer["Refresh"] = SECONDS_BETWEEN_LOOKS
        return answer

    def _page(self, run: ImportRun) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[run.pk])

    def _list(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


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
