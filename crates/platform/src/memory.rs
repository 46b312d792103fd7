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

fn parse(status: &str) -> Option<Memory> {
    let bytes = |field: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    };
    Some(Memory { current_bytes: bytes("VmRSS:")?, peak_bytes: bytes("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_kibibytes_become_bytes() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(parse(status), Some(Memory { current_bytes: 1 << 20, peak_bytes: 2 << 20 }));
        assert_eq!(parse("Name:\tx\n"), None);
    }
}
