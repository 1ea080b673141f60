"""Messages to real receivers on loopback: what arrives, and what is a failure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from standardwebhooks import Webhook

from orders.webhooks import delivering
from orders.webhooks.models import WebhookEndpoint
from orders.webhooks.retrying import DELAYS, MAX_ATTEMPTS
from orders.webhooks.tests.messages import DATA, State, attempt, jobs_of, message_to
from shop.testing.receivers import (
    Behaviour,
    Handler,
    answering,
    dripping_body,
    dripping_head,
    endless_body,
    hanging_up,
    receiver,
    silent,
    talking_nonsense,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]


def test_a_message_arrives_signed_and_in_the_form_of_the_specification() -> None:
    with receiver(answering(204)) as here:
        delivery = attempt(message_to(here))
    (got,) = here.requests
    said = Webhook(delivery.endpoint.secret).verify(got.body, got.headers)
    assert said["type"] == "order.placed"
    assert said["data"] == DATA
    assert said["timestamp"].endswith("Z")
    assert (got.method, got.path, got.headers["content-type"]) == ("POST", "/hooks", "application/json")
    assert got.headers["webhook-id"] == delivery.message_id
    assert got.body.decode() == delivery.payload
    assert (delivery.state, delivery.attempts, delivery.last_status) == (State.SUCCEEDED, 1, 204)
    assert delivery.next_attempt_at is None


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_receiver_takes_its_time() -> None:
    ours, open_meanwhile = connections["default"], []

    def look(handler: Handler) -> None:
        open_meanwhile.append(ours.in_atomic_block)
        answering(200)(handler)

    with receiver(look) as here:
        attempt(message_to(here))
    assert open_meanwhile == [False]


@pytest.mark.parametrize("behaviour", [answering(200, b"x" * 100_000), endless_body(200)])
def test_of_a_success_nothing_more_is_read(behaviour: Behaviour) -> None:
    with receiver(behaviour) as here:
        assert attempt(message_to(here)).state == State.SUCCEEDED


def test_a_job_that_comes_twice_sends_once() -> None:
    with receiver() as here:
        delivery = message_to(here)
        for _ in range(3):
            delivering.deliver(delivery_id=delivery.pk)
    assert len(here.requests) == 1


def test_a_message_that_is_gone_is_no_error() -> None:
    delivering.deliver(delivery_id=987654321)


@pytest.mark.parametrize(
    ("behaviour", "status", "error"),
    [
        (answering(500, b"<h1>Out of\n order</h1>"), 500, "Answered 500. <h1>Out of order</h1>"),
        (answering(404), 404, "Answered 404."),
        (answering(301, Location="https://elsewhere.example/"), 301, "Answered 301."),
        (answering(307, Location="http://169.254.169.254/"), 307, "Answered 307."),
        (endless_body(500), 500, "Answered 500. " + "x" * 286),
        (dripping_body, 500, "Answered 500."),
        (dripping_head, None, "The time was up before the answer was complete."),
        (silent, None, "The time was up before the answer was complete."),
        (hanging_up, None, "No answer that can be read: Remote end closed connection without response."),
        (talking_nonsense, None, "No answer that can be read: ÿ not HTTP at all ."),
    ],
)
def test_everything_but_2xx_is_a_failure_and_tried_again_in_five_seconds(
    behaviour: Behaviour, status: int | None, error: str
) -> None:
    with receiver(behaviour) as here:
        delivery = attempt(message_to(here))
    assert (delivery.state, delivery.attempts, delivery.last_status) == (State.PENDING, 1, status)
    assert delivery.last_error == error
    assert delivery.next_attempt_at is not None
    assert timedelta(seconds=3) < delivery.next_attempt_at - timezone.now() < timedelta(seconds=6)
    assert delivery.next_attempt_at in [job.scheduled_at for job in jobs_of(delivery)]
    assert len(here.requests) == 1
    assert delivery.endpoint.is_active


def test_a_redirect_is_not_followed_not_even_to_a_public_place() -> None:
    with receiver() as elsewhere, receiver(answering(308, Location=elsewhere.url())) as here:
        attempt(message_to(here))
    assert elsewhere.requests == []


def test_a_receiver_that_asks_for_a_pause_gets_it() -> None:
    with receiver(answering(429, Retry_After="3600")) as here:
        delivery = attempt(message_to(here))
    assert delivery.next_attempt_at is not None
    assert timedelta(minutes=59) < delivery.next_attempt_at - timezone.now() <= timedelta(hours=1)


def test_the_whole_schedule_is_gone_through_with_one_id_and_fresh_timestamps() -> None:
    with receiver(answering(503)) as here:
        delivery = message_to(here)
        for number, planned in enumerate(DELAYS, start=1):
            delivery = attempt(delivery)
            assert (delivery.state, delivery.attempts) == (State.PENDING, number)
            assert delivery.next_attempt_at is not None
            assert planned * 0.99 < delivery.next_attempt_at - timezone.now() <= planned * 1.11
        delivery = attempt(delivery)
    assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == (State.FAILED, MAX_ATTEMPTS, None)
    assert len(here.requests) == MAX_ATTEMPTS
    assert {got.headers["webhook-id"] for got in here.requests} == {delivery.message_id}
    for got in here.requests:
        Webhook(delivery.endpoint.secret).verify(got.body, got.headers)


def test_after_an_outage_the_message_gets_through_under_the_same_id() -> None:
    with receiver(answering(500)) as here:
        delivery = attempt(message_to(here))
    with receiver() as back:
        WebhookEndpoint.objects.update(url=back.url())
        delivery = attempt(delivery)
    assert delivery.state == State.SUCCEEDED
    assert delivery.last_error == ""
    assert back.requests[0].headers["webhook-id"] == here.requests[0].headers["webhook-id"]
