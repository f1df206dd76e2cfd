"""The JSON models say what the protos say: no field and no value is forgotten on either side."""

import re
from datetime import date
from enum import StrEnum

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor
from google.protobuf.message import Message
from pydantic import BaseModel, ValidationError
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import engagement_pb2 as engaging
from yinling.matching.v1 import engagement_service_pb2 as engaging_service
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common.errors import Violation
from yinling_gateway import messages
from yinling_gateway.converters.messages import answer, fill, mask, to_json
from yinling_gateway.converters.violations import from_pydantic, to_json_path
from yinling_gateway.models import (
    base,
    between,
    cohorts,
    engagements,
    figures,
    imports,
    invitations,
    notices,
    opt_ins,
    privacy,
    profiles,
    reports,
    request_changes,
    requests,
    sessions,
    suggestions,
    weights,
)
from yinling_gateway.rest.contract import STANDS_FOR


def _names(descriptor: Descriptor) -> set[str]:
    return {field.name for field in descriptor.fields}


SET_BY_SERVICE = {"id", "revision", "create_time", "update_time", "open_time", "etag"}

ANSWERS: list[tuple[type[BaseModel], type[Message]]] = [
    (profiles.Profile, talent.Profile),
    (profiles.ExperienceItem, talent.ExperienceItem),
    (profiles.Credential, talent.Credential),
    (profiles.Consent, talent.Consent),
    (profiles.Contact, talent.Contact),
    (profiles.ProfilePage, talent_service.SearchProfilesResponse),
    (requests.MentoringRequest, matching.MentoringRequest),
    (requests.Requirement, matching.Requirement),
    (requests.MentoringRequestPage, matching_service.ListMentoringRequestsResponse),
    (suggestions.Suggestions, matching_service.SuggestMentorsResponse),
    (suggestions.Suggestion, matching.Suggestion),
    (suggestions.Evidence, matching.Evidence),
    (suggestions.Check, matching.Check),
    (suggestions.Exclusion, matching.Exclusion),
    (suggestions.RequestSuggestions, matching_service.SuggestRequestsResponse),
    (suggestions.RequestSuggestion, matching.RequestSuggestion),
    (suggestions.IndexStatus, matching_service.IndexStatusResponse),
    (suggestions.Adjustment, matching.Adjustment),
    (suggestions.SimilarPerson, matching.SimilarPerson),
    (suggestions.Relaxation, matching.Relaxation),
    (weights.Weights, matching.Weights),
    (weights.MatchingSettings, matching.MatchingSettings),
    (cohorts.CohortResult, matching_service.AssignCohortResponse),
    (cohorts.Assignment, matching.Assignment),
    (cohorts.Unassigned, matching.Unassigned),
    (invitations.Invitation, engaging.Invitation),
    (invitations.InvitationList, engaging_service.InviteMentorsResponse),
    (invitations.InvitationPage, engaging_service.ListInvitationsResponse),
    (opt_ins.OptIn, engaging.OptIn),
    (opt_ins.OptInPage, engaging_service.ListOptInsResponse),
    (engagements.Engagement, engaging.Engagement),
    (engagements.EngagementPage, engaging_service.ListEngagementsResponse),
    (engagements.Goal, engaging.Goal),
    (engagements.EnterpriseContact, engaging.EnterpriseContact),
    (engagements.MentorContact, engaging_service.MentorContact),
    (request_changes.RequestChange, engaging.MentoringRequestChange),
    (request_changes.FieldChange, engaging.MentoringRequestChange.Field),
    (request_changes.RequestChangePage, matching_service.ListMentoringRequestChangesResponse),
    (sessions.MentoringSession, engaging.MentoringSession),
    (sessions.WeekHours, engaging.WeekHours),
    (sessions.LoggedSession, engaging_service.LogMentoringSessionResponse),
    (sessions.SessionPage, engaging_service.ListMentoringSessionsResponse),
    (sessions.EngagementFeedback, engaging.EngagementFeedback),
    (sessions.FeedbackStanding, engaging_service.ListEngagementFeedbackResponse.Standing),
    (sessions.EngagementFeedbackList, engaging_service.ListEngagementFeedbackResponse),
]

CALL = {"id", "request_id", "etag"}
NOT_TYPED = _names(engaging.MentoringSession.DESCRIPTOR) - {"start_time", "minutes", "summary", "next_step", "place"}

