"""Walking through the import wizard as a person does, the worker's part done in between."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.imports import jobs
from core.models import ImportRun

LEADS = (
    "Azienda;Nome;Cognome;E-mail;Budget;Data creazione\n"
    "Alfa;Ada;Rossi;ada@alfa.it;1.200,50;03/02/2026\n"
    "Beta;Bruno;Bianchi;nobody;12;28/02/2026\n"
    "Gamma;Carla;Verdi;carla@gamma.it;viel;29/02/2026\n"
    "Delta;Dino;Neri;dino@delta.it;7;01/03/2026\n"
)


def upload(client: Any, content: Any, *, kind: str = "leads", name: str = "fair.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(reverse("core:importrun_create"), {"kind": kind, "file": SimpleUploadedFile(name, data)})


def the_run() -> ImportRun:
    return ImportRun.objects.latest("pk")


def page(run: ImportRun, name: str) -> str:
    return reverse(f"core:importrun_{name}", args=[run.pk])


def mapping_form(client: Any, run: ImportRun) -> Any:
    return client.get(page(run, "map")).context["form"]


def map_columns(client: Any, run: ImportRun, **changes: str) -> Any:
    """Send the mapping as the page proposes it, with these changes: field_<header> or format_<header>, or key, blanks."""
    form = mapping_form(client, run)
    data = {name: form[name].value() or "" for name in form.fields if form[name].value() not in (None, False)}
    places = {header: at for at, header in form.headers}
    for name, value in changes.items():
        kind, _sep, header = name.partition("_")
        data[f"{kind}-{places[header]}" if header in places else name] = value
    return client.post(page(run, "map"), data | run.reading)


def do(client: Any, run: ImportRun, verb: str) -> ImportRun:
    """Press a button and let the worker do its part."""
    answer = client.post(reverse("core:importrun_act", args=[run.pk, verb]))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    jobs.work(run.pk)
    return ImportRun.objects.get(pk=run.pk)


def bring_in(client: Any, content: Any, *, kind: str = "leads", name: str = "fair.csv", **changes: str) -> ImportRun:
    """From upload to the last row."""
    answer = upload(client, content, kind=kind, name=name)
    assert answer.status_code == 302, answer.context["form"].errors
    run = the_run()
    answer = map_columns(client, run, **changes)
    assert answer.status_code == 302, answer.context["form"].errors
    do(client, run, "dry_run")
    return do(client, run, "start")
