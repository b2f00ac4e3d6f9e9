//! Exports of all incidents as a stream.

use serde_json::{Value, json};

use crate::support::TestServer;

#[tokio::test]
async fn an_export_contains_every_incident_once_oldest_first() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let mut numbers = Vec::new();
    // More than the server holds in memory at a time.
    for index in 0..450 {
        let service = if index % 3 == 0 { "=cmd|calc" } else { "checkout" };
        let labels = json!({"k8s:app": "a, \"b\"", "team": "=x"});
        let body = json!({"title": format!("line {index}, with \"quotes\""), "service": service, "labels": labels});
        numbers.push(admin.post("/api/v1/incidents", body).await.text_of("number"));
    }

    let answer = admin.get("/api/v1/incidents/export").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"incidents.json\"");
    let exported: Vec<&str> = answer
        .body
        .as_array()
        .expect("an array")
        .iter()
        .map(|item| item["number"].as_str().expect("a number"))
        .collect();
    assert_eq!(exported, numbers);
    let one = admin.get(&format!("/api/v1/incidents/{}", numbers[7])).await.body;
    assert_eq!(answer.body[7], one, "as in other responses");

    let table = admin.get("/api/v1/incidents/export?format=csv").await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let place = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 450);
    for (index, (row, number)) in rows.iter().zip(&numbers).enumerate() {
        assert_eq!(&row[place("number")], number);
        assert_eq!(row[place("title")], format!("line {index}, with \"quotes\""));
        let service = if index % 3 == 0 { "'=cmd|calc" } else { "checkout" };
        assert_eq!(&row[place("service")], service, "no spreadsheet computes it");
        assert_eq!(&row[place("labels")], r#"{"k8s:app":"a, \"b\"","team":"=x"}"#);
    }
}

#[tokio::test]
async fn an_export_accepts_the_conditions_of_lists() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    admin.open("a walrus").await;
    admin.post("/api/v1/incidents", json!({"title": "a seal", "priority": "critical"})).await;
    for query in ["priority=critical", "q=seal", "format=json&q=se*&status=open"] {
        let answer = admin.get(&format!("/api/v1/incidents/export?{query}")).await;
        let titles: Vec<&Value> = answer.body.as_array().expect("an array").iter().map(|item| &item["title"]).collect();
        assert_eq!(titles, ["a seal"], "{query}");
    }
    let marked = admin.get("/api/v1/incidents/export?format=csv&bom=true").await;
    assert!(marked.text.starts_with("\u{feff}number,id,title"), "{marked:?}");
    let audit = admin.get("/api/v1/actions?kind=incident.export").await;
    assert_eq!(audit.items().len(), 4, "{audit:?}");
    let refused = admin.get("/api/v1/incidents/export?bom=true").await;
    assert_eq!(refused.invalid(), ("?bom".to_owned(), "does_not_fit".to_owned()));
    let empty = admin.get("/api/v1/incidents/export?priority=low").await;
    assert_eq!(empty.body, json!([]));
    let header_only = admin.get("/api/v1/incidents/export?priority=low&format=csv").await;
    assert_eq!(header_only.text.lines().count(), 1);
    for (query, pointer) in [("format=xml", "?format"), ("status=gone", "?status"), ("page=1", "?page")] {
        let answer = admin.get(&format!("/api/v1/incidents/export?{query}")).await;
        assert_eq!(answer.invalid().0, pointer);
    }
    assert_eq!(server.client().get("/api/v1/incidents/export").await.code(), (401, "not_signed_in"));
}
