"""What people read when something is wrong: Chinese by the rule that was broken, English from the services."""

import re
from collections import defaultdict

from yinling_common.errors import ErrorReason, Violation, YinlingError

TITLES: dict[ErrorReason, tuple[str, str]] = {
    ErrorReason.INVALID_FIELD: ("填写有误", "A field is wrong"),
    ErrorReason.INVALID_PAGE_TOKEN: ("翻页标记无效", "Wrong page token"),
    ErrorReason.INVALID_UPDATE_MASK: ("字段不能修改", "A field that cannot be set"),
    ErrorReason.UNREADABLE_FILE: ("文件无法读取", "Unreadable file"),
    ErrorReason.UNAUTHENTICATED: ("请先登录", "Not signed in"),
    ErrorReason.FORBIDDEN: ("没有权限", "Not allowed"),
    ErrorReason.NOT_FOUND: ("没有找到", "Not found"),
    ErrorReason.ALREADY_EXISTS: ("已经存在", "Exists already"),
    ErrorReason.STALE_ETAG: ("内容已被他人修改", "Changed meanwhile"),
    ErrorReason.WRONG_STATE: ("当前状态不允许", "Wrong state"),
    ErrorReason.HOURS_EXCEEDED: ("超出本人每周可投入的时间", "More hours than the person gives"),
    ErrorReason.INDEX_BEHIND: ("索引尚未更新到所需版本", "Index is behind"),
    ErrorReason.DATABASE_UNAVAILABLE: ("数据库暂时无法访问", "Database unavailable"),
    ErrorReason.SERVICE_UNAVAILABLE: ("服务暂时无法访问", "Service unavailable"),
    ErrorReason.DEADLINE_EXCEEDED: ("服务没有及时响应", "No answer in time"),
    ErrorReason.TOO_MANY_REQUESTS: ("请求过于频繁", "Too many requests"),
    ErrorReason.STORAGE_FULL: ("存储空间不足", "Storage full"),
    ErrorReason.INTERNAL: ("系统内部错误", "Internal error"),
}

_DETAILS_ZH: dict[ErrorReason, str] = {
    ErrorReason.INVALID_PAGE_TOKEN: "翻页标记已损坏，或属于另一个列表；请不带标记，从第一页重新开始。",
    ErrorReason.UNREADABLE_FILE: "这不是可以读取的 .xlsx 或 .csv 文件；请用 Excel 或 WPS 另存为 .xlsx 后再上传。",
    ErrorReason.UNAUTHENTICATED: "请先登录，或提供有效的 API 密钥。",
    ErrorReason.FORBIDDEN: "您的账号没有进行这项操作的权限。",
    ErrorReason.NOT_FOUND: "没有这项内容，或您无权查看。",
    ErrorReason.ALREADY_EXISTS: "已有相同的内容，请不要重复建立。",
    ErrorReason.STALE_ETAG: "您读取之后，内容已被修改；请重新读取，再提交您的修改。",
    ErrorReason.INDEX_BEHIND: "索引正在更新，请稍后再试。",
    ErrorReason.DATABASE_UNAVAILABLE: "数据库暂时没有响应，未作任何更改；请稍后再试。",
    ErrorReason.SERVICE_UNAVAILABLE: "后台服务暂时没有响应；请稍后再试。",
    ErrorReason.DEADLINE_EXCEEDED: "后台服务没有及时响应；请稍后再试。",
    ErrorReason.TOO_MANY_REQUESTS: "请求过于频繁，请稍候再试。",
    ErrorReason.STORAGE_FULL: "存储空间不足，未作任何更改；请联系管理员。",
    ErrorReason.INTERNAL: "系统内部错误；请把请求编号告诉管理员。",
}

# More exact than the reason alone, by the rule in the error's metadata.
_DETAILS_BY_RULE_ZH = {
    "sign_in.wrong": "用户名或密码不正确。",
    "sign_in.too_many": "登录失败次数过多，请稍候再试。",
    "api_key.wrong": "API 密钥无效、已过期或已撤销。",
    "api_key.scheme": "只支持 Bearer 方式的 API 密钥。",
    "csrf.token": "页面已过期，或请求不是从本站发出；请刷新页面后重试。",
    "csrf.origin": "请求不是从本站发出，已拒绝。",
    "http.method": "这个地址不支持该请求方法。",
    "http.path": "没有这个地址。",
    "body.max_size": "提交的内容太大，请缩小后重试。",
    "once.secret_told": "此前已用同一个 Idempotency-Key 完成，编号为 {id}；密钥只告知一次。如果没有收到，"
    "请用新的 Idempotency-Key 再建一个，并去掉这一个。",
    "cohort.fixed": "指定的搭配相互矛盾，或不符合条件、名额；请按所列说明更正。",
}

