from __future__ import annotations

from typing import Any

import pytest

from catalog.outbound.asking import Patience
from orders.webhooks import delivering


@pytest.fixture
def local_receivers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers on this machine may be told, and nobody is waited for."""
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = True
    monkeypatch.setattr(delivering, "PATIENCE", Patience(connect=1, total=0.3))
