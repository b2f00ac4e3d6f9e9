//! The files of `deploy/` agree with the program: settings, paths, metrics, timeouts, and network access.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace root")
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).expect(path)
}

/// Returns the files below a folder with this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).expect(path)
}

/// Returns the values at a path of member names; lists on the way contribute each of their elements.
fn at<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    let Some((name, rest)) = path.split_first() else { return vec![value] };
    match value {
        Value::Array(elements) => elements.iter().flat_map(|element| at(element, path)).collect(),
        value => value.get(name).map_or_else(Vec::new, |value| at(value, rest)),
    }
}

/// Returns every text in a value that is held by a member of this name.
fn texts_named<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(|element| texts_named(element, name)).collect(),
        Value::Object(members) => {
            let of = |(key, value): (&'a String, &'a Value)| match value {
                Value::String(text) if key == name => vec![text.as_str()],
                value => texts_named(value, name),
            };
            members.iter().flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}

fn names(value: &Value) -> Vec<String> {
    value.as_object().expect("members").keys().cloned().collect()
}

/// Returns the names in a file of `NAME=value` lines, including those in comments.
fn environment_names(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| Some(line.trim_start_matches('#').split_once('=')?.0.to_owned()));
    names.filter(|name| !name.contains(' ')).collect()
}

#[test]
fn every_setting_named_in_deploy_exists() {
    let known: BTreeSet<String> = environment_names(&read(".env.example")).into_iter().collect();
    assert!(known.contains("DATABASE_URL"), "{known:?}");

    let compose = yaml("deploy/compose/compose.yaml");
    let image = read("deploy/Dockerfile");
    let (_, image) = image.rsplit_once("\nENV ").expect("settings of the image");
    let (image, _) = image.split_once("\nEXPOSE").expect("the end of the settings");
    let guide = read("docs/deployment.md");
    let (_, guide) = guide.split_once("secrets/server.env <<END\n").expect("the secrets for Compose");
    let (guide, _) = guide.split_once("\nEND").expect("the end of the secrets");
    let named = [
        names(&compose["services"]["api"]["environment"]),
        names(&compose["services"]["migrate"]["environment"]),
        names(&yaml("deploy/kubernetes/configmap.yaml")["data"]),
        names(&yaml("deploy/kubernetes/secret.example.yaml")["stringData"]),
        environment_names(&read("deploy/systemd/environment.example")),
        environment_names(&image.replace(' ', "")),
        environment_names(guide),
    ];
    for names in &named {
        assert!(names.len() > 1, "no settings were found in {named:?}");
        let unknown: Vec<&String> = names.iter().filter(|name| !known.contains(*name)).collect();
        assert!(unknown.is_empty(), "unknown settings: {unknown:?}");
    }
}

#[test]
fn no_secret_has_a_value() {
    let kubernetes = yaml("deploy/kubernetes/secret.example.yaml");
    for name in ["SECRET_KEY", "TIMELINE_KEY"] {
        assert_eq!(kubernetes["stringData"][name], "");
        assert!(read("deploy/systemd/environment.example").contains(&format!("\n{name}=\n")));
    }
    let compose = yaml("deploy/compose/compose.yaml");
    assert_eq!(
        compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"],
        "/run/secrets/postgres_password"
    );
    for (name, secret) in compose["secrets"].as_object().expect("secrets") {
        assert_eq!(secret["file"], format!("secrets/{name}"));
    }
    let redis = &compose["services"]["redis"];
    assert_eq!(redis["secrets"], serde_json::json!(["redis_password"]));
    assert!(redis["command"][2].as_str().is_some_and(|command| command.contains("requirepass")), "{redis}");
    assert_eq!(compose["services"]["api"]["env_file"], serde_json::json!(["secrets/server.env"]));
    assert_eq!(read("deploy/compose/.gitignore"), "/secrets/\n");
}

