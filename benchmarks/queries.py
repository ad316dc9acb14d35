"""Queries per page, counted inside: the number must not depend on how many records there are."""

import json
import sys

import django


def main(paths: list[str]) -> dict[str, int]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from people.models import User

    client = Client()
    client.force_login(User.objects.get(username="manager"), backend="people.backends.RoleBackend")
    counts = {}
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")
        counts[path] = len(captured)
    return counts


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(sys.argv[1:])))
