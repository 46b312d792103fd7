//! One event as a frame of the stream. Who may see it is decided in `services::events`.

use axum::response::sse;
use contract::events::{Event, RESET};

/// The event as a frame. `None` when it can't be written, which no event of ours is.
pub(super) fn frame(id: i64, event: &Event) -> Option<sse::Event> {
    let data = serde_json::to_string(event).ok()?;
    Some(sse::Event::default().id(id.to_string()).event(event.kind()).data(data))
}

/// Says where the stream stands without being an event: a client that reconnects sends this id back.
pub(super) fn position(id: i64) -> sse::Event {
    sse::Event::default().id(id.to_string()).retry(std::time::Duration::from_secs(2))
}

/// Says that events were missed for good: read everything again.
pub(super) fn reset(id: i64) -> sse::Event {
    sse::Event::default().id(id.to_string()).event(RESET).data("{}")
}

#[cfg(test)]
mod tests {
    use axum::response::{IntoResponse, Sse};
    use domain::ids::WorkspaceId;
    use domain::workspace::WorkspaceState;
    use futures::stream;
    use uuid::Uuid;

    use super::*;

    fn state_of(user_name: &str) -> Event {
        Event::WorkspaceState {
            id: WorkspaceId(Uuid::from_u128(7)),
            user_name: user_name.to_owned(),
            state: WorkspaceState::Stopping,
            before: Some(WorkspaceState::Available),
            account_id: None,
            region: None,
            directory_id: None,
        }
    }

    #[tokio::test]
    async fn frames_are_as_the_standard_writes_them() {
        let frames = [position(41), frame(42, &state_of("ada")).unwrap(), reset(43)];
        let stream = stream::iter(frames.map(Ok::<_, std::convert::Infallible>));
        let body = Sse::new(stream).into_response().into_body();
        let text = axum::body::to_bytes(body, 4096).await.unwrap();
        let text = std::str::from_utf8(&text).unwrap();
        let frames: Vec<_> = text.split_terminator("\n\n").collect();
        let lines = |frame: &str| frame.lines().map(|l| l.replacen(": ", ":", 1)).collect::<Vec<_>>();
        assert_eq!(lines(frames[0]), ["id:41", "retry:2000"]);
        let middle = lines(frames[1]);
        assert_eq!(&middle[..2], ["id:42", "event:workspace_state"]);
        let data: Event = serde_json::from_str(middle[2].strip_prefix("data:").unwrap()).unwrap();
        assert_eq!(data, state_of("ada"));
        assert_eq!(lines(frames[2]), ["id:43", "event:reset", "data:{}"]);
    }
}
