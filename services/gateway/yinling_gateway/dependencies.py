"""What route functions are given."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from yinling_common.database import Database
from yinling_gateway.accounts import Accounts
from yinling_gateway.backend import Backend
from yinling_gateway.calendars.feeds import Calendars
from yinling_gateway.cohorts import Cohorts
from yinling_gateway.erasures import Erasures
from yinling_gateway.imports import Imports
from yinling_gateway.notices.parts import Notices
from yinling_gateway.privacy import Privacy
from yinling_gateway.rate_limit import RateLimit
from yinling_gateway.readiness import Readiness
from yinling_gateway.settings import GatewaySettings


@dataclass(frozen=True)
class Parts:
    """What `bootstrap` has wired together."""

    settings: GatewaySettings
    database: Database
    backend: Backend
    accounts: Accounts
    imports: Imports
    cohorts: Cohorts
    notices: Notices
    erasures: Erasures
    privacy: Privacy
    calendars: Calendars
    rate_limit: RateLimit
    readiness: Readiness


def parts(request: Request) -> Parts:
    """Everything."""
    result: Parts = request.app.state.parts
    return result


def backend(request: Request) -> Backend:
    """The services behind."""
    return parts(request).backend


def accounts(request: Request) -> Accounts:
    """Sign-in and accounts."""
    return parts(request).accounts


def imports(request: Request) -> Imports:
    """Roster imports."""
    return parts(request).imports


def notices(request: Request) -> Notices:
    """What people are told."""
    return parts(request).notices


def erasures(request: Request) -> Erasures:
    """People who are to be erased."""
    return parts(request).erasures


def privacy(request: Request) -> Privacy:
    """What people may know of their own data."""
    return parts(request).privacy


def calendars(request: Request) -> Calendars:
    """Calendars that can be subscribed to."""
    return parts(request).calendars


BackendDep = Annotated[Backend, Depends(backend)]
AccountsDep = Annotated[Accounts, Depends(accounts)]
CalendarsDep = Annotated[Calendars, Depends(calendars)]
ImportsDep = Annotated[Imports, Depends(imports)]
NoticesDep = Annotated[Notices, Depends(notices)]
ErasuresDep = Annotated[Erasures, Depends(erasures)]
PrivacyDep = Annotated[Privacy, Depends(privacy)]
