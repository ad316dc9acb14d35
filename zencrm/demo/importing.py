"""A list from a fair, brought in by the wizard's own code: two good visitors, two bad rows."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile

from core.imports import catalogue, choice, jobs
from core.imports.pages import keep_mapping, upload
from core.imports.reader import parse
from core.models import ImportRun

NAME = "visitatori-fiera.csv"
ROWS = """Azienda;Nome;Cognome;E-mail;Città;Fonte;Budget;Data creazione
Acque Chiare S.r.l.;Marta;Ferri;marta.ferri@acquechiare.example;Parma;Fiera;12.500,00;12/05/2026
Officine Po S.n.c.;Ivo;Sala;ivo.sala(at)officinepo.example;Cremona;Fiera;8.000,00;12/05/2026
Serre del Sole;Nadia;Conti;nadia@serredelsole.example;Latina;Fiera;da definire;13/05/2026
Molino Bruni S.p.A.;Ugo;Bruni;ugo.bruni@molinobruni.example;Foggia;Fiera;21.000,00;13/05/2026
"""


def bring_in() -> ImportRun:
    """The import, done by the one who looks after marketing."""
    by: Any = get_user_model().objects.get(username="marketing")
    content = ROWS.encode()
    table = parse(NAME, content, limits=catalogue.LIMITS)
    run = upload("leads", ContentFile(content, name=NAME), table, by=by)
    kind = catalogue.get("leads")
    mapping = choice.guess(kind, kind.resource(user=by, by=by), table)
    mapping["columns"]["Budget"]["format"] = "n:,"
    keep_mapping(run, table, mapping, by=by)
    for verb in ("dry_run", "start"):
        getattr(run, verb)(by=by)
        jobs.work(run.pk)
        run.refresh_from_db()
    return run
