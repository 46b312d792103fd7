variable "region" {
  description = "Where everything runs, such as eu-central-1."
  type        = string
}

variable "name" {
  description = "What this installation is called; names of resources begin with it."
  type        = string
  default     = "wheelhouse"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "name: lower-case letters, digits and hyphens, 2 to 21 of them, a letter first."
  }
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}

variable "settings_path" {
  description = "A path in Parameter Store that the API and the workers may read settings from (WHEELHOUSE_PARAMETERS), such as /wheelhouse/staging. Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = var.settings_path == "" || can(regex("^(/[A-Za-z0-9_.-]+)+$", var.settings_path))
    error_message = "settings_path: a path that begins with a slash and does not end with one, such as /wheelhouse/staging."
  }
}

variable "settings_secret" {
  description = "The ARN of a secret in Secrets Manager that they may read settings from (WHEELHOUSE_SECRET). Empty: none."
  type        = string
  default     = ""
}

variable "network" {
  description = "Addresses of the VPC; a /16 leaves room for pods."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.network, 4, 15))
    error_message = "network: a network with room for 16 parts, such as 10.40.0.0/16."
  }
}

variable "zones" {
  description = "In how many availability zones it runs."
  type        = number
  default     = 3

  validation {
    condition     = var.zones >= 2 && var.zones <= 4
    error_message = "zones: 2 to 4. The database and the cluster want two at least."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone: one zone's end does not cut the others off, and each costs."
  type        = bool
  default     = true
}

variable "kubernetes_version" {
  description = "The cluster's version; the chart wants 1.30 or newer."
  type        = string
  default     = "1.33"
}

variable "api_networks" {
  description = "Networks that may reach the cluster's own API over the internet. None: only from inside the VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.api_networks, "0.0.0.0/0")
    error_message = "api_networks: the whole internet is nobody's network."
  }
}

variable "nodes" {
  description = "The machines that pods run on."
  type = object({
    type = optional(string, "m7i.large")
    min  = optional(number, 2)
    max  = optional(number, 6)
  })
  default = {}

  validation {
    condition     = var.nodes.min >= 1 && var.nodes.min <= var.nodes.max
    error_message = "nodes: min is at least 1, and max not below it."
  }
}

variable "database" {
  description = "Postgres: machine, disk in GB (and how far it may grow), days that backups are kept, and whether there is a replica to read from, which costs as much as one more machine and disk."
  type = object({
    type        = optional(string, "db.m7g.large")
    disk        = optional(number, 50)
    disk_max    = optional(number, 500)
    backup_days = optional(number, 14)
    replica     = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.database.backup_days >= 1 && var.database.backup_days <= 35
    error_message = "database.backup_days: 1 to 35. Without backups there is no point in time to go back to."
  }
}

variable "cache_type" {
  description = "Redis' machine. It holds counters and nudges, never the only copy of anything."
  type        = string
  default     = "cache.t4g.small"
}

variable "backup_days" {
  description = "So many days a copy of a backup can't be removed by anybody."
  type        = number
  default     = 35
}

variable "fleet_access" {
  description = "What Wheelhouse may do in this account itself: none, read (syncs) or act (also start, stop, rebuild …)."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "read", "act"], var.fleet_access)
    error_message = "fleet_access: none, read or act."
  }
}

variable "fleet_roles" {
  description = "Roles in the accounts with WorkSpaces that Wheelhouse may assume (`wheelhouse iam-policy` is what each needs)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for role in var.fleet_roles : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*]+$", role))])
    error_message = "fleet_roles: each is a role's ARN, without *."
  }
}

variable "namespace" {
  description = "The namespace that the chart is installed in."
  type        = string
  default     = "wheelhouse"
}

variable "release" {
  description = "The name that the chart is installed under."
  type        = string
  default     = "wheelhouse"
}

variable "github_repository" {
  description = "The GitHub repository, owner/name, whose deploy workflow may install the chart; none when null."
  type        = string
  default     = null
}

variable "github_environment" {
  description = "The environment of that repository that must have approved."
  type        = string
  default     = "production"
}
