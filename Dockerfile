# Two stages: the first builds, the second runs; no compiler, no tests, no development tools in the image.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/shop
RUN python -m venv /srv/venv
ENV PATH="/srv/venv/bin:$PATH"
COPY requirements.txt requirements-s3.txt ./
# `--build-arg REQUIREMENTS=requirements-s3.txt` adds what MEDIA_STORAGE=s3 needs.
ARG REQUIREMENTS=requirements.txt
RUN pip install -r requirements.txt -r "$REQUIREMENTS"
COPY manage.py gunicorn.conf.py ./
COPY accounts accounts
COPY catalog catalog
COPY idempotency idempotency
COPY orders orders
COPY shop shop
COPY templates templates
COPY static static
COPY docker docker
# Static files are hashed and compressed here, once; these values are used for nothing else.
RUN STATIC_ROOT=/srv/static SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql://build/build \
    python manage.py collectstatic --no-input \
 && find . -type d -name tests -prune -exec rm -r {} + \
 && rm -r shop/testing shop/develop \
 && python -m compileall -q .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/shop --shell /usr/sbin/nologin shop \
 && mkdir -p /srv/media /srv/private && chown shop:shop /srv/media /srv/private
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/shop /srv/shop
WORKDIR /srv/shop
ENV PATH="/srv/venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/static MEDIA_ROOT=/srv/media PRIVATE_ROOT=/srv/private
USER shop
EXPOSE 8000
VOLUME ["/srv/media", "/srv/private"]
ENTRYPOINT ["/srv/shop/docker/entrypoint"]
CMD ["web"]
