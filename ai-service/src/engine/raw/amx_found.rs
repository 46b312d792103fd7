//! Whether there is AMX, and this process may use it: the standard library can't tell on stable Rust.

use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use std::sync::OnceLock;

/// Whether the processor has tiles and products of bytes, and the system keeps tiles for this process. It is asked for once, and
/// holds for all threads. Only Linux is asked.
pub(super) fn found() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| processor() && system() && allowed())
}

/// `amx-tile` and `amx-int8`.
fn processor() -> bool {
    const BITS: u32 = 1 << 24 | 1 << 25;
    __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx & BITS == BITS
}

/// Whether the system keeps tiles and their shapes when threads change places.
fn system() -> bool {
    const BITS: u64 = 1 << 17 | 1 << 18;
    #[target_feature(enable = "xsave")]
    fn kept() -> u64 {
        // SAFETY: register 0 is there wherever the system has turned on `xsave`, which the caller looked for.
        unsafe { _xgetbv(0) }
    }
    const OSXSAVE: u32 = 1 << 27;
    // SAFETY: the system has turned on `xsave`.
    __cpuid(1).ecx & OSXSAVE != 0 && unsafe { kept() } & BITS == BITS
}

/// Asks Linux for room for the tiles' 8 KiB in each thread's state.
#[cfg(target_os = "linux")]
fn allowed() -> bool {
    const ARCH_PRCTL: isize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let mut result = ARCH_PRCTL;
    // SAFETY: this call of the system touches no memory of ours.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") TILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> bool {
    false
}
