//! The portal's parts: `ui` (the design system), `charts` and `layout`. They are dumb: properties in, callbacks out, no call
//! to the API and no page's knowledge. Looks live in `web/styles`, variants are enums here.

pub mod charts;
pub mod layout;
pub mod ui;
