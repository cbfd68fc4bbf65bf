"""What can go wrong, in words that can be shown."""


class ClientError(Exception):
    """Anything that this client raises by itself."""


class Unreachable(ClientError):
    """The portal could not be asked, or did not answer in time, however often it was tried."""


class NotProven(ClientError):
    """A digest, a hash or a file is not what it should be: do not use what was received."""


class LogIsShorter(ClientError):
    """The portal's log is not the one that this copy has followed: its database was set back.

    It ends before what the copy has, or has another event in its place.
    """


class Problem(ClientError):
    """The portal refused, and said why (RFC 9457).

    `status` is the HTTP status, `type` the address of an explanation, `errors` what is wrong with
    single parameters, and `members` the whole answer.
    """

    def __init__(self, status: int, members: dict):
        self.status = status
        self.members = members
        self.type = members.get("type", "about:blank")
        self.title = members.get("title", "")
        self.detail = members.get("detail", "")
        self.errors = members.get("errors", [])
        super().__init__(self._words())

    def _words(self) -> str:
        lines = [f"{self.status} {self.title}: {self.detail}".rstrip(": ")]
        for error in self.errors:
            line = f"  {error.get('parameter')}: {error.get('detail')}"
            if error.get("allowed"):
                line += f" Allowed: {', '.join(map(str, error['allowed']))}."
            lines.append(line)
        return "\n".join(lines)


class NotFound(Problem):
    """Nothing was ever published at this address."""


class Gone(Problem):
    """The topic was withdrawn. `reason` says why, `history` leads to its editions."""

    @property
    def reason(self) -> str:
        return self.members.get("reason", "")

    @property
    def history(self) -> str:
        return self.members.get("history", "")


def problem(status: int, members: dict) -> Problem:
    return {404: NotFound, 410: Gone}.get(status, Problem)(status, members)
