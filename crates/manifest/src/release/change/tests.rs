use proptest::prelude::*;

use super::*;
use crate::samples::{any_content, released};
use crate::{Install, InstallerType, TargetOs};

fn content(artifacts: Vec<Released>) -> Content {
    Content::new("tools".parse().unwrap(), TargetOs::Windows, artifacts).unwrap()
}

#[test]
fn differences_say_what_is_different() {
    let moved = Released {
        blob: "x/e.exe".parse().unwrap(),
        ..released("e", "1", 5)
    };
    let renamed = |version: &str| Released {
        file: format!("f-{version}.exe").parse().unwrap(),
        ..released("f", version, 6)
    };
    let install = Some(Install::of(InstallerType::Exe));
    let old = content(vec![
        released("a", "1", 1),
        released("b", "1", 2),
        released("c", "1", 3),
        released("d", "1", 4),
        released("e", "1", 5),
        renamed("1"),
        released("same", "1", 7),
    ]);
    let new = content(vec![
        released("aa", "1", 1),
        released("b", "2", 2),
        released("c", "1", 33),
        Released {
            install,
            ..released("d", "1", 4)
        },
        moved,
        renamed("2"),
        released("same", "1", 7),
    ]);
    let changes = diff(&old, &new);
    let kind = |change: &Change| {
        let change = serde_json::to_value(change).unwrap();
        format!("{} {}", change["id"], change["change"]).replace('"', "")
    };
    let kinds: Vec<String> = changes.iter().map(kind).collect();
    assert_eq!(
        kinds,
        [
            "a removed",
            "aa added",
            "b version",
            "c bytes",
            "d install",
            "e moved",
            "f version"
        ]
    );
    assert_eq!(changes[2].to_string(), "~ `b` (x64, `b.exe`): 1 -> 2");
    assert_eq!(
        changes[5].to_string(),
        "~ `e` (x64, `e.exe`): moved from `e/1/e.exe` to `x/e.exe`"
    );
}

proptest! {
    #[test]
    fn equal_contents_have_no_differences(a in any_content()) {
        prop_assert_eq!(diff(&a, &a), vec![]);
        let added = diff(&Content { artifacts: vec![], ..a.clone() }, &a);
        prop_assert_eq!(added.len(), a.artifacts.len());
    }
}
