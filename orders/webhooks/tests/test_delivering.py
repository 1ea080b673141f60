"""Messages to real receivers on loopback."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook, WebhookVerificationError

from catalog.outbound.asking import Patience
from orders.errors import EndpointOff
from orders.webhooks import delivering
from orders.webhooks.events import Data
from orders.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.webhooks.retrying import DELAYS, MAX_ATTEMPTS
from orders.webhooks.tests.factories import EndpointFactory
from shop.testing.receivers import (
    Behaviour,
    Handler,
    Receiver,
    answering,
    dripping_body,
    dripping_head,
    endless_body,
    hanging_up,
    receiver,
    silent,
    talking_nonsense,
)

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State
DATA: Data = {"number": "ABCDE-FGHJK"}


@pytest.fixture(autouse=True)
def development(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers on this machine may be told, and nobody is waited for."""
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = True
    monkeypatch.setattr(delivering, "PATIENCE", Patience(connect=1, total=0.3))


def message_to(here: Receiver | str, **of_endpoint: Any) -> WebhookDelivery:
    """A message that waits to be sent there."""
    endpoint = EndpointFactory.create(url=here if isinstance(here, str) else here.url(), **of_endpoint)
    delivering.enqueue_event("order.placed", lambda: [DATA])
    return WebhookDelivery.objects.get(endpoint=endpoint)


def attempt(delivery: WebhookDelivery) -> WebhookDelivery:
    """The next attempt, made now, whenever it is due."""
    WebhookDelivery.objects.filter(pk=delivery.pk, state=State.PENDING).update(next_attempt_at=timezone.now())
    delivering.deliver(delivery_id=delivery.pk)
    return WebhookDelivery.objects.select_related("endpoint").get(pk=delivery.pk)


def jobs_of(delivery: WebhookDelivery) -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=delivering.TASK, args={"delivery_id": delivery.pk}))


# --- telling


def test_an_event_that_nobody_wants_costs_one_query_and_is_not_even_described(
    django_assert_num_queries: Any,
) -> None:
    EndpointFactory.create(is_active=False)
    EndpointFactory.create(events=["order.paid"])
    with django_assert_num_queries(1):
        delivering.enqueue_event("order.placed", lambda: pytest.fail("described for nobody"))
    assert not WebhookDelivery.objects.exists()


def test_any_number_of_listeners_is_told_in_three_queries(django_assert_num_queries: Any) -> None:
    listeners = EndpointFactory.create_batch(7)
    with django_assert_num_queries(3):
        delivering.enqueue_event("order.placed", lambda: [DATA, DATA])
    deliveries = WebhookDelivery.objects.all()
    assert sorted(d.endpoint_id for d in deliveries) == sorted([endpoint.pk for endpoint in listeners] * 2)
    assert len({d.message_id for d in deliveries}) == 2
    assert all(len(jobs_of(delivery)) == 1 for delivery in deliveries)


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_told_to_nobody() -> None:
    EndpointFactory.create()
    with transaction.atomic():
        delivering.enqueue_event("order.placed", lambda: [DATA])
        (delivery,) = WebhookDelivery.objects.all()
        assert jobs_of(delivery)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()
    assert not jobs_of(delivery)


# --- success


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


# --- failure


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


# --- switching off


def test_410_switches_the_endpoint_off_and_what_waits_for_it_fails() -> None:
    with receiver(answering(410)) as here:
        delivery = message_to(here)
        delivering.enqueue_event("order.placed", lambda: [DATA])
        waiting = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
        delivery, waiting = attempt(delivery), attempt(waiting)
        delivering.enqueue_event("order.placed", lambda: [DATA])

    assert (delivery.state, delivery.last_status) == (State.FAILED, 410)
    assert not delivery.endpoint.is_active
    assert "410 Gone" in delivery.endpoint.disabled_reason
    assert (waiting.state, waiting.attempts, waiting.last_error) == (State.FAILED, 0, "The endpoint is switched off.")
    assert len(here.requests) == 1
    assert WebhookDelivery.objects.count() == 2


