"""Files in a bucket, on a real S3 server: moved there, read back, shared, damaged, away, erased, brought home."""

import logging
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from core import files, outbox
from core.access import JOB
from core.models import Delivery, File
from core.privacy import erasing, own
from quotes.services import send_quote
from tests.factories import ImportRunFactory, InvoiceFactory, LeadFactory, QuoteFactory, SalesOrderFactory
from tests.servers import free_port

pytestmark = pytest.mark.django_db


def store(content=b"Some bytes", name="a.txt"):
    return File.store(name=name, mime="text/plain", content=content)


def moved(content=b"Some bytes", name="a.txt"):
    """A file whose bytes are in the bucket only."""
    file = store(content, name)
    files.keep_up()
    file.refresh_from_db()
    assert (file.content, file.stored) == (None, files.key_of(file.sha256))
    return file


class Away:
    """`go()`: at the bucket's address is nobody; `come_back()`: there is the bucket again."""

    def __init__(self, bucket, settings):
        self.bucket, self.settings, self.here = bucket, settings, settings.STORAGES

    def go(self):
        nowhere = self.bucket.storages(url=f"http://127.0.0.1:{free_port()}")
        self.settings.STORAGES = {**self.here, "default": nowhere}

    def come_back(self):
        self.settings.STORAGES = self.here


@pytest.fixture
def away(bucket, settings):
    return Away(bucket, settings)


class TestMoving:
    def test_without_a_bucket_files_stay(self, settings):
        assert settings.S3_BUCKET == ""
        file = store()
        files.keep_up()
        file.refresh_from_db()
        assert (file.read(), file.stored) == (b"Some bytes", "")
        with pytest.raises(CommandError, match="S3_BUCKET"):
            call_command("move_files")

    def test_they_are_moved_oldest_first_and_read_the_same(self, bucket, monkeypatch):
        first, second, third = (store(f"File {n}".encode()) for n in range(3))
        monkeypatch.setattr(files, "MOST", 2)
        files.keep_up()
        assert list(File.objects.order_by("pk").values_list("stored", flat=True)) == [
            files.key_of(first.sha256),
            files.key_of(second.sha256),
            "",
        ]
        assert bucket.get(files.key_of(first.sha256)) == b"File 0"
        files.keep_up()
        assert files.move_out() == 0
        assert [file.read() for file in File.objects.order_by("pk")] == [b"File 0", b"File 1", b"File 2"]
        assert third.read() == b"File 2" and len(bucket.keys) == 3

    def test_equal_files_share_an_object(self, bucket):
        one, two = moved(name="a.txt"), moved(name="b.txt")
        assert one.stored == two.stored and bucket.keys == [one.stored]
        assert one.read() == two.read() == b"Some bytes"

    def test_what_a_killed_worker_has_left_is_found(self, bucket):
        file = store()
        bucket.put(files.key_of(file.sha256), b"Some bytes")
        assert files.move_out() == 1
        assert File.objects.get().read() == b"Some bytes" and len(bucket.keys) == 1

    def test_a_wrong_object_in_its_place_is_not_believed(self, bucket):
        file = store()
        bucket.put(files.key_of(file.sha256), b"Other bytes")
        assert files.move_out() == 1
        assert File.objects.get().read() == b"Some bytes"

    def test_a_file_of_many_parts(self, bucket):
        content = bytes(range(256)) * 40_000  # 10 MB: above what boto sends in one piece
        assert moved(content).read() == content

    def test_an_empty_file_stays(self, bucket):
        store(b"")
        assert files.move_out() == 0 and bucket.keys == []

    def test_a_row_read_without_its_bytes_finds_them_after_the_move(self, bucket):
        store()
        file = File.objects.defer("content").get()
        assert files.move_out() == 1
        assert file.read() == b"Some bytes"

    def test_the_job_finds_what_waits_by_its_index(self):
        """However many were moved: it is asked every minute."""
        waiting = File.objects.filter(files.WAITING, pk__gt=0).order_by("pk")[:1]
        erased = File.objects.filter(files.ERASED, pk__gt=0).order_by("pk")[:1]
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL enable_seqscan = off; ALTER TABLE core_file DROP CONSTRAINT core_file_pkey CASCADE"
            )
        assert "file_to_move" in waiting.explain() and "file_to_move" in erased.explain()

    def test_a_row_without_its_bytes_costs_one_query(self, django_assert_num_queries):
        store()
        with django_assert_num_queries(1):
            assert str(File.objects.defer("content").get()) == "a.txt"

    def test_the_command_moves_all_and_brings_all_back(self, bucket, monkeypatch, capsys):
        monkeypatch.setattr(files, "MOST", 1)
        for n in range(3):
            store(f"File {n}".encode())
        call_command("move_files")
        assert "3 moved" in capsys.readouterr().out
        assert not File.objects.filter(content__isnull=False).exists()
        call_command("move_files", "--back")
        assert "3 brought back" in capsys.readouterr().out
        assert not File.objects.exclude(stored="").exists()
        assert [bytes(file.content) for file in File.objects.order_by("pk")] == [b"File 0", b"File 1", b"File 2"]

    def test_what_is_lost_is_named_and_the_others_come_back(self, bucket):
        lost, other = moved(b"One"), moved(b"Two")
        bucket.remove(lost.stored)
        with pytest.raises(CommandError, match=f"files {lost.pk}\\."):
            call_command("move_files", "--back")
        other.refresh_from_db()
        assert bytes(other.content) == b"Two"


