"""python -m zencrm.embedded start|stop|status|wipe [--var FOLDER]: the embedded servers by hand."""

import argparse
import os
from pathlib import Path

from zencrm import embedded


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m zencrm.embedded", description=__doc__)
    parser.add_argument("act", choices=["start", "stop", "status", "wipe"])
    checkout = Path(__file__).resolve().parent.parent.parent
    parser.add_argument("--var", type=Path, default=Path(os.environ.get("ZENCRM_VAR", checkout / "var")))
    chosen = parser.parse_args()
    if chosen.act == "start":
        embedded.start(chosen.var, keep=True)
        print(embedded.database_url(chosen.var), embedded.redis_url(chosen.var), sep="\n")
    elif chosen.act == "status":
        state = embedded.status(chosen.var)
        print("\n".join(f"{name}: {'up' if up else 'down'}" for name, up in state.items()))
        return 0 if all(state.values()) else 3
    else:
        getattr(embedded, chosen.act)(chosen.var)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
