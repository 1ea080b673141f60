from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from idempotency import keys
from idempotency.errors import KeyInProgress, KeyInvalid, KeyReused
from idempotency.keys import KeyedRequest, StoredAnswer
from idempotency.models import IdempotencyRecord
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


def request(*, principal: str = "user:1", key: str = "k1", body: object = None) -> KeyedRequest:
    return KeyedRequest(principal=principal, route="POST orders", key=key, body=body or {"quantity": 1})


def test_the_first_request_runs_and_the_second_gets_its_answer() -> None:
    assert keys.claim(request()) is None
    keys.store(request(), status_code=201, body={"number": "BCDFG-HJKLM"})

    assert keys.claim(request()) == StoredAnswer(201, {"number": "BCDFG-HJKLM"})


def test_a_running_request_is_not_run_again() -> None:
    keys.claim(request())
    with pytest.raises(KeyInProgress):
        keys.claim(request())


@pytest.mark.parametrize("is_stored", [True, False])
def test_another_body_with_the_same_key_is_refused(is_stored: bool) -> None:
    keys.claim(request())
    if is_stored:
        keys.store(request(), status_code=201, body={})
    with pytest.raises(KeyReused):
        keys.claim(request(body={"quantity": 2}))


def test_the_order_of_members_does_not_make_another_body() -> None:
    keys.claim(request(body={"a": 1, "b": 2}))
    keys.store(request(body={"a": 1, "b": 2}), status_code=201, body={})
    assert keys.claim(request(body={"b": 2, "a": 1})) is not None


def test_a_key_belongs_to_its_principal() -> None:
    keys.claim(request())
    keys.store(request(), status_code=201, body={"secret": True})
    assert keys.claim(request(principal="user:2")) is None
    assert request().digest != request(principal="user:2").digest


def test_a_server_error_gives_the_key_back() -> None:
    keys.claim(request())
    keys.store(request(), status_code=503, body={})
    assert keys.claim(request()) is None


def test_the_first_stored_answer_stays() -> None:
    keys.claim(request())
    keys.store(request(), status_code=409, body={"code": "out_of_stock"})
    keys.store(request(), status_code=201, body={})
    keys.give_back(request())
    assert keys.claim(request()) == StoredAnswer(409, {"code": "out_of_stock"})


def test_a_process_that_died_gives_its_key_free_when_the_lease_ends() -> None:
    keys.claim(request())
    IdempotencyRecord.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert keys.claim(request()) is None
    with pytest.raises(KeyInProgress):
        keys.claim(request())


def test_old_answers_are_forgotten() -> None:
    keys.claim(request())
    keys.claim(request(key="k2"))
    IdempotencyRecord.objects.filter(key="k1").update(created_at=timezone.now() - timedelta(days=8))
    assert keys.forget_old() == 1
    assert IdempotencyRecord.objects.get().key == "k2"


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "line\nbreak", "ünïcode", "\x00"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(KeyInvalid):
        keys.check_key(key)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("expired", [False, True])
def test_of_many_at_once_one_runs(expired: bool) -> None:
    if expired:
        keys.claim(request())
        IdempotencyRecord.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    outcomes = at_once(12, lambda _: keys.claim(request()))

    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, KeyInProgress) for outcome in outcomes) == 11
