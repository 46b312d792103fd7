//! Who does what the drawn events tell of.

use serde_json::{Value, json};

use crate::rng::{CAPITALS, Rng};

/// A person or program with rights in the account.
#[derive(Debug)]
pub(crate) struct Person {
    /// The IAM user, or the session of a role.
    pub(crate) name: &'static str,
    /// `None`: an IAM user.
    role: Option<&'static str>,
    pub(crate) ip: &'static str,
    pub(crate) agent: &'static str,
}

/// Administrators first, then who may little, then who only looks.
pub(crate) static PEOPLE: &[Person] = &[
    Person {
        name: "ops-automation",
        role: None,
        ip: "198.51.100.20",
        agent: "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 lang/python#3.13 cfg/retry-mode#standard",
    },
    Person {
        name: "n.haddad@northwind.example",
        role: Some("AWSReservedSSO_DesktopAdmin_4f1c02a9d7e35b68"),
        ip: "203.0.113.41",
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    },
    Person {
        name: "j.lindqvist@northwind.example",
        role: Some("AWSReservedSSO_DesktopAdmin_4f1c02a9d7e35b68"),
        ip: "203.0.113.87",
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15",
    },
    Person {
        name: "t.garcia",
        role: Some("ServiceDesk"),
        ip: "203.0.113.112",
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    },
    Person {
        name: "inventory",
        role: Some("MonitoringRole"),
        ip: "198.51.100.33",
        agent: "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#5.15 lang/python#3.12 exec-env/AWS_Lambda_python3.12",
    },
];

/// Who may little.
pub(crate) const LIMITED: u8 = 3;
/// Who only looks.
pub(crate) const WATCHER: u8 = 4;

impl Person {
    /// Of temporary keys `ASIA…`, of a user's `AKIA…`.
    pub(crate) fn access_key(&self, seed: u64, account: &str) -> String {
        let prefix = if self.role.is_some() { "ASIA" } else { "AKIA" };
        format!("{prefix}{}", Rng::from_parts(seed, &format!("key {account} {}", self.name)).text(CAPITALS, 16))
    }

    pub(crate) fn arn(&self, account: &str) -> String {
        match self.role {
            None => format!("arn:aws:iam::{account}:user/{}", self.name),
            Some(role) => format!("arn:aws:sts::{account}:assumed-role/{role}/{}", self.name),
        }
    }

    /// `userIdentity`.
    pub(crate) fn identity(&self, seed: u64, account: &str, since: &str) -> Value {
        let id = |prefix: &str, what: &str| {
            format!("{prefix}{}", Rng::from_parts(seed, &format!("principal {account} {what}")).text(CAPITALS, 17))
        };
        let key = self.access_key(seed, account);
        match self.role {
            None => json!({
                "type": "IAMUser",
                "principalId": id("AIDA", self.name),
                "arn": self.arn(account),
                "accountId": account,
                "accessKeyId": key,
                "userName": self.name,
            }),
            Some(role) => {
                let role_id = id("AROA", role);
                json!({
                    "type": "AssumedRole",
                    "principalId": format!("{role_id}:{}", self.name),
                    "arn": self.arn(account),
                    "accountId": account,
                    "accessKeyId": key,
                    "sessionContext": {
                        "sessionIssuer": {
                            "type": "Role",
                            "principalId": role_id,
                            "arn": format!("arn:aws:iam::{account}:role/{role}"),
                            "accountId": account,
                            "userName": role,
                        },
                        "attributes": { "creationDate": since, "mfaAuthenticated": "false" },
                    },
                })
            }
        }
    }
}
