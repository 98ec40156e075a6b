use super::*;

fn cellar() -> (tempfile::TempDir, Cellar) {
    let home = tempfile::tempdir().unwrap();
    let cellar = Cellar::open(home.path().join("cellar")).unwrap();
    (home, cellar)
}

fn url() -> Url {
    "https://vendor.example/a.exe?sig=secret".parse().unwrap()
}

#[test]
fn what_arrives_from_elsewhere_is_found_by_its_digest_and_size() {
    let (_home, cellar) = cellar();
    let arriving = || {
        let mut arriving = cellar.begin().unwrap();
        arriving.write(b"inst").unwrap();
        arriving.write(b"aller").unwrap();
        arriving
    };
    let other = Some(Sha256Digest::from_bytes([0; 32]));
    assert!(matches!(
        cellar.keep(arriving(), other),
        Err(ItemError::Mismatch { .. })
    ));
    let (place, digests) = cellar.keep(arriving(), None).unwrap();
    assert_eq!(fs_err::read(&place).unwrap(), b"installer");
    assert_eq!(cellar.get(&digests.sha256, Some(9)), Some(place.clone()));
    assert_eq!(cellar.get(&digests.sha256, None), Some(place));
    assert_eq!(cellar.get(&digests.sha256, Some(8)), None);
    assert!(cellar.forget(&digests.sha256).unwrap());
    assert!(!cellar.forget(&digests.sha256).unwrap());
    assert_eq!(cellar.get(&digests.sha256, None), None);
}

#[test]
fn one_download_at_a_time_writes_a_part() {
    let (_home, cellar) = cellar();
    let part = cellar.part(&url()).unwrap();
    assert!(matches!(cellar.part(&url()), Err(CellarError::Busy { .. })));
    assert!(
        cellar
            .part(&"https://vendor.example/b".parse().unwrap())
            .is_ok()
    );
    drop(part);
    assert!(cellar.part(&url()).is_ok());
}

#[test]
fn notes_live_with_the_part_and_damaged_ones_are_none() {
    let (_home, cellar) = cellar();
    let part = cellar.part(&url()).unwrap();
    part.write_at(b"abc", 2).unwrap();
    let mut notes = Notes::new("\"1\"".to_owned(), 9);
    notes.add(2..5);
    part.note(&notes).unwrap();
    drop(part);
    let part = cellar.part(&url()).unwrap();
    assert_eq!(part.notes(), Some(notes));
    let file = part.path().with_extension("json");
    fs_err::write(&file, b"{\"version\":1").unwrap();
    assert_eq!(part.notes(), None);
    part.empty().unwrap();
    assert_eq!(part.length().unwrap(), 0);
}

#[test]
fn nothing_in_the_cellar_tells_the_url() {
    let (_home, cellar) = cellar();
    let part = cellar.part(&url()).unwrap();
    let digest = Sha256Digest::from_bytes([7; 32]);
    cellar
        .first_seen(&url(), &digest, Timestamp::UNIX_EPOCH)
        .unwrap();
    assert!(!part.path().display().to_string().contains("vendor"));
    for entry in fs_err::read_dir(cellar.directory().join("seen")).unwrap() {
        let text = fs_err::read_to_string(entry.unwrap().path()).unwrap();
        assert!(
            !text.contains("secret") && !text.contains("vendor"),
            "{text}"
        );
    }
}

#[test]
fn bytes_are_new_once() {
    let (_home, cellar) = cellar();
    let [first, second] = [1, 2].map(|byte| Sha256Digest::from_bytes([byte; 32]));
    let at = |second| Timestamp::from_second(second).unwrap();
    let seen = |digest, now| cellar.first_seen(&url(), digest, at(now)).unwrap();
    assert_eq!(seen(&first, 100), at(100));
    assert_eq!(seen(&second, 200), at(200));
    assert_eq!(seen(&first, 300), at(100));
    // A time in the future is one of a wrong clock.
    assert_eq!(seen(&first, 50), at(50));
    assert_eq!(seen(&first, 300), at(50));
    for entry in fs_err::read_dir(cellar.directory().join("seen")).unwrap() {
        fs_err::write(entry.unwrap().path(), b"[").unwrap();
    }
    assert_eq!(seen(&first, 400), at(400));
}
