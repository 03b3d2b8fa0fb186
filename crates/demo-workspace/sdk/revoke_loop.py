"""Revokes tokens one after the other in a loop over the vendor's own SDK, as an admin does without the console.

    python revoke_loop.py http://localhost:8080 < ids

Reads token IDs from standard input, one per line, and the admin's personal access token from DATABRICKS_TOKEN. Prints
how many seconds the loop took, without the start of the client. Ends at the first revocation that fails.
"""

import os
import sys
import time

from databricks.sdk import WorkspaceClient


def main():
    token = os.environ.get("DATABRICKS_TOKEN")
    if len(sys.argv) != 2 or not token:
        sys.exit(__doc__)
    ids = [line.strip() for line in sys.stdin if line.strip()]
    w = WorkspaceClient(host=sys.argv[1], token=token, auth_type="pat")
    started = time.monotonic()
    for token_id in ids:
        w.token_management.delete(token_id)
    print(f"{time.monotonic() - started:.3f}")


if __name__ == "__main__":
    main()
