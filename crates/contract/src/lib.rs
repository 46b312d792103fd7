//! What the portal, the API and its other clients agree on: wire shapes, paths, error codes and event types.
//!
//! One module per feature. Shapes only: no rule (that is `domain`), no storage, no HTTP. Always compiles for wasm32; the
//! feature `openapi` adds schemas for the API's document. Request shapes refuse unknown fields and carry their validation
//! (garde), so that the portal's forms and the API refuse the same things in the same words.
//! To add a shape: a struct in its feature's module with a docstring per field; `…View` for answers, `…Request` for bodies.

pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod assistant;
pub mod audit;
pub mod budgets;
pub mod costs;
pub mod data_sets;
pub mod desktop;
pub mod events;
pub mod exports;
pub mod invitations;
pub mod jobs;
pub mod lists;
pub mod object;
pub mod oidc;
pub mod overview;
pub mod page;
pub mod paths;
pub mod places;
pub mod portal_errors;
pub mod portal_spans;
pub mod problem;
pub mod profile;
pub mod reports;
pub mod requests;
pub mod roles;
pub mod schedules;
pub mod session;
pub mod settings;
pub mod teams;
pub mod timeline;
pub mod trail;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspace_changes;
pub mod workspaces;
