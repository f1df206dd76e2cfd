"""Words of very little use for finding: function words, and what every request and every profile says."""

_CHINESE = """
的 了 和 与 及 或 等 在 对 从 为 是 有 以 及其 以及 其 之 于 由 被 把 将 并 且 而 也 都 就 还 又 再 更 最 很 不 无
非 可 可以 能 能够 会 要 需 需要 须 应 应该 必须 希望 想 请 想请 让 使 使用 用 给 向 到 至 自 因 因为 所 所以 如
如果 若 则 但 但是 虽 按 按照 根据 依据 通过 经 经过 关于 有关 相关 各 各类 各种 各项 每 某 该 此 这 那 这个 那个
这些 那些 一 一个 一种 一些 一名 一位 两 几 多 多个 多种 多项 多年 年 月 日 名 位 个 次 项 种 人 我 你 他 她 它 我们
你们 他们 本人 自己 大家 者 上 下 中 内 外 里 前 后 时 间 期间 同时 以上 以下 以来 之间 其中 其他 其它 等等 包括
包含 主要 负责 工作 从事 进行 开展 担任 任 曾 曾任 曾经 现任 具有 具备 拥有 熟悉 了解 掌握 精通 擅长 熟练 经验 经历
丰富 良好 较强 优先 要求 岗位 岗位职责 任职 职责 职位 完成 做好 做 过 做过 好 较 大 小 新 高 老 已 已经 正 正在 没
没有 吗 呢 吧 啊 地 得 着 来 去 说 看 听 比 跟 同 作为 成为 属于 有效 实际 方面 问题 情况 相应 以便 从而 为了 一定
先后 多次 约 近 余 左右 号 型 级 类 含 具 岗
"""
_ENGLISH = """
a an the and or of in to for with on at by from as is are was were be been being am has have had having do does did
this that these those it its we our us you your they their them he she his her him i my me will would can could may
might shall should must not no nor but if than then so such into onto over under between within without during about
above after before also etc more most other others all any each per via which who whom whose what when where while how
both either well very use used using able including include includes included based through across among there here
out up down off only own same too just because until against again further once few some year years experience
responsible knowledge ability required require requires need needs looking work working
"""

STOP_WORDS = frozenset(_CHINESE.split() + _ENGLISH.split())
