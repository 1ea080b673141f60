"""The machine's hands: a guest, a clerk and a keeper of the stock, over real HTTP."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx

from orders.tests.api.people import ADDRESS, bearer

API = "/api/v1"


class Hands:
    """Sends requests to a live shop; every answer must be one that the shop means to give."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30, follow_redirects=True)
        self.staff = bearer("bob")
        self.keeper = bearer("clara")
        self.cart_token = ""

    def close(self) -> None:
        self.http.close()

    def send(self, method: str, path: str, *, expect: set[int], **options: Any) -> httpx.Response:
        answer = self.http.request(method, path, **options)
        assert answer.status_code in expect, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def as_staff(self, method: str, path: str, body: Any = None, *, expect: set[int]) -> httpx.Response:
        headers = self.staff | {"Idempotency-Key": str(uuid.uuid4())}
        return self.send(method, f"{API}{path}", json=body, headers=headers, expect=expect)

    # --- the shelf

    def create_product(self, name: str, price: int, stock: int) -> dict[str, Any]:
        body = {"name": name, "price": f"{price / 100:.2f}", "stock_quantity": stock}
        product: dict[str, Any] = self.send(
            "POST", f"{API}/products/", json=body, headers=self.keeper, expect={201}
        ).json()
        return product

    def set_available(self, slug: str, variant: int, available: int) -> None:
        path = f"{API}/products/{slug}/variants/{variant}/"
        self.send("PATCH", path, json={"stock_quantity": available}, headers=self.keeper, expect={200})

    def product(self, slug: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.send("GET", f"{API}/products/{slug}/", expect={200}).json()
        return shown

    # --- the guest

    def in_cart(self) -> dict[str, str]:
        return {"X-Cart-Token": self.cart_token} if self.cart_token else {}

    def add(self, variant: int, quantity: int) -> int:
        body = {"variant": variant, "quantity": quantity}
        answer = self.send("POST", f"{API}/cart/items/", json=body, headers=self.in_cart(), expect={201, 409})
        if answer.status_code == 201:
            self.cart_token = answer.json()["token"]
        return answer.status_code

    def put_coupon(self, code: str) -> int:
        path = f"{API}/cart/coupon/"
        return self.send("PUT", path, json={"code": code}, headers=self.in_cart(), expect={200, 409}).status_code

    def cart(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.send("GET", f"{API}/cart/", headers=self.in_cart(), expect={200}).json()
        return shown

    def place(self, method: str, key: str) -> httpx.Response:
        body = {"email": "guest@example.com", "shipping_address": ADDRESS, "payment_method": method}
        headers = self.in_cart() | {"Idempotency-Key": key}
        return self.send("POST", f"{API}/orders/", json=body, headers=headers, expect={201, 409, 422})

    def order(self, number: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.as_staff("GET", f"/orders/{number}/", expect={200}).json()
        return shown

    def press_at_provider(self, redirect_url: str, act: str) -> None:
        """Choose a button on the pretend provider's page; the way back leads over the shop's return page."""
        page = self.send("GET", redirect_url, expect={200})
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token.group(1), "act": act}
        self.send("POST", redirect_url, data=form, headers={"Referer": redirect_url}, expect={200})
