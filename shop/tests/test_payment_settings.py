"""Payments half configured are told at start, and browsers are told where a form may lead."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from shop.checks import refuse_unsafe_start, stripe_in_production, stripe_settings
from shop.embedded_postgres import ROOT


@pytest.fixture(autouse=True)
def production(settings: Any) -> Any:
    settings.DEBUG = False
    return settings


def found() -> list[str | None]:
    return [message.id for message in [*stripe_settings(), *stripe_in_production()]]


def test_without_stripe_there_is_nothing_to_say() -> None:
    assert found() == []


def test_a_key_without_a_webhook_secret_does_not_start_in_production(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    assert found() == ["shop.E012"]
    with pytest.raises(ImproperlyConfigured, match="STRIPE_WEBHOOK_SECRETS is not"):
        refuse_unsafe_start()
    settings.DEBUG = True
    assert found() == []


def test_stripe_set_up_wholly_is_fine(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "rk_live_1", ["whsec_1"]
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("STRIPE_SECRET_KEY", "pk_live_1", "shop.E011"),
        ("STRIPE_CAPTURE", "later", "shop.E010"),
        ("STRIPE_SECRET_KEY", "sk_test_1", "shop.W010"),
        ("SHOP_CURRENCY", "KWD", "shop.W011"),
    ],
)
def test_what_is_probably_not_meant_is_said(settings: Any, name: str, value: str, expected: str) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "sk_live_1", ["whsec_1"]
    setattr(settings, name, value)
    assert found() == [expected]


def test_forms_lead_to_the_payment_pages_and_nowhere_else(client: Client, settings: Any) -> None:
    settings.PAYMENT_PAGES = []
    assert "form-action 'self';" in client.get("/robots.txt")["Content-Security-Policy"]
    settings.PAYMENT_PAGES = ["https://checkout.stripe.com"]
    assert "form-action 'self' https://checkout.stripe.com;" in client.get("/robots.txt")["Content-Security-Policy"]
    assert "form-action 'self';" in client.get("/admin/login/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DEBUG": "true"}, "True ['http://127.0.0.1:8000']"),
        ({"DEBUG": "true", "PRETEND_PAYMENTS": "false"}, "False []"),
        ({"DEBUG": "false", "PRETEND_PAYMENTS": "true"}, "False []"),
        ({"DEBUG": "false", "STRIPE_SECRET_KEY": "sk_live_1"}, "False ['https://checkout.stripe.com']"),
    ],
)
def test_only_development_can_pretend(environment: dict[str, str], expected: str) -> None:
    asked = "from django.conf import settings; print(settings.PRETEND_PAYMENTS, settings.PAYMENT_PAGES)"
    variables = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SHOP_ENV_FILE": "",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        **environment,
    }
    answer = subprocess.run(
        [sys.executable, "-c", asked], env=variables, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.stdout.strip() == expected, answer.stderr
