from orders.models.cart import Cart, CartLine
from orders.models.idempotency import IdempotencyRecord
from orders.models.order import Order, OrderEvent, OrderLine
from orders.payments.models import Payment

__all__ = ["Cart", "CartLine", "IdempotencyRecord", "Order", "OrderEvent", "OrderLine", "Payment"]