#[test]
fn every_probe_requests_a_route_of_the_api() {
    let document: Value = serde_json::from_str(&read("docs/openapi.json")).expect("JSON");
    let deployment = yaml("deploy/kubernetes/deployment.yaml");
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    for (probe, path) in
        [("livenessProbe", "/health/live"), ("startupProbe", "/health/live"), ("readinessProbe", "/health/ready")]
    {
        let get = &container[probe]["httpGet"];
        assert_eq!((&get["path"], &get["port"]), (&path.into(), &container["ports"][0]["name"]), "{probe}");
        assert!(document["paths"][path]["get"].is_object(), "{path} is not a route");
    }
    let port = container["ports"][0]["containerPort"].as_u64().expect("a port").to_string();
    let settings = yaml("deploy/kubernetes/configmap.yaml");
    assert_eq!(settings["data"]["API_PORT"], port);
    let annotations = &deployment["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(annotations["prometheus.io/port"], port);
    let compose = yaml("deploy/compose/compose.yaml");
    assert_eq!(compose["services"]["api"]["environment"]["API_PORT"], port);
    let check = ["CMD", "/usr/local/bin/incident-server", "health"];
    assert_eq!(compose["services"]["api"]["healthcheck"]["test"], serde_json::json!(check));
    let image = read("deploy/Dockerfile");
    assert!(image.contains(&format!("\nEXPOSE {port}\n")));
    assert!(image.contains("CMD [\"/usr/local/bin/incident-server\", \"health\"]"));
}

#[test]
fn stop_grace_periods_exceed_the_stop_timeout() {
    let seconds = |value: &Value| value.as_str().expect("text").trim_end_matches('s').parse::<u64>().expect("seconds");
    let compose = yaml("deploy/compose/compose.yaml");
    let api = &compose["services"]["api"];
    assert!(seconds(&api["stop_grace_period"]) > seconds(&api["environment"]["STOP_TIMEOUT_SECONDS"]));

    let settings = yaml("deploy/kubernetes/configmap.yaml");
    let deployment = yaml("deploy/kubernetes/deployment.yaml");
    let pod = &deployment["spec"]["template"]["spec"];
    let pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().expect("seconds");
    let grace_period = pod["terminationGracePeriodSeconds"].as_u64().expect("seconds");
    assert!(grace_period > pause + seconds(&settings["data"]["STOP_TIMEOUT_SECONDS"]));

    let value = |file: &str, name: &str| -> u64 {
        let text = read(file);
        text.lines().find_map(|line| line.strip_prefix(name)).expect(name).parse().expect("seconds")
    };
    let grace_period = value("deploy/systemd/incident-server.service", "TimeoutStopSec=");
    assert!(grace_period > value("deploy/systemd/environment.example", "STOP_TIMEOUT_SECONDS="));
}

#[test]
fn only_the_api_is_reachable_and_no_container_of_ours_runs_as_root() {
    let compose = yaml("deploy/compose/compose.yaml");
    for (name, service) in compose["services"].as_object().expect("services") {
        if name == "api" {
            assert_eq!(service["ports"], serde_json::json!(["127.0.0.1:${API_PUBLISHED_PORT:-8080}:8080"]));
        } else {
            assert_eq!(service.get("ports"), None, "{name} publishes a port of the host");
            assert_eq!(service["networks"], serde_json::json!(["storage"]), "{name}");
        }
    }
    assert_eq!(compose["networks"]["storage"]["internal"], true);
    for name in ["api", "migrate"] {
        assert_eq!(compose["services"][name]["read_only"], true, "{name}");
        assert_eq!(compose["services"][name]["cap_drop"], serde_json::json!(["ALL"]), "{name}");
    }
    assert!(read("deploy/Dockerfile").contains("\nUSER 65532:65532\n"));
    for file in ["deploy/kubernetes/deployment.yaml", "deploy/kubernetes/migration/job.yaml"] {
        let manifest = yaml(file);
        let pod = &manifest["spec"]["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{file}");
        assert_eq!(pod["securityContext"]["runAsUser"], 65532, "{file}");
        assert_eq!(pod["automountServiceAccountToken"], false, "{file}");
        let container = &pod["containers"][0]["securityContext"];
        assert_eq!(container["readOnlyRootFilesystem"], true, "{file}");
        assert_eq!(container["allowPrivilegeEscalation"], false, "{file}");
        assert_eq!(container["capabilities"]["drop"], serde_json::json!(["ALL"]), "{file}");
    }
    assert_eq!(yaml("deploy/kubernetes/service.yaml")["spec"]["type"], "ClusterIP");

    let policy = &yaml("deploy/kubernetes/network-policy.yaml")["spec"];
    assert_eq!(policy["policyTypes"], serde_json::json!(["Ingress", "Egress"]));
    let pods = &yaml("deploy/kubernetes/deployment.yaml")["spec"]["template"];
    let port = &pods["spec"]["containers"][0]["ports"][0]["containerPort"];
    assert_eq!(policy["ingress"][0]["ports"], serde_json::json!([{ "port": port }]));
    for (label, value) in policy["podSelector"]["matchLabels"].as_object().expect("labels") {
        let names = [
            &pods["metadata"]["labels"],
            &yaml("deploy/kubernetes/migration/job.yaml")["spec"]["template"]["metadata"]["labels"],
        ];
        assert!(names.iter().all(|labels| labels[label] == *value), "{label} selects not all pods");
    }
}

#[test]
fn every_command_exists_in_the_program() {
    let compose = yaml("deploy/compose/compose.yaml");
    let deployment = yaml("deploy/kubernetes/deployment.yaml");
    let job = yaml("deploy/kubernetes/migration/job.yaml");
    let containers = ["spec", "template", "spec", "containers", "args"];
    let commands = [
        &compose["services"]["api"]["command"],
        &compose["services"]["migrate"]["command"],
        at(&deployment, &containers)[0],
        at(&job, &containers)[0],
        &serde_json::json!(["health"]),
    ];
    for command in commands {
        let words = command.as_array().expect("words").iter().map(|word| word.as_str().expect("a word"));
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_incident-server"));
        let output = program.args(words).arg("--help").output().expect("the program runs");
        assert!(output.status.success(), "{command}");
    }
}

#[test]
fn the_image_is_built_with_the_toolchain_of_the_workspace() {
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = \"")).expect("a channel");
    let version = channel.trim_end_matches('"');
    assert!(read("deploy/Dockerfile").contains(&format!("\nARG RUST_VERSION={version}\n")), "{version}");
}

