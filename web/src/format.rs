//! Numbers, times and AWS's words as a person reads them. No browser, so that it is tested natively: how the reader writes numbers
//! is told to it once ([`write_as`]). Not for what a program reads, such as an address or a file.

use std::cell::Cell;

use contract::costs::MoneyView;
use domain::number::grouped;

/// The marks in a number: between thousands, if there are any, and before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Marks {
    thousands: Option<char>,
    decimals: char,
}

impl Marks {
    const ENGLISH: Self = Self { thousands: Some(','), decimals: '.' };

    /// Those in this number, which has both; `None` where its digits are not the ones that are written here.
    fn of(written: &str) -> Option<Self> {
        let mut marks = written.strip_prefix('1')?.chars().filter(|c| !c.is_ascii_digit());
        let first = marks.next()?;
        Some(match marks.next_back() {
            Some(decimals) => Self { thousands: Some(first), decimals },
            None => Self { thousands: None, decimals: first },
        })
    }

    /// A plain number, as `-1234.5`, with these.
    fn write(self, plain: &str) -> String {
        let mark = |c| match c {
            ',' => self.thousands,
            '.' => Some(self.decimals),
            digit => Some(digit),
        };
        grouped(plain).chars().filter_map(mark).collect()
    }
}

thread_local! {
    static MARKS: Cell<Marks> = const { Cell::new(Marks::ENGLISH) };
}

/// From now on numbers are written with the marks of this one: 1234567.8 as the reader writes it.
pub fn write_as(written: &str) {
    MARKS.set(Marks::of(written).unwrap_or(Marks::ENGLISH));
}

/// A plain number, as `-1234.5`, with the reader's marks: `-1,234.5`.
pub fn decimal(plain: &str) -> String {
    MARKS.get().write(plain)
}

/// A number with thousands separated: `12,345`.
pub fn thousands(number: u64) -> String {
    decimal(&number.to_string())
}

/// An amount with the decimals that people write in its currency: `12,345.60 USD`. A text that is no amount stays as it is.
pub fn money(view: &MoneyView) -> String {
    let Some(money) = view.money() else { return format!("{} {}", view.amount, view.currency) };
    let digits = money.currency.minor_digits();
    let rounded = money.amount.round_dp(digits);
    let text = decimal(&format!("{:.*}", digits as usize, rounded.abs()));
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "−" } else { "" };
    format!("{sign}{text} {}", money.currency)
}

/// By how much more or less than before: `10 % more` or `33.4 % less` with `than` behind it, or `equal`; `None` where there was
/// nothing before.
pub fn compared(now: &MoneyView, before: &MoneyView, than: &str, equal: &str) -> Option<String> {
    let (now, before) = (now.money()?, before.money()?);
    let share = now.checked_sub(&before).ok()?.amount.checked_div(before.amount)?;
    let percent = share.checked_mul(100.into())?.round_dp(1).normalize();
    let text = decimal(&percent.abs().to_string());
    Some(match percent {
        percent if percent.is_zero() => equal.to_owned(),
        percent if percent.is_sign_positive() => format!("{text} % more {than}"),
        _ => format!("{text} % less {than}"),
    })
}

/// `1 job`, `2 jobs`, `1,000 jobs`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// How long ago (or ahead) a moment is, in the largest unit that fits: `just now`, `5 min ago`, `in 2 h`.
/// Both are milliseconds since the epoch.
pub fn relative(now_ms: i64, then_ms: i64) -> String {
    let seconds = (now_ms - then_ms) / 1000;
    let amount = seconds.unsigned_abs();
    let text = match amount {
        0..=9 => return "just now".to_owned(),
        10..=59 => format!("{amount} s"),
        60..=3599 => format!("{} min", amount / 60),
        3600..=86_399 => format!("{} h", amount / 3600),
        86_400..=5_183_999 => counted(amount / 86_400, "day", "days"),
        5_184_000..=63_071_999 => format!("{} months", amount / 2_592_000),
        _ => format!("{} years", amount / 31_536_000),
    };
    if seconds >= 0 { format!("{text} ago") } else { format!("in {text}") }
}

