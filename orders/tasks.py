"""Background jobs: thin doors to the acts. Each may run twice; the acts make that harmless."""

from __future__ import annotations

import logging

from django.conf import settings
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from idempotency import keys
from orders import cart, documents, emails, expiry, giving_back, provider_events, reconciling, settlement
from orders.importing import running
from orders.webhooks import delivering

logger = logging.getLogger("shop.payments")
MOST_TRIES = 10
# 4, 16, 64 … seconds: ten tries last for days.
PATIENT = RetryStrategy(max_attempts=MOST_TRIES, exponential_wait=4)


@app.task(name="orders.send_message", queue="mail", retry=PATIENT)
def send_message(*, order_id: int, message: str, about: int | None = None, copy: int = 1) -> None:
    """Send one e-mail about an order, unless the timeline says that it was sent."""
    emails.send(order_id=order_id, message=message, about=about, copy=copy)


@app.task(name="orders.issue_invoice", retry=PATIENT)
def issue_invoice(*, order_id: int) -> None:
    """Issue the invoice of a paid order, and have it sent."""
    documents.issue_invoice(order_id=order_id)


@app.task(name="orders.issue_credit_note", retry=PATIENT)
def issue_credit_note(*, refund_id: int) -> None:
    """Issue the credit note of a refund that has arrived, and have it sent."""
    documents.issue_credit_note(refund_id=refund_id)


@app.task(name=running.TASK, queue="imports", retry=PATIENT)
def run_import(*, run_id: int) -> None:
    """Take a file of orders in, from the line where the run stands."""
    running.carry_out(run_id=run_id)


@app.task(name="orders.apply_event", queue="payments", retry=PATIENT)
def apply_event(*, event_id: int) -> None:
    """Deal with a provider's message."""
    provider_events.deal_with(event_id=event_id)


@app.task(name="orders.void_payment", queue="payments", retry=PATIENT)
def void_payment(*, payment_id: int) -> None:
    """Make sure that a payment that was called off cannot take place at its provider."""
    settlement.void(payment_id=payment_id)


@app.task(name="orders.capture_payment", queue="payments", retry=PATIENT)
def capture_payment(*, payment_id: int) -> None:
    """Take authorized money."""
    settlement.capture(payment_id=payment_id)


@app.task(name="orders.send_refund", queue="payments", retry=PATIENT)
def send_refund(*, refund_id: int) -> None:
    """Have money given back."""
    giving_back.send_refund(refund_id=refund_id)


@app.periodic(cron="* * * * *")
@app.task(name="orders.expire", queue="payments", queueing_lock="orders.expire")
def expire(timestamp: int) -> None:
    """Call off the orders that were not paid in time."""
    expiry.expire_due()


@app.periodic(cron="*/5 * * * *")
@app.task(name="orders.reconcile", queue="payments", queueing_lock="orders.reconcile")
def reconcile(timestamp: int) -> None:
    """Ask the payment providers about what has been open for a while."""
    for finding in reconciling.reconcile(batch=reconciling.BATCH):
        if finding.is_healed or finding.problem:
            logger.warning("Reconciled %s", finding)


@app.periodic(cron="37 3 * * *")
@app.task(name="orders.tidy")
def tidy(timestamp: int) -> None:
    """Forget carts that guests have left behind, answers to old idempotency keys, and old webhook messages; seal the
    endpoints' secrets with today's key."""
    cart.forget_abandoned()
    keys.forget_old()
    delivering.forget_old()
    delivering.seal_secrets_anew()


@app.task(name="orders.deliver_webhook", queue="webhooks", retry=RetryStrategy(max_attempts=5, wait=30))
def deliver_webhook(*, delivery_id: int) -> None:
    """Make one attempt to deliver a message; the attempts after it are jobs of their own."""
    delivering.deliver(delivery_id=delivery_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="orders.resume_webhooks", queue="webhooks")
def resume_webhooks(timestamp: int) -> None:
    """Send what a process that died has left."""
    delivering.resume_overdue()


@app.periodic(cron="* * * * *")
@app.task(name="orders.take_over", queueing_lock="orders.take_over", pass_context=True)
async def take_over(context: JobContext, timestamp: int) -> None:
    """Do again what workers that were killed had begun: nobody else would, and an e-mail would be lost.

    A job that has killed its worker again and again is left alone.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=settings.WORKER_LOST_AFTER):
        if job.attempts < MOST_TRIES:
            await jobs.retry_job(job)
