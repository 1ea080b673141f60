"""Running a program as somebody else than root, who owns one private folder and may just reach it."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Users that systems have anyway. None is ever created.
CANDIDATES = ("postgres", "nobody", "daemon")


class NotAllowed(Exception):
    """The program cannot run; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Account:
    """The system user that owns the folder and runs the program."""

    name: str
    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """The user to run as: the folder's owner, or one without rights; None when we are that user already."""
    import pwd

    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise NotAllowed(f"{folder} belongs to another user: run as that user, or move the folder away.")
        return None
    if owner != 0:
        return Account(f"#{owner}", owner, folder.stat().st_gid)
    for name in CANDIDATES:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise NotAllowed("As root a user 'nobody' is needed to run the database: add it, or run as another user.")


def start(account: Account | None, command: list[str], output: int) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own, so that Ctrl-C does not reach it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    try:
        return subprocess.Popen(
            command,
            cwd="/",
            env=environment | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except PermissionError as error:
        who = f"user {account.name}" if account else "you"
        raise NotAllowed(f"{command[0]} cannot be run by {who}: {error.strerror}.") from error


def let_through(account: Account, *targets: Path) -> None:
    """Let the account pass through the folders above, where it cannot: never read them, never touch files."""
    for folder in sorted({parent for target in targets for parent in target.resolve().parents}):
        found = folder.stat()
        if not _passable(found, account):
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
            print(
                f"The database runs as user {account.name}:"
                f" others may now pass through {folder} (not list or read it).",
                file=sys.stderr,
            )


def _passable(folder: os.stat_result, account: Account) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def make_private(folder: Path, account: Account | None) -> None:
    """Give the account a folder of its own where everybody may create folders, or refuse somebody else's."""
    owner = account.uid if account else os.geteuid()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) != 0o700:
        raise NotAllowed(f"{folder} was made by somebody else: remove it.")
