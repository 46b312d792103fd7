//! The words of the fact check: which are harmless in any sentence, which turn a fact into another, and which mean the same.
//!
//! A word that is in none of these lists is shown only where the facts vouch for it: a word of a fact's own description or of
//! a written sentence about it. So the lists may be short and must be careful: [`PLAIN`] has nothing that counts, compares,
//! denies, ranks, praises, orders somebody about, or tells one part of a fleet from another. To allow a word everywhere, add
//! it to [`PLAIN`] and think of the worst sentence that it makes possible.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::workspace::{ComputeType, ConnectionState, RunningMode, WorkspaceState};

/// Words that may stand in any sentence.
const PLAIN: &str = "
    a an the this that these those there here it its they their them which who whose you your
    is are was were be been being has have had having did does
    of in on at by for from to with within among across between during through into as via
    and or but while whereas also well
    altogether overall total totals combined together sum sums
    currently now presently moment present right
    number numbers figure figures count counts counted amount amounts amounted result answer
    come comes came coming stand stands stood make makes made making
    show shows shown showing list lists listed find found see seen
    include includes included including consist consists comprise comprises contain contains
    name names named called id ids
    according data record records recorded fact facts information based report reports reported
    follows following
    belong belongs belonged hold holds held
    namely where when thus so
    case cases part parts
    date dates dated utc aws amazon wheelhouse
    say says said tell tells give gives given gave
    get gets got
    against versus vs compared
    lies lie sits sit located
    exact";

/// Names of the trade, written with capitals anywhere.
const PROPER: &str = "aws utc amazon wheelhouse workspace workspaces cloudtrail usd eur gbp";

/// Words that deny.
const DENIALS: &str = "
    not no none nobody nothing never neither nor nowhere without cannot zero except excluding besides unless instead rather
    hardly barely scarcely lack lacks lacking";

/// Words that put two figures in an order, or say which way one went.
const ORDERS: &str = "
    more less fewer than higher lower greater smaller larger bigger above below over under beyond
    exceed exceeds exceeded exceeding outnumber outnumbers
    rise rises rose risen grow grows grew grown increase increases increased increasing climb climbs climbed up
    fall falls fell fallen drop drops dropped decrease decreases decreased decreasing decline declined shrink shrank down
    double doubled doubles triple tripled halved twice thrice times ahead behind before after since until
    cheaper dearer costlier";

/// Words that rank, round, or widen a fact to more than it says.
const CLAIMS: &str = "
    most least highest lowest largest smallest biggest greatest fewest top bottom first second third last newest oldest latest
    earliest cheapest dearest longest shortest next previous only just merely solely exclusively about around roughly nearly almost approximately
    some several many few lots plenty various numerous half quarter majority minority dozens hundreds thousands millions all every each both entire
    whole everyone everybody everything any either another other others remaining rest still already yet ever always maybe perhaps probably possibly
    likely may might could would should must can will shall if same different usual usually mostly mainly
    yesterday today tomorrow ago recently soon later earlier former formerly largely often sometimes rarely average mean median typical typically estimated expected projected";

/// What a count can be a count of. The one that follows a figure must be in the figure's own description.
const HEADS: &str = "
    workspace user account region bundle directory job event session team tag group sync person action request conversation
    key administrator operator volume snapshot image country month day week year hour minute second
    call entry login alarm finding place set";

/// What a name can be the name of, by class.
const ROLES: &str = "
    workspace user account region bundle directory team tag group computer state mode type connection status permission job event
    error action administrator role";

/// Units of time and size: a number before one is a measure, not a count of something else.
const UNITS: &str = "day week month year hour minute second gb gib mb mib tb vcpu percent point";

/// Words that mean the same here, one class to a line; the first stands for all.
const CLASSES: &str = "
    workspace desktop machine
    user person people colleague owner
    cost spend spent spending bill billed billing billings charge charged expense expenses paid pay price priced
    use used using usage connect connected connection connections
    unused idle
    team teams group groups
    month monthly
    hour hourly hours
    region regions
    have own
    fail failed failing failure failures
    finish finished complete completed
    forecast forecasted forecasts
    estimate estimated estimates
    start started starting
    save saves saved saving savings
    exist exists existing
    run running runs ran";

/// Numbers below twenty, from zero; then the tens.
const SMALL: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
    seventeen eighteen nineteen";
const TENS: &str = "twenty thirty forty fifty sixty seventy eighty ninety";

fn set(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
}

static PLAIN_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(PLAIN));
static PROPER_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(PROPER));
static DENIAL_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(DENIALS));
static ORDER_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(ORDERS));
static CLAIM_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(CLAIMS));
static HEAD_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(HEADS));
static ROLE_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(ROLES));
static UNIT_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(UNITS));

static CLASS_OF: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let class = |line: &'static str| line.split_whitespace().next().map(|first| (first, line));
    let words = |(first, line): (&'static str, &'static str)| line.split_whitespace().map(move |word| (word, first));
    CLASSES.lines().filter_map(class).flat_map(words).collect()
});

static NUMBERS: LazyLock<HashMap<&'static str, u64>> = LazyLock::new(|| {
    let small = SMALL.split_whitespace().zip(0..);
    small.chain(TENS.split_whitespace().zip((20..).step_by(10))).collect()
});

/// The states, running modes, compute types and connection states that AWS knows, by [`key`].
static VALUES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let states = WorkspaceState::KNOWN.iter().map(WorkspaceState::as_str);
    let modes = RunningMode::KNOWN.iter().map(RunningMode::as_str);
    let computes = ComputeType::KNOWN.iter().map(ComputeType::as_str);
    let connections = ConnectionState::KNOWN.iter().map(ConnectionState::as_str);
    states.chain(modes).chain(computes).chain(connections).map(key).collect()
});

