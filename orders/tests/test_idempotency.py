from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import idempotency
from orders.errors import InvalidOrder, KeyInProgress, KeyReused
from orders.idempotency import KeyedRequest, StoredAnswer
from orders.models import IdempotencyRecord
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


def request(*, principal: str = "user:1", key: str = "k1", body: object = None) -> KeyedRequest:
    return KeyedRequest(principal=principal, route="POST orders", key=key, body=body or {"quantity": 1})


def test_the_first_request_runs_and_the_second_gets_its_answer() -> None:
    assert idempotency.claim(request()) is None
    idempotency.store(request(), status_code=201, body={"number": "BCDFG-HJKLM"})

    assert idempotency.claim(request()) == StoredAnswer(201, {"number": "BCDFG-HJKLM"})


def test_a_running_request_is_not_run_again() -> None:
    idempotency.claim(request())
    with pytest.raises(KeyInProgress):
        idempotency.claim(request())


@pytest.mark.parametrize("is_stored", [True, False])
def test_another_body_with_the_same_key_is_refused(is_stored: bool) -> None:
    idempotency.claim(request())
    if is_stored:
        idempotency.store(request(), status_code=201, body={})
    with pytest.raises(KeyReused):
        idempotency.claim(request(body={"quantity": 2}))


def test_the_order_of_members_does_not_make_another_body() -> None:
    idempotency.claim(request(body={"a": 1, "b": 2}))
    idempotency.store(request(body={"a": 1, "b": 2}), status_code=201, body={})
    assert idempotency.claim(request(body={"b": 2, "a": 1})) is not None


def test_a_key_belongs_to_its_principal() -> None:
    idempotency.claim(request())
    idempotency.store(request(), status_code=201, body={"secret": True})
    assert idempotency.claim(request(principal="user:2")) is None
    assert request().digest != request(principal="user:2").digest


def test_a_server_error_gives_the_key_back() -> None:
    idempotency.claim(request())
    idempotency.store(request(), status_code=503, body={})
    assert idempotency.claim(request()) is None


def test_the_first_stored_answer_stays() -> None:
    idempotency.claim(request())
    idempotency.store(request(), status_code=409, body={"code": "out_of_stock"})
    idempotency.store(request(), status_code=201, body={})
    idempotency.give_back(request())
    assert idempotency.claim(request()) == StoredAnswer(409, {"code": "out_of_stock"})


def test_a_process_that_died_gives_its_key_free_when_the_lease_ends() -> None:
    idempotency.claim(request())
    IdempotencyRecord.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert idempotency.claim(request()) is None
    with pytest.raises(KeyInProgress):
        idempotency.claim(request())


def test_old_answers_are_forgotten() -> None:
    idempotency.claim(request())
    idempotency.claim(request(key="k2"))
    IdempotencyRecord.objects.filter(key="k1").update(created_at=timezone.now() - timedelta(days=8))
    assert idempotency.forget_old() == 1
    assert IdempotencyRecord.objects.get().key == "k2"


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "line\nbreak", "ünïcode", "\x00"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidOrder):
        idempotency.check_key(key)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("expired", [False, True])
def test_of_many_at_once_one_runs(expired: bool) -> None:
    if expired:
        idempotency.claim(request())
        IdempotencyRecord.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    outcomes = at_once(12, lambda _: idempotency.claim(request()))

    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, KeyInProgress) for outcome in outcomes) == 11
