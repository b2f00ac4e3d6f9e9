//! Invalid rows and values, each reported with its line.

use incident_application::work::AdjustmentKind;
use incident_domain::incidents::{Impact, Priority, Status};
use incident_server::import::Finding;

use crate::scene::{Sheet, replay};

fn reported(findings: &[Finding]) -> Vec<(u64, Option<&str>, &str)> {
    findings.iter().map(|found| (found.line, found.incident.as_deref(), found.reason.as_str())).collect()
}

#[tokio::test]
async fn invalid_rows_are_skipped_and_the_others_imported() {
    let long = "I".repeat(65);
    let file = Sheet::new()
        .row("INC1", "New", "1/3/2016 09:00", &[])
        .row("INC1", "-100", "1/3/2016 09:01", &[])
        .row("INC1", "?", "1/3/2016 09:02", &[])
        .row("?", "Active", "1/3/2016 09:03", &[])
        .row(&long, "Active", "1/3/2016 09:04", &[])
        .row("INC1", "Active", "?", &[])
        .row("INC1", "Active", "31/2/2016 09:06", &[])
        .row("INC2", "asleep", "1/3/2016 09:07", &[])
        .row("INC1", "Closed", "1/3/2016 09:08", &[])
        .read();
    assert_eq!(
        reported(file.skipped.first()),
        [
            (3, Some("INC1"), "its state is unknown: \"-100\""),
            (4, Some("INC1"), "it has no state"),
            (5, None, "it has no incident number"),
            (6, Some(&long[..60]), "its incident number must have at most 64 characters, has 65"),
            (7, Some("INC1"), "it has no time"),
            (8, Some("INC1"), "its time cannot be read: \"31/2/2016 09:06\""),
            (9, Some("INC2"), "its state is unknown: \"asleep\""),
        ]
    );
    assert_eq!(file.rows, 9);

    let replayed = replay(&file.log).await;
    let (incident, _) = replayed.only().await;
    assert_eq!((incident.status, replayed.outcome.updates_imported), (Status::Closed, 2));
}

#[tokio::test]
async fn an_invalid_value_is_ignored_and_its_row_imported() {
    let name = "n".repeat(129);
    let file = Sheet::new()
        .row(
            "INC1",
            "New",
            "1/3/2016 09:00",
            &[("impact", "0 - Total"), ("priority", "2 - High"), ("caller_id", &name)],
        )
        .row(
            "INC1",
            "Active",
            "1/3/2016 09:01",
            &[("impact", "3 - Low"), ("priority", "urgent!"), ("assigned_to", "--")],
        )
        .read();
    let shortened = format!("caller_id cannot be used: \"{}\"", "n".repeat(60));
    assert_eq!(
        reported(file.ignored.first()),
        [
            (2, Some("INC1"), "impact cannot be used: \"0 - Total\""),
            (2, Some("INC1"), shortened.as_str()),
            (3, Some("INC1"), "priority cannot be used: \"urgent!\""),
            (3, Some("INC1"), "assigned_to cannot be used: \"--\""),
        ]
    );
    assert!(file.skipped.is_empty());

    let (incident, _) = replay(&file.log).await.only().await;
    assert_eq!((incident.status, incident.impact), (Status::Investigating, Some(Impact::Low)));
    assert_eq!(incident.priority, Priority::High, "the known priority is kept");
    assert_eq!((incident.reported_by, incident.assigned_to), (None, None));
}

#[tokio::test]
async fn missing_times_and_people_are_reported() {
    let file = Sheet::new()
        .row("INC1", "New", "1/3/2016 09:00", &[("opened_at", "?"), ("sys_updated_by", "?"), ("opened_by", "?")])
        .read();
    let missing = [
        "opened_at is missing, the time of the first row was taken",
        "sys_updated_by is missing, the update is attributed to servicenow",
    ];
    assert_eq!(reported(file.ignored.first()), missing.map(|reason| (2, Some("INC1"), reason)));

    let replayed = replay(&file.log).await;
    let (incident, entries) = replayed.only().await;
    assert_eq!(incident.opened_at.to_string(), "2016-03-01 09:00:00 UTC");
    assert_eq!(replayed.outcome.people_added, 0);
    assert!(entries.iter().all(|entry| entry.actor.kind() == "integration"));
}

#[tokio::test]
async fn an_incident_that_begins_resolved_and_goes_back_in_time_is_imported_and_reported() {
    let file =
        Sheet::new().row("INC1", "Resolved", "1/3/2016 09:00", &[]).row("INC1", "Closed", "1/3/2016 08:59", &[]).read();
    let replayed = replay(&file.log).await;
    let (incident, _) = replayed.only().await;
    assert_eq!(incident.status, Status::Closed);
    assert_eq!(incident.closed_at, incident.resolved_at);
    let adjusted: Vec<_> = replayed.outcome.adjustments.iter().map(|found| (found.line, found.kind)).collect();
    assert_eq!(adjusted, [(2, AdjustmentKind::BeginsOver(Status::Resolved)), (3, AdjustmentKind::TimeWentBack)]);
}

#[test]
fn a_report_escapes_control_characters_of_the_file() {
    let file = Sheet::new().row("INC1", "\u{1b}[2J\u{7}", "1/3/2016 09:00", &[]).read();
    assert_eq!(reported(file.skipped.first()), [(2, Some("INC1"), "its state is unknown: \"\\u{1b}[2J\\u{7}\"")]);
}
