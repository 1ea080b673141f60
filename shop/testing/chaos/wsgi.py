"""The shop as gunicorn serves it, with the place at which it dies."""

from shop.testing.chaos.failpoints import arm
from shop.wsgi import application

arm()

__all__ = ["application"]
