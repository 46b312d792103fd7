//! The portal's icons: one stroke path each on a 24-unit square, drawn for Wheelhouse. Decorative: whoever uses one names it.

use leptos::prelude::*;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// The overview.
    Overview,
    /// A desktop.
    Desktop,
    /// A chart.
    Chart,
    /// Jobs.
    Jobs,
    /// AWS accounts.
    Cloud,
    /// Search.
    Search,
    /// Opens downwards.
    Down,
    /// Back, or the page before.
    Left,
    /// The next page.
    Right,
    /// Sorted from small to large.
    SortUp,
    /// Sorted from large to small.
    SortDown,
    /// Close or take away.
    Close,
    /// Yes.
    Check,
    /// Take care.
    Alert,
    /// Something to know.
    Info,
    /// Start.
    Play,
    /// Stop.
    Stop,
    /// Reboot, or try again.
    Reboot,
    /// Sync.
    Sync,
    /// The light theme.
    Sun,
    /// The dark theme.
    Moon,
    /// The system's theme.
    Contrast,
    /// Leave.
    SignOut,
    /// Add.
    Plus,
    /// A connection.
    Plug,
    /// No connection.
    Offline,
    /// Not allowed.
    Lock,
    /// A key.
    Key,
    /// People.
    People,
    /// A log.
    Log,
    /// A conversation.
    Chat,
    /// Send.
    Send,
    /// Where something can be seen.
    Link,
    /// Copy.
    Copy,
    /// It helped.
    ThumbUp,
    /// It did not help.
    ThumbDown,
    /// Change the name.
    Pencil,
    /// Delete.
    Bin,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Overview => "M4 4h7v6H4zM13 4h7v10h-7zM4 12h7v8H4zM13 16h7v4h-7z",
            Self::Desktop => "M3 5h18v11H3zM8.5 20h7M12 16v4",
            Self::Chart => "M4 20h16M7 16v-4.5M12 16V5M17 16v-8",
            Self::Jobs => "M4 6.5h9M4 12h16M4 17.5h7M17 4.5v5M14.5 7h5M15 17.5l2 2 3.5-4",
            Self::Cloud => "M7 18.5h10.2a3.9 3.9 0 0 0 .5-7.77 6 6 0 0 0-11.5-.9A4.4 4.4 0 0 0 7 18.5z",
            Self::Search => "M10.8 4.5a6.3 6.3 0 1 0 0 12.6 6.3 6.3 0 0 0 0-12.6zM15.4 15.4l4.6 4.6",
            Self::Down => "M6.5 9.5l5.5 5.5 5.5-5.5",
            Self::Left => "M14.5 6l-6 6 6 6",
            Self::Right => "M9.5 6l6 6-6 6",
            Self::SortUp => "M12 19V5M6.5 10.5L12 5l5.5 5.5",
            Self::SortDown => "M12 5v14M6.5 13.5L12 19l5.5-5.5",
            Self::Close => "M6.5 6.5l11 11M17.5 6.5l-11 11",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Alert => "M12 4.5l8.5 15h-17zM12 10.5v4M12 17v.01",
            Self::Info => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5M12 8v.01",
            Self::Play => "M8 5.5l10.5 6.5L8 18.5z",
            Self::Stop => "M6.5 6.5h11v11h-11z",
            Self::Reboot => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
            Self::Sync => {
                "M4.5 11a7.6 7.6 0 0 1 13-4.4L19.5 9M19.5 4.5V9H15M19.5 13a7.6 7.6 0 0 1-13 4.4L4.5 15M4.5 19.5V15H9"
            }
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::Moon => "M20 14.3A8.3 8.3 0 0 1 9.7 4a8.3 8.3 0 1 0 10.3 10.3z",
            Self::Contrast => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 3.5v17M12 8h4.8M12 12h8.5M12 16h4.8",
            Self::SignOut => "M13 4.5H5.5v15H13M10.5 12h10M17 8.5l3.5 3.5-3.5 3.5",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Plug => "M9 3.5v5M15 3.5v5M6.5 8.5h11v3a5.5 5.5 0 0 1-11 0zM12 17v3.5",
            Self::Offline => {
                "M3.5 3.5l17 17M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-5.5-2.8M8.5 16a5 5 0 0 1 6.5-.4M12 19.5v.01"
            }
            Self::Key => "M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.5l8.5-8.5M16 7.5l3 3",
            Self::People => {
                "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.5a6.5 6.5 0 0 1 13 0M16 5a3.3 3.3 0 0 1 0 6.4M18 14.5a6 6 0 0 1 3.5 5"
            }
            Self::Log => "M6 3.5h12v17H6zM9 8h6M9 12h6M9 16h3.5",
            Self::Chat => "M4 5h16v11.5h-8.5L7 20v-3.5H4zM8 9h8M8 12.5h5",
            Self::Send => "M4.5 12L20 4.5 14.5 20l-3-6.5zM11.5 13.5L20 4.5",
            Self::Link => "M13.5 5H19v5.5M19 5l-8 8M17 13.5V19H5V7h5.5",
            Self::Copy => "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
            Self::ThumbUp => {
                "M8 11l3.6-6.6c1.5 0 2.3 1 2 2.4L13 10h5.3a1.7 1.7 0 0 1 1.7 2.1l-1.4 5.8a2 2 0 0 1-2 1.6H8zM8 11H4.5v8.5H8"
            }
            Self::ThumbDown => {
                "M16 13l-3.6 6.6c-1.5 0-2.3-1-2-2.4L11 14H5.7A1.7 1.7 0 0 1 4 11.9l1.4-5.8a2 2 0 0 1 2-1.6H16zM16 13h3.5V4.5H16"
            }
            Self::Pencil => "M4.5 19.5l1-4.5L16 4.5 19.5 8 9 18.5zM13.5 7l3.5 3.5",
            Self::Bin => "M4.5 7h15M9 7V4.5h6V7M6.5 7l1 12.5h9l1-12.5M10.3 10.5v5.5M13.7 10.5v5.5",
            Self::Lock => "M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
        }
    }
}

/// Shows an icon.
#[component]
pub fn IconView(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}

/// The sign of the house: a helm.
#[component]
pub fn Helm() -> impl IntoView {
    view! {
        <svg class="helm" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
            <circle cx="24" cy="24" r="13"></circle>
            <circle cx="24" cy="24" r="4"></circle>
            <path d="M24 3v17M24 28v17M3 24h17M28 24h17M9.2 9.2l12 12M26.8 26.8l12 12M38.8 9.2l-12 12M21.2 26.8l-12 12"></path>
        </svg>
    }
}
