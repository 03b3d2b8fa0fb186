"""Starts a demo workspace, runs check.py against it with a token and with OAuth client credentials, and stops it.

    python run.py target/debug/demo-workspace

Needs the packages in requirements.txt. Exits with 0 if every check passed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).with_name("check.py")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    options = ["--port", "0", "--control-port", "0", "--tokens", "300", "--users", "40"]
    workspace = subprocess.Popen([sys.argv[1], *options], stdout=subprocess.PIPE, text=True)
    try:
        first_line = workspace.stdout.readline()
        if not first_line:
            sys.exit("the demo workspace ended without printing its URL")
        announcement = json.loads(first_line)
        service = announcement["service_principal"]
        failed = [
            run(announcement, "pat", {"DATABRICKS_TOKEN": announcement["admin"]["pat"]}),
            run(
                announcement,
                "oauth-m2m",
                {"DATABRICKS_CLIENT_ID": service["client_id"], "DATABRICKS_CLIENT_SECRET": service["client_secret"]},
            ),
        ]
    finally:
        workspace.terminate()
        workspace.wait(timeout=10)
    sys.exit(1 if any(failed) else 0)


def run(announcement, auth, credentials):
    """Returns whether a check failed. Hides the caller's profiles and variables from the SDK."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ARM_"))}
    environment = {**inherited, **credentials, "DATABRICKS_CONFIG_FILE": os.devnull, "NO_PROXY": "localhost,127.0.0.1"}
    urls = ["--host", announcement["url"], "--control", announcement["control_url"]]
    command = [sys.executable, str(CHECK), *urls, "--auth", auth]
    return subprocess.run(command, env=environment, check=False, timeout=180).returncode != 0


if __name__ == "__main__":
    main()
