//! The five levels of PRODUCT.md, area 10: who phrases an answer. The facts are the same at each.

closed_enum! {
    /// Who phrased an answer, best first.
    pub enum Level {
        /// Phi-3 on an accelerator.
        Accelerator = "accelerator",
        /// Phi-3 on the processor.
        Processor = "processor",
        /// A smaller local model.
        Small = "small",
        /// A remote OpenAI-compatible endpoint that an administrator configured.
        Remote = "remote",
        /// Written sentences over the same facts. Always there.
        Template = "template",
    }
}

closed_enum! {
    /// Why a level did not speak.
    pub enum LevelFailure {
        /// It is not configured.
        NotConfigured = "not_configured",
        /// It can't be reached, or has no model.
        Unreachable = "unreachable",
        /// It has too much to do, or sends too many away.
        Busy = "busy",
        /// It took longer than it may.
        TooSlow = "too_slow",
        /// It answered with an error, or with what can't be read.
        Failed = "failed",
        /// It failed several times in a row, and is left alone for a while.
        Paused = "paused",
        /// Nothing that it said was borne out by the facts.
        Refused = "refused",
        /// Whoever asks, or a team of theirs, has used up this month's tokens.
        Quota = "quota",
    }
}

impl Level {
    /// 1 for the best to 5.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Accelerator => 1,
            Self::Processor => 2,
            Self::Small => 3,
            Self::Remote => 4,
            Self::Template => 5,
        }
    }

    /// Who that is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Accelerator => "Phi-3 on the accelerator",
            Self::Processor => "Phi-3 on the processor",
            Self::Small => "a smaller local model",
            Self::Remote => "the remote model",
            Self::Template => "written sentences",
        }
    }
}
