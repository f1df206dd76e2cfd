"""Which field a column holds: the headers that HR offices use, and their usual synonyms."""

# ruff: noqa: E501 - word lists read better on long lines; Chinese counts double

import re
import unicodedata
from functools import lru_cache

IGNORED = "ignored"
"""Known, and of no use: running numbers, remarks of the office."""
IDENTITY = "identity_number"
"""Known, and never read."""

# One line a field; a header is compared without width, case, white space, brackets and marks.
_SYNONYMS = {
    "employee_number": "工号 员工编号 人员编号 职工编号 员工号 职工号 员工工号 职工工号 人员编码 员工编码 职工编码 人事编号 编制号 "
    "人员代码 员工代码 hr编号 employeenumber employeeno employeeid staffid staffno staffnumber id",
    "name": "姓名 名字 员工姓名 职工姓名 人员姓名 专家姓名 退休人员姓名 离退休人员姓名 名称 name fullname",
    "organisation": "单位 所属单位 管理单位 所在单位 现管理单位 归口单位 归属单位 所属公司 管理部门 所属企业 离退休管理单位 "
    "organisation organization unit managingunit",
    "gender": "性别 gender sex",
    "birth": "出生年月 出生日期 出生年份 出生年月日 出生时间 生日 出生年 出生 出生年度 birthyear yearofbirth birthdate "
    "dateofbirth birthday dob born",
    "age": "年龄 周岁 现年龄 实足年龄 年纪 age",
    "city": "居住地 现居城市 所在城市 常住地 居住城市 现居地 现居住地 常住城市 现住地 城市 居住地区 所在地 所在地区 现居住城市 "
    "常住地区 居住市 所在市 目前居住地 安置地 city residence cityofresidence",
    "former_employer": "原单位 原工作单位 退休前单位 退休单位 退休前工作单位 退休前所在单位 原所在单位 工作单位 退休时单位 原任职单位 "
    "退休前任职单位 原企业 退休企业 formeremployer employer previousemployer formercompany",
    "last_position": "职务 退休前职务 岗位 原职务 原岗位 退休前岗位 职位 退休前职位 原任职务 曾任职务 工作岗位 退休时职务 "
    "职务岗位 原职务岗位 岗位职务 退休前职务岗位 退休前岗位职务 工种 岗位工种 position lastposition jobtitle post",
    "title": "职称 技术职称 技能等级 专业技术职称 专业技术职务 专业职称 职称级别 职称等级 职称名称 技术等级 技能级别 职业技能等级 "
    "职业资格等级 职称技能等级 技术职务 专业技术资格 专业技术职务资格 最高职称 职称及技能等级 职称或技能等级 技术级别 "
    "title titlelevel professionaltitle rank",
    "industry": "行业 专业领域 所属行业 从事行业 行业领域 专业 从事专业 专业方向 领域 擅长领域 技术领域 专业类别 industry field sector",
    "years": "工作年限 工龄 从业年限 从业年数 工作年数 专业年限 从事专业年限 专业工作年限 经验年限 工作经验年限 连续工龄 "
    "years yearsofexperience experienceyears seniority",
    "skills": "专长 特长 技能 擅长 技术专长 专业特长 专业技能 业务专长 专业专长 擅长技能 个人特长 技术特长 专长技能 技能专长 "
    "专长特长 特长专长 核心技能 主要专长 擅长方向 可传授技能 绝技绝活 skills skill expertise specialty specialties specialities",
    "experience": "工作经历 主要业绩 项目经历 工作履历 个人履历 履历 主要经历 经历 从业经历 项目经验 工作经验 主要项目 业绩 主要工作业绩 "
    "工作业绩 主要成果 代表性项目 代表项目 重大项目 任职经历 主要工作经历 项目业绩 工作简历 简历 业绩成果 "
    "experience workexperience projects workhistory achievements",
    "credentials": "证书 资格证书 执业资格 职业资格 资质证书 资格 资质 持有证书 证书名称 执业资格证书 职业资格证书 专业资格 "
    "从业资格 荣誉证书 持证情况 获得证书 注册资格 credentials certificates certificate certifications qualifications",
    "bio": "简介 个人简介 自我介绍 个人介绍 人物简介 专家简介 个人概况 个人情况 介绍 个人说明 bio biography profile about introduction",
    "modes": "工作方式 服务方式 服务形式 工作形式 可接受方式 合作方式 参与方式 指导方式 可接受工作方式 线上线下 "
    "mode modes workmode waysofworking",
    "hours_per_week": "每周可用时间 每周小时 每周小时数 每周工时 每周时间 周工时 每周可服务时间 每周可投入时间 每周可工作时间 "
    "每周可工作小时 每周工作小时 每周可投入小时 可用时间 每周服务时间 hoursperweek hours weeklyhours availabilityhours",
    "travel": "出行范围 可出行范围 服务范围 服务区域 活动范围 可服务区域 可服务地区 服务地域 出差范围 是否可出差 出差意愿 工作地域 "
    "travel travelrange mobility",
    "max_distance_km": "最远公里数 最远距离 最大距离 最远距离公里 可接受距离 可接受最远距离 最远可接受距离 出行距离 最远出行距离 可出行距离 "
    "服务距离 服务半径 出行半径 最远路程 公里数 maxdistance maxdistancekm distance distancekm",
    "limits": "身体限制 健康状况说明 不宜从事 健康状况 身体状况 健康情况 身体情况 身体条件 健康限制 不能从事 禁忌 身体状况说明 健康说明 "
    "不宜从事的工作 不适宜从事 工作限制 不可从事 limits physicallimits health healthlimits",
    "languages": "语言 语言能力 工作语言 外语 方言 语种 掌握语言 外语能力 语言方言 languages language",
    "wishes": "意愿 服务意愿 个人意愿 返聘意愿 工作意愿 期望 参与意愿 意向 服务意向 发挥作用意愿 期望工作 wishes wish preferences",
    "capacity": "可带徒人数 同时指导数 可带徒数 带徒人数 同时指导人数 可指导人数 可同时指导人数 可同时带徒人数 可带人数 最多指导人数 "
    "同时带徒数 同时结对数 可结对数 capacity mentees maxengagements",
    "available_from": "可用起始日期 可用开始日期 可用起 可用起日期 开始日期 可服务开始日期 服务开始日期 可用开始时间 起始日期 "
    "可开始时间 最早可用日期 可到岗时间 可用起始时间 availablefrom from startdate",
    "available_to": "可用截止日期 可用结束日期 可用止 可用止日期 结束日期 截止日期 可服务截止日期 服务结束日期 可用截止时间 终止日期 "
    "可用结束时间 availableto to until enddate",
    "available": "可用起止日期 可用期间 可服务期间 可用起止时间 服务期限 可用时段 可服务时段 availability availableperiod",
    "paused": "暂停 是否暂停 暂停推荐 暂停服务 暂不参与 paused pause onbreak",
    "consent.granted": "是否同意公开 授权 是否授权 同意公开 同意 是否同意 本人同意 同意授权 公开授权 是否公开 信息公开授权 同意被推荐 "
    "是否同意推荐 同意入库 是否同意入库 本人是否同意 同意公开信息 consent consented agreed",
    "contact.phone": "手机 电话 手机号 手机号码 联系电话 联系方式 电话号码 联系手机 移动电话 本人电话 固定电话 座机 本人手机 "
    "phone mobile telephone tel phonenumber cellphone",
    "contact.email": "邮箱 电子邮箱 邮件 电子邮件 邮箱地址 email e-mail mail emailaddress",
    "contact.wechat": "微信 微信号 wechat weixin",
    "contact.address": "地址 住址 通讯地址 家庭地址 家庭住址 联系地址 通信地址 现住址 详细地址 居住地址 户籍地址 address homeaddress",
    IDENTITY: "身份证号 身份证 身份证号码 公民身份号码 证件号码 证件号 身份证件号码 居民身份证号 idcard idnumber identitynumber",
    IGNORED: "序号 编号 行号 备注 备注说明 备注信息 no no. # 序 remark remarks note notes 办公室备注",
}
_EXACT = {header: field for field, headers in _SYNONYMS.items() for header in headers.split()}
# Where no synonym fits as a whole. The first one that is found decides.
_PARTS = [
    (IDENTITY, re.compile(r"身份证|公民身份|证件号")),
    ("paused", re.compile(r"^是?否?暂停")),
    ("consent.granted", re.compile(r"(同意|授权).*(公开|推荐|入库|使用|共享)|(公开|推荐|入库).*(同意|授权)")),
    ("limits", re.compile(r"(不宜|不能|不适宜|不可).*(从事|工作)|身体.*限制|健康.*(状况|限制)")),
    ("hours_per_week", re.compile(r"每周.*(时间|小时|工时)")),
    ("capacity", re.compile(r"(带徒|指导|结对).*(人数|数量|几人)")),
    ("available_from", re.compile(r"可(用|服务).*(起|开始)")),
    ("available_to", re.compile(r"可(用|服务).*(止|结束)")),
    ("contact.phone", re.compile(r"手机|电话")),
    ("contact.email", re.compile(r"邮箱|e-?mail")),
    ("former_employer", re.compile(r"^(原|退休前|退休时).*单位$")),
    ("last_position", re.compile(r"^(原|退休前|退休时|曾任).*(职务|岗位|职位)$")),
    ("skills", re.compile(r"(专长|特长|技能)$")),
    ("experience", re.compile(r"(经历|业绩)$")),
    ("credentials", re.compile(r"(证书|执业资格)")),
    ("city", re.compile(r"(居住|常住|现居).*(城市|地区?|市)$")),
]
_BRACKETS = re.compile(r"[(\[{【〔<《](.*?)[)\]}】〕>》]")
_MARKS = re.compile(r"[\s*※★☆●·:：;；,，、。.?？!！\"'“”/\\_\-|]+")


@lru_cache(maxsize=4096)
def field_of(header: str) -> str | None:
    """Gives the field that a header names, `IGNORED`, `IDENTITY`, or None where it is not understood.

    A field is a path of the profile, or one of "birth", "age", "title", "available", which hold more than a path.
    """
    if not header or len(header) > 60:
        return None
    folded = unicodedata.normalize("NFKC", header).casefold()
    outside = _MARKS.sub("", _BRACKETS.sub("", folded))
    candidates = [outside, _MARKS.sub("", folded), *(_MARKS.sub("", each) for each in _BRACKETS.findall(folded))]
    if not outside and "#" in folded:
        return IGNORED
    field = next((_EXACT[each] for each in candidates if each in _EXACT), None)
    # "职务（身份证）" would be odd, but an identity card number anywhere in a header wins.
    if any(_PARTS[0][1].search(each) for each in candidates):
        return IDENTITY
    return field or next((field for field, part in _PARTS if part.search(outside)), None)
