"""Fields and tags that administrators add to records without code.

The definitions are rows (`core.CustomField`, `core.Tag`), kept in memory; the values stand on the records. What takes part is
every `Record` with `OWN_FIELDS`: nothing is declared in an app.
"""
