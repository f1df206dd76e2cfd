"""The result of a cohort, line by line, and as a workbook."""

from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.styles import Font
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.domain import Cohort, CohortLine
from yinling_gateway.pages import labels
from yinling_gateway.pages.tables import NOTES_SHEET
from yinling_gateway.pages.texts import Texts, chance
from yinling_gateway.pages.workbooks import content_of, put, put_head

TEMPLATE_NAME = "成批匹配名单模板.xlsx"
_TEMPLATE: tuple[tuple[str, str | int, int], ...] = (
    ("姓名", "示例：李明", 16),
    ("岗位", "连铸操作工", 18),
    ("想学什么*", "板坯连铸漏钢预报、结晶器维护", 40),
    ("城市", "攀枝花", 12),
    ("工作方式", "均可", 12),
    ("每周小时数", 4, 12),
    ("导师人数", 1, 12),
)
_NOTES = (
    "一人一行，从第 2 行填起；第 2 行是示例，留着也不会导入。 One person a row; row 2 is an example and is never read.",
    "“想学什么”必填，多项用顿号或分号分开。 What to learn is needed; several points are separated by 、 or ;",
    "城市写地级市名称；工作方式为 现场、远程 或 均可。 A prefecture-level city; the mode is 现场, 远程 or 均可.",
    "姓名只在结果里显示，不参与匹配。 Names are shown in the result and never matched.",
)


@dataclass
class Line:
    """One request of a cohort with what came of it.

    Attributes:
        number: From 0.
        why: Address of the page that says why; the id of a person may follow.
        mentee: Whether there is no request that is kept.
    """

    number: int
    what: CohortLine
    why: str
    assignments: list[matching.Assignment] = field(default_factory=list)
    unassigned: matching.Unassigned | None = None

    def address(self, profile_id: str) -> str:
        """Where the page says why a person fits."""
        return f"{self.why}?limit=30&person={profile_id}#person-{profile_id}"


@dataclass
class Result:
    """What came of a cohort."""

    lines: list[Line]
    answer: service.AssignCohortResponse

    @property
    def gain(self) -> float:
        """How much more all together get than where each in turn takes the best who is left."""
        return self.answer.total - self.answer.greedy_total

    @property
    def missing(self) -> int:
        """How many people are lacking."""
        return sum(each.missing for each in self.answer.unassigned)

    def name_of(self, number: int) -> str:
        """What a request of the cohort is called."""
        return self.lines[number].what.name if 0 <= number < len(self.lines) else ""


def result_of(cohort: Cohort) -> Result:
    """The result of a cohort that is done."""
    answer = service.AssignCohortResponse.FromString(cohort.response or b"")
    lines = [
        Line(n, what, f"/requests/{what.request_id}" if what.request_id else f"/cohorts/{cohort.id}/{n}")
        for n, what in enumerate(cohort.lines)
    ]
    for assignment in answer.assignments:
        lines[assignment.request].assignments.append(assignment)
    for unassigned in answer.unassigned:
        lines[unassigned.request].unassigned = unassigned
    return Result(lines, answer)


def workbook_of(result: Result, texts: Texts) -> bytes:
    """The result as a workbook: one row for each person assigned, and for each request without one."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = texts.gettext("Assignments")
    widths = {
        texts.gettext("Request or mentee"): 28,
        texts.gettext("What is asked"): 44,
        texts.gettext("Mentor"): 14,
        texts.gettext("Score in percent"): 12,
        texts.gettext("Fit"): 12,
        texts.gettext("Remark"): 60,
    }
    put_head(sheet, widths)
    for line in result.lines:
        for assignment in line.assignments:
            fit = texts.gettext(labels.FIT[assignment.label])
            what = line.what
            put(
                sheet,
                [what.name, what.asks, assignment.name, chance(assignment.score) if assignment.label else "", fit, ""],
            )
        if line.unassigned is not None:
            put(sheet, [line.what.name, line.what.asks, "", "", "", lacking(line.unassigned, result, texts)])
    summary = workbook.create_sheet(texts.gettext("Summary"))
    for words, value in figures(result, texts):
        put(summary, [words, value])
    summary.column_dimensions["A"].width = 44
    return content_of(workbook)


def figures(result: Result, texts: Texts) -> list[tuple[str, str | int]]:
    """The few numbers that say how good the result is."""
    answer = result.answer
    return [
        (texts.gettext("people assigned"), len(answer.assignments)),
        (texts.gettext("places still open"), result.missing),
        (texts.gettext("good matches to be expected"), f"{answer.total:.1f}"),
        (texts.gettext("more than choosing one by one"), f"{'−' if result.gain < 0 else '+'}{abs(result.gain):.1f}"),
    ]


def lacking(unassigned: matching.Unassigned, result: Result, texts: Texts) -> str:
    """Say why a request did not get everybody it wants, and who has its best candidates."""
    words = texts.ngettext("%(num)d is lacking.", "%(num)d are lacking.", unassigned.missing)
    words += " " + texts.gettext(labels.UNASSIGNED.get(unassigned.reason, ""))
    if unassigned.taken:
        taken = texts.gettext("%(name)s (now with: %(request)s)")
        people = [taken % {"name": each.name, "request": result.name_of(each.request)} for each in unassigned.taken]
        words += " " + texts.gettext("The best for it: %(people)s.") % {"people": texts.listed(people)}
    elif unassigned.best_score:
        words += " " + texts.gettext("The best score is %(score)d%%.") % {"score": chance(unassigned.best_score)}
    return words


def template() -> bytes:
    """The empty list of mentees."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "名单"
    put_head(sheet, {header: width for header, _, width in _TEMPLATE})
    examples: list[str | int] = [example for _, example, _ in _TEMPLATE]
    put(sheet, examples)
    for cell in sheet[2]:
        cell.font = Font(italic=True, color="FF7F7F7F")
    notes = workbook.create_sheet(NOTES_SHEET)
    for note in _NOTES:
        put(notes, [note])
    return content_of(workbook)
