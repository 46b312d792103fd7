# Who deploys from GitHub: its workflow, in the approved environment, in the chart's namespace. No key is kept anywhere.
locals {
  github = var.github_repository == null ? {} : { this = var.github_repository }
}

resource "aws_iam_openid_connect_provider" "github" {
  for_each = local.github

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github[each.key].arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${each.value}:environment:${var.github_environment}"]
    }
  }
}

resource "aws_iam_role" "github" {
  for_each = local.github

  name               = "${var.name}-deploy"
  assume_role_policy = data.aws_iam_policy_document.github_trust[each.key].json
}

data "aws_iam_policy_document" "github" {
  statement {
    actions   = ["eks:DescribeCluster"]
    resources = [aws_eks_cluster.this.arn]
  }
}

resource "aws_iam_role_policy" "github" {
  for_each = local.github

  name   = "deploy"
  role   = aws_iam_role.github[each.key].id
  policy = data.aws_iam_policy_document.github.json
}

resource "aws_eks_access_entry" "github" {
  for_each = local.github

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_iam_role.github[each.key].arn
}

resource "aws_eks_access_policy_association" "github" {
  for_each = local.github

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.github[each.key].principal_arn
  policy_arn    = "arn:${data.aws_partition.this.partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = [var.namespace]
  }
}
