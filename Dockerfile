# The pages. Nothing but their files leaves this stage.
FROM node:24-trixie-slim AS pages
WORKDIR /pages
COPY playground/package.json playground/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY playground ./
RUN npm run build

# Builder and final image stand on the same Debian: a binary must not meet an older glibc than the one it was linked with.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src

# First the dependencies, with empty crates in the place of ours: this layer, which takes minutes, is built again only
# when a manifest or the lock file changes.
COPY Cargo.toml Cargo.lock ./
COPY entity/Cargo.toml entity/
COPY migration/Cargo.toml migration/
# Members that only tests and measurements use: cargo wants to see their manifests, and they stay empty.
COPY benches/Cargo.toml benches/
COPY tests/clients/rust/Cargo.toml tests/clients/rust/
RUN mkdir -p src benches/src entity/src migration/src tests/clients/rust/src \
 && touch src/lib.rs benches/src/main.rs entity/src/lib.rs migration/src/lib.rs tests/clients/rust/src/lib.rs \
 && echo 'fn main() {}' > src/main.rs \
 && cargo build --profile dist --locked --bin filmgate

COPY entity entity
COPY migration migration
COPY playground playground
COPY --from=pages /pages/dist playground/dist
COPY build.rs ./
COPY src src
# What `filmgate --version` tells: there is no history here.
ARG GIT_COMMIT=
# Cargo goes by the time of a file, and ours may be older than the empty ones.
RUN touch src/lib.rs src/main.rs entity/src/lib.rs migration/src/lib.rs \
 && cargo build --profile dist --locked --bin filmgate \
 && mkdir -m 700 /data

# The binary needs glibc and libgcc. This image has them, certificates, and no shell or package manager.
FROM gcr.io/distroless/cc-debian13
LABEL org.opencontainers.image.title="filmgate" \
      org.opencontainers.image.description="A film API: REST and GraphQL as two equal surfaces over one service layer" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /src/target/dist/filmgate /usr/local/bin/filmgate
# A new volume takes over the owner of the folder that it is mounted on.
COPY --from=build --chown=65532:65532 /data /data
# By number: an orchestrator that refuses root cannot look up a name.
USER 65532:65532
# Nothing is written here; a filmgate.toml that is mounted here is read.
WORKDIR /etc/filmgate
# No tls.mode on purpose: whoever runs the image says who encrypts, and the start is refused until they do.
ENV FILMGATE_LISTEN=0.0.0.0:3000 \
    FILMGATE_DATABASE_URL=sqlite:///data/filmgate.db \
    FILMGATE_LOG__FORMAT=json
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# A first start fills the database, and a start over a large one loads it: hence the start period.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/filmgate", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/filmgate"]
CMD ["serve"]
