//! Sessions as cards: one's own and other people's look alike.

use contract::session::SessionItemView;
use leptos::prelude::*;

use super::badge::{Badge, Glyph, Tone};
use super::time::RelativeTime;

/// How somebody signed in, in words.
fn method_words(method: &str) -> &'static str {
    match method {
        "password" => "by password",
        "second_factor" => "by password and code",
        "emailed_code" => "by e-mailed code",
        "link" => "by link",
        "single_sign_on" => "by single sign-on",
        _ => "in another way",
    }
}

/// A browser's name and system out of what it calls itself; the whole of it where neither is known.
pub fn browser_words(agent: &str) -> String {
    let known =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = known(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = known(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

/// One session; `children` is what can be done to it.
#[component]
pub fn SessionLine(session: SessionItemView, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let browser = session.user_agent.as_deref().map_or_else(|| "Unknown browser".to_owned(), browser_words);
    view! {
        <li class="line" data-testid="session-line">
            <div class="line-words">
                <span class="line-name" title=session.user_agent.clone()>
                    {browser}
                    {session.current.then(|| view! { <Badge tone=Tone::Success glyph=Glyph::Disc text="This one"/> })}
                </span>
                <span class="cell-sub">
                    {session.ip_address.unwrap_or_else(|| "address not known".to_owned())}
                    " · signed in " {method_words(&session.method)} " " <RelativeTime at=session.created_at/>
                    " · last used " <RelativeTime at=session.last_seen_at/>
                </span>
            </div>
            {children.map(|children| children())}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::browser_words;

    #[test]
    fn browsers_are_told_apart() {
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(browser_words(edge), "Edge on Windows");
        assert_eq!(browser_words("Mozilla/5.0 (X11; Linux x86_64; rv:140) Firefox/140.0"), "Firefox on Linux");
        assert_eq!(browser_words("curl/8.5.0"), "curl/8.5.0");
    }
}
