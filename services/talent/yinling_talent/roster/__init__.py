"""Rosters as HR offices keep them: reading, checking, an annotated copy, and the empty template."""

from yinling_talent.roster.annotate import annotate
from yinling_talent.roster.issues import Issue, Severity
from yinling_talent.roster.reader import RosterReader, read_roster
from yinling_talent.roster.rows import RosterRow
from yinling_talent.roster.template import template

__all__ = ["Issue", "RosterReader", "RosterRow", "Severity", "annotate", "read_roster", "template"]
