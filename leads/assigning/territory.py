"""Countries, the regions of Italy and their provinces: what people write for them, and what rules compare.

Codes of provinces as on Italian number plates and in postal addresses (ISTAT, with the Sardinian ones of 2005 and 2025).
"""

import re
import unicodedata
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import countries

#: Region -> (name, provinces as "code name").
_REGIONS: dict[str, tuple[Any, str]] = {
    "abruzzo": (_("Abruzzo"), "AQ L'Aquila, CH Chieti, PE Pescara, TE Teramo"),
    "basilicata": (_("Basilicata"), "MT Matera, PZ Potenza"),
    "calabria": (_("Calabria"), "CS Cosenza, CZ Catanzaro, KR Crotone, RC Reggio Calabria, VV Vibo Valentia"),
    "campania": (_("Campania"), "AV Avellino, BN Benevento, CE Caserta, NA Napoli, SA Salerno"),
    "emilia-romagna": (
        _("Emilia-Romagna"),
        "BO Bologna, FC Forlì-Cesena, FE Ferrara, MO Modena, PC Piacenza, PR Parma, RA Ravenna, RE Reggio Emilia, RN Rimini",
    ),
    "friuli-venezia giulia": (_("Friuli-Venezia Giulia"), "GO Gorizia, PN Pordenone, TS Trieste, UD Udine"),
    "lazio": (_("Lazio"), "FR Frosinone, LT Latina, RI Rieti, RM Roma, VT Viterbo"),
    "liguria": (_("Liguria"), "GE Genova, IM Imperia, SP La Spezia, SV Savona"),
    "lombardia": (
        _("Lombardy"),
        "BG Bergamo, BS Brescia, CO Como, CR Cremona, LC Lecco, LO Lodi, MB Monza e Brianza, MI Milano, MN Mantova,"
        "PV Pavia, SO Sondrio, VA Varese",
    ),
    "marche": (_("Marche"), "AN Ancona, AP Ascoli Piceno, FM Fermo, MC Macerata, PU Pesaro e Urbino"),
    "molise": (_("Molise"), "CB Campobasso, IS Isernia"),
    "piemonte": (
        _("Piedmont"),
        "AL Alessandria, AT Asti, BI Biella, CN Cuneo, NO Novara, TO Torino, VB Verbano-Cusio-Ossola, VC Vercelli",
    ),
    "puglia": (_("Apulia"), "BA Bari, BR Brindisi, BT Barletta-Andria-Trani, FG Foggia, LE Lecce, TA Taranto"),
    "sardegna": (
        _("Sardinia"),
        "CA Cagliari, CI Carbonia-Iglesias, NU Nuoro, OG Ogliastra, OR Oristano, OT Gallura, SS Sassari, SU Sud Sardegna,"
        "VS Medio Campidano",
    ),
    "sicilia": (
        _("Sicily"),
        "AG Agrigento, CL Caltanissetta, CT Catania, EN Enna, ME Messina, PA Palermo, RG Ragusa, SR Siracusa, TP Trapani",
    ),
    "toscana": (
        _("Tuscany"),
        "AR Arezzo, FI Firenze, GR Grosseto, LI Livorno, LU Lucca, MS Massa-Carrara, PI Pisa, PO Prato, PT Pistoia,"
        "SI Siena",
    ),
    "trentino-alto adige": (_("Trentino-South Tyrol"), "BZ Bolzano, TN Trento"),
    "umbria": (_("Umbria"), "PG Perugia, TR Terni"),
    "valle d'aosta": (_("Aosta Valley"), "AO Aosta"),
    "veneto": (
        _("Veneto"),
        "BL Belluno, PD Padova, RO Rovigo, TV Treviso, VE Venezia, VI Vicenza, VR Verona",
    ),
}
#: Other ways to write them.
_ALSO = {
    "reggio nell emilia": "RE", "reggio di calabria": "RC", "bozen": "BZ", "bolzano bozen": "BZ", "monza": "MB",
    "monza brianza": "MB", "monza e della brianza": "MB", "forli": "FC", "cesena": "FC", "fo": "FC", "pesaro": "PU",
    "urbino": "PU", "ps": "PU", "massa": "MS", "carrara": "MS", "verbania": "VB", "verbano": "VB", "aquila": "AQ",
    "barletta": "BT", "andria": "BT", "trani": "BT", "rome": "RM", "roma capitale": "RM", "milan": "MI", "turin": "TO",
    "naples": "NA", "florence": "FI", "venice": "VE", "genoa": "GE", "padua": "PD", "mantua": "MN", "syracuse": "SR",
}  # fmt: skip

PROVINCES: dict[str, str] = {}
_REGION_OF: dict[str, str] = {}
for _region, (_label, _provinces) in _REGIONS.items():
    for _entry in _provinces.split(","):
        _code, _name = _entry.strip().split(" ", 1)
        PROVINCES[_code], _REGION_OF[_code] = _name, _region


def plain(text: str) -> str:
    """Without accents, capitals and signs: "Forlì-Cesena (FC)" is "forli cesena fc"."""
    letters = unicodedata.normalize("NFKD", text)
    return " ".join(
        re.sub(r"[\W_]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).casefold().split()
    )


_CODES = {plain(name): code for code, name in PROVINCES.items()} | {c.lower(): c for c in PROVINCES} | _ALSO


def province_code(text: str) -> str:
    """The two letters of an Italian province, however it was written; "" for what is none."""
    words = plain(text).removeprefix("provincia di ").removeprefix("prov ")
    return _CODES.get(words, "")


def region_of(province: str) -> str:
    """The region of a province's two letters; "" where there is none."""
    return _REGION_OF.get(province, "")


def region_choices() -> list[tuple[str, Any]]:
    return [(code, label) for code, (label, _provinces) in _REGIONS.items()]


def region_label(code: str) -> str:
    return str(_REGIONS[code][0]) if code in _REGIONS else code


def country_code(text: str) -> str:
    """ISO 3166-1 alpha-2 of a country written as its letters or its Italian or English name; "" for what is none."""
    return _countries().get(plain(text), "")


@cache
def _countries() -> dict[str, str]:
    found = {}
    for language in ("it", "en"):
        for code, name in countries.names(language).items():
            found[plain(name)] = found[code.lower()] = code
    return found
