"""Products in and out by file, for the catalogue's staff: the acts of the admin's pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from catalog.access import sees_unpublished
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.selecting import refuse_unknown
from catalog.api.uploads import UploadParser
from catalog.downloads import products_file
from catalog.errors import ImportOver
from catalog.importing import running
from catalog.importing.choices import Choices
from catalog.models import ImportProblem, ImportRun
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once

STAFF: dict[Any, Any] = {403: OpenApiResponse(description="Only staff who may import see this.")}
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202])
Kind = ImportRun.Kind


class TickField(serializers.BooleanField):
    """`true` or `false` in a form, and nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false", False):
            raise serializers.ValidationError("This must be true or false.")
        return bool(data == "true")


class ImportInput(serializers.Serializer[Any]):
    """A file to be taken in."""

    file = serializers.FileField(help_text="CSV as Shopify exports it, or as this shop does.")
    kind = serializers.ChoiceField([(Kind.PRODUCTS.value, Kind.PRODUCTS.label)], default=Kind.PRODUCTS.value)
    dry_run = TickField(default=False, help_text="Only report what would happen.")
    stock = TickField(default=False, help_text="Also make the stock of products that are here what the file says.")
    only_new = TickField(default=False, help_text="Leave products that are here as they are.")


class ImportSerializer(serializers.Serializer[ImportRun]):
    """An import: what was asked for, how far it has come, what has come of it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Kind.choices)
    state = serializers.ChoiceField(ImportRun.State.choices)
    file_name = serializers.CharField()
    dry_run = serializers.BooleanField(source="is_dry_run")
    stock = serializers.BooleanField(source="choices.stock", default=False)
    only_new = serializers.BooleanField(source="choices.only_new", default=False)
    lines = serializers.IntegerField(help_text="Lines of the file, as far as known.")
    line = serializers.IntegerField(help_text="Lines that are dealt with.")
    created = serializers.IntegerField(help_text="Products; so are the next three.")
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    ignored_columns = serializers.ListField(child=serializers.CharField(), help_text="Columns that nobody reads.")
    error = serializers.CharField(help_text="Why nothing more was read.")
    actor = serializers.CharField(help_text="Who handed it in, by name.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ImportProblemSerializer(serializers.Serializer[ImportProblem]):
    line = serializers.IntegerField()
    column = serializers.CharField(help_text="Empty: the line as a whole.")
    value = serializers.CharField(help_text="What stands there.")
    message = serializers.CharField(help_text="What is wrong with it.")
    is_refusal = serializers.BooleanField(help_text="The product was not taken; otherwise a hint.")


class Importing(GenericAPIView[Any]):
    """What the doors to imports have in common. What orders were taken in tells about customers: not here."""

    queryset = ImportRun.objects.none()
    serializer_class: Any = ImportSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = None

    def runs(self, request: Request, permission: str) -> QuerySet[ImportRun]:
        if not request.user.has_perm(f"catalog.{permission}"):
            raise PermissionDenied
        return ImportRun.objects.filter(kind=Kind.PRODUCTS).order_by("-pk")


@extend_schema(tags=["imports"])
class ImportsView(Importing):
    pagination_class = SkipLimitPagination  # type: ignore[assignment]

    @property
    def largest_file(self) -> int:
        return settings.IMPORT_MAX_MB * 1_000_000

    def get_parsers(self) -> list[BaseParser]:
        return [UploadParser()]

    @extend_schema(
        operation_id="imports_list",
        summary="List imports of products",
        description="The latest first.",
        responses={200: ImportSerializer(many=True), 400: None, **STAFF},
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        page: Any = self.paginate_queryset(self.runs(request, "view_importrun"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="imports_create",
        summary="Have a file of products taken in",
        description="The worker begins with it soon. Ask for the import again to see how far it is.",
        parameters=[OPTIONAL_KEY, LOCATION, REPLAYED],
        request={"multipart/form-data": ImportInput},
        responses={202: ImportSerializer, **STAFF, **KEY_REFUSALS},
    )
    def post(self, request: Request) -> Response:
        self.runs(request, "add_importrun")
        response = answer_once(self, request, lambda _: self._handed_in(request))
        if response.status_code == 202:
            response["Location"] = reverse("api-import", args=[response.data["id"]], request=request)
        return response

    def _handed_in(self, request: Request) -> Response:
        form = ImportInput(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        file = values["file"]
        if file.size > self.largest_file:
            raise RequestDataTooBig
        run = running.hand_in(
            file=file,
            name=file.name or "file",
            choices=Choices(stock=values["stock"], only_new=values["only_new"]),
            is_dry_run=values["dry_run"],
            actor=request.user.get_username(),
        )
        running.start(run_id=run.pk)
        run.refresh_from_db()
        return Response(self.get_serializer(run).data, status=202)


@extend_schema(tags=["imports"])
class ImportView(Importing):
    @extend_schema(
        operation_id="imports_retrieve",
        summary="Show an import of products",
        description="`line` of `lines` says how far it is; it is over when `state` is done, failed or cancelled.",
        responses={200: ImportSerializer, **STAFF},
    )
    def get(self, request: Request, run_id: int) -> Response:
        return Response(self.get_serializer(get_object_or_404(self.runs(request, "view_importrun"), pk=run_id)).data)


@extend_schema(tags=["imports"])
class ImportCancelView(Importing):
    @extend_schema(
        operation_id="imports_cancel",
        summary="Call an import off",
        description="It ends after the batch that is being written; what was taken in before stays.",
        request=None,
        responses={
            200: ImportSerializer,
            **STAFF,
            409: OpenApiResponse(description="`import_over`: it has ended already."),
        },
    )
    def post(self, request: Request, run_id: int) -> Response:
        run = get_object_or_404(self.runs(request, "add_importrun"), pk=run_id)
        if not running.cancel(run_id=run.pk):
            raise ImportOver("This import has ended already.")
        run.refresh_from_db()
        return Response(self.get_serializer(run).data)


@extend_schema(tags=["imports"])
class ImportProblemsView(Importing):
    serializer_class = ImportProblemSerializer
    pagination_class = SkipLimitPagination  # type: ignore[assignment]

    @extend_schema(
        operation_id="imports_problems_list",
        summary="List what an import refused",
        description="In the order of the file: line, column, what stands there, and what is wrong with it.",
        responses={200: ImportProblemSerializer(many=True), 400: None, **STAFF},
    )
    def get(self, request: Request, run_id: int) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        run = get_object_or_404(self.runs(request, "view_importrun"), pk=run_id)
        page: Any = self.paginate_queryset(run.problems.order_by("line", "pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


@extend_schema(tags=["exports"])
class ProductsFileView(Importing):
    @extend_schema(
        operation_id="exports_products_retrieve",
        summary="Download all products as CSV",
        description="In the format that imports take, and Shopify. Sent while it is read, however many there are.",
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            403: OpenApiResponse(description="Costs are in it: only catalogue staff take it along."),
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        if not sees_unpublished(request.user):
            raise PermissionDenied
        return products_file(user_id=int(request.user.pk or 0))
