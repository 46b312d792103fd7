# Files that all pods share: reports and checkpoints of the audit log in one place, backups in another.
resource "aws_efs_file_system" "this" {
  encrypted       = true
  kms_key_id      = aws_kms_key.this.arn
  throughput_mode = "elastic"

  tags = { Name = var.name }
}

resource "aws_efs_backup_policy" "this" {
  file_system_id = aws_efs_file_system.this.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "this" {
  for_each = aws_subnet.data

  file_system_id  = aws_efs_file_system.this.id
  subnet_id       = each.value.id
  security_groups = [aws_security_group.data["files"].id]
}

resource "aws_efs_access_point" "this" {
  for_each = toset(["data", "backups"])

  file_system_id = aws_efs_file_system.this.id

  # Who runs in the images.
  posix_user {
    uid = 65532
    gid = 65532
  }

  root_directory {
    path = "/${each.key}"

    creation_info {
      owner_uid   = 65532
      owner_gid   = 65532
      permissions = "0750"
    }
  }
}

# Copies of the backups, which nobody can remove before their time.
resource "aws_s3_bucket" "backups" {
  bucket              = "${var.name}-backups-${data.aws_caller_identity.this.account_id}"
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "backups" {
  bucket = aws_s3_bucket.backups.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = var.backup_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.backups]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "backups" {
  bucket                  = aws_s3_bucket.backups.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    id     = "old"
    status = "Enabled"

    filter {}

    expiration {
      days = var.backup_days + 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }
}

resource "aws_s3_bucket_policy" "backups" {
  bucket = aws_s3_bucket.backups.id
  policy = data.aws_iam_policy_document.bucket.json

  depends_on = [aws_s3_bucket_public_access_block.backups]
}

# Every night what is new in the folder of backups is copied.
resource "aws_datasync_location_efs" "backups" {
  efs_file_system_arn   = aws_efs_file_system.this.arn
  access_point_arn      = aws_efs_access_point.this["backups"].arn
  in_transit_encryption = "TLS1_2"

  ec2_config {
    subnet_arn          = aws_subnet.data[local.zones[0]].arn
    security_group_arns = [aws_security_group.copying.arn]
  }

  depends_on = [aws_efs_mount_target.this]
}

resource "aws_datasync_location_s3" "backups" {
  s3_bucket_arn = aws_s3_bucket.backups.arn
  subdirectory  = "/backups"

  s3_config {
    bucket_access_role_arn = aws_iam_role.copying.arn
  }
}

resource "aws_datasync_task" "backups" {
  name                     = "${var.name}-backups"
  source_location_arn      = aws_datasync_location_efs.backups.arn
  destination_location_arn = aws_datasync_location_s3.backups.arn

  options {
    # What retention removes from the folder stays in the bucket until its own time.
    preserve_deleted_files = "PRESERVE"
    verify_mode            = "ONLY_FILES_TRANSFERRED"
  }

  schedule {
    schedule_expression = "cron(0 4 * * ? *)"
  }
}

resource "aws_security_group" "copying" {
  name        = "${var.name}-copying"
  description = "Copies backups from the files to S3"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_egress_rule" "copying" {
  security_group_id            = aws_security_group.copying.id
  description                  = "to the files"
  referenced_security_group_id = aws_security_group.data["files"].id
  ip_protocol                  = "tcp"
  from_port                    = local.data_ports.files
  to_port                      = local.data_ports.files
}
