"""Broken rules in Chinese, for the people who keep rosters."""

import re

from yinling_common.errors import Violation
from yinling_talent import rules

LABELS = {
    "organisation": "单位", "employee_number": "工号", "name": "姓名", "gender": "性别", "birth_year": "出生年份",
    "city": "居住地", "former_employer": "原工作单位", "last_position": "退休前职务", "title_level": "职称级别",
    "industry": "行业", "years": "工作年限", "skills": "专长", "experience": "工作经历", "credentials": "证书",
    "bio": "简介",
    "modes": "工作方式", "hours_per_week": "每周小时数", "travel": "出行范围",
    "max_distance_km": "最远公里数", "limits": "身体限制",
    "other_limits": "身体限制",
    "languages": "语言", "wishes": "服务意愿", "capacity": "同时指导人数", "available_from": "可用开始日期",
    "available_to": "可用结束日期", "paused": "暂停", "consent.granted": "同意公开", "contact.phone": "手机",
    "contact.email": "邮箱", "contact.wechat": "微信", "contact.address": "通讯地址",
}  # fmt: skip
"""Our own header for each field, as the template has it."""

_SOURCES = {
    "birth_year": ("birth", "age"),
    "title_level": ("title",),
    "credentials": ("credentials", "title"),
    "max_distance_km": ("max_distance_km", "travel"),
    "other_limits": ("limits",),
    "available_from": ("available_from", "available"),
    "available_to": ("available_to", "available"),
}
_FIXED = {
    "profile.birth_year_adult": ("出生年份太晚，不可能是退休人员", "请核对后填写，如 1955"),
    "profile.available_order": ("可用结束日期早于开始日期", "请核对两个日期"),
    "experience.year_order": ("经历的结束年份早于开始年份", "请核对年份"),
    "employee_number.identity_number": ("工号是身份证号，不能保存", "请改填单位内部的工号，或留空"),
    "text.identity_number": ("含有身份证号，不能保存", "请删去身份证号"),
    "string.email": ("邮箱地址格式不对", "请写成 name@example.com"),
    "consent.wording": ("没有这个版本的同意书", "请留空，由系统填写"),
    "city.unknown": ("不是可识别的城市", "请填地级市名称，如“攀枝花”"),
}


def sources(path: str) -> tuple[str, ...]:
    """The fields of a row that a field of the profile comes from."""
    return _SOURCES.get(path, (path,))


def rule(violation: Violation) -> str:
    """The rule's name, with the field where the rule says too little ("name.required")."""
    if violation.rule == "string.min_len" and "." not in violation.field:
        return f"{violation.field}.required"
    return violation.rule


def in_chinese(violation: Violation) -> tuple[str, str]:
    """What is wrong, and what to do."""
    if violation.rule in _FIXED:
        return _FIXED[violation.rule]
    path = re.sub(r"\[\d+\]", "", violation.field)
    label = LABELS.get(path) or LABELS.get(path.split(".")[0], path)
    if violation.rule == "string.min_len":
        return f"{label}为空", f"请填写{label}；不是人员的行请删除"
    if violation.rule == "string.max_len":
        most = _longest(path)
        each = "每项" if path in rules.ITEM_LIMITS or "." in path else ""
        return f"{label}太长，{each}最多 {most} 个字", "请缩短；多项请用顿号或换行分开"
    if violation.rule == "repeated.max_items":
        most = rules.LIST_LIMITS.get(path) or rules.ITEM_LIMITS.get(path, (0, 0))[0]
        return f"{label}项数太多，最多 {most} 项", "请只保留最重要的"
    if violation.rule == "int32.gte_lte":
        least, greatest = rules.NUMBER_LIMITS.get(path, rules.YEAR_LIMITS)
        return f"{label}应在 {least} 到 {greatest} 之间", f"请核对后填写 {least}–{greatest} 之间的数字"
    return f"{label}不符合规则", "请核对后重新填写"


def _longest(path: str) -> int:
    top, _, below = path.partition(".")
    if below:
        tables = {
            "experience": rules.EXPERIENCE_LIMITS,
            "credentials": rules.CREDENTIAL_LIMITS,
            "contact": rules.CONTACT_LIMITS,
        }
        return tables.get(top, {}).get(below, 0)
    return rules.TEXT_LIMITS.get(top) or rules.ITEM_LIMITS.get(top, (0, 0))[1]
