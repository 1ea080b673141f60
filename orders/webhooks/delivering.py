"""Outgoing webhooks: messages are written with what they tell, and sent by jobs until somebody takes them.

An attempt is three steps: it is claimed in a transaction, the request is made outside any, and what came of it is
written in another. A process that dies in between leaves a claim that runs out, and the message is sent again under
the same id: every message arrives at least once, and its id tells receivers what they have already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from catalog.outbound.addresses import AddressRefused, Target, parse_target
from catalog.outbound.asking import Answer, NoAnswer, Patience, ask, look_up
from orders.errors import EndpointOff
from orders.locks import retried
from orders.webhooks import sealing, signing
from orders.webhooks.events import TEST_EVENT, Data, EventName
from orders.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from orders.webhooks.retrying import delay_after, wished_pause

TASK = "orders.deliver_webhook"
PATIENCE = Patience(connect=5, total=15)
CLAIM = timedelta(minutes=2)  # an attempt that has not told its end by then is lost with its process
OVERDUE = timedelta(minutes=10)
KEPT = timedelta(days=30)
OLD_SECRET_SIGNS = timedelta(hours=24)
EXCERPT = 1000  # bytes of an error page that are looked at

State = WebhookDelivery.State


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: the status if there was an answer, and what went wrong if it was no success."""

    status: int | None = None
    error: str = ""
    pause: timedelta = timedelta()

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_farewell(self) -> bool:
        """410 Gone: the receiver wants nothing any more."""
        return self.status == 410


def target_of(url: str) -> Target:
    """The parts of an endpoint's URL. Raises AddressRefused."""
    return parse_target(url, allow_local=settings.SHOP_WEBHOOKS_ALLOW_PRIVATE)


def expect_public(url: str) -> None:
    """Raises AddressRefused for a URL that must not be called, as far as can be told now.

    A name that is not known yet passes: it is looked up, and checked, for every attempt.
    """
    with suppress(NoAnswer):
        look_up(target_of(url), allow_local=settings.SHOP_WEBHOOKS_ALLOW_PRIVATE)


def enqueue_event(event: EventName, describe: Callable[[], Sequence[Data]]) -> None:
    """Tell every endpoint that listens, once the caller's transaction is committed.

    `describe` gives the data of one or more messages; it is asked only if somebody listens, so that an event that
    nobody wants costs one query.
    """
    endpoints = list(WebhookEndpoint.objects.listening_to(event).values_list("pk", flat=True))
    if endpoints:
        _write(endpoints, event, describe())


@retried
def send_test(*, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send a message that tells nothing, whatever the endpoint listens to. Raises EndpointOff."""
    with transaction.atomic(durable=True):
        _expect_active(endpoint)
        (delivery,) = _write([endpoint.pk], TEST_EVENT, [{"message": "This is a test."}])
        return delivery


@retried
def send_again(*, delivery: WebhookDelivery) -> None:
    """Send a message once more, under its id, with a fresh row of attempts. Raises EndpointOff."""
    with transaction.atomic(durable=True):
        _expect_active(delivery.endpoint)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=State.PENDING, attempts=0, next_attempt_at=Now(), last_status=None, last_error=""
        )
        _enqueue([delivery.pk])


@retried
def rotate_secret(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Give the endpoint a new secret; the one so far signs beside it for a day, so that no message is lost.

    One that cannot be read any more signs nothing.
    """
    with transaction.atomic(durable=True):
        locked = WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",)).get(pk=endpoint.pk)
        locked.previous_sealed_secret = locked.sealed_secret if sealing.is_readable(locked.sealed_secret) else ""
        locked.sealed_secret = sealing.seal(signing.new_secret())
        locked.previous_secret_until = timezone.now() + OLD_SECRET_SIGNS
        locked.save(update_fields=["sealed_secret", "previous_sealed_secret", "previous_secret_until"])
        return locked


@retried
def seal_secrets_anew() -> None:
    """After SECRET_KEY was changed: seal with the new one what the old one, among the fallbacks, still opens."""
    with transaction.atomic(durable=True):
        for endpoint in WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",)).order_by("pk"):
            before = endpoint.sealed_secret, endpoint.previous_sealed_secret
            endpoint.sealed_secret, endpoint.previous_sealed_secret = (sealing.seal_anew(each) for each in before)
            if (endpoint.sealed_secret, endpoint.previous_sealed_secret) != before:
                endpoint.save(update_fields=["sealed_secret", "previous_sealed_secret"])


def deliver(*, delivery_id: int) -> None:
    """Make the attempt that is due, and plan the next if it fails. Once it is claimed nothing is due: twice is once."""
    claimed = _claim(delivery_id)
    if claimed is not None:
        _conclude(claimed, _send(claimed))


def resume_overdue() -> None:
    """Take up again what is long due: a process died while it made an attempt, or between two."""
    due = WebhookDelivery.objects.filter(state=State.PENDING, next_attempt_at__lt=Now() - OVERDUE)
    _enqueue(list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:1000]))


def forget_old() -> None:
    """Forget messages that were settled a month ago."""
    settled = WebhookDelivery.objects.exclude(state=State.PENDING)
    settled.filter(created_at__lt=timezone.now() - KEPT).delete()


# --- writing


