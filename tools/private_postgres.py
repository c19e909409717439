#!/usr/bin/env python3
"""A PostgreSQL server of one's own, for tests: no port, no password, nothing left behind.

    tools/private_postgres.py start FOLDER [SETTING=VALUE ...]   prints its address
    tools/private_postgres.py stop FOLDER
    tools/private_postgres.py run [SETTING=VALUE ...] COMMAND [ARGUMENT ...]
                                                         with TEST_POSTGRES=<its address>

It listens on a socket inside FOLDER only. FOLDER is made when it is not there; when it is, the
server that was there goes on with its data. Started by root it runs as the user `postgres`, because
PostgreSQL refuses to be root.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# A killed process loses nothing that it wrote; only a machine that stops would, and none does here.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "listen_addresses": "''",
            "max_connections": "300", "shared_buffers": "128MB", "log_min_messages": "fatal",
            "autovacuum_naptime": "10s", "restart_after_crash": "on"}
START_LIMIT_S = "60"


def program(name):
    """The newest that Debian has, or what is on the PATH elsewhere."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
                   key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0)
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        sys.exit(f"{name} is missing: tools/install.sh test")
    return path


def as_owner(command):
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] \
        if os.geteuid() == 0 else command


def quietly(command):
    done = subprocess.run(as_owner(command), cwd="/", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with status {done.returncode}:\n{done.stdout}")
    return done.stdout


def address(folder, database="quittance"):
    return f"postgres://quittance@/{database}?host={folder}"


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    quietly([program("initdb"), "--pgdata", str(folder / "data"), "--username=quittance",
             "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])


def start(folder, changed=()):
    """Starts it and gives the address of its database `quittance`."""
    folder = Path(folder).absolute()
    fresh = not (folder / "data" / "PG_VERSION").exists()
    if fresh:
        make(folder)
    settings = {**SETTINGS, "unix_socket_directories": f"'{folder}'",
                **dict(setting.split("=", 1) for setting in changed)}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    # Its output goes to a file: a pipe would stay open as long as the server runs.
    quietly([program("pg_ctl"), "start", "--pgdata", str(folder / "data"), "--silent", "--wait",
             "--timeout", START_LIMIT_S, "--log", str(folder / "log"), "--options", options])
    if fresh:
        quietly([program("createdb"), "--host", str(folder), "--username=quittance", "quittance"])
    return address(folder)


def stop(folder):
    """Stops it at once; what it wrote stays in the folder."""
    data = Path(folder).absolute() / "data"
    if (data / "postmaster.pid").exists():
        subprocess.run(as_owner([program("pg_ctl"), "stop", "--pgdata", str(data), "--silent",
                                 "--mode=immediate"]), cwd="/", check=False)


class PrivatePostgres:
    """`with PrivatePostgres() as url:` — a server that is gone afterwards, also after a failure."""

    def __init__(self, changed=()):
        self.changed = changed

    def __enter__(self):
        # Not below the project: the user `postgres` may have no way there.
        self.folder = tempfile.mkdtemp(prefix="quittance-postgres-")
        try:
            return start(self.folder, self.changed)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        stop(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def main(arguments):
    if len(arguments) >= 2 and arguments[0] == "start":
        print(start(arguments[1], arguments[2:]))
    elif len(arguments) == 2 and arguments[0] == "stop":
        stop(arguments[1])
    elif len(arguments) >= 2 and arguments[0] == "run":
        changed = list(itertools.takewhile(lambda argument: "=" in argument, arguments[1:]))
        with PrivatePostgres(changed) as url:
            return subprocess.run(arguments[1 + len(changed):], check=False,
                                  env={**os.environ, "TEST_POSTGRES": url}).returncode
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
