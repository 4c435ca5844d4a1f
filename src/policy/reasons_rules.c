/* reasons_rules: codes, sentences and places. SPDX-License-Identifier: Apache-2.0 */
#include "policy/reasons_rules.h"

/* clang-format off */
/* ---- not this person ---- */

const struct option_reason WHY_KIDS = {
    {E_DENIED, "policy.kids_profile",
     "A kids profile reaches no account and no billing; switch to another profile."},
    TO_PROFILES};
const struct option_reason WHY_ASK_OWNER = {
    {E_DENIED, "policy.ask_owner",
     "Only the account's owner can see and change this; ask the account holder."},
    TO_OWNER};
const struct option_reason WHY_EXTRA = {
    {E_DENIED, "policy.extra_member",
     "An extra member manages their own sign-in and profile; for anything else ask the "
     "account holder who pays for the slot."},
    TO_OWNER};
const struct option_reason WHY_SIGN_IN = {
    {E_DENIED, "policy.sign_in",
     "This belongs to an account; sign in as its owner."},
    TO_SIGN_IN};
const struct option_reason WHY_NOT_AGENT = {
    {E_DENIED, "policy.not_agent",
     "Support does not do this for anybody; the owner does it on the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_NOT_OWNER = {
    {E_DENIED, "policy.support_only",
     "Only support ends a security case; contact support and prove who you are."},
    TO_SUPPORT};
const struct option_reason WHY_CANCEL_FORM = {
    {E_DENIED, "policy.cancel_form",
     "Only the owner can cancel here; the cancel form works without signing in."},
    TO_CANCEL_FORM};
const struct option_reason WHY_PROVE = {
    {E_DENIED, "policy.prove_first",
     "This needs a fresh proof of who you are; enter the code sent to you, then go on."},
    TO_IDENTITY};
/* ---- not here ---- */

const struct option_reason WHY_ON_WEB = {
    {E_DENIED, "policy.on_web",
     "Changes to billing are made on the web; go on there, on the account page."},
    TO_WEB};
const struct option_reason WHY_ON_WEB_NO_LINK = {
    {E_DENIED, "policy.not_in_app",
     "This app cannot change billing; open the account page in a browser."},
    TO_WEB};
/* ---- not with this biller ---- */

const struct option_reason WHY_PARTNER_PAYMENT = {
    {E_CONFLICT, "policy.partner_payment",
     "A partner bills this membership and holds its payment data; change the payment with "
     "that partner."},
    TO_PARTNER_PAYMENT};
const struct option_reason WHY_PARTNER_CANCEL = {
    {E_CONFLICT, "policy.partner_cancel",
     "A partner bills this membership; cancel with that partner, and it ends here when the "
     "partner says so."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_RESTART = {
    {E_CONFLICT, "policy.partner_restart",
     "A partner bills this membership; start again with that partner."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_PLAN = {
    {E_CONFLICT, "policy.partner_plan",
     "A partner bills this membership; change the plan with that partner."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_DAY = {
    {E_CONFLICT, "policy.partner_day",
     "A partner bills this membership on its own dates; ask that partner."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_PAUSE = {
    {E_CONFLICT, "policy.partner_pause",
     "A membership that a partner bills cannot be paused here; ask that partner."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_SLOTS = {
    {E_CONFLICT, "policy.partner_slots",
     "The partner or package that bills this membership has no extra members; see the "
     "plans billed by us."},
    TO_PLANS};
const struct option_reason WHY_PARTNER_GIFT = {
    {E_CONFLICT, "policy.partner_gift",
     "A partner bills this membership; keep the card, it can be redeemed when the "
     "partner's last period has ended."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_REFUND = {
    {E_CONFLICT, "policy.partner_refund",
     "A partner took this money; ask that partner for a refund."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_DELETE = {
    {E_CONFLICT, "policy.partner_delete",
     "A partner bills this membership; cancel with that partner first, then the account "
     "can be deleted."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_PRICE = {
    {E_CONFLICT, "policy.partner_price",
     "A partner bills this membership and sets its price; ask that partner."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_SLOT = {
    {E_CONFLICT, "policy.partner_slot",
     "A partner bills this membership and its extra members; buy the slot with that "
     "partner."},
    TO_PARTNER};
const struct option_reason WHY_PARTNER_RECOVERY = {
    {E_CONFLICT, "policy.partner_recovery",
     "There is no contact that we could write to, and a partner bills this membership; sign "
     "in there, and it leads back to this account."},
    TO_PARTNER};
/* ---- not as it stands ---- */

const struct option_reason WHY_LOCKED = {
    {E_CONFLICT, "policy.locked",
     "The account is locked because a takeover was reported, so nothing is charged or "
     "changed; go through the security check first."},
    TO_SECURITY};
const struct option_reason WHY_NO_MEMBERSHIP = {
    {E_CONFLICT, "policy.no_membership",
     "There is no membership yet; sign up to start one."},
    TO_SIGN_UP};
const struct option_reason WHY_DELETED = {
    {E_CONFLICT, "policy.deleted",
     "The account was deleted when its retention time ended; sign up for a new one."},
    TO_SIGN_UP};
const struct option_reason WHY_PENDING = {
    {E_CONFLICT, "policy.payment_pending",
     "A payment has no answer yet; wait for it, it ends by itself within the hour."},
    TO_ACCOUNT};
const struct option_reason WHY_MEMBER_ALREADY = {
    {E_CONFLICT, "policy.member_already",
     "The membership runs already; see it on the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_UNPAID = {
    {E_CONFLICT, "policy.unpaid",
     "The last payment has failed; pay first, by another payment method if need be."},
    TO_PAYMENT};
const struct option_reason WHY_ENDING = {
    {E_CONFLICT, "policy.ending",
     "The membership is cancelled and runs until its final date; undo that first."},
    TO_UNDO_CANCEL};
const struct option_reason WHY_END_REACHED = {
    {E_CONFLICT, "policy.end_reached",
     "The last day is over and the end is being settled; after that the membership can be "
     "restarted."},
    TO_ACCOUNT};
const struct option_reason WHY_PAUSED = {
    {E_CONFLICT, "policy.paused",
     "The membership is paused; resume it first."},
    TO_RESUME};
const struct option_reason WHY_ENDED = {
    {E_CONFLICT, "policy.ended",
     "The membership has ended and is not charged any more; it can be restarted."},
    TO_RESTART};
const struct option_reason WHY_STILL_RUNS = {
    {E_CONFLICT, "policy.still_runs",
     "The membership has not ended, so there is nothing to restart; see it on the account "
     "page."},
    TO_ACCOUNT};
const struct option_reason WHY_NOT_ENDING = {
    {E_CONFLICT, "policy.not_ending",
     "The membership is not cancelled, so there is nothing to undo; see it on the account "
     "page."},
    TO_ACCOUNT};
const struct option_reason WHY_NOT_PAUSED = {
    {E_CONFLICT, "policy.not_paused",
     "The membership is not paused; see it on the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_NOTHING_PLANNED = {
    {E_CONFLICT, "policy.no_plan_change",
     "No change of plan is planned, so there is nothing to undo; see the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_HELD_BACK = {
    {E_CONFLICT, "policy.held_back",
     "This restart looks unusual and is held back; its owner is asked on every channel, or "
     "contact support."},
    TO_SUPPORT};
const struct option_reason WHY_PAUSE_PLANNED = {
    {E_CONFLICT, "policy.pause_planned",
     "A pause is planned already; make it longer, or withdraw it by resuming."},
    TO_RESUME};
const struct option_reason WHY_PAUSE_PLAN = {
    {E_CONFLICT, "policy.pause_plan",
     "This plan cannot be paused; change the plan, or cancel and restart later."},
    TO_PLANS};
const struct option_reason WHY_PAUSE_METHOD = {
    {E_CONFLICT, "policy.pause_method",
     "A membership with this kind of payment method cannot be paused; make another one the "
     "primary method."},
    TO_PAYMENT};
const struct option_reason WHY_PAUSE_LIMIT = {
    {E_CONFLICT, "policy.pause_limit",
     "The pause has used all its months; resume, or cancel and restart later."},
    TO_RESUME};
const struct option_reason WHY_SLOT_PLAN = {
    {E_CONFLICT, "policy.slot_plan",
     "This plan has no extra members; change to a plan that has."},
    TO_PLANS};
const struct option_reason WHY_SLOT_COUNTRY = {
    {E_CONFLICT, "policy.slot_country",
     "Extra members are not offered in this country; the person can have an account of "
     "their own."},
    TO_SIGN_UP};
const struct option_reason WHY_SLOT_LIMIT = {
    {E_CONFLICT, "policy.slot_limit",
     "All the plan's extra-member slots are taken; cancel one, or change to a plan with "
     "more."},
    TO_PLANS};
const struct option_reason WHY_NO_SLOT = {
    {E_CONFLICT, "policy.no_slot",
     "There is no extra-member slot to cancel; see the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_REFUND_ASK = {
    {E_CONFLICT, "policy.refund_ask",
     "Support decides on refunds by the rules; contact support and name the charge."},
    TO_SUPPORT};
const struct option_reason WHY_GIFT_CURRENCY = {
    {E_CONFLICT, "policy.gift_currency",
     "This gift card is in another currency than the account; it stays unused, for an "
     "account of its currency."},
    TO_SIGN_UP};
const struct option_reason WHY_GIFT_NO_ACCOUNT = {
    {E_DENIED, "policy.gift_no_account",
     "A gift card is redeemed for an account; sign in, or sign up in the card's currency."},
    TO_SIGN_UP};
const struct option_reason WHY_NO_WITHDRAWAL = {
    {E_CONFLICT, "policy.no_withdrawal",
     "There is no right of withdrawal here, or its days are over; cancel instead."},
    TO_CANCEL};
const struct option_reason WHY_NOT_LOCKED = {
    {E_CONFLICT, "policy.not_locked",
     "The account is not locked, so there is nothing to unlock; see it on the account "
     "page."},
    TO_ACCOUNT};
const struct option_reason WHY_CANCEL_FIRST = {
    {E_CONFLICT, "policy.cancel_first",
     "An account can be deleted when its membership is cancelled; cancel first."},
    TO_CANCEL};
const struct option_reason WHY_NO_DELETION = {
    {E_CONFLICT, "policy.no_deletion",
     "No deletion is planned, so there is nothing to undo; see the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_NOT_RESTARTED = {
    {E_CONFLICT, "policy.not_restarted",
     "This membership was not restarted, so there is nothing to undo; report a takeover if "
     "somebody else was here."},
    TO_SECURITY};
const struct option_reason WHY_RESTART_OLD = {
    {E_CONFLICT, "policy.restart_old",
     "The restart is too long ago to be undone by itself; report a takeover, and a person "
     "looks into it."},
    TO_SECURITY};
const struct option_reason WHY_NO_PRICE_QUESTION = {
    {E_CONFLICT, "policy.no_price_question",
     "No new price asks for consent; see the next charge on the account page."},
    TO_ACCOUNT};
const struct option_reason WHY_RETENTION_OVER = {
    {E_CONFLICT, "policy.retention_over",
     "The time in which it could be restarted is over; sign up for a new account."},
    TO_SIGN_UP};
const struct option_reason WHY_CHANGE_PLANNED = {
    {E_CONFLICT, "policy.change_planned",
     "Another plan is planned for the next billing date; undo that first, or buy the slot "
     "then."},
    TO_PLANS};
const struct option_reason WHY_ASSISTED = {
    {E_CONFLICT, "policy.assisted",
     "There is no contact that we could write to; contact support, which looks for the "
     "account with you."},
    TO_SUPPORT};
const struct option_reason WHY_PLAN_STAYS = {
    {E_CONFLICT, "policy.plan_stays",
     "This plan is not being retired; change it with the other plans on the account page."},
    TO_PLANS};
const struct option_reason WHY_DAY_FIXED = {
    {E_CONFLICT, "policy.day_fixed",
     "The billing day stays; cancel, and restart on the day that suits."},
    TO_CANCEL};
const struct option_reason WHY_DAY_PAUSE = {
    {E_CONFLICT, "policy.day_pause",
     "A pause is planned, and charging begins anew after it; withdraw the pause first, by "
     "resuming."},
    TO_RESUME};
const struct option_reason WHY_DAY_PLANNED = {
    {E_CONFLICT, "policy.day_planned",
     "Another plan, or the end of an extra member's slot, is planned for the next billing date; "
     "undo that first, or move the day after it."},
    TO_PLANS};
const struct option_reason WHY_DAY_FREE = {
    {E_CONFLICT, "policy.day_free",
     "Nothing has been charged for these days yet; move the day after the next charge."},
    TO_ACCOUNT};
const struct option_reason WHY_DAY_MOVED_ALREADY = {
    {E_CONFLICT, "policy.day_moved",
     "The billing day was moved already; it can be moved again after the first charge on the new "
     "day."},
    TO_ACCOUNT};
const struct option_reason WHY_DAY_TODAY = {
    {E_CONFLICT, "policy.day_today",
     "Today is the billing day; move it from tomorrow on."},
    TO_ACCOUNT};
const struct option_reason WHY_DAY_METHOD = {
    {E_CONFLICT, "policy.day_method",
     "With this kind of payment method the billing day stays; make another one the primary "
     "method."},
    TO_PAYMENT};
/* ---- allowed ---- */

const struct option_reason WHY_YOURS = {
    {OK, "policy.yours",
     "This is your own account."},
    TO_HERE};
const struct option_reason WHY_MASKED = {
    {OK, "policy.masked",
     "Support sees it with payment data masked."},
    TO_HERE};
const struct option_reason WHY_KEPT = {
    {OK, "policy.kept",
     "Only invoices, receipts and consents are left, and those are kept for the law alone."},
    TO_HERE};
const struct option_reason WHY_NEXT_DATE = {
    {OK, "policy.next_date",
     "The method is used from the next billing date on."},
    TO_HERE};
const struct option_reason WHY_TRIED_NOW = {
    {OK, "policy.tried_now",
     "A payment has failed, so the new method is tried at once."},
    TO_HERE};
const struct option_reason WHY_WITH_RESTART = {
    {OK, "policy.with_restart",
     "The method is used when the membership is restarted."},
    TO_RESTART};
const struct option_reason WHY_WITH_START = {
    {OK, "policy.with_start",
     "The method is used when the membership is started."},
    TO_SIGN_UP};
const struct option_reason WHY_AFTER_ANSWER = {
    {OK, "policy.after_answer",
     "A payment is on its way; the method is used after it."},
    TO_HERE};
const struct option_reason WHY_CHARGED_NOW = {
    {OK, "policy.charged_now",
     "The first month is charged now, and the membership starts when it is paid."},
    TO_HERE};
const struct option_reason WHY_UNDONE = {
    {OK, "policy.undone",
     "Nothing has ended yet: the same plan, payment method and billing date go on."},
    TO_HERE};
const struct option_reason WHY_NEW_ANCHOR = {
    {OK, "policy.new_anchor",
     "Confirm the details: the first month is charged now, and the day of payment is the "
     "new billing day."},
    TO_HERE};
const struct option_reason WHY_ENDS_LATER = {
    {OK, "policy.ends_later",
     "Two screens; access lasts until the end of the paid period, and nothing is charged "
     "after that."},
    TO_HERE};
const struct option_reason WHY_ENDS_OR_CREDIT = {
    {OK, "policy.ends_or_credit",
     "Two screens; choose between the end of the paid period and watching until the credit "
     "is used up."},
    TO_HERE};
const struct option_reason WHY_ENDS_NOW = {
    {OK, "policy.ends_now",
     "The membership ends at once, and nothing more is charged."},
    TO_HERE};
const struct option_reason WHY_FORM = {
    {OK, "policy.form",
     "Anybody can declare it here; the account's own contact gets the confirmation, and a way to "
     "undo it."},
    TO_CANCEL_FORM};
const struct option_reason WHY_REFUNDED = {
    {OK, "policy.refunded",
     "The membership ends at once, and the part not served is paid back."},
    TO_HERE};
const struct option_reason WHY_PAUSE_LATER = {
    {OK, "policy.pause_later",
     "The pause begins when the paid period ends, and says on which date charging begins "
     "again."},
    TO_HERE};
const struct option_reason WHY_PAUSE_LONGER = {
    {OK, "policy.pause_longer",
     "The pause lasts a month longer."},
    TO_HERE};
const struct option_reason WHY_RESUME_NOW = {
    {OK, "policy.resume_now",
     "The next month is charged now, and the day of payment is the new billing day."},
    TO_HERE};
const struct option_reason WHY_PAUSE_DROPPED = {
    {OK, "policy.pause_dropped",
     "The pause has not begun and is withdrawn; nothing changes."},
    TO_HERE};
const struct option_reason WHY_PLAN_PREVIEW = {
    {OK, "policy.plan_preview",
     "What it costs, from when, and what is lost is shown before it is confirmed."},
    TO_HERE};
const struct option_reason WHY_DAY_PREVIEW = {
    {OK, "policy.day_preview",
     "The days until the new billing day are charged now; what they cost is shown before it is "
     "confirmed."},
    TO_HERE};
const struct option_reason WHY_PLAN_KEPT = {
    {OK, "policy.plan_kept",
     "The planned change is withdrawn and the present plan goes on."},
    TO_HERE};
const struct option_reason WHY_SLOT_BILLED = {
    {OK, "policy.slot_billed",
     "A slot is charged from the day it is bought, also while nobody uses it."},
    TO_HERE};
const struct option_reason WHY_SLOT_ENDS = {
    {OK, "policy.slot_ends",
     "The slot lasts until the end of the period, and is not charged after that."},
    TO_HERE};
const struct option_reason WHY_CREDIT_ADDED = {
    {OK, "policy.credit_added",
     "The whole value becomes credit, which is used before any payment method."},
    TO_HERE};
const struct option_reason WHY_GIFT_RELEASES = {
    {OK, "policy.gift_releases",
     "The value becomes credit; when it is enough, the membership goes on."},
    TO_HERE};
const struct option_reason WHY_REFUND_RULES = {
    {OK, "policy.refund_rules",
     "Whether money goes back follows from the rules, which are named in the answer."},
    TO_HERE};
const struct option_reason WHY_MATCH = {
    {OK, "policy.match",
     "Only the kind of match is told; details go to the account's own contact."},
    TO_HERE};
const struct option_reason WHY_LOCKS = {
    {OK, "policy.locks",
     "A report is taken from anybody and locks the account until it is looked into."},
    TO_HERE};
const struct option_reason WHY_UNLOCKS = {
    {OK, "policy.unlocks",
     "Unlock when the case is solved."},
    TO_HERE};
const struct option_reason WHY_DELETES = {
    {OK, "policy.deletes",
     "Everything but invoices, receipts and consents is deleted on the date that is named, "
     "and until then it can be undone."},
    TO_HERE};
const struct option_reason WHY_DELETE_DROPPED = {
    {OK, "policy.delete_dropped",
     "The planned deletion is withdrawn."},
    TO_HERE};
const struct option_reason WHY_SIGN_OUT = {
    {OK, "policy.sign_out",
     "Signing out and deleting the app change nothing in the membership; to end it, "
     "cancel."},
    TO_CANCEL};
const struct option_reason WHY_RESTART_UNDONE = {
    {OK, "policy.restart_undone",
     "All its charges go back, the membership ends as it had ended, and the account is "
     "locked until it is looked into."},
    TO_HERE};
const struct option_reason WHY_PRICE_AGREED = {
    {OK, "policy.price_agreed",
     "The new price counts from the date that was announced, or from the next period; "
     "without consent the old one goes on."},
    TO_HERE};
const struct option_reason WHY_STAYS = {
    {OK, "policy.stays",
     "The membership goes on, although nobody has watched for long."},
    TO_HERE};
const struct option_reason WHY_REFUND_DECIDED = {
    {OK, "policy.refund_decided",
     "A person decides by the rules; what is urgent is answered by the time that is named."},
    TO_HERE};
const struct option_reason WHY_LINK_SENT = {
    {OK, "policy.link_sent",
     "A link or a code goes to a contact of the account."},
    TO_HERE};
const struct option_reason WHY_CONTACTS_TOLD = {
    {OK, "policy.contacts_told",
     "The old and the new address are told of the change."},
    TO_HERE};
const struct option_reason WHY_PLAN_CHOICE = {
    {OK, "policy.plan_choice",
     "The plan is sold no longer: each choice shows its price and what is lost, and may be changed "
     "until the last day."},
    TO_HERE};
/* clang-format on */
