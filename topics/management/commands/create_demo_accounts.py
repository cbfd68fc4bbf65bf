import json
import os
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction

# Each person has one role, so that two must agree before anything is published.
GROUPS = {
    "author": "Author",
    "reviewer": "Clinical reviewer",
    "editor": "Editor",
    "administrator": None,
}
# The mark by which a demo account is told from somebody's own.
DEMO = "Demo"
PASSWORD_BYTES = 12
# Without an address nobody would be told of a submission or a verdict. Nobody can read mail there.
ADDRESS = "{role}@example.org"


class Command(BaseCommand):
    help = "Create one demo account for each role, with passwords in accounts.json."

    def add_arguments(self, parser):
        parser.add_argument("--reset", action="store_true", help="set new passwords for them all")

    def handle(self, *, reset, **options):
        known = {} if reset else _read_passwords()
        with transaction.atomic():
            passwords = {role: self._password(role, known, reset) for role in GROUPS}
            accounts = [
                {"role": GROUPS[role] or "Administrator", "username": role, "password": password}
                for role, password in passwords.items()
                if password
            ]
            if accounts and passwords != known:
                _write(accounts)

    def _password(self, role: str, known: dict[str, str], reset: bool) -> str | None:
        """Return the password of a role's account, made now if need be; None if it is not known."""
        user = get_user_model().objects.filter(username=role).first()
        if user and user.first_name != DEMO:
            self.stderr.write(f"The account “{role}” is not a demo account; it is left alone.")
            return None
        if user and not user.email:
            # Made before these accounts had addresses.
            user.email = ADDRESS.format(role=role)
            user.save(update_fields=["email"])
        if user and not reset:
            if role not in known:
                self.stderr.write(f"The password of “{role}” is lost; --reset sets a new one.")
            return known.get(role)
        password = known.get(role) or secrets.token_urlsafe(PASSWORD_BYTES)
        _save_account(user or get_user_model()(username=role), role, password)
        self.stdout.write(f"Demo account “{role}”: password set.")
        return password


def _save_account(user, role: str, password: str) -> None:
    user.first_name, user.last_name = DEMO, role
    user.email = user.email or ADDRESS.format(role=role)
    user.is_staff = user.is_active = True
    user.is_superuser = GROUPS[role] is None
    user.set_password(password)
    user.save()
    user.groups.set(Group.objects.filter(name=GROUPS[role]))


def _path():
    return settings.VAR_DIR / "accounts.json"


def _read_passwords() -> dict[str, str]:
    try:
        accounts = json.loads(_path().read_text())
    except FileNotFoundError:
        return {}
    return {account["username"]: account["password"] for account in accounts}


def _write(accounts: list[dict]) -> None:
    """Replace the file in one go. It is never there for others to read, not even for a moment."""
    draft = _path().with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(accounts, file, indent=1)
    draft.replace(_path())
