"""Notes and files: judged by content, kept byte for byte, given only to those who see the record."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activities import services
from activities.models import Note
from core.models import File
from core.uploads import Upload, kind_of
from tests.factories import CompanyFactory, LeadFactory

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def url_for(record):
    return reverse("activities:note_create", args=[record._meta.app_label, record._meta.model_name, record.pk])


def file(name, content):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def lead(cast):
    return LeadFactory(owner=cast.sales)


def test_a_note_with_files_is_in_the_timeline(cast, client_of, lead):
    client = client_of(cast.sales)
    assert url_for(lead) in client.get(lead.get_absolute_url()).text
    answer = client.post(
        url_for(lead),
        {
            "note-body": "Sent the drawing <b>",
            "note-uploads": [file("../../etc/Disegno 1.pdf", PDF), file("foto.png", PNG)],
        },
    )
    assert answer.status_code == 302
    assert answer.url == f"{lead.get_absolute_url()}#timeline"
    note = Note.objects.get()
    assert note.author == cast.sales
    assert {f.name for f in note.files.all()} == {"Disegno_1.pdf", "foto.png"}
    page = client.get(lead.get_absolute_url()).text
    assert "Sent the drawing &lt;b&gt;" in page
    assert "Disegno_1.pdf" in page
    only_files = client.get(f"{lead.get_absolute_url()}?kind=file").text
    assert "Sent the drawing" not in only_files


def test_a_file_comes_back_as_it_was_and_never_as_a_page(cast, client_of, lead):
    upload = Upload("Disegno è.pdf", "application/pdf", PDF)
    note = services.add_note(subject=lead, body="x", by=cast.sales, files=[upload])
    answer = client_of(cast.sales).get(reverse("activities:file", args=[note.pk, note.files.get().pk]))
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_files_are_given_only_to_those_who_see_the_record(cast, client_of, lead):
    upload = Upload("a.pdf", "application/pdf", PDF)
    note = services.add_note(subject=lead, body="x", by=cast.sales, files=[upload])
    url = reverse("activities:file", args=[note.pk, note.files.get().pk])
    assert client_of(cast.manager).get(url).status_code == 200
    assert client_of(cast.sales2).get(url).status_code == 404  # another team
    assert client_of(cast.care).get(url).status_code == 404  # no right to see leads
    assert client_of(cast.nobody).get(url).status_code == 404
    from django.test import Client

    assert Client().get(url).status_code == 302
    # A file of one note is not reached through another note.
    mine = services.add_note(subject=LeadFactory(owner=cast.sales2), body="x", by=cast.sales2)
    stolen = reverse("activities:file", args=[mine.pk, note.files.get().pk])
    assert client_of(cast.sales2).get(stolen).status_code == 404
    assert client_of(cast.sales).get("/notes/999999999999999999999/files/1/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.exe", b"MZ\x90\0\x03"),
        ("virus.pdf", b"MZ\x90\0\x03"),
        ("page.html", b"<html><script>alert(1)</script>"),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("drawing.xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("archive.zip", b"PK\x03\x04rest"),
        ("photo.pdf", PNG),
        ("empty.pdf", b""),
        ("noending", b"text"),
        ("script.sh", b"#!/bin/sh\nrm -rf /"),
    ],
)
def test_what_is_not_kept_is_named_and_the_text_is_not_lost(cast, client_of, lead, name, content):
    answer = client_of(cast.sales).post(
        url_for(lead), {"note-body": "Long text I typed", "note-uploads": [file(name, content)]}
    )
    assert answer.status_code == 422
    assert "Long text I typed" in answer.text
    assert not Note.objects.exists()
    assert not File.objects.exists()


def test_a_file_too_large_and_too_many_files(cast, client_of, lead):
    client = client_of(cast.sales)
    large = file("large.pdf", PDF + b"0" * (10 * 1024 * 1024))
    assert "10 MB" in client.post(url_for(lead), {"note-body": "x", "note-uploads": [large]}).text
    many = [file(f"{n}.pdf", PDF) for n in range(11)]
    assert client.post(url_for(lead), {"note-body": "x", "note-uploads": many}).status_code == 422


def test_an_empty_note_is_refused(cast, client_of, lead):
    answer = client_of(cast.sales).post(url_for(lead), {"note-body": "   "})
    assert answer.status_code == 422
    assert "note-body" in answer.text
    assert not Note.objects.exists()


def test_rights(cast, client_of, lead):
    assert client_of(cast.sales2).post(url_for(lead), {"note-body": "x"}).status_code == 404
    assert client_of(cast.nobody).post(url_for(lead), {"note-body": "x"}).status_code == 403
    company = CompanyFactory()
    assert client_of(cast.pm).post(url_for(company), {"note-body": "x"}).status_code == 302


def package(*names, mimetype=""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "ending", "fits"),
    [
        (PDF, "pdf", True),
        (PNG, "png", True),
        (b"\xff\xd8\xff\xe0", "jpg", True),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp", True),
        (package("word/document.xml"), "docx", True),
        (package("xl/workbook.xml"), "xlsx", True),
        (package("word/document.xml", "word/vbaProject.bin"), "docx", False),
        (package("x", mimetype="application/vnd.oasis.opendocument.text"), "odt", True),
        (package("x"), "docx", False),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "doc", True),
        (b"From: a@b\n\nHi", "eml", True),
        ("già".encode("latin-1"), "txt", True),
        (b"\x30\x82signed", "p7m", True),
        (b"MZ", "p7m", False),
    ],
)
def test_the_kind_is_read_from_the_content(content, ending, fits):
    mime, endings = kind_of(content, ending)
    assert (bool(mime) and ending in endings) is fits
