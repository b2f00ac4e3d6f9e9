//! The meaning of the columns.

use incident_domain::{
    incidents::{EntryDetails, EntryKind, HoldReason, Impact, Priority, ResolutionCode, Status, Urgency},
    kernel::Actor,
};

use crate::scene::{COLUMNS, File, Sheet, replay};

#[tokio::test]
async fn each_state_has_a_status() {
    let states = [
        ("New", Status::Open, None),
        ("Active", Status::Investigating, None),
        ("Awaiting User Info", Status::OnHold, Some(HoldReason::AwaitingUser)),
        ("Awaiting Vendor", Status::OnHold, Some(HoldReason::AwaitingVendor)),
        ("Awaiting Problem", Status::OnHold, Some(HoldReason::AwaitingProblem)),
        ("Awaiting Evidence", Status::OnHold, Some(HoldReason::AwaitingEvidence)),
        ("Resolved", Status::Resolved, None),
        ("Closed", Status::Closed, None),
        ("In Progress", Status::Investigating, None),
        ("Work in progress", Status::Investigating, None),
        (" IN  PROGRESS ", Status::Investigating, None),
        ("work_in_progress", Status::Investigating, None),
        ("Assigned", Status::Investigating, None),
        ("2", Status::Investigating, None),
        ("new", Status::Open, None),
        ("Open", Status::Open, None),
        ("On Hold", Status::OnHold, Some(HoldReason::AwaitingUser)),
        ("on-hold", Status::OnHold, Some(HoldReason::AwaitingUser)),
        ("Pending", Status::OnHold, Some(HoldReason::AwaitingUser)),
        ("awaiting caller", Status::OnHold, Some(HoldReason::AwaitingUser)),
        ("Awaiting Change", Status::OnHold, Some(HoldReason::AwaitingChange)),
        ("RESOLVED", Status::Resolved, None),
        ("Closed Complete", Status::Closed, None),
        ("Canceled", Status::Cancelled, None),
        ("Cancelled", Status::Cancelled, None),
    ];
    for (state, status, hold_reason) in states {
        let file = Sheet::new().row("INC1", state, "1/3/2016 09:00", &[]).read();
        let (incident, _) = replay(&file.log).await.only().await;
        assert_eq!((incident.status, incident.hold_reason), (status, hold_reason), "{state}");
    }
}

#[tokio::test]
async fn levels_are_parsed_by_their_numbers() {
    let levels = [
        ("1 - High", "3 - Low", "1 - Critical", Impact::High, Urgency::Low, Priority::Critical),
        ("2 - Medium", "1 - High", "4 - Low", Impact::Medium, Urgency::High, Priority::Low),
        ("3 - Low", "2 - Medium", "2 - High", Impact::Low, Urgency::Medium, Priority::High),
        ("3 - Low", "3 - Low", "3 - Moderate", Impact::Low, Urgency::Low, Priority::Medium),
        ("1 - High", "2 - Medium", "?", Impact::High, Urgency::Medium, Priority::High),
    ];
    for (impact_text, urgency_text, priority_text, impact, urgency, priority) in levels {
        let values = [("impact", impact_text), ("urgency", urgency_text), ("priority", priority_text)];
        let file = Sheet::new().row("INC1", "New", "1/3/2016 09:00", &values).read();
        let (incident, _) = replay(&file.log).await.only().await;
        let found = (incident.impact, incident.urgency, incident.priority);
        assert_eq!(found, (Some(impact), Some(urgency), priority), "{values:?}");
    }
}

#[tokio::test]
async fn known_columns_become_fields_and_others_become_labels() {
    let values = [
        ("category", "Category 7"),
        ("subcategory", "Subcategory 8"),
        ("u_symptom", "Symptom 9"),
        ("cmdb_ci", "mail gateway"),
        ("contact_type", "Phone"),
        ("location", "Location 3"),
        ("assignment_group", "Group 4"),
        ("problem_id", "Problem ID  5"),
        ("rfc", "CHG0000006"),
        ("vendor", "code 1s"),
        ("caused_by", "CHG0000007"),
        ("closed_code", "code 6"),
    ];
    let file = Sheet::new().row("INC1", "Resolved", "1/3/2016 09:00", &values).read();
    let (incident, _) = replay(&file.log).await.only().await;

    assert_eq!(incident.title.as_str(), "Category 7 / Subcategory 8: Symptom 9");
    assert_eq!(incident.category.as_ref().unwrap().as_str(), "Category 7");
    assert_eq!(incident.service.as_ref().unwrap().as_str(), "mail gateway");
    assert_eq!(
        incident.labels.to_string(),
        "assignment_group=Group 4, caused_by=CHG0000007, contact_type=Phone, location=Location 3, \
         problem=Problem ID  5, rfc=CHG0000006, subcategory=Subcategory 8, symptom=Symptom 9, vendor=code 1s"
    );
    assert_eq!(incident.resolution.as_ref().unwrap().note.as_ref().unwrap().as_str(), "closed with code 6");
    assert!(file.ignored.is_empty(), "{:?}", file.ignored);
}

