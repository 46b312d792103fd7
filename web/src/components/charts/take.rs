//! Charts to take along: the CSV file of a table, and the PNG picture of a drawing. The picture is painted shape by shape onto a
//! canvas in the colours that the page shows, so that it needs no more of the content policy than the page.
//!
//! What the browser offers is reached by name through [`Js`] and not through bindings: the glue of a binding is part of
//! everyone's first load, and this is needed by few.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::taken::lines;

/// How many pixels of a picture stand for one on screen.
const SHARP: f64 = 2.0;
/// Room around a picture and for its words, pixels on screen.
const MARGIN: f64 = 16.0;
const TITLE: f64 = 28.0;
const LINE: f64 = 18.0;
const KEYS: f64 = 24.0;

/// Hands a table over as a CSV file. A byte order mark lets spreadsheets read letters beyond ASCII.
pub fn take_csv(name: &str, csv: &str) {
    let data = js_sys::encode_uri_component(&format!("\u{feff}{csv}"));
    hand_over(&format!("{name}.csv"), &format!("data:text/csv;charset=utf-8,{}", String::from(data)));
}

/// Hands the drawing within `figure` over as a PNG file, with its title above, what it is of under that, and its legend below.
/// Without a drawing nothing happens.
pub fn take_png(figure: &web_sys::Element, name: &str, title: &str, of: &[String]) {
    if let Ok(Some(svg)) = figure.query_selector("svg.chart")
        && let Some(url) = picture(&Js(figure.clone().into()), &Js(svg.into()), title, of)
    {
        hand_over(&format!("{name}.png"), &url);
    }
}

fn hand_over(file: &str, url: &str) {
    let link = Js::global("document").call("createElement", &["a".into()]);
    link.set("href", url);
    link.set("download", file);
    link.call("click", &[]);
}

/// A value of the browser, reached by name. What is not there is undefined, and so is all that comes of it.
struct Js(JsValue);

impl Js {
    fn global(name: &str) -> Self {
        Self(js_sys::global().into()).get(name)
    }

    fn get(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED))
    }

    fn set(&self, name: &str, value: impl Into<JsValue>) {
        // What can't be set stays as it was; the picture is plainer then.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> Self {
        let function = self.get(name).0;
        let done =
            function.dyn_ref::<Function>().map(|f| Reflect::apply(f, &self.0, &arguments.iter().collect::<Array>()));
        Self(done.and_then(Result::ok).unwrap_or(JsValue::UNDEFINED))
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.call("getAttribute", &[name.into()]).0.as_string()
    }

    fn pixels(&self, name: &str) -> f64 {
        self.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0.0)
    }

    /// A property of the computed style.
    fn style(&self, name: &str) -> String {
        self.call("getPropertyValue", &[name.into()]).text()
    }

    fn text(&self) -> String {
        self.0.as_string().unwrap_or_default()
    }

    fn list(&self, selector: &str) -> Vec<Self> {
        let found = self.call("querySelectorAll", &[selector.into()]);
        Array::from(&found.0).iter().map(Self).collect()
    }
}

fn style_of(element: &Js) -> Js {
    Js(js_sys::global().into()).call("getComputedStyle", std::slice::from_ref(&element.0))
}

