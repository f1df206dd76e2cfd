"""Sentences for what moved a score and for what keeps people out, for an enterprise and for the person."""

from yinling.matching.v1 import matching_pb2 as matching

from yinling_gateway.pages import labels
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.texts import Texts, effect

# A wish that is broken: as the enterprise reads it, and as the person does.
_BROKEN_WISH: dict[int, tuple[str, str]] = {
    matching.HARD_RULE_AVAILABILITY: (
        _("You wish for a start on %(asked)s; the person is not available then."),
        _("They wish for a start on %(asked)s; your dates do not suit."),
    ),
    matching.HARD_RULE_DISTANCE: (
        _("You wish for somebody closer to %(asked)s, or the person does not travel so far."),
        _("It is farther away (%(asked)s) than they wish, or than you travel."),
    ),
    matching.HARD_RULE_HOURS: (
        _("You wish for %(asked)s; the person gives fewer hours."),
        _("They wish for %(asked)s; you give fewer hours."),
    ),
    matching.HARD_RULE_LANGUAGE: (
        _("You wish for work in %(asked)s; the person does not work in it."),
        _("They wish for work in %(asked)s, which you have not named."),
    ),
}
_BROKEN_MODE: dict[int, tuple[str, str]] = {
    1: (
        _("You wish for work on site; the person works remotely only."),
        _("They wish for work on site; you work remotely only."),
    ),
    2: (
        _("You wish for remote work; the person works on site only."),
        _("They wish for remote work; you work on site only."),
    ),
}
_FEEDBACK = {True: _("Enterprises were content with earlier work."), False: _("Enterprises were less content before.")}
_WISHES = {
    True: (_("It is what the person would like to do."), _("It is what you would like to do.")),
    False: (_("It is not quite what the person would like to do."), _("It is not quite what you would like to do.")),
}


class Reasons:
    """Sentences in one language."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def adjustment(
        self,
        adjustment: matching.Adjustment,
        request: matching.MentoringRequest,
        person: matching.Suggestion | None = None,
    ) -> str:
        """Say what moved a score; nothing of ratings that move it by less than half a point.

        Args:
            adjustment: What moved it.
            request: For which request.
            person: Whose score, as an enterprise reads it; None where the person reads it.
        """
        own, better = person is None, adjustment.effect >= 0
        match adjustment.kind:
            case matching.Adjustment.KIND_YEARS:
                return self._years(adjustment, request, person)
            case matching.Adjustment.KIND_TITLE_LEVEL:
                return self._title_level(adjustment, request)
            case matching.Adjustment.KIND_FEEDBACK:
                return self._texts.gettext(_FEEDBACK[better]) if effect(adjustment.effect) else ""
            case matching.Adjustment.KIND_WISHES:
                return self._texts.gettext(_WISHES[better][own])
            case matching.Adjustment.KIND_BROKEN_WISH:
                return self._broken_wish(adjustment.rule, request, own=own)
        return ""

    def relaxation(self, relaxation: matching.Relaxation, request: matching.MentoringRequest) -> str:
        """Say who is left out because of one thing alone."""
        people = []
        if relaxation.strong:
            people.append(self._texts.ngettext("%(num)d very good fit", "%(num)d very good fits", relaxation.strong))
        if relaxation.good:
            people.append(self._texts.ngettext("%(num)d good fit", "%(num)d good fits", relaxation.good))
        said = {"people": self._texts.listed(people), "reason": self._left_out(relaxation, request)}
        return self._texts.gettext("%(people)s left out only because %(reason)s.") % said

    def _left_out(self, relaxation: matching.Relaxation, request: matching.MentoringRequest) -> str:
        if relaxation.other_demand:
            words = self._texts.gettext("the work asks for “%(demand)s”")
            return words % {"demand": relaxation.other_demand}
        if relaxation.physical_demand:
            return self._texts.gettext(labels.LEFT_OUT_PHYSICAL[relaxation.physical_demand])
        words = self._texts.gettext(labels.LEFT_OUT[relaxation.rule])
        return words % {"asked": self._texts.asked(relaxation.rule, request)} if "%(asked)s" in words else words

    def _years(
        self, adjustment: matching.Adjustment, request: matching.MentoringRequest, person: matching.Suggestion | None
    ) -> str:
        asked = self._texts.ngettext("%(num)d year", "%(num)d years", request.min_years)
        if adjustment.not_stated:
            words = self._texts.gettext("The years of experience are not stated (asked: %(asked)s).")
        elif adjustment.effect >= 0:
            words = self._texts.gettext("There are the years of experience asked for (%(asked)s).")
        elif person is not None and person.years:
            has = self._texts.ngettext("%(num)d year", "%(num)d years", person.years)
            words = self._texts.gettext("Short of years: %(has)s, asked were %(asked)s.")
            return words % {"has": has, "asked": asked}
        else:
            words = self._texts.gettext("Fewer years of experience than asked for (%(asked)s).")
        return words % {"asked": asked}

    def _title_level(self, adjustment: matching.Adjustment, request: matching.MentoringRequest) -> str:
        asked = {"asked": self._texts.gettext(labels.TITLE_LEVEL.get(request.min_title_level, ""))}
        if adjustment.not_stated:
            return self._texts.gettext("No title is stated; asked was: %(asked)s.") % asked
        if adjustment.effect >= 0:
            return self._texts.gettext("The title level is as asked for (%(asked)s).") % asked
        return self._texts.gettext("The title level is below the one asked for (%(asked)s).") % asked

    def _broken_wish(self, rule: int, request: matching.MentoringRequest, *, own: bool) -> str:
        if rule == matching.HARD_RULE_MODE and request.mode:
            return self._texts.gettext(_BROKEN_MODE[request.mode][own])
        if rule not in _BROKEN_WISH:
            return self._texts.gettext(labels.HARD_RULE.get(rule, ""))
        return self._texts.gettext(_BROKEN_WISH[rule][own]) % {"asked": self._texts.asked(rule, request)}