/// Whether the word, in lower case, may stand in any sentence.
pub(super) fn plain(word: &str) -> bool {
    PLAIN_SET.contains(word)
}

/// Whether the word, in lower case, is a name of the trade that is written with a capital.
pub(super) fn proper(word: &str) -> bool {
    PROPER_SET.contains(word)
}

/// What a word does to the figures beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    /// It denies.
    Denial,
    /// It puts figures in an order.
    Order,
    /// It ranks, rounds or widens.
    Claim,
}

/// What the word, in lower case, does; `None` for one that does nothing of the kind.
pub(super) fn twist(word: &str) -> Option<Twist> {
    if word.ends_with("n't") || DENIAL_SET.contains(word) {
        Some(Twist::Denial)
    } else if ORDER_SET.contains(word) {
        Some(Twist::Order)
    } else if CLAIM_SET.contains(word) {
        Some(Twist::Claim)
    } else {
        None
    }
}

/// The denial that stands for all that deny the same way.
pub(super) fn denial(word: &str) -> &str {
    if word.ends_with("n't") || matches!(word, "cannot" | "nobody") { "not" } else { word }
}

/// Whether the word only helps the next one to say something.
pub(super) fn helps(word: &str) -> bool {
    let verbs = matches!(
        word,
        "is" | "are" | "was" | "were" | "been" | "be" | "being" | "have" | "has" | "had" | "did" | "does"
    );
    verbs || matches!(word, "a" | "an" | "the" | "any" | "yet" | "ever" | "of" | "to")
}

/// Whether the stem is what a count can be a count of.
pub(super) fn head(stem: &str) -> bool {
    HEAD_SET.contains(stem)
}

/// Whether the class is what a name can be the name of.
pub(super) fn role(class: &str) -> bool {
    ROLE_SET.contains(class)
}

/// Whether the stem is a unit.
pub(super) fn unit(stem: &str) -> bool {
    UNIT_SET.contains(stem)
}

/// The number that the word, in lower case, is: below a hundred.
pub(super) fn number(word: &str) -> Option<u64> {
    NUMBERS.get(word).copied()
}

/// What number words are multiplied by.
pub(super) fn scale(word: &str) -> Option<u64> {
    match word {
        "hundred" => Some(100),
        "thousand" => Some(1_000),
        "million" => Some(1_000_000),
        "billion" => Some(1_000_000_000),
        _ => None,
    }
}

/// Whether the text, by its [`key`], is a state, running mode, compute type or connection state.
pub(super) fn value(key: &str) -> bool {
    VALUES.contains(key)
}

/// Whether the word, in lower case, means something here by itself, so that a name that is the same could be mistaken for it.
pub(super) fn ordinary(word: &str) -> bool {
    let stem = stem(word);
    plain(word)
        || twist(word).is_some()
        || number(word).is_some()
        || scale(word).is_some()
        || head(&stem)
        || unit(&stem)
        || CLASS_OF.contains_key(word)
        || value(&key(word))
}

/// The word in lower case without the ending of a plural or of a possessive.
pub(super) fn stem(word: &str) -> String {
    let word = word.trim_end_matches('\'');
    let word = word.strip_suffix("'s").unwrap_or(word).to_lowercase();
    if let Some(body) = word.strip_suffix("ies").filter(|body| body.len() > 2) {
        return format!("{body}y");
    }
    let plural = word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if plural { word[..word.len() - 1].to_owned() } else { word }
}

/// The word that stands for all that mean the same.
pub(super) fn class(word: &str) -> String {
    let stem = stem(word);
    let lower = word.to_lowercase();
    CLASS_OF.get(stem.as_str()).or_else(|| CLASS_OF.get(lower.as_str())).map_or(stem, |&class| class.to_owned())
}

/// The stems of the words that signs divide: `auto-stop` and `Auto Stop` are written the same, `AutoStop` is not.
pub(super) fn parts(text: &str) -> Vec<String> {
    let text = text.strip_suffix("'s").unwrap_or(text);
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(stem).collect()
}

/// Letters and digits alone, in lower case, without a plural's ending, or the text where it has none: `AUTO_STOP`, `auto-stop` and `AutoStop` are one.
pub(super) fn key(text: &str) -> String {
    let text = text.strip_suffix("'s").unwrap_or(text);
    let key = stem(&text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>());
    if key.is_empty() { text.to_owned() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_plain_word_counts_compares_denies_or_ranks() {
        for word in PLAIN.split_whitespace() {
            assert!(twist(word).is_none(), "{word}");
            assert!(number(word).is_none() && scale(word).is_none(), "{word}");
            assert!(!value(&key(word)), "{word} is a value of AWS's");
            assert!(!head(&stem(word)), "{word} is what figures are counts of");
        }
    }

    #[test]
    fn what_means_the_same_is_one() {
        assert_eq!(key("AUTO_STOP"), key("AutoStop"));
        assert_eq!(key("WorkSpaces"), "workspace");
        assert_eq!(class("desktops"), class("WorkSpace"));
        assert_eq!(class("people"), class("users"));
        assert_eq!(stem("directories"), "directory");
        assert_eq!(stem("March's"), "march");
        assert_eq!(stem("status"), "status");
        assert!(value(&key("stopped")) && value(&key("always-on")));
    }

    #[test]
    fn words_are_numbers() {
        assert_eq!(number("twelve"), Some(12));
        assert_eq!(number("ninety"), Some(90));
        assert_eq!(number("twelfth"), None);
    }
}