/// A span of time: `850 ms`, `12 s`, `3 min 5 s`, `2 h 4 min`.
pub fn span(milliseconds: i64) -> String {
    let ms = milliseconds.max(0);
    match ms {
        0..=999 => format!("{ms} ms"),
        1000..=59_999 => format!("{} s", ms / 1000),
        60_000..=3_599_999 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// A period in words, in the largest unit that measures it out: `90 s`, `5 min`, `3 h`, `1 day`.
pub fn period(seconds: u64) -> String {
    match seconds {
        0 => "0 s".to_owned(),
        s if s.is_multiple_of(86_400) => counted(s / 86_400, "day", "days"),
        s if s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s if s.is_multiple_of(60) => format!("{} min", s / 60),
        s => format!("{} s", thousands(s)),
    }
}

/// How often something happens: `every hour`, `every 5 min`.
pub fn every(seconds: u64) -> String {
    match seconds {
        60 => "every minute".to_owned(),
        3600 => "every hour".to_owned(),
        86_400 => "every day".to_owned(),
        other => format!("every {}", period(other)),
    }
}

/// An amount of 1e-10 USD in USD, in full, with at least its cents: `0.02`, `0.00314`.
pub fn usd(amount_e10: i64) -> String {
    let amount = amount_e10.unsigned_abs();
    let text = format!("{}.{:010}", amount / 10_000_000_000, amount % 10_000_000_000);
    let (cents, finer) = text.split_at(text.len() - 8);
    let sign = if amount_e10 < 0 { "-" } else { "" };
    decimal(&format!("{sign}{cents}{}", finer.trim_end_matches('0')))
}

/// An AWS constant in words: the names AWS's own pages use where there are such, otherwise sentence case.
pub fn aws_words(value: &str) -> String {
    let known = match value {
        "AUTO_STOP" => "AutoStop",
        "ALWAYS_ON" => "AlwaysOn",
        "POWERPRO" => "PowerPro",
        "GRAPHICSPRO" => "GraphicsPro",
        "GRAPHICS_G4DN" => "Graphics.g4dn",
        "GRAPHICSPRO_G4DN" => "GraphicsPro.g4dn",
        "GENERALPURPOSE_4XLARGE" => "GeneralPurpose.4xlarge",
        "GENERALPURPOSE_8XLARGE" => "GeneralPurpose.8xlarge",
        "PCOIP" => "PCoIP",
        "WSP" => "DCV",
        _ => "",
    };
    if known.is_empty() { sentence(&value.replace('_', " ").to_lowercase()) } else { known.to_owned() }
}

/// The first letter in upper case.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// A validation rule's words as a sentence that tells how to mend it.
pub fn rule_words(message: &str) -> String {
    let bound = |prefix: &str| message.strip_prefix(prefix).map(str::trim);
    if let Some(least) = bound("length is lower than ") {
        return if least == "1" { "Fill this in.".to_owned() } else { format!("At least {least} characters.") };
    }
    if let Some(most) = bound("length is greater than ") {
        return format!("At most {most} characters.");
    }
    if message.starts_with("not a valid email") {
        return "Write an e-mail address, like ana@example.com.".to_owned();
    }
    let text = sentence(message);
    if text.ends_with('.') { text } else { text + "." }
}

/// Up to two letters that stand for a user name in a round mark.
pub fn initials(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    let mut parts = name.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty());
    let first = parts.next().and_then(|p| p.chars().next());
    let second = parts.next().and_then(|p| p.chars().next());
    first.into_iter().chain(second).flat_map(char::to_uppercase).collect()
}

/// Percent-encodes a text so that it can stand as a value in a query string.
pub fn query_value(text: &str) -> String {
    serde_urlencoded::to_string([("v", text)]).map(|pair| pair[2..].to_owned()).unwrap_or_default()
}

/// The pairs of a query string, with or without its `?`; what can't be read is left out.
pub fn query_pairs(search: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(search.trim_start_matches(['?', '#'])).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_compared_with_what_was_before() {
        let money = |amount: &str| MoneyView { amount: amount.into(), currency: "USD".into() };
        let compared = |now, before| compared(&money(now), &money(before), "now", "as much");
        assert_eq!(compared("110", "100").as_deref(), Some("10 % more now"));
        assert_eq!(compared("66.65", "100").as_deref(), Some("33.4 % less now"));
        assert_eq!(compared("100.01", "100").as_deref(), Some("as much"));
        assert_eq!(compared("5", "0"), None);
        let euros = MoneyView { amount: "5".into(), currency: "EUR".into() };
        assert_eq!(super::compared(&money("5"), &euros, "now", "as much"), None);
    }

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        let money =
            |amount: &str, currency: &str| money(&MoneyView { amount: amount.into(), currency: currency.into() });
        assert_eq!(money("112437.4361", "USD"), "112,437.44 USD");
        assert_eq!(money("3", "EUR"), "3.00 EUR");
        assert_eq!(money("-0.004", "USD"), "0.00 USD");
        assert_eq!(money("-1234.5", "USD"), "−1,234.50 USD");
        assert_eq!(money("98765.4", "JPY"), "98,765 JPY");
        assert_eq!(money("much", "USD"), "much USD");
    }

    #[test]
    fn numbers_have_separators() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (50_000, "50,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(counted(1, "job", "jobs"), "1 job");
        assert_eq!(counted(2000, "job", "jobs"), "2,000 jobs");
    }

    #[test]
    fn numbers_have_the_marks_of_the_reader() {
        for (written, number, small) in [
            ("1,234,567.8", "1,234,567.89", "-0.5"),
            ("1.234.567,8", "1.234.567,89", "-0,5"),
            ("1\u{202f}234\u{202f}567,8", "1\u{202f}234\u{202f}567,89", "-0,5"),
            ("1’234’567.8", "1’234’567.89", "-0.5"),
            ("12,34,567.8", "1,234,567.89", "-0.5"),
            ("1234567,8", "1234567,89", "-0,5"),
        ] {
            let marks = Marks::of(written).unwrap();
            assert_eq!(
                (marks.write("1234567.89").as_str(), marks.write("-0.5").as_str()),
                (number, small),
                "{written}"
            );
        }
        assert_eq!([Marks::of("١٬٢٣٤٬٥٦٧٫٨"), Marks::of("1234567"), Marks::of("")], [None; 3]);
    }

    #[test]
    fn everything_is_written_as_the_reader_does_once_that_is_known() {
        write_as("1.234.567,8");
        let view = |amount: &str| MoneyView { amount: amount.into(), currency: "EUR".into() };
        assert_eq!((thousands(12_345).as_str(), usd(12_345_000_000_000).as_str()), ("12.345", "1.234,50"));
        assert_eq!(money(&view("-1234.5")), "−1.234,50 EUR");
        assert_eq!(compared(&view("66.65"), &view("100"), "now", "equal").as_deref(), Some("33,4 % less now"));
        write_as("?");
        assert_eq!(decimal("1234.5"), "1,234.5");
    }

    #[test]
    fn relative_times_use_the_largest_unit() {
        let now = 10_000_000_000_000;
        let ago = |seconds: i64| relative(now, now - seconds * 1000);
        assert_eq!(ago(3), "just now");
        assert_eq!(ago(59), "59 s ago");
        assert_eq!(ago(60), "1 min ago");
        assert_eq!(ago(3_600), "1 h ago");
        assert_eq!(ago(86_400), "1 day ago");
        assert_eq!(ago(86_400 * 3), "3 days ago");
        assert_eq!(ago(86_400 * 90), "3 months ago");
        assert_eq!(ago(-7200), "in 2 h");
    }

    #[test]
    fn spans() {
        assert_eq!(span(850), "850 ms");
        assert_eq!(span(12_400), "12 s");
        assert_eq!(span(185_000), "3 min 5 s");
        assert_eq!(span(7_440_000), "2 h 4 min");
        assert_eq!(span(-5), "0 ms");
    }

    #[test]
    fn periods_use_the_unit_that_measures_them_out() {
        for (seconds, text) in [
            (5, "5 s"),
            (90, "90 s"),
            (300, "5 min"),
            (10_800, "3 h"),
            (86_400, "1 day"),
            (2_678_400, "31 days"),
            (0, "0 s"),
        ] {
            assert_eq!(period(seconds), text);
        }
        assert_eq!([60, 300, 3600, 86_400].map(every), ["every minute", "every 5 min", "every hour", "every day"]);
    }

    #[test]
    fn amounts_are_in_full() {
        for (e10, text) in [
            (0, "0.00"),
            (200_000_000, "0.02"),
            (31_400_000, "0.00314"),
            (12_345_000_000_000, "1,234.50"),
            (-100_000_000, "-0.01"),
        ] {
            assert_eq!(usd(e10), text);
        }
    }

    #[test]
    fn aws_constants_read_as_words() {
        assert_eq!(aws_words("ADMIN_MAINTENANCE"), "Admin maintenance");
        assert_eq!(aws_words("AUTO_STOP"), "AutoStop");
        assert_eq!(aws_words("HIBERNATING"), "Hibernating");
        assert_eq!(aws_words(""), "");
    }

    #[test]
    fn rules_say_how_to_mend() {
        assert_eq!(rule_words("length is lower than 8"), "At least 8 characters.");
        assert_eq!(rule_words("length is lower than 1"), "Fill this in.");
        assert_eq!(rule_words("must be unique"), "Must be unique.");
    }

    #[test]
    fn query_values_survive_the_round_trip() {
        for text in ["a b&c=d", "ü/…", "Owner=R&D"] {
            assert_eq!(query_pairs(&format!("?v={}", query_value(text))), [("v".to_owned(), text.to_owned())]);
        }
    }

    #[test]
    fn initials_come_from_names() {
        assert_eq!(initials("ana.keller@example.com"), "AK");
        assert_eq!(initials("bob"), "B");
        assert_eq!(initials("--"), "");
    }
}
