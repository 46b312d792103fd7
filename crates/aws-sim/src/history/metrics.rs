//! What CloudWatch would have measured: the points of one metric of one desktop, every five minutes, from the truth.
//!
//! Connections, states and starts are exactly those of [`History`]; loads, disks and latencies are drawn, believable, and
//! the same at every look. To add a metric, add it to [`Metric`], to its table of names and units, and to
//! [`History::points`].

use super::{DAY, History, SLOT, Span, record::Why, slot_ceil, slot_floor};
use crate::{
    fleet::model::State,
    rng::{hash, mix},
};

/// A metric of the namespace `AWS/WorkSpaces`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    Available,
    Unhealthy,
    Stopped,
    Maintenance,
    UserConnected,
    ConnectionAttempt,
    ConnectionSuccess,
    ConnectionFailure,
    SessionLaunchTime,
    SessionDisconnect,
    InSessionLatency,
    UdpPacketLossRate,
    CpuUsage,
    MemoryUsage,
    RootVolumeDiskUsage,
    UserVolumeDiskUsage,
    UpTime,
}

/// All metrics with their names and units, in the order of lists.
pub(crate) const METRICS: &[(Metric, &str, &str)] = &[
    (Metric::Available, "Available", "Count"),
    (Metric::Unhealthy, "Unhealthy", "Count"),
    (Metric::ConnectionAttempt, "ConnectionAttempt", "Count"),
    (Metric::ConnectionSuccess, "ConnectionSuccess", "Count"),
    (Metric::ConnectionFailure, "ConnectionFailure", "Count"),
    (Metric::SessionLaunchTime, "SessionLaunchTime", "Seconds"),
    (Metric::InSessionLatency, "InSessionLatency", "Milliseconds"),
    (Metric::SessionDisconnect, "SessionDisconnect", "Count"),
    (Metric::UserConnected, "UserConnected", "Count"),
    (Metric::Stopped, "Stopped", "Count"),
    (Metric::Maintenance, "Maintenance", "Count"),
    (Metric::UdpPacketLossRate, "UDPPacketLossRate", "Percent"),
    (Metric::CpuUsage, "CPUUsage", "Percent"),
    (Metric::MemoryUsage, "MemoryUsage", "Percent"),
    (Metric::RootVolumeDiskUsage, "RootVolumeDiskUsage", "Percent"),
    (Metric::UserVolumeDiskUsage, "UserVolumeDiskUsage", "Percent"),
    (Metric::UpTime, "UpTime", "Seconds"),
];

impl Metric {
    /// The metric of that name with its unit.
    pub(crate) fn named(name: &str) -> Option<(Self, &'static str)> {
        METRICS.iter().find(|(_, known, _)| *known == name).map(|(metric, _, unit)| (*metric, *unit))
    }
}

/// Points every five minutes from a slot on; NaN where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Points {
    pub(crate) first: i64,
    pub(crate) values: Vec<f64>,
}

impl Points {
    fn set(&mut self, at: i64, value: f64) {
        if let Some(place) = self.place(at) {
            self.values[place] = value;
        }
    }

    fn place(&self, at: i64) -> Option<usize> {
        usize::try_from((at - self.first).div_euclid(SLOT)).ok().filter(|place| *place < self.values.len())
    }

    /// Writes a value into each slot that a span touches.
    fn fill(&mut self, span: Span, value: impl Fn(i64) -> f64) {
        let end = self.first + self.values.len() as i64 * SLOT;
        let Some(span) = (Span { start: slot_floor(span.start), end: slot_ceil(span.end) }).clip(self.first, end)
        else {
            return;
        };
        for at in (span.start..span.end).step_by(SLOT as usize) {
            self.set(at, value(at));
        }
    }

    /// The points there are.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        let first = self.first;
        let point = move |(place, value): (usize, &f64)| (first + place as i64 * SLOT, *value);
        self.values.iter().enumerate().filter(|(_, value)| !value.is_nan()).map(point)
    }
}

