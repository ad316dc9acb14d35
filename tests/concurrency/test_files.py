"""Files on their way to the bucket: several movers, one that is killed, and an erasure at the same moment."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from core import files
from core.models import File
from core.privacy import erasing
from tests.concurrency.test_numbering import together

pytestmark = pytest.mark.django_db(transaction=True)


def store(content):
    return File.store(name="a.txt", mime="text/plain", content=content)


def test_four_movers_move_each_file_once(bucket):
    for n in range(40):
        store(f"File {n % 25}".encode())
    assert together(lambda _n: files.move_out(), threads=4) == []
    assert not File.objects.filter(content__isnull=False).exists()
    assert len(bucket.keys) == 25
    assert {file.read() for file in File.objects.all()} == {f"File {n}".encode() for n in range(25)}


#: Another process that moves files, and stands still between the upload and the row.
STANDING_STILL = """
import time
import django
django.setup()
from core import files
from core.models import File
def stand_still(*args, **kwargs):
    print("uploaded", flush=True)
    time.sleep(600)
File.save = stand_still
files.move_out()
"""


def test_a_mover_that_is_killed_loses_nothing(bucket, process_environ):
    file = store(b"Some bytes")
    killed = subprocess.Popen(
        [sys.executable, "-c", STANDING_STILL],
        env=process_environ | bucket.environ,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
    )
    assert killed.stdout and killed.stdout.readline() == b"uploaded\n"
    assert files.move_out() == 0, "it is at it"
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(20)
    killed.stdout.close()
    file.refresh_from_db()
    assert (bytes(file.content), file.stored) == (b"Some bytes", "")
    with transaction.atomic():
        File.objects.select_for_update().get()  # waits until it is gone
    assert files.move_out() == 1 and len(bucket.keys) == 1
    file.refresh_from_db()
    assert file.read() == b"Some bytes"


def erase(file):
    with transaction.atomic(), erasing.opened(File):
        files.empty(File.objects.filter(pk=file.pk), **erasing.EMPTY)


def test_an_object_whose_last_file_goes_while_an_equal_one_comes(bucket):
    """Whoever is first: the file that stays has its bytes."""
    for n in range(12):
        content = f"Round {n}".encode()
        old = store(content)
        files.move_out()
        erase(old)
        new = store(content)
        assert together(lambda turn: files.drop_erased() if turn else files.move_out(), threads=2) == []
        new.refresh_from_db()
        assert new.content is None and new.read() == content


def test_what_is_deleted_waits_for_what_is_being_uploaded(bucket, monkeypatch):
    """The mover finds the old object and stands still; the object may not go under its hands."""
    old = store(b"Some bytes")
    files.move_out()
    erase(old)
    new = store(b"Some bytes")
    there, go_on = threading.Event(), threading.Event()
    looked = files._object

    def stand_still(key):
        found = looked(key)
        there.set()
        assert go_on.wait(60)
        return found

    monkeypatch.setattr(files, "_object", stand_still)

    def work(turn):
        if turn == 0:
            files.move_out()
        else:
            assert there.wait(60)
            threading.Timer(0.5, go_on.set).start()
            files.drop_erased()

    assert together(work, threads=2) == []
    new.refresh_from_db()
    assert bucket.keys == [new.stored] and default_storage.exists(new.stored)
