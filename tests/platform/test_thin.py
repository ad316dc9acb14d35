"""What a web worker carries: an own process loads the site as the web server does."""

import subprocess
import sys

import pytest

#: What pages do without: those who need it (jobs, calendars, PDFs, learning) load it then.
_NOT_CARRIED = (
    "PIL",
    "holidays",
    "icalendar",
    "lxml",
    "numpy",
    "pygments",
    "requests",
    "rich",
    "sklearn",
    "weasyprint",
)
_SCRIPT = "import sys; from zencrm.wsgi import application; import zencrm.urls; print(*sys.modules)"


@pytest.fixture(scope="module")
def carried():
    found = subprocess.run([sys.executable, "-c", _SCRIPT], check=True, capture_output=True, text=True)
    return set(found.stdout.split())


@pytest.mark.parametrize("name", _NOT_CARRIED)
def test_a_web_worker_does_not_carry_what_pages_do_without(carried, name):
    assert "leads.views" in carried
    assert name not in carried