class TestDamage:
    def test_other_bytes_are_never_given_out(self, bucket, caplog):
        file = moved()
        bucket.put(file.stored, b"Other bytes")
        with caplog.at_level(logging.ERROR, "zencrm.files"), pytest.raises(files.Lost, match="damaged"):
            file.read()
        assert [record.getMessage() for record in caplog.records] == [f"a file in the bucket is damaged: {file.stored}"]

    def test_a_missing_object_is_told(self, bucket, caplog):
        file = moved()
        bucket.remove(file.stored)
        with caplog.at_level(logging.ERROR, "zencrm.files"), pytest.raises(files.Lost, match="missing"):
            file.read()
        assert [record.getMessage() for record in caplog.records] == [f"a file is missing in the bucket: {file.stored}"]

    def test_the_page_says_that_it_cannot_be_read(self, bucket, away, cast, client_of):
        order = SalesOrderFactory(owner=cast.sales)
        xml = ("a.xml", "text/xml", b"<xml/>")
        delivery = outbox.send(channel="ubl", key="k", subject=order, payload={}, files=[xml])
        files.keep_up()
        client, url = client_of(cast.sales), f"{delivery.get_absolute_url()}files/{delivery.files.get().pk}/"
        assert client.get(url).content == b"<xml/>"
        away.go()
        answer = client.get(url)
        assert answer.status_code == 503
        assert "This file cannot be read right now" in answer.text and answer["X-Request-ID"] in answer.text
        away.come_back()
        assert client.get(url).content == b"<xml/>"
        bucket.remove(delivery.files.get().stored)
        assert client.get(url).status_code == 503

    def test_the_job_tries_again_when_the_bucket_is_away(self, bucket, away, caplog):
        file = store()
        away.go()
        with caplog.at_level(logging.ERROR, "zencrm.files"):
            files.keep_up()
        (said,) = [record.getMessage() for record in caplog.records]
        assert said.startswith(f"the bucket failed: {files.key_of(file.sha256)}: EndpointConnectionError")
        with pytest.raises(CommandError, match="run it again"):
            call_command("move_files")
        file.refresh_from_db()
        assert bytes(file.content) == b"Some bytes" and file.stored == ""
        away.come_back()
        files.keep_up()
        file.refresh_from_db()
        assert file.content is None and file.read() == b"Some bytes"

    def test_a_mail_waits_for_its_attachment(self, bucket, away, cast, mailoutbox):
        file, lead = moved(b"%PDF", "offer.pdf"), LeadFactory(owner=cast.sales)
        mail = outbox.send_mail(key="m", subject=lead, to=["a@b.it"], title="Offer", text="Here", files=[file])
        away.go()
        outbox.deliver(mail.pk)
        mail.refresh_from_db()
        assert mail.state == "pending" and "The bucket failed" in mail.last_error and not mailoutbox
        away.come_back()
        Delivery.objects.update(next_try_at=mail.created_at)
        outbox.deliver(mail.pk)
        assert mailoutbox[0].attachments[0][:2] == ("offer.pdf", "%PDF")


class TestTheDatabaseWatches:
    @pytest.mark.parametrize(
        "change",
        [
            "content = 'other'",
            "content = NULL",
            "content = NULL, sha256 = ''",
            "content = ''",
            "sha256 = encode(sha256('other'), 'hex'), content = 'other'",
            "name = 'b.txt'",
            "mime = 'text/html'",
            "size = 1",
        ],
    )
    def test_no_statement_changes_what_a_file_says(self, bucket, change):
        here, there = store(b"here"), moved(b"there")
        File.objects.filter(pk=here.pk).update(content=b"here", stored="")
        for file in (here, there):
            if change == "content = NULL" and file is there:
                continue  # it is NULL
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE core_file SET {change} WHERE id = %s", [file.pk])  # noqa: S608
        assert (here.read(), there.read()) == (b"here", b"there")

    def test_a_row_says_where_its_bytes_are(self, bucket):
        file = moved()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE core_file SET stored = '' WHERE id = %s", [file.pk])


