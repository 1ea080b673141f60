"""What a person does in the shop with a browser, in words of what they see."""

from __future__ import annotations

import re
import threading

from django.core import mail
from django.db import connection
from playwright.sync_api import Page, expect

from shop.testing.worker import work_off_the_queue


class Visitor:
    """A person at a browser window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def walk_to(self, product: str, category: str = "Kitchen") -> None:
        """From the home page through a category to a product."""
        self.page.goto("/")
        self.page.locator("footer").get_by_role("link", name=category, exact=True).click()
        self.page.get_by_role("link", name=product).click()
        expect(self.page.get_by_role("heading", name=product)).to_be_visible()

    def put_into_cart(self, product: str, quantity: int = 1) -> None:
        self.walk_to(product)
        self.page.get_by_label("Quantity").fill(str(quantity))
        self.page.get_by_role("button", name="Add to cart").click()
        expect(self.page.locator("#messages")).to_contain_text(f"“{product}” is in your cart.")

    def expect_pieces(self, number: int) -> None:
        """The number beside the cart in the header."""
        expect(self.page.locator("#cart-link .site-tool__count")).to_have_text(re.compile(rf"^{number}\b"))

    def open_cart(self) -> None:
        self.page.locator("#cart-link").click()
        expect(self.page.get_by_role("heading", name="Your cart")).to_be_visible()

    def go_to_checkout(self) -> None:
        self.open_cart()
        self.page.get_by_role("link", name="Checkout").click()
        expect(self.page.get_by_role("heading", name="Checkout")).to_be_visible()

    def fill_in_address(self) -> None:
        self.page.get_by_label("Full name").fill("Ada Archer")
        self.page.get_by_label("Street and number").fill("Gartenweg 7")
        self.page.get_by_label("Postcode").fill("10115")
        self.page.get_by_label("Town or city").fill("Berlin")
        self.page.get_by_label("Country").select_option("DE")

    def review(self) -> None:
        self.page.get_by_role("button", name="Review the order").click()
        expect(self.page.get_by_role("heading", name="Review your order")).to_be_visible()

    def place(self) -> str:
        """Order; returns the number."""
        self.page.get_by_role("button", name="Place order").click()
        expect(self.page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
        return self.page.locator(".thanks .order-number").inner_text()

    def sign_up(self, username: str, email: str, password: str) -> None:
        """Open an account, confirm the address through the e-mail, log in."""
        page = self.page
        page.goto("/account/signup/")
        for name, value in {"email": email, "username": username, "password1": password, "password2": password}.items():
            page.locator(f"input[name={name}]").fill(value)
        page.get_by_role("button", name="Create account").click()
        expect(page.locator("main")).to_contain_text("e-mail")
        page.goto(link_in_mail_to(email))
        page.get_by_role("button", name="confirm").click()
        self.log_in(username, password)

    def log_in(self, username: str, password: str) -> None:
        self.page.goto("/account/login/")
        self.page.locator("input[name=login]").fill(username)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main").get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("link", name="Account", exact=True)).to_be_visible()


def link_in_mail_to(email: str) -> str:
    """The first link in the last message to this person, as a path of the shop."""
    run_worker()
    body = str([message for message in mail.outbox if message.to == [email]][-1].body)
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found, body
    return found[1]


def run_worker() -> None:
    """Let the worker send what is waiting; in a thread of its own, as Playwright's event loop runs in this one."""

    def run() -> None:
        try:
            work_off_the_queue()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
