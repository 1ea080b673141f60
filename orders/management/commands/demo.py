"""Fills the shop with a believable demo: assortment, people, and ninety days of orders."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from catalog.demo.loading import load_catalogue
from catalog.models import Product
from orders.demo.coupons import COUPONS, load_coupons
from orders.demo.loading import load_history
from orders.demo.people import PASSWORD, PEOPLE, load_people
from orders.demo.receivers import load_receiver
from orders.demo.returns import load_returns
from orders.demo.selling import load_selling
from orders.demo.today import load_today
from orders.models import Order


class Command(BaseCommand):
    help = "Fill the shop with demo products, accounts and orders. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, metavar="N", help="have N products (default: the assortment)")
        parser.add_argument("--no-images", action="store_true", help="draw no pictures (faster)")
        parser.add_argument("--force", action="store_true", help="also in production, whatever that means")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "The demo creates an administrator whose password everybody knows, so it does not run with DEBUG "
                "off. If this shop is for show only, add --force."
            )
        if options["products"] is not None and options["products"] < 1:
            raise CommandError("--products must be at least 1.")
        started, now = time.monotonic(), timezone.now()
        loaded = load_catalogue(now=now, products=options["products"], with_pictures=not options["no_images"])
        accounts = load_people()
        load_selling()
        load_coupons(now=now)
        orders = load_history(now=now)
        load_returns(now=now)
        load_receiver()
        orders += load_today()
        self.stdout.write(
            f"Demo shop: {loaded.products} products, {loaded.categories} categories, {loaded.pictures} pictures, "
            f"{accounts} accounts and {orders} orders are new "
            f"({Product.objects.count()} products and {Order.objects.count()} orders in all, "
            f"{time.monotonic() - started:.1f} s)."
        )
        self.stdout.write(f"Coupons: {'; '.join(f'{coupon.code} ({coupon.says})' for coupon in COUPONS)}.")
        self.stdout.write(f"Accounts, all with the password {PASSWORD}:")
        for person in PEOPLE:
            self.stdout.write(f"  {person.username:<6} {person.email:<18} {person.does}")
