//! An AWS account and region with canned answers: pages of `page_size`, and faults by operation or page.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::account::AccountAccess;
use domain::cloud::{CallerIdentity, CloudConnector, CloudError, CloudPage, FailedItem, FleetApi};
use domain::ids::Region;
use domain::workspace::rules::state_after;
use domain::workspace::{
    ConnectionState, ObservedBundle, ObservedConnection, ObservedDirectory, ObservedImage, ObservedQuota,
    ObservedWorkspace, RunningMode, Tags, Volume, WorkspaceOrder, WorkspaceState,
};
use tokio::sync::Notify;

/// A WorkSpace as AWS would show it, AUTO_STOP and with nothing special about it.
pub(crate) fn observed(number: usize, state: WorkspaceState) -> ObservedWorkspace {
    ObservedWorkspace {
        aws_id: format!("ws-{number:09}"),
        directory_id: "d-1000000001".into(),
        bundle_id: format!("wsb-{:03}", number % 3),
        user_name: format!("user{number}"),
        state,
        computer_name: Some(format!("WSAMZN-{number}")),
        ip_address: None,
        subnet_id: None,
        error_code: None,
        error_message: None,
        running_mode: Some(RunningMode::AutoStop),
        auto_stop_timeout_minutes: Some(60),
        compute_type: Some("STANDARD".into()),
        root_volume_gib: Some(80),
        user_volume_gib: Some(50),
        protocol: None,
        operating_system: None,
        root_volume_encrypted: true,
        user_volume_encrypted: true,
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) workspaces: BTreeMap<String, ObservedWorkspace>,
    pub(crate) tags: HashMap<String, Tags>,
    /// By operation: what it always answers.
    pub(crate) faults: HashMap<&'static str, CloudError>,
    /// Pages of DescribeWorkspaces that fail, by the number of the first item, each once.
    pub(crate) page_faults: HashMap<usize, CloudError>,
    /// Pages of DescribeWorkspacesConnectionStatus that fail, likewise.
    pub(crate) connection_faults: HashMap<usize, CloudError>,
    /// Pages of DescribeWorkspaces whose next reader waits until it is let go, by the number of the first item.
    pub(crate) held: HashMap<usize, Arc<Notify>>,
    /// Connections of WorkSpaces that no page of them shows.
    pub(crate) strangers: usize,
    /// Whether AWS shows no directory any more.
    pub(crate) no_directories: bool,
    /// Its images.
    pub(crate) images: Vec<ObservedImage>,
    /// Its quotas.
    pub(crate) quotas: Vec<ObservedQuota>,
    /// First items of the pages that were asked for, in order.
    pub(crate) pages_read: Vec<usize>,
    /// Tokens that are no longer accepted.
    pub(crate) stale_tokens: bool,
    /// Ids that an action refuses.
    pub(crate) refuse: BTreeSet<String>,
    /// Every action call: what and on which ids.
    pub(crate) actions: Vec<(WorkspaceOrder, Vec<String>)>,
    /// The next action does what it should and then fails to answer.
    pub(crate) lose_answer: bool,
}

/// The fake. Its state may be changed between runs.
#[derive(Clone, Default)]
pub(crate) struct FakeFleet {
    pub(crate) state: Arc<Mutex<State>>,
    calls: Arc<AtomicU64>,
}

const PAGE: usize = 25;

