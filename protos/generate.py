"""Writes the Python stubs of every .proto into `gen/`, from nothing: `make protos`.

The checked-in stubs must equal what this writes; CI runs it into another folder and fails on a difference.
"""

import shutil
import sys
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
GEN = ROOT / "gen"
THIRD_PARTY = ROOT / "third_party"


def main(folder: Path) -> int:
    """Generate into a clean folder; returns protoc's exit status."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    ours = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("yinling/**/*.proto"))
    theirs = sorted(str(path.relative_to(THIRD_PARTY)) for path in THIRD_PARTY.glob("**/*.proto"))
    services = [name for name in ours if name.endswith("_service.proto")]
    return run(folder, "python", "mypy", names=ours + theirs) or run(folder, "grpc_python", "mypy_grpc", names=services)


def run(folder: Path, *outputs: str, names: list[str]) -> int:
    """Run protoc for some files and kinds of output; returns its exit status."""
    plugins = Path(sys.executable).parent
    return int(
        protoc.main(
            [
                "protoc",
                f"--plugin=protoc-gen-mypy={plugins / 'protoc-gen-mypy'}",
                f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
                f"-I{ROOT}",
                f"-I{THIRD_PARTY}",
                f"-I{files('grpc_tools') / '_proto'}",
                *(f"--{output}_out={folder}" for output in outputs),
                *names,
            ]
        )
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else GEN))
