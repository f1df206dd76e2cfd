"""The commands and their options."""

import asyncio
import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer

from yinling_runner import commands, credentials, demo
from yinling_runner.client import Client
from yinling_runner.console import Terminal
from yinling_runner.credentials import Credentials
from yinling_runner.layout import DataDirectory, default_data_dir
from yinling_runner.run import run
from yinling_runner.stack import Options, Stack
from yinling_runner.target import connect

app = typer.Typer(
    help="银龄 Yinling: 让退休专家的经验继续发光。Matches retired experts with the enterprises that need them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DEFAULT_DATA_DIR = default_data_dir()
DEMO_DATA_DIR = DEFAULT_DATA_DIR.with_name(DEFAULT_DATA_DIR.name + "-demo")
PORT_RULE = "8080, or a free one where that is taken"
DISTRIBUTIONS = ("yinling-runner", "yinling-gateway", "yinling-matching", "yinling-talent")

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
DataDir = Annotated[Path, typer.Option(envvar="YINLING_DATA_DIR", help="数据目录 Where the data lies.")]
Host = Annotated[str, typer.Option(help="监听地址 Address to serve on; 0.0.0.0 for the whole network.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="端口 Port to serve on.", show_default=PORT_RULE)]
DatabaseUrl = Annotated[
    str, typer.Option(envvar="YINLING_DATABASE_URL", help="PostgreSQL to use instead of the embedded one.")
]
LogLevel = Annotated[Level, typer.Option(case_sensitive=False, help="日志级别 What the log holds.")]
Url = Annotated[
    str,
    typer.Option(envvar="YINLING_URL", help="服务地址 Where Yinling runs.", show_default="what runs from --data-dir"),
]
ApiKey = Annotated[
    str, typer.Option(envvar="YINLING_API_KEY", help="API 密钥 API key.", show_default="the one kept in --data-dir")
]
Limit = Annotated[int, typer.Option(min=1, max=100, help="最多几位 At most so many mentors.")]


@app.command()
def up(
    *,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    host: Host = "127.0.0.1",
    port: Port = None,
    database_url: DatabaseUrl = "",
    log_level: LogLevel = "INFO",
) -> None:
    """启动全部服务，直到 Ctrl-C。Run everything on this machine until Ctrl-C."""
    terminal = Terminal()

    async def ready(stack: Stack, kept: Credentials) -> bool:
        terminal.log("yinling", f"ready at {stack.url}")
        if admin := kept.find(credentials.ADMIN):
            where = f"kept in {stack.data.credentials}"
            terminal.log("yinling", f"first administrator: {admin.username} / {admin.password} ({where})")
        return True

    asyncio.run(run(DataDirectory(data_dir), Options(host, port, database_url, log_level), terminal, ready))


@app.command("demo")
def run_demo(
    *,
    data_dir: DataDir = DEMO_DATA_DIR,
    host: Host = "127.0.0.1",
    port: Port = None,
    database_url: DatabaseUrl = "",
    log_level: LogLevel = "WARNING",
    check: Annotated[
        bool, typer.Option("--check", help="检查后退出 Check everything in a fresh directory and exit.")
    ] = False,
) -> None:
    """用虚构样例试用。Start with fictional sample data, show what it finds, and stay up.

    --check exits with 0 where all of it works, and otherwise says what does not.
    """
    terminal = Terminal()

    async def ready(stack: Stack, kept: Credentials) -> bool:
        def work() -> str:
            with Client(stack.url, kept.api_key, patience=300) as api:  # until everybody is indexed
                loaded = demo.load(api, kept, terminal)
                credentials.save(stack.data, kept)
                demo.show(loaded, kept, stack.url, terminal)
                if not check:
                    demo.tell_where(stack.data.path, terminal)
                return demo.check(api, kept, loaded) if check else ""

        if checked := await asyncio.to_thread(work):
            terminal.out.print(f"✓ demo check passed: {checked}", soft_wrap=True)
        return not check

    with tempfile.TemporaryDirectory(prefix="yinling-check-", ignore_cleanup_errors=True) as fresh:
        if check and data_dir == DEMO_DATA_DIR:
            data_dir = Path(fresh)
            data_dir.chmod(0o755)  # PostgreSQL runs as another user where this is root
        asyncio.run(run(DataDirectory(data_dir), Options(host, port, database_url, log_level), terminal, ready))


@app.command("import")
def import_roster(
    *,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="花名册 A roster, .xlsx or .csv.")
    ],
    organisation: Annotated[str, typer.Option(help="单位 Organisation of rows that name none.")] = "",
    check_only: Annotated[bool, typer.Option("--check-only", help="只检查 Check the file and write nothing.")] = False,
    save_to: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="标注副本存放处 Where the annotated copy goes.")
    ] = Path(),
    data_dir: DataDir = DEFAULT_DATA_DIR,
    url: Url = "",
    api_key: ApiKey = "",
) -> None:
    """导入花名册。Import a roster through the REST API.

    Good rows are taken; the others are listed and marked in a copy of the workbook. Mend them and import again.
    Exits with 0 where every row was taken and with 3 where some were refused.
    """
    with connect(data_dir, url, api_key) as api:
        code = commands.import_file(
            api, file, Terminal(), organisation=organisation, check_only=check_only, save=save_to
        )
    raise typer.Exit(code)


@app.command()
def suggest(
    *,
    request_id: Annotated[str, typer.Argument(help="需求编号 Id of a request; without it the newest are listed.")] = "",
    text: Annotated[str, typer.Option(help="需求文字 What is looked for, instead of a request that is kept.")] = "",
    city: Annotated[str, typer.Option(help="With --text: where the work is.")] = "",
    organisation: Annotated[str, typer.Option(help="With --text: who asks.")] = "试用 trial",
    limit: Limit = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    url: Url = "",
    api_key: ApiKey = "",
) -> None:
    """推荐导师。Mentors for a request, with reasons."""
    if text and request_id:
        raise typer.BadParameter("give an id or --text, not both", param_hint="--text")
    terminal = Terminal()
    with connect(data_dir, url, api_key) as api:
        if not text and not request_id:
            commands.list_requests(api, terminal)
            return
        title, answer = commands.suggest(api, request_id, text, city=city, organisation=organisation, limit=limit)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        terminal.suggestions(title, answer)


@app.command()
def status(data_dir: DataDir = DEFAULT_DATA_DIR, url: Url = "", api_key: ApiKey = "") -> None:
    """查看运行状态。Whether everything works, what the index holds, what runs. Exits with 1 where it is not ready."""
    versions = {name: version(name) for name in DISTRIBUTIONS}
    running = None if url else DataDirectory(data_dir).running()
    with connect(data_dir, url, api_key) as api:
        code = commands.status(api, Terminal(), running, versions)
    raise typer.Exit(code)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"yinling {version('yinling-runner')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="版本 Print the version.")
    ] = False,
) -> None:
    """What holds for every command."""
