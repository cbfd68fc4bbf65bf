"""How often tests with random values try, and whether at new values each time."""

import os

from hypothesis import HealthCheck, Phase, settings

# `make attack` sets it. Else the same few values are tried, so that `make test` is quick and true.
TRIES = int(os.environ.get("TRIES") or 0)


def tries(few: int) -> settings:
    """Return the settings of a test that tries `few` values where nothing else is said."""
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if TRIES else [])]
    return settings(
        max_examples=TRIES or few, derandomize=not TRIES, database=None, deadline=None,
        phases=phases, suppress_health_check=list(HealthCheck), print_blob=bool(TRIES),
    )  # fmt: skip
