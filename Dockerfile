# syntax=docker/dockerfile:1
# One image for Airflow's services, the migration and the public API. Locked versions with hashes, bytecode made at
# build time (without it every task process compiles Airflow again), no compiler and no root in the result.
ARG PYTHON_VERSION=3.11
ARG DEBIAN=bookworm

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:${PYTHON_VERSION}-slim-${DEBIAN} AS packages
COPY --from=uv /uv /usr/local/bin/uv
COPY requirements-server.txt /tmp/requirements-server.txt
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /opt/venv \
    && uv pip sync --require-hashes --compile-bytecode --python /opt/venv/bin/python /tmp/requirements-server.txt

FROM python:${PYTHON_VERSION}-slim-${DEBIAN} AS image
ARG POSTGRES_MAJOR=18
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# pg_dump has to be of the server's version; Debian's own is older, so it comes from PostgreSQL's repository.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common tini \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends "postgresql-client-${POSTGRES_MAJOR}" \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 50000 --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin airflow \
    && install --directory --owner airflow --group airflow /opt/airflow /opt/airflow/logs
COPY --from=packages /opt/venv /opt/venv
COPY include /opt/regendata/include
COPY plugins /opt/regendata/plugins
COPY dags /opt/regendata/dags
COPY infra/docker /opt/regendata/bin
COPY infra/helm/mev_boost /opt/regendata/infra/helm/mev_boost
RUN /opt/venv/bin/python -m compileall -q /opt/regendata/plugins /opt/regendata/dags
ENV PATH=/opt/venv/bin:/opt/regendata/bin:/usr/lib/postgresql/${POSTGRES_MAJOR}/bin:${PATH} \
    PYTHONPATH=/opt/regendata/plugins \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/regendata/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/regendata/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/opt/airflow/logs
USER 50000
WORKDIR /opt/regendata
# tini: the scheduler's children are reaped, and SIGTERM arrives.
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/regendata/bin/entrypoint.sh"]
CMD ["airflow", "version"]