impl FakeFleet {
    /// `count` WorkSpaces, numbered from 0, all in one state.
    pub(crate) fn with(count: usize, state: &WorkspaceState) -> Self {
        let fake = Self::default();
        fake.change(|s| {
            for number in 0..count {
                let workspace = observed(number, state.clone());
                s.workspaces.insert(workspace.aws_id.clone(), workspace);
            }
        });
        fake
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// From now on the operation always answers this.
    pub(crate) fn fail(&self, operation: &'static str, error: CloudError) {
        self.change(|s| s.faults.insert(operation, error));
    }

    /// From now on the first reader of that page of DescribeWorkspaces waits until it is let go.
    pub(crate) fn hold(&self, start: usize) -> Arc<Notify> {
        let gate = Arc::new(Notify::new());
        self.change(|s| s.held.insert(start, gate.clone()));
        gate
    }

    fn begin(&self, operation: &'static str) -> Result<(), CloudError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.change(|s| s.faults.get(operation).cloned()).map_or(Ok(()), Err)
    }

    fn page<T>(
        &self,
        operation: &str,
        token: Option<&str>,
        items: impl FnOnce(&State) -> Vec<T>,
    ) -> Result<CloudPage<T>, CloudError> {
        let stale = self.change(|s| s.stale_tokens);
        let start = match token {
            Some(_) if stale => {
                return Err(CloudError::Refused {
                    operation: operation.into(),
                    code: "InvalidParameterValuesException".into(),
                    reason: "the token has expired".into(),
                });
            }
            Some(token) => token.parse().unwrap(),
            None => 0,
        };
        let all = self.change(|s| items(s));
        let next_token = (start + PAGE < all.len()).then(|| (start + PAGE).to_string());
        Ok(CloudPage { items: all.into_iter().skip(start).take(PAGE).collect(), next_token })
    }
}

#[async_trait]
impl FleetApi for FakeFleet {
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError> {
        self.begin("sts:GetCallerIdentity")?;
        Ok(CallerIdentity { aws_account_id: "123456789012".into(), arn: "arn:aws:iam::123456789012:user/t".into() })
    }

    async fn workspace_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedWorkspace>, CloudError> {
        let operation = "workspaces:DescribeWorkspaces";
        self.begin(operation)?;
        let start = next_token.as_deref().map_or(0, |token| token.parse().unwrap());
        let gate = self.change(|s| s.held.remove(&start));
        if let Some(gate) = gate {
            gate.notified().await;
        }
        if let Some(error) = self.change(|s| {
            s.pages_read.push(start);
            s.page_faults.remove(&start)
        }) {
            return Err(error);
        }
        self.page(operation, next_token.as_deref(), |s| s.workspaces.values().cloned().collect())
    }

    async fn workspaces_by_id(&self, aws_ids: &[String]) -> Result<Vec<ObservedWorkspace>, CloudError> {
        self.begin("workspaces:DescribeWorkspaces")?;
        assert!(aws_ids.len() <= 25, "AWS takes at most 25 ids");
        Ok(self.change(|s| aws_ids.iter().filter_map(|id| s.workspaces.get(id).cloned()).collect()))
    }

    async fn connection_page(&self, token: Option<String>) -> Result<CloudPage<ObservedConnection>, CloudError> {
        let operation = "workspaces:DescribeWorkspacesConnectionStatus";
        self.begin(operation)?;
        let start = token.as_deref().map_or(0, |token| token.parse().unwrap());
        if let Some(error) = self.change(|s| s.connection_faults.remove(&start)) {
            return Err(error);
        }
        self.page(operation, token.as_deref(), |s| {
            let connection = |aws_id: String| ObservedConnection {
                aws_id,
                state: ConnectionState::Disconnected,
                checked_at: None,
                last_connected_at: None,
            };
            let strangers = (0..s.strangers).map(|number| format!("ws-x{number:08}"));
            s.workspaces.keys().cloned().chain(strangers).map(connection).collect()
        })
    }

    async fn directory_page(&self, token: Option<String>) -> Result<CloudPage<ObservedDirectory>, CloudError> {
        self.begin("workspaces:DescribeWorkspaceDirectories")?;
        self.page("workspaces:DescribeWorkspaceDirectories", token.as_deref(), |s| {
            if s.no_directories {
                return Vec::new();
            }
            vec![ObservedDirectory {
                aws_id: "d-1000000001".into(),
                name: "corp.example.com".into(),
                alias: None,
                kind: "SIMPLE_AD".into(),
                state: "REGISTERED".into(),
                registration_code: Some("SLiad+ABC123".into()),
                stage: None,
            }]
        })
    }

    async fn directory_stage_page(&self, token: Option<String>) -> Result<CloudPage<(String, String)>, CloudError> {
        self.begin("ds:DescribeDirectories")?;
        self.page("ds:DescribeDirectories", token.as_deref(), |_| {
            vec![("d-1000000001".to_owned(), "Active".to_owned())]
        })
    }

