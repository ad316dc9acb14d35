"""What a web worker carries: an own process loads the site as the web server does."""

import subprocess
import sys

import pytest

#: What pages do without: those who need it (jobs, calendars, PDFs, learning) load it then.
_NOT_CARRIED = (
    "PIL",
    "boto3",
    "cryptography",
    "fido2",
    "greenlet",
    "holidays",
    "icalendar",
    "lxml",
    "numpy",
    "openpyxl",
    "pygments",
    "rapidfuzz.fuzz",
    "requests",
    "rich",
    "sklearn",
    "weasyprint",
    "yaml",
)
_SCRIPT = "import sys; from zencrm.wsgi import application; import zencrm.urls; print(*sys.modules)"

#: Eight threads want passkeys at the same moment.
_PASSKEYS = """
import sys, threading
from zencrm.wsgi import application
import zencrm.urls
from allauth.mfa.webauthn.internal import flows
barrier, found = threading.Barrier(8), []
def want():
    barrier.wait()
    found.append(flows.auth.WebAuthn)
threads = [threading.Thread(target=want) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
from allauth.mfa.webauthn.internal.auth import WebAuthn
print(len(found), set(found) == {WebAuthn}, "fido2.server" in sys.modules)
"""

#: A workbook is wanted while another thread loads what workbooks do without.
_WORKBOOKS = """
import sys, threading
import zencrm
from zencrm.thin import without
with without("numpy", "lxml"):
    other = threading.Thread(target=lambda: __import__("lxml.etree"))
    other.start(), other.join()
import openpyxl
from openpyxl.compat.numbers import NUMPY
print("lxml.etree" in sys.modules, "numpy" in sys.modules, NUMPY)
import numpy
print(numpy.array([1]).sum())
"""


def said(script):
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()


@pytest.fixture(scope="module")
def carried():
    return set(said(_SCRIPT))


def test_passkeys_are_loaded_once_when_the_first_is_used():
    assert said(_PASSKEYS) == ["8", "True", "True"]


def test_what_one_library_does_without_others_find():
    assert said(_WORKBOOKS) == ["True", "False", "False", "1"]


@pytest.mark.parametrize("name", _NOT_CARRIED)
def test_a_web_worker_does_not_carry_what_pages_do_without(carried, name):
    assert "leads.views" in carried
    assert name not in carried
