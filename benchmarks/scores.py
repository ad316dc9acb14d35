"""Scoring every lead anew, when every score changes and when none does; and how soon a changed lead has its own score."""

import json
import os
import statistics
import time

import django

#: Leads that are changed one after the other.
CHANGES = 30


def main() -> dict[str, float]:
    from django.db import connection

    from leads import scoring

    with connection.cursor() as cursor:
        # As if the rules had been changed: no score is what the rules say now.
        cursor.execute("UPDATE leads_leadscore SET score = 0, score_reasons = '[]', scored_with = ''")
        cursor.execute("VACUUM ANALYZE leads_leadscore")
    found = {"all changed": _seconds(scoring.score_all), "none changed": _seconds(scoring.score_all)}
    return found | _latency()


def _seconds(act: object) -> float:
    started = time.perf_counter()
    act()  # type: ignore[operator]
    return round(time.perf_counter() - started, 2)


def _latency() -> dict[str, float]:
    """Seconds from the change of a lead to its score, by a worker as in production."""
    from benchmarks.capturing import worker
    from leads.models import Lead
    from zencrm.celery import app

    app.control.purge()  # what other parts of the run have asked for: nobody was there to do it
    with worker(os.environ["DATABASE_URL"]):
        leads = list(Lead.objects.open().order_by("pk")[: CHANGES + 1])
        _change(leads.pop())  # the worker has to be up
        taken = [_change(lead) for lead in leads]
    return {"one, median": round(statistics.median(taken), 3), "one, slowest": round(max(taken), 3)}


def _change(lead: object) -> float:
    """As the form does it: saved, and a worker woken."""
    from django.db import transaction

    from leads import services
    from leads.models import LeadScore

    lead.need = f"{lead.need} ."  # type: ignore[attr-defined]
    with transaction.atomic():
        lead.save(update_fields=["need"])  # type: ignore[attr-defined]
        services.lead_changed(lead)  # type: ignore[arg-type]
    started = time.perf_counter()
    while LeadScore.objects.filter(lead=lead, scored_at=None).exists():
        if time.perf_counter() - started > 60:
            raise TimeoutError("No worker has scored the lead")
        time.sleep(0.005)
    return time.perf_counter() - started


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main()))
