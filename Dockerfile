# The image holds the program, certificates of public authorities (for S3), and an empty lake folder; nothing else.
#
#   docker build -t auditlake .
#   docker run --rm -v auditlake:/lake -v "$PWD/AWSLogs:/logs:ro" auditlake import /logs
#   docker run --rm -v auditlake:/lake auditlake query "SELECT count(*) FROM main"
#
# The image listens only if it is told to. Clients on other machines need keys and TLS:
#
#   docker run -p 8585:8585 -v auditlake:/lake auditlake serve --listen 0.0.0.0:8585 --require-keys --tls-self-signed

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/auditlake/auditlake/engine/buildinfo.release=$VERSION" -o /root-of-image/usr/bin/auditlake ./cmd/auditlake
RUN mkdir -p /root-of-image/lake /root-of-image/tmp /root-of-image/etc/ssl/certs && chmod 1777 /root-of-image/tmp && chown 65532:65532 /root-of-image/lake && \
    cp /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/

FROM scratch
COPY --from=build /root-of-image /
ENV AUDITLAKE_DIR=/lake PATH=/usr/bin
USER 65532:65532
VOLUME /lake
ENTRYPOINT ["/usr/bin/auditlake"]
CMD ["help"]
