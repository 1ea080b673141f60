from orders.invoices.models import Invoice, InvoiceCounter
from orders.models.cart import Cart, CartLine
from orders.models.imports import OrderImport
from orders.models.order import Order, OrderEvent, OrderLine
from orders.payments.models import Payment, ProviderEvent, Refund, RefundLine
from orders.payments.pretend.models import PretendPayment, PretendRefund
from orders.promotions.models import Coupon, Redemption
from orders.returns.models import Return, ReturnLine
from orders.shipping.models import RateStep, Shipment, ShipmentLine, ShippingMethod, ShippingZone, ZoneArea
from orders.tax.models import TaxRate
from orders.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Cart", "CartLine", "Coupon", "Invoice", "InvoiceCounter", "Order", "OrderEvent", "OrderImport", "OrderLine",
    "Payment", "PretendPayment", "PretendRefund", "ProviderEvent", "RateStep", "Redemption", "Refund", "RefundLine",
    "Return", "ReturnLine", "Shipment", "ShipmentLine", "ShippingMethod", "ShippingZone", "TaxRate",
    "WebhookAttempt", "WebhookDelivery", "WebhookEndpoint", "ZoneArea",
]  # fmt: skip
