//! Opening a model file allocates in proportion to what is in the file, whatever its header claims.
//!
//! A counting allocator watches one thread's work; the file itself is in memory before it starts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;

use ai_service::files::writer::{Writer, small};
use ai_service::files::{TensorType, gguf};
use ai_service::text::Tokenizer;
use proptest::prelude::*;

/// Bytes that opening may allocate for each byte of the file (names and tokens are kept in maps), and on top of that.
const PER_BYTE: usize = 48;
const ON_TOP: usize = 256 * 1024;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[expect(unsafe_code, reason = "an allocator that counts and otherwise is the system's")]
// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.get().saturating_add(layout.size());
        HELD.set(held);
        PEAK.set(PEAK.get().max(held));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.set(HELD.get().saturating_sub(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn file() -> Vec<u8> {
    let bytes_of = |shape: &[usize]| TensorType::Q8_0.bytes_of(shape).expect("rows are whole blocks");
    let fill = |_: &str, shape: &[usize]| (TensorType::Q8_0, vec![7; bytes_of(shape)]);
    Writer::phi3_with(&small(), fill).vocabulary(500).finish()
}

/// Opens a file and, where that goes well, its tokenizer. Gives what was allocated at most beyond the file.
fn peak(bytes: Vec<u8>) -> usize {
    let before = HELD.get();
    PEAK.set(before);
    if let Ok(model) = gguf::from_bytes(Path::new("hostile.gguf"), bytes) {
        let opened = PEAK.get() - before;
        drop(Tokenizer::of(&model));
        return opened;
    }
    PEAK.get() - before
}

#[test]
fn a_whole_file_stays_within_the_bound() {
    let bytes = file();
    let most = bytes.len() * PER_BYTE + ON_TOP;
    let peak = peak(bytes);
    assert!(peak > 0 && peak < most, "{peak} of {most}");
}

#[test]
fn counts_beyond_the_file_allocate_nothing_to_speak_of() {
    for count in [1_u64 << 20, 1 << 32, 1 << 62, u64::MAX] {
        for field in [8, 16] {
            let mut bytes = file();
            bytes[field..field + 8].copy_from_slice(&count.to_le_bytes());
            assert!(peak(bytes) < ON_TOP);
        }
    }
    let huge = Writer::new()
        .text("general.architecture", "phi3")
        .number("phi3.block_count", 1 << 10)
        .number("phi3.embedding_length", 1 << 17)
        .number("phi3.feed_forward_length", 1 << 19)
        .number("phi3.attention.head_count", 1 << 10)
        .number("phi3.context_length", 1 << 24)
        .tensor("token_embd.weight", TensorType::F32, &[1 << 21, 1 << 17], Vec::new());
    assert!(peak(huge.finish()) < ON_TOP);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_stay_within_the_bound(
        flips in proptest::collection::vec((0_usize..26_000, any::<u8>()), 1..8),
        eights in proptest::collection::vec((0_usize..2000, any::<u64>()), 0..3),
        cut in 0.2_f64..1.0,
    ) {
        let mut bytes = file();
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        for (at, number) in eights {
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        if cut > 0.6 {
            let length = (bytes.len() as f64 * cut) as usize;
            bytes.truncate(length);
        }
        let most = bytes.len() * PER_BYTE + ON_TOP;
        let peak = peak(bytes);
        prop_assert!(peak < most, "{} of {}", peak, most);
    }
}
