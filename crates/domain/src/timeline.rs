//! What happened to one WorkSpace: the kinds of things that its timeline tells, and how what was asked for ended. Not where each is
//! kept (`store::repo::timeline`) nor who may see it (`services::timeline`).
//!
//! To add a kind: a variant of [`TimelineKind`], its source in the store, its permission in the service, its words in the portal.

closed_enum! {
    /// A kind of thing that happened. Their order is that of things of the same moment, the last one first.
    pub enum TimelineKind {
        /// It came into another state.
        State = "state",
        /// It was set up otherwise: a sync saw it.
        Configuration = "configuration",
        /// Somebody asked for something here.
        Action = "action",
        /// Somebody, or AWS itself, called AWS: CloudTrail tells it.
        Aws = "aws",
    }
}

closed_enum! {
    /// How what was asked for ended.
    pub enum TimelineOutcome {
        /// It was done, or begun.
        Done = "done",
        /// AWS refused it.
        Refused = "refused",
        /// It did not work.
        Failed = "failed",
        /// Somebody called it off.
        Cancelled = "cancelled",
        /// It is under way.
        Waiting = "waiting",
        /// It is no longer known.
        Unknown = "unknown",
    }
}

closed_enum! {
    /// A part of how a WorkSpace is set up whose changes are kept.
    pub enum ConfigurationField {
        /// The bundle, by AWS's id.
        Bundle = "bundle",
        /// The running mode.
        RunningMode = "running_mode",
        /// How long it waits before it stops, in minutes.
        AutoStopTimeout = "auto_stop_timeout_minutes",
        /// The compute type.
        ComputeType = "compute_type",
        /// The root volume, GiB.
        RootVolume = "root_volume_gib",
        /// The user volume, GiB.
        UserVolume = "user_volume_gib",
        /// Whether the root volume is encrypted.
        RootVolumeEncrypted = "root_volume_encrypted",
        /// Whether the user volume is encrypted.
        UserVolumeEncrypted = "user_volume_encrypted",
        /// The streaming protocol.
        Protocol = "protocol",
        /// The operating system.
        OperatingSystem = "operating_system",
        /// The computer's name.
        ComputerName = "computer_name",
        /// The subnet.
        Subnet = "subnet",
        /// One of its tags.
        Tag = "tag",
    }
}
