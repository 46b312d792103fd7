//! The assistant's conversations with their turns, the tokens it used, and how often each level spoke or failed. A
//! conversation is its person's alone: everything about one starts from whose it is. What a turn's claim is good for, and what
//! counts as a failure, is `services::assistant`.

mod conversations;
mod counts;
#[cfg(test)]
mod tests;
mod turns;

pub use conversations::{
    ConversationPage, ConversationRecord, conversation_count, conversation_delete, conversation_fetch,
    conversation_insert, conversation_list, conversation_prune, conversation_rename, conversation_touch,
};
pub use counts::{
    LevelCount, assistant_level_add, assistant_level_counts, assistant_level_prune, assistant_tokens_add,
    assistant_tokens_list, assistant_tokens_of_team, assistant_tokens_of_user, assistant_tokens_prune,
};
pub use turns::{
    Answered, PassedOver, TurnPage, TurnRecord, TurnState, turn_claim, turn_claim_extend, turn_claims_of, turn_count,
    turn_fetch, turn_finish, turn_forget_answer, turn_insert, turn_list, turn_plan_before, turn_rate, turn_release,
};
