"""What forms, imports and our mails bring along beyond our own fields: the usual ones have a name people understand."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

_NAMES = {
    ("visits", "totalvisits", "websitevisits", "visite"): _("Visits"),
    ("emailsopened", "opens", "emailopens", "emailaperte"): _("Emails opened"),
    ("emailsclicked", "clicks", "emailclicks"): _("Clicks in emails"),
    ("timeonsite", "totaltimespentonwebsite", "timeonwebsite"): _("Time on the website"),
    ("pageviews", "pageviewspervisit", "pagespervisit"): _("Pages per visit"),
    ("lastactivity", "ultimaattivita"): _("Last activity"),
    ("leadorigin", "origin"): _("Origin of the lead"),
    ("occupation", "currentoccupation", "whatisyourcurrentoccupation"): _("Occupation"),
    ("specialization", "specialisation"): _("Specialisation"),
    ("employees", "numberofemployees", "companysize"): _("Employees"),
    ("donotemail",): _("No e-mail, please"),
    ("donotcall",): _("No calls, please"),
    ("downloads", "downloaded"): _("Downloads"),
    ("companykey",): _("Key of the company"),
}
_KNOWN = {spelling: name for spellings, name in _NAMES.items() for spelling in spellings}


def label(key: str) -> Any:
    """What people call it, in their language where it is one of the usual ones; else as it came."""
    found = _KNOWN.get(re.sub(r"[^a-z]", "", key.lower()))
    return found if found is not None else key.replace("_", " ").capitalize()
