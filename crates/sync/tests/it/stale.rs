//! A plan that the world has left behind is told, by name, and nothing is written.

use longshore_sync::{Change, Direction, Moved, SyncError};

use crate::common::noise;
use crate::ends::{Ends, all_allowed, lines};

const DIRECTIONS: [Direction; 3] = [Direction::Up, Direction::Down, Direction::Across];

/// A destination that holds `changed`, `gone` and `same`, and a plan that writes `changed` and `new` and deletes `gone`.
async fn planned(direction: Direction) -> (Ends, std::path::PathBuf) {
    let ends = Ends::new(direction);
    for name in ["changed", "gone", "same"] {
        ends.write(name, name);
    }
    ends.settle().await;
    ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
    ends.write("changed", noise(1, 100));
    ends.write("new", noise(2, 100));
    ends.remove("gone");
    ends.settle().await;
    let plan = ends.plan(all_allowed()).await.unwrap();
    assert_eq!(lines(&plan).1.len(), 3);
    (ends, plan)
}

/// Applying is refused for exactly this, and changes nothing.
async fn check(ends: &Ends, plan: &std::path::Path, expect: &[(&str, Change)]) {
    let before = ends.held().await;
    let went = ends.apply(plan, Vec::new()).await;
    let Err(SyncError::Stale { moved, count }) = went.outcome else {
        panic!("{:?}: the plan was applied", ends.direction);
    };
    let expect: Vec<Moved> = expect
        .iter()
        .map(|(name, change)| Moved {
            name: (*name).to_owned(),
            change: *change,
        })
        .collect();
    assert_eq!(moved, expect, "{:?}", ends.direction);
    assert_eq!(count, expect.len() as u64);
    assert!(
        ends.held().await == before,
        "{:?}: something was written",
        ends.direction
    );
    if ends.direction != Direction::Down {
        assert_eq!(went.counts.writes(), 0);
    }
}

#[tokio::test]
async fn a_source_that_changed() {
    for direction in DIRECTIONS {
        let (ends, plan) = planned(direction).await;
        ends.write("new", noise(3, 100));
        ends.settle().await;
        check(&ends, &plan, &[("new", Change::SourceChanged)]).await;
        ends.remove("changed");
        ends.settle().await;
        let both = [
            ("changed", Change::SourceGone),
            ("new", Change::SourceChanged),
        ];
        check(&ends, &plan, &both).await;
    }
}

#[tokio::test]
async fn a_destination_that_changed() {
    for direction in DIRECTIONS {
        let (ends, plan) = planned(direction).await;
        ends.interfere("changed", b"theirs").await;
        check(&ends, &plan, &[("changed", Change::DestinationChanged)]).await;
        ends.interfere("gone", b"theirs").await;
        let both = [
            ("changed", Change::DestinationChanged),
            ("gone", Change::DestinationChanged),
        ];
        check(&ends, &plan, &both).await;
    }
}

#[tokio::test]
async fn something_that_appeared() {
    for direction in DIRECTIONS {
        let (ends, plan) = planned(direction).await;
        ends.interfere("new", b"theirs").await;
        check(&ends, &plan, &[("new", Change::DestinationAppeared)]).await;
    }
}

#[tokio::test]
async fn something_that_vanished() {
    for direction in DIRECTIONS {
        let (ends, plan) = planned(direction).await;
        ends.take_away("changed").await;
        check(&ends, &plan, &[("changed", Change::DestinationGone)]).await;
    }
}

#[tokio::test]
async fn what_is_done_already_is_not_stale() {
    for direction in DIRECTIONS {
        let (ends, plan) = planned(direction).await;
        ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
        let summary = ends.apply(&plan, Vec::new()).await.outcome.unwrap();
        assert_eq!(
            (summary.unchanged.files, summary.deleted),
            (2, 0),
            "{direction:?}"
        );
        assert!(ends.held().await == ends.wanted());
    }
}

#[tokio::test]
async fn a_plan_that_was_cut_or_edited_is_no_plan() {
    let (ends, plan) = planned(Direction::Up).await;
    let text = fs_err::read_to_string(&plan).unwrap();
    let all: Vec<&str> = text.lines().collect();
    for (text, line) in [
        (all[..3].join("\n"), "does not hold"),
        (
            text.replace("\"op\":\"delete\"", "\"op\":\"destroy\""),
            "line",
        ),
        (text.replace("\"plan\":1", "\"plan\":2"), "version 2"),
        (text.replace("\"name\":\"new\"", "\"name\":\"../new\""), ""),
        (String::new(), "line 1"),
    ] {
        fs_err::write(&plan, text).unwrap();
        let error = match longshore_sync::PlanReader::open(&plan) {
            Err(error) => error.to_string(),
            Ok(_) => match ends.apply(&plan, Vec::new()).await.outcome {
                Err(error) => error.to_string(),
                Ok(summary) => {
                    assert!(summary.failed > 0);
                    String::new()
                }
            },
        };
        assert!(error.contains(line), "{error}");
    }
    assert_eq!(ends.held().await.len(), 3);
}