def _write(endpoints: Sequence[int], event: str, messages: Sequence[Data]) -> list[WebhookDelivery]:
    """One delivery for each message and endpoint, and its job, in two statements."""
    named = [(signing.new_message_id(), _payload(event, data)) for data in messages]
    deliveries = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint_id=endpoint, message_id=message_id, event=event, payload=payload, next_attempt_at=Now()
        )
        for message_id, payload in named
        for endpoint in endpoints
    )
    _enqueue([delivery.pk for delivery in deliveries])
    return deliveries


def _payload(event: str, data: Data) -> str:
    """The text that is signed, stored and sent: compact, so that nobody is tempted to reformat it."""
    happened = timezone.now().isoformat().replace("+00:00", "Z")
    return json.dumps({"type": event, "timestamp": happened, "data": data}, separators=(",", ":"))


def _enqueue(deliveries: Sequence[int], at: datetime | None = None) -> None:
    if deliveries:
        # Below e-mails to customers: a receiver that hangs must not keep them waiting.
        arguments: list[JSONDict] = [{"delivery_id": pk} for pk in deliveries]
        app.configure_task(TASK, schedule_at=at, priority=-10).batch_defer(*arguments)


def _expect_active(endpoint: WebhookEndpoint) -> None:
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, is_active=True).exists():
        raise EndpointOff("The endpoint is switched off. Switch it on first.")


# --- an attempt


@retried
def _claim(delivery_id: int) -> WebhookDelivery | None:
    """The delivery, if an attempt is due; from now on it is due only after this attempt is over, or lost."""
    with transaction.atomic(durable=True):
        # All conditions stand in the UPDATE itself, and none in a join: one who waited for the row looks at it anew.
        pending = WebhookDelivery.objects.filter(pk=delivery_id, state=State.PENDING)
        active = Exists(WebhookEndpoint.objects.filter(pk=OuterRef("endpoint"), is_active=True))
        claimed = pending.filter(active, next_attempt_at__lte=Now()).update(
            attempts=F("attempts") + 1, attempted_at=timezone.now(), next_attempt_at=Now() + CLAIM
        )
        if not claimed:
            pending.filter(~active).update(
                state=State.FAILED, next_attempt_at=None, last_error="The endpoint is switched off."
            )
            return None
        return WebhookDelivery.objects.select_related("endpoint").get(pk=delivery_id)


def _send(delivery: WebhookDelivery) -> Outcome:
    """The request itself, outside any transaction."""
    now = timezone.now()
    try:
        keys = delivery.endpoint.signing_secrets(now)
    except sealing.SecretUnreadable as error:
        return Outcome(error=str(error))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shop-Webhooks/1",
        **signing.headers(keys, delivery.message_id, int(now.timestamp()), delivery.payload),
    }
    try:
        with ask(
            target_of(delivery.endpoint.url),
            method="POST",
            headers=headers,
            body=delivery.payload.encode(),
            patience=PATIENCE,
            allow_local=settings.SHOP_WEBHOOKS_ALLOW_PRIVATE,
        ) as answer:
            return _outcome(answer)
    except (AddressRefused, NoAnswer) as error:
        return Outcome(error=str(error))


def _outcome(answer: Answer) -> Outcome:
    """2xx is a success, whatever else is said; redirects are not followed."""
    if 200 <= answer.status < 300:
        return Outcome(answer.status)
    said = b""
    with suppress(NoAnswer):
        said = answer.read(EXCERPT)
    return Outcome(
        answer.status,
        error=f"Answered {answer.status}. {said.decode(errors='replace')}",
        pause=wished_pause(answer.headers.get("retry-after", "")),
    )


@retried
def _conclude(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Write down what came of the attempt; plan the next one, or give up."""
    delay = delay_after(delivery.attempts, wished=outcome.pause)
    again_at = None
    if not outcome.is_success and not outcome.is_farewell and delay is not None:
        again_at = timezone.now() + delay
    state = State.SUCCEEDED if outcome.is_success else State.PENDING if again_at else State.FAILED
    error = _one_line(outcome.error)
    with transaction.atomic(durable=True):
        WebhookAttempt.objects.create(
            delivery=delivery, at=delivery.attempted_at or timezone.now(), status=outcome.status, error=error
        )
        # Somebody may have sent it again meanwhile: then the later attempt has the last word.
        mine = WebhookDelivery.objects.filter(
            pk=delivery.pk, state=State.PENDING, attempted_at=delivery.attempted_at, attempts=delivery.attempts
        )
        if not mine.update(state=state, next_attempt_at=again_at, last_status=outcome.status, last_error=error):
            return
        if again_at is not None:
            _enqueue([delivery.pk], again_at)
        elif not outcome.is_success:
            _switch_off_if_lost(delivery, outcome)


def _one_line(text: str) -> str:
    """What a stranger's server said, fit to be stored and shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def _switch_off_if_lost(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Tell nothing more to who says farewell, nor to who took no message at all while this one was tried to the end."""
    if outcome.is_farewell:
        reason = "It answered 410 Gone."
    elif WebhookDelivery.objects.filter(
        endpoint=delivery.endpoint_id, state=State.SUCCEEDED, attempted_at__gte=delivery.created_at
    ).exists():
        return
    else:
        reason = f"It took no message for {(timezone.now() - delivery.created_at).days or 1} days."
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, is_active=True).update(
        is_active=False, disabled_reason=f"{timezone.localdate():%Y-%m-%d}: {reason}"
    )
