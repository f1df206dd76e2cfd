"""Accounts, keys and import jobs as JSON."""

from yinling_common.errors import ErrorReason, Violation, YinlingError
from yinling_gateway import domain, problems
from yinling_gateway.models import accounts as models
from yinling_gateway.models import imports as import_models
from yinling_gateway.models.problems import FieldProblem


def account(value: domain.Account) -> models.Account:
    """An account."""
    return models.Account.model_validate(vars(value))


def api_key(value: domain.ApiKey) -> models.ApiKey:
    """A key without its secret."""
    return models.ApiKey.model_validate(vars(value))


def import_job(job: domain.ImportJob, *, english: bool) -> import_models.ImportJob:
    """An import."""
    return import_models.ImportJob.model_validate(_job(job, english=english))


def import_detail(
    job: domain.ImportJob, issues: list[domain.ImportIssue], next_page_token: str, *, english: bool
) -> import_models.ImportDetail:
    """An import with one page of its issues."""
    page = [vars(issue) for issue in issues]
    return import_models.ImportDetail.model_validate(
        _job(job, english=english) | {"issue_page": page, "next_page_token": next_page_token}
    )


def problem_of(job: domain.ImportJob) -> YinlingError | None:
    """Why an import failed, as an error."""
    if not job.problem or job.problem["reason"] not in ErrorReason.__members__:
        return None
    error = YinlingError(job.problem["message"], violations=[Violation(**v) for v in job.problem.get("violations", [])])
    error.reason = ErrorReason(job.problem["reason"])  # type: ignore[misc] # this one error stands for any kind
    return error


def _job(job: domain.ImportJob, *, english: bool) -> dict[str, object]:
    error = problem_of(job)
    problem = None
    if error is not None:
        said = problems.from_error(error, english=english)
        problem = import_models.ImportProblem(
            reason=said.reason,
            title=said.title,
            detail=said.detail,
            errors=[FieldProblem.model_validate(vars(field)) for field in said.errors],
        )
    url = f"/api/v1/imports/{job.id}/annotated" if job.has_annotated else None
    return vars(job) | {"problem": problem, "annotated_url": url}
