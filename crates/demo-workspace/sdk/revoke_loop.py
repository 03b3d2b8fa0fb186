"""Revokes tokens one after the other, as an admin would do it today: a loop over the vendor's own SDK.

    python revoke_loop.py http://localhost:8080 < ids

Reads the ids of the tokens from standard input, one a line. The admin's own personal access token comes from DATABRICKS_TOKEN. Prints
the seconds that the loop took; the client's own start does not count. Ends at the first revocation that fails.
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
    began = time.monotonic()
    for token_id in ids:
        w.token_management.delete(token_id)
    print(f"{time.monotonic() - began:.3f}")


if __name__ == "__main__":
    main()
