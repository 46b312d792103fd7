//! Costs: the month, its days and groups, budgets and the comparison with the bill; narrow, dark, and what the page says when there
//! is nothing yet, or no right to see it.

use anyhow::Result;
use chrono::{Datelike as _, Days};
use contract::accounts::AccountView;
use domain::access::Role;
use store::repo::costs::{CostDayRow, cost_days_replace};
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::browser::Browser;

use crate::begun::fleet;
use crate::pages::{Drawer, fits, shown, shown_in_both, signed_in, whole};

async fn begin() -> Result<(TestApp, AccountView)> {
    let app = fleet(40).await?;
    let account = app.accounts().await?.remove(0);
    Ok((app, account))
}

/// A fleet that was billed for.
async fn with_costs() -> Result<TestApp> {
    let (app, account) = begin().await?;
    billed(&app, &account).await?;
    Ok(app)
}

/// Bills an account for a hundred days of seven usage types: less at weekends, the last two days still open.
pub async fn billed(app: &TestApp, account: &AccountView) -> Result<()> {
    let now = app.context().env.now();
    let (to, mut rows) = (now.date_naive(), Vec::new());
    let from = to - Days::new(100);
    let types =
        ["HW-2", "HW-2-AutoStop-User", "HW-2-AutoStop-Usage", "HW-3", "HW-3-AutoStop-Usage", "HW-8", "Core-HW-2"];
    for day in from.iter_days().take_while(|day| *day < to) {
        let weekend = day.weekday().num_days_from_monday() >= 5;
        for (at, usage_type) in (1_i64..).zip(types) {
            let by_hour = usage_type.ends_with("Usage");
            let cents = if by_hour && weekend { 40 * at } else { 220 * at + i64::from(day.day() % 5) * 30 };
            rows.push(CostDayRow {
                day,
                region: "eu-central-1".to_owned(),
                usage_type: format!("EUC1-AW-{usage_type}"),
                amount_e10: cents * 100_000_000,
                quantity_e10: cents * 1_000_000,
                unit: if by_hour { "Hrs" } else { "User-Month" }.to_owned(),
                currency: "USD".to_owned(),
                estimated: to - day <= chrono::TimeDelta::days(2),
                read_at: now,
            });
        }
    }
    cost_days_replace(&app.database().await?, account.id, from, to, &rows).await?;
    Ok(())
}

