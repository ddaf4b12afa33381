"""What happens to things, in words: the action of an event as a person reads it in a history or an inbox.

An action is `<thing>.<past tense>`. Its words are the thing's and the verb's, unless `WHOLE` says them better. Pure.
"""

from __future__ import annotations

from app.kernel.text import Text

THINGS: dict[str, Text] = {
    "access": Text("Access request", "接入申请"),
    "access_request": Text("Access request", "接入申请"),
    "agency": Text("Agency", "代理关系"),
    "allocation": Text("Allocation", "统筹配置"),
    "agreement": Text("Agreement", "协议"),
    "agreements": Text("Agreement", "协议"),
    "approval": Text("Approval", "审批"),
    "asset": Text("Asset", "设施"),
    "attachment": Text("Document", "附件"),
    "bundle": Text("Bundle of needs", "需求组合"),
    "calendar": Text("Working calendar", "工作日历"),
    "calendar_year": Text("Working calendar", "工作日历"),
    "capacity": Text("Capacity", "容量"),
    "closer_look": Text("Request for a closer look", "查看申请"),
    "cobuild_group": Text("Co-construction group", "共建组"),
    "cobuild_run": Text("Co-construction reckoning", "共建测算"),
    "competence": Text("Competence", "职权"),
    "delegation": Text("Delegation", "委托"),
    "deadline": Text("Deadline", "期限"),
    "disclosure": Text("Disclosure", "披露"),
    "exemption": Text("Exemption", "豁免"),
    "grant": Text("Grant of access", "披露授权"),
    "import": Text("Import", "导入"),
    "listing": Text("Listing", "资源"),
    "match": Text("Match", "匹配"),
    "match_run": Text("Matching run", "匹配运行"),
    "member": Text("Member", "成员"),
    "need": Text("Need", "需求"),
    "needs_list": Text("Needs list", "需求清单"),
    "offer": Text("Offer", "要约"),
    "organisation": Text("Organisation", "单位"),
    "person": Text("Account", "账号"),
    "token": Text("API token", "API 令牌"),
    "works": Text("Works project", "建设工程"),
}
VERBS: dict[str, Text] = {
    "accepted": Text("accepted", "已接受"),
    "added": Text("added", "已添加"),
    "amended": Text("amended", "已修改"),
    "approved": Text("approved", "已批准"),
    "approved_with_conditions": Text("approved with conditions", "附条件批准"),
    "asked": Text("asked for", "已提出"),
    "cancelled": Text("cancelled", "已取消"),
    "carried_over": Text("carried over", "已结转"),
    "changed": Text("changed", "已变更"),
    "closed": Text("closed", "已关闭"),
    "to_be_cobuilt": Text("to be co-built", "转共建"),
    "committed": Text("committed", "已占用"),
    "agreed": Text("agreed by all", "各方已同意"),
    "consented": Text("consented to", "已同意"),
    "consent_withdrawn": Text("consent withdrawn", "已撤回同意"),
    "exempted": Text("exempted", "已豁免"),
    "proposed": Text("proposed", "已提出"),
    "superseded": Text("superseded", "已被取代"),
    "start_slipped": Text("put off", "已推迟"),
    "assigned": Text("assigned", "已分派"),
    "sent_back": Text("sent back", "已退回承办人"),
    "voided": Text("void: to be decided again", "已失效，须重新审批"),
    "condition_reported": Text("condition reported as fulfilled", "已报条件落实"),
    "condition_fulfilled": Text("condition fulfilled", "条件已落实"),
    "condition_not_fulfilled": Text("condition not fulfilled", "条件未落实"),
    "confirmed": Text("confirmed", "已确认"),
    "countered": Text("answered with a counter-offer", "已提出反要约"),
    "created": Text("created", "已创建"),
    "deactivated": Text("deactivated", "已停用"),
    "dissolved": Text("dissolved", "已解散"),
    "done": Text("finished", "已完成"),
    "drafted": Text("drafted", "已起草"),
    "edited": Text("edited", "已编辑"),
    "ended": Text("ended", "已结束"),
    "expired": Text("expired", "已到期"),
    "failed": Text("failed", "失败"),
    "finished": Text("finished", "已完成"),
    "found": Text("found", "已找到"),
    "loaded": Text("loaded", "已载入"),
    "recounted": Text("counted again", "已重新计算"),
    "lost": Text("lost", "已失效"),
    "given": Text("given", "已授予"),
    "granted": Text("granted", "已授予"),
    "ordered": Text("ordered", "已责令"),
    "held": Text("held", "已保留"),
    "hold_expired": Text("hold expired", "保留已到期"),
    "imported": Text("imported", "已导入"),
    "in_force": Text("in force", "已生效"),
    "invited": Text("invited", "已邀请"),
    "invitation_withdrawn": Text("invitation withdrawn", "邀请已撤回"),
    "joined": Text("joined", "已加入"),
    "left": Text("left", "已离开"),
    "made": Text("made", "已建立"),
    "matched": Text("matched", "已匹配"),
    "merged": Text("merged", "已合并"),
    "moved": Text("moved", "已移动"),
    "noted": Text("noted", "已知悉"),
    "opened": Text("opened", "已开放"),
    "own_build": Text("own build allowed", "准予自建"),
    "partly_served": Text("partly served", "部分满足"),
    "passed": Text("passed", "已届满"),
    "password_changed": Text("password changed", "密码已修改"),
    "paused": Text("paused", "已暂停"),
    "pending": Text("pending", "待定"),
    "published": Text("published", "已发布"),
    "reactivated": Text("active again", "已恢复"),
    "refused": Text("refused", "已拒绝"),
    "released": Text("released", "已释放"),
    "removed": Text("removed", "已移除"),
    "request_accepted": Text("accepted", "已接受"),
    "request_agreed": Text("agreed", "已同意"),
    "request_countered": Text("answered with a counter-offer", "已提出反要约"),
    "request_created": Text("created", "已创建"),
    "request_edited": Text("edited", "已编辑"),
    "request_expired": Text("expired", "已到期"),
    "request_refused": Text("refused", "已拒绝"),
    "request_submitted": Text("submitted", "已提交"),
    "request_withdrawn": Text("withdrawn", "已撤回"),
    "reset_asked": Text("password reset asked for", "申请重设密码"),
    "resumed": Text("resumed", "已恢复"),
    "retired": Text("retired", "已退役"),
    "returned": Text("returned", "已退回"),
    "revoked": Text("revoked", "已撤销"),
    "running": Text("started", "已开始"),
    "served": Text("served", "已满足"),
    "signed": Text("signed", "已签署"),
    "signed_in": Text("signed in", "已登录"),
    "started": Text("started", "已开始"),
    "submitted": Text("submitted", "已提交"),
    "suspended": Text("suspended", "已暂停"),
    "totals_set": Text("totals set", "总量已设定"),
    "undone": Text("undone", "已撤销"),
    "updated": Text("updated", "已更新"),
    "uploaded": Text("uploaded", "已上传"),
    "void": Text("void", "已作废"),
    "withdrawn": Text("withdrawn", "已撤回"),
    "baseline_entered": Text("earlier tenant entered", "已登记原有占用"),
    "unavailable_entered": Text("made unavailable", "已设为不可用"),
    "reserve_entered": Text("reserve set", "已设权属单位预留"),
}
WHOLE: dict[str, Text] = {
    "person.signed_in": Text("Signed in", "登录"),
    "person.password_changed": Text("Password changed", "修改密码"),
    "person.reset_asked": Text("New password asked for", "申请重设密码"),
    "member.invitation_withdrawn": Text("Invitation withdrawn", "撤回邀请"),
    "capacity.totals_set": Text("Capacity set", "容量总量已设定"),
    "capacity.hold_expired": Text("Hold on capacity expired", "容量保留已到期"),
    "capacity.start_slipped": Text("Planned asset comes later", "规划设施推迟可用"),
}


def action_text(action: str) -> Text:
    """`need.submitted` → "Need submitted", "需求已提交". What has no words here stands as it is, without its dots."""
    if action in WHOLE:
        return WHOLE[action]
    thing, _, verb = action.partition(".")
    named, done = thing_text(thing), VERBS.get(verb) or _plain(verb)
    return Text(f"{named.en} {done.en}", f"{named.zh}{done.zh}")


def thing_text(thing: str) -> Text:
    """The word for a subject type: `access_request` → "Access request"."""
    return THINGS.get(thing) or _plain(thing)


def _plain(code: str) -> Text:
    words = code.replace("_", " ").replace(".", " ")
    return Text(words, words)
