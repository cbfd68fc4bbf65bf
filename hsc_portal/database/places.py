"""Where the embedded server keeps its things, and the locks that tell who uses them."""

import contextlib
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import DatabaseUnavailable

PROJECT = Path(__file__).resolve().parents[2]

# PostgreSQL names its socket after the port; each project has a socket folder of its own,
# so the same number serves all of them.
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"

# sun_path in struct sockaddr_un, less the closing zero byte.
LONGEST_SOCKET_PATH = 103 if os.uname().sysname == "Darwin" else 107


def var_folder() -> Path:
    """The folder for everything the portal makes while it runs; HSC_PORTAL_VAR overrides it."""
    return (PROJECT / (os.environ.get("HSC_PORTAL_VAR") or "var")).resolve()


@dataclass(frozen=True)
class Places:
    """The files of one embedded server, all below `base`."""

    base: Path

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    @property
    def lease(self) -> Path:
        """Held shared by each process that uses the server."""
        return self.base / "lease.lock"

    @property
    def starting(self) -> Path:
        """Held alone by whoever starts or stops the server."""
        return self.base / "start.lock"

    @property
    def alive(self) -> Path:
        """Held alone by the server's own processes, so that it is free when the last has ended."""
        return self.base / "server.lock"

    @property
    def natural_sockets(self) -> Path:
        return self.base / "run"

    @property
    def sockets(self) -> Path:
        """The socket folder that clients use: below `base`, or a short one if that is too long.

        The name depends on nothing but `base` and the user, so that all processes agree on it.
        A comma would be read as a list of hosts.
        """
        natural = self.natural_sockets
        if len(os.fsencode(natural / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and "," not in str(
            natural
        ):
            return natural
        digest = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:16]
        return Path("/tmp") / f"hsc-portal-{os.geteuid()}-{digest}"

    def make_base(self) -> None:
        """Make the folder and its lock files.

        Raises DatabaseUnavailable if the folder cannot be written to.
        """
        try:
            self.base.mkdir(parents=True, exist_ok=True)
            if self.base.stat().st_uid == os.geteuid():
                # Searchable, not readable: an unprivileged account may have to pass through.
                self.base.chmod(0o711)
            for lock in (self.lease, self.starting, self.alive):
                os.close(os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise DatabaseUnavailable(
                f"The folder {self.base} cannot be written to ({error.strerror}); "
                "make it writable for this user or name another folder in HSC_PORTAL_VAR."
            ) from error

    def make_sockets(self, owner: tuple[int, int], known: set[int]) -> Path:
        """Make the socket folder private to `owner` (uid, gid) and return its path.

        One that is there already may belong to a user in `known`.

        Raises DatabaseUnavailable if somebody else has put something in its place.
        """
        folder = self.sockets
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in known:
            raise DatabaseUnavailable(
                f"{folder} is not a folder of this user; remove it, "
                "or move the project to a shorter path."
            )
        # Through a descriptor that refuses symbolic links: nobody can swap the folder in between.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if (found.st_uid, found.st_gid) != owner and os.geteuid() == 0:
                os.fchown(descriptor, *owner)
            os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)
        return folder


def current() -> Places:
    """The places of the embedded server that the environment names."""
    return Places(var_folder() / "postgres")


def open_lock(path: Path) -> int:
    """A descriptor for a lock file; the lock belongs to the descriptor and ends with it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_alone(descriptor: int) -> bool:
    """Take the lock for oneself if nobody else has it; False if somebody has."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock, shared or alone. Nobody does before its folder is made."""
    try:
        descriptor = open_lock(path)
    except FileNotFoundError:
        return True
    try:
        return try_alone(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it alone."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
