"""Orders as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.email_addresses import canonical_email, validate_mailbox
from accounts.models import one_line
from catalog.api.fields import AmountField, TextField
from orders.access import guest_token, order_link
from orders.api.cart_serializers import CouponSerializer, TaxSumSerializer
from orders.api.fields import (
    CodeField,
    MomentField,
    OneLineField,
    PaymentMethodField,
    QuantityField,
    RateField,
    TokenField,
    TotalField,
    VariantReferenceField,
)
from orders.api.shipment_serializers import ShipmentSerializer
from orders.editing import address_version
from orders.emails import payment_instructions
from orders.forms import phone_number, vat_number
from orders.lifecycle import customer_may_cancel, is_payable
from orders.models import Order, OrderEvent, OrderLine, Refund
from orders.paying import failure_of
from orders.pricing import ShownCoupon
from orders.returns.reading import last_day
from orders.timeline import told

ORDERINGS = {
    "placed_at": ("placed_at", "pk"),
    "-placed_at": ("-placed_at", "-pk"),
    "total": ("total", "pk"),
    "-total": ("-total", "-pk"),
}


class ItemInput(serializers.Serializer[Any]):
    variant = VariantReferenceField()
    quantity = QuantityField()


class ShippingAddressInput(serializers.Serializer[Any]):
    name = OneLineField(max_length=120)
    line1 = OneLineField(max_length=160)
    line2 = OneLineField(max_length=160, required=False, allow_blank=True)
    city = OneLineField(max_length=120)
    region = OneLineField(max_length=120, required=False, allow_blank=True)
    postcode = OneLineField(max_length=20, required=False, allow_blank=True)
    country = serializers.ChoiceField(
        choices=settings.SHOP_COUNTRIES,
        help_text="ISO 3166 code of a country we ship to.",
        error_messages={"invalid_choice": "We do not ship to this country."},
    )
    phone = TextField(max_length=40, required=False, allow_blank=True, validators=[phone_number])


class EmailAddressField(serializers.EmailField):
    """An e-mail address in its one spelling."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)
        self.validators += [one_line, validate_mailbox]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This must be a text.")
        return super().to_internal_value(data)


class PurchaseInput(serializers.Serializer[Any]):
    """What is to be bought (`items`, or else a cart), by whom, with which coupon, and how it is shipped."""

    items = ItemInput(  # type: ignore[call-arg]  # the options of a list
        many=True,
        required=False,
        allow_empty=False,
        max_length=settings.CART_MAX_LINES,
        help_text="Left out: the customer's open cart, or the guest's of `cart` or `X-Cart-Token`, is ordered.",
    )
    cart = TokenField(required=False, help_text="Token of a guest's cart that is to be ordered.")
    email = EmailAddressField(required=False, help_text="Customers' default is their own.")
    shipping_method = CodeField(
        max_length=20,
        required=False,
        help_text="The `code` of a shipping option of `checkout/quote/`; the first when left out.",
    )
    coupon = CodeField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="Left out: the cart's own; empty: none. One that would take nothing off is not spent.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "cart" in attrs and self.context["customer"] is not None:
            raise serializers.ValidationError(
                {"cart": ["Customers order their own cart. Merge this one into it first."]}
            )
        if "cart" in attrs and "items" in attrs:
            raise serializers.ValidationError({"cart": ["Give items or a cart, not both."]})
        if "email" in attrs:
            attrs["email"] = canonical_email(attrs["email"])
        return attrs


