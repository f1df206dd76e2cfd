"""The page of a unit's weights."""

from yinling.matching.v1 import matching_pb2 as matching

from yinling_common.identity import Role
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION, PASSWORD

SAVE = ("action", "save")


async def test_the_weights_of_the_unit_are_saved_guarded_and_reset(gateway: Harness, browser: Browser) -> None:
    kept = gateway.services.matching.settings
    await browser.open("/settings/matching")
    assert "0–5 · 默认 2" in browser.text
    await browser.submit("", button=SAVE, **{"weights.about": "3", "weights.feedback": "0"})
    assert "权重已保存" in browser.text
    assert kept[ORGANISATION].weights == matching.Weights(about=3, feedback=0)
    await browser.open("/requests/new")
    assert "0–5 · 本单位设为 3" in browser.text
    await browser.open("/settings/matching")
    kept[ORGANISATION].etag = "changed"
    await browser.submit("", button=SAVE, **{"weights.about": "4"})
    assert browser.page.status_code == 409
    assert browser.form("").values("weights.about") == ["4"]
    await browser.submit("", button=SAVE, **{"weights.must": "9"})
    assert browser.page.status_code == 422
    assert "这项权重请填写 0.1 到 5 之间的数。" in browser.text
    await browser.submit("", button=("action", "reset"))
    assert kept[ORGANISATION].weights == matching.Weights()


async def test_an_administrator_chooses_whose_weights(gateway: Harness) -> None:
    await gateway.account(Role.ADMIN)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("admin", PASSWORD)
        await browser.open("/settings/matching")
        assert "单位名称" in browser.page.text
        await browser.open("/settings/matching?organisation=鞍钢集团")
        await browser.submit("", button=SAVE, **{"weights.nice": "1"})
        assert "权重已保存" in browser.text
        assert gateway.services.matching.settings["鞍钢集团"].weights.nice == 1
