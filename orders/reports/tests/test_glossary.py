from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from orders.reports.figures import DEFINITIONS, Definition


@pytest.mark.parametrize("figure", DEFINITIONS, ids=lambda figure: figure.name)
def test_the_documentation_defines_a_figure_as_the_program_does(figure: Definition) -> None:
    text = Path(settings.BASE_DIR, "docs", "reports.md").read_text()

    assert f"- **{figure.title}**: {figure.text}\n" in text
