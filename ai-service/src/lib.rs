//! ai-service.