#[tokio::test]
async fn the_title_is_built_from_category_and_symptom() {
    let category = ("category", "Category 7");
    let (subcategory, symptom) = (("subcategory", "Subcategory 8"), ("u_symptom", "Symptom 9"));
    let titles: [(&[(&str, &str)], &str); 4] = [
        (&[], "Incident INC1"),
        (&[category], "Category 7"),
        (&[symptom], "Symptom 9"),
        (&[category, subcategory], "Category 7 / Subcategory 8"),
    ];
    for (values, title) in titles {
        let file = Sheet::new().row("INC1", "New", "1/3/2016 09:00", values).read();
        assert_eq!(file.log.incidents[0].title.as_str(), title);
    }
}

#[tokio::test]
async fn each_entry_has_the_author_of_its_row() {
    let people = [
        ("caller_id", "Caller 11"),
        ("opened_by", "?"),
        ("sys_created_by", "Created by 12"),
        ("resolved_by", "Resolved by 149"),
        ("resolved_at", "1/3/2016 11:00"),
        ("assigned_to", "Resolver 14"),
    ];
    let updated_by = |name| [people.as_slice(), &[("sys_updated_by", name)]].concat();
    let file = Sheet::new()
        .row("INC1", "Active", "1/3/2016 10:00", &updated_by("Updated by 1"))
        .row("INC1", "Resolved", "1/3/2016 11:00", &updated_by("Updated by 2"))
        .row("INC1", "Closed", "1/3/2016 12:00", &updated_by("Updated by 3"))
        .read();
    let replayed = replay(&file.log).await;
    let (incident, entries) = replayed.only().await;

    let mut found = Vec::new();
    for entry in &entries {
        let name = replayed.person(entry.actor.user()).await.map_or("servicenow".to_owned(), |(name, _)| name);
        found.push((entry.kind(), entry.at.format("%H:%M").to_string(), name));
    }
    let expected = |kind, at: &str, name: &str| (kind, at.to_owned(), name.to_owned());
    assert_eq!(
        found,
        [
            expected(EntryKind::Opened, "08:00", "Created by 12"),
            expected(EntryKind::Imported, "08:00", "servicenow"),
            expected(EntryKind::Assigned, "10:00", "Updated by 1"),
            expected(EntryKind::StatusChanged, "10:00", "Updated by 1"),
            expected(EntryKind::StatusChanged, "11:00", "Resolved by 149"),
            expected(EntryKind::StatusChanged, "12:00", "Updated by 3"),
        ]
    );
    let pair = |name: &str, email: &str| Some((name.to_owned(), email.to_owned()));
    assert_eq!(replayed.person(incident.reported_by).await, pair("Caller 11", "caller-11@servicenow.invalid"));
    assert_eq!(replayed.person(incident.assigned_to).await, pair("Resolver 14", "resolver-14@servicenow.invalid"));
}

#[tokio::test]
async fn a_second_resolution_is_an_entry_of_its_resolver() {
    let resolved = [("resolved_by", "Resolved by 5"), ("resolved_at", "1/3/2016 11:00")];
    let file = Sheet::new()
        .row("INC1", "Resolved", "1/3/2016 10:00", &resolved)
        .row("INC1", "Resolved", "1/3/2016 11:00", &resolved)
        .read();
    let replayed = replay(&file.log).await;
    let (incident, entries) = replayed.only().await;
    assert_eq!(incident.resolved_at.unwrap().to_string(), "2016-03-01 10:00:00 UTC");
    let [.., step, again] = entries.as_slice() else { panic!("{entries:?}") };
    assert!(!matches!(step.details, EntryDetails::Imported { .. }));
    assert_eq!(again.kind(), EntryKind::Imported);
    assert_eq!(again.message.as_ref().unwrap().as_str(), "resolved again in servicenow");
    let person = replayed.person(again.actor.user()).await.unwrap();
    assert_eq!(person.0, "Resolved by 5");
    assert!(matches!(entries[0].actor, Actor::User(_)));
}

