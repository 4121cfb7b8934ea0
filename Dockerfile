# Installed by the same script that everyone runs, with every package checked against its hash.
FROM python:3.11-slim AS installed
WORKDIR /srv/roundtable
ENV UV_NO_CACHE=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PIP_NO_CACHE_DIR=1
COPY roundtable ./
COPY requirements ./requirements
RUN ./roundtable install

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/roundtable --create-home roundtable
WORKDIR /srv/roundtable
COPY --from=installed /srv/roundtable/.venv ./.venv
COPY roundtable pyproject.toml LICENSE ./
COPY requirements ./requirements
COPY openapi ./openapi
COPY migrations ./migrations
COPY app ./app
ENV ROUNDTABLE_HOST=0.0.0.0 \
    ROUNDTABLE_PORT=8000 \
    ROUNDTABLE_DATA=/var/lib/roundtable \
    PYTHONDONTWRITEBYTECODE=1
USER roundtable
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["./.venv/bin/python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['ROUNDTABLE_PORT']}/health\", timeout=4)"]
ENTRYPOINT ["./roundtable"]
# DATABASE_URL and the keys that 'roundtable keys' prints must be given; 'roundtable --help' says how.
CMD ["serve"]