# By rule. The gaps are filled with the last numbers of the English message: that is where the limits stand.
_RULES_ZH = {
    "required": "必须填写。",
    "field.unknown": "没有这个字段，或它由系统填写；请去掉它。",
    "field.null": "不能为 null。",
    "json.valid": "不是有效的 JSON。",
    "type.string": "应为文字。",
    "type.int": "应为整数。",
    "type.number": "应为数字。",
    "type.bool": "应为 true 或 false。",
    "type.list": "应为列表。",
    "type.object": "应为对象。",
    "type.date": "应为日期，如 2026-09-01。",
    "type.file": "应为上传的文件。",
    "date.exists": "日历上没有这一天；日期写作 2026-09-01。",
    "date.order": "开始日期不能晚于结束日期。",
    "string.no_nul": "含有不能保存的字符（如 NUL）；请删除后重试。",
    "string.min_len": "至少 {} 个字。",
    "string.max_len": "最多 {} 个字。",
    "string.uuid": "应为 UUID 形式的编号。",
    "string.email": "不是有效的电子邮箱，应形如 name@example.com。",
    "string.pattern": "格式不正确。",
    "string.length": "应为 {} 到 {} 个字。",
    "int32.gte": "不能小于 {}。",
    "int32.lte": "不能大于 {}。",
    "int32.gte_lte": "应在 {} 到 {} 之间。",
    "double.gte": "不能小于 {}。",
    "double.lte": "不能大于 {}。",
    "double.gte_lte": "应在 {} 到 {} 之间。",
    "int64.gte": "不能小于 {}。",
    "enum.defined_only": "不是允许的取值。",
    "enum.in": "不是允许的取值。",
    "enum.not_in": "不是允许的取值。",
    "profile.birth_year_adult": "出生年份过晚，请核对。",
    "experience.year_order": "结束年份早于开始年份，请更正。",
    "employee_number.identity_number": "像是身份证号码，系统不保存；请填写工号，或留空。",
    "employee_number.taken": "本单位已有姓名和出生年份都不同的人用这个工号；请改正工号，如是同一人，请先改其档案姓名。",
    "text.identity_number": "含有身份证号码，系统不保存；请删除。",
    "patch.empty": "请至少填写一个要修改的字段。",
    "repeated.max_items": "最多 {} 项。",
    "repeated.min_items": "至少 {} 项。",
    "repeated.unique": "有重复的项。",
    "consent.wording": "没有这个版本的同意书；请写现有的版本，或者不写，由系统填上。",
    "city.unknown": "不认识这个城市；请写地级市名称，如“攀枝花”。",
    "page_token.valid": "翻页标记已损坏，或属于另一个列表；请从第一页重新开始。",
    "update_mask.known": "有不能修改的字段。",
    "profile.available_order": "结束日期不能早于开始日期。",
    "suggest.limit_full": "完整结果一次最多 100 人。",
    "file.empty": "文件是空的；请选择含有名册的工作簿。",
    "password.length": "应为 {} 到 {} 个字符。",
    "password.wrong": "现在的密码不正确。",
    "account.organisation": "该角色需要填写单位。",
    "account.profile": "该角色需要填写本人档案编号。",
    "string.in": "不是允许的取值。",
    "string.time_of_day": "应为一天中的时间，如 22:00。",
    "webhook.url": "应是以 https:// 开头、从公网可以访问的地址，不含用户名、密码和 #。",
    "time.format": "应为带时区的时间，如 2026-09-01T09:30:00+08:00。",
    "time.zone": "缺少时区；请在末尾加上，如 +08:00。",
    "time.range": "应在 1900 年到 2200 年之间。",
    "date.past": "日期已过；请填写今天或以后的日期。",
    "request_id.reused": "这个编号已用于另一项操作；每项操作请用一个新的 UUID。",
    "once.secret_told": "此前已完成；密钥只告知一次。如果没有收到，请用新的 UUID 再建一个。",
    "words.required": "请用文字说明原因，或选择其他原因。",
    "mentors_wanted.engaged": "已结对 {} 人，人数不能少于此。",
    "invitation.exists": "已邀请此人，尚未答复；请去掉。",
    "opt_in.exists": "此人已经报名；请直接确认报名。",
    "engagement.exists": "此人已为这项需求结对；请去掉。",
    "profile.unknown": "没有此人，或其已撤回同意；请去掉。",
    "profile.blocked": "需求写明不推荐此人；请去掉。",
    "profile.repeated": "重复列出；请去掉一个。",
    "feedback.answers": "结束时三项都要打分，中期至少要评“配合”。",
    "goal.unknown": "没有这个目标；新目标请不要写编号。",
    "goal.repeated": "重复列出；每个目标只写一次。",
    "session.minutes": "请填写时长，{} 到 {} 分钟。",
    "session.before_engagement": "结对始于 {}-{}-{}；时间不能早于其前一天。",
    "session.too_late": "时间应在今后 {} 天之内。",
    "session.held_in_future": "已进行的辅导不能在将来；请取消它，另作安排。",
    "session.overlap": "{}-{}-{} {}:{} 起已有一次 {} 分钟的辅导；请修改那一次，或另选时间。",
    "timestamp.valid": "不是有效的时间。",
}

