//! What happened, whichever record tells it: our own log (`audit`) or AWS's events. Not what one WorkSpace went through (`timeline`).

closed_enum! {
    /// A record that tells what happened. Their order is that of things of the same moment in a list.
    pub enum ActivitySource {
        /// Our own audit log.
        Wheelhouse = "wheelhouse",
        /// AWS's events: CloudTrail tells them.
        Aws = "aws",
    }
}
