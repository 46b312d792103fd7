//! The scripted model itself.

use std::sync::Arc;

use super::model::{Chunk, Model, ModelError, PageId, RopeFactors};
use super::scripted::*;

fn model() -> (Scripted, Arc<Controls>) {
    let controls = Arc::new(Controls::default());
    let options = ScriptedOptions { page_tokens: 4, pages: 8, context: 32, ..ScriptedOptions::default() };
    (Scripted::new(&options, controls.clone()), controls)
}

fn chunk<'a>(pages: &'a [PageId], start: usize, tokens: &'a [u32]) -> Chunk<'a> {
    Chunk { pages, start, tokens, rope: RopeFactors::Short, logits: true }
}

fn best(logits: &[f32]) -> usize {
    (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap()
}

#[test]
fn it_says_the_question_again_in_pieces_or_at_once() {
    let (mut model, controls) = model();
    let prompt = [BEGIN, USER, 104, 105, END, ASSISTANT];
    let (mut whole, mut pieces) = (Vec::new(), Vec::new());
    model.forward(&[chunk(&[7, 2], 0, &prompt)], &mut whole).unwrap();
    model.forward(&[chunk(&[1], 0, &prompt[..3])], &mut pieces).unwrap();
    model.forward(&[chunk(&[1, 5], 3, &prompt[3..])], &mut pieces).unwrap();
    assert_eq!(whole, pieces);
    assert_eq!(best(&whole), 104);
    model.forward(&[chunk(&[7, 2], 6, &[104]), chunk(&[1, 5], 6, &[104])], &mut whole).unwrap();
    assert_eq!((best(&whole[..VOCABULARY]), best(&whole[VOCABULARY..])), (105, 105));
    model.forward(&[chunk(&[7, 2], 7, &[105])], &mut whole).unwrap();
    assert_eq!(best(&whole), END as usize);
    assert_eq!((controls.steps(), controls.widest(), controls.violations()), (5, 2, 0));
}

#[test]
fn every_breach_of_the_page_contract_is_seen() {
    let (mut model, controls) = model();
    let mut logits = Vec::new();
    model.forward(&[chunk(&[0], 0, &[1, 2, 3, 4]), chunk(&[1], 0, &[5, 6])], &mut logits).unwrap();
    let long = Chunk { rope: RopeFactors::Long, ..chunk(&[0, 2], 4, &[9]) };
    let too_far: Vec<u32> = vec![1; 33];
    let breaches: [&[Chunk<'_>]; 9] = [
        &[chunk(&[1, 2], 3, &[7])],
        &[chunk(&[1, 0], 2, &[])],
        &[chunk(&[0], 4, &[7])],
        &[chunk(&[1, 0], 8, &[7])],
        &[chunk(&[9], 0, &[7])],
        &[chunk(&[2, 2], 0, &[7])],
        &[chunk(&[0, 2], 4, &[7]), chunk(&[0, 2], 4, &[8])],
        &[long],
        &[chunk(&[0, 1, 2, 3, 4, 5, 6, 7], 0, &too_far)],
    ];
    for (at, breach) in breaches.iter().enumerate() {
        let answer = model.forward(breach, &mut logits);
        assert!(matches!(answer, Err(ModelError::BadChunk(_))), "{at}: {answer:?}");
    }
    assert_eq!(controls.violations(), 9);
    model.forward(&[chunk(&[0, 2], 4, &[7]), chunk(&[1], 2, &[8])], &mut logits).unwrap();
}
