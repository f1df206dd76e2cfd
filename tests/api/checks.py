"""What is sent as the schema says is taken, or refused for a reason that no schema can tell."""

import json
import re
from typing import Any

import schemathesis
from schemathesis import GenerationMode

from yinling_common.text import clean

BEYOND_A_SCHEMA = {
    "city.unknown": "a city is one of a list of hundreds, in any of several spellings",
    "page_token.valid": "a token is signed by whoever gave it",
    "text.identity_number": "an identity card number has a check digit",
    "employee_number.identity_number": "likewise",
    "profile.birth_year_adult": "depends on the present year",
    "profile.available_order": "compares two fields",
    "experience.year_order": "compares two fields",
    "date.order": "compares two fields",
    "date.period": "compares two fields",
    "cohort.fixed_twice": "compares the items of a list",
    "cohort.request_twice": "likewise",
    "cohort.request_known": "the number of a request, of those in another list",
    "cohort.max_pairs": "multiplies two lists",
    "date.past": "depends on the present day",
    "time.range": "JSON Schema has no least date",
    "consent.wording": "wordings are added while it runs",
    "suggest.limit_full": "depends on the view",
    "words.required": "depends on the reason",
    "feedback.answers": "depends on the phase",
    "patch.empty": "a field that is null, or an object without fields, changes nothing",
    "string.length": "the length of a name counts when it is folded, without white space",
    "account.organisation": "depends on the role",
    "account.profile": "depends on the role",
    "account.profile_uuid": "likewise",
    "account.profile_unknown": "somebody who is not there",
    "account.profile_organisation": "depends on the person",
    "password.wrong": "nobody knows the old one",
    "erasure.confirm": "the person's name",
    "request_id.reused": "the same key is sent with other content on purpose",
    "goal.unknown": "an id that was given out before",
    "profile.unknown": "somebody who is not there",
    "profile.blocked": "somebody whom the request blocks",
    "invitation.exists": "somebody who was asked before",
    "opt_in.exists": "somebody who offered themselves before",
    "engagement.exists": "somebody who is engaged",
    "mentors_wanted.engaged": "depends on who is engaged",
    "session.before_engagement": "depends on when it began",
    "session.too_late": "depends on the present day",
    "session.held_in_future": "depends on the present time",
    "session.overlap": "depends on the other sessions",
    "webhook.url": "an address must be one that can be called",
}
"""Rules of which an answer 422 may tell though the schema was kept, and why the schema cannot tell."""

FAMILIES_BEYOND_A_SCHEMA = {"file", "csv", "sheet"}
"""First parts of rules about uploads: a file is read to know what is in it."""

BEYOND_HERE = {
    ("opt_ins_offer", "profile_id", "string.uuid_empty"): "a retiree has a profile of their own, others name one",
}
"""The same of single fields: operation, field, rule."""

ALWAYS_ALLOWED = {
    401: "nobody knows a password or a token made by chance",
    403: "the service knows who may, the schema does not",
    404: "an id made by chance is of nothing",
    409: "depends on the state",
    412: "an etag made by chance never holds",
    429: "wrong passwords are counted",
}


class ValidDataRefused(AssertionError):
    """The schema does not tell of a rule, or the rule is wrong."""


@schemathesis.check
def valid_data_is_taken(ctx: Any, response: Any, case: Any) -> None:
    """Raise where data that the schema allows was refused by a rule that the schema could tell."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if response.status_code < 400 or response.status_code in ALWAYS_ALLOWED:
        return
    operation = case.operation.definition.raw["operationId"]
    problem = json.loads(response.content) if response.content else {}
    if response.status_code == 503 and problem.get("reason") == "INDEX_BEHIND":
        return  # a revision that is still to come
    told = [
        f"{error['field']}: {error['rule']}: {error['message']}"
        for error in problem.get("errors", [])
        if error["rule"] not in BEYOND_A_SCHEMA
        and error["rule"].partition(".")[0] not in FAMILIES_BEYOND_A_SCHEMA
        and (operation, error["field"], error["rule"]) not in BEYOND_HERE
        and not (error["rule"] == "string.min_len" and _is_blank(case.body, error["field"]))
    ]
    if told or not problem.get("errors"):
        said = "; ".join(told) or problem.get("detail", "")
        raise ValidDataRefused(f"{operation} answered {response.status_code} to what its schema allows: {said}")


def _is_blank(body: Any, path: str) -> bool:
    """Whether a text of a body is nothing but white space, which is taken off before its length is looked at."""
    for part in re.findall(r"[^.\[\]]+", path):
        if isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        elif isinstance(body, dict) and part in body:
            body = body[part]
        else:
            return False
    return isinstance(body, str) and body != "" and not clean(body)
