# One file, an image for each role: `wheelhouse` (api, worker, migrate), `ai`, `web` (portal and proxy), `backup`; and `postgres`.
#
#   docker build --target wheelhouse -t wheelhouse/wheelhouse .
#
# What is compiled is compiled once, in `build`, and lies in `collected`. Who has compiled before names an image with the same
# files (/wheelhouse, /portal, /sbom) instead: --build-arg ARTEFACTS=IMAGE. BuildKit then leaves the compiling out.
# The dependencies are a layer of their own (`dependencies`): it is made anew when a manifest or Cargo.lock changes.

ARG RUST=rust:1.95-bookworm
ARG BASE=gcr.io/distroless/cc-debian12
ARG CADDY=caddy:2
ARG POSTGRES=postgres:17
ARG ARTEFACTS=collected

# ---- the database, with the tool that archives its log (docs/point-in-time.md)

FROM ${POSTGRES} AS postgres
RUN apt-get update -q \
 && apt-get install -q -y --no-install-recommends pgbackrest \
 && rm -rf /var/lib/apt/lists/*

# ---- what is compiled with

FROM ${RUST} AS tools
RUN cargo install --locked cargo-chef@0.1.78 cargo-auditable@0.7.7 cargo-cyclonedx@0.5.9
# Functions of the same code are one, and where the program is loaded is written short: a tenth of its size.
ENV CARGO_TARGET_DIR=/target CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs"
WORKDIR /src

FROM tools AS plan
COPY . .
RUN cargo chef prepare --recipe-path /recipe.json

# ---- what is not ours

FROM tools AS dependencies
COPY --from=plan /recipe.json /recipe.json
RUN cargo chef cook --locked --recipe-path /recipe.json --release --package wheelhouse --bin wheelhouse
RUN cargo chef cook --locked --recipe-path /recipe.json --package xtask
RUN cargo chef cook --locked --recipe-path /recipe.json --profile wasm-release --target wasm32-unknown-unknown --package web

# ---- what is

FROM dependencies AS build
COPY . .
RUN cargo xtask build-web
# The list of what it is made of is in the binary too, where `cargo audit bin` finds it.
RUN cargo auditable build --locked --release --package wheelhouse --bin wheelhouse
RUN cargo cyclonedx --format json --manifest-path crates/wheelhouse/Cargo.toml --override-filename wheelhouse.cdx \
 && cargo cyclonedx --format json --manifest-path web/Cargo.toml --override-filename portal.cdx --target wasm32-unknown-unknown
RUN mkdir -p /collected/sbom \
 && cp /target/release/wheelhouse /collected/wheelhouse \
 && cp -r /target/portal /collected/portal \
 && cp crates/wheelhouse/wheelhouse.cdx.json web/portal.cdx.json /collected/sbom/

FROM scratch AS collected
COPY --from=build /collected/ /

FROM ${ARTEFACTS} AS artefacts

# ---- what runs

# A folder to copy: the base has no shell to make one with.
FROM debian:bookworm-slim AS folder
RUN mkdir /empty

FROM ${BASE} AS base
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Wheelhouse" \
      org.opencontainers.image.description="The control room for a fleet of Amazon WorkSpaces" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=artefacts /wheelhouse /usr/local/bin/wheelhouse
COPY --from=artefacts /sbom/wheelhouse.cdx.json /usr/share/sbom/wheelhouse.cdx.json
# A new volume takes its owner from here.
COPY --from=folder --chown=65532:65532 /empty /var/lib/wheelhouse
USER 65532:65532
WORKDIR /var/lib/wheelhouse

FROM base AS wheelhouse
ENV WHEELHOUSE_SERVER__LISTEN=0.0.0.0:8080 WHEELHOUSE_METRICS__LISTEN=0.0.0.0:9464
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["/usr/local/bin/wheelhouse", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/wheelhouse"]
CMD ["api"]

FROM base AS ai
ENV WHEELHOUSE_SERVER__LISTEN=0.0.0.0:8090 WHEELHOUSE_METRICS__LISTEN=0.0.0.0:9464
EXPOSE 8090 9464
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["/usr/local/bin/wheelhouse", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/wheelhouse"]
CMD ["ai"]

FROM ${CADDY} AS caddy

# Caddy's program alone, on the same base: no shell here either, and `wheelhouse` asks whether it is well.
FROM base AS web
COPY --from=caddy /usr/bin/caddy /usr/bin/caddy
COPY --from=artefacts /sbom/portal.cdx.json /usr/share/sbom/portal.cdx.json
COPY --from=artefacts /portal /srv/portal
COPY deploy/caddy/Caddyfile /etc/caddy/Caddyfile
COPY --from=folder --chown=65532:65532 /empty /data
COPY --from=folder --chown=65532:65532 /empty /config
# Where `wheelhouse web publish` puts the portal for docker-compose.yml.
COPY --from=folder --chown=65532:65532 /empty /portal
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config
EXPOSE 80 443
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
  CMD ["/usr/local/bin/wheelhouse", "healthcheck", "--url", "http://127.0.0.1:2020/index.html"]
ENTRYPOINT ["/usr/bin/caddy"]
CMD ["run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

# On the database's own image, for its pg_dump and pg_restore.
FROM ${POSTGRES} AS backup
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Wheelhouse backup" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=artefacts /wheelhouse /usr/local/bin/wheelhouse
COPY --from=artefacts /sbom/wheelhouse.cdx.json /usr/share/sbom/wheelhouse.cdx.json
COPY --from=folder --chown=65532:65532 /empty /var/lib/wheelhouse
COPY --from=folder --chown=65532:65532 /empty /var/backups/wheelhouse
USER 65532:65532
WORKDIR /var/lib/wheelhouse
ENV WHEELHOUSE_METRICS__LISTEN=0.0.0.0:9464
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
  CMD ["/usr/local/bin/wheelhouse", "healthcheck", "--url", "http://127.0.0.1:9464/metrics"]
ENTRYPOINT ["/usr/local/bin/wheelhouse"]
CMD ["worker"]
