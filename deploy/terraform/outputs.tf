output "kubeconfig" {
  description = "The command that lets kubectl and helm reach the cluster."
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${aws_eks_cluster.this.name}"
}

output "database_host" {
  description = "Where Postgres is; the owner's password is in the secret below."
  value       = aws_db_instance.this.address
}

output "database_replica_host" {
  description = "Where the replica is, for the chart's database.replicaSecret; null without database.replica."
  value       = one(aws_db_instance.replica[*].address)
}

output "database_owner_secret" {
  description = "The secret in Secrets Manager with the name and password of the tables' owner."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "redis_url" {
  description = "For the chart's Redis secret."
  value       = "rediss://${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
}

output "app_role" {
  description = "For the chart's serviceAccount.annotations: eks.amazonaws.com/role-arn."
  value       = aws_iam_role.app.arn
}

output "deploy_role" {
  description = "What the deploy workflow assumes; null without github_repository."
  value       = one([for role in aws_iam_role.github : role.arn])
}

output "backups_bucket" {
  description = "Where copies of the backups are."
  value       = aws_s3_bucket.backups.bucket
}

output "reports_bucket" {
  description = "Where files of reports are; for the chart's config."
  value       = aws_s3_bucket.reports.bucket
}

output "volumes" {
  description = "The volumes and claims that the chart's values name; for kubectl apply."
  value = join("---\n", [for name, point in aws_efs_access_point.this : templatefile("${path.module}/volume.yaml.tftpl", {
    name      = "${var.release}-${name}"
    namespace = var.namespace
    handle    = "${aws_efs_file_system.this.id}::${point.id}"
  })])
}
