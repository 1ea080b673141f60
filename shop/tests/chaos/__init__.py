from __future__ import annotations

import pytest

# What differs is told for these, too, and not only for files of tests.
pytest.register_assert_rewrite("shop.testing.chaos.reckoning")