class OrderInput(PurchaseInput):
    """What to order, for whom, and where it goes. Prices are the shop's to say."""

    email = EmailAddressField(required=False, help_text="Required for guests; customers' default is their own.")
    shipping_address = ShippingAddressInput()
    payment_method = PaymentMethodField(required=False, help_text="The first of `checkout/options/` when left out.")
    vat_number = TextField(
        max_length=20, required=False, allow_blank=True, validators=[vat_number], help_text="For the invoice."
    )
    expected_total = TotalField(
        required=False, help_text="The total the shopper was shown; another one is a conflict, never a surprise."
    )
    note = TextField(required=False, allow_blank=True, max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "email" not in attrs and self.context["customer"] is None:
            raise serializers.ValidationError({"email": ["This field is required."]})
        return super().validate(attrs)


class LineSerializer(serializers.Serializer[OrderLine]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    product_name = serializers.CharField()
    variant_name = serializers.CharField(help_text="Empty for a product with one variant.")
    variant = serializers.IntegerField(
        source="variant_id", allow_null=True, help_text="Null in imported orders, for what was never sold here."
    )
    unit_price = AmountField()
    quantity = serializers.IntegerField()
    discount = AmountField()
    total = AmountField(help_text="Quantity × unit price − discount.")
    tax_rate = RateField(help_text="Percent.")
    tax = AmountField(help_text="Part of the total, or on top of it, as the order's `prices_include_tax` says.")
    shipped = serializers.IntegerField()
    cancelled = serializers.IntegerField(help_text="Pieces that will not be shipped.")
    returned = serializers.IntegerField()


class ShippingAddressSerializer(serializers.Serializer[Order]):
    name = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()


class EventSerializer(serializers.Serializer[OrderEvent]):
    kind = serializers.ChoiceField(choices=OrderEvent.Kind.choices)
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    message = serializers.CharField()
    created_at = serializers.DateTimeField()


class PaymentSerializer(serializers.Serializer[Order]):
    """How the order is paid, and what the shopper has to do for it."""

    method = serializers.CharField(source="payment_method")
    instructions = serializers.SerializerMethodField(help_text="Empty when there is nothing to do.")
    redirect_url = serializers.SerializerMethodField(help_text="Where to send the shopper to pay, if anywhere.")
    can_pay = serializers.SerializerMethodField(
        help_text="It can be paid (again) or in another way now: `POST payments/`."
    )
    failure = serializers.SerializerMethodField(help_text="Why the last attempt came to nothing; else empty.")

    def get_can_pay(self, order: Order) -> bool:
        return is_payable(order)

    def get_failure(self, order: Order) -> str:
        return failure_of(order)

    def get_instructions(self, order: Order) -> str:
        return payment_instructions(order)

    def get_redirect_url(self, order: Order) -> str | None:
        url: str | None = self.context.get("redirect_url")
        return url


class GivenBackSerializer(serializers.Serializer[Refund]):
    """Money that goes back to the customer."""

    id = serializers.IntegerField()
    amount = AmountField()
    state = serializers.ChoiceField(choices=Refund.State.choices)
    created_at = serializers.DateTimeField()


class ListedOrderSerializer(serializers.Serializer[Order]):
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Order.Status.choices)
    payment_status = serializers.ChoiceField(choices=Order.PaymentStatus.choices)
    payment_method = serializers.CharField()
    channel = serializers.ChoiceField(
        choices=Order.Channel.choices, help_text="How it came in; `imported`: placed elsewhere, before this shop."
    )
    external_number = serializers.CharField(help_text="Its number where it was imported from; else empty.")
    email = serializers.EmailField()
    currency = serializers.CharField()
    lines = LineSerializer(many=True)
    subtotal = AmountField()
    discount = AmountField(help_text="Of the goods. What a coupon takes off shipping is in `coupon.saved`.")
    coupon = serializers.SerializerMethodField(help_text="The coupon it was placed with, if any.")
    shipping = AmountField()
    tax = AmountField(help_text="All of it, of lines and shipping.")
    prices_include_tax = serializers.BooleanField(help_text="Prices and shipping contain the tax; else it is on top.")
    total = AmountField()
    placed_at = serializers.DateTimeField()

    @extend_schema_field(CouponSerializer(allow_null=True))
    def get_coupon(self, order: Order) -> Any:
        if not order.coupon_code:
            return None
        return CouponSerializer(ShownCoupon(order.coupon_code, order.redemption.amount)).data


class OrderSerializer(ListedOrderSerializer):
    """An order in full. With `guest` in the context it is shown to whoever holds its token, with the token; with
    `staff` to who may see all orders."""

    taxes = TaxSumSerializer(many=True)
    shipping_tax = AmountField()
    shipping_tax_rate = RateField(help_text="Percent.")
    shipping_method = serializers.CharField()
    shipping_estimate = serializers.CharField(help_text="How long it takes, in words, as it was promised.")
    shipping_address = ShippingAddressSerializer(source="*")
    shipping_address_version = serializers.SerializerMethodField(
        help_text="Another one after every correction; who corrects the address sends the one that was looked at."
    )
    vat_number = serializers.CharField()
    shipments = ShipmentSerializer(many=True)
    note = serializers.CharField(source="customer_note")
    payment = PaymentSerializer(source="*")
    expires_at = serializers.DateTimeField(help_text="Unpaid until then, it is called off; null: never.")
    refunds = GivenBackSerializer(many=True)
    timeline = serializers.SerializerMethodField(
        help_text="Customers read what concerns them, in plain words; staff every entry but notes, as it was written."
    )
    returnable_until = serializers.SerializerMethodField(
        help_text="The last moment to ask for a return; null while nothing has been delivered."
    )
    can_cancel = serializers.SerializerMethodField(help_text="The customer may still cancel it.")
    link = serializers.SerializerMethodField(
        help_text="The order's page; signed for guests, null for others who look at a guest's order."
    )
    token = serializers.SerializerMethodField(
        help_text="For guests: what `X-Order-Token` takes. Whoever has it can see and cancel the order."
    )

    @extend_schema_field(EventSerializer(many=True))
    def get_timeline(self, order: Order) -> list[dict[str, Any]]:
        if self.context.get("staff"):
            written: Any = [event for event in order.events.all() if event.kind != OrderEvent.Kind.NOTE]
            return list(EventSerializer(written, many=True).data)
        return [EventSerializer(event).data | {"message": text} for event, text in told(order.events.all())]

    def get_shipping_address_version(self, order: Order) -> str:
        return address_version(order)

    def get_returnable_until(self, order: Order) -> datetime | None:
        return last_day(order)

    def get_can_cancel(self, order: Order) -> bool:
        return customer_may_cancel(order)

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_link(self, order: Order) -> str | None:
        return order_link(order) if order.customer_id or self.context.get("guest") else None

    def get_token(self, order: Order) -> str | None:
        return guest_token(order.number) if self.context.get("guest") and not order.customer_id else None


class OrderQuery(serializers.Serializer[Any]):
    """The parameters of the order list."""

    status = serializers.ChoiceField(choices=Order.Status.choices, required=False)
    payment_status = serializers.ChoiceField(choices=Order.PaymentStatus.choices, required=False)
    email = serializers.CharField(required=False, max_length=254, help_text="In full, without regard to case.")
    number = serializers.CharField(required=False, max_length=20)
    placed_from = MomentField(required=False, help_text="Placed then or later; a date begins its day.")
    placed_to = MomentField(required=False, end=True, help_text="Placed before then; a date includes its day.")
    ordering = serializers.ChoiceField(choices=sorted(ORDERINGS), required=False, help_text="Newest first by default.")
