"""Every letter, as its reader sees it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts import emails
from accounts.models import User

pytestmark = pytest.mark.django_db


def facts_for(event: str, user: User) -> dict[str, Any]:
    if event == "confirm-email":
        EmailAddress.objects.update(verified=False)
        return {"address_id": EmailAddress.objects.get().pk}
    if event == "unknown-address":
        return {"email": "nobody@example.com"}
    if event == "email-changed":
        return {"user_id": user.pk, "old_email": "old@example.com"}
    return {"user_id": user.pk}


@pytest.mark.parametrize("event", emails.LETTERS)
def test_the_letter_has_text_html_and_a_link_to_the_configured_site(alice: User, settings: Any, event: str) -> None:
    settings.SITE_URL = "https://shop.example"
    emails.send(event, facts_for(event, alice), job=7)
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert len(message.to) == 1
    assert message.subject
    assert "\n" not in message.subject
    [html] = message.alternatives
    for body in (str(message.body), str(html[0])):
        assert "https://shop.example" in body
        assert "{{" not in body
    assert message.extra_headers["Message-ID"] == f"<account.{event}.7@example.com>"


def test_nothing_is_said_about_an_address_that_is_confirmed_by_now(alice: User) -> None:
    emails.send("confirm-email", {"address_id": EmailAddress.objects.get().pk}, job=1)
    assert mail.outbox == []


@pytest.mark.parametrize("event", ["reset-password", "already-registered"])
def test_nothing_is_sent_to_an_account_that_is_switched_off(alice: User, event: str) -> None:
    User.objects.update(is_active=False)
    emails.send(event, {"user_id": alice.pk}, job=1)
    assert mail.outbox == []


def test_names_are_inert_in_html(alice: User) -> None:
    User.objects.update(first_name="<b>Alice</b> & Co")
    emails.send("password-changed", {"user_id": alice.pk}, job=1)
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert "<b>Alice</b>" not in str(message.alternatives[0][0])
    assert "Hello <b>Alice</b> & Co," in str(message.body)


def test_who_registers_somebody_elses_address_cannot_write_to_them(alice: User) -> None:
    """The first letter goes to whom the address belongs to, and must not carry a stranger's text."""
    User.objects.update(first_name="Visit evil.example")
    emails.send("confirm-email", facts_for("confirm-email", alice), job=1)
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert "evil" not in str(message.body) + str(message.alternatives[0][0])
