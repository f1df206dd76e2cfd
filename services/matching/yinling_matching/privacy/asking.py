"""Who may ask about a person here."""

from yinling_common.database import Database
from yinling_common.errors import NotFound
from yinling_common.identity import Identity, Role, require
from yinling_matching.engaging.people import People

_OFFICE = """
    SELECT office FROM (
        SELECT office, create_time FROM invitations WHERE profile_id = %(id)s
        UNION ALL SELECT office, create_time FROM opt_ins WHERE profile_id = %(id)s
    ) AS known ORDER BY create_time DESC LIMIT 1
"""


class Asking:
    """Says who may ask.

    Args:
        database: Knows the office of people who were invited or offered themselves once.
        people: Knows the office of those who are here.
    """

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def caller(self, profile_id: str) -> tuple[Identity, bool]:
        """Who asks about a person, and whether they are to be answered.

        A coordinator who asks about somebody of whom nothing here says whose office keeps them is answered as if there
        were nothing.

        Raises:
            Forbidden: They are of another role than the person's own, their coordinator's or an administrator's.
            NotFound: The person is not theirs.
        """
        caller = require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        match caller.role:
            case Role.RETIREE if caller.profile_id.lower() != profile_id:
                raise NotFound("profile", profile_id)
            case Role.COORDINATOR:
                office = await self._office(profile_id)
                if office not in {"", caller.organisation} or not caller.organisation:
                    raise NotFound("profile", profile_id)
                return caller, bool(office)
        return caller, True

    async def _office(self, profile_id: str) -> str:
        if here := (await self._people.find([profile_id])).get(profile_id):
            return here.office
        async with self._database.connection() as conn:
            row = await (await conn.execute(_OFFICE, {"id": profile_id})).fetchone()
        return str(row["office"]) if row else ""