    async fn bundles_by_id(&self, aws_ids: &[String]) -> Result<Vec<ObservedBundle>, CloudError> {
        self.begin("workspaces:DescribeWorkspaceBundles")?;
        assert!(aws_ids.len() <= 25, "AWS takes at most 25 ids");
        let bundle = |id: &String| ObservedBundle {
            aws_id: id.clone(),
            name: format!("Bundle {id}"),
            owner: "AMAZON".into(),
            description: None,
            compute_type: Some("STANDARD".into()),
            root_volume_gib: Some(80),
            user_volume_gib: Some(50),
            image_id: None,
        };
        Ok(aws_ids.iter().map(bundle).collect())
    }

    async fn image_page(&self, token: Option<String>) -> Result<CloudPage<ObservedImage>, CloudError> {
        let operation = "workspaces:DescribeWorkspaceImages";
        self.begin(operation)?;
        self.page(operation, token.as_deref(), |s| s.images.clone())
    }

    async fn quota_page(&self, token: Option<String>) -> Result<CloudPage<ObservedQuota>, CloudError> {
        let operation = "servicequotas:ListServiceQuotas";
        self.begin(operation)?;
        self.page(operation, token.as_deref(), |s| s.quotas.clone())
    }

    async fn tags(&self, aws_id: &str) -> Result<Tags, CloudError> {
        self.begin("workspaces:DescribeTags")?;
        Ok(self.change(|s| s.tags.get(aws_id).cloned().unwrap_or_default()))
    }

    async fn act(&self, order: &WorkspaceOrder, aws_ids: &[String]) -> Result<Vec<FailedItem>, CloudError> {
        self.begin("workspaces:Act")?;
        let most = order.action().per_call();
        assert!(!aws_ids.is_empty() && aws_ids.len() <= most, "AWS takes 1 to {most} ids");
        self.change(|s| {
            s.actions.push((order.clone(), aws_ids.to_vec()));
            let mut failed = Vec::new();
            for id in aws_ids {
                if s.refuse.contains(id) {
                    failed.push(FailedItem {
                        aws_id: id.clone(),
                        code: "ResourceUnavailable.Fault".into(),
                        message: "busy".into(),
                    });
                } else if let Some(workspace) = s.workspaces.get_mut(id) {
                    obey(workspace, s.tags.entry(id.clone()).or_default(), order);
                }
            }
            if std::mem::take(&mut s.lose_answer) {
                let operation = "workspaces:StopWorkspaces".to_owned();
                return Err(CloudError::Unavailable { operation, reason: "the connection broke".into() });
            }
            Ok(failed)
        })
    }

    fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Does with a WorkSpace what AWS would at once.
fn obey(workspace: &mut ObservedWorkspace, tags: &mut Tags, order: &WorkspaceOrder) {
    if let Some(state) = state_after(order.action()) {
        workspace.state = state;
    }
    match order {
        WorkspaceOrder::SetRunningMode { running_mode, auto_stop_minutes } => {
            workspace.running_mode = Some(running_mode.clone());
            workspace.auto_stop_timeout_minutes = *auto_stop_minutes;
        }
        WorkspaceOrder::SetComputeType { compute_type } => workspace.compute_type = Some(compute_type.clone()),
        WorkspaceOrder::GrowVolume { volume: Volume::Root, gib } => workspace.root_volume_gib = Some(*gib),
        WorkspaceOrder::GrowVolume { volume: Volume::User, gib } => workspace.user_volume_gib = Some(*gib),
        WorkspaceOrder::SetTags { set, remove } => {
            tags.retain(|key, _| !remove.contains(key));
            tags.extend(set.clone());
        }
        _ => {}
    }
}

#[async_trait]
impl CloudConnector for FakeFleet {
    async fn connect(&self, _: &AccountAccess, _: &Region) -> Result<Arc<dyn FleetApi>, CloudError> {
        Ok(Arc::new(self.clone()))
    }
}