/// Waits until every part is there.
async fn drawn(browser: &Browser) -> Result<()> {
    for css in [
        "[data-testid='costs-month']",
        "[data-testid='figure-costs-daily'] svg",
        "[data-testid='figure-costs-course'] svg",
        "[data-testid='costs-groups']",
        "[data-testid='reconciliation'] table",
        "[data-testid='reconciliation-lines'] td",
        "[data-testid='workspace-costs']",
    ] {
        browser.find_css(css).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn costs_are_read_told_apart_and_kept_within_a_budget() -> Result<()> {
    let app = with_costs().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 3200, false)).await?;
    browser.click("nav-costs").await?;
    drawn(&browser).await?;
    shown(&browser, "80-costs").await?;

    browser.find_css("[data-testid='costs-by'] option[value='running_mode']").await?.click().await?;
    browser
        .until("groups are modes", || async {
            Ok(browser.text("costs-groups").await?.contains("hardware").then_some(()))
        })
        .await?;
    let address = browser.client().current_url().await?;
    assert!(address.query().unwrap_or_default().contains("by=running_mode"), "{address}");

    // A mode leads to the WorkSpaces that run in it, a region to the page of its costs.
    browser.find_css("[data-testid='costs-groups'] a[href^='/workspaces?running_mode=']").await?;
    browser.find_css("[data-testid='costs-by'] option[value='region']").await?.click().await?;
    browser.find_css("[data-testid='costs-groups'] a[href='/costs?region=eu-central-1']").await?.click().await?;
    drawn(&browser).await?;
    browser.find_css("[data-testid='costs-region'] option[value='eu-central-1']:checked").await?;
    browser.find_css("[data-testid='costs-region'] option[value='']").await?.click().await?;
    browser.find_css("[data-testid='costs-by'] option[value='running_mode']").await?.click().await?;

    browser.find_css("[data-testid='costs-by'] option[value='estimate:bundle']").await?.click().await?;
    browser.find_css("[data-testid='cost-estimates'] a[href^='/workspaces?bundle=wsb-']").await?;
    let address = browser.client().current_url().await?;
    assert!(address.query().unwrap_or_default().contains("by=running_mode&estimate=bundle"), "{address}");
    shown(&browser, "85-costs-estimates").await?;

    let drawer = Drawer(&browser);
    drawer.begin().await?;
    browser.fill("budget-name", "Desktops").await?;
    browser.fill("budget-amount", "100").await?;
    browser.fill("budget-thresholds", "half").await?;
    browser.click("budget-save").await?;
    browser
        .until("it says what is wrong", || async {
            Ok(browser.find_css("dialog[open]").await?.text().await?.contains("percentages").then_some(()))
        })
        .await?;
    shown_in_both(&browser, "81-costs-budget-form").await?;
    browser.find_css("[data-testid='budget-thresholds']").await?.clear().await?;
    browser.fill("budget-thresholds", "50, 100").await?;
    drawer.save("budget-save", "Desktops").await?;
    browser.find_css("[data-testid='reason-price_missing'] summary").await?.click().await?;
    shown(&browser, "82-costs-budget").await?;
    // The overview has it beside the month, and leads back.
    browser.goto(app.url()).await?;
    let told = || async {
        let told = browser.text("morning-budgets").await?;
        Ok((told.contains("Desktops") && told.contains("of 100.00 USD")).then_some(()))
    };
    browser.until("the overview tells how the budget stands", told).await?;
    shown(&browser, "82-overview-budget").await?;
    browser.find_css("[data-testid='morning-budgets'] a").await?.click().await?;
    drawn(&browser).await?;
    drawer.ask_to_delete("Desktops").await?;
    shown_in_both(&browser, "82-costs-budget-delete").await?;
    drawer.deleted("Desktops").await?;
    browser.goto(app.url()).await?;
    browser.click("morning-budget-new").await?;
    drawn(&browser).await?;
    browser.close().await?;

    for (name, size) in [("dark", (1440, 3200, true)), ("phone", (390, 6000, false))] {
        let browser = signed_in(&app, OWNER_EMAIL, "/costs?by=region", size).await?;
        drawn(&browser).await?;
        shown(&browser, &format!("{name}-costs")).await?;
        fits(&browser).await?;
        browser.close().await?;
    }

    // Where there is less room, the last column is there, too.
    let browser = signed_in(&app, OWNER_EMAIL, "/costs?estimate=team", (800, 3200, false)).await?;
    browser.find("cost-estimates").await?;
    whole(&browser, "cost-estimates").await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_compared_in_all_and_each_by_itself() -> Result<()> {
    let app = with_costs().await?;
    let second = app.connect_named("Second").await?;
    let now = app.context().env.now();
    let today = now.date_naive();
    // The last day of the month before, and all that this account was billed.
    let day = today - Days::new(u64::from(today.day()));
    let row = CostDayRow {
        day,
        region: "eu-central-1".to_owned(),
        usage_type: "EUC1-AW-HW-2".to_owned(),
        amount_e10: 70_000_000_000,
        quantity_e10: 70_000_000_000,
        unit: "User-Month".to_owned(),
        currency: "USD".to_owned(),
        estimated: false,
        read_at: now,
    };
    cost_days_replace(&app.database().await?, second.id, day, day + Days::new(1), &[row]).await?;

    let browser = signed_in(&app, OWNER_EMAIL, "/costs", (1440, 3200, false)).await?;
    let (sums, lines) = ("[data-testid='reconciliation-accounts']", "[data-testid='reconciliation-lines'] td");
    let both = || async {
        let told = browser.find_css(sums).await?.text().await?;
        Ok(["Second", "7.00 USD", "All accounts"].iter().all(|words| told.contains(words)).then_some(()))
    };
    browser.until("both accounts are compared", both).await?;
    shown(&browser, "86-costs-accounts").await?;
    browser.find_css(&format!("{sums} a[href*='compared={}']", second.id)).await?.click().await?;
    browser.find_css(lines).await?;
    let address = browser.client().current_url().await?;
    assert!(address.query().unwrap_or_default().contains(&format!("compared={}", second.id)), "{address}");
    browser.client().refresh().await?;
    browser.find_css(&format!("[data-testid='compared-account'] option[value='{}']:checked", second.id)).await?;
    browser.find_css(lines).await?;
    assert_eq!(browser.count(sums).await?, 0);
    browser.find_css("[data-testid='compared-account'] option[value='']").await?.click().await?;
    browser.until("both accounts are compared again", both).await?;
    assert_eq!(browser.count("[data-testid='left-out']").await?, 0);
    // One that nobody knows is told, and what there is without it is shown.
    browser.goto(&format!("{}/costs?compared={}", app.url(), uuid::Uuid::nil())).await?;
    browser.find("left-out").await?;
    browser.until("the sums are shown instead", both).await?;
    browser.close().await?;

    let browser = signed_in(&app, OWNER_EMAIL, "/costs", (390, 6000, false)).await?;
    browser.find_css(sums).await?;
    fits(&browser).await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_costs_the_page_says_why() -> Result<()> {
    let (app, _) = begin().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/costs?from=never&by=shoe&month=13", (1440, 900, false)).await?;
    browser
        .until("nothing was read yet", || async {
            Ok(browser.text("costs").await?.contains("Bills were not read yet").then_some(()))
        })
        .await?;
    shown(&browser, "83-costs-unread").await?;
    browser.close().await?;
    app.create_user_named("member@example.com", Role::Member).await?;
    let browser = signed_in(&app, "member@example.com", "/costs", (1440, 900, true)).await?;
    browser
        .until("they are told", || async {
            Ok(browser.find_css("main").await?.text().await?.contains("You may not see this").then_some(()))
        })
        .await?;
    assert_eq!(browser.count("[data-testid='nav-costs']").await?, 0);
    shown(&browser, "84-costs-forbidden").await?;
    browser.close().await?;
    app.stop().await
}
