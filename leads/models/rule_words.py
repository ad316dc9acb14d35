"""The words of the first rules of the score: ours, in every language, until somebody names a rule themselves."""

from typing import Any

from django.utils.translation import gettext_lazy as _

#: What our rules are called, and what to find out to earn their points.
WORDS: dict[str, tuple[Any, Any]] = {
    "company": (_("Company is known"), _("the company's name")),
    "vat_number": (_("VAT number is known"), _("the VAT number")),
    "job_title": (_("Role of the person"), _("the person's role")),
    "email": (_("Business e-mail address"), _("a business e-mail address")),
    "phone": (_("Phone number is known"), _("a phone number")),
    "fit": (_("Fit with what we sell"), _("how well they fit")),
    "need": (_("Need is described"), _("the need")),
    "budget": (_("Budget"), _("the budget")),
    "authority": (_("Who decides is known"), _("who decides")),
    "timing": (_("Decision is near"), _("when they decide")),
    "interest": (_("Interested in something we sell"), _("what they are interested in")),
    "source": (_("Where the lead comes from"), ""),
    "visits": (_("Visits to the website"), ""),
    "time_on_site": (_("Time on the website"), ""),
    "last_activity": (_("Last activity"), ""),
    "do_not_contact": (_("Asked not to be contacted"), ""),
}


def label_of(key: str, label: str) -> Any:
    """What a rule is called: as somebody has named it, else as we do."""
    return label or (WORDS[key][0] if key in WORDS else key)


def ask_of(key: str, ask: str, label: str) -> Any:
    """What to find out to earn its points; "" where there is nothing to ask."""
    return ask or (WORDS[key][1] if key in WORDS and not label else "")
