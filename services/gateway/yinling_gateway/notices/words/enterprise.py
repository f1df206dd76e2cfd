"""What an enterprise is told. No names of people: those stand on the page, behind the sign-in."""

from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_gateway.notices.words.table import Words

ENTERPRISE: dict[int, Words] = {
    pb.NOTICE_KIND_INVITATION_EXPIRED: Words(
        "邀请到期，没有答复：{title}",
        "“{title}”的一份邀请到期了，对方没有答复。可以看看推荐名单里的下一位。",
        "An invitation has expired: {title}",
        "An invitation for “{title}” has expired without an answer. Have a look at who comes next in the suggestions.",
    ),
    pb.NOTICE_KIND_INVITATION_ACCEPTED: Words(
        "邀请被接受：{title}",
        "好消息：“{title}”的邀请被接受了，双方结对成功。请尽快联系专家，约好第一次见面。",
        "An invitation was accepted: {title}",
        "Good news: an invitation for “{title}” was accepted, and you work together now. Please get in touch soon and "
        "agree on a first meeting.",
    ),
    pb.NOTICE_KIND_INVITATION_DECLINED: Words(
        "邀请被婉拒：{title}",
        "“{title}”的一份邀请被婉拒了。{reason}请看推荐名单里的下一位。",
        "An invitation was declined: {title}",
        "An invitation for “{title}” was declined. {reason}Have a look at who comes next in the suggestions.",
    ),
    # Where the person can no longer take part. Why is nobody's business.
    pb.NOTICE_KIND_INVITATION_CLOSED: Words(
        "对方不能参加了，邀请已结束：{title}",
        "您为“{title}”邀请的一位专家现在不能参加了，这份邀请已经结束，不用再等答复。可以看看推荐名单里的下一位。",
        "An invitation has ended, for the person can no longer take part: {title}",
        "Somebody whom you invited for “{title}” can no longer take part. The invitation has ended; you need not wait "
        "for an answer. Have a look at who comes next in the suggestions.",
    ),
    pb.NOTICE_KIND_OPT_IN_RECEIVED: Words(
        "有专家报名：{title}",
        "一位退休专家报名参加“{title}”。请看一看，尽早答复，对方在等您的消息。",
        "Somebody offers their help: {title}",
        "A retired expert offers to help with “{title}”. Please have a look and answer soon: they are waiting.",
    ),
    pb.NOTICE_KIND_OPT_IN_WITHDRAWN: Words(
        "报名撤回：{title}",
        "“{title}”的一份报名撤回了。{because}其他报名和推荐仍在页面上。",
        "An offer was taken back: {title}",
        "An offer for “{title}” was taken back. {because}Other offers and suggestions are still on the page.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_PAUSED: Words(
        "结对暂停：{title}",
        "“{title}”的结对暂停一段时间，恢复时会再告诉您。",
        "Paused for now: {title}",
        "The work on “{title}” is paused for a while. You will be told when it goes on.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_RESUMED: Words(
        "结对恢复：{title}",
        "“{title}”的结对恢复了，可以约下一次见面。",
        "It goes on: {title}",
        "The work on “{title}” goes on. You can agree on the next meeting.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_COMPLETED: Words(
        "结对完成：{title}",
        "“{title}”的结对圆满完成。别忘了向专家道一声谢，并写下评价。",
        "Finished: {title}",
        "The work on “{title}” is finished. Please thank the expert, and say how it went.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_ENDED: Words(
        "结对提前结束：{title}",
        "“{title}”的结对提前结束了。{reason}如果还需要人，可以重新开放这项需求。",
        "Ended early: {title}",
        "The work on “{title}” has ended early. {reason}If you still need somebody, open the request again.",
    ),
    pb.NOTICE_KIND_SESSION_PLANNED: Words(
        "辅导时间定了：{title}",
        "“{title}”约好了一次辅导。{start}时间不合适的话，请在页面上改，或直接联系对方。",
        "A session is planned: {title}",
        "There is to be a session for “{title}”. {start}If the time does not suit you, change it on the page or "
        "tell them.",
    ),
    pb.NOTICE_KIND_SESSION_CANCELLED: Words(
        "辅导取消：{title}",
        "“{title}”的一次辅导{when}取消了。",
        "A session is cancelled: {title}",
        "A session for “{title}” {when}will not take place.",
    ),
    pb.NOTICE_KIND_SESSION_REMINDER: Words(
        "明天有辅导：{title}",
        "提醒您：明天有一次“{title}”的辅导。{start}请安排好接待。",
        "A session tomorrow: {title}",
        "A reminder: tomorrow there is a session for “{title}”. {start}Please be ready to welcome the expert.",
    ),
    pb.NOTICE_KIND_SESSION_LOGGED: Words(
        "专家记下了一次辅导：{title}",
        "专家记下了“{title}”的一次辅导。{held}{length}请到结对页面看看记录，有出入可以改。",
        "The expert wrote down a session: {title}",
        "The expert wrote down a session for “{title}”. {held}{length}Please have a look at the record on the page of "
        "your work together; you can correct it there.",
    ),
    pb.NOTICE_KIND_FEEDBACK_ASKED: Words(
        "请写下评价{how}：{title}",
        "“{title}”的结对{phase}请用一两分钟写下评价，双方都写好以后才会互相看到。",
        "{how} {title}",
        "The work on “{title}” {phase}Please take a minute or two to say how it went. Neither side sees the other’s "
        "words before both have written.",
    ),
    pb.NOTICE_KIND_FEEDBACK_READY: Words(
        "评价可以看了：{title}",
        "关于“{title}”，双方都写好了评价，现在可以互相看到。",
        "Feedback can be read: {title}",
        "Both sides have written about “{title}”. Each can read now what the other wrote.",
    ),
    pb.NOTICE_KIND_HOURS_NEAR_LIMIT: Words(
        "专家这一周快排满了：{title}",
        "{week_start}专家愿意投入的时间快用完了。请把新的辅导排到下一周。",
        "The expert’s week is nearly full: {title}",
        "{week_start}little is left of the hours that the expert gives. Please plan further sessions for the week "
        "after.",
    ),
    pb.NOTICE_KIND_REQUEST_EXPIRED: Words(
        "需求到期：{title}",
        "需求“{title}”到期，已经停止招募。如果还需要，改一下截止日期就能重新开放。",
        "A request has expired: {title}",
        "The request “{title}” has reached its last day and is closed to new people. If you still need somebody, set a "
        "later day and open it again.",
    ),
    pb.NOTICE_KIND_REQUEST_FILLED: Words(
        "需求已满：{title}",
        "恭喜：“{title}”需要的专家都找到了。其余的邀请和报名已经由系统致谢并结束。",
        "A request is filled: {title}",
        "Congratulations: “{title}” has found everybody that it wants. The other invitations and offers were closed "
        "with thanks.",
    ),
}
