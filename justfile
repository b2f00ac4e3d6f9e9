# `just` alone lists what there is.
default:
    @just --list --unsorted

# From nothing to a running server: database, administrator, http://127.0.0.1:8080
quickstart *ARGS:
    cargo run --release -- quickstart {{ARGS}}

# Every test that needs no server
test:
    cargo test --workspace

# The tests that need PostgreSQL, Redis and the real event log as well
test-all:
    TEST_POSTGRES_URL=${TEST_POSTGRES_URL:-postgres://localhost/postgres} TEST_REDIS_URL=${TEST_REDIS_URL:-redis://localhost} cargo test --workspace -- --include-ignored

# Exactly what CI runs
check:
    bash .ci/run

# The running server against its OpenAPI document, with requests made up by schemathesis; needs Python
fuzz-api *ARGS:
    bash .ci/fuzz-api {{ARGS}}

# A Python client generated from docs/openapi.json, and an incident led through its life with it; needs Python
generated-client:
    bash .ci/generated-client

# Kill, stop, overload and cut off the server, and send everything twice: `just reliability long` is docs/reliability.md
reliability LENGTH="short":
    .ci/reliability {{LENGTH}}

# Kill the server under load again and again: nothing acknowledged is lost, nothing is done twice (`--store postgres`)
crash *ARGS="--kills 200":
    cargo run --release --package incident-bench -- crash {{ARGS}}

# The files of deploy/, by hadolint, promtool, kubectl, docker compose and systemd-analyze; it says which could not be had
check-deploy:
    .ci/check-deploy

# Format, lint
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- --deny warnings

# The documentation of all crates, as HTML
doc:
    cargo doc --workspace --no-deps --document-private-items

# Write docs/openapi.json from the code
openapi:
    cargo run --quiet -- openapi > docs/openapi.json

# Write .env.example and docs/settings.md from the declarations of the settings
settings:
    cargo run --quiet -- config example > .env.example
    cargo run --quiet -- config reference > docs/settings.md

# How fast everything is, next to what it is measured by; set BENCH_POSTGRES_URL for `--store postgres`
bench-speed *ARGS:
    cargo run --release --package incident-bench -- speed {{ARGS}}

# One benchmark or campaign of the running server: sign-in-flood, enumeration, crash, same-key …; --help tells more
bench ROW *ARGS:
    cargo run --release --package incident-bench -- {{ROW}} {{ARGS}}
