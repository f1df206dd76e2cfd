"""How well people are ranked: `make quality`, or `python -m bench.quality --data ../shared/data`.

Loads labelled sets through the gRPC API as profiles, puts their queries as requests, and writes a TREC run of each set.
Where the scorer lies beside the data (`../tools/score_runs.py`) the runs are scored and compared; the set that we
judged ourselves (`sample/`) is measured in any case.
"""

import argparse
import asyncio
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bench.quality import judged, judged_table, table
from bench.quality.judged import judged_set
from bench.quality.runs import runner
from bench.quality.services import Services, own_services
from bench.quality.sets import LabelledSet, read


def main() -> int:
    """Run it; 1 where a set falls behind dense, 2 where there is no data."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # our services must not outlive us
    if not arguments.data.is_dir():
        print(f"no folder {arguments.data}: name the one that holds the sets with --data (make quality DATA=...)")
        return 2
    sets = [one for one in (*read(arguments.data), judged_set()) if not arguments.set or one.name in arguments.set]
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.talent:
        services: AbstractContextManager[Services] = nullcontext(
            Services(arguments.talent, arguments.matching, arguments.key)
        )
    else:
        services = own_services()
    with services as found:
        model = asyncio.run(_rank(found, sets, arguments.out))
    return _judge(arguments, sets, model)


async def _rank(services: Services, sets: list[LabelledSet], out: Path) -> str:
    async with runner(services) as ours:
        revision = await ours.load({one.corpus.organisation: one.corpus for one in sets}.values())
        for one in sets:
            await ours.run(one, out / f"{one.name}.run", revision)
        return await ours.model()


def _judge(arguments: argparse.Namespace, sets: list[LabelledSet], model: str) -> int:
    texts, behind = [], []
    runs = {one.name: arguments.out / f"{one.name}.run" for one in sets}
    scorer = arguments.data.resolve().parent / "tools" / "score_runs.py"
    labelled = [one for one in sets if one.name != judged.NAME]
    if not scorer.is_file():
        print(f"the runs are in {arguments.out}; there is no {scorer} to score them with")
    elif labelled:
        scores = {one.name: table.score(scorer, one.name, runs[one.name]) for one in labelled}
        texts.append(table.markdown(scores, model))
        behind = table.below(scores)
    texts += [judged_table.markdown(one, runs[one.name]) for one in sets if one.name == judged.NAME]
    text = "\n".join(texts)
    print(f"\n{text}")
    if arguments.write:
        table.write(arguments.write, text)
        print(f"written to {arguments.write}")
    if behind:
        print(f"behind dense by more than {table.TOLERANCE}: {', '.join(behind)}")
    return 1 if behind else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    parser.add_argument("--out", type=Path, default=Path("build/quality"), help="where the runs go")
    parser.add_argument("--set", action="append", help="only this set; may be given several times")
    parser.add_argument("--write", type=Path, help="replace the table in this Markdown file", metavar="FILE")
    running = parser.add_argument_group("services that run already, instead of ones started for this run")
    running.add_argument("--talent", help="address, for example 127.0.0.1:50051")
    running.add_argument("--matching", help="address, for example 127.0.0.1:50052")
    running.add_argument("--key", type=Path, help="private key of the gateway: keys/gateway.key in the data directory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
