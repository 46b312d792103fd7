//! What every request passes on its way in and every answer on its way out, feature or not.
//!
//! The order is in [`crate::router`]. A layer takes a small policy of its own, not the application's state, so that it can be
//! tried on a toy router. It is not the place for anything that depends on a feature or needs the database.
//! To add one: a module with an `async fn` for `axum::middleware::from_fn(_with_state)`, its tests, a line in the router.

pub mod body_limit;
pub mod cors;
pub mod csrf;
pub mod deprecation;
pub mod panic;
pub mod problem;
pub mod rate;
pub mod refusals;
pub mod security_headers;
pub mod timeout;

/// Whether the path belongs to the API or the health checks: answers there are for programs, never the portal's pages.
#[must_use]
pub fn for_programs(path: &str) -> bool {
    ["/api", "/health"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_api_is_told_from_the_portal() {
        for (path, expected) in
            [("/api", true), ("/api/v1/x", true), ("/health/live", true), ("/apis", false), ("/", false)]
        {
            assert_eq!(super::for_programs(path), expected, "{path}");
        }
    }
}