/// The manual lists exactly the metrics that the sources record and that alerts and dashboard use.
#[test]
fn documented_metrics_exist_and_are_exactly_those_in_alerts_and_dashboard() {
    let manual = read("docs/operations.md");
    let documented: BTreeSet<String> =
        manual.split(['`', '{']).filter(|word| is_metric(word)).map(ToOwned::to_owned).collect();

    let crates = fs::read_dir(workspace().join("crates")).expect("crates").map(|entry| entry.expect("a crate").path());
    let sources: Vec<PathBuf> = crates.flat_map(|folder| files(&folder.join("src"), "rs")).collect();
    let sources: Vec<String> = sources.iter().map(|file| fs::read_to_string(file).expect("a source")).collect();
    let is_measured = |metric: &&String| sources.iter().any(|source| source.contains(&format!("\"{metric}\"")));
    let unknown: Vec<&String> = documented.iter().filter(|metric| !is_measured(metric)).collect();
    assert!(unknown.is_empty(), "no source records {unknown:?}");

    let rules = yaml("deploy/prometheus/rules.yaml");
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/dashboard.json")).expect("JSON");
    let expressions = [texts_named(&rules, "expr"), texts_named(&dashboard, "expr")].concat();
    let used: BTreeSet<String> = expressions.iter().flat_map(|expression| metrics(expression)).collect();
    assert_eq!(used, documented, "left: in deploy/, right: in docs/operations.md");

    let route = read("crates/http/src/kernel/metrics.rs");
    let deployment = yaml("deploy/kubernetes/deployment.yaml");
    let prometheus = yaml("deploy/prometheus/prometheus.example.yaml");
    for path in [
        at(&deployment, &["spec", "template", "metadata", "annotations", "prometheus.io/path"])[0],
        at(&prometheus, &["scrape_configs", "metrics_path"])[0],
    ] {
        assert!(route.contains(&path.to_string()), "{path} is not a route");
    }
}

#[test]
fn every_alert_is_described_in_the_deployment_guide() {
    let guide = read("docs/deployment.md");
    let rules = yaml("deploy/prometheus/rules.yaml");
    let alerts: BTreeSet<&str> = texts_named(&rules, "alert").into_iter().collect();
    let documented: BTreeSet<&str> =
        guide.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(alerts, documented);
}

fn is_metric(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    name.starts_with("incident_") && name.chars().all(plain) && name.len() > "incident_".len()
}

/// Returns the metrics in an expression; the series of a histogram count as one.
fn metrics(expression: &str) -> Vec<String> {
    let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let metric = |name: &str| {
        let series = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        series.unwrap_or(name).to_owned()
    };
    words.filter(|word| is_metric(word)).map(metric).collect()
}

#[test]
fn every_file_can_be_parsed_and_refers_to_existing_files() {
    let folder = workspace().join("deploy");
    let yamls = files(&folder, "yaml");
    assert!(yamls.len() > 10, "{yamls:?}");
    for file in yamls {
        let text = fs::read_to_string(&file).expect("a file");
        let value: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for list in ["resources", "rule_files"] {
            for named in at(&value, &[list]).into_iter().filter_map(Value::as_array).flatten() {
                let named = file.with_file_name(named.as_str().expect("a name"));
                assert!(named.exists(), "{} is named in {}", named.display(), file.display());
            }
        }
    }
    let compose = yaml("deploy/compose/compose.yaml");
    let build = &compose["services"]["api"]["build"];
    let context = folder.join("compose").join(build["context"].as_str().expect("a folder"));
    assert!(context.join("Cargo.lock").exists());
    assert!(context.join(build["dockerfile"].as_str().expect("a file")).exists());
}
