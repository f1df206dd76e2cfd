"""The values of one row's fields, each out of its cells. What cannot be read becomes a problem, never an exception."""

from collections.abc import Callable
from typing import NamedTuple

from yinling_common.titles import is_bare_level, title_level
from yinling_common.types import TitleLevel
from yinling_talent.domain import Credential, ExperienceItem
from yinling_talent.roster import cells, history
from yinling_talent.roster.issues import Severity
from yinling_talent.roster.sheets import Value
from yinling_talent.roster.tables import Column


class Cell(NamedTuple):
    """A cell that is not empty, with its column."""

    column: Column
    value: Value
    text: str


class Problem(NamedTuple):
    """What is wrong with a cell, before it is known where the cell stands."""

    severity: Severity
    column: Column | None
    value: str
    rule: str
    reason: str
    advice: str
    message_en: str


class Fields:
    """Reads the fields of one row and collects what is wrong."""

    def __init__(self, row: dict[str, list[Cell]]) -> None:
        self._row = row
        self.problems: list[Problem] = []
        self.stated: set[str] = set()

    def column(self, path: str) -> Column | None:
        """The column that a field came from."""
        found = self._row.get(path)
        return found[0].column if found else None

    # Text.

    def text(self, path: str, read: Callable[[str], str] = str) -> str:
        """The first cell of a field that says something."""
        for cell in self._row.get(path, ()):
            value = self.safe(cell)
            if not cells.is_nothing(value):
                self.stated.add(path)
                return read(value)
        return ""

    def all_text(self, path: str) -> str:
        """All cells of a field, a line each."""
        values = dict.fromkeys(self.safe(cell) for cell in self._row.get(path, ()))
        kept = [value for value in values if not cells.is_nothing(value)]
        if kept:
            self.stated.add(path)
        return "\n".join(kept)

    def skills(self) -> tuple[str, ...]:
        """The skills of all columns that name some, once each."""
        found: dict[str, None] = {}
        for cell in self._row.get("skills", ()):
            found.update(dict.fromkeys(cells.items(self.safe(cell))))
        self._state("skills", stated=bool(found))
        return tuple(found)

    def experience(self) -> tuple[ExperienceItem, ...]:
        """The items of all columns that list some."""
        found: dict[ExperienceItem, None] = {}
        for cell in self._row.get("experience", ()):
            found.update(dict.fromkeys(history.experience(self.safe(cell))))
        self._state("experience", stated=bool(found))
        return tuple(found)

    def title(self) -> tuple[TitleLevel, list[Credential]]:
        """The highest level of the titles named, and the titles as certificates."""
        level, titles = TitleLevel.UNSPECIFIED, []
        for cell in self._row.get("title", ()):
            for name in cells.items(self.safe(cell)):
                found = title_level(name)
                level = max(level, found or TitleLevel.UNSPECIFIED)
                if not is_bare_level(name):
                    titles.append(Credential(name=name))
                if found is None:
                    self.warn(
                        cell, "title.unknown", "不能从这个职称判断级别，级别留空",
                        "职称请写全称（如“高级工程师”“高级技师”），或填 员级、助理级、中级、副高级、正高级",
                        'no level is known for this title, so none is set; write it in full, for example "高级工程师"',
                    )  # fmt: skip
        if level:
            self.stated.add("title_level")
        return level, titles

    def credentials(self, titles: list[Credential]) -> tuple[Credential, ...]:
        """The titles and the certificates, once each."""
        found = {credential.name: credential for credential in titles}
        for cell in self._row.get("credentials", ()):
            for credential in history.credentials(self.safe(cell)):
                found[credential.name] = credential
        self._state("credentials", stated=bool(found))
        return tuple(found.values())

    def _state(self, path: str, *, stated: bool) -> None:
        if stated:
            self.stated.add(path)

    def safe(self, cell: Cell) -> str:
        """The text of a cell without identity card numbers."""
        kept = cells.redacted(cell.text)
        if kept != cell.text:
            self.warn(
                cell, "text.identity_number", "含有身份证号，已删除，不会保存", "请从表中删去身份证号",
                "contains an identity card number, which was removed and is not kept; take it out of the table",
            )  # fmt: skip
        return kept

    # What is wrong, and access for readers of other fields.

    def warn(self, cell: Cell, rule: str, reason: str, advice: str, message_en: str) -> None:
        """Says that something was left out or changed."""
        self._say(Severity.WARNING, cell, rule, reason, advice, message_en)

    def fail(self, cell: Cell, rule: str, reason: str, advice: str, message_en: str) -> None:
        """Says that the row cannot be taken."""
        self._say(Severity.ERROR, cell, rule, reason, advice, message_en)

    def _say(  # noqa: PLR0917 - what a problem says, in its order
        self, severity: Severity, cell: Cell, rule: str, reason: str, advice: str, message_en: str
    ) -> None:
        value = cell.text
        self.problems.append(Problem(severity, cell.column, value, rule, reason, advice, message_en))

    def first(self, path: str) -> Cell | None:
        """The first cell of a field that is not a word for nothing."""
        found = (cell for cell in self._row.get(path, ()) if not cells.is_nothing(cell.text))
        return next(found, None)

    def first_of_all(self, path: str) -> Cell | None:
        """The first cell of a field, words for nothing too: "无" answers a question."""
        return next(iter(self._row.get(path, ())), None)

    def all(self, path: str) -> list[Cell]:
        """Every cell of a field that is not empty."""
        return self._row.get(path, [])