impl History<'_> {
    /// The points of a metric whose slots begin in a range and are over.
    pub(crate) fn points(&self, metric: Metric, from: i64, to: i64) -> Points {
        let life = self.life();
        let from = slot_ceil(from).max(slot_floor(life.created_at));
        let known = slot_floor(self.horizon_of_slots());
        let to = slot_ceil(to.min(known)).min(known);
        let count = usize::try_from((to - from).div_euclid(SLOT)).unwrap_or(0);
        let mut points = Points { first: from, values: vec![f64::NAN; count] };
        if count == 0 {
            return points;
        }
        match metric {
            Metric::UserConnected => {
                points.values.fill(0.0);
                for slot in self.slots(from, to) {
                    points.fill(slot, |_| 1.0);
                }
            }
            Metric::Available | Metric::Unhealthy | Metric::Stopped | Metric::Maintenance => {
                self.states(metric, from, to, &mut points);
            }
            Metric::ConnectionAttempt
            | Metric::ConnectionSuccess
            | Metric::ConnectionFailure
            | Metric::SessionLaunchTime => {
                for session in self.sessions(from, to) {
                    // A person whose first attempt fails tries again at once.
                    let draw = self.draw("connection", session.start);
                    let failed = if draw.is_multiple_of(40) { 1.0 } else { 0.0 };
                    let value = match metric {
                        Metric::ConnectionAttempt => 1.0 + failed,
                        Metric::ConnectionSuccess => 1.0,
                        Metric::ConnectionFailure => failed,
                        _ => 9.0 + (draw % 240) as f64 / 10.0,
                    };
                    points.set(session.start, value);
                }
            }
            Metric::SessionDisconnect => {
                // One that is under way has not ended.
                for session in self.sessions(from - SLOT, to).iter().filter(|session| session.end < self.now) {
                    points.set(session.end, 1.0);
                }
            }
            Metric::InSessionLatency | Metric::UdpPacketLossRate => {
                for slot in self.slots(from, to) {
                    points.fill(slot, |at| self.network(metric, at));
                }
            }
            Metric::CpuUsage | Metric::MemoryUsage => {
                for span in self.running(from, to) {
                    points.fill(span, |at| self.load(metric, false, at));
                }
                for slot in self.slots(from, to) {
                    points.fill(slot, |at| self.load(metric, true, at));
                }
            }
            Metric::RootVolumeDiskUsage | Metric::UserVolumeDiskUsage => {
                for span in self.running(from, to) {
                    points.fill(span, |at| self.disk(metric, at));
                }
            }
            Metric::UpTime => {
                // A desktop that never stops is as old as its last monthly restart.
                for span in self.running(from - 31 * DAY, to) {
                    points.fill(span, |at| (at + SLOT - span.start) as f64);
                }
            }
        }
        points
    }

    fn states(&self, metric: Metric, from: i64, to: i64, points: &mut Points) {
        points.values.fill(if metric == Metric::Stopped { 1.0 } else { 0.0 });
        for span in self.running(from, to) {
            points.fill(span, |_| f64::from(metric == Metric::Available));
        }
        for (span, why) in self.breaks(from, to) {
            let value = match why {
                Why::Stopped => continue,
                Why::Held(State::Unhealthy | State::Impaired | State::Error) => f64::from(metric == Metric::Unhealthy),
                Why::Held(State::Maintenance | State::AdminMaintenance) => f64::from(metric == Metric::Maintenance),
                // Restarts are over before a slot is.
                Why::Changing(state) if state != State::Pending => continue,
                _ => 0.0,
            };
            points.fill(span, |_| value);
        }
    }

    fn network(&self, metric: Metric, at: i64) -> f64 {
        let usual = (self.draw("distance", 0) % 700) as f64 / 10.0;
        let noise = self.draw("network", at);
        if metric == Metric::UdpPacketLossRate {
            return if noise.is_multiple_of(9) { (noise % 23) as f64 / 10.0 } else { 0.0 };
        }
        let spike = if noise.is_multiple_of(97) { 90.0 } else { 0.0 };
        round(12.0 + usual + (noise % 160) as f64 / 10.0 + spike)
    }

    fn load(&self, metric: Metric, used: bool, at: i64) -> f64 {
        let noise = (self.draw("load", at ^ metric as i64) % 1_000) as f64 / 1_000.0;
        let person = (self.draw("appetite", metric as i64) % 1_000) as f64 / 1_000.0;
        let (idle, working, swing) = if metric == Metric::CpuUsage {
            (1.2, 8.0 + 38.0 * person, 22.0)
        } else {
            (22.0, 34.0 + 40.0 * person, 9.0)
        };
        round(if used { working + swing * noise } else { idle + 3.0 * noise })
    }

    /// Disks fill slowly, some to the brim.
    fn disk(&self, metric: Metric, at: i64) -> f64 {
        let draw = self.draw("disk", metric as i64);
        let at_first = if metric == Metric::RootVolumeDiskUsage { 36.0 } else { 4.0 } + (draw % 200) as f64 / 10.0;
        let per_day = (draw >> 32) % 130;
        let days = (at - self.life().created_at) as f64 / DAY as f64;
        round((at_first + days * per_day as f64 / 1_000.0).min(97.5))
    }

    /// A number that depends on the desktop, on what it is for and on the time.
    fn draw(&self, purpose: &str, at: i64) -> u64 {
        mix(hash(self.desktop.seed, purpose) ^ mix(at as u64))
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
