//! Which crate may name which (DESIGN, section 2): dependencies run one way.
//!
//! Crates that do not exist yet have their rule already, so they are born inside it.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, PackageId};

use super::finding::Finding;

/// Which members of the house a member may name.
struct House {
    package: &'static str,
    may_name: &'static [&'static str],
}

const HOUSE: &[House] = &[
    House {
        package: "longshore-content",
        may_name: &[],
    },
    House {
        package: "longshore-manifest",
        may_name: &["longshore-content"],
    },
    House {
        package: "longshore-script",
        may_name: &["longshore-content", "longshore-manifest"],
    },
    House {
        package: "longshore-azure",
        may_name: &[],
    },
    House {
        package: "longshore-store",
        may_name: &["longshore-content", "longshore-azure"],
    },
    House {
        package: "longshore-access",
        may_name: &["longshore-azure", "longshore-store"],
    },
    House {
        package: "longshore-template",
        may_name: &["longshore-azure"],
    },
    House {
        package: "longshore-sync",
        may_name: &["longshore-content", "longshore-store"],
    },
    House {
        package: "longshore-mirror",
        may_name: &[
            "longshore-content",
            "longshore-manifest",
            "longshore-azure",
            "longshore-store",
            "longshore-sync",
        ],
    },
    // The stand-in is written against the documents of the service, never against our own reading of them.
    House {
        package: "longshore-drydock",
        may_name: &[],
    },
    House {
        package: "longshore",
        may_name: EVERY_LIBRARY,
    },
    House {
        package: "longshore-template-run",
        may_name: &["longshore-azure", "longshore-template"],
    },
    House {
        package: "longshore-tests",
        may_name: EVERY_LIBRARY,
    },
    House {
        package: "longshore-benches",
        may_name: EVERY_LIBRARY,
    },
    House {
        package: "xtask",
        may_name: &[],
    },
];

const EVERY_LIBRARY: &[&str] = &[
    "longshore-content",
    "longshore-manifest",
    "longshore-script",
    "longshore-azure",
    "longshore-store",
    "longshore-access",
    "longshore-template",
    "longshore-sync",
    "longshore-mirror",
    "longshore-drydock",
];

/// Which members may name a family of packages from outside; a name ends in `*` when it stands for all that begin so.
struct Outside {
    names: &'static [&'static str],
    only: &'static [&'static str],
    /// Those that may name them for their tests alone.
    only_in_tests: &'static [&'static str],
}

const OUTSIDE: &[Outside] = &[
    Outside {
        names: &["azure_storage_*"],
        only: &["longshore-store", "longshore-access"],
        only_in_tests: &[],
    },
    Outside {
        names: &["azure_*", "reqwest", "typespec*"],
        only: &[
            "longshore-azure",
            "longshore-store",
            "longshore-access",
            "longshore-template",
            "longshore-mirror",
            "longshore-tests",
        ],
        only_in_tests: &["longshore-drydock"],
    },
];

/// Crates that know no network, no disk, no clock and no async runtime, nor anything that does.
pub(crate) const PURE: &[&str] = &[
    "longshore-content",
    "longshore-manifest",
    "longshore-script",
];

const BELOW_NO_PURE: &[&str] = &[
    "async-std",
    "axum",
    "azure_*",
    "curl",
    "fs-err",
    "h2",
    "hyper*",
    "mio",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tempfile",
    "tokio*",
    "typespec*",
    "ureq",
];

/// A member of the workspace and what it names.
#[derive(Debug, Default)]
pub(crate) struct Member {
    name: String,
    /// Named for its own code or its build script.
    named: BTreeSet<String>,
    /// Named for its tests.
    named_in_tests: BTreeSet<String>,
    /// Everything below its own code, however far down.
    below: BTreeSet<String>,
}

/// The members that cargo knows.
pub(crate) fn members(metadata: &Metadata) -> Vec<Member> {
    let names: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.to_string()))
        .collect();
    let edges = normal_edges(metadata);
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let (in_tests, own): (Vec<_>, Vec<_>) = package
                .dependencies
                .iter()
                .partition(|dependency| dependency.kind == DependencyKind::Development);
            Member {
                name: package.name.to_string(),
                named: own.into_iter().map(|it| it.name.clone()).collect(),
                named_in_tests: in_tests.into_iter().map(|it| it.name.clone()).collect(),
                below: reachable(&package.id, &edges)
                    .into_iter()
                    .map(|id| names[id].clone())
                    .collect(),
            }
        })
        .collect()
}

type Edges<'a> = BTreeMap<&'a PackageId, Vec<&'a PackageId>>;

fn normal_edges(metadata: &Metadata) -> Edges<'_> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    nodes
        .map(|node| {
            let normal = node.deps.iter().filter(|dep| {
                dep.dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            });
            (&node.id, normal.map(|dep| &dep.pkg).collect())
        })
        .collect()
}

fn reachable<'a>(from: &'a PackageId, edges: &Edges<'a>) -> BTreeSet<&'a PackageId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        for next in edges.get(id).into_iter().flatten() {
            if seen.insert(*next) {
                open.push(next);
            }
        }
    }
    seen
}

/// What runs the wrong way.
pub(crate) fn check(members: &[Member]) -> Vec<Finding> {
    let house: BTreeSet<_> = members.iter().map(|member| member.name.as_str()).collect();
    members
        .iter()
        .flat_map(|member| {
            let mut findings = check_house(member, &house);
            findings.extend(check_outside(member));
            findings.extend(check_pure(member));
            findings
        })
        .collect()
}

