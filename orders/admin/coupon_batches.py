"""Pages for batches of coupons: make one, see what became of them, take the codes along as a file."""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Min, Sum
from django.forms import modelform_factory
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import slugify
from unfold.decorators import action

from accounts.access import person
from catalog.money import to_string
from orders.admin.coupon_forms import BATCH_TERMS, BatchForm
from orders.errors import BatchExists, InvalidOrder
from orders.models import Coupon
from orders.promotions.batches import CodePlan, make_batch
from orders.reports.export import IN_MEMORY, defused, pieces

SHOWN = 200
COLUMNS = [
    "code", "batch", "kind", "percentage", "amount", "currency", "minimum_spend", "starts_at", "ends_at", "max_uses",
    "max_uses_per_customer", "used", "active", "note",
]  # fmt: skip
BATCH_FIELDSETS = [
    (None, {"fields": ["batch", "count", "begins_with", "length"]}),
    ("What each takes off", {"fields": ["kind", "percentage", "amount", "minimum_spend"]}),
    ("What it is for", {"fields": ["only_chosen", "products", "categories"]}),
    ("When and how often", {"fields": ["starts_at", "ends_at", "max_uses_per_customer", "is_active"]}),
    (None, {"fields": ["note"]}),
]


class BatchPages:
    """For the admin of coupons."""

    actions_list = ["batches", "new_batch"]
    admin_site: Any
    model: Any
    media: Any
    formfield_for_dbfield: Any
    message_user: Any
    render_change_form: Any

    def has_batch_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """A list of codes that nobody can guess is worth as much as the right to make them."""
        return request.user.has_perm("orders.add_coupon")

    @action(description="Batches", permissions=["batch"], url_path="batches")
    def batches(self, request: HttpRequest) -> HttpResponseBase:
        """All batches, or the file of one."""
        if "csv" in request.GET:
            return self._file(request, request.GET["csv"])
        named = Coupon.objects.exclude(batch="").order_by().values("batch")
        found = named.annotate(codes=Count("pk"), uses=Sum("used"), made=Min("created_at")).order_by("-made", "batch")
        context = {
            **self.admin_site.each_context(request),
            "title": "Batches of coupons",
            "opts": self.model._meta,
            "batches": found[:SHOWN],
        }
        return TemplateResponse(request, "admin/orders/coupon_batches.html", context)

    @action(description="Make a batch", permissions=["batch"], url_path="new-batch")
    def new_batch(self, request: HttpRequest) -> HttpResponse:
        """Ask for the terms, then write the coupons, all or none."""
        form = self._batch_form(request)
        if request.method == "POST" and form.is_valid():
            try:
                made = _make(form)
            except (BatchExists, InvalidOrder) as error:
                form.add_error("batch" if isinstance(error, BatchExists) else None, str(error))
            else:
                return self._made(request, form.cleaned_data["batch"], made)
        shown = AdminForm(form, BATCH_FIELDSETS, {}, model_admin=self)  # type: ignore[arg-type]  # mixed into one
        context = {
            **self.admin_site.each_context(request),
            "title": "Make a batch of coupons",
            "adminform": shown,
            "errors": form.errors,
            "media": self.media + shown.media,
            "inline_admin_formsets": [],
            "is_popup": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        answer: HttpResponse = self.render_change_form(request, context, add=True)
        return answer

    def _batch_form(self, request: HttpRequest) -> Any:
        fields = [*BATCH_TERMS, "products", "categories"]
        dressed = partial(self.formfield_for_dbfield, request=request)
        form_class = modelform_factory(Coupon, form=BatchForm, fields=fields, formfield_callback=dressed)
        return form_class(request.POST or None, initial={"kind": Coupon.Kind.PERCENTAGE, "length": 10})

    def _file(self, request: HttpRequest, batch: str) -> HttpResponseBase:
        """The codes are worth money: who took them along is written down."""
        answer = _download(batch)
        _log(request, f"Batch “{batch}”: codes downloaded", CHANGE)
        return answer

    def _made(self, request: HttpRequest, batch: str, made: int) -> HttpResponse:
        _log(request, f"Batch “{batch}”: {made} coupons", ADDITION)
        link = f"{reverse('admin:orders_coupon_batches')}?{urlencode({'csv': batch})}"
        said = format_html('{} coupons made. <a href="{}">Download the codes</a>', made, link)
        self.message_user(request, said, messages.SUCCESS)
        return redirect(f"{reverse('admin:orders_coupon_changelist')}?{urlencode({'batch': batch})}")


def _log(request: HttpRequest, what: str, flag: int) -> None:
    LogEntry.objects.create(
        user=person(request),
        content_type=ContentType.objects.get_for_model(Coupon),
        object_repr=what,
        action_flag=flag,
    )


def _make(form: Any) -> int:
    data = form.cleaned_data
    return make_batch(
        name=data["batch"],
        plan=CodePlan(data["count"], data["begins_with"], data["length"]),
        terms=Coupon(**{name: data[name] for name in BATCH_TERMS}),
        products=data["products"],
        categories=data["categories"],
    )


def _download(batch: str) -> StreamingHttpResponse:
    coupons = Coupon.objects.filter(batch=batch).exclude(batch="").order_by("pk")
    if not coupons.exists():
        raise Http404("There is no such batch.")
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # `pieces` closes it
    file.write(codecs.BOM_UTF8)
    writer = csv.writer(codecs.getwriter("utf-8")(file))
    writer.writerow(COLUMNS)
    writer.writerows(_cells(coupon) for coupon in coupons.iterator())
    file.seek(0)
    name = f"coupons-{slugify(batch) or 'batch'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces(file), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(coupon: Coupon) -> Iterator[str]:
    currency = settings.SHOP_CURRENCY
    yield from (defused(coupon.code), defused(coupon.batch), coupon.kind)
    yield f"{coupon.percentage.normalize():f}" if coupon.percentage else ""
    yield to_string(coupon.amount, currency) if coupon.amount else ""
    yield from (currency, to_string(coupon.minimum_spend, currency))
    for moment in (coupon.starts_at, coupon.ends_at):
        yield timezone.localtime(moment).isoformat() if moment else ""
    for limit in (coupon.max_uses, coupon.max_uses_per_customer, coupon.used):
        yield "" if limit is None else str(limit)
    yield "yes" if coupon.is_active else "no"
    yield defused(coupon.note)