LEFT_OUT: dict[type[BaseModel], set[str]] = {
    base.Paged: {"id"},
    privacy.AuditQuery: {"id"},
    notices.NoticeQuery: {"id"},
    notices.DeliveryQuery: {"id"},
    figures.FiguresFileQuery: {"without_skills"},
    reports.ExposureQuery: {"page_size", "page_token"},
    profiles.ProfileInput: SET_BY_SERVICE,
    profiles.NewProfile: SET_BY_SERVICE,
    profiles.ConsentInput: {"update_time"},
    requests.MentoringRequestInput: SET_BY_SERVICE,
    requests.NewMentoringRequest: SET_BY_SERVICE,
    suggestions.SuggestionQuery: {"request_id", "mentoring_request"},
    suggestions.SuggestionInput: {"request_id", "leave_out_asked"},
    suggestions.RequestSuggestionQuery: {"profile_id"},
    weights.MatchingSettingsInput: SET_BY_SERVICE | {"organisation", "effective"},
    invitations.InvitationsInput: {"mentoring_request_id", "request_id"},
    opt_ins.OptInInput: {"mentoring_request_id", "request_id"},
    invitations.Decline: CALL,
    opt_ins.TurnDown: CALL,
    engagements.End: CALL,
    engagements.GoalInput: {"update_time"},
    engagements.EngagementInput: _names(engaging.Engagement.DESCRIPTOR)
    - {"goals", "planned_end_date", "enterprise_contact"},
    sessions.SessionInput: NOT_TYPED,
    sessions.NewSession: NOT_TYPED,
    sessions.SessionHeld: CALL,
    sessions.EngagementFeedbackInput: {"engagement_id", "side", "update_time"},
}
"""Fields of the messages that a client does not set."""

OF_THE_GATEWAY = {
    notices.NoticeQuery: {"unread"},
    notices.DeliveryQuery: {"state"},
}
"""Fields that no message has."""

ENUMS: list[tuple[type[StrEnum], EnumDescriptor]] = [
    (base.Gender, types.Gender.DESCRIPTOR),
    (base.TitleLevel, types.TitleLevel.DESCRIPTOR),
    (base.Mode, types.Mode.DESCRIPTOR),
    (base.PhysicalDemand, types.PhysicalDemand.DESCRIPTOR),
    (base.TravelRange, types.TravelRange.DESCRIPTOR),
    (requests.RequestState, matching.MentoringRequest.State.DESCRIPTOR),
    (requests.Importance, matching.Requirement.Importance.DESCRIPTOR),
    (suggestions.FacetKind, matching.FacetKind.DESCRIPTOR),
    (base.HardRule, matching.HardRule.DESCRIPTOR),
    (suggestions.Label, matching.Label.DESCRIPTOR),
    (suggestions.AdjustmentKind, matching.Adjustment.Kind.DESCRIPTOR),
    (cohorts.Objective, matching_service.AssignCohortRequest.Objective.DESCRIPTOR),
    (cohorts.UnassignedReason, matching.Unassigned.Reason.DESCRIPTOR),
    (suggestions.CheckOutcome, matching.Check.Outcome.DESCRIPTOR),
    (suggestions.Verdict, matching_service.SuggestMentorsResponse.Verdict.DESCRIPTOR),
    (suggestions.SuggestionView, matching_service.SuggestionView.DESCRIPTOR),
    (invitations.DeclineReason, engaging.DeclineReason.DESCRIPTOR),
    (opt_ins.TurnDownReason, engaging.TurnDownReason.DESCRIPTOR),
    (engagements.EndReason, engaging.EndReason.DESCRIPTOR),
    (between.ClosedBecause, engaging.ClosedBecause.DESCRIPTOR),
    (invitations.InvitationState, engaging.Invitation.State.DESCRIPTOR),
    (opt_ins.OptInState, engaging.OptIn.State.DESCRIPTOR),
    (engagements.EngagementState, engaging.Engagement.State.DESCRIPTOR),
    (request_changes.RequestAction, engaging.MentoringRequestChange.Action.DESCRIPTOR),
    (sessions.SessionState, engaging.MentoringSession.State.DESCRIPTOR),
    (sessions.Side, engaging.Side.DESCRIPTOR),
    (sessions.FeedbackPhase, engaging.FeedbackPhase.DESCRIPTOR),
]


@pytest.mark.parametrize(("model", "message"), ANSWERS)
def test_answers_have_the_fields_of_their_messages(model: type[BaseModel], message: type[Message]) -> None:
    assert set(model.model_fields) == _names(message.DESCRIPTOR)


@pytest.mark.parametrize("model", STANDS_FOR)
def test_inputs_have_every_field_that_can_be_set(model: type[BaseModel]) -> None:
    fields = _names(STANDS_FOR[model].DESCRIPTOR) - LEFT_OUT.get(model, set())
    assert set(model.model_fields) - OF_THE_GATEWAY.get(model, set()) == fields


@pytest.mark.parametrize(("words", "enum"), ENUMS)
def test_words_are_the_values_of_the_enums(words: type[StrEnum], enum: EnumDescriptor) -> None:
    numbers = [value.name for value in enum.values if value.number]
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    assert [word.value for word in words] == [name.removeprefix(prefix).lower() for name in numbers]


def test_summaries_of_imports_have_the_fields_of_theirs() -> None:
    fields = _names(talent_service.ImportSummary.DESCRIPTOR) - {"end_time"}
    assert set(imports.ImportSummary.model_fields) == fields


