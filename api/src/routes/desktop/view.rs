//! One's own desktops on the wire.

use contract::desktop::{MyActionView, MyDesktopView, MyDesktopsView};
use services::desktop::{DesktopAction, MyDesktop, MyDesktops};

use crate::routes::workspaces::view::workspace;

/// One's own desktops.
pub(super) fn desktops(mine: MyDesktops) -> MyDesktopsView {
    MyDesktopsView {
        user_name: mine.user_name,
        desktops: mine.desktops.into_iter().map(desktop).collect(),
        month: mine.month,
        usage_known_to: mine.usage_known_to,
    }
}

fn desktop(mine: MyDesktop) -> MyDesktopView {
    let action = |DesktopAction { action, reason }| MyActionView { action, reason };
    MyDesktopView {
        headline: mine.plain.headline.to_owned(),
        meaning: mine.plain.meaning,
        next: mine.plain.next,
        registration_code: mine.workspace.registration_code.clone(),
        actions: mine.actions.into_iter().map(action).collect(),
        hours: mine.usage.map(|usage| usage.hours),
        minutes: mine.usage.map(|usage| usage.minutes),
        workspace: workspace(mine.workspace),
    }
}
