# Two images from one file: `processor` (the default) and `feeder`, which writes the demo's flights.
#   docker build --tag millrace .
#   docker build --tag millrace-feeder --target feeder .
#
# They run from source: Node 24 strips the types. Nothing is bundled, classic-level is native.
ARG BASE=node:24-slim

# Only what decides on the dependencies: a change of source does not install again.
FROM ${BASE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY libs libs
COPY services services
RUN find libs services -type f ! -name package.json -delete

FROM ${BASE} AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --omit=dev --ignore-scripts --workspace @millrace/processor --workspace @millrace/cli \
  && npm cache clean --force

FROM ${BASE} AS demo-data
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --omit=optional --ignore-scripts && npm cache clean --force

FROM ${BASE} AS run
# A number, not a name: Kubernetes can see by it that this is not root.
RUN groupadd --gid 10001 millrace \
  && useradd --uid 10001 --gid millrace --no-create-home --home-dir /app --shell /usr/sbin/nologin millrace \
  && install --directory --owner=millrace --group=millrace /var/lib/millrace
WORKDIR /app
COPY --from=dependencies /app ./
COPY libs libs
COPY services services
ENV NODE_ENV=production

FROM run AS feeder
COPY --from=demo-data /app/node_modules/vega-datasets node_modules/vega-datasets
COPY tools/feeder tools/feeder
COPY tools/demo tools/demo
USER 10001:10001
CMD ["node", "--conditions=source", "tools/feeder/main.ts"]

FROM run AS processor
ENV MILLRACE_STATE_DIRECTORY=/var/lib/millrace \
  MILLRACE_HTTP_HOST=0.0.0.0
VOLUME /var/lib/millrace
EXPOSE 9464
USER 10001:10001
# Node as the first process answers SIGTERM itself, and starts no other process that it would have to
# wait for; with `docker run --init` (compose: `init: true`) it is not the first one either.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "--conditions=source", "services/processor/src/health-check/main.ts"]
CMD ["node", "--conditions=source", "services/processor/src/main.ts"]
