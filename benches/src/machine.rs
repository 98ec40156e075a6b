//! The machine: what it is, and making it quiet before a run.

use std::thread::available_parallelism;

/// Waits until what was written before is on the disk, so that no run pays for the one before it.
pub(crate) fn settle() {
    #[cfg(unix)]
    rustix::fs::sync();
}

/// One line for the report: processor, cores, memory, system.
pub(crate) fn describe() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let processor =
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or_else(String::new, |kibibytes| {
            format!(", {} GiB of memory", kibibytes >> 20)
        });
    let system = fs_err::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{processor}, {cores} cores{memory}, {} {}",
        std::env::consts::OS,
        system.trim()
    )
    .trim_end()
    .to_owned()
}

/// The value of the first line `name : value` of a file that may not exist.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs_err::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_described_in_one_line() {
        let line = describe();
        assert!(line.contains("cores") && !line.contains('\n'), "{line}");
    }

    #[test]
    fn a_field_is_read_and_a_missing_one_is_none() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs_err::write(file.path(), "a\t: b c\na : d\n").unwrap();
        let path = file.path().to_str().unwrap();
        assert_eq!(field(path, "a").as_deref(), Some("b c"));
        assert_eq!(field(path, "z"), None);
        assert_eq!(field("/no/such/file", "a"), None);
    }
}
