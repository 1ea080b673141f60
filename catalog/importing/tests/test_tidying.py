"""Files of imports go after a while, and their reports stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.importing import running, tidying
from catalog.importing.models import private_storage
from catalog.importing.tests.files import as_csv, handed_in, mug, take_in
from catalog.models import ImportRun
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - tidying.KEPT - timedelta(minutes=1)
JUST_NOW = timezone.now() - tidying.KEPT + timedelta(hours=1)
BROKEN = as_csv(mug(), mug(Handle="cup", Title=""))


def is_stored(run: ImportRun) -> bool:
    return private_storage().exists(name_of(run))


def name_of(run: ImportRun) -> str:
    """As it was called when this row was read."""
    return str(run.file.name)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_file_of_a_run_that_is_long_over_goes_and_its_report_stays() -> None:
    old, young = take_in(BROKEN), take_in(BROKEN)
    ImportRun.objects.filter(pk=old.pk).update(finished_at=LONG_AGO)
    ImportRun.objects.filter(pk=young.pk).update(finished_at=JUST_NOW)

    assert tidying.forget_files() == 1
    assert is_stored(old)  # only a job removes it
    work_off_the_queue()

    assert (is_stored(old), is_stored(young)) == (False, True)
    old.refresh_from_db()
    assert (old.file.name, old.state, old.refused, old.problems.count()) == ("", ImportRun.State.DONE, 1, 1)
    assert tidying.forget_files() == 0


def test_a_file_that_a_younger_run_shares_stays() -> None:
    old = take_in(as_csv(mug()))
    repeated = running.again(run_id=old.pk)
    assert repeated is not None
    ImportRun.objects.filter(pk=old.pk).update(finished_at=LONG_AGO)

    assert tidying.forget_files() == 0
    ImportRun.objects.filter(pk=repeated.pk).update(created_at=LONG_AGO)
    assert tidying.forget_files() == 1
    assert not ImportRun.objects.exclude(file="").exists()


def test_what_was_never_started_or_never_resumed_is_called_off() -> None:
    never, stuck, busy = (handed_in(as_csv(mug())) for _ in range(3))
    ImportRun.objects.update(created_at=LONG_AGO)
    ImportRun.objects.filter(pk=stuck.pk).update(state="running", started_at=LONG_AGO)
    ImportRun.objects.filter(pk=busy.pk).update(state="running", started_at=JUST_NOW)

    assert tidying.forget_files() == 2

    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {never.pk: "cancelled", stuck.pk: "cancelled", busy.pk: "running"}


def test_a_file_that_somebody_names_again_is_not_removed() -> None:
    run = take_in(as_csv(mug()))
    tidying.discard(names=[name_of(run)])
    assert is_stored(run)


def test_who_wants_a_file_that_is_gone_is_told() -> None:
    done, waiting = take_in(as_csv(mug())), handed_in(as_csv(mug()))
    ImportRun.objects.filter(pk=done.pk).update(file="")
    private_storage().delete(name_of(waiting))

    assert running.again(run_id=done.pk) is None
    failed = running.carry_out(run_id=waiting.pk)
    assert (failed.state, failed.error) == (ImportRun.State.FAILED, running.NOT_STORED)
