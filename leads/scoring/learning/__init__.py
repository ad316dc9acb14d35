"""A score learnt from what became of earlier leads: an additive model, so that every score explains itself.

`fields` say how a value is read and into which level it falls, `model` adds up what the levels are worth; both are plain
Python and all that a web worker ever needs. `fitting` and `checking` learn and judge; they load scikit-learn inside their
functions, which therefore belong into a worker of Celery or a command.
"""

from leads.scoring.learning.fields import Field
from leads.scoring.learning.model import Model, Part

__all__ = ["Field", "Model", "Part"]
