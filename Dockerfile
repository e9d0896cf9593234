# Builds Assent and puts it into a small image that runs as an ordinary user.
#   docker build -t assent .
#   docker run -p 8000:8000 -v assent-data:/srv/assent/data -e ROCKET_ADDRESS=0.0.0.0 -e ASSENT_SITE__BASE_URL=https://.. assent
# For Postgres, add libpq-dev and `--features postgres` to the build, and libpq5 to the image (docs/postgres.md).
# Your Rocket.toml and custom/ go in /srv/assent, as a volume or in an image of your own that's based on this one.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --home-dir /srv/assent --create-home --uid 10001 assent \
    && mkdir /srv/assent/data && chown assent:assent /srv/assent/data && chmod 700 /srv/assent/data
COPY --from=build /src/target/release/assent /usr/local/bin/assent
USER assent
WORKDIR /srv/assent
VOLUME /srv/assent/data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["assent", "healthcheck"]
ENTRYPOINT ["assent"]
CMD ["serve"]
