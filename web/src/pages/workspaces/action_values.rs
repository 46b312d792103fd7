//! The form of an action that has to be told what to change to. What is typed makes an order, whose rules are the domain's;
//! `order_of` says which field is wrong. It stays as it is while the preview is looked at.

use std::collections::BTreeSet;

use domain::workspace::order::{AUTO_STOP_MOST_MINUTES, AUTO_STOP_STEP_MINUTES, OrderFault};
use domain::workspace::{ComputeType, RunningMode, Tags, Volume, WorkspaceAction, WorkspaceOrder};
use leptos::prelude::*;

use crate::components::ui::choice::Choice;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::text_area::TextArea;

/// What is chosen and typed.
#[derive(Debug, Clone, Copy)]
pub struct Values {
    mode: RwSignal<String>,
    minutes: RwSignal<String>,
    compute: RwSignal<String>,
    volume: RwSignal<String>,
    gib: FieldState,
    set: FieldState,
    remove: FieldState,
}

impl Values {
    /// As the form opens.
    pub fn new() -> Self {
        Self {
            mode: RwSignal::new(RunningMode::AutoStop.as_str().to_owned()),
            minutes: RwSignal::new(AUTO_STOP_STEP_MINUTES.to_string()),
            compute: RwSignal::new(ComputeType::Standard.as_str().to_owned()),
            volume: RwSignal::new(Volume::User.as_str().to_owned()),
            gib: FieldState::new("100"),
            set: FieldState::new(""),
            remove: FieldState::new(""),
        }
    }

    /// The order that they make.
    pub fn order(self, action: WorkspaceAction) -> Result<WorkspaceOrder, OrderFault> {
        let order = match action {
            WorkspaceAction::SetRunningMode => {
                let running_mode = RunningMode::from(self.mode.get());
                let stops = running_mode == RunningMode::AutoStop;
                let auto_stop_minutes = if stops { self.minutes.with(|text| text.parse().ok()) } else { None };
                WorkspaceOrder::SetRunningMode { running_mode, auto_stop_minutes }
            }
            WorkspaceAction::SetComputeType => {
                WorkspaceOrder::SetComputeType { compute_type: ComputeType::from(self.compute.get()) }
            }
            WorkspaceAction::GrowVolume => {
                let volume =
                    if self.volume.with(|text| text == Volume::Root.as_str()) { Volume::Root } else { Volume::User };
                let typed = self.gib.value.with(|text| text.trim().parse());
                let gib = typed.map_err(|_| fault("gib", "Type a number of GiB."))?;
                WorkspaceOrder::GrowVolume { volume, gib }
            }
            WorkspaceAction::SetTags => WorkspaceOrder::SetTags {
                set: self.set.value.with(|text| tags(text))?,
                remove: self.remove.value.with(|text| keys(text)),
            },
            plain => return WorkspaceOrder::plain(plain).ok_or_else(|| fault("action", "Choose what to change.")),
        };
        order.check_values()?;
        Ok(order)
    }
}

fn fault(field: &'static str, message: &str) -> OrderFault {
    OrderFault { field, message: message.to_owned() }
}

/// Tags, one a line: `Key=Value`, or a key alone for an empty value.
fn tags(text: &str) -> Result<Tags, OrderFault> {
    let mut set = Tags::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if set.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(fault("set", &format!("{} is there twice.", key.trim())));
        }
    }
    Ok(set)
}

/// Keys, one a line.
fn keys(text: &str) -> BTreeSet<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The fields of the action.
#[component]
pub fn ValuesForm(action: WorkspaceAction, values: Values) -> impl IntoView {
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            values.order(action).err().filter(|fault| fault.field == field).map(|fault| fault.message)
        })
    };
    match action {
        WorkspaceAction::SetRunningMode => {
            let modes = vec![
                ("AUTO_STOP".to_owned(), "AutoStop: stops by itself, billed by the hour".to_owned()),
                ("ALWAYS_ON".to_owned(), "AlwaysOn: runs all the time, billed by the month".to_owned()),
            ];
            let stops = move || values.mode.with(|mode| mode == "AUTO_STOP");
            view! {
                <Choice id="order-mode" label="Running mode".to_owned() options=modes value=values.mode testid="order-mode"/>
                <Show when=stops>
                    <Choice
                        id="order-minutes" label="Stops after nobody was connected for".to_owned() options=timeouts()
                        value=values.minutes testid="order-minutes"
                    />
                </Show>
            }
            .into_any()
        }
        WorkspaceAction::SetComputeType => {
            let types: Vec<_> =
                ComputeType::KNOWN.iter().map(|one| (one.as_str().to_owned(), one.as_str().to_owned())).collect();
            view! {
                <Choice id="order-compute" label="Compute type".to_owned() options=types value=values.compute testid="order-compute"/>
            }
            .into_any()
        }
        WorkspaceAction::GrowVolume => {
            let volumes = vec![
                ("user".to_owned(), "The user's volume (D: or /home)".to_owned()),
                ("root".to_owned(), "The system's volume (C: or /)".to_owned()),
            ];
            let hint = "A user volume 10, 50, 100 or more, a root volume 175 or more; at most 2000.".to_owned();
            view! {
                <Choice id="order-volume" label="Volume".to_owned() options=volumes value=values.volume testid="order-volume"/>
                <TextField
                    id="order-gib" label="Size it shall have, GiB".to_owned() state=values.gib rule=wrong("gib") hint=Some(hint)
                    testid="order-gib"
                />
            }
            .into_any()
        }
        _ => view! {
            <TextArea
                id="order-set" label="Tags to set, one a line" placeholder="Team=Blue" state=values.set rule=wrong("set")
                spellcheck="false" testid="order-set"
            />
            <TextArea
                id="order-remove" label="Keys to remove, one a line" placeholder="Project" state=values.remove
                rule=wrong("remove") spellcheck="false" testid="order-remove"
            />
        }
        .into_any(),
    }
}

/// Whole hours, up to two days.
fn timeouts() -> Vec<(String, String)> {
    let words = |hours: i32| if hours == 1 { "1 hour".to_owned() } else { format!("{hours} hours") };
    (1..=AUTO_STOP_MOST_MINUTES / AUTO_STOP_STEP_MINUTES)
        .map(|hours| ((hours * AUTO_STOP_STEP_MINUTES).to_string(), words(hours)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_line_by_line() {
        let set = tags("Team = Blue \n\n Cost=a=b\nEmpty").unwrap();
        let told: Vec<_> = set.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(told, [("Cost", "a=b"), ("Empty", ""), ("Team", "Blue")]);
        assert_eq!(tags("Team=a\nTeam=b").unwrap_err().field, "set");
        assert_eq!(keys(" Old \n\nOlder").into_iter().collect::<Vec<_>>(), ["Old", "Older"]);
    }

    #[test]
    fn the_time_outs_to_choose_from_are_aws_s() {
        let all = timeouts();
        assert_eq!((all.len(), all[0].0.as_str(), all[47].1.as_str()), (48, "60", "48 hours"));
    }
}