#[test]
fn the_resolver_belongs_to_the_resolution_at_the_logged_time_or_the_last_one() {
    let updates_resolved = |first: &[(&str, &str)]| {
        let file = Sheet::new()
            .row("INC1", "Resolved", "1/3/2016 09:00", first)
            .row("INC1", "Active", "1/3/2016 10:00", &[])
            .row("INC1", "Resolved", "1/3/2016 11:00", &[("resolved_by", "Resolved by 5")])
            .row("INC1", "Closed", "1/3/2016 12:00", &[])
            .read();
        let updates = &file.log.incidents[0].updates;
        updates.iter().map(|update| update.resolved_by.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(updates_resolved(&[]), [false, false, true, false]);
    assert_eq!(updates_resolved(&[("resolved_at", "1/3/2016 09:00")]), [true, false, false, false]);
}

#[tokio::test]
async fn rows_of_an_incident_are_grouped_in_any_order() {
    let file = Sheet::new()
        .row("INC2", "New", "1/3/2016 09:00", &[])
        .row("INC1", "New", "1/3/2016 09:00", &[])
        .row("INC2", "Closed", "1/3/2016 10:00", &[])
        .row("INC1", "Active", "1/3/2016 10:00", &[])
        .read();
    let incidents = replay(&file.log).await.incidents().await;
    let found: Vec<_> = incidents
        .iter()
        .map(|incident| (incident.external.as_ref().unwrap().number.as_str(), incident.status))
        .collect();
    assert_eq!(found, [("INC2", Status::Closed), ("INC1", Status::Investigating)]);
}

#[test]
fn columns_are_found_by_name_and_absent_ones_are_reported() {
    let text = "sys_updated_at,number,comment,sys_updated_by,opened_at,incident_state\r\n\
                2/3/2016 09:30,INC9,\"one, two\",Updated by 1,2/3/2016 09:00,Active\r\n";
    let file = File::of(format!("\u{feff}{text}").as_bytes()).read().unwrap();
    let incident = &file.log.incidents[0];
    assert_eq!((incident.number.as_str(), incident.updates.len()), ("INC9", 1));
    assert_eq!(incident.opened_at.to_string(), "2016-03-02 09:00:00 UTC");
    assert_eq!(file.absent_columns.len(), 21);
    assert!(file.absent_columns.contains(&"caused_by"), "{:?}", file.absent_columns);

    let whole = Sheet::new().row("INC1", "New", "1/3/2016 09:00", &[]).read();
    assert!(whole.absent_columns.is_empty(), "{:?} are not in {COLUMNS:?}", whole.absent_columns);
}

#[tokio::test]
async fn a_hold_has_the_reason_of_its_column() {
    let reasons = [
        ("Awaiting Caller", HoldReason::AwaitingUser),
        ("Awaiting Change", HoldReason::AwaitingChange),
        ("Awaiting Problem", HoldReason::AwaitingProblem),
        ("awaiting vendor", HoldReason::AwaitingVendor),
        ("5", HoldReason::AwaitingChange),
    ];
    for (text, reason) in reasons {
        let text = format!(
            "number,state,hold_reason,opened_at,sys_updated_by,sys_updated_on\n\
             INC1,On Hold,{text},2016-03-01 08:00:00,Updated by 1,2016-03-01 09:00:00\n"
        );
        let file = File::of(text.as_bytes()).read().unwrap();
        let (incident, _) = replay(&file.log).await.only().await;
        assert_eq!(incident.hold_reason, Some(reason), "{text}");
        assert!(file.ignored.is_empty(), "{:?}", file.ignored);
    }
    let without = Sheet::new().row("INC1", "On Hold", "1/3/2016 09:00", &[]).read();
    assert_eq!(without.ignored.first()[0].reason, "hold_reason is missing, awaiting_user was taken");
}

#[tokio::test]
async fn a_cancelled_incident_is_out_of_scope_and_stays_cancelled() {
    let file = Sheet::new()
        .row("INC1", "New", "1/3/2016 09:00", &[])
        .row("INC1", "Canceled", "1/3/2016 10:00", &[])
        .row("INC1", "Active", "1/3/2016 11:00", &[])
        .read();
    let replayed = replay(&file.log).await;
    let (incident, _) = replayed.only().await;
    assert_eq!(incident.status, Status::Cancelled);
    assert_eq!(incident.closed_at.unwrap().to_string(), "2016-03-01 10:00:00 UTC");
    let resolution = incident.resolution.as_ref().unwrap();
    assert_eq!(resolution.code, ResolutionCode::OutOfScope);
    assert_eq!(resolution.note.as_ref().unwrap().as_str(), "cancelled in servicenow");
    assert_eq!(replayed.outcome.adjustments.len(), 1);
}
