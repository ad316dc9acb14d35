"""Queries per page, counted inside: the number must not depend on how many records there are."""

import json
import sys

import django


def main(pages: dict[str, tuple[str, list[str]]]) -> dict[str, int]:
    """The most queries that any address of each page takes, after one visit that fills the caches of the process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from people.models import User

    counts: dict[str, int] = {}
    for name, (role, paths) in pages.items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=role), backend="people.backends.RoleBackend")
        client.get(paths[0])
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                response = client.get(path)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answered {response.status_code}")
            counts[name] = max(counts.get(name, 0), len(captured))
    return counts


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(json.loads(sys.argv[1]))))
