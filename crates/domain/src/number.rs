//! Numbers as people read them. Not their rounding, which depends on what they are.

/// A decimal number with a comma between thousands: `-12,345.6`. Its sign and what stands behind its point stay as they are.
#[must_use]
pub fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut shown = String::with_capacity(number.len() + digits.len() / 3);
    shown.push_str(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart_and_nothing_else() {
        let pairs = [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1000", "-1,000"),
            ("1234567.8901", "1,234,567.8901"),
            ("-0.5", "-0.5"),
        ];
        for (number, shown) in pairs {
            assert_eq!(grouped(number), shown);
        }
    }
}
