//! Directories: the WorkSpaces view of them (registration) and the Directory Service view (the domain).
//!
//! Each region gets the same three or four, with its own names, ids and networks. Add a directory by adding a line to
//! [`PLANS`].

use serde_json::{Value, json};

use crate::rng::{CAPITALS, HEX, Rng};

struct Plan {
    prefix: &'static str,
    /// As WorkSpaces says it.
    kind: &'static str,
    /// As Directory Service says it.
    service_kind: &'static str,
    /// Share of the desktops.
    weight: u32,
}

const PLANS: &[Plan] = &[
    Plan { prefix: "corp", kind: "AD_CONNECTOR", service_kind: "ADConnector", weight: 62 },
    Plan { prefix: "studio", kind: "MICROSOFT_AD", service_kind: "MicrosoftAD", weight: 20 },
    Plan { prefix: "partners", kind: "SIMPLE_AD", service_kind: "SimpleAD", weight: 18 },
];

/// A registered directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) weight: u32,
    pub(crate) subnets: [String; 2],
    /// Second number of its network, `10.x.0.0/16`.
    pub(crate) network: u8,
    alias: String,
    short_name: String,
    kind: &'static str,
    service_kind: &'static str,
    registration_code: String,
    vpc: String,
    security_group: String,
    account: String,
    region: String,
}

/// The directories of an account in a region.
pub(crate) fn all(seed: u64, account: &str, region: &str) -> Vec<Directory> {
    let place = region.split('-').next().unwrap_or("us");
    PLANS
        .iter()
        .enumerate()
        .map(|(at, plan)| {
            let mut rng = Rng::from_parts(seed, &format!("directory {account} {region} {}", plan.prefix));
            let subnet = |rng: &mut Rng| format!("subnet-0{}", rng.text(HEX, 16));
            Directory {
                id: format!("d-9{}", rng.text(HEX, 9)),
                name: format!("{}.{place}.northwind.example", plan.prefix),
                weight: plan.weight,
                subnets: [subnet(&mut rng), subnet(&mut rng)],
                network: 16 + 8 * at as u8 + rng.below(8) as u8,
                alias: format!("northwind-{}-{place}-{}", plan.prefix, rng.text(HEX, 3)),
                short_name: plan.prefix.to_uppercase(),
                kind: plan.kind,
                service_kind: plan.service_kind,
                registration_code: format!("WS{}+{}", rng.text(CAPITALS, 3), rng.text(CAPITALS, 6)),
                vpc: format!("vpc-0{}", rng.text(HEX, 16)),
                security_group: format!("sg-0{}", rng.text(HEX, 16)),
                account: account.to_owned(),
                region: region.to_owned(),
            }
        })
        .collect()
}

impl Directory {
    fn dns(&self) -> [String; 2] {
        [format!("10.{}.0.10", self.network), format!("10.{}.128.10", self.network)]
    }

    /// `WorkspaceDirectory` on the wire.
    pub(crate) fn workspaces_row(&self) -> Value {
        json!({
            "DirectoryId": self.id,
            "Alias": self.alias,
            "DirectoryName": self.name,
            "RegistrationCode": self.registration_code,
            "SubnetIds": self.subnets,
            "DnsIpAddresses": self.dns(),
            "CustomerUserName": "Administrator",
            "IamRoleId": format!("arn:aws:iam::{}:role/workspaces_DefaultRole", self.account),
            "DirectoryType": self.kind,
            "WorkspaceSecurityGroupId": self.security_group,
            "State": "REGISTERED",
            "WorkspaceCreationProperties": {
                "EnableInternetAccess": false,
                "UserEnabledAsLocalAdministrator": self.kind != "SIMPLE_AD",
                "EnableMaintenanceMode": true,
            },
            "ipGroupIds": [],
            "WorkspaceAccessProperties": {
                "DeviceTypeWindows": "ALLOW",
                "DeviceTypeOsx": "ALLOW",
                "DeviceTypeWeb": if self.kind == "SIMPLE_AD" { "ALLOW" } else { "DENY" },
                "DeviceTypeIos": "ALLOW",
                "DeviceTypeAndroid": "ALLOW",
                "DeviceTypeChromeOs": "ALLOW",
                "DeviceTypeZeroClient": "DENY",
                "DeviceTypeLinux": "ALLOW",
            },
            "Tenancy": "SHARED",
            "SelfservicePermissions": {
                "RestartWorkspace": "ENABLED",
                "IncreaseVolumeSize": "DISABLED",
                "ChangeComputeType": "DISABLED",
                "SwitchRunningMode": "DISABLED",
                "RebuildWorkspace": "DISABLED",
            },
            "SamlProperties": { "Status": "DISABLED", "RelayStateParameterName": "RelayState" },
            "CertificateBasedAuthProperties": { "Status": "DISABLED" },
            "UserIdentityType": "AWS_DIRECTORY_SERVICE",
            "WorkspaceType": "PERSONAL",
        })
    }

    /// `DirectoryDescription` on the wire.
    pub(crate) fn service_row(&self) -> Value {
        let zones = [format!("{}a", self.region), format!("{}b", self.region)];
        let launched = 1_655_000_000 + i64::from(self.network) * 86_400;
        let mut row = json!({
            "DirectoryId": self.id,
            "Name": self.name,
            "ShortName": self.short_name,
            "Size": "Large",
            "Alias": self.alias,
            "AccessUrl": format!("{}.awsapps.com", self.alias),
            "Description": format!("Desktops of {}", self.name),
            "DnsIpAddrs": self.dns(),
            "Stage": "Active",
            "LaunchTime": launched,
            "StageLastUpdatedDateTime": launched + 1_800,
            "Type": self.service_kind,
            "SsoEnabled": false,
        });
        if self.service_kind == "ADConnector" {
            row["ConnectSettings"] = json!({
                "VpcId": self.vpc,
                "SubnetIds": self.subnets,
                "CustomerUserName": "svc-adconnector",
                "SecurityGroupId": self.security_group,
                "AvailabilityZones": zones,
                "ConnectIps": self.dns(),
            });
        } else {
            row["VpcSettings"] = json!({
                "VpcId": self.vpc,
                "SubnetIds": self.subnets,
                "SecurityGroupId": self.security_group,
                "AvailabilityZones": zones,
            });
        }
        if self.service_kind == "MicrosoftAD" {
            row["Edition"] = json!("Enterprise");
            row["DesiredNumberOfDomainControllers"] = json!(2);
        }
        row
    }
}
