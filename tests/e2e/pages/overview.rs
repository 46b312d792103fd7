//! The overview, and what the pages that its numbers lead to say of how many there are.

use anyhow::{Context as _, Result};
use serde_json::from_value;
use testkit::browser::Browser;

/// Each number with the address that it leads to, as `[address, words]`: of the fleet, of each chart, of the jobs, of what needs
/// attention, of the costs, and of what each region was seen to have.
const NUMBERS: &str = "
    const own = (one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join('');
    const part = (css) => (one) => one.querySelector(css).textContent;
    const led = (css, words) => [...document.querySelectorAll(css)].map((one) => [one.getAttribute('href'), words(one)]);
    return [
        ...led('a.hero-total', part('.hero-number')),
        ...led('.hero-numbers a.figure, .pair a.figure', part('.figure-number')),
        ...led('a.legend-item', part('.legend-count')),
        ...led('a.bar-row', part('.bar-count')),
        ...led('.morning-matter a', own),
        ...led('a.morning-sum', part('.figure-number')),
        ...led('.morning-sum + .morning-facts dd a', own),
        ...led('td[data-label=Seen] a', own),
    ];
";

/// The page.
pub struct OverviewPage<'a>(pub &'a Browser);

impl OverviewPage<'_> {
    /// Each number, with the address that it leads to.
    pub async fn numbers(&self) -> Result<Vec<(String, String)>> {
        let found: Vec<(String, String)> = from_value(self.0.client().execute(NUMBERS, Vec::new()).await?)?;
        let mut numbers = Vec::new();
        for (address, words) in found {
            numbers.push((address, number(&words).with_context(|| format!("no number in {words:?}"))?));
        }
        Ok(numbers)
    }

    /// How many there are, as the page says it that a number led to: of the rows of a list, or of the part that is pointed at. Nothing
    /// while it is not drawn.
    pub async fn proof(&self) -> Result<Option<String>> {
        let address = self.0.client().current_url().await?;
        let css = match address.path() {
            "/jobs/data-sets" => {
                let rows = self.0.count("[data-testid='data-set-row']").await?;
                return Ok((rows > 0).then(|| rows.to_string()));
            }
            "/workspaces" => "[data-testid='ws-total']",
            "/usage" => "[data-testid='usage-unused-list'] caption",
            "/costs" => match address.fragment() {
                Some("budgets-title") => "[data-testid='budget-row'] [data-label='Spent'] .cell-sub",
                Some("costs-course") => "#costs-course:focus [data-testid='figure-costs-course'] .chart-note",
                _ => "[data-testid='figure-costs-daily'] .chart-note",
            },
            _ => ".pagination-range",
        };
        let script = "return document.querySelector(arguments[0])?.textContent ?? '';";
        let words: String = from_value(self.0.client().execute(script, vec![css.into()]).await?)?;
        // A bar that turns pages says `1–50 of 1,234`.
        let words = if css == ".pagination-range" { words.rsplit(" of ").next().unwrap_or_default() } else { &words };
        Ok(number(words))
    }
}

/// The first number in words, without what parts its thousands.
fn number(words: &str) -> Option<String> {
    let from = words.find(|c: char| c.is_ascii_digit())?;
    let rest = &words[from..];
    let to = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.')).unwrap_or(rest.len());
    Some(rest[..to].replace(',', "").trim_end_matches('.').to_owned())
}
