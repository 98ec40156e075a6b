//! Which of a package's installers is taken.
//!
//! As winget does it, with one difference: the processor settles first, since a build VM has just one. Then scope,
//! then locale, and between equals the first in the file.

use std::fmt;

use super::ImportError;
use super::document::Node;
use super::package::Package;
use crate::{Architecture, InstallerType};

/// For whom an installer installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// For the user who runs it.
    User,
    /// For everybody on the machine.
    Machine,
}

impl Scope {
    /// The name that winget uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Machine => "machine",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is asked of an installer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What processor it must be for; unless said, x64, else x86, else any.
    pub architecture: Option<Architecture>,
    /// For whom it installs; unless said, the machine, else what does not say, else the user. One that does not say is
    /// taken for either.
    pub scope: Option<Scope>,
    /// Which language it speaks, such as `de` or `de-DE`; unless said, English, else what does not say, else any. One
    /// that does not say is taken for each.
    pub locale: Option<String>,
    /// What kind it must be, as itself or within its archive.
    pub installer_type: Option<InstallerType>,
}

/// One of a package's installers, as a person tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What processor it is for.
    pub architecture: String,
    /// For whom it installs.
    pub scope: Option<Scope>,
    /// Which language it speaks.
    pub locale: Option<String>,
    /// What kind it is; `zip/portable` for one within an archive.
    pub installer_type: String,
}

impl Candidate {
    pub(super) fn of(installer: &Node) -> Self {
        let word = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_lowercase());
        let kind = word(&installer.installer_type).unwrap_or_default();
        Self {
            architecture: word(&installer.architecture).unwrap_or_default(),
            scope: match word(&installer.scope).as_deref() {
                Some("machine") => Some(Scope::Machine),
                Some("user") => Some(Scope::User),
                _ => None,
            },
            locale: (installer.installer_locale.as_deref())
                .map(|locale| locale.trim().to_owned())
                .filter(|locale| !locale.is_empty()),
            installer_type: match word(&installer.nested_installer_type) {
                Some(nested) => format!("{kind}/{nested}"),
                None => kind,
            },
        }
    }

    /// What is run in the end, and what it is in; none for kinds that are not known here.
    pub(super) fn kinds(&self) -> Option<(InstallerType, Option<InstallerType>)> {
        match self.installer_type.split_once('/') {
            Some((outer, nested)) => Some((kind(outer)?, Some(kind(nested)?))),
            None => Some((kind(&self.installer_type)?, None)),
        }
    }

    pub(super) fn architecture(&self) -> Option<Architecture> {
        let mut known = Architecture::ALL.into_iter();
        known.find(|known| known.name() == self.architecture)
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:12}  {:7}  {:10}  {}",
            self.architecture,
            self.scope.map_or("-", Scope::name),
            self.locale.as_deref().unwrap_or("-"),
            self.installer_type,
        )
    }
}

fn kind(text: &str) -> Option<InstallerType> {
    match text {
        // The older name of the same packages; they are installed alike.
        "appx" => Some(InstallerType::Msix),
        other => (InstallerType::ALL.into_iter()).find(|kind| kind.name() == other),
    }
}

/// The installer that fits best, and its place among the others.
pub(super) fn choose<'a>(
    package: &'a Package,
    choice: &Choice,
) -> Result<(&'a Node, Candidate), ImportError> {
    let candidates: Vec<_> = package.installers.iter().map(Candidate::of).collect();
    let best = candidates
        .iter()
        .enumerate()
        .filter_map(|(at, candidate)| Some((rank(candidate, choice)?, at)))
        .min();
    match best {
        Some((_, at)) => Ok((&package.installers[at], candidates[at].clone())),
        None => Err(ImportError::NoneFits {
            file: package.file.clone(),
            hint: hint(&candidates, choice),
            candidates: Candidates(candidates),
        }),
    }
}

