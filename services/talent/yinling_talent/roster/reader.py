"""A roster file as a stream of people and issues."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from yinling_talent.domain import same_name
from yinling_talent.roster.container import unreadable
from yinling_talent.roster.headers import IDENTITY
from yinling_talent.roster.issues import Issue, Severity, shown
from yinling_talent.roster.repeats import Person, repeated
from yinling_talent.roster.rows import RosterRow, RowReader
from yinling_talent.roster.sheets import Sheet, open_sheets
from yinling_talent.roster.tables import Row, Table, find_table

MAX_ROWS = 50_000


class RosterReader:
    """Gives the rows of a roster and what is wrong with it, in the order of the file. It can be read once.

    A row comes after its own warnings. A row with errors is not given. Where a person stands in the file more than
    once, the last row counts, and each earlier one is a warning with rule "row.duplicate". Two people with one
    employee number are both given: which of them it belongs to shows against what is kept.

    Attributes:
        total_rows: Rows that hold a person.
        rows_done: Of these, how many were looked at.
        failed: Of these, how many could not be taken.
        duplicates: Of these, how many repeat a person who comes again.
        ignored_columns: Headers that were not understood.
        issues: Every issue given up to now.
    """

    def __init__(self, tables: list[Table], unread: list[Issue], organisation: str, today: dt.date) -> None:
        self._tables = [(table, RowReader(table, organisation, today)) for table in tables]
        self._pending = [*unread, *(issue for table in tables for issue in _column_issues(table))]
        people = self._find_people()
        self._repeated = repeated(people)
        self.total_rows = len(people)
        self.rows_done = self.failed = self.duplicates = 0
        self.issues: list[Issue] = []
        self.ignored_columns = list(
            dict.fromkeys(column.header for table in tables for column in table.columns if column.field is None)
        )

    def __iter__(self) -> Iterator[RosterRow | Issue]:
        """Reads on."""
        for issue in self._pending:
            self.issues.append(issue)
            yield issue
        for table, reader in self._tables:
            for row in table.rows():
                again = self._repeated.get(self.rows_done)
                self.rows_done += 1
                if again:
                    self.duplicates += 1
                    issues, taken = [_duplicate(table, row, reader.person(row), again)], None
                else:
                    taken, issues = reader.read(row)
                    self.failed += taken is None
                self.issues += issues
                yield from issues
                if taken is not None:
                    yield taken

    def _find_people(self) -> list[Person]:
        """Who stands in each row: one quick pass, to know what comes again and how much there is."""
        people: list[Person] = []
        for table, reader in self._tables:
            for row in table.rows():
                people.append(reader.person(row))
                if len(people) > MAX_ROWS:
                    raise unreadable(
                        "file.rows",
                        f"人员超过 {MAX_ROWS} 行，请拆分成多个文件后上传",
                        f"there are more than {MAX_ROWS} people; split the file",
                    )
        if not people:
            raise unreadable(
                "file.no_rows",
                "表头下面没有人员，请填写后上传",
                "there is nobody below the header row; fill in the list and upload it again",
            )
        return people


def read_roster(path: Path, filename: str, default_organisation: str, *, today: dt.date | None = None) -> RosterReader:
    """Opens a roster.

    Args:
        path: The file.
        filename: The name under which it was uploaded.
        default_organisation: Organisation of rows that name none.
        today: Day of the import, for ages; the current day by default.

    Raises:
        UnreadableFile: Nothing in it can be read; the message says why and what to do. It can come while iterating
            too, where a CSV file breaks off.
    """
    tables: list[Table] = []
    unread: list[Issue] = []
    for sheet in open_sheets(path, filename):
        table = find_table(sheet)
        if table is None and not _has_text(sheet):
            continue
        if table is None or sheet.hidden:
            unread += [] if sheet.hidden and table is None else [_unread(sheet)]
        else:
            tables.append(table)
    if not tables:
        raise unreadable(
            "file.no_header",
            "没有找到表头。请保留一行列名，至少有“姓名”和另一列（如“出生年月”“居住地”），可先下载模板对照",
            'no header row was found; keep one row of column names with at least "姓名" and one more, see the template',
        )
    return RosterReader(tables, unread, default_organisation, today or dt.datetime.now(dt.UTC).date())


def _has_text(sheet: Sheet) -> bool:
    return any(any(cell != "" for cell in row) for row in sheet.rows())


def _unread(sheet: Sheet) -> Issue:
    reason, english = (
        ("工作表被隐藏，没有读取", "the sheet is hidden and was not read; show it if it is a list, else delete it")
        if sheet.hidden
        else (
            "工作表没有表头，没有读取",
            'the sheet has no header row with "姓名" and was not read; add one if it is a list',
        )
    )
    advice = "如果是名单，请取消隐藏后重新上传" if sheet.hidden else "如果是名单，请补上列名（至少有“姓名”）后重新上传"
    rule = "sheet.hidden" if sheet.hidden else "sheet.no_header"
    return Issue(Severity.WARNING, sheet.name, 0, "", "", rule, reason, advice, english)


def _column_issues(table: Table) -> Iterator[Issue]:
    fields = {column.field for column in table.columns}
    for column in table.columns:
        if column.field == IDENTITY:
            rule, reason, advice, english = (
                "column.identity_number", "身份证号列不会读取，也不会保存", "上传前请删去此列",
                "identity card numbers are neither read nor kept; delete the column before you upload",
            )  # fmt: skip
        elif column.field == "age" and "birth" not in fields:
            rule, reason, advice, english = (
                "column.age", "只有年龄，出生年份按导入当年推算，可能差一年",
                "请改用“出生年月”列，以免下次导入时认不出同一人",
                "the year of birth is reckoned from the age and may be one year off; give the year of birth instead",
            )  # fmt: skip
        else:
            continue
        yield Issue(
            Severity.WARNING, table.name, table.header_row, column.header, "", rule, reason, advice, english,
            column.index + 1,
        )  # fmt: skip


def _duplicate(table: Table, row: Row, person: Person, again: Person) -> Issue:
    column = next(column for column in table.columns if column.field == "name")
    value = str(row.cells[column.index]) if column.index < len(row.cells) else ""
    if not again.number:
        reason, advice, english = (
            "同一人在后面还有一行，以最后一行为准，本行未导入",
            "请只保留一行；如果是两个人，请补填工号或出生年份",
            (
                "the same person stands in a later row, which counts; this row was not taken. Leave one, "
                "or give employee numbers or years of birth where they are two people"
            ),
        )
    else:
        no, name = shown(again.number), shown(again.name)
        other, other_english = (
            ("", "")
            if same_name(person.name, again.name)
            else (f"（姓名是“{name}”）", f' (there the name is "{name}")')
        )
        reason, advice, english = (
            f"工号 {no} 在后面还有一行{other}，以最后一行为准，本行未导入",
            f"请只保留一行；如果是两个人，工号 {no} 重复了，请改正工号",
            (
                f"employee number {no} stands in a later row too{other_english}, which counts; this row was not taken. "
                "Leave one row, or mend the number where they are two people"
            ),
        )
    return Issue(
        Severity.WARNING, table.name, row.number, column.header, shown(value), "row.duplicate", reason, advice, english,
        column.index + 1,
    )  # fmt: skip
