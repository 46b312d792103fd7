locals {
  # Roles of AWS's own services, and the policies of AWS's own that they need.
  managed = "arn:${data.aws_partition.this.partition}:iam::aws:policy"
  issuer  = replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")
  service = "${var.release}-app"
}

data "aws_iam_policy_document" "trusts" {
  for_each = {
    cluster = "eks.amazonaws.com"
    node    = "ec2.amazonaws.com"
    copying = "datasync.amazonaws.com"
  }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    # Not on behalf of another account.
    dynamic "condition" {
      for_each = each.key == "copying" ? [1] : []

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [data.aws_caller_identity.this.account_id]
      }
    }
  }
}

resource "aws_iam_role" "cluster" {
  name               = "${var.name}-cluster"
  assume_role_policy = data.aws_iam_policy_document.trusts["cluster"].json
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "${local.managed}/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  assume_role_policy = data.aws_iam_policy_document.trusts["node"].json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "${local.managed}/${each.key}"
}

# What the API and the workers are in AWS: the chart's service account, and nobody else.
data "aws_iam_policy_document" "app_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["system:serviceaccount:${var.namespace}:${local.service}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "app" {
  name               = "${var.name}-app"
  assume_role_policy = data.aws_iam_policy_document.app_trust.json
}

# Both files are what `wheelhouse iam-policy` prints; cargo xtask gen keeps them so.
resource "aws_iam_role_policy" "fleet" {
  count = var.fleet_access == "none" ? 0 : 1

  name   = "fleet"
  role   = aws_iam_role.app.id
  policy = file("${path.module}/iam/${var.fleet_access == "act" ? "fleet" : "fleet-read-only"}.json")
}

data "aws_iam_policy_document" "settings" {
  dynamic "statement" {
    for_each = var.settings_path == "" ? [] : [var.settings_path]

    content {
      actions = ["ssm:GetParametersByPath"]
      resources = [
        "arn:${data.aws_partition.this.partition}:ssm:${var.region}:${data.aws_caller_identity.this.account_id}:parameter${statement.value}",
        "arn:${data.aws_partition.this.partition}:ssm:${var.region}:${data.aws_caller_identity.this.account_id}:parameter${statement.value}/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.settings_secret == "" ? [] : [var.settings_secret]

    content {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "settings" {
  count = var.settings_path == "" && var.settings_secret == "" ? 0 : 1

  name   = "settings"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.settings.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = var.fleet_roles
  }
}

resource "aws_iam_role_policy" "assume" {
  count = length(var.fleet_roles) > 0 ? 1 : 0

  name   = "assume"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role" "copying" {
  name               = "${var.name}-copying"
  assume_role_policy = data.aws_iam_policy_document.trusts["copying"].json
}

data "aws_iam_policy_document" "copying" {
  statement {
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.backups.arn]
  }

  statement {
    actions = [
      "s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectTagging", "s3:ListMultipartUploadParts", "s3:PutObject",
      "s3:PutObjectTagging",
    ]
    resources = ["${aws_s3_bucket.backups.arn}/*"]
  }

  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
  }
}

resource "aws_iam_role_policy" "copying" {
  name   = "copying"
  role   = aws_iam_role.copying.id
  policy = data.aws_iam_policy_document.copying.json
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.backups.arn, "${aws_s3_bucket.backups.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
