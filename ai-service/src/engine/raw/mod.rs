//! The one place of the engine with `unsafe`: code for instruction sets that not every processor has, and work lent to
//! other threads.
//!
//! Invariants, all of them:
//! 1. An [`Isa`] other than [`Isa::SCALAR`] exists only where [`Isa::available`] found each of its features in this very
//!    processor; nothing else makes one. So calling a function compiled for an `Isa` one holds is sound.
//! 2. The intrinsics in `avx512`, `packed` and `avx2` read and write through references to whole arrays, whose length is the
//!    register's; no pointer is computed.
//! 3. [`lend`] does not return, in whatever way, before every thread has let go of what it lent.
//! 4. AMX reads and writes as much as its tiles were configured for. So its instructions are only in `amx::Tiles`, which
//!    configures them for the parts of its rule and is asked for just these; no thread has two of it at once, as whoever makes
//!    one, in [`multiply`], calls nothing that makes another.
//!
//! It decides nothing: the formulas are in [`super::kernels`]. To add an instruction set: a `Level`, its features in
//! `available` and in the macro, a file with its product of whole numbers, its line in `multiply`; the tests run it too.
#![expect(unsafe_code, reason = "see the invariants above")]

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod amx_found;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod lend;
mod multiply;
#[cfg(target_arch = "x86_64")]
mod packed;
#[cfg(test)]
mod tests;

pub use lend::{Lent, lend};
pub use multiply::multiply_packed;

use std::ops::Range;

use super::kernels::{attend as attention, lanes, unpack as tiles_unpack};
use super::tiles::{Activations, TileKind, Unpacked};

/// Which instructions are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// As `Avx512`, and tiles where many tokens meet many rows.
    #[cfg(target_arch = "x86_64")]
    Amx,
}

impl Isa {
    /// What every processor has.
    pub const SCALAR: Self = Self(Level::Scalar);

    /// All that this processor has, slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut all = vec![Self::SCALAR];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c") {
            all.push(Self(Level::Avx2));
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni")
            {
                all.push(Self(Level::Avx512));
                if amx_found::found() {
                    all.push(Self(Level::Amx));
                }
            }
        }
        all
    }

    /// The fastest that this processor has.
    #[must_use]
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::SCALAR)
    }

    /// Its name, as shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Level::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512-vnni",
            #[cfg(target_arch = "x86_64")]
            Level::Amx => "amx-int8",
        }
    }
}

/// Compiles a body of `kernels` for each instruction set and chooses among them.
macro_rules! for_each_isa {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? = $body:path;)*) => {$(
        $(#[$doc])*
        pub fn $name(isa: Isa, $($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
                fn avx512($($arg: $ty),*) $(-> $ret)? {
                    $body($($arg),*)
                }
                #[target_feature(enable = "avx2,fma,f16c")]
                fn avx2($($arg: $ty),*) $(-> $ret)? {
                    $body($($arg),*)
                }
                match isa.0 {
                    // SAFETY: invariant 1.
                    Level::Avx512 | Level::Amx => return unsafe { avx512($($arg),*) },
                    // SAFETY: invariant 1.
                    Level::Avx2 => return unsafe { avx2($($arg),*) },
                    Level::Scalar => {}
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            let Isa(Level::Scalar) = isa;
            $body($($arg),*)
        }
    )*};
}

for_each_isa! {
    /// See [`lanes::dot`].
    fn dot(a: &[f32], b: &[f32]) -> f32 = lanes::dot;
    /// See [`lanes::norm`].
    fn norm(x: &[f32], weight: &[f32], eps: f32, out: &mut [f32]) = lanes::norm;
    /// See [`lanes::add`].
    fn add(x: &mut [f32], y: &[f32]) = lanes::add;
    /// See [`lanes::gated`].
    fn gated(gate: &mut [f32], up: &[f32]) = lanes::gated;
    /// See [`lanes::quantise`].
    fn quantise(values: &[f32], out: &mut Activations) = lanes::quantise;
    /// See [`lanes::rotate`].
    fn rotate(head: &mut [f32], cos: &[f32], sin: &[f32]) = lanes::rotate;
    /// See [`lanes::widen_f16_bytes`].
    fn widen_f16_bytes(from: &[u8], out: &mut [f32]) = lanes::widen_f16_bytes;
    /// See [`lanes::widen_bf16_bytes`].
    fn widen_bf16_bytes(from: &[u8], out: &mut [f32]) = lanes::widen_bf16_bytes;
    /// See [`lanes::widen_i8`].
    fn widen_i8(from: &[i8], scales: &[f32], out: &mut [f32]) = lanes::widen_i8;
    /// See [`tiles_unpack::unpack`].
    fn unpack(kind: TileKind, record: &[u8], out: &mut Unpacked) = tiles_unpack::unpack;
    /// See [`attention::attend`].
    fn attend(
        query: &[f32],
        keys: &[f32],
        values: &[f32],
        seen: Range<usize>,
        gathered: &mut attention::Gathered,
        weighted: &mut [f32]
    ) = attention::attend;
}

/// Asks for memory that will be read soon. Changes nothing but time.
#[inline(always)]
pub fn prefetch(bytes: &[u8]) {
    const LINE: usize = 64;
    for line in bytes.chunks(LINE) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: asking reads nothing, and every x86-64 processor can be asked.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(line.as_ptr().cast::<i8>());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }
}

/// See [`lanes::widen_f16`].
pub fn widen_f16(isa: Isa, from: &[u16], out: &mut [f32]) {
    match isa.0 {
        // SAFETY: invariant 1.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 | Level::Amx => unsafe { avx512::widen_f16(from, out) },
        // SAFETY: invariant 1.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { avx2::widen_f16(from, out) },
        Level::Scalar => lanes::widen_f16(from, out),
    }
}
