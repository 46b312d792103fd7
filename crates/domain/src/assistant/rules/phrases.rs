//! The words of the trade, line by line: what each phrase says. See `vocabulary` for how they are looked up.

use super::vocabulary::Sign::{
    Ahead, And, By, Compare, Compute, Connection, Count, Demand, HelpMe, HowIs, HowMuch, HowTo, It, JobState, Mode,
    Not, Opener, Page, Pronoun, Reckoned, Show, Standing, State, Tag, Use, Which, Who,
};
use super::vocabulary::{Sign, Topic};
use crate::assistant::{Dimension, Help, Measure};
use crate::workspace::{ComputeType, ConnectionState, RunningMode, WorkspaceState};

/// Desktops that are not well.
const UNWELL: &[WorkspaceState] = &[WorkspaceState::Impaired, WorkspaceState::Unhealthy, WorkspaceState::Error];

const fn by(dimension: Dimension) -> Sign {
    Sign::Dimension(dimension)
}

const fn on(topic: Topic) -> Sign {
    Sign::Topic(topic)
}

const MOST: Sign = Sign::Measure(Measure::Most);
const LEAST: Sign = Sign::Measure(Measure::Least);
const NONE: Sign = Sign::Measure(Measure::None);

/// Phrases, parted by `|`, with what each says.
pub(super) const TABLE: &[(&[Sign], &str)] = &[
    // What is asked.
    (
        &[Count],
        "how many|number of|the number of|count|count of|total number of|are there any|is there any|\
         are there|is there|do we have any|do we have|have we got|size of the fleet|fleet size|how big is|\
         how large is",
    ),
    (&[Which], "which|what|what are the names of"),
    (&[Show], "show|show me|list|list me|display|give me|tell me|find|see|let me see|name"),
    (&[Who], "who|whose|whom|who is|owner|owner of|who owns|belongs to|belong to|assigned to"),
    (&[HowMuch], "how much"),
    (
        &[Standing],
        "overview|summary|summary of|breakdown of states|how is the fleet|how is our fleet|how is my fleet|\
         how are the workspaces|how are our workspaces|how is the fleet doing|how is our fleet doing|\
         state of the fleet|status of the fleet|fleet status|health of the fleet|fleet overview|fleet summary",
    ),
    (
        &[HowTo],
        "how do i|how do we|how can i|how can we|how to|how does one|how do you|how should i|how would i|\
         where do i|where can i|where do we|can i|explain how",
    ),
    (&[HowIs], "how is|how are|how"),
    (
        &[HelpMe],
        "help|help me|what can i ask|what can i ask you|what can you do|what can you tell me|\
         what can you answer|what do you know|what questions can i ask|what else can you do|who are you|\
         what are you",
    ),
    (
        &[By],
        "by|per|each|every|for each|for every|in each|split by|grouped by|broken down by|break down by|\
         breakdown by|across",
    ),
    (
        &[Opener],
        "and what about|what about|how about|and how about|and for|same for|the same for|and in|only|just|\
         now only",
    ),
    (&[And], "and|or|and also|as well as"),
    (
        &[Pronoun],
        "he|she|him|his|her|they|them|those|these|ones|one of them|of them|of those|of these|the ones|\
         those ones",
    ),
    (
        &[Compare],
        "compare|compared to|compared with|in comparison to|in comparison with|versus|vs|against|than|\
         difference between|the difference between|relative to|more than in|less than in|more in|less in|\
         more|less|differ|changed",
    ),
    (&[It], "it|its"),
    (&[Not], "not|never mind|except|excluding|without|no longer|other than|but"),
    (&[Ahead], "will|going to|about to|next"),
    // Things.
    (
        &[on(Topic::Workspaces)],
        "workspace|workspaces|work space|work spaces|aws workspaces|amazon workspaces|desktop|desktops|\
         virtual desktop|virtual desktops|cloud desktop|cloud desktops|machine|machines|virtual machine|\
         virtual machines|vdi|vdis|vm|vms|computer|computers|fleet|seats|seat",
    ),
    (
        &[on(Topic::People), Page(Help::Access)],
        "user|users|people|person|persons|employee|employees|colleague|colleagues|staff|somebody|someone|\
         anybody|anyone|everybody|everyone",
    ),
    (
        &[on(Topic::Usage)],
        "hour|hours|usage|used|utilisation|utilization|connected hours|hours connected|hours of use|\
         usage hours|connected time|time connected|connection time|login|logins|time used|how long",
    ),
    (&[on(Topic::Usage), Page(Help::Profile)], "session|sessions"),
    (
        &[on(Topic::Usage), NONE],
        "unused|idle|not used|not been used|not use|not using|not get used|never used|never been used|\
         never use|never log in|never logged in|never connected|never connect|not log in|not logged in|\
         not logged on|not connect|nobody used|nobody uses|nobody has used|no one used|no one uses|\
         no one has used|used by nobody|used by no one|no usage|no hours|no sessions|zero hours|zero usage|\
         without usage|without any usage|without sessions|without a session|without use|not once used|\
         inactive",
    ),
    (
        &[on(Topic::Usage), MOST],
        "busiest|most used|most active|heaviest|most heavily used|used most|used the most|most hours|\
         the most hours",
    ),
    (
        &[on(Topic::Usage), LEAST],
        "least used|least active|little used|hardly used|barely used|rarely used|seldom used|underused|\
         under used|underutilised|underutilized|used least|used the least|fewest hours|the fewest hours|\
         least hours",
    ),
    (
        &[on(Topic::Cost), Page(Help::Cost)],
        "cost|costs|costing|costed|running cost|running costs|spend|spends|spent|spending|bill|bills|billed|\
         billing|invoice|invoices|invoiced|pay|paid|paying|charge|charges|charged|expense|expenses|\
         expenditure|money|aws bill|aws cost|aws costs",
    ),
    (
        &[on(Topic::Cost), MOST],
        "expensive|most expensive|the most expensive|priciest|costliest|cost most|costs most|cost the most|\
         costs the most|spend most|spends most|spend the most|spends the most|spent most|spent the most",
    ),
    (
        &[on(Topic::Cost), LEAST],
        "cheapest|the cheapest|least expensive|the least expensive|cost least|costs least|cost the least|\
         costs the least|spend the least|spends the least|spent the least",
    ),
    (
        &[on(Topic::Forecast), Page(Help::Cost)],
        "forecast|forecasts|forecasted|projection|projected|prediction|predicted|predict|\
         estimate for this month|expected bill|expected cost|expected costs|expected spend|end of the month|\
         end of month|end of this month|month end|months end|month as a whole|come to this month",
    ),
    (
        &[on(Topic::Savings)],
        "saving|savings|save|save money|saved|where can we save|where can i save|where could we save|\
         how can we save|how can i save|how could we save|how do we save|how can we save money|\
         how can i save money|where can we save money|how much can we save|how much could we save|\
         what can we save|what could we save|could we save|can we save|waste|wasted|wasting|wasting money|\
         wasteful|waste money|cheaper|save on costs|cut costs|cut the costs|cut our costs|cut cost|\
         reduce cost|reduce costs|reduce the cost|reduce the costs|reduce our costs|reduce our bill|\
         reduce the bill|lower the bill|lower our bill|how can we reduce costs|how can we cut costs|\
         how can we reduce our bill|optimise|optimize|optimisation|optimization|cost optimisation|\
         cost optimization|savings potential|potential savings|saving opportunities|savings opportunities|\
         savings findings|cost savings|should be in auto stop|should be auto stop|should be autostop|\
         should be in autostop|should switch to autostop|should be always on|should switch to auto stop|\
         should change running mode|wrong running mode|in the wrong running mode|recommendation|\
         recommendations",
    ),
    (
        &[on(Topic::Events)],
        "event|events|aws event|aws events|cloudtrail|cloud trail|cloudtrail event|cloudtrail events|\
         happened|happen|api call|api calls|activity|activities|what changed|who stopped|who started|\
         who rebooted|who restarted|who rebuilt|who terminated|who deleted|who created|who modified|\
         who changed",
    ),
    (
        &[on(Topic::Audit), Page(Help::Audit)],
        "audit|audit log|audit trail|audit entries|audit records|audit log entries|our own log|who did what|\
         sign ins|sign in|signed in|signed in to wheelhouse|logged in to wheelhouse|logged into wheelhouse|\
         changed in wheelhouse|happened in wheelhouse|done in wheelhouse|did in wheelhouse|in wheelhouse|\
         failed sign ins|last sign ins|verify the audit log|verified",
    ),
    (
        &[on(Topic::Jobs), Page(Help::Jobs)],
        "job|jobs|queue|job queue|the queue|background job|background jobs|background task|background tasks",
    ),
    (
        &[on(Topic::Jobs), JobState],
        "failed job|failed jobs|running jobs|running job|queued jobs|dead jobs|waiting jobs|stuck jobs|\
         cancelled jobs|finished jobs",
    ),
    (
        &[on(Topic::Freshness), Page(Help::Syncs)],
        "fresh|freshness|how fresh|how fresh is the data|how fresh is our data|how fresh are the data|\
         how old is the data|how old is our data|how old are the data|how recent is the data|\
         how current is the data|how up to date is the data|is the data up to date|is the data complete|\
         how complete is the data|how complete|up to date|out of date|stale|last sync|last synced|last syncs|\
         last synchronised|last synchronized|last updated|last update|sync|syncs|synced|sync status|syncing|\
         synchronised|synchronized|synchronisation|data coverage|coverage|gaps in the data|data gaps|\
         data sets|data missing|missing data",
    ),
    (&[Page(Help::Syncs)], "schedule|schedules|refresh"),
    // What they are told apart by.
    (&[by(Dimension::State)], "state|states|status|statuses|condition|health"),
    (&[by(Dimension::RunningMode)], "running mode|running modes|mode|modes|billing mode|billing modes"),
    (&[by(Dimension::Region)], "region|regions|aws region|aws regions|location|locations"),
    (&[by(Dimension::Account), Page(Help::Accounts)], "account|accounts|aws account|aws accounts"),
    (&[by(Dimension::Bundle)], "bundle|bundles"),
    (&[by(Dimension::Directory)], "directory|directories"),
    (
        &[by(Dimension::ComputeType)],
        "compute type|compute types|compute|hardware|hardware type|hardware types|machine type|machine types|\
         instance type|instance types|machine size|machine sizes|workspace type|workspace types|desktop type|\
         desktop types",
    ),
    (&[by(Dimension::Connection)], "connection|connections|connection state|connection states|connection status"),
    (&[by(Dimension::Team), Page(Help::Access)], "team|teams|department|departments"),
    (
        &[By, by(Dimension::Day)],
        "daily|day by day|each day|per day|by day|every day|on which day|which day|which days|what day",
    ),
    (
        &[By, by(Dimension::Month)],
        "monthly|month by month|each month|per month|by month|every month|which month|which months|what month",
    ),
    (
        &[By, by(Dimension::Workspace)],
        "per workspace|by workspace|each workspace|every workspace|per desktop|by desktop|each desktop|\
         per user|by user|each user|per person|by person|each person|per head",
    ),
    // Ends of an order.
    (
        &[MOST],
        "most|the most|highest|the highest|biggest|the biggest|largest|the largest|longest|the longest|\
         maximum|more than any other",
    ),
    (&[MOST], "top|the top"),
    (&[LEAST], "least|the least|fewest|the fewest|lowest|the lowest|smallest|the smallest|shortest|minimum"),
    (&[NONE], "none at all"),
    // Values.
    (
        &[State(&[WorkspaceState::Available])],
        "available|running|up and running|started|switched on|turned on|powered on",
    ),
    (&[State(&[WorkspaceState::Stopped])], "stopped|shut down|switched off|turned off|powered off"),
    (&[State(&[WorkspaceState::Pending])], "pending|being created"),
    (&[State(&[WorkspaceState::Impaired])], "impaired"),
    (&[State(&[WorkspaceState::Unhealthy])], "unhealthy"),
    (
        &[State(UNWELL)],
        "broken|faulty|with problems|has problems|have problems|having problems|in trouble|not healthy|\
         not well",
    ),
    (&[State(&[WorkspaceState::Rebooting])], "rebooting|restarting"),
    (&[State(&[WorkspaceState::Starting])], "starting|booting"),
    (&[State(&[WorkspaceState::Rebuilding])], "rebuilding|being rebuilt"),
    (&[State(&[WorkspaceState::Restoring])], "restoring|being restored"),
    (
        &[State(&[WorkspaceState::Maintenance])],
        "maintenance|under maintenance|in maintenance|maintenance mode|in maintenance mode",
    ),
    (&[State(&[WorkspaceState::AdminMaintenance])], "admin maintenance|in admin maintenance"),
    (&[State(&[WorkspaceState::Terminating])], "terminating|being terminated|being deleted"),
    (&[State(&[WorkspaceState::Suspended])], "suspended"),
    (&[State(&[WorkspaceState::Updating])], "updating|being updated"),
    (&[State(&[WorkspaceState::Stopping])], "stopping|shutting down"),
    (&[State(&[WorkspaceState::Error])], "error|in error|in error state|with errors|with an error"),
    (&[Mode(RunningMode::AutoStop)], "auto stop|autostop|hourly|billed hourly|billed by the hour"),
    (&[Mode(RunningMode::AlwaysOn)], "always on|alwayson|always running|billed monthly|billed by the month"),
    (&[Mode(RunningMode::Manual)], "manual|manual mode"),
    (&[Compute(ComputeType::Value)], "value"),
    (&[Compute(ComputeType::Standard)], "standard"),
    (&[Compute(ComputeType::Performance)], "performance"),
    (&[Compute(ComputeType::Power)], "power"),
    (&[Compute(ComputeType::PowerPro)], "powerpro|power pro"),
    (&[Compute(ComputeType::GeneralPurpose4xlarge)], "generalpurpose 4xlarge|general purpose 4xlarge"),
    (&[Compute(ComputeType::GeneralPurpose8xlarge)], "generalpurpose 8xlarge|general purpose 8xlarge"),
    (&[Compute(ComputeType::Graphics)], "graphics"),
    (&[Compute(ComputeType::GraphicsPro)], "graphicspro|graphics pro"),
    (&[Compute(ComputeType::GraphicsG4dn)], "graphics g4dn|graphics.g4dn"),
    (&[Compute(ComputeType::GraphicsProG4dn)], "graphicspro g4dn|graphicspro.g4dn|graphics pro g4dn"),
    (
        &[Connection(ConnectionState::Connected)],
        "connected|in use|in use right now|logged in|logged on|online|being used|being used right now|\
         working right now",
    ),
    (&[Connection(ConnectionState::Disconnected)], "disconnected|not connected|not in use|not being used"),
    (&[JobState], "failed|fail|failing|failures|queued|waiting|dead|stuck|cancelled|canceled|finished|retried"),
    (&[Use], "use|uses|using"),
    (&[Tag], "tag|tags|tagged|tagged with|tagged as|with tag|with the tag"),
    // What is to be done, and where it is told how.
    (
        &[Demand, Page(Help::Actions)],
        "start|stop|restart|reboot|terminate|delete|destroy|rebuild|restore|shut|kill|launch|power off|\
         power on|turn off|turn on|switch off|switch on|switch|resize|migrate",
    ),
    (&[Demand, Compare], "change"),
    (
        &[Demand],
        "create|remove|set|make|move|add|disable|enable|reset|rename|assign|update|edit|modify|turn|put|give|\
         send|run|do it|go ahead",
    ),
    (&[Demand, Page(Help::Access)], "invite|grant|revoke"),
    (&[Demand, Page(Help::Jobs)], "cancel|retry"),
    (&[Demand, Page(Help::Syncs)], "synchronise|synchronize|resync"),
    (&[Demand, Page(Help::Accounts)], "connect"),
    (&[Page(Help::Access)], "role|roles|permission|permissions|invitation|invitations|access"),
    (
        &[Page(Help::Profile)],
        "password|my password|second factor|two factor|2fa|mfa|totp|authenticator|authenticator app|\
         recovery code|recovery codes|api key|api keys|profile|my profile",
    ),
    (&[Page(Help::Accounts)], "iam policy|iam role|trust policy|external id"),
    (&[Reckoned, Page(Help::Cost)], "calculated|reckoned|computed|counted|worked out|estimated"),
    (&[Page(Help::Actions)], "action|actions"),
    (&[Page(Help::Budgets)], "budget|budgets"),
    // A report of costs is a question about costs, too.
    (&[Sign::Nothing, Page(Help::Reports)], "report"),
    (&[Page(Help::Reports)], "reports"),
    (&[Demand, Page(Help::Reports)], "export|download"),
    (&[Page(Help::Requests)], "requests"),
    (&[Demand, Page(Help::Requests)], "request|withdraw"),
    // What says nothing by itself.
    (
        &[Sign::Nothing],
        "a|an|the|of|in|on|at|for|to|from|with|within|into|is|are|was|were|be|been|being|am|do|does|did|done|\
         has|have|had|having|we|us|our|ours|i|me|my|mine|you|your|this|that|there|here|who's|please|kindly|\
         thanks|thank|hello|hi|hey|could|can|would|like|want|wanted|know|need|get|got|tell|any|all|some|both|\
         total|in total|altogether|overall|in all|still|also|too|currently|now|right now|at the moment|\
         at present|presently|so far|during|over|about|as|of course|much|many|if|so|then|exactly|actually|\
         really|last|latest|newest|recent|recently|most recent|most recently|lately|when|when was|data|their|\
         look|looks|wheelhouse|aws|amazon|cloud|individual|single|whole|entire|company|first|value of|amount|\
         amount of|figure|figures|numbers|details|details of|info|information|go|went|come|came|out|\
         in the",
    ),
];