/// The picture as a `data:` address.
fn picture(figure: &Js, svg: &Js, title: &str, of: &[String]) -> Option<String> {
    let (width, height) = (svg.pixels("width"), svg.pixels("height"));
    let keys = figure.list(".chart-legend li");
    let below = if keys.is_empty() { 0.0 } else { KEYS };
    let canvas = Js::global("document").call("createElement", &["canvas".into()]);
    let brush = canvas.call("getContext", &["2d".into()]);
    if brush.0.is_null() || brush.0.is_undefined() {
        return None;
    }
    let ground = style_of(figure);
    let family = ground.style("font-family");
    let small = format!("12px {family}");
    let wide = |words: &str| brush.call("measureText", &[words.into()]).get("width").0.as_f64().unwrap_or(0.0);
    brush.set("font", small.as_str());
    let of = lines(of, |line| wide(line) <= width);
    let above = TITLE + of.iter().map(|_| LINE).sum::<f64>();
    // A canvas that gets its size forgets how it is painted on.
    canvas.set("width", ((width + 2.0 * MARGIN) * SHARP).round());
    canvas.set("height", ((height + above + below + 2.0 * MARGIN) * SHARP).round());
    let numbers = |numbers: &[f64]| numbers.iter().map(|n| JsValue::from_f64(*n)).collect::<Vec<_>>();
    brush.call("scale", &numbers(&[SHARP, SHARP]));
    brush.set("fillStyle", ground.style("background-color"));
    brush.call("fillRect", &numbers(&[0.0, 0.0, width + 2.0 * MARGIN, height + above + below + 2.0 * MARGIN]));
    let write = |text: &str, x: f64, y: f64| {
        brush.call("fillText", &[text.into(), x.into(), y.into()]);
    };
    brush.set("fillStyle", ground.style("color"));
    brush.set("font", format!("650 16px {family}"));
    write(title, MARGIN, MARGIN + 14.0);
    brush.set("font", small.as_str());
    let mut y = MARGIN + TITLE + 4.0;
    for line in &of {
        write(line, MARGIN, y);
        y += LINE;
    }

    brush.call("translate", &numbers(&[MARGIN, MARGIN + above]));
    for shape in svg.list("rect,path,text") {
        let live = shape.call("closest", &["[data-live]".into()]).0;
        if live.is_null() {
            paint(&brush, &shape);
        }
    }
    brush.set("globalAlpha", 1.0);
    brush.call("setLineDash", &[Array::new().into()]);
    brush.set("textAlign", "left");
    brush.set("font", small.as_str());
    let mut x = 0.0;
    for key in keys {
        let sign = key.list("rect,path").into_iter().next();
        let style = style_of(sign.as_ref().unwrap_or(&key));
        let colour = Some(style.style("fill")).filter(|fill| fill != "none").unwrap_or_else(|| style.style("stroke"));
        brush.set("fillStyle", colour);
        brush.call("fillRect", &numbers(&[x, height + 10.0, 12.0, 12.0]));
        brush.set("fillStyle", ground.style("color"));
        let words = key.list("span").into_iter().next().map(|s| s.get("textContent").text()).unwrap_or_default();
        write(&words, x + 18.0, height + 20.0);
        x += 36.0 + wide(&words);
    }
    canvas.call("toDataURL", &["image/png".into()]).0.as_string()
}

/// Paints one shape in the colours it has on the page.
fn paint(brush: &Js, shape: &Js) {
    let style = style_of(shape);
    let share = |name: &str| style.style(name).parse::<f64>().unwrap_or(1.0);
    let (fill, stroke) = (style.style("fill"), style.style("stroke"));
    let dashes = style.style("stroke-dasharray");
    let dashes = dashes.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|d| d.parse::<f64>().ok());
    brush.call("setLineDash", &[dashes.map(JsValue::from_f64).collect::<Array>().into()]);
    brush.set("fillStyle", fill.as_str());
    brush.set("strokeStyle", stroke.as_str());
    brush.set("lineWidth", style.style("stroke-width").trim_end_matches("px").parse::<f64>().unwrap_or(1.0));
    brush.set("globalAlpha", share("opacity") * share("fill-opacity"));
    if shape.get("tagName").text() == "text" {
        let anchor = shape.attribute("text-anchor").unwrap_or_default();
        brush.set("textAlign", if anchor == "middle" { "center" } else { anchor.as_str() });
        let font = ["font-weight", "font-size", "font-family"].map(|name| style.style(name)).join(" ");
        brush.set("font", font);
        let words = shape.get("textContent").text();
        brush.call("fillText", &[words.into(), shape.pixels("x").into(), shape.pixels("y").into()]);
        return;
    }
    let outline = outline(shape);
    if fill != "none" {
        brush.call("fill", std::slice::from_ref(&outline));
    }
    brush.set("globalAlpha", share("opacity"));
    if stroke != "none" {
        brush.call("stroke", &[outline]);
    }
}

/// The shape's outline as a path of the canvas.
fn outline(shape: &Js) -> JsValue {
    let d = shape.attribute("d").unwrap_or_else(|| {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| shape.pixels(name));
        format!("M{x} {y}h{width}v{height}h{}z", -width)
    });
    let path = Js::global("Path2D").0;
    let made = path.dyn_ref::<Function>().map(|path| Reflect::construct(path, &Array::of1(&d.into())));
    made.and_then(Result::ok).unwrap_or(JsValue::UNDEFINED)
}
