"""Consent: to which wording, since when; and the file that the wordings stand in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import field_mask_pb2
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.errors import InvalidField
from yinling_talent import consent
from yinling_talent.consent import Wording, Wordings
from yinling_talent.domain import Consent, Profile
from yinling_talent.settings import TalentSettings

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
TWO = Wordings(
    tuple(
        Wording(version=version, purpose_zh="用途", purpose_en="use", text_zh=("文",), text_en=("text",))
        for version in ("2", "1")
    )
)
NONE = Consent()


def given(version: str = "", time: dt.datetime | None = BEFORE) -> Consent:
    return Consent(granted=True, wording_version=version, update_time=time)


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (NONE, given(), given("2", NOW)),  # without a version: to the present one
        (NONE, given("1"), given("1", NOW)),
        (NONE, NONE, NONE),
        (given("1"), given(), given("1")),  # said again without a version: nothing changes
        (given(), given(), given()),  # an older row without a version stays so
        (given("甲"), given("甲"), given("甲")),  # a version that is not known any more, too
        (given("1"), given("2"), given("2", NOW)),  # another wording is another consent
        (given(), given("2"), given("2", NOW)),
        (given("1"), Consent(wording_version="1"), Consent(wording_version="1", update_time=NOW)),
        (
            Consent(wording_version="1", update_time=BEFORE),
            Consent(wording_version="1"),
            Consent(wording_version="1", update_time=BEFORE),
        ),
        (Consent(wording_version="1", update_time=BEFORE), given(), given("2", NOW)),
    ],
)
def test_consent_is_to_a_wording_and_dated(before: Consent, said: Consent, after: Consent) -> None:
    assert TWO.settle(Profile(consent=said), before, NOW).consent == after


@pytest.mark.parametrize("granted", [True, False])
def test_an_unknown_wording_is_refused(granted: bool) -> None:
    with pytest.raises(InvalidField) as caught:
        TWO.settle(Profile(consent=Consent(granted=granted, wording_version="3")), given("1"), NOW)
    (violation,) = caught.value.violations
    assert (violation.field, violation.rule) == ("profile.consent.wording_version", "consent.wording")
    assert "2, 1" in violation.message


def test_wordings_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "wordings.toml"
    good = '[[wording]]\nversion="a"\npurpose_zh="一"\npurpose_en="b"\ntext_zh="甲\\n\\n乙"\ntext_en="c"\n'
    path.write_text(good, "utf-8")
    assert TalentSettings(database_url="x", consent_wordings=path).consent_wordings == path
    assert consent.read(path).present.text_zh == ("甲", "乙")
    for bad in ("", "wording = 3", good + good, good.replace('"b"', '""'), good.replace('"a"', '"' + "a" * 51 + '"')):
        path.write_text(bad, "utf-8")
        with pytest.raises(ValueError, match="holds no wordings"):
            consent.read(path)


async def test_the_wordings_are_served_and_kept(client: Any) -> None:
    admin = client.by("admin")
    served = await client.stub.ListConsentWordings(pb.ListConsentWordingsRequest(), metadata=client.by("hr"))
    present = served.wordings[0]
    assert present.purpose_zh
    assert len(present.text_zh) == len(present.text_en) > 2
    person = talent_pb2.Profile(organisation="攀钢集团", name="甲", consent=talent_pb2.Consent(granted=True))
    made = await client.stub.CreateProfile(pb.CreateProfileRequest(profile=person), metadata=admin)
    assert made.consent.wording_version == present.version
    assert made.consent.update_time == made.create_time
    mask = field_mask_pb2.FieldMask(paths=["consent.granted"])
    taken = await client.stub.UpdateProfile(
        pb.UpdateProfileRequest(profile=talent_pb2.Profile(id=made.id), update_mask=mask),
        metadata=client.by("retiree", made.id),
    )
    assert not taken.consent.granted
    assert taken.consent.wording_version == present.version
    assert taken.consent.update_time == taken.update_time
    # A roster on paper gives no consent that was taken back, and dates none anew.
    person.employee_number = ""
    batch = pb.BatchImportProfilesRequest(profiles=[person])
    await client.stub.BatchImportProfiles(batch, metadata=admin)
    kept = await client.stub.GetProfile(pb.GetProfileRequest(id=made.id), metadata=admin)
    assert kept.consent == taken.consent
