"""What the client commands do: import, suggest, status."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yinling_runner import client
from yinling_runner.client import ApiProblem, Client, Json
from yinling_runner.console import Terminal
from yinling_runner.layout import Running
from yinling_runner.problems import Problem

ROWS_REFUSED = 3
"""Exit status of an import that took the good rows and refused others."""

_SHOWN_ISSUES = 50


@contextmanager
def progress_bar(terminal: Terminal, what: str) -> Iterator[client.OnProgress]:
    """A bar on standard error; yields what moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.err) as bar:
        task = bar.add_task(what, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield move


def import_file(api: Client, file: Path, terminal: Terminal, *, organisation: str, check_only: bool, save: Path) -> int:
    """Import a roster, show what was refused and save the annotated copy; returns the exit status."""
    with progress_bar(terminal, f"导入 {file.name}") as move:
        try:
            job = api.import_roster(file, organisation=organisation, validate_only=check_only, progress=move)
        except ApiProblem as error:
            if organisation or "organisation" not in error.fields:
                raise
            raise Problem(
                "缺少 --organisation：管理员的密钥不属于任何单位。--organisation is missing: an administrator's key "
                "belongs to no organisation",
                f"say whose people they are: yinling import {file.name} --organisation 单位",
            ) from error
    if job["state"] != "done":
        problem = job.get("problem") or {}
        raise Problem(f"{problem.get('detail', 'the import did not end')}", "mend the file and import it again")
    show_summary(terminal, job)
    issues = list(api.pages(f"/api/v1/imports/{job['id']}", "issue_page"))
    if issues:
        show_issues(terminal, issues)
        if job.get("annotated_url"):
            name = job["summary"]["annotated_filename"] or f"{file.stem}-annotated.xlsx"
            target = save / Path(name).name
            target.write_bytes(api.call("GET", job["annotated_url"]).content)
            terminal.out.print(f"已标注的副本 Annotated copy: {target}", soft_wrap=True)
    return ROWS_REFUSED if job["summary"]["failed"] else 0


def show_summary(terminal: Terminal, job: Json) -> None:
    """Counts of an import."""
    summary = job["summary"]
    verb = "检查（未写入） Checked, nothing written" if job.get("validate_only") else "导入完成 Imported"
    terminal.out.print(
        f"{verb}: {summary['rows']} 行 rows: {summary['created']} 新增 new, {summary['updated']} 更新 changed,"
        f" {summary['unchanged']} 未变 unchanged, {summary['failed']} 未导入 refused"
    )
    if summary["ignored_columns"]:
        terminal.out.print(f"未识别的列 Columns not understood: {'、'.join(summary['ignored_columns'])}")


def show_issues(terminal: Terminal, issues: list[Json]) -> None:
    """A table of what is wrong, errors first."""
    issues = sorted(issues, key=lambda issue: (issue["severity"] != "error", issue["row"]))
    rows = (
        (
            "未导入" if issue["severity"] == "error" else "提示",
            str(issue["row"]),
            issue["column"],
            issue["value"][:40],
            f"{issue['reason']}\n{issue['message_en']}",
            issue["advice"],
        )
        for issue in issues[:_SHOWN_ISSUES]
    )
    terminal.table(("", "行 Row", "列 Column", "内容 Value", "原因 Reason", "建议 Advice"), rows)
    if len(issues) > _SHOWN_ISSUES:
        more = len(issues) - _SHOWN_ISSUES
        terminal.out.print(f"另有 {more} 条，见已标注的副本 {more} more are in the annotated copy")


def suggest(api: Client, request_id: str, text: str, *, city: str, organisation: str, limit: int) -> tuple[str, Json]:
    """A title and the mentors for a request that is kept, or else for a text."""
    if request_id:
        request = api.get(f"/api/v1/mentoring-requests/{request_id}")
        answer = api.get(f"/api/v1/mentoring-requests/{request_id}/suggestions", limit=limit)
        return f"{request['organisation']}：{request['title']}", answer
    body = {"organisation": organisation, "title": text, "city": city or None}
    return text, api.post("/api/v1/suggestions", {"mentoring_request": body, "limit": limit})


def list_requests(api: Client, terminal: Terminal) -> None:
    """The newest requests, to choose one of."""
    page = api.get("/api/v1/mentoring-requests", page_size=50)
    rows = ((r["id"], r["state"] or "", r["organisation"], r["title"]) for r in page["mentoring_requests"])
    terminal.table(("ID", "状态 State", "单位 Organisation", "需求 Request"), rows)


def status(api: Client, terminal: Terminal, running: Running | None, versions: dict[str, str]) -> int:
    """Show whether everything works, what is in the index, what runs, which versions; returns the exit status."""
    try:
        ready = f"就绪 ready, revision {api.get('/readyz')['revision']}"
        code = 0
    except ApiProblem as problem:
        ready, code = f"未就绪 not ready: {problem.message}", 1
    rows: list[tuple[str, str]] = [("地址 Address", api.url), ("状态 State", ready)]
    try:
        rows += [(f"索引 Index: {name}", _shown(value)) for name, value in api.get("/api/v1/index-status").items()]
    except ApiProblem as problem:
        rows.append(("索引 Index", problem.message))
        code = 1
    if running:
        rows += [(f"进程 Process: {name}", f"{pid}{_memory(pid)}") for name, pid in running.pids.items()]
    rows += [(f"版本 Version: {name}", version) for name, version in versions.items()]
    terminal.table(("", ""), rows)
    return code


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    return "–" if value is None else str(value)


def _memory(pid: int) -> str:
    """Resident memory of a process, where the system tells."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return ""
    return f", {pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MiB"
