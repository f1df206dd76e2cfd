"""Matching a cohort, as JSON."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Flag, Input, Int, Number, Output, Revision, Text
from yinling_gateway.models.requests import MentoringRequestInput
from yinling_gateway.models.suggestions import Label


class Objective(StrEnum):
    """What is best."""

    OPTIMAL = "optimal"
    STABLE = "stable"


class UnassignedReason(StrEnum):
    """Why a request did not get everybody it wants."""

    NOT_ENOUGH_INFORMATION = "not_enough_information"
    NOBODY_ELIGIBLE = "nobody_eligible"
    NOBODY_FITS = "nobody_fits"
    ALL_TAKEN = "all_taken"


class CohortRequest(Input):
    """One request of a cohort: one that is kept, or one that is not, such as one mentee."""

    request_id: Text | None = Field(None, description="Id of a request that is kept.")
    mentoring_request: MentoringRequestInput | None = Field(None, description="One that is not kept.")
    mentors: Int | None = Field(None, description="How many people are wanted; null means 1.")


class CohortPair(Input):
    """A request and a person."""

    request: Int | None = Field(None, description="Number of the request in the cohort, from 0.")
    profile_id: Text | None = None


class CohortInput(Input):
    """A cohort to be matched."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "requests": [
                        {"request_id": "7d1e3a52-8c4b-4d1e-9a57-0c3f6f2b9e10", "mentors": 2},
                        {"mentoring_request": {"title": "连铸青年工", "requirements": [{"text": "板坯连铸漏钢预报"}]}},
                    ],
                    "objective": "optimal",
                    "min_score": 0.4,
                }
            ]
        }
    )

    requests: list[CohortRequest] = Field(description="1 to 2,000 requests.")
    objective: Objective | None = Field(None, description="Null means optimal.")
    organisations: list[Text] | None = Field(None, description="Only people kept by these organisations.")
    fixed: list[CohortPair] | None = Field(None, description="Pairs that are decided already.")
    forbidden: list[CohortPair] | None = Field(None, description="Pairs that must not be.")
    min_score: Number | None = Field(None, description="Nobody is assigned below it; null means 0.2.")
    min_revision: Revision | None = Field(None, description="The index must have applied this revision.")


class Assignment(Output):
    """A person assigned to a request of a cohort."""

    request: int = Field(description="Number of the request in the cohort, from 0.")
    profile_id: str
    name: str
    score: float
    label: Label | None
    fixed: Flag = Field(description="Whether the caller fixed the pair.")


class Unassigned(Output):
    """A request of a cohort that did not get everybody it wants."""

    request: int = Field(description="Number of the request in the cohort, from 0.")
    missing: int = Field(description="How many people it lacks.")
    reason: UnassignedReason | None
    taken: list[Assignment] = Field(description="Of all_taken: the best who fit, with the request that has them.")
    best_score: float = Field(description="The best score among the eligible; 0 where there is none.")


class CohortResult(Output):
    """Who is assigned to what."""

    assignments: list[Assignment]
    unassigned: list[Unassigned]
    total: float = Field(description="Sum of the scores.")
    greedy_total: float = Field(description="The same where each request in turn takes the best who is left.")
    greedy_assigned: int = Field(description="People assigned that way.")
    revision: int = Field(description="Revision of the profile feed that the answer is built on.")
