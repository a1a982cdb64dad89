# One image for the three services: `lindung serve registry | biometrics | gateway`.
FROM python:3.11-slim AS build
WORKDIR /app
COPY LICENSE README.md pyproject.toml requirements.lock ./
COPY requirements requirements
COPY scripts/set-up scripts/set-up
COPY migrations migrations
COPY shared shared
COPY services services
# The same script as on a developer's machine: the lock, hashes checked, wheels that are not built here.
RUN --mount=type=cache,target=/root/.cache/pip \
    sh scripts/set-up requirements.lock \
    && chmod -R a+rX .

FROM python:3.11-slim
# The service's user owns nothing in the image: what runs cannot change itself.
RUN useradd --system --no-create-home --home-dir /tmp --uid 10001 --shell /usr/sbin/nologin lindung
COPY --from=build /app /app
WORKDIR /app
ENV PATH="/app/.venv/bin:$PATH" HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001
EXPOSE 8000
CMD ["lindung", "--help"]
