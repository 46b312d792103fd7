//! How far apart colours are to readers who see them otherwise. Only for the tests of `palette`.
//!
//! What they see is reckoned after Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
//! Deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6), 2009: their matrices of severity 1.0, on linear
//! RGB. Differences are CIEDE2000, as in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and
//! Application 30(1), 2005, of which the pairs in the test are.

/// Red, green, blue.
type Rgb = [f64; 3];

/// A way to see colours: its name, and what it makes of linear RGB.
pub type Eyes = (&'static str, [[f64; 3]; 3]);

/// Everybody's.
pub const EYES: [Eyes; 4] = [
    ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    (
        "deuteranopia",
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    ("tritanopia", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
];

/// A colour as the style sheet has it, `#rrggbb`, in linear RGB.
fn linear(colour: &str) -> Rgb {
    [1, 3, 5].map(|at| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn times(matrix: &[[f64; 3]; 3], rgb: Rgb) -> Rgb {
    matrix.map(|row| row.iter().zip(rgb).map(|(a, b)| a * b).sum())
}

fn luminance(colour: &str) -> f64 {
    let [red, green, blue] = linear(colour);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast of two colours, as WCAG has it.
pub fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// How far apart two colours are to these eyes.
pub fn apart(eyes: &Eyes, a: &str, b: &str) -> f64 {
    let seen = |colour| lab(times(&eyes.1, linear(colour)).map(|part| part.clamp(0.0, 1.0)));
    difference(seen(a), seen(b))
}

/// CIE Lab of linear sRGB, by daylight (D65).
fn lab(rgb: Rgb) -> [f64; 3] {
    const XYZ: [[f64; 3]; 3] = [
        [0.412_456_4, 0.357_576_1, 0.180_437_5],
        [0.212_672_9, 0.715_152_2, 0.072_175],
        [0.019_333_9, 0.119_192, 0.950_304_1],
    ];
    let [x, y, z] = times(&XYZ, rgb);
    let bent = |t: f64| if t > 216.0 / 24_389.0 { t.cbrt() } else { (24_389.0 / 27.0 * t + 16.0) / 116.0 };
    let (x, y, z) = (bent(x / 0.950_47), bent(y), bent(z / 1.088_83));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000, with the names of the paper.
fn difference([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let grey = |chroma: f64| (chroma.powi(7) / (chroma.powi(7) + 25_f64.powi(7))).sqrt();
    let g = 0.5 * (1.0 - grey((a1.hypot(b1) + a2.hypot(b2)) / 2.0));
    let (a1, a2) = (a1 * (1.0 + g), a2 * (1.0 + g));
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let coloured = c1 * c2 > 0.0;
    let turn = if coloured { (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0 } else { 0.0 };
    let hue = if coloured { (h1 + turn / 2.0).rem_euclid(360.0) } else { h1 + h2 };
    let (light, chroma) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(hue - 30.0) + 0.24 * cos(2.0 * hue) + 0.32 * cos(3.0 * hue + 6.0)
        - 0.2 * cos(4.0 * hue - 63.0);
    let turned = 30.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
    let rotation = -(2.0 * turned).to_radians().sin() * 2.0 * grey(chroma);
    let middle = (light - 50.0).powi(2);
    let by_light = (l2 - l1) / (1.0 + 0.015 * middle / (20.0 + middle).sqrt());
    let by_chroma = (c2 - c1) / (1.0 + 0.045 * chroma);
    let by_hue = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin() / (1.0 + 0.015 * chroma * t);
    (by_light.powi(2) + by_chroma.powi(2) + by_hue.powi(2) + rotation * by_chroma * by_hue).sqrt()
}

#[test]
fn colours_are_reckoned_as_published() {
    for (a, b, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
    ] {
        let found = difference(a, b);
        assert!((found - expected).abs() < 1e-4, "{a:?} {b:?}: {found}");
        assert!((difference(b, a) - found).abs() < 1e-9, "either way round");
    }
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
}

#[test]
fn what_some_confuse_is_found() {
    for (name, a, b) in [
        ("protanopia", "#8a6d1f", "#c8452a"),
        ("deuteranopia", "#b8442e", "#6f7a1f"),
        ("tritanopia", "#2f7fb8", "#2f8f7f"),
    ] {
        let seen = |name: &str| EYES.iter().find(|eyes| eyes.0 == name).map(|eyes| apart(eyes, a, b)).unwrap();
        assert!(seen("usual") > 25.0 && seen(name) < 8.0, "{name}: {} {}", seen("usual"), seen(name));
    }
}
