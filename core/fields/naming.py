"""Names of custom fields, for programs, made from what people read."""

from django.utils.text import slugify


def name_from(label: str) -> str:
    """ "Codice SDI" -> "codice_sdi"; "2ª lingua" -> "f_2a_lingua". Never empty."""
    found = "_".join(filter(None, slugify(label).replace("-", "_").split("_")))
    return (found if found[:1].isalpha() else f"f_{found}".rstrip("_"))[:40].rstrip("_")
