from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

# These need the settings to be loaded.
from shop.checks import refuse_unsafe_start  # noqa: E402
from shop.wire import Utf8Request  # noqa: E402

application.request_class = Utf8Request
refuse_unsafe_start()