class TestErasing:
    def erase(self, file):
        with transaction.atomic(), erasing.opened(File):
            files.empty(File.objects.filter(pk=file.pk), **erasing.EMPTY)
        file.refresh_from_db()

    def test_the_object_goes_with_its_last_file(self, bucket):
        one, two = moved(name="a.txt"), moved(name="b.txt")
        self.erase(one)
        files.keep_up()
        assert bucket.keys == [two.stored] and two.read() == b"Some bytes"
        self.erase(two)
        files.keep_up()
        assert bucket.keys == []
        for file in (one, two):
            file.refresh_from_db()
            assert (file.read(), file.stored, file.size, file.name) == (b"", "", 0, "—")
        assert files.move_out() == 0 == files.drop_erased()

    def test_what_a_killed_worker_has_left_goes_too(self, bucket):
        file = store()
        bucket.put(files.key_of(file.sha256), b"Some bytes")
        self.erase(file)
        files.keep_up()
        assert bucket.keys == []

    def test_an_object_stays_noted_until_the_bucket_is_back(self, bucket, away):
        file = moved()
        away.go()
        self.erase(file)
        files.keep_up()
        away.come_back()
        assert len(bucket.keys) == 1
        files.keep_up()
        assert bucket.keys == []

    def test_an_equal_file_that_was_not_moved_yet_is_moved_after(self, bucket):
        one, two = moved(), store()
        self.erase(one)
        files.keep_up()
        two.refresh_from_db()
        assert bucket.keys == [two.stored] and two.read() == b"Some bytes"

    def test_a_worker_is_woken(self, bucket, monkeypatch, django_capture_on_commit_callbacks):
        kicked = []
        monkeypatch.setattr(outbox, "kick", lambda task, **_facts: kicked.append(task))
        run = ImportRunFactory()
        files.keep_up()
        with django_capture_on_commit_callbacks(execute=True):
            own._empty_import(run)
        assert kicked == ["core.move_files"]
        files.keep_up()
        assert bucket.keys == []


class TestPapers:
    def test_a_quote_is_the_same_after_the_move(self, bucket, cast, client, client_of, away):
        quote = QuoteFactory(state="approved", owner=cast.sales)
        send_quote(quote=quote, by=cast.sales)
        public, inside = reverse("quotes:public_pdf", args=[quote.token]), reverse("quotes:quote_pdf", args=[quote.pk])
        before = client.get(public).content
        assert before.startswith(b"%PDF") and files.move_out() == 1
        quote.refresh_from_db()
        assert quote.pdf.content is None
        assert client.get(public).content == client_of(cast.sales).get(inside).content == before
        away.go()
        answer = client.get(public)
        assert answer.status_code == 503

    def test_an_invoice_is_the_same_after_the_move(self, bucket, cast, client_of):
        invoice = InvoiceFactory()
        invoice.issue(by=JOB)
        url, client = reverse("invoicing:invoice_pdf", args=[invoice.pk]), client_of(cast.accountant)
        before = client.get(url).content
        assert before.startswith(b"%PDF") and files.move_out() == 1
        assert client.get(url).content == before

    def test_an_order_for_the_erp(self, bucket, settings, tmp_path):
        settings.ERP_FOLDER = tmp_path
        xml = ("a.xml", "text/xml", b"<xml/>")
        delivery = outbox.send(channel="ubl", key="k", subject=SalesOrderFactory(), payload={}, files=[xml])
        files.keep_up()
        outbox.deliver(delivery.pk)
        assert (tmp_path / "k.xml").read_bytes() == b"<xml/>"


#: Another process: it loads the site as the web server does, then looks at the storage.
LOOKING = """
import sys
from zencrm.wsgi import application
import zencrm.urls
print("boto3" in sys.modules)
from django.core.files.storage import default_storage as storage
print(storage.bucket_name, storage.endpoint_url, storage.region_name, type(storage._wrapped).__name__)
"""


def test_the_environment_says_where_and_nobody_carries_boto_before():
    values = {"S3_BUCKET": "kept", "S3_ENDPOINT": "", "AWS_DEFAULT_REGION": ""}
    done = subprocess.run(
        [sys.executable, "-c", LOOKING], env={**os.environ, **values}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "kept", "None", "us-east-1", "Bucket"]
