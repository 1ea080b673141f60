"""Where pictures and private files are kept: in folders of this machine, or in buckets of an object store that speaks
S3. No Django here: the settings import it.
"""

from __future__ import annotations

import mimetypes
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import environ

LOCAL, S3 = "local", "s3"
FOLDER = "django.core.files.storage.FileSystemStorage"
BUCKET = "storages.backends.s3.S3Storage"
FOR_A_YEAR = "public, max-age=31536000, immutable"  # a file of ours is never written twice

# Not every system knows them, and browsers are told to believe what they are told.
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


@dataclass(frozen=True)
class Media:
    """What the settings say about files. `origin` is the host of pictures, if it is not the shop itself."""

    storage: str
    storages: dict[str, dict[str, Any]]
    origin: str = ""
    missing: tuple[str, ...] = ()


def media_from(env: environ.Env, *, private_root: str) -> Media:
    """The storages "default" (pictures, for everybody) and "private" (imports, for nobody but the shop)."""
    storage = env.str("MEDIA_STORAGE", default=LOCAL)
    if storage == S3:
        return _buckets(env)
    private = {"BACKEND": FOLDER, "OPTIONS": {"location": private_root}}
    return Media(storage, {"default": {"BACKEND": FOLDER}, "private": private})


def _buckets(env: environ.Env) -> Media:
    bucket, private = env.str("S3_BUCKET", default=""), env.str("S3_PRIVATE_BUCKET", default="")
    shared = _access(env)
    address = env.str("S3_PUBLIC_URL", default="").rstrip("/") or _usual_address(bucket, shared)
    parts = urlsplit(address)
    pictures = {
        "bucket_name": bucket,
        "custom_domain": f"{parts.netloc}{parts.path}",
        "url_protocol": f"{parts.scheme}:",
        "querystring_auth": False,
        "object_parameters": {"CacheControl": FOR_A_YEAR},
    }
    return Media(
        S3,
        {
            "default": {"BACKEND": BUCKET, "OPTIONS": shared | pictures},
            "private": {"BACKEND": BUCKET, "OPTIONS": shared | {"bucket_name": private}},
        },
        origin=f"{parts.scheme}://{parts.netloc}",
        missing=tuple(name for name, value in (("S3_BUCKET", bucket), ("S3_PRIVATE_BUCKET", private)) if not value),
    )


def _access(env: environ.Env) -> dict[str, Any]:
    """How the store is reached. Without a key, Amazon's library looks for the role of the machine."""
    endpoint = env.str("S3_ENDPOINT_URL", default="").rstrip("/")
    if endpoint:
        # Not every store knows the checksums that Amazon's library has come to send.
        os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
        os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")
    return {
        "endpoint_url": endpoint or None,
        "region_name": env.str("S3_REGION", default="") or None,
        "access_key": env.str("S3_ACCESS_KEY_ID", default="") or None,
        "secret_key": env.str("S3_SECRET_ACCESS_KEY", default="") or None,
        "addressing_style": "path" if endpoint else "virtual",
        "signature_version": "s3v4",
        "file_overwrite": False,
    }


def _usual_address(bucket: str, access: dict[str, Any]) -> str:
    """Where a public bucket is read by everybody, unless another address is set."""
    if access["endpoint_url"]:
        return f"{access['endpoint_url']}/{bucket}"
    region = access["region_name"]
    return f"https://{bucket}.s3.{region}.amazonaws.com" if region else f"https://{bucket}.s3.amazonaws.com"
