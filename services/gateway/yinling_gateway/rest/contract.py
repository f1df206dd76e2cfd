"""Which message of the contract a model stands for: from there its fields have their rules in the documentation."""

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from pydantic import BaseModel
from yinling.matching.v1 import engagement_pb2 as engaging
from yinling.matching.v1 import engagement_service_pb2 as engaging_service
from yinling.matching.v1 import figures_service_pb2 as figures_service
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_gateway.converters.rules import constrain_object
from yinling_gateway.models import (
    base,
    cohorts,
    engagements,
    figures,
    invitations,
    notices,
    opt_ins,
    privacy,
    profiles,
    reports,
    requests,
    sessions,
    suggestions,
    weights,
)

_LIST = matching_service.ListMentoringRequestChangesRequest  # whose two rules every list has

STANDS_FOR: dict[type[BaseModel], type[Message]] = {
    base.Paged: _LIST,
    privacy.AuditQuery: _LIST,
    notices.NoticeQuery: _LIST,
    notices.DeliveryQuery: _LIST,
    figures.FiguresFileQuery: figures_service.GetFiguresRequest,
    figures.FiguresQuery: figures_service.GetFiguresRequest,
    reports.ExposureQuery: matching_service.ListExposuresRequest,
    profiles.ProfileInput: talent.Profile,
    profiles.NewProfile: talent.Profile,
    profiles.ExperienceItem: talent.ExperienceItem,
    profiles.Credential: talent.Credential,
    profiles.ConsentInput: talent.Consent,
    profiles.Contact: talent.Contact,
    profiles.ProfileQuery: talent_service.SearchProfilesRequest,
    requests.MentoringRequestInput: matching.MentoringRequest,
    requests.NewMentoringRequest: matching.MentoringRequest,
    requests.Requirement: matching.Requirement,
    requests.MentoringRequestQuery: matching_service.ListMentoringRequestsRequest,
    suggestions.SuggestionQuery: matching_service.SuggestMentorsRequest,
    suggestions.SuggestionInput: matching_service.SuggestMentorsRequest,
    suggestions.RequestSuggestionQuery: matching_service.SuggestRequestsRequest,
    weights.WeightsInput: matching.Weights,
    weights.MatchingSettingsInput: matching.MatchingSettings,
    weights.MatchingSettingsQuery: matching_service.GetMatchingSettingsRequest,
    cohorts.CohortInput: matching_service.AssignCohortRequest,
    cohorts.CohortRequest: matching.CohortRequest,
    cohorts.CohortPair: matching.CohortPair,
    invitations.InvitationsInput: engaging_service.InviteMentorsRequest,
    opt_ins.OptInInput: engaging_service.OfferMentoringRequest,
    invitations.Decline: engaging_service.DeclineInvitationRequest,
    opt_ins.TurnDown: engaging_service.TurnDownOptInRequest,
    engagements.End: engaging_service.EndEngagementRequest,
    engagements.GoalInput: engaging.Goal,
    engagements.EnterpriseContactInput: engaging.EnterpriseContact,
    engagements.EngagementInput: engaging.Engagement,
    invitations.InvitationQuery: engaging_service.ListInvitationsRequest,
    opt_ins.OptInQuery: engaging_service.ListOptInsRequest,
    engagements.EngagementQuery: engaging_service.ListEngagementsRequest,
    sessions.SessionInput: engaging.MentoringSession,
    sessions.NewSession: engaging.MentoringSession,
    sessions.SessionHeld: engaging_service.HoldMentoringSessionRequest,
    sessions.SessionQuery: engaging_service.ListMentoringSessionsRequest,
    sessions.EngagementFeedbackInput: engaging.EngagementFeedback,
}
"""Models of bodies and parameters, each with the message of which it sets fields of the same names."""

FILLED_IN = {
    opt_ins.OptInInput: {"profile_id"},  # a retiree's own
    weights.MatchingSettingsQuery: {"organisation"},  # the caller's own
}
"""Fields that a message needs and a client may leave out."""


def constrain_models(schemas: dict[str, Any]) -> None:
    """Add the contract's rules to the schemas of models, by their names."""
    for model, message in STANDS_FOR.items():
        if model.__name__ in schemas:
            constrain_object(schemas[model.__name__], _descriptor(message), FILLED_IN.get(model, ()))


def constrain_parameters(parameters: list[dict[str, Any]], dependant: Dependant) -> None:
    """Add the contract's rules to the parameters of an operation that are a model's fields."""
    for said in parameters:  # one that is null is not sent
        if "anyOf" in said["schema"]:
            branches = [branch for branch in said["schema"].pop("anyOf") if branch != {"type": "null"}]
            said["schema"] |= branches[0] if len(branches) == 1 else {"anyOf": branches}
    for model in _query_models(dependant):
        if message := STANDS_FOR.get(model):
            named = {said["name"]: said for said in parameters if said["in"] == "query"}
            about = {"properties": {name: named[name]["schema"] for name in model.model_fields}}
            constrain_object(about, _descriptor(message), FILLED_IN.get(model, ()))
            for name, schema in about["properties"].items():
                named[name]["schema"] = schema


def _descriptor(message: type[Message]) -> Descriptor:
    descriptor: Any = message.DESCRIPTOR  # two classes by their stubs, one in fact
    result: Descriptor = descriptor
    return result


def _query_models(dependant: Dependant) -> Iterator[type[BaseModel]]:
    for parameter in dependant.query_params:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
