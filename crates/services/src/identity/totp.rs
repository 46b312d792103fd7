//! Codes that change with the time (RFC 6238: SHA-1, six digits, thirty seconds) and the QR code that an app reads their secret
//! from. Nothing is remembered here: that a code is taken once only is for `second_factor`.

use chrono::{DateTime, Utc};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp, TotpError};

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, 4).
pub(super) const SECRET_BYTES: usize = 20;

/// What an app calls the place that the codes are for.
const ISSUER: &str = "Wheelhouse";
/// The white around a QR code that readers need, modules.
const QUIET: i32 = 4;

/// A secret on its way into somebody's app.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSetup {
    /// The secret in base32, for typing it.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
    /// That address as a QR code: an SVG image.
    pub qr_svg: String,
}

impl std::fmt::Debug for TotpSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSetup")
    }
}

/// The step of the code when it is right now, one step ago or in one step: clocks of phones are not better than that.
pub(super) fn matching_step(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let now = u64::try_from(now.timestamp()).ok()?;
    let step = codes(secret, "").ok()?.check(code, now)?;
    i64::try_from(step).ok()
}

/// How a secret gets into the app of somebody with that e-mail address.
///
/// # Errors
/// [`TotpError`] for a secret that is too short: ours are not.
pub(super) fn setup(secret: &[u8], email: &str) -> Result<TotpSetup, TotpError> {
    let codes = codes(secret, email)?;
    let uri = codes.to_url()?;
    let qr_svg = qr_svg(&uri).unwrap_or_default();
    Ok(TotpSetup { secret: codes.secret().to_base32(), uri, qr_svg })
}

fn codes(secret: &[u8], email: &str) -> Result<Totp, TotpError> {
    // A colon would end the issuer's name.
    Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(email.replace(':', " "))
        .with_issuer(Some(ISSUER))
        .build()
}

/// The text as a QR code: dark squares in one path, on white whatever the page's colours. `None` for a text beyond what fits.
fn qr_svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let (size, mut path) = (code.size(), String::new());
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    let side = size + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_codes_of_rfc_6238() {
        // Appendix B, SHA-1; of its eight digits the last six.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(matching_step(SECRET, code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let (now, step) = (1_234_567_890, 1_234_567_890 / 30);
        for (off, taken) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let seen = matching_step(SECRET, "005924", at(now + off));
            assert_eq!(seen, taken.then_some(step), "{off}: the step is the code's own, whatever the clock");
        }
    }

    #[test]
    fn what_is_no_code_fits_nothing() {
        for odd in ["", "5924", "0005924", "00592４", "+05924", " 05924", "005924 ", "abcdef"] {
            assert_eq!(matching_step(SECRET, odd, at(1_234_567_890)), None, "{odd:?}");
        }
        assert_eq!(matching_step(b"short", "005924", at(1_234_567_890)), None);
        assert_eq!(matching_step(SECRET, "005924", at(-5)), None);
    }

    #[test]
    fn an_app_can_read_it() {
        let setup = setup(SECRET, "grace:h@example.com").unwrap();
        assert_eq!(setup.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(setup.uri.starts_with("otpauth://totp/Wheelhouse:grace"), "{}", setup.uri);
        assert!(setup.uri.contains(&format!("secret={}", setup.secret)) && setup.uri.contains("issuer=Wheelhouse"));
        assert!(setup.qr_svg.starts_with("<svg ") && setup.qr_svg.ends_with("</svg>"));
        // The finder pattern in the corner: seven dark squares in a row.
        for x in QUIET..QUIET + 7 {
            assert!(setup.qr_svg.contains(&format!("M{x},{QUIET}h1")), "{x}");
        }
        assert!(!setup.qr_svg.contains("grace"), "no text that could be more than an image");
    }
}
