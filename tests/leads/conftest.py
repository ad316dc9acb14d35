"""What tests of leads share."""

import pytest

from tests import brakes


@pytest.fixture
def calm() -> None:
    """What earlier tests have sent does not count."""
    brakes.release()
