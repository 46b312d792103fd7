# What a plan makes of the variables, without an account: `terraform test`. AWS's provider only lends its schema; what it would answer is
# said here, where a plan needs it. Every condition of a variable is tried with a value that it refuses.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"] }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  region = "eu-central-1"
}

run "as_it_comes" {
  command = plan

  assert {
    condition     = length(aws_subnet.data) == 3 && length(aws_nat_gateway.this) == 3
    error_message = "Three zones, each with a way out of its own."
  }

  assert {
    condition = length(distinct(concat(
      [for subnet in aws_subnet.public : subnet.cidr_block],
      [for subnet in aws_subnet.nodes : subnet.cidr_block],
      [for subnet in aws_subnet.data : subnet.cidr_block],
    ))) == 9
    error_message = "No two parts of the network are the same."
  }

  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The cluster's own API is not on the internet unless somebody is named."
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted && aws_db_instance.this.deletion_protection
    error_message = "The database is closed, encrypted and not removed by mistake."
  }

  assert {
    condition     = length(aws_db_instance.replica) == 0
    error_message = "A replica costs a machine: none unless it is wanted."
  }

  assert {
    condition     = length(aws_iam_role_policy.fleet) == 0 && length(aws_iam_role_policy.assume) == 0 && length(aws_iam_role_policy.settings) == 0
    error_message = "The role may nothing that is not asked for."
  }

  assert {
    condition     = length(aws_iam_role.github) == 0
    error_message = "Nobody deploys from GitHub unless a repository is named."
  }

  assert {
    condition     = aws_s3_bucket.backups.bucket == "wheelhouse-backups-123456789012" && aws_s3_bucket.reports.bucket == "wheelhouse-reports-123456789012"
    error_message = "Buckets are called by the installation and the account."
  }
}

run "two_zones_with_one_way_out" {
  command = plan

  variables {
    zones        = 2
    nat_per_zone = false
  }

  assert {
    condition     = length(aws_subnet.data) == 2 && length(aws_route_table.nodes) == 2 && join(",", keys(aws_nat_gateway.this)) == "eu-central-1a"
    error_message = "Two zones share the first one's gateway."
  }
}

run "everything" {
  command = plan

  variables {
    name              = "trial"
    api_networks      = ["203.0.113.0/24"]
    database          = { replica = true, type = "db.r7g.large" }
    fleet_access      = "act"
    fleet_roles       = ["arn:aws:iam::210987654321:role/wheelhouse"]
    settings_path     = "/wheelhouse/trial"
    settings_secret   = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:wheelhouse-AbCdEf"
    github_repository = "example/wheelhouse"
    namespace         = "trial"
  }

  assert {
    condition     = length(aws_db_instance.replica) == 1 && aws_db_instance.replica[0].instance_class == aws_db_instance.this.instance_class
    error_message = "The replica is as large as the primary."
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && join(",", aws_eks_cluster.this.vpc_config[0].public_access_cidrs) == "203.0.113.0/24"
    error_message = "The cluster's own API is reached from the named networks only."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.fleet[0].policy, "workspaces:RebootWorkspaces")
    error_message = "Who may act may reboot."
  }

  assert {
    condition = (
      contains(data.aws_iam_policy_document.settings.statement[0].resources, "arn:aws:ssm:eu-central-1:123456789012:parameter/wheelhouse/trial")
      && length(data.aws_iam_policy_document.settings.statement) == 2
    )
    error_message = "Settings are read below their path, and in their secret."
  }

  assert {
    condition     = contains(aws_eks_access_policy_association.github["this"].access_scope[0].namespaces, "trial")
    error_message = "Who deploys reaches the chart's namespace and no other."
  }
}

run "who_may_read_may_not_act" {
  command = plan

  variables {
    fleet_access = "read"
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.fleet[0].policy, "workspaces:DescribeWorkspaces") && !strcontains(aws_iam_role_policy.fleet[0].policy, "workspaces:RebootWorkspaces")
    error_message = "Who may read may not reboot."
  }
}

run "a_name_with_capitals" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "Wheelhouse"
  }
}

run "a_path_that_ends_with_a_slash" {
  command         = plan
  expect_failures = [var.settings_path]

  variables {
    settings_path = "/wheelhouse/"
  }
}

run "a_network_without_room" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = "10.0.0.0/30"
  }
}

run "one_zone" {
  command         = plan
  expect_failures = [var.zones]

  variables {
    zones = 1
  }
}

run "open_to_everybody" {
  command         = plan
  expect_failures = [var.api_networks]

  variables {
    api_networks = ["203.0.113.0/24", "0.0.0.0/0"]
  }
}

run "fewer_nodes_at_most_than_at_least" {
  command         = plan
  expect_failures = [var.nodes]

  variables {
    nodes = { min = 3, max = 2 }
  }
}

run "no_backups" {
  command         = plan
  expect_failures = [var.database]

  variables {
    database = { backup_days = 0 }
  }
}

run "an_access_that_is_none" {
  command         = plan
  expect_failures = [var.fleet_access]

  variables {
    fleet_access = "everything"
  }
}

run "every_role_of_an_account" {
  command         = plan
  expect_failures = [var.fleet_roles]

  variables {
    fleet_roles = ["arn:aws:iam::210987654321:role/*"]
  }
}
