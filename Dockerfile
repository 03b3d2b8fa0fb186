# Build: docker build -t pat-console .
# Run:   docker run -p 3000:3000 -v pat-console:/data -e CONSOLE_PUBLIC_URL=https://pats.example.com \
#            -e CONSOLE_WORKSPACE=prod=https://adb-1.azuredatabricks.net pat-console

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo xtask build

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --gid 0 --home-dir /data --create-home console \
    && chmod 0770 /data
COPY --from=build /src/target/release/pat-console /usr/local/bin/pat-console
# Also as any other user of group 0, as OpenShift runs it: the group can write to /data, and nothing else is written to.
USER 10001:0
VOLUME /data
ENV CONSOLE_LISTEN=0.0.0.0:3000 CONSOLE_DATA_DIR=/data
EXPOSE 3000
ENTRYPOINT ["pat-console"]
CMD ["serve"]