def give_up(delivery: WebhookDelivery) -> WebhookDelivery:
    """The last attempt, three days later."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=MAX_ATTEMPTS - 1, created_at=timezone.now() - timedelta(days=3, hours=4)
    )
    return attempt(delivery)


def test_an_endpoint_that_took_nothing_for_days_is_switched_off() -> None:
    with receiver(answering(500)) as here:
        delivery = give_up(message_to(here))
    assert delivery.state == State.FAILED
    assert not delivery.endpoint.is_active
    assert delivery.endpoint.disabled_reason.endswith("It took no message for 3 days.")


def test_an_endpoint_that_dislikes_one_message_only_stays_on() -> None:
    with receiver(answering(500)) as here:
        delivery = message_to(here)
        delivering.enqueue_event("order.placed", lambda: [DATA])
        with receiver() as well:
            other = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
            WebhookEndpoint.objects.update(url=well.url())
            assert attempt(other).state == State.SUCCEEDED
        WebhookEndpoint.objects.update(url=here.url())
        delivery = give_up(delivery)
    assert delivery.state == State.FAILED
    assert delivery.endpoint.is_active


# --- where it may go


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "https://10.0.0.7/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://localhost/",
        "https://user:pw@example.com/", "http://example.com/",
    ],
)  # fmt: skip
def test_a_target_that_slipped_in_is_refused_when_it_is_sent(settings: Any, url: str) -> None:
    """The row may be older than a rule, or written past the form."""
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = False
    delivery = attempt(message_to(url))
    assert (delivery.state, delivery.attempts, delivery.last_status) == (State.PENDING, 1, None)
    assert delivery.last_error


def test_a_name_that_leads_inside_is_refused_when_it_is_sent(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = False
    with receiver() as here:
        found = socket.getaddrinfo("127.0.0.1", here.port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
        delivery = attempt(message_to(here.url("hooks.example.com", scheme="https")))
    assert delivery.last_error == "hooks.example.com leads to 127.0.0.1, not into the public internet."
    assert here.requests == []


# --- crashes


class Killed(BaseException):
    """The process ends here."""


def killed(*args: Any, **kwargs: Any) -> None:
    raise Killed


def test_a_process_that_dies_after_sending_sends_again_under_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as here:
        delivery = message_to(here)
        with monkeypatch.context() as crash:
            crash.setattr(delivering, "_conclude", killed)
            with pytest.raises(Killed):
                delivering.deliver(delivery_id=delivery.pk)
        delivering.deliver(delivery_id=delivery.pk)  # the claim still holds
        assert len(here.requests) == 1

        # The claim has run out, and the sweeper comes along.
        WebhookDelivery.objects.update(next_attempt_at=timezone.now() - delivering.OVERDUE - timedelta(seconds=1))
        before = len(jobs_of(delivery))
        delivering.resume_overdue()
        assert len(jobs_of(delivery)) == before + 1
        delivering.deliver(delivery_id=delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.SUCCEEDED, 2)
    first, second = here.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message_id
    assert first.body == second.body


def test_what_is_due_or_under_way_is_not_taken_up_twice(django_assert_num_queries: Any) -> None:
    message_to("https://hooks.example.com/")
    with django_assert_num_queries(1):
        delivering.resume_overdue()


def test_a_late_end_of_an_attempt_does_not_overrule_a_later_one() -> None:
    with receiver() as here:
        delivery = message_to(here)
        lost = delivering._claim(delivery.pk)
        assert lost is not None
        delivering.send_again(delivery=delivery)
        assert attempt(delivery).state == State.SUCCEEDED
        delivering._conclude(lost, delivering.Outcome(error="too late"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.SUCCEEDED, "")


# --- by hand


def test_a_failed_message_is_sent_again_under_its_id() -> None:
    with receiver(answering(500)) as here:
        delivery = message_to(here)
        delivering.enqueue_event("order.placed", lambda: [DATA])
        delivery = give_up(delivery)
        WebhookEndpoint.objects.update(is_active=True)
        delivering.send_again(delivery=delivery)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
        delivering.deliver(delivery_id=delivery.pk)
    assert {got.headers["webhook-id"] for got in here.requests} == {delivery.message_id}


def test_a_test_message_goes_to_one_endpoint_whatever_it_listens_to() -> None:
    with receiver() as here, receiver() as other:
        endpoint = EndpointFactory.create(url=here.url(), events=[])
        EndpointFactory.create(url=other.url())
        delivering.deliver(delivery_id=delivering.send_test(endpoint=endpoint).pk)
    (got,) = here.requests
    assert json.loads(got.body)["type"] == "webhook.test"
    assert other.requests == []


def test_nothing_is_sent_by_hand_to_an_endpoint_that_is_off() -> None:
    delivery = message_to("https://hooks.example.com/")
    WebhookEndpoint.objects.update(is_active=False)
    with pytest.raises(EndpointOff):
        delivering.send_again(delivery=delivery)
    with pytest.raises(EndpointOff):
        delivering.send_test(endpoint=delivery.endpoint)
    assert WebhookDelivery.objects.count() == 1


def test_a_new_secret_signs_beside_the_old_one_for_a_day() -> None:
    with receiver() as here:
        delivery = message_to(here)
        old = delivery.endpoint.secret
        new = delivering.rotate_secret(endpoint=delivery.endpoint).secret
        attempt(delivery)
        delivering.send_again(delivery=delivery)
        WebhookEndpoint.objects.update(previous_secret_until=timezone.now())
        attempt(delivery)
    during, after = here.requests
    assert old != new
    for secret in (old, new):
        assert Webhook(secret).verify(during.body, during.headers)
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


def test_settled_messages_are_forgotten_after_a_month() -> None:
    endpoint = EndpointFactory.create()
    old = timezone.now() - timedelta(days=31)
    for name, state, created in (
        ("old", State.SUCCEEDED, old),
        ("failed", State.FAILED, old),
        ("waiting", State.PENDING, old),
        ("young", State.SUCCEEDED, timezone.now()),
    ):
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            message_id=name,
            event="order.placed",
            payload="{}",
            state=state,
            created_at=created,
            next_attempt_at=timezone.now() if state == State.PENDING else None,
        )
    delivering.forget_old()
    assert set(WebhookDelivery.objects.values_list("message_id", flat=True)) == {"waiting", "young"}
