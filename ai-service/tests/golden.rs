//! The engine held to Hugging Face's logits (see `golden/make_golden.py`): every case in one go, token by token and in
//! pieces, from memory and from files; the quantised forms held to the floats they stand for, narrower floats to what they
//! were rounded from.

mod golden_support;

use ai_service::engine::{Isa, LoadOptions};
use ai_service::files::{KvType, TensorType};
use golden_support::files::{folder, gguf, run_file};
use golden_support::{Case, cases, run, spread, worst};

/// What the issue asks of the float path.
const FLOATS: f32 = 1e-4;
/// Largest difference of a logit (of up to 8) that half-float keys and values may make: ten times what is seen.
const F16_CACHE: f32 = 2e-2;
/// The same for keys and values of a byte.
const INT8_CACHE: f32 = 1e-1;
/// The same for weights rounded to half floats, and to the upper halves of floats: about 0.003 and 0.03 are seen.
const F16_WEIGHTS: f32 = 2e-2;
const BF16_WEIGHTS: f32 = 2e-1;
/// The same where weights are multiplied with activations quantised to a byte: one logit of many.
const QUANTISED: f32 = 5e-1;
/// And the root of the mean square of the differences, as a share of that of the logits.
const QUANTISED_SHARE: f32 = 5e-2;

fn exact() -> LoadOptions {
    LoadOptions { kv: KvType::F32, context: 256, batch_tokens: 256, threads: 1, ..LoadOptions::default() }
}

#[test]
fn floats_are_within_a_ten_thousandth_in_every_case_however_the_prompt_is_cut() {
    for case in cases().iter().filter(|case| !case.is_quantised()) {
        for isa in Isa::available() {
            let whole = run(case, &LoadOptions { isa, ..exact() }, usize::MAX);
            let off = worst(case, &whole);
            assert!(off <= FLOATS, "{} with {}: {off}", case.name, isa.name());
            for piece in [1, 7, 32] {
                let cut = run(case, &LoadOptions { isa, threads: 2, ..exact() }, piece);
                assert_eq!(cut, whole, "{} in pieces of {piece} with {}", case.name, isa.name());
            }
        }
    }
}

#[test]
fn a_smaller_cache_stays_within_its_bound() {
    for case in cases().iter().filter(|case| !case.is_quantised()) {
        for (kv, bound) in [(KvType::F16, F16_CACHE), (KvType::Int8, INT8_CACHE)] {
            let whole = run(case, &LoadOptions { kv, ..exact() }, usize::MAX);
            let off = worst(case, &whole);
            assert!(off <= bound, "{} with {kv:?}: {off}", case.name);
            assert_eq!(run(case, &LoadOptions { kv, ..exact() }, 5), whole, "{} with {kv:?} in pieces", case.name);
        }
    }
}

#[test]
fn quantised_weights_stay_within_their_bound_of_the_floats_they_stand_for() {
    for case in cases().iter().filter(|case| case.is_quantised()) {
        let off = worst(case, &run(&case.dequantised(), &exact(), usize::MAX));
        assert!(off <= FLOATS, "{} as floats: {off}", case.name);
        let mut same = None;
        for isa in Isa::available() {
            let whole = run(case, &LoadOptions { isa, ..exact() }, usize::MAX);
            let off = worst(case, &whole);
            let share = spread(case, &whole);
            assert!(off <= QUANTISED && share <= QUANTISED_SHARE, "{} with {}: {off}, {share}", case.name, isa.name());
            println!("{} with {}: largest {off}, share {share}", case.name, isa.name());
            assert_eq!(run(case, &LoadOptions { isa, threads: 2, ..exact() }, 3), whole, "{} in pieces", case.name);
            // Every instruction set gives the same bits.
            assert_eq!(same.get_or_insert_with(|| whole.clone()), &whole, "{} with {}", case.name, isa.name());
        }
    }
}

#[test]
fn a_file_says_what_its_weights_say_in_every_case() {
    for case in cases() {
        let wanted = run(&case, &exact(), usize::MAX);
        let found = run_file(gguf(&case, TensorType::F32).path(), &case, &exact());
        assert_eq!(found, wanted, "{} as GGUF", case.name);
        // Safetensors hold no blocks.
        if !case.is_quantised() {
            assert!(worst(&case, &found) <= FLOATS, "{} as GGUF", case.name);
            let found = run_file(folder(&case, TensorType::F32).path(), &case, &exact());
            assert_eq!(found, wanted, "{} as safetensors", case.name);
        }
    }
}

#[test]
fn a_file_of_narrower_floats_says_what_the_rounded_ones_say() {
    for case in cases().iter().filter(|case| !case.is_quantised()) {
        for (floats, bound) in [(TensorType::F16, F16_WEIGHTS), (TensorType::BF16, BF16_WEIGHTS)] {
            let rounded = case.rounded(floats);
            let wanted = run(&rounded, &exact(), usize::MAX);
            let off = worst(case, &wanted);
            assert!(off <= bound, "{} with {floats}: {off}", case.name);
            let found = run_file(gguf(&rounded, floats).path(), case, &exact());
            assert_eq!(found, wanted, "{} as GGUF of {floats}", case.name);
            let found = run_file(folder(&rounded, floats).path(), case, &exact());
            assert_eq!(found, wanted, "{} as safetensors of {floats}", case.name);
        }
    }
}

#[test]
fn the_cases_are_all_there() {
    let mut names: Vec<String> = cases().into_iter().map(|Case { name, .. }| name).collect();
    names.sort_unstable();
    let wanted =
        "base gqa k256 longrope pages partial_tied q4_0 q4_k q4_k_m q5_k q5_k_m q6_k q8_0 swa16 theta together";
    assert_eq!(names.join(" "), wanted);
}
