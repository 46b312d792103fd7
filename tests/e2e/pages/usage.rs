//! Usage.

use anyhow::Result;
use serde_json::Value;
use testkit::browser::Browser;

/// The page of usage.
pub struct UsagePage<'a>(pub &'a Browser);

impl UsagePage<'_> {
    /// Goes there by the navigation.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-usage").await?;
        self.drawn().await
    }

    /// Waits until numbers, charts and lists are there.
    pub async fn drawn(&self) -> Result<()> {
        for css in [
            "[data-testid='usage-hours']",
            "[data-testid='figure-usage-trend'] svg.chart path",
            "[data-testid='figure-usage-week'] svg.chart path",
            "[data-testid='figure-usage-distribution'] svg.chart path",
            "[data-testid='usage-groups']",
            "[data-testid='usage-ranking']",
        ] {
            self.0.find_css(css).await?;
        }
        Ok(())
    }

    /// What a chart says about the place that is pointed at, or in all. One that is drawn again meanwhile is asked again.
    pub async fn said(&self, figure: &str) -> Result<String> {
        let css = format!("[data-testid='figure-{figure}'] [role='slider']");
        let says = || async { Ok(self.0.find_css(&css).await?.attr("aria-valuetext").await?) };
        self.0.until("the chart says something", says).await
    }

    /// Presses keys on a chart.
    pub async fn press(&self, figure: &str, keys: &str) -> Result<()> {
        let plot = self.0.find_css(&format!("[data-testid='figure-{figure}'] [role='slider']")).await?;
        Ok(plot.send_keys(keys).await?)
    }

    /// The query of the address.
    pub async fn search(&self) -> Result<String> {
        Ok(self.0.client().current_url().await?.query().unwrap_or_default().to_owned())
    }

    /// The name and the address of the file that a press on the button hands over, instead of handing it over.
    pub async fn taken(&self, button: &str) -> Result<(String, String)> {
        let script = "window.taken = []; HTMLAnchorElement.prototype.click = function () { window.taken.push([this.download, this.href]); };";
        self.0.client().execute(script, Vec::new()).await?;
        self.0.click(button).await?;
        let taken = self.0.client().execute("return window.taken[0];", Vec::new()).await?;
        match taken.as_array().map(Vec::as_slice) {
            Some([Value::String(name), Value::String(url)]) => Ok((name.clone(), url.clone())),
            _ => anyhow::bail!("{button} hands nothing over: {taken}"),
        }
    }
}
