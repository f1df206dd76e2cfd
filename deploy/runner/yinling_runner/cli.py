"""The commands and their options."""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from yinling_runner import commands
from yinling_runner.console import Terminal
from yinling_runner.credentials import Credentials
from yinling_runner.layout import DataDirectory, default_data_dir
from yinling_runner.run import run
from yinling_runner.stack import Options, Stack

app = typer.Typer(
    help="银龄 Yinling: 让退休专家的经验继续发光。Matches retired experts with the enterprises that need them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataDir = Annotated[
    Path,
    typer.Option(envvar="YINLING_DATA_DIR", help="数据目录 Where the data lies.", show_default=str(default_data_dir())),
]
Host = Annotated[str, typer.Option(help="监听地址 Address to serve on; 0.0.0.0 for the whole network.")]
Port = Annotated[
    int | None,
    typer.Option(
        min=1, max=65535, help="端口 Port to serve on.", show_default="8080, or a free one where that is taken"
    ),
]
DatabaseUrl = Annotated[
    str, typer.Option(envvar="YINLING_DATABASE_URL", help="PostgreSQL to use instead of the embedded one.")
]
LogLevel = Annotated[str, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")]
Url = Annotated[
    str,
    typer.Option(envvar="YINLING_URL", help="服务地址 Where Yinling runs.", show_default="what runs from --data-dir"),
]
ApiKey = Annotated[
    str, typer.Option(envvar="YINLING_API_KEY", help="API 密钥 API key.", show_default="the one kept in --data-dir")
]


@app.command()
def up(
    data_dir: DataDir = default_data_dir(),
    host: Host = "127.0.0.1",
    port: Port = None,
    database_url: DatabaseUrl = "",
    log_level: LogLevel = "INFO",
) -> None:
    """启动全部服务，直到 Ctrl-C。Run everything on this machine until Ctrl-C."""
    terminal = Terminal()

    async def ready(stack: Stack, credentials: Credentials) -> bool:
        terminal.log("yinling", f"ready at {stack.url}")
        if admin := credentials.find("admin"):
            terminal.log(
                "yinling", f"administrator: {admin.username} / {admin.password} (kept in {stack.data.credentials})"
            )
        return True

    options = Options(host, port, database_url, commands.log_level(log_level))
    asyncio.run(run(DataDirectory(data_dir), options, terminal, ready))


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
