"""The import wizard in Chromium with a real Celery worker: a dirty file in, its errors back out, and all of it undone."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from leads.models import Lead
from tests.browser.conftest import overflow

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]

DIRTY = (
    "Azienda;E-mail;Budget;Data creazione\n"
    "Alfa;a@alfa.it;1.200,50;03/02/2026\n"
    "Beta;nobody;2.000,00;28/02/2026\n"
    "Gamma;g@gamma.it;3.000,00;31/02/2026\n"
    "Delta;d@delta.it;4.000,00;01/03/2026\n"
    "=cmd();e@eps.it;5.000,00\n"
)


def test_a_dirty_file_from_upload_to_undo(desks, cast_with_passwords, celery_worker_process, tmp_path):
    path = tmp_path / "fiera.csv"
    path.write_text(DIRTY, encoding="cp1252")
    page = desks("sales").page
    page.goto("/imports/")
    page.locator("a[href='/imports/new/']").last.click()
    page.set_input_files("[name=file]", str(path))
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[name='field-0']")).to_have_value("company_name")
    expect(page.locator("[name='format-2']")).to_have_value("n:,")
    expect(page.locator("[name='format-3']")).to_have_value("d:%d/%m/%Y")
    expect(page.locator(".alert-warning")).to_contain_text("Row 6: 3 columns, the header has 4")
    assert overflow(page) <= 0
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Check without saving").click()
    expect(page.locator("[data-count=error]")).to_have_text("3")
    expect(page.locator("[data-count=create]")).to_have_text("2")
    assert Lead.objects.count() == 0
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="Undo the import")).to_be_visible()
    assert Lead.objects.count() == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows in error (CSV)").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows] == ["Azienda", "Beta", "Gamma", "'=cmd()"]
    assert "31/02/2026" in rows[2][4]
    page.get_by_role("link", name="Undo the import").click()
    page.locator("#modal-content").get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("2 removed, 0 set back, 0 left as they are.")).to_be_visible()
    assert Lead.objects.count() == 0


def test_a_file_of_300_megabytes_is_refused_before_it_is_sent(desks, cast_with_passwords, tmp_path):
    path = tmp_path / "everything.csv"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    sent = []
    page = desks("sales").page
    page.goto("/imports/new/")
    page.on("request", lambda request: sent.append(request.method))
    page.set_input_files("[name=file]", str(path))
    expect(page.get_by_role("alert")).to_have_text("The file is larger than 50 MB.")
    expect(page.locator("[name=file]")).to_have_value("")
    assert "POST" not in sent
    page.set_input_files("[name=file]", {"name": "few.csv", "mimeType": "text/csv", "buffer": b"azienda\nAlfa\n"})
    expect(page.get_by_role("alert")).to_have_count(0)
