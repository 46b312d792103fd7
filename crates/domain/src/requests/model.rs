//! What can be asked for, and how a request stands.

closed_enum! {
    /// What somebody asks for.
    pub enum RequestKind {
        /// A desktop more.
        NewDesktop = "new_desktop",
        /// Another bundle for a desktop they have.
        OtherBundle = "other_bundle",
        /// A desktop made anew from its image.
        Rebuild = "rebuild",
        /// Anything else, in words.
        Other = "other",
    }
}

closed_enum! {
    /// How a request stands.
    pub enum RequestStatus {
        /// Nobody has answered it yet.
        Open = "open",
        /// Whoever made it took it back.
        Withdrawn = "withdrawn",
    }
}

impl RequestKind {
    /// What it is, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NewDesktop => "A new desktop",
            Self::OtherBundle => "Another bundle",
            Self::Rebuild => "A rebuild",
            Self::Other => "Something else",
        }
    }
}