def test_a_profile_survives_the_way_there_and_back() -> None:
    given = profiles.ProfileInput.model_validate(
        {
            "organisation": "攀钢",
            "name": "王",
            "gender": "female",
            "birth_year": 1956,
            "title_level": "chief",
            "skills": ["一", "二"],
            "experience": [{"title": "一", "start_year": 2000}],
            "credentials": [{"name": "证", "year": 2005}],
            "modes": ["remote"],
            "travel": "nationwide",
            "max_distance_km": 300,
            "limits": ["dust_and_noise", "heights"],
            "languages": ["zh", "yue"],
            "capacity": 0,
            "available_from": "2026-02-28",
            "paused": True,
            "consent": {"granted": True},
            "contact": {"phone": "1"},
        }
    )
    message = fill(talent.Profile(), given)
    assert message.available_from == types.Date(year=2026, month=2, day=28)
    assert message.HasField("capacity")
    back = to_json(message)
    sent = given.model_dump(exclude_unset=True)
    for name, value in sent.items():
        if not isinstance(value, dict | list) or name in {"skills", "modes", "limits", "languages"}:
            assert back[name] == value
    assert back["available_from"] == date(2026, 2, 28)
    assert back["credentials"] == [{"name": "证", "issuer": "", "year": 2005}]
    assert answer(profiles.Profile, message).available_to is None


def test_a_mask_names_what_was_sent_null_included() -> None:
    given = profiles.ProfileInput.model_validate(
        {"city": None, "experience": [], "contact": {"phone": None, "email": "a@b.cn"}, "consent": None}
    )
    assert list(mask(given).paths) == ["city", "consent", "contact.email", "contact.phone", "experience"]
    assert not list(mask(profiles.ProfileInput.model_validate({"contact": {}})).paths)


@pytest.mark.parametrize(
    ("field", "root", "path"),
    [
        ("profile.birth_year", "profile", "birth_year"),
        ("profile", "profile", ""),
        ("profiles", "profile", "profiles"),
        ("mentoring_request.requirements[2].text", "mentoring_request", "requirements[2].text"),
        ("mentoring_request.start_date.month", "", "mentoring_request.start_date"),
        ("profile.available_to.year", "profile", "available_to"),
        ("id", "profile", "id"),
    ],
)
def test_fields_are_named_as_in_the_body(field: str, root: str, path: str) -> None:
    assert to_json_path(field, root) == path


@pytest.mark.parametrize(
    ("rule", "message", "chinese"),
    [
        ("string.max_len", "has 30000 characters, at most 20000 are kept; shorten it", "最多 20000 个字。"),
        ("string.max_len", "must be at most 200 characters", "最多 200 个字。"),
        ("string.min_len", "must be at least 1 characters", "必须填写。"),
        ("string.min_len", "must not be empty; fill it in", "必须填写。"),
        ("int32.gte_lte", "is 400; it must lie between 0 and 60", "应在 0 到 60 之间。"),
        (
            "city.unknown",
            'there is no city "攀枝"; did you mean 攀枝花, 昆明?',
            "不认识这个城市；相近的有：攀枝花、昆明。",
        ),
        ("city.unknown", "no such city", "不认识这个城市；请写地级市名称，如“攀枝花”。"),
        ("no.such_rule", "is odd", "is odd"),
        ("file.type", "这是 PDF，不是表格。This is a PDF.", "这是 PDF，不是表格。"),
    ],
)
def test_rules_are_told_in_chinese(rule: str, message: str, chinese: str) -> None:
    assert messages.of_violation(Violation("x", rule, message), english=False) == chinese


def test_a_moment_survives_the_way_there_and_back() -> None:
    given = sessions.SessionInput.model_validate({"start_time": "2026-12-08T09:30:00+08:00", "minutes": 60})
    message = fill(engaging.MentoringSession(), given)
    assert to_json(message)["start_time"] == given.start_time
    assert answer(sessions.MentoringSession, message).model_dump(mode="json")["start_time"] == "2026-12-08T01:30:00Z"


@pytest.mark.parametrize(
    ("moment", "rule"),
    [
        ("2026-12-08T09:30:00", "time.zone"),
        ("2026-12-08", "time.format"),
        ("soon", "time.format"),
        (1765157400, "time.format"),
        ("0001-01-01T00:00:00+14:00", "time.range"),
        ("9999-12-31T23:59:00-14:00", "time.range"),
    ],
)
def test_moments_have_a_zone_and_are_of_our_time(moment: object, rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        sessions.SessionInput.model_validate({"start_time": moment})
    assert [violation.rule for violation in from_pydantic(caught.value.errors())] == [rule]


def test_words_in_both_languages_are_told_in_one() -> None:
    violation = Violation("x", "file.type", "这是 PDF，不是表格。This is a PDF.")
    assert messages.of_violation(violation, english=True) == "This is a PDF."


def test_json_has_one_kind_of_number() -> None:
    assert profiles.ProfileInput.model_validate({"years": 36.0}).years == 36
    for wrong in (36.5, True, "36", float("nan"), 1e300):
        with pytest.raises(ValidationError):
            profiles.ProfileInput.model_validate({"years": wrong})
