//! From tokens to text: whole characters, stop strings, and the log probabilities that belong to the text that goes out.

use std::collections::VecDeque;

use super::request::{Event, TokenInfo};
use crate::prompt::Language;
use crate::sampling::stop::Stops;

/// The text of one answer.
pub struct Output {
    stops: Stops,
    /// Bytes of a character that is not whole yet.
    pending: Vec<u8>,
    /// Whether the next character may be the space that is left out.
    at_start: bool,
    /// Bytes of text made so far, and how many of them went out.
    made: usize,
    released: usize,
    /// Tokens that did not go out yet.
    tokens: VecDeque<Waiting>,
}

struct Waiting {
    info: TokenInfo,
    /// Where its text begins, and where it ends once that is known.
    start: usize,
    end: Option<usize>,
}

/// What a token gave.
pub struct Piece {
    /// To send, where there is anything.
    pub event: Option<Event>,
    /// Whether a stop string ended the answer.
    pub stopped: bool,
}

impl Output {
    /// Nothing yet.
    pub fn new(stops: Vec<String>, language: &dyn Language) -> Self {
        Self {
            stops: Stops::new(stops),
            pending: Vec::new(),
            at_start: language.drops_first_space(),
            made: 0,
            released: 0,
            tokens: VecDeque::new(),
        }
    }

    /// The next token, and what is to be told of it.
    pub fn push(&mut self, bytes: &[u8], info: Option<TokenInfo>) -> Piece {
        self.pending.extend_from_slice(bytes);
        let text = whole(&mut self.pending, false);
        self.pass(text, info)
    }

    /// The end: what was held back, and what is left of a character.
    pub fn finish(&mut self) -> Option<Event> {
        let text = whole(&mut self.pending, true);
        let piece = self.pass(text, None);
        if piece.stopped {
            return piece.event;
        }
        let mut text = match piece.event {
            Some(Event::Text { text, .. }) => text,
            _ => String::new(),
        };
        text.push_str(&self.stops.finish());
        let tokens = std::mem::take(&mut self.tokens).into_iter().map(|token| token.info).collect();
        event(text, tokens)
    }

    fn pass(&mut self, mut text: String, info: Option<TokenInfo>) -> Piece {
        if self.at_start && !text.is_empty() {
            self.at_start = false;
            if text.starts_with(' ') {
                text.remove(0);
            }
        }
        let start = self.made;
        self.made += text.len();
        self.tokens.extend(info.map(|info| Waiting { info, start, end: None }));
        if self.pending.is_empty() {
            self.tokens.iter_mut().for_each(|token| token.end = token.end.or(Some(self.made)));
        }
        let passed = self.stops.push(&text);
        self.released += passed.text.len();
        let released = self.released;
        // A token with any text before a stop string belongs to the answer.
        let free = |token: &mut Waiting| match passed.stopped {
            true => token.start < released,
            false => token.end.is_some_and(|end| end <= released),
        };
        let mut tokens = Vec::new();
        while let Some(token) = self.tokens.pop_front_if(free) {
            tokens.push(token.info);
        }
        Piece { event: event(passed.text, tokens), stopped: passed.stopped }
    }
}

fn event(text: String, tokens: Vec<TokenInfo>) -> Option<Event> {
    (!text.is_empty() || !tokens.is_empty()).then_some(Event::Text { text, tokens })
}

/// Takes the whole characters from the front of `bytes`; what can never become one is a replacement character. At the
/// `end` nothing is left.
fn whole(bytes: &mut Vec<u8>, end: bool) -> String {
    let (mut text, mut used) = (String::new(), 0);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        used += chunk.valid().len();
        let invalid = chunk.invalid();
        // The beginning of a character at the very end may still be completed.
        let open = used + invalid.len() == bytes.len() && !invalid.is_empty() && begins_character(invalid);
        if invalid.is_empty() || open && !end {
            break;
        }
        text.push('\u{fffd}');
        used += invalid.len();
    }
    bytes.drain(..used);
    text
}

/// Whether more bytes could make a character of these, which are none.
fn begins_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::bytes::Bytes;

    fn info(token: u32) -> TokenInfo {
        TokenInfo { token, logprob: -1.0, top: Vec::new() }
    }

    /// Feeds tokens of these bytes; the events, with the text and the tokens of each.
    fn feed(stops: &[&str], tokens: &[&[u8]]) -> (Vec<(String, Vec<u32>)>, bool) {
        let mut output = Output::new(stops.iter().map(|stop| (*stop).to_owned()).collect(), &Bytes::new());
        let mut events = Vec::new();
        let mut note = |event: Option<Event>| {
            if let Some(Event::Text { text, tokens }) = event {
                events.push((text, tokens.iter().map(|info| info.token).collect()));
            }
        };
        for (at, bytes) in tokens.iter().enumerate() {
            let piece = output.push(bytes, Some(info(at as u32)));
            note(piece.event);
            if piece.stopped {
                return (events, true);
            }
        }
        note(output.finish());
        (events, false)
    }

    fn text(events: &[(String, Vec<u32>)]) -> String {
        events.iter().map(|(text, _)| text.as_str()).collect()
    }

    #[test]
    fn characters_come_whole_with_all_their_tokens() {
        let (events, _) = feed(&[], &[b"a", b"\xf0\x9f", b"\x98", b"\x80b", b"c"]);
        let expected = [("a", vec![0]), ("\u{1f600}b", vec![1, 2, 3]), ("c", vec![4])];
        assert_eq!(events, expected.map(|(text, tokens)| (text.to_owned(), tokens)));
    }

    #[test]
    fn what_is_no_character_is_replaced_and_nothing_waits_for_ever() {
        assert_eq!(text(&feed(&[], &[b"a\xff", b"\xc3", b"b", b"\xe2\x82"]).0), "a\u{fffd}\u{fffd}b\u{fffd}");
        assert_eq!(text(&feed(&[], &[b"\x80\x80", b"x"]).0), "\u{fffd}\u{fffd}x");
    }

    #[test]
    fn a_stop_string_takes_its_tokens_along() {
        let (events, stopped) = feed(&["END"], &[b"one", b" E", b"ND", b"two"]);
        assert!(stopped);
        let expected = [("one", vec![0]), (" ", vec![]), ("", vec![1])];
        assert_eq!(events, expected.map(|(text, tokens)| (text.to_owned(), tokens)));
    }

    #[test]
    fn held_text_keeps_its_tokens_until_it_is_free() {
        let (events, _) = feed(&["END"], &[b"E", b"N", b"X", b"E"]);
        assert_eq!(events, [("ENX".to_owned(), vec![0, 1, 2]), ("E".to_owned(), vec![3])]);
    }
}
