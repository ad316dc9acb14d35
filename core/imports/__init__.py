"""Tables from other systems: read as they are, mapped by a declaration, taken in by resources, reported row by row.

`reader` turns a CSV or XLSX file into rows with their numbers; `mapping` turns cells into our fields' values and names every
piece of dirt; `resource` is the base of every app's `resources.py`; `report` says what became of each row; `run` joins them.
"""

from core.imports.lookups import CountryWidget, LookupWidget
from core.imports.mapping import Map, MapError
from core.imports.reader import FileRefused, Table, read
from core.imports.report import Outcome, Report, RowReport
from core.imports.resource import RecordResource
from core.imports.run import import_table
from core.imports.widgets import (
    AmountWidget,
    AttributesWidget,
    ChoiceWidget,
    DayWidget,
    MomentWidget,
    TextWidget,
    TruthWidget,
)

__all__ = [
    "AmountWidget",
    "AttributesWidget",
    "ChoiceWidget",
    "CountryWidget",
    "DayWidget",
    "FileRefused",
    "LookupWidget",
    "Map",
    "MapError",
    "MomentWidget",
    "Outcome",
    "RecordResource",
    "Report",
    "RowReport",
    "Table",
    "TextWidget",
    "TruthWidget",
    "import_table",
    "read",
]
