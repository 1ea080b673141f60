from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

from shop.checks import refuse_unsafe_start  # noqa: E402  needs the settings to be loaded

refuse_unsafe_start()
