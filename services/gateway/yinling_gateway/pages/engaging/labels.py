"""What the pages call invitations, offers, engagements and what belongs to them. Every text is a gettext message."""

from yinling.matching.v1 import engagement_pb2 as pb

from yinling_gateway.pages.labels import MODE, _

INVITATION_STATE: dict[int, str] = {
    pb.Invitation.STATE_SENT: _("Waits for an answer"),
    pb.Invitation.STATE_ACCEPTED: _("Accepted"),
    pb.Invitation.STATE_DECLINED: _("Declined"),
    pb.Invitation.STATE_EXPIRED: _("Not answered in time"),
    pb.Invitation.STATE_WITHDRAWN: _("Taken back"),
}

OPT_IN_STATE: dict[int, str] = {
    pb.OptIn.STATE_OFFERED: _("Waits for an answer"),
    pb.OptIn.STATE_CONFIRMED: _("Confirmed"),
    pb.OptIn.STATE_TURNED_DOWN: _("Turned down"),
    pb.OptIn.STATE_WITHDRAWN: _("Taken back"),
}

ENGAGEMENT_STATE: dict[int, str] = {
    pb.Engagement.STATE_ACTIVE: _("Under way"),
    pb.Engagement.STATE_PAUSED: _("Paused"),
    pb.Engagement.STATE_COMPLETED: _("Completed"),
    pb.Engagement.STATE_ENDED_EARLY: _("Ended early"),
}

SESSION_STATE: dict[int, str] = {
    pb.MentoringSession.STATE_PLANNED: _("Planned"),
    pb.MentoringSession.STATE_HELD: _("Held"),
    pb.MentoringSession.STATE_CANCELLED: _("Cancelled"),
}

# As the person says it of themselves.
DECLINE_REASON: dict[int, str] = {
    pb.DECLINE_REASON_NO_TIME: _("I have no time in these months"),
    pb.DECLINE_REASON_TOO_FAR: _("It is too far away"),
    pb.DECLINE_REASON_NOT_MY_FIELD: _("It is not my field"),
    pb.DECLINE_REASON_CONDITIONS: _("The hours or the conditions do not suit"),
    pb.DECLINE_REASON_PERSONAL: _("Personal reasons"),
    pb.DECLINE_REASON_OTHER: _("Something else (please say what)"),
}

# As the enterprise reads it.
DECLINED_BECAUSE: dict[int, str] = {
    pb.DECLINE_REASON_NO_TIME: _("no time in these months"),
    pb.DECLINE_REASON_TOO_FAR: _("too far away"),
    pb.DECLINE_REASON_NOT_MY_FIELD: _("not their field"),
    pb.DECLINE_REASON_CONDITIONS: _("hours or conditions do not suit"),
    pb.DECLINE_REASON_PERSONAL: _("personal reasons"),
    pb.DECLINE_REASON_OTHER: _("another reason"),
}

TURN_DOWN_REASON: dict[int, str] = {
    pb.TURN_DOWN_REASON_SOMEBODY_ELSE: _("Somebody else is asked first"),
    pb.TURN_DOWN_REASON_OTHER_EXPERIENCE: _("Other experience is needed"),
    pb.TURN_DOWN_REASON_TIME_OR_PLACE: _("Times or place do not fit"),
    pb.TURN_DOWN_REASON_NEED_CHANGED: _("The need has changed"),
    pb.TURN_DOWN_REASON_OTHER: _("Something else (please say what)"),
}

END_REASON: dict[int, str] = {
    pb.END_REASON_MENTOR_PLANS: _("The mentor’s time or plans have changed"),
    pb.END_REASON_NEED_CHANGED: _("The enterprise’s need has changed"),
    pb.END_REASON_NO_FIT: _("The two sides do not fit each other"),
    pb.END_REASON_PERSONAL: _("Personal reasons"),
    pb.END_REASON_OTHER: _("Something else (please say what)"),
}

# The same as read afterwards.
TURNED_DOWN_BECAUSE = {**TURN_DOWN_REASON, pb.TURN_DOWN_REASON_OTHER: _("Another reason")}
ENDED_BECAUSE = {**END_REASON, pb.END_REASON_OTHER: _("Another reason")}

