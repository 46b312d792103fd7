use super::memory::{Amount, KvType, MemoryOptions, check, largest_context, need};
use super::writer::mini;

const WEIGHTS: u64 = 2_400_000_000;

#[test]
fn the_cache_is_two_halves_of_two_bytes_in_every_layer() {
    let options = MemoryOptions { context: 2048, ..MemoryOptions::default() };
    assert_eq!(need(&mini(), WEIGHTS, options).cache, 2048 * 32 * 2 * 3072 * 2);
    assert_eq!(KvType::Int8.bytes_per_position(&mini()), 32 * 2 * (3072 + 4 * 32));
}

#[test]
fn mini_at_context_2048_keeps_to_the_file_and_900_megabytes() {
    let options = MemoryOptions { context: 2048, ..MemoryOptions::default() };
    let need = check(&mini(), WEIGHTS, options, WEIGHTS + 1_000_000_000).unwrap();
    assert!(need.total() <= WEIGHTS + 900_000_000, "{need:?}");
}

#[test]
fn what_does_not_fit_is_refused_with_figures_that_hold() {
    let options = MemoryOptions { context: 4096, ..MemoryOptions::default() };
    let limit = 3_500_000_000;
    let refused = check(&mini(), WEIGHTS, options, limit).unwrap_err();
    let fits = refused.fits.unwrap();
    let sentence = refused.to_string();
    assert!(
        sentence.contains("may take 3.50 GB") && sentence.contains(&format!("a context of {fits} tokens would fit")),
        "{sentence}"
    );
    // The offer holds, and one step more would not.
    check(&mini(), WEIGHTS, MemoryOptions { context: fits, ..options }, limit).unwrap();
    assert!(check(&mini(), WEIGHTS, MemoryOptions { context: fits + 64, ..options }, limit).is_err());
}

#[test]
fn what_is_packed_counts_while_the_cache_is_small() {
    let options = MemoryOptions { context: 64, ..MemoryOptions::default() };
    let need = need(&mini(), WEIGHTS, options);
    // The output matrix, as it lies in the file, is the largest.
    assert_eq!(need.cache + need.scratch, 32_064 * 3072 / 32 * 34);
    let limit = need.total();
    check(&mini(), WEIGHTS, options, limit).unwrap();
    assert_eq!(check(&mini(), WEIGHTS, options, limit - 1).unwrap_err().fits, None);
    let fits = largest_context(&mini(), WEIGHTS, options, limit, 64).unwrap();
    check(&mini(), WEIGHTS, MemoryOptions { context: fits, ..options }, limit).unwrap();
    assert!(check(&mini(), WEIGHTS, MemoryOptions { context: fits + 64, ..options }, limit).is_err());
}

#[test]
fn amounts_are_read_as_the_configuration_counts() {
    let read = |bytes| Amount(bytes).to_string();
    assert_eq!([999, 4_200, 14_900_000, 2_393_231_072].map(read), ["999 bytes", "4.2 kB", "14.9 MB", "2.39 GB"]);
}

#[test]
fn a_model_too_large_for_any_context_is_said_to_be() {
    let refused = check(&mini(), WEIGHTS, MemoryOptions::default(), 2_000_000_000).unwrap_err();
    assert_eq!(refused.fits, None);
    assert!(refused.to_string().contains("a smaller model is needed"));
}

#[test]
fn the_largest_context_stops_at_the_model_s_own() {
    assert_eq!(largest_context(&mini(), WEIGHTS, MemoryOptions::default(), u64::MAX, 64), Some(4096));
}