/// Lower is better; none is out of the question.
fn rank(candidate: &Candidate, choice: &Choice) -> Option<(u8, u8, u8)> {
    let kinds = candidate.kinds()?;
    let asked = choice.installer_type;
    if asked.is_some_and(|asked| asked != kinds.0 && Some(asked) != kinds.1) {
        return None;
    }
    Some((
        rank_architecture(candidate, choice.architecture)?,
        rank_scope(candidate, choice.scope)?,
        rank_locale(candidate, choice.locale.as_deref())?,
    ))
}

fn rank_architecture(candidate: &Candidate, asked: Option<Architecture>) -> Option<u8> {
    let architecture = candidate.architecture()?;
    match asked {
        Some(asked) => (architecture == asked).then_some(0),
        None => match architecture {
            Architecture::X64 => Some(0),
            Architecture::X86 => Some(1),
            Architecture::Neutral => Some(2),
            Architecture::Arm | Architecture::Arm64 => None,
        },
    }
}

fn rank_scope(candidate: &Candidate, asked: Option<Scope>) -> Option<u8> {
    match (candidate.scope, asked) {
        (Some(scope), Some(asked)) => (scope == asked).then_some(0),
        (Some(Scope::Machine), None) => Some(0),
        (None, _) => Some(1),
        (Some(Scope::User), None) => Some(2),
    }
}

fn rank_locale(candidate: &Candidate, asked: Option<&str>) -> Option<u8> {
    let preferred = asked.unwrap_or("en");
    match candidate.locale.as_deref() {
        None => Some(1),
        Some(locale) if is_of(locale, preferred) => Some(0),
        Some(_) => asked.is_none().then_some(2),
    }
}

/// Whether one locale is the other, or a closer one: `de` and `de-DE` are of each other, `de-AT` and `de-DE` are not.
fn is_of(locale: &str, asked: &str) -> bool {
    let (locale, asked) = (locale.to_lowercase(), asked.to_lowercase());
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    begins(&locale, &asked) || begins(&asked, &locale)
}

/// Which flag to look at: that which nothing satisfies; all that were given when only together they are too much.
fn hint(candidates: &[Candidate], choice: &Choice) -> String {
    let nothing = |choice: &Choice| !candidates.iter().any(|one| rank(one, choice).is_some());
    let alone = |architecture, scope, locale: Option<&String>, installer_type| Choice {
        architecture,
        scope,
        locale: locale.cloned(),
        installer_type,
    };
    let only_the_machine = choice.architecture.is_none() && nothing(&Choice::default());
    let asked = [
        (
            "`--architecture`",
            choice.architecture.is_some() || only_the_machine,
            alone(choice.architecture, None, None, None),
        ),
        (
            "`--scope`",
            choice.scope.is_some(),
            alone(None, choice.scope, None, None),
        ),
        (
            "`--locale`",
            choice.locale.is_some(),
            alone(None, None, choice.locale.as_ref(), None),
        ),
        (
            "`--installer-type`",
            choice.installer_type.is_some(),
            alone(None, None, None, choice.installer_type),
        ),
    ];
    let given = asked.iter().filter(|(_, given, _)| *given);
    let guilty: Vec<_> = given.clone().filter(|(.., alone)| nothing(alone)).collect();
    let named: Vec<_> = match guilty.as_slice() {
        [] => given.map(|(flag, ..)| *flag).collect(),
        some => some.iter().map(|(flag, ..)| *flag).collect(),
    };
    if named.is_empty() || candidates.iter().all(|one| one.kinds().is_none()) {
        return "none of these kinds can be installed by a build VM".to_owned();
    }
    format!("choose one of these with {}", named.join(" and "))
}

/// A package's installers as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates(Vec<Candidate>);

impl Candidates {
    /// The installers, in the order of the file.
    pub fn as_slice(&self) -> &[Candidate] {
        &self.0
    }
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "  {:12}  {:7}  {:10}  type",
            "architecture", "scope", "locale"
        )?;
        for candidate in &self.0 {
            write!(f, "\n  {}", candidate.to_string().escape_debug())?;
        }
        Ok(())
    }
}
