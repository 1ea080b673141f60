"""How gunicorn serves the shop: a few processes with a few threads each, restarted now and then."""

from __future__ import annotations

import os

bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104  a container's own network
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "3"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Workers tell the arbiter that they live through a file; on a disk that could block.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
timeout = 30
graceful_timeout = 30
keepalive = 15
max_requests = 5000
max_requests_jitter = 500
# A slow or swollen request head costs one thread for a moment, not the server.
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