fn check_house(member: &Member, house: &BTreeSet<&str>) -> Vec<Finding> {
    let Some(rule) = HOUSE.iter().find(|rule| rule.package == member.name) else {
        let message = "has no rule in `tidy/arrows.rs`: say which crates it may name";
        return vec![Finding::error(&member.name, message)];
    };
    let named = member.named.union(&member.named_in_tests);
    named
        .filter(|name| house.contains(name.as_str()) && !rule.may_name.contains(&name.as_str()))
        .map(|name| {
            Finding::error(
                &member.name,
                format!("must not name `{name}`: arrows run one way"),
            )
        })
        .collect()
}

fn check_outside(member: &Member) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in OUTSIDE {
        let only = rule.only.contains(&member.name.as_str());
        let in_tests = only || rule.only_in_tests.contains(&member.name.as_str());
        for (names, allowed) in [(&member.named, only), (&member.named_in_tests, in_tests)] {
            let wrong = names
                .iter()
                .filter(|name| !allowed && matches(name, rule.names));
            findings.extend(wrong.map(|name| {
                let message = format!("must not name `{name}`: only {} may", rule.only.join(", "));
                Finding::error(&member.name, message)
            }));
        }
    }
    findings
}

fn check_pure(member: &Member) -> Vec<Finding> {
    if !PURE.contains(&member.name.as_str()) {
        return Vec::new();
    }
    let impure = member
        .below
        .iter()
        .filter(|name| matches(name, BELOW_NO_PURE));
    impure
        .map(|name| Finding::error(&member.name, format!("is pure, but `{name}` is below it")))
        .collect()
}

fn matches(name: &str, patterns: &[&str]) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn named(name: &str, names: &[&str]) -> Member {
        Member {
            name: name.to_owned(),
            named: set(names),
            ..Member::default()
        }
    }

    fn named_in_tests(name: &str, names: &[&str]) -> Member {
        Member {
            name: name.to_owned(),
            named_in_tests: set(names),
            ..Member::default()
        }
    }

    /// Checks `member` in a house where every crate that has a rule exists.
    fn findings(member: Member) -> usize {
        let others = HOUSE.iter().filter(|rule| rule.package != member.name);
        let mut members: Vec<_> = others.map(|rule| named(rule.package, &[])).collect();
        members.push(member);
        check(&members).len()
    }

    #[test]
    fn arrows_that_run_the_right_way_pass() {
        assert_eq!(
            findings(named(
                "longshore-sync",
                &["longshore-store", "longshore-content"]
            )),
            0
        );
        assert_eq!(
            findings(named(
                "longshore-store",
                &["azure_storage_blob", "azure_core"]
            )),
            0
        );
        assert_eq!(
            findings(named("longshore-azure", &["azure_identity", "reqwest"])),
            0
        );
        assert_eq!(findings(named("longshore", &["longshore-drydock"])), 0);
        assert_eq!(
            findings(named_in_tests("longshore-drydock", &["reqwest"])),
            0
        );
    }

    #[test]
    fn arrows_that_run_the_wrong_way_are_found() {
        for (package, name) in [
            ("longshore-content", "longshore-store"),
            ("longshore-azure", "longshore-store"),
            ("longshore-sync", "longshore-azure"),
            ("longshore-sync", "longshore-drydock"),
            ("longshore-store", "longshore-drydock"),
            ("longshore-template", "longshore-store"),
            ("longshore-template-run", "longshore-sync"),
            ("longshore-drydock", "longshore-azure"),
            ("xtask", "longshore-content"),
        ] {
            assert_eq!(findings(named(package, &[name])), 1, "{package} -> {name}");
            assert_eq!(
                findings(named_in_tests(package, &[name])),
                1,
                "tests of {package} -> {name}"
            );
        }
    }

    #[test]
    fn the_sdk_is_named_by_its_few_crates_only() {
        // Both rules find the first one: it is of the storage family and of the Azure family.
        assert_eq!(
            findings(named("longshore-sync", &["azure_storage_blob"])),
            2
        );
        assert_eq!(
            findings(named("longshore-azure", &["azure_storage_blob"])),
            1
        );
        assert_eq!(
            findings(named("longshore-tests", &["azure_storage_blob"])),
            1
        );
        assert_eq!(findings(named("longshore-sync", &["azure_core"])), 1);
        assert_eq!(findings(named("longshore", &["azure_identity"])), 1);
        assert_eq!(findings(named("longshore-drydock", &["reqwest"])), 1);
        assert_eq!(findings(named_in_tests("longshore-sync", &["reqwest"])), 1);
    }

    #[test]
    fn a_pure_crate_has_no_runtime_below_it() {
        let below = |name: &str, below: &[&str]| Member {
            name: name.to_owned(),
            below: set(below),
            ..Member::default()
        };
        for pure in PURE {
            assert_eq!(findings(below(pure, &["blake3", "sha2"])), 0);
            assert_eq!(findings(below(pure, &["blake3", "tokio", "hyper-util"])), 2);
        }
        assert_eq!(findings(below("longshore-sync", &["tokio"])), 0);
    }

    #[test]
    fn a_member_without_a_rule_is_found() {
        assert_eq!(findings(named("longshore-novelty", &[])), 1);
    }

    #[test]
    fn everything_that_a_rule_names_has_a_rule() {
        for name in HOUSE.iter().flat_map(|rule| rule.may_name).chain(PURE) {
            assert!(HOUSE.iter().any(|rule| rule.package == *name), "{name}");
        }
    }
}
