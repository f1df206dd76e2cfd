"""What a person is told. Plain words: most readers are above sixty."""

from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_gateway.notices.words.table import Words

PERSON: dict[int, Words] = {
    pb.NOTICE_KIND_INVITATION_RECEIVED: Words(
        "{organisation}邀请您：{title}",
        "{organisation}想请您帮忙：“{title}”。请看一看：愿意就接受，不方便也可以婉拒，都没有关系。{expire_time}",
        "{organisation} invites you: {title}",
        "{organisation} would like your help with “{title}”. Please have a look: accept if you like, or decline if it "
        "does not suit you. {expire_time}",
    ),
    pb.NOTICE_KIND_INVITATION_REMINDER: Words(
        "{organisation}还在等您的答复：{title}",
        "几天前{organisation}邀请您参加“{title}”，还在等您的答复。去或不去都没有关系，请告诉对方一声。{expire_time}",
        "{organisation} still waits for your answer: {title}",
        "Some days ago {organisation} invited you to “{title}” and still waits for your answer. Yes or no are both "
        "fine; please let them know. {expire_time}",
    ),
    pb.NOTICE_KIND_INVITATION_CLOSED: Words(
        "邀请已结束：{title}",
        "{organisation}关于“{title}”的邀请已经结束，您不用再答复了。{because}谢谢您的关注，有合适的机会我们再请您。",
        "The invitation has ended: {title}",
        "The invitation of {organisation} to “{title}” has ended; you need not answer any more. {because}Thank you for "
        "your interest. We will gladly ask you again when something suits you.",
    ),
    pb.NOTICE_KIND_OPT_IN_CONFIRMED: Words(
        "{organisation}答应了：{title}",
        "您报名的“{title}”，{organisation}已经答应，双方结对成功。请打开页面看看对方的联系方式，约好第一次见面。",
        "{organisation} said yes: {title}",
        "{organisation} said yes to your offer for “{title}”: you work together now. Please open the page for how to "
        "reach them, and agree on a first meeting.",
    ),
    pb.NOTICE_KIND_OPT_IN_TURNED_DOWN: Words(
        "您的报名有了答复：{title}",
        "感谢您报名“{title}”。这一次没有成行。{because}{reason}您的经验依然宝贵，别的需求还在等着您。",
        "An answer to your offer: {title}",
        "Thank you for offering your help with “{title}”. It did not come about this time. {because}{reason}Your "
        "experience remains precious, and other requests are waiting for it.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_PAUSED: Words(
        "结对暂停：{title}",
        "您与{organisation}的结对“{title}”暂停一段时间，恢复时会再告诉您。",
        "Paused for now: {title}",
        "Your work with {organisation} on “{title}” is paused for a while. You will be told when it goes on.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_RESUMED: Words(
        "结对恢复：{title}",
        "您与{organisation}的结对“{title}”恢复了，可以约下一次见面。",
        "It goes on: {title}",
        "Your work with {organisation} on “{title}” goes on. You can agree on the next meeting.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_COMPLETED: Words(
        "圆满完成，谢谢您：{title}",
        "您与{organisation}的结对“{title}”圆满完成。感谢您把一身本领传下去！感谢证书已经准备好，可以在页面上打印。",
        "Finished, with thanks: {title}",
        "Your work with {organisation} on “{title}” is finished. Thank you for passing on what you know! Your "
        "certificate of thanks is ready; you can print it from the page.",
    ),
    pb.NOTICE_KIND_ENGAGEMENT_ENDED: Words(
        "结对提前结束：{title}",
        "您与{organisation}的结对“{title}”提前结束了。{reason}感谢您付出的时间和心意。",
        "Ended early: {title}",
        "Your work with {organisation} on “{title}” has ended early. {reason}Thank you for the time and care that you "
        "gave.",
    ),
    pb.NOTICE_KIND_SESSION_PLANNED: Words(
        "辅导时间定了：{title}",
        "{organisation}约您辅导“{title}”。{start}时间不合适的话，请在页面上改，或直接联系对方。",
        "A session is planned: {title}",
        "There is to be a session with {organisation} for “{title}”. {start}If the time does not suit you, change it "
        "on the page or tell them.",
    ),
    pb.NOTICE_KIND_SESSION_CANCELLED: Words(
        "辅导取消：{title}",
        "“{title}”的一次辅导{when}取消了，您不用过去。",
        "A session is cancelled: {title}",
        "A session for “{title}” {when}will not take place; you need not come.",
    ),
    pb.NOTICE_KIND_SESSION_REMINDER: Words(
        "明天有辅导：{title}",
        "提醒您：明天有一次“{title}”的辅导。{start}",
        "A session tomorrow: {title}",
        "A reminder: tomorrow there is a session for “{title}”. {start}",
    ),
    pb.NOTICE_KIND_SESSION_LOGGED: Words(
        "{organisation}记下了一次辅导：{title}",
        "{organisation}记下了您的一次辅导“{title}”。{held}{length}您辛苦了！记录在结对页面上，有出入可以改。",
        "{organisation} wrote down a session: {title}",
        "{organisation} wrote down a session that you held for “{title}”. {held}{length}Thank you! The record is on "
        "the page of your work together; you can correct it there.",
    ),
    pb.NOTICE_KIND_FEEDBACK_ASKED: Words(
        "想听听您的感受{how}：{title}",
        "您与{organisation}的结对“{title}”{phase}请用一两分钟说说感受，双方都写好以后才会互相看到。",
        "{how} {title}",
        "Your work with {organisation} on “{title}” {phase}Please take a minute or two to say how it went. Neither "
        "side sees the other’s words before both have written.",
    ),
    pb.NOTICE_KIND_FEEDBACK_READY: Words(
        "评价可以看了：{title}",
        "关于“{title}”，双方都写好了评价，现在可以看到{organisation}写的话。",
        "Feedback can be read: {title}",
        "Both sides have written about “{title}”. You can read now what {organisation} wrote.",
    ),
    pb.NOTICE_KIND_HOURS_NEAR_LIMIT: Words(
        "这一周快排满了：{title}",
        "{week_start}您愿意投入的时间快用完了。{minutes}请留意休息；想多给或少给一些时间，可以在“我的档案”里改。",
        "Your week is nearly full: {title}",
        "{week_start}little is left of the hours that you give. {minutes}Mind your rest; if you want to give more or "
        "fewer hours, change it in your profile.",
    ),
}
