"""Imports: what somebody wants taken in, how far it has come, and every row that was refused."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone


def private_storage() -> Storage:
    """Where files go that no address leads to."""
    return storages["private"]


class ImportRun(models.Model):
    """One file that was handed in. `line` is how far it has been read, so that a killed run goes on from there."""

    class Kind(models.TextChoices):
        PRODUCTS = "products", "Products"
        ORDERS = "orders", "Orders"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "To be confirmed"
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file = models.FileField(upload_to="imports/", storage=private_storage, max_length=200)
    file_name = models.CharField(max_length=200, help_text="As the file was called where it came from.")
    choices = models.JSONField(default=dict, blank=True, help_text="How the file is to be read.")
    is_dry_run = models.BooleanField("dry run", default=False, help_text="Read and report, change nothing.")
    lines = models.PositiveIntegerField(default=0, help_text="Lines of the file, as far as known.")
    line = models.PositiveIntegerField(default=0, help_text="Lines that are dealt with.")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    ignored_columns = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="Why nothing more was read.")
    actor = models.CharField(max_length=150, blank=True, help_text="Who handed it in, by name.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "import"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display().lower()})"


class ImportProblem(models.Model):
    """Something in a file that was refused, or taken otherwise than it stood there."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=500)
    is_refusal = models.BooleanField(default=True, help_text="The row was not taken; otherwise a hint.")

    class Meta:
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"
