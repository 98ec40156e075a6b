use super::*;

const A: &str = "aaaaaaaa-0000-0000-0000-000000000000";
const B: &str = "bbbbbbbb-0000-0000-0000-000000000000";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
}

fn lease(broken: bool, ends: u64) -> Lease {
    Lease {
        id: A.into(),
        duration: Some(30),
        ends: Some((1_000_000 + ends) * 1000),
        broken,
    }
}

/// Each state at second 10.
fn states() -> [(&'static str, Option<Lease>); 5] {
    [
        ("available", None),
        ("leased", Some(lease(false, 30))),
        ("expired", Some(lease(false, 5))),
        ("breaking", Some(lease(true, 30))),
        ("broken", Some(lease(true, 5))),
    ]
}

/// For each state the new state, or the code of the refusal.
fn outcomes(action: &LeaseAction) -> Vec<String> {
    let of = |(name, lease): (&str, Option<Lease>)| {
        let holding = Holding::new(lease.as_ref(), at(10));
        assert_eq!(holding.state().name(), name);
        match holding.apply(action) {
            Ok(after) => Holding::new(after.as_ref(), at(10))
                .state()
                .name()
                .to_owned(),
            Err(failure) => failure.code.into_owned(),
        }
    };
    states().map(of).to_vec()
}

#[test]
fn acquiring_and_renewing_follow_the_table() {
    let acquire = |id: &str| LeaseAction::Acquire {
        id: id.to_owned(),
        duration: Some(15),
    };
    let cannot = "LeaseIsBreakingAndCannotBeAcquired";
    assert_eq!(
        outcomes(&acquire(A)),
        ["leased", "leased", "leased", cannot, "leased"]
    );
    let present = "LeaseAlreadyPresent";
    assert_eq!(
        outcomes(&acquire(B)),
        ["leased", present, "leased", present, "leased"]
    );
    let renew = |id: &str| LeaseAction::Renew { id: id.to_owned() };
    let (mismatch, cannot) = (
        "LeaseIdMismatchWithLeaseOperation",
        "LeaseIsBrokenAndCannotBeRenewed",
    );
    assert_eq!(
        outcomes(&renew(A)),
        [mismatch, "leased", "leased", cannot, cannot]
    );
    assert_eq!(outcomes(&renew(B)), [mismatch; 5]);
}

#[test]
fn changing_releasing_and_breaking_follow_the_table() {
    let change = |id: &str, proposed: &str| LeaseAction::Change {
        id: id.to_owned(),
        proposed: proposed.to_owned(),
    };
    let (mismatch, absent, cannot) = (
        "LeaseIdMismatchWithLeaseOperation",
        "LeaseNotPresentWithLeaseOperation",
        "LeaseIsBreakingAndCannotBeChanged",
    );
    let changed = [absent, "leased", absent, cannot, absent];
    assert_eq!(outcomes(&change(A, B)), changed);
    assert_eq!(outcomes(&change(B, A)), changed);
    assert_eq!(
        outcomes(&change(B, B)),
        [absent, mismatch, absent, mismatch, absent]
    );
    let release = |id: &str| LeaseAction::Release { id: id.to_owned() };
    let gone = "available";
    assert_eq!(outcomes(&release(A)), [mismatch, gone, gone, gone, gone]);
    assert_eq!(outcomes(&release(B)), [mismatch; 5]);
    let broken = LeaseAction::Break { period: Some(0) };
    assert_eq!(
        outcomes(&broken),
        [absent, "broken", "broken", "broken", "broken"]
    );
}

#[test]
fn a_broken_lease_holds_for_the_shorter_time() {
    let held = lease(false, 30);
    let remaining = |period| {
        let action = LeaseAction::Break { period };
        let broken = Holding::new(Some(&held), at(10)).apply(&action).unwrap();
        broken.unwrap().remaining(at(10))
    };
    assert_eq!(remaining(None), 20);
    assert_eq!(remaining(Some(5)), 5);
    assert_eq!(remaining(Some(60)), 20);
    let for_ever = Lease {
        ends: None,
        duration: None,
        ..held.clone()
    };
    let broken = Holding::new(Some(&for_ever), at(10));
    assert_eq!(broken.state(), LeaseState::Leased { infinite: true });
    let broken = broken.apply(&LeaseAction::Break { period: None });
    assert_eq!(broken.unwrap().unwrap().remaining(at(10)), 0);
}

#[test]
fn a_write_shows_the_right_id_or_none_where_none_is_needed() {
    let check = |given: Option<&str>| {
        let of = |(_, lease): (_, Option<Lease>)| {
            let holding = Holding::new(lease.as_ref(), at(10));
            let checked = holding.check_write(given, LeaseSubject::Blob);
            checked.map_or_else(|failure| failure.code.into_owned(), |()| "fine".into())
        };
        states().map(of).to_vec()
    };
    let (missing, absent, mismatch) = (
        "LeaseIdMissing",
        "LeaseNotPresentWithBlobOperation",
        "LeaseIdMismatchWithBlobOperation",
    );
    assert_eq!(check(None), ["fine", missing, "fine", missing, "fine"]);
    let shown = check(Some(&A.to_uppercase()));
    assert_eq!(shown, [absent, "fine", absent, "fine", absent]);
    let wrong = check(Some(B));
    assert_eq!(wrong, [absent, mismatch, absent, mismatch, absent]);
}
