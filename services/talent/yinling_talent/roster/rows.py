"""One row of a roster → a profile, or everything that is wrong with it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from yinling_common.errors import InvalidField, Violation
from yinling_common.identity_numbers import mask_identity_numbers
from yinling_talent import rules
from yinling_talent.domain import Consent, ImportRow, Profile, roster_key
from yinling_talent.roster import cells, contacts, explain, values
from yinling_talent.roster.fields import Cell, Fields, Problem
from yinling_talent.roster.headers import IDENTITY, IGNORED
from yinling_talent.roster.issues import Issue, Severity, shown
from yinling_talent.roster.repeats import Person
from yinling_talent.roster.tables import Column, Row, Table

Key = tuple[str, str, str]
LONGEST_CELL = 32_767
"""Characters of a cell, the limit of spreadsheets; a CSV file can hold more."""
_KEY_FIELDS = frozenset({"organisation", "employee_number", "name", "birth", "age", "former_employer"})


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A row that can be taken.

    Attributes:
        key: What makes two rows the same person; see `yinling_talent.domain.roster_key`.
        profile: The person, as the rules keep it.
        stated_fields: Paths of the fields that the row states; the others stay as they are in a profile that exists.
        sheet: Name of the sheet; empty for CSV.
        row: Row as a spreadsheet numbers it.
    """

    key: Key
    profile: Profile
    stated_fields: frozenset[str]
    sheet: str
    row: int

    def to_import(self) -> ImportRow:
        """The row as `import_profiles` takes it."""
        return ImportRow(profile=self.profile, stated=self.stated_fields)


class RowReader:
    """Reads the rows of one table.

    Args:
        table: The table.
        organisation: Organisation of rows that name none.
        today: Day of the import.
    """

    def __init__(self, table: Table, organisation: str, today: dt.date) -> None:
        self._table = table
        self._organisation = organisation
        self._today = today
        self._columns = [column for column in table.columns if column.field not in {None, IGNORED, IDENTITY}]
        self._key_columns = [column for column in self._columns if column.field in _KEY_FIELDS]
        self._all_columns = {column.field: column for column in reversed(self._columns)}

    def person(self, row: Row) -> Person:
        """Who stands in a row, without reading the rest of it."""
        return Person.of(self._person(Fields(self._cells(row, self._key_columns))))

    def read(self, row: Row) -> tuple[RosterRow | None, list[Issue]]:
        """The profile of a row, None where it has errors, and all that is wrong with it."""
        fields = Fields(self._cells(row, self._columns))
        profile = self._profile(fields)
        problems = [*self._too_long(row), *fields.problems]
        failed = {problem.column for problem in problems if problem.severity is Severity.ERROR}
        try:
            profile = rules.normalise(profile, prefix="", today=self._today)
        except InvalidField as error:
            problems += self._broken(error.violations, fields, failed)
        issues = [self._issue(row, problem) for problem in problems]
        if any(issue.is_error for issue in issues):
            return None, issues
        stated = frozenset(fields.stated | {"organisation", "name"})
        return RosterRow(roster_key(profile), profile, stated, self._table.name, row.number), issues

    @staticmethod
    def _cells(row: Row, columns: list[Column]) -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {}
        for column in columns:
            value = row.cells[column.index] if column.index < len(row.cells) else ""
            written = cells.text(value) if value != "" else ""
            if 0 < len(written) <= LONGEST_CELL:
                found.setdefault(str(column.field), []).append(Cell(column, value, written))
        return found

    def _too_long(self, row: Row) -> Iterator[Problem]:
        for column in self._columns:
            value = row.cells[column.index] if column.index < len(row.cells) else ""
            if isinstance(value, str) and len(value) > LONGEST_CELL:
                yield Problem(
                    Severity.ERROR, column, value, "cell.max_len", f"内容太长，一个单元格最多 {LONGEST_CELL} 个字",
                    "请缩短",
                    f"has {len(value)} characters, a cell holds at most {LONGEST_CELL}; shorten it",
                )  # fmt: skip

    def _person(self, row: Fields) -> Profile:
        """What tells the person apart."""
        return Profile(
            organisation=row.text("organisation") or self._organisation,
            employee_number=values.employee_number(row),
            name=row.text("name", cells.person_name),
            birth_year=values.birth_year(row, self._today),
            former_employer=row.text("former_employer"),
        )

    def _profile(self, row: Fields) -> Profile:
        person = self._person(row)
        level, titles = row.title()
        known, others = values.limits(row)
        first, last = values.period(row)
        travel, max_distance_km = values.travel(row)
        return Profile(
            organisation=person.organisation,
            employee_number=person.employee_number,
            name=person.name,
            birth_year=person.birth_year,
            former_employer=person.former_employer,
            gender=values.gender(row),
            city=values.city(row),
            last_position=row.text("last_position"),
            title_level=level,
            industry=row.text("industry"),
            years=values.number(row, "years", "30") or 0,
            skills=row.skills(),
            experience=row.experience(),
            credentials=row.credentials(titles),
            bio=row.all_text("bio"),
            modes=values.modes(row),
            hours_per_week=values.hours_per_week(row),
            travel=travel,
            max_distance_km=max_distance_km,
            limits=known,
            other_limits=others,
            languages=values.languages(row),
            wishes=row.all_text("wishes"),
            capacity=values.number(row, "capacity", "2"),
            available_from=values.day(row, "available_from") or first,
            available_to=values.day(row, "available_to", last=True) or last,
            paused=values.yes_no(row, "paused") or False,
            consent=Consent(granted=values.yes_no(row, "consent.granted") or False),
            contact=contacts.contact(row),
        )

    def _broken(self, violations: list[Violation], row: Fields, failed: set[Column | None]) -> Iterator[Problem]:
        """The broken rules as problems of cells; not again where the cell could not be read at all."""
        for violation in violations:
            path = violation.field.split("[")[0]
            paths = explain.sources(path)
            column = next((found for each in paths if (found := row.column(each))), None)
            column = column or next((self._all_columns[each] for each in paths if each in self._all_columns), None)
            if column in failed and column is not None:
                continue
            value = next((cell.text for each in explain.sources(path) for cell in row.all(each)), "")
            reason, advice = explain.in_chinese(violation)
            label = column.header if column else path
            yield Problem(
                Severity.ERROR, column, value, explain.rule(violation), reason, advice, f"{label}: {violation.message}"
            )

    def _issue(self, row: Row, problem: Problem) -> Issue:
        column = problem.column
        return Issue(
            severity=problem.severity,
            sheet=self._table.name,
            row=row.number,
            column=column.header if column else "",
            value=shown(problem.value),
            rule=problem.rule,
            reason=mask_identity_numbers(problem.reason),  # it may quote the cell
            advice=problem.advice,
            message_en=problem.message_en,
            position=column.index + 1 if column else 0,
        )
