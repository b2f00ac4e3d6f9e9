# `just` alone lists the targets.
default:
    @just --list --unsorted

# Creates a database and an administrator, and serves on http://127.0.0.1:8080
quickstart *ARGS:
    cargo run --release -- quickstart {{ARGS}}

# Tests that need no PostgreSQL or Redis
test:
    cargo test --workspace

# All tests, including those that need PostgreSQL, Redis and the event log of the import
test-all:
    TEST_POSTGRES_URL=${TEST_POSTGRES_URL:-postgres://localhost/postgres} TEST_REDIS_URL=${TEST_REDIS_URL:-redis://localhost} cargo test --workspace -- --include-ignored

# Runs the tests and prints the share of lines that they execute, per crate
coverage:
    .ci/coverage

# Runs exactly what CI runs
check:
    bash .ci/run

# Tests a running server against its OpenAPI document with generated requests (schemathesis); needs Python
fuzz-api *ARGS:
    bash .ci/fuzz-api {{ARGS}}

# Fuzzes what reads text from outside, guided by coverage: `just fuzz-parsers 600 cursors`
fuzz-parsers *ARGS:
    .ci/fuzz-parsers {{ARGS}}

# Generates a Python client from docs/openapi.json, and runs an incident through its lifecycle with it; needs Python
generated-client:
    bash .ci/generated-client

# Kills, stops and overloads the server, cuts connections, and repeats requests: `just reliability long` for docs/reliability.md
reliability LENGTH="short":
    .ci/reliability {{LENGTH}}

# Kills the server under load repeatedly, and checks that no acknowledged write is lost or repeated (`--store postgres`)
crash *ARGS="--kills 200":
    cargo run --release --package incident-bench -- crash {{ARGS}}

# Checks deploy/ with hadolint, promtool, kubectl, docker compose and systemd-analyze; reports which of them are missing
check-deploy:
    .ci/check-deploy

# Checks licences, sources and security advisories of the dependencies (cargo-deny)
deny:
    .ci/deny

# Writes a software bill of materials (CycloneDX) beside the manifest of each crate, for the program and all it contains
sbom:
    cargo cyclonedx --version > /dev/null 2>&1 || cargo install cargo-cyclonedx --locked --version 0.5.9
    cargo cyclonedx --format json --all --describe binaries --override-filename sbom

# Checks format and lints
lint:
    find crates fuzz migrations -name '*.rs' -print0 | xargs -0 rustfmt --check --edition 2024
    cargo clippy --workspace --all-targets --all-features -- --deny warnings

# Builds the documentation of all crates as HTML
doc:
    cargo doc --workspace --no-deps --document-private-items

# Writes docs/openapi.json from the code
openapi:
    cargo run --quiet -- openapi > docs/openapi.json

# Writes .env.example and docs/settings.md from the declarations of the settings
settings:
    cargo run --quiet -- config example > .env.example
    cargo run --quiet -- config reference > docs/settings.md

# Measures the speed of all operations against baselines; set BENCH_POSTGRES_URL for `--store postgres`
bench-speed *ARGS:
    cargo run --release --package incident-bench -- speed {{ARGS}}

# Runs one benchmark or campaign: sign-in-flood, enumeration, crash, same-key …; --help lists them
bench ROW *ARGS:
    cargo run --release --package incident-bench -- {{ROW}} {{ARGS}}
