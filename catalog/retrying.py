"""Acts that are run again when PostgreSQL ended them for what somebody else did at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError
from psycopg import errors as postgres

from catalog.errors import ProductGone

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 4


def retried(act: Callable[P, R]) -> Callable[P, R]:
    """Run the act again when it was the victim of a deadlock, or when the commit found what it had not seen yet: a row
    that names one which it deleted, or one that is gone which it named. A second look sees it.

    Raises ProductGone when what it names stays gone.
    """
    again = repeated(act, when=lambda error: is_collision(error) or is_late_reference(error))

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return again(*args, **kwargs)
        except IntegrityError as error:
            if is_late_reference(error):
                raise ProductGone("Something that belongs to this was deleted at this moment.") from error
            raise

    return run


def repeated(act: Callable[P, R], *, when: Callable[[Exception], bool]) -> Callable[P, R]:
    """Run the act again when the database refused it for something that `when` knows to pass.

    The act's transaction was rolled back as a whole, so a second run starts from scratch; after a few tries
    the error goes on.
    """

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(ATTEMPTS - 1):
            try:
                return act(*args, **kwargs)
            except (OperationalError, IntegrityError) as error:
                if not when(error):
                    raise
        return act(*args, **kwargs)

    return run


def is_collision(error: Exception) -> bool:
    """Two transactions could not both go on. A lock that was not given is not meant: each try would cost seconds."""
    return isinstance(error.__cause__, postgres.DeadlockDetected | postgres.SerializationFailure)


def is_late_reference(error: Exception) -> bool:
    """What a row names was gone at the commit."""
    return isinstance(error.__cause__, postgres.ForeignKeyViolation)
