//! How much memory this process holds, as the kernel counts it. `None` where there is no `/proc`.

use serde::Serialize;

/// Resident set of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Now, in bytes.
    pub current_bytes: u64,
    /// The most there has been, in bytes.
    pub peak_bytes: u64,
}

/// The resident set of this process.
pub fn resident() -> Option<Memory> {
    parse(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// The resident set of another process.
pub fn resident_of(process: u32) -> Option<Memory> {
    parse(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// Bytes that this process may still take: what the machine has left, or its control group, whichever is less.
pub fn available() -> Option<u64> {
    let machine = left_of_machine(&std::fs::read_to_string("/proc/meminfo").ok()?)?;
    let group = |file: &str| std::fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?.trim().parse::<u64>().ok();
    let group = group("memory.max").zip(group("memory.current"));
    Some(group.map_or(machine, |(most, used)| machine.min(most.saturating_sub(used))))
}

/// The most bytes that this process's control group may hold; `None` where it has no limit of its own.
pub fn limit() -> Option<u64> {
    most(&std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?)
}

/// A number, or the word `max`.
fn most(limit: &str) -> Option<u64> {
    limit.trim().parse().ok()
}

fn left_of_machine(meminfo: &str) -> Option<u64> {
    bytes(meminfo, "MemAvailable:")
}

fn parse(status: &str) -> Option<Memory> {
    Some(Memory { current_bytes: bytes(status, "VmRSS:")?, peak_bytes: bytes(status, "VmHWM:")? })
}

/// The kernel's `field   4 kB`, in bytes.
fn bytes(table: &str, field: &str) -> Option<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_kibibytes_become_bytes() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(parse(status), Some(Memory { current_bytes: 1 << 20, peak_bytes: 2 << 20 }));
        assert_eq!(parse("Name:\tx\n"), None);
        assert_eq!(left_of_machine("MemTotal: 9 kB\nMemAvailable:    4 kB\n"), Some(4096));
        assert_eq!(left_of_machine("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn a_group_has_a_limit_or_none() {
        assert_eq!(most("234881024\n"), Some(224 << 20));
        assert_eq!(most("max\n"), None);
    }
}
