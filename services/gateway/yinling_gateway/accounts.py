"""Signing in and out, accounts, and API keys."""

from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from yinling_common import paging
from yinling_common.errors import (
    Forbidden,
    InvalidField,
    InvalidPageToken,
    NotFound,
    StaleEtag,
    TooManyRequests,
    Unauthenticated,
    Violation,
    YinlingError,
)
from yinling_common.identity import Role
from yinling_gateway import api_keys, domain
from yinling_gateway.domain import Account, ApiKey, NewAccount, Session
from yinling_gateway.errors import SecretTold
from yinling_gateway.passwords import Passwords
from yinling_gateway.repository import AccountRepository, CredentialRepository
from yinling_gateway.repository.once import NO_CALL, Call, MadeBefore, reused
from yinling_gateway.settings import GatewaySettings

KEY_OWNERS = frozenset({Role.HR, Role.COORDINATOR, Role.ADMIN})
"""Roles whose accounts machines may act for."""


class Accounts:
    """Use cases around who somebody is."""

    def __init__(
        self,
        accounts: AccountRepository,
        credentials: CredentialRepository,
        passwords: Passwords,
        settings: GatewaySettings,
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
        self._passwords = passwords
        self._settings = settings
        self._idle = timedelta(hours=settings.session_idle_hours)
        self._longest = timedelta(hours=settings.session_max_hours)
        self._window = timedelta(minutes=settings.sign_in_window_minutes)

    # Signing in

    async def sign_in(self, username: str, password: str, *, address: str, old_token: str = "") -> Session:
        """Start a session.

        Args:
            username: As typed.
            password: As typed.
            address: Where the try comes from.
            old_token: A session that the browser had before; it ends, so that nobody who knew it gets in.

        Raises:
            Unauthenticated: The username or the password is wrong, or the account is closed; not which.
            TooManyRequests: Too many tries failed.
        """
        # Cut before it is folded: a few characters unfold to many times their size.
        folded = domain.fold_username(username[: domain.USERNAME_MAX * 2])
        account_key, address_key = f"account:{folded[:100]}", f"address:{address}"
        # The address first: one that is closed must not go on to close accounts.
        await self._count(address_key, self._settings.sign_in_tries_address)
        await self._count(account_key.replace("\0", ""), self._settings.sign_in_tries_account)
        found = await self._accounts.find(username) if len(username) <= domain.USERNAME_MAX * 2 else None
        account, kept = found or (None, None)
        fits = len(password) <= domain.PASSWORD_MAX and await self._passwords.check(password, kept)
        if account is None or not fits or not account.active:
            raise Unauthenticated("the username or the password is wrong", metadata={"rule": "sign_in.wrong"})
        await self._credentials.forgive(account_key, address_key)
        if kept is not None and self._passwords.outdated(kept):
            await self._accounts.update(account.id, {"password_hash": await self._passwords.hash(password)})
        if old_token:
            await self.sign_out(old_token)
        return await self._start_session(account)

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await self._credentials.delete_session(domain.hash_secret(token))

    async def session(self, token: str) -> Session | None:
        """The session of a token, unless it has ended; using it moves its end on."""
        found = await self._credentials.find_session(domain.hash_secret(token), idle=self._idle)
        return Session(token, *found) if found else None

    async def change_password(self, session: Session, old: str, new: str) -> None:
        """Change one's own password; every other session of the account ends, and its calendar.

        Raises:
            InvalidField: The old one is wrong, or the new one breaks a rule.
            TooManyRequests: Too many tries with a wrong old one.
        """
        account = session.account
        key = f"account:{account.username}"
        await self._count(key, self._settings.sign_in_tries_account)
        found = await self._accounts.find(account.username)
        if found is None or not await self._passwords.check(old, found[1]):
            raise InvalidField([Violation("old_password", "password.wrong", "is not the present password")])
        await self._credentials.forgive(key, "")
        if violations := domain.password_violations(new, "new_password"):
            raise InvalidField(violations)
        await self._accounts.update(account.id, {"password_hash": await self._passwords.hash(new)})
        await self._credentials.delete_sessions(account.id, but=domain.hash_secret(session.token))

    # Accounts, for administrators

    async def create(self, new: NewAccount, password: str, call: Call = NO_CALL) -> Account:
        """Make an account; by the same call again it is the one that was made. Raises InvalidField or AlreadyExists.

        The call's body leaves the password out: its digest is kept, and a password could be guessed from it.
        """
        violations = domain.password_violations(password)
        try:
            new.check()  # before: what is NUL is refused, not dropped
            new = new.cleaned()
            new.check()
        except InvalidField as error:
            violations = [*error.violations, *violations]
        if violations:
            raise InvalidField(violations)
        try:
            return await self._accounts.insert(new, await self._passwords.hash(password), call)
        except MadeBefore as before:
            made = await self._accounts.get(before.made_id)
        found = await self._accounts.find(made.username) if made else None
        if found is None or not await self._passwords.check(password, found[1]):
            raise reused()
        return found[0]

    async def get(self, account_id: str) -> Account:
        """An account. Raises NotFound."""
        account = await self._accounts.get(account_id)
        if account is None:
            raise NotFound("account", account_id)
        return account

    async def find(self, username: str) -> Account:
        """An account by its username. Raises NotFound."""
        found = await self._accounts.find(username)
        if found is None:
            raise NotFound("account", username)
        return found[0]

    async def page(self, page_size: int, page_token: str) -> tuple[list[Account], str]:
        """One page of accounts, and the token of the next one."""
        key = paging.decode(page_token, "accounts", {})
        after = time_and_id(key) if key else None
        size = paging.page_size(page_size)
        accounts = await self._accounts.page(after, size + 1)
        if len(accounts) <= size:
            return accounts, ""
        last = accounts[size - 1]
        return accounts[:size], paging.encode("accounts", {}, [last.create_time.isoformat(), last.id])

    async def update(
        self, account_id: str, changes: dict[str, object], *, by: Account, etag: str = "", call: Call = NO_CALL
    ) -> Account:
        """Change fields of an account; a new password, role, organisation or profile, or closing it, ends what it has.

        That is its sessions, its keys and its calendar.

        Raises:
            NotFound: There is no such account.
            InvalidField: A value breaks its rule.
            Forbidden: An administrator would lock themselves out.
            StaleEtag: An etag is given, and does not hold.
            SecretTold: The call has done it.
        """
        before = await self.get(account_id)
        if etag not in {"", before.etag}:
            raise StaleEtag
        if account_id == by.id and (changes.get("active") is False or changes.get("role", by.role) != by.role):
            raise Forbidden("you cannot close your own account or take your own role away")
        password = changes.pop("password", None)
        after = NewAccount(
            username=before.username,
            role=Role(str(changes.get("role", before.role))),
            organisation=str(changes.get("organisation", before.organisation)),
            profile_id=str(changes.get("profile_id", before.profile_id)),
            display_name=str(changes.get("display_name", before.display_name)),
            locale=str(changes.get("locale", before.locale)),
        )
        after.check()
        after = after.cleaned()
        after.check()
        columns: dict[str, object] = {name: value for name, value in vars(after).items() if name in changes}
        if "active" in changes:
            columns["active"] = changes["active"]
        if password is not None:
            if violations := domain.password_violations(str(password)):
                raise InvalidField(violations)
            columns["password_hash"] = await self._passwords.hash(str(password))
        # Whoever got hold of the old password may have made keys; a key, or a calendar's address, that was made for one
        # role, organisation or person must not act for another.
        acts_for = columns.keys() & {"role", "organisation", "profile_id"}
        moved = any(columns[name] != getattr(before, name) for name in acts_for)
        cut_off = password is not None or changes.get("active") is False or moved
        then = before.update_time if etag else None
        try:
            account = await self._accounts.update(account_id, columns, cut_off=cut_off, unchanged_since=then, call=call)
        except MadeBefore:
            raise SecretTold("password of account", account_id) from None
        if account is None:
            raise StaleEtag if etag else NotFound("account", account_id)
        return account

    async def of_profile(self, profile_id: str) -> list[Account]:
        """The accounts of a person."""
        return await self._accounts.of_profile(profile_id)

    async def set_locale(self, account: Account, locale: str) -> Account:
        """Remember the language that somebody chose."""
        return await self.update(account.id, {"locale": locale}, by=account)

    async def delete(self, account_id: str, *, by: Account, etag: str = "") -> None:
        """Delete an account. Raises NotFound, StaleEtag, or Forbidden for one's own."""
        if account_id == by.id:
            raise Forbidden("you cannot delete your own account")
        before = await self.get(account_id)
        if etag not in {"", before.etag}:
            raise StaleEtag
        if not await self._accounts.delete(account_id, unchanged_since=before.update_time if etag else None):
            raise StaleEtag if etag else NotFound("account", account_id)

    # API keys

    async def create_key(
        self, account: Account, name: str, days: int | None, call: Call = NO_CALL
    ) -> tuple[ApiKey, str]:
        """Make a key for an account; the second value is the key itself, which is not kept.

        Args:
            account: Whom the key acts for.
            name: What it is for.
            days: How long it holds; None for no end.
            call: By which it is made once.

        Raises:
            InvalidField: A value breaks its rule.
            SecretTold: The call has made it.
        """
        if account.role not in KEY_OWNERS:
            raise Forbidden("this role has no API keys", metadata={"role": account.role})
        new, key = api_keys.make(name, days)
        try:
            return await self._credentials.insert_key(account.id, new, call), key
        except MadeBefore as before:
            raise SecretTold("API key", before.made_id) from None

    async def account_of_key(self, key: str) -> Account:
        """Whom an API key acts for. Raises Unauthenticated."""
        prefix, secret_hash = api_keys.split(key)
        wrong = Unauthenticated("the API key is not valid, or no longer", metadata={"rule": "api_key.wrong"})
        if "\0" in prefix:
            raise wrong
        found = await self._credentials.find_key(prefix)
        if found is None or not compare_digest(found[1], secret_hash):
            raise wrong
        await self._credentials.touch_key(prefix)
        return found[0]

    async def keys(self, account: Account) -> list[ApiKey]:
        """An account's keys."""
        return await self._credentials.keys(account.id)

    async def revoke_key(self, account: Account, key_id: str) -> None:
        """Revoke one of an account's keys. Raises NotFound."""
        if not await self._credentials.revoke_key(key_id, account.id):
            raise NotFound("API key", key_id)

    async def purge(self) -> None:
        """Delete what has no effect any more."""
        await self._credentials.purge(self._window)

    async def _start_session(self, account: Account) -> Session:
        token = domain.new_secret()
        end = await self._credentials.insert_session(
            domain.hash_secret(token), account.id, idle=self._idle, longest=self._longest
        )
        return Session(token, account, end)

    async def _count(self, key: str, most: int) -> None:
        failures, seconds_left = await self._credentials.count_failure(key, self._window)
        if failures > most:
            raise _too_many(seconds_left)


def time_and_id(key: list[paging.Key]) -> tuple[datetime, str]:
    """The key of a list that is sorted by time and id. Raises InvalidPageToken where it is something else."""
    try:
        time, id_ = key
        return datetime.fromisoformat(str(time)), str(UUID(str(id_)))
    except ValueError as error:
        raise InvalidPageToken from error


def _too_many(seconds_left: float) -> YinlingError:
    return TooManyRequests(
        "too many tries to sign in; wait before the next",
        metadata={"rule": "sign_in.too_many"},
        retry_after=max(1.0, seconds_left),
    )
