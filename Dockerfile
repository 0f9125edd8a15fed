# docker build -t driftline . && docker run --init -p 127.0.0.1:8501:8501 -v driftline:/data driftline
# The root file system may be read-only: add --read-only --tmpfs /tmp.

FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /opt/driftline \
    && /opt/driftline/bin/python -m pip install --no-cache-dir --require-hashes --no-deps --requirement requirements.txt \
    && /opt/driftline/bin/python -m pip check
# The inner loops in C; the final stage has no compiler. Its version is Debian's to choose.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/compile.py scripts/compile.py
COPY monitoring/compiled/loops.c monitoring/compiled/loops.c
RUN python scripts/compile.py --required

FROM python:3.12-slim-bookworm
# Fixed numbers, so that the owner of a mounted data folder can be set beforehand.
RUN groupadd --gid 10001 driftline \
    && useradd --uid 10001 --gid driftline --no-create-home --home-dir /data --shell /usr/sbin/nologin driftline \
    && install --directory --owner=driftline --group=driftline --mode=0750 /data
COPY --from=build /opt/driftline /opt/driftline
WORKDIR /app
# Code, model and reference data belong to root: the app cannot change them.
COPY LICENSE NOTICE ./
COPY .streamlit .streamlit
COPY models models
COPY reference_data reference_data
COPY monitoring monitoring
COPY dashboard dashboard
COPY --from=build /build/monitoring/compiled/loops.so monitoring/compiled/loops.so
ENV PATH=/opt/driftline/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    ORT_DISABLE_TELEMETRY=1 \
    DRIFTLINE_DATA=/data \
    HOME=/data
USER 10001:10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# With an address of its own for the log, Streamlit does not ask a server on the internet for it.
ENTRYPOINT ["python", "-m", "streamlit", "run", "dashboard/server.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", "--browser.serverAddress=localhost"]