_HOURS_ZH = (
    "{week_start} 这一周合计将达 {minutes} 分钟，超过本人每周愿意投入的 {allowed_minutes} 分钟；"
    "请换一周、缩短时间，或请本人调整每周可投入的小时数。"
)
# To an enterprise, whose business it is not what others take.
_FREE_HOURS_ZH = "{week_start} 这一周本人还剩 {free_minutes} 分钟；请换一周、缩短时间，或请本人调整每周可投入的小时数。"

# Of requests, invitations, opt-ins, engagements and sessions; and what stands in the way of an engagement.
_STATES_ZH = {
    "draft": "草稿",
    "open": "开放",
    "filled": "已满",
    "closed": "已关闭",
    "expired": "已过期",
    "sent": "已发出，待答复",
    "accepted": "已接受",
    "declined": "已谢绝",
    "withdrawn": "已撤回",
    "offered": "已报名，待确认",
    "confirmed": "已确认",
    "turned_down": "未被采纳",
    "active": "进行中",
    "paused": "暂停中",
    "completed": "已完成",
    "ended_early": "已提前结束",
    "planned": "已安排",
    "held": "已进行",
    "cancelled": "已取消",
    "person_full": "本人名额已满",
    "person_gone": "本人已不在库中，或已撤回同意",
    "both_written": "双方都已评价",
}

_HTTP_TITLES = {
    400: ("请求有误", "Bad request"),
    404: TITLES[ErrorReason.NOT_FOUND],
    405: ("不支持的请求方法", "Method not allowed"),
    413: ("内容太大", "Too large"),
}

_NEAR = re.compile(r"(?:closest: |did you mean )([^;?]+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BOTH = re.compile(r"^(.*[\u4e00-\u9fff].*。)([A-Z].*)$", re.DOTALL)


def prefers_english(accept_language: str) -> bool:
    """Whether English comes before Chinese in an Accept-Language header. Without either, Chinese it is."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        tag, _, parameters = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameters))
    return weights["en"] > weights["zh"]


def title(reason: ErrorReason, *, english: bool) -> str:
    """A few words for what went wrong."""
    return TITLES[reason][english]


def http_title(status: int, otherwise: str, *, english: bool) -> str:
    """The same for what HTTP itself refuses."""
    return _HTTP_TITLES[status][english] if status in _HTTP_TITLES else otherwise


def detail(error: YinlingError, *, english: bool) -> str:
    """A sentence or two: what is wrong and what to do. Field errors have theirs in `of_violations`."""
    if error.reason == ErrorReason.UNREADABLE_FILE or english:
        return _in_language(error.message, english=english) or _DETAILS_ZH.get(error.reason, error.message)
    if rule := _DETAILS_BY_RULE_ZH.get(error.metadata.get("rule", "")):
        return rule.format_map(error.metadata)
    if error.reason == ErrorReason.HOURS_EXCEEDED:
        return (_HOURS_ZH if "minutes" in error.metadata else _FREE_HOURS_ZH).format_map(
            defaultdict(str, error.metadata)
        )
    if error.reason == ErrorReason.WRONG_STATE:
        state = _STATES_ZH.get(error.metadata.get("state", ""), error.metadata.get("state", ""))
        return f"当前状态为“{state}”，不允许这项操作；请刷新后查看。"
    return _DETAILS_ZH.get(error.reason, error.message)


def of_violation(violation: Violation, *, english: bool) -> str:
    """What is wrong with a field and what to do."""
    said = _in_language(violation.message, english=english)
    if said:
        return said
    if violation.rule == "city.unknown" and (near := _NEAR.search(violation.message)):
        return f"不认识这个城市；相近的有：{near[1].replace(', ', '、')}。"
    return _filled(_RULES_ZH.get(violation.rule, ""), violation.message) or violation.message


def _in_language(message: str, *, english: bool) -> str:
    """A service's words in a language: some give both, as "中文。English."; nothing where it is not among them."""
    both = _BOTH.match(message)
    if both:
        return both[2] if english else both[1]
    return message if english else ""


def _filled(template: str, message: str) -> str:
    """The template with the limits from the message; nothing where it has too few numbers."""
    gaps = template.count("{")
    limits = _NUMBER.findall(message)[-gaps:] if gaps else []
    if template == _RULES_ZH["string.min_len"] and limits in ([], ["1"]):
        return _RULES_ZH["required"]
    return template.format(*limits) if len(limits) == gaps else ""


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
