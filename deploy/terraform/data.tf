# Who may come to the data: the cluster's nodes, and what copies backups. Nobody else, and nothing of it goes out.
locals {
  data_ports = { database = 5432, cache = 6379, files = 2049 }
}

resource "aws_security_group" "data" {
  for_each = local.data_ports

  name        = "${var.name}-${each.key}"
  description = "The ${each.key}, from the cluster"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "data" {
  for_each = local.data_ports

  security_group_id            = aws_security_group.data[each.key].id
  description                  = "from the cluster's nodes"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_ingress_rule" "copying" {
  security_group_id            = aws_security_group.data["files"].id
  description                  = "from what copies backups"
  referenced_security_group_id = aws_security_group.copying.id
  ip_protocol                  = "tcp"
  from_port                    = local.data_ports.files
  to_port                      = local.data_ports.files
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = [for subnet in aws_subnet.data : subnet.id]
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Only a replica heeds it: what it replays does not cancel its long queries.
  parameter {
    name  = "hot_standby_feedback"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = "17"
  instance_class = var.database.type

  db_name  = "wheelhouse"
  username = "wheelhouse"
  # RDS makes it, keeps it in Secrets Manager and changes it; it is never in the state.
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.this.key_id

  storage_type          = "gp3"
  allocated_storage     = var.database.disk
  max_allocated_storage = var.database.disk_max
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn

  multi_az               = true
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.data["database"].id]
  parameter_group_name   = aws_db_parameter_group.this.name

  # Also what a point in time is restored from.
  backup_retention_period   = var.database.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.this.arn
  enabled_cloudwatch_logs_exports = ["postgresql"]
  auto_minor_version_upgrade      = true
}

# For what may be a little old. Network, parameters, roles and key are the primary's, and so is the machine: Postgres wants a
# replica to allow as many connections. Nothing of it is worth keeping.
resource "aws_db_instance" "replica" {
  count = var.database.replica ? 1 : 0

  identifier          = "${var.name}-replica"
  replicate_source_db = aws_db_instance.this.identifier
  instance_class      = var.database.type

  storage_type          = "gp3"
  max_allocated_storage = var.database.disk_max
  storage_encrypted     = true

  multi_az               = false
  publicly_accessible    = false
  vpc_security_group_ids = [aws_security_group.data["database"].id]

  deletion_protection = false
  skip_final_snapshot = true

  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.this.arn
  enabled_cloudwatch_logs_exports = ["postgresql"]
  auto_minor_version_upgrade      = true
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = [for subnet in aws_subnet.data : subnet.id]
}

# Only the nodes reach it, over TLS; what is in it (counters, nudges) is no secret and never the only copy of anything.
resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Shared limits and nudges of ${var.name}"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.cache_type
  port                 = 6379

  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.data["cache"].id]
}
