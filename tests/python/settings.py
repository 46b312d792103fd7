#!/usr/bin/env python3
"""Puts settings into a server's Parameter Store and Secrets Manager through boto3.

    settings.py --endpoint URL [--parameter NAME VALUE]… [--secret NAME JSON]

Parameters with `password` or `url` in their names are SecureStrings, the others plain. Prints one line of JSON: what was put.
"""

from __future__ import annotations

import argparse
import json

import boto3


def client(service: str, endpoint: str):
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint,
                        aws_access_key_id="testing", aws_secret_access_key="testing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--secret", nargs=2, metavar=("NAME", "JSON"))
    arguments = parser.parse_args()
    store = client("ssm", arguments.endpoint)
    for name, value in arguments.parameter:
        hidden = any(word in name for word in ("password", "url"))
        store.put_parameter(Name=name, Value=value, Type="SecureString" if hidden else "String", Overwrite=True)
    if arguments.secret:
        name, text = arguments.secret
        client("secretsmanager", arguments.endpoint).create_secret(Name=name, SecretString=text)
    print(json.dumps({"parameters": [name for name, _ in arguments.parameter], "secret": bool(arguments.secret)}))


if __name__ == "__main__":
    main()
