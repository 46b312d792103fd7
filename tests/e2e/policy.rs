//! What every browser test demands of the pages it opens, proved to be seen: nothing against the content security policy, no
//! script that fails.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_browser_complains_about_fails_a_test() -> Result<()> {
    let app = TestApp::start(TestAppOptions { simulated_workspaces: 0, portal: true, ..TestAppOptions::default() })
        .await?
        .expect("SQLite is always there");
    let browser = Browser::open(800, 600, false).await?;
    browser.goto(&format!("{}/sign-in", app.url())).await?;
    browser.find("signin-email").await?;
    assert_eq!(browser.complaints().await?, Vec::<String>::new(), "the page itself is clean");
    let injected = "
        const image = document.createElement('img');
        image.src = 'https://elsewhere.example/pixel.png';
        document.body.append(image);
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);
        setTimeout(() => { throw new Error('a script of ours failed') });
        return window.ran === true;
    ";
    let ran = browser.client().execute(injected, Vec::new()).await?;
    assert_eq!(ran.as_bool(), Some(false), "an inline script does not run");
    let mut seen = Vec::new();
    for what in ["img-src", "https://elsewhere.example/pixel.png", "script-src", "a script of ours failed"] {
        while !seen.iter().any(|line: &String| line.contains(what)) {
            seen.extend(
                browser
                    .until(what, || async { Ok(Some(browser.complaints().await?).filter(|l| !l.is_empty())) })
                    .await?,
            );
        }
    }
    // It outlives the page, and closing tells.
    browser.client().execute("const image = new Image(); image.src = 'https://again.example/';", Vec::new()).await?;
    browser.goto(&format!("{}/forgot-password", app.url())).await?;
    let told = browser.close().await.expect_err("closing tells of it").to_string();
    assert!(told.contains("https://again.example/"), "{told}");
    app.stop().await
}
