"""Units of quantity, in codes of UN/ECE Recommendation 20."""

#: Our units, as an Italian office writes them, in codes of UN/ECE Recommendation 20; C62 ("one") for any other.
UNITS = {
    "pz": "H87", "nr": "H87", "n": "H87", "cad": "H87", "pcs": "H87", "h": "HUR", "ora": "HUR", "ore": "HUR", "hour": "HUR",
    "gg": "DAY", "g": "DAY", "giorno": "DAY", "giorni": "DAY", "day": "DAY", "sett": "WEE", "mese": "MON", "mesi": "MON",
    "month": "MON", "anno": "ANN", "anni": "ANN", "year": "ANN", "kg": "KGM", "gr": "GRM", "t": "TNE", "m": "MTR", "ml": "MTR",
    "mq": "MTK", "m2": "MTK", "mc": "MTQ", "m3": "MTQ", "km": "KMT", "l": "LTR", "lt": "LTR", "set": "SET", "kit": "KT",
    "corpo": "LS", "forfait": "LS", "ac": "LS",
}  # fmt: skip


def unit_code(unit: str) -> str:
    """The UN/ECE code of a unit."""
    return UNITS.get(unit.strip().strip(".").lower(), "C62")
