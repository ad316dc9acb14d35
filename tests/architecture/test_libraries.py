"""What is installed is the same wherever ZenCRM runs."""

import tomllib
from collections import Counter

from django.conf import settings


def test_every_python_gets_the_same_version_of_each_library():
    """What was tested on one Python would be another program on the next."""
    locked = tomllib.loads((settings.BASE_DIR / "uv.lock").read_text())["package"]
    assert len(locked) > 100
    assert {name for name, times in Counter(package["name"] for package in locked).items() if times > 1} == set()
