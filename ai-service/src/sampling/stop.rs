//! Stop strings, wherever tokens and pieces of text happen to end.

/// Looks for stop strings in a text that comes in pieces, and holds back what may become one.
#[derive(Debug, Clone, Default)]
pub struct Stops {
    stops: Vec<String>,
    held: String,
}

/// What a piece of text gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// The text that is free to go.
    pub text: String,
    /// Whether a stop string was found; it and what follows are gone.
    pub stopped: bool,
}

impl Stops {
    /// Empty strings are ignored.
    pub fn new(stops: Vec<String>) -> Self {
        Self { stops: stops.into_iter().filter(|stop| !stop.is_empty()).collect(), held: String::new() }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) -> Passed {
        self.held.push_str(piece);
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min() {
            self.held.truncate(at);
            return Passed { text: std::mem::take(&mut self.held), stopped: true };
        }
        let kept = self.stops.iter().map(|stop| unfinished(&self.held, stop)).max().unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - kept);
        Passed { text: std::mem::replace(&mut self.held, rest), stopped: false }
    }

    /// What was held back, when nothing more comes.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// Bytes at the end of `text` that are the beginning of `stop`, as many as possible, and not all of it.
fn unfinished(text: &str, stop: &str) -> usize {
    let most = (stop.len() - 1).min(text.len());
    (1..=most).rev().find(|count| text.as_bytes()[text.len() - count..] == stop.as_bytes()[..*count]).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that passes when `text` comes in pieces of `size` characters, and whether it was stopped.
    fn feed(stops: &[&str], text: &str, size: usize) -> (String, bool) {
        let mut matcher = Stops::new(stops.iter().map(|stop| (*stop).to_owned()).collect());
        let (letters, mut out) = (text.chars().collect::<Vec<_>>(), String::new());
        for piece in letters.chunks(size) {
            let passed = matcher.push(&piece.iter().collect::<String>());
            out.push_str(&passed.text);
            if passed.stopped {
                return (out, true);
            }
        }
        out.push_str(&matcher.finish());
        (out, false)
    }

    #[test]
    fn a_stop_string_is_found_however_the_text_is_cut() {
        for size in 1..12 {
            assert_eq!(feed(&["STOP"], "one STSTOP two", size), ("one ST".to_owned(), true), "size {size}");
            assert_eq!(feed(&["\n\n", "###"], "a\nb##c\n\nd###", size), ("a\nb##c".to_owned(), true), "size {size}");
            assert_eq!(feed(&["größe"], "die größe", size), ("die ".to_owned(), true), "size {size}");
            assert_eq!(feed(&["abab"], "ababab", size), (String::new(), true), "size {size}");
            assert_eq!(feed(&["STOP"], "no STO", size), ("no STO".to_owned(), false), "size {size}");
            assert_eq!(feed(&[""], "all of it", size), ("all of it".to_owned(), false), "size {size}");
        }
    }

    #[test]
    fn no_more_is_held_back_than_must_be() {
        let mut matcher = Stops::new(vec!["END".to_owned()]);
        assert_eq!(matcher.push("the EN"), Passed { text: "the ".to_owned(), stopped: false });
        assert_eq!(matcher.push("X"), Passed { text: "ENX".to_owned(), stopped: false });
        assert_eq!(matcher.push("E"), Passed { text: String::new(), stopped: false });
        assert_eq!(matcher.finish(), "E");
    }

    #[test]
    fn the_earliest_of_several_wins() {
        assert_eq!(feed(&["late", "ear"], "an early and late one", 30), ("an ".to_owned(), true));
    }
}