CLOSED_BECAUSE: dict[int, str] = {
    pb.CLOSED_BECAUSE_FILLED: _("The request has found everybody it wanted."),
    pb.CLOSED_BECAUSE_REQUEST_CLOSED: _("The enterprise closed the request."),
    pb.CLOSED_BECAUSE_REQUEST_EXPIRED: _("The time of the request has passed."),
    pb.CLOSED_BECAUSE_PERSON_GONE: _("The person can no longer take part."),
}

# How the work is done, as the agreement says it.
WAY = {0: _("On site or remote"), **MODE}

SIDE: dict[int, str] = {
    pb.SIDE_ENTERPRISE: _("the enterprise"),
    pb.SIDE_MENTOR: _("the mentor"),
}

PHASE: dict[int, str] = {
    pb.FEEDBACK_PHASE_HALFWAY: _("Halfway"),
    pb.FEEDBACK_PHASE_END: _("At the end"),
}

# Questions of the feedback by field; the mentor and the enterprise are asked the same.
QUESTION = {
    "goals": _("Was reached what was to be reached?"),
    "cooperation": _("Did you work well together?"),
    "again": _("Would you do it again?"),
}

ANSWER: dict[int, str] = {
    5: _("Entirely"),
    4: _("Mostly"),
    3: _("Partly"),
    2: _("Hardly"),
    1: _("Not at all"),
}

ACTION: dict[int, str] = {
    pb.MentoringRequestChange.ACTION_CREATE: _("Made the request"),
    pb.MentoringRequestChange.ACTION_UPDATE: _("Changed the request"),
    pb.MentoringRequestChange.ACTION_PUBLISH: _("Published it"),
    pb.MentoringRequestChange.ACTION_CLOSE: _("Closed it"),
    pb.MentoringRequestChange.ACTION_REOPEN: _("Opened it again"),
    pb.MentoringRequestChange.ACTION_FILL: _("Filled: everybody is found"),
    pb.MentoringRequestChange.ACTION_EXPIRE: _("Expired: its time has passed"),
    pb.MentoringRequestChange.ACTION_DUPLICATE: _("Made as a copy of another"),
    pb.MentoringRequestChange.ACTION_DELETE: _("Deleted it"),
}

# Fields of a request as the history names them.
FIELD = {
    "title": _("Title"),
    "description": _("Description"),
    "requirements": _("What a mentor should bring"),
    "industry": _("Industry"),
    "city": _("City"),
    "mode": _("Way of working"),
    "hours_per_week": _("Hours a week"),
    "physical_demands": _("What the work asks of the body"),
    "other_demands": _("Other demands"),
    "mentees": _("People to be mentored"),
    "months": _("For how long"),
    "language": _("Language of the work"),
    "start_date": _("First day"),
    "wishes": _("Wishes, not conditions"),
    "min_years": _("Years of experience asked for"),
    "min_title_level": _("Title level asked for"),
    "max_distance_km": _("At most so far away"),
    "weights": _("How the score is made up"),
    "mentors_wanted": _("Mentors wanted"),
    "expire_date": _("Last day to find people"),
    "blocked_profile_ids": _("People who are not to be suggested"),
    "organisation": _("Unit"),
}

# Why a step can't be taken, by the state that the service names.
REFUSED = {
    "draft": _("The request is a draft; publish it first."),
    "closed": _("The request is closed; nothing can be agreed for it any more."),
    "filled": _("The request has found everybody it wanted; there is no place left."),
    "expired": _("Its time has passed."),
    "person_full": _("All places of this person are taken by other engagements."),
    "person_gone": _("This person has taken their consent back, or is no longer here."),
    "accepted": _("It was accepted already."),
    "declined": _("It was declined already."),
    "withdrawn": _("It was taken back in the meantime."),
    "confirmed": _("It was confirmed already."),
    "turned_down": _("It was turned down already."),
    "paused": _("The engagement is paused. Go on with it first."),
    "active": _("The engagement is under way."),
    "completed": _("The engagement is completed; it can’t be changed any more."),
    "ended_early": _("The engagement has ended; it can’t be changed any more."),
    "held": _("This session is written down as held already."),
    "cancelled": _("This session was cancelled."),
    "planned": _("This session is still to come; write it down once it was held."),
}
