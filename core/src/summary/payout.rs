//! Payouts: what each entry brings to the document of its payout.
//!
//! An entry always brings exactly what it moved: what cannot be joined, or belongs to an order that
//! cannot be posted yet, is a line of its own, so that the document equals the deposit (law L5).
//! Once the order can be posted, the next payout's document moves the amount to its right lines.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding, Subject},
    mapping::takings::{Share, TakingKind, TakingLine},
    money::{Amount, Currency, XERO_DIGITS, round_half_up},
    register::Register,
    settings::{Settings, summary::Mode},
    shop::payout::{EntryKind, PayoutState},
    sorted::sorted_by,
};

use super::{
    Closed, Entry, Ground, Member, Part, Payout, Route, Taking, TakingState, Waiting,
    daily::{Found, number_of, waiting_adjustment},
    join::{Index, Joined, in_daily, sold_amount},
    proportion::part,
    route::source_word,
    sums::{Sums, difference},
};

/// Decimals of a currency's amounts on documents.
pub(super) fn digits_of(currency: &str) -> u32 {
    Currency::parse(currency).map_or(XERO_DIGITS, |own| own.digits().min(XERO_DIGITS))
}

/// The beginning of the keys of a payout's documents.
pub(super) fn payout_key(source: crate::shop::payout::Source, id: &str) -> String {
    // A slash in somebody else's id would divide the key.
    format!("payout/{}/{}/", source_word(source), id.replace('/', "-"))
}

/// Adds the entries of payouts.
pub fn add_entries(
    ground: &Ground<'_>,
    part: &Part<'_>,
    sums: &mut Sums,
    found: &mut Found,
    findings: &mut Vec<Finding>,
) {
    count_sent(ground, part, sums);
    let mut index = Index::new(part.takings, part.entries);
    let mut charged: Register<Decimal> = Register::default();
    let entries: Vec<&Entry> = part.entries.iter().collect();
    for entry in sorted_by(entries, |a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id))) {
        let joined = index.join(entry);
        let mut writer = Writer { ground, posted: part.posted, entry, joined, findings };
        let shares = writer.shares(&mut charged);
        let object = Subject { kind: "entry".into(), id: entry.id.clone() };
        let posted: Vec<&Member> =
            part.posted.iter().filter(|member| member.object == object).collect();
        let stands_for = joined
            .refund
            .or(joined.order.filter(|_| entry.kind == EntryKind::Charge))
            .filter(|taking| is_paid_out(part.posted, taking))
            .map(|taking| taking.object.clone());
        let member = Member {
            object,
            stands_for: stands_for.unwrap_or_default(),
            order_id: joined.order.or(joined.refund).map_or(0, |taking| taking.order_id),
            currency: entry.currency.clone(),
            ..Member::default()
        };
        let method = joined.order.map(|order| order.method.as_str()).unwrap_or_default();
        let before: Vec<&Share> = posted.iter().flat_map(|member| &member.shares).collect();
        let net: Decimal = shares.iter().map(|share| share.gross.0).sum();
        let stands: Decimal = before.iter().map(|share| share.gross.0).sum();
        if posted.is_empty() {
            place(ground, entry, Member { shares, ..member }, method, sums, found);
        } else if stands.is_zero() && !net.is_zero() {
            // Its own document was undone, and others hold what adjusted it.
            for member in apart(&posted, &shares, &member) {
                let made = found.members.len();
                place(ground, entry, member, method, sums, found);
                if found.members.len() == made {
                    break;
                }
            }
        } else if !is_held(part, &joined, &posted) {
            adjust(ground, &posted, &shares, &member, sums, found);
        }
    }
    for object in part.gone.iter().filter(|object| object.kind == "entry") {
        let posted: Vec<&Member> =
            part.posted.iter().filter(|member| member.object == *object).collect();
        if let Some(first) = posted.first()
            && !put_back(ground, first, &posted, sums, found)
        {
            adjust(ground, &posted, &[], first, sums, found);
        }
    }
}

/// An entry that the gateway no longer has, whose own document was undone while another holds what
/// took it back: that document comes to its deposit only with the entry. `false` where it is not so.
fn put_back(
    ground: &Ground<'_>,
    first: &Member,
    posted: &[&Member],
    sums: &mut Sums,
    found: &mut Found,
) -> bool {
    let of = |member: &&Member| {
        let own = |closed: &&Closed| closed.undone && closed.number == member.adjusts;
        ground.closed.iter().find(own)
    };
    let undone = posted.iter().find_map(of);
    let undone = undone.filter(|one| posted.iter().all(|member| member.document != one.key));
    let Some(undone) = undone else { return false };
    let before: Vec<&Share> = posted.iter().flat_map(|member| &member.shares).collect();
    let shares = difference(&[], &before);
    if shares.is_empty() {
        return true;
    }
    if undone.redone {
        let (document, adjusts) = (undone.key.clone(), String::new());
        let member = Member { document, adjusts, shares, ..first.clone() };
        sums.add(&member.document, &member.currency, "", "", &member.shares);
        found.members.push(member);
    } else {
        found.waiting.push(Waiting {
            object: first.object.clone(),
            order_id: first.order_id,
            reason: "undone".into(),
            message: format!("{} was undone", undone.number),
            currency: first.currency.clone(),
            amount: Amount(shares.iter().map(|share| share.gross.0).sum()),
        });
    }
    true
}

/// Counts what the documents of payouts hold that were sent: where a payout has several, the
/// others come to the rest of its deposit.
fn count_sent(ground: &Ground<'_>, part: &Part<'_>, sums: &mut Sums) {
    for payout in ground.payouts.iter().filter(|payout| is_due(ground, payout)) {
        let beginning = payout_key(payout.source, &payout.id);
        let own =
            |member: &&Member| member.adjusts.is_empty() && member.document.starts_with(&beginning);
        part.posted.iter().filter(own).for_each(|member| sums.add_sent(member));
    }
}

/// Whether nobody can say now what an entry that was sent is for: then it is left.
fn is_held(part: &Part<'_>, joined: &Joined<'_>, posted: &[&Member]) -> bool {
    let held = |taking: &Taking| taking.state == TakingState::Held || taking.kept;
    let stood = |taking: &&Taking| posted.iter().any(|member| member.stands_for == taking.object);
    joined.refund.or(joined.order).is_some_and(held)
        || part.takings.iter().filter(|taking| held(taking)).any(|taking| stood(&taking))
}

/// Whether an order or refund is posted by what pays it out.
fn is_paid_out(posted: &[Member], taking: &Taking) -> bool {
    taking.state == TakingState::Ready && taking.route == Route::Payout && !in_daily(posted, taking)
}

/// Whether a payout's document is to be made in these days.
fn is_due(ground: &Ground<'_>, payout: &Payout) -> bool {
    let day = Date::parse(&payout.date);
    payout.state == PayoutState::Paid
        && day.is_ok_and(|day| ground.from <= day && day <= ground.to)
        && ground.settings.summary.mode_on(&payout.date) == Mode::Summary
}

/// Puts an entry into the document of its payout.
fn place(
    ground: &Ground<'_>,
    entry: &Entry,
    member: Member,
    method: &str,
    sums: &mut Sums,
    found: &mut Found,
) {
    let own = |payout: &&Payout| payout.id == entry.payout && payout.source == entry.source;
    let payout = ground.payouts.iter().find(own);
    let Some(payout) = payout.filter(|payout| is_due(ground, payout)) else {
        let (reason, message) = if entry.payout.is_empty() {
            ("awaits_payout", "it has not been paid out yet".to_string())
        } else {
            (
                "payout_not_asked",
                format!("payout {} has not arrived, or was not asked for", entry.payout),
            )
        };
        found.waiting.push(Waiting {
            object: member.object,
            order_id: member.order_id,
            reason: reason.into(),
            message,
            currency: entry.currency.clone(),
            amount: Amount(entry.amount.0 - entry.fee.0),
        });
        return;
    };
    let document = key_of(ground, payout, entry);
    let Some(sent) = ground.closed(&document) else {
        let member = Member { document, ..member };
        sums.add(&member.document, &member.currency, method, "", &member.shares);
        found.members.push(member);
        return;
    };
    if sent.undone {
        found.waiting.push(Waiting {
            object: member.object,
            order_id: member.order_id,
            reason: "undone".into(),
            message: format!("{} was undone", sent.number),
            currency: entry.currency.clone(),
            amount: Amount(entry.amount.0 - entry.fee.0),
        });
        return;
    }
    match next_open(ground, source_word(entry.source), &entry.currency, &sent.key) {
        Some(document) => {
            let member = Member { document, adjusts: sent.number.clone(), ..member };
            sums.add(&member.document, &member.currency, method, &member.adjusts, &member.shares);
            found.members.push(member);
        }
        None => found.waiting.push(waiting_adjustment(
            &member,
            &entry.currency,
            &sent.number,
            &member.shares,
        )),
    }
}

/// The document of the month that an entry belongs to: a payout over a month end has several.
fn key_of(ground: &Ground<'_>, payout: &Payout, entry: &Entry) -> String {
    let arrival = payout.date.get(..7).unwrap_or_default();
    let own = entry.date.get(..7).unwrap_or_default();
    let month = if ground.settings.summary.split_months && own < arrival { own } else { arrival };
    format!("{}{month}", payout_key(payout.source, &payout.id))
}

/// The key of the next payout's document of a source and currency, its own month's: of one that
/// arrived no earlier than the one that is adjusted.
fn next_open(ground: &Ground<'_>, source: &str, currency: &str, adjusted: &str) -> Option<String> {
    let beginning = |payout: &Payout| payout_key(payout.source, &payout.id);
    let own = |payout: &&Payout| adjusted.starts_with(&beginning(payout));
    let after = ground.payouts.iter().find(own).map_or("", |payout| &payout.date);
    let open = |payout: &&&Payout| {
        let beginning = beginning(payout);
        let closed = |closed: &&Closed| !closed.redone && closed.key.starts_with(&beginning);
        source_word(payout.source) == source
            && payout.currency == currency
            && payout.date.as_str() >= after
            && is_due(ground, payout)
            && !ground.closed.iter().any(|one| closed(&one))
    };
    let all: Vec<&Payout> = ground.payouts.iter().collect();
    let first = sorted_by(all, |a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    let payout = first.iter().find(open)?;
    let month = payout.date.get(..7).unwrap_or_default();
    Some(format!("{}{month}", payout_key(payout.source, &payout.id)))
}

/// Brings what was sent for an entry to what it should be: the sum stays, the lines move. What was
/// sent for another order or refund than the one it stands for now is taken back on its own.
fn adjust(
    ground: &Ground<'_>,
    posted: &[&Member],
    wanted: &[Share],
    now: &Member,
    sums: &mut Sums,
    found: &mut Found,
) {
    let Some(first) = posted.first() else { return };
    let members = apart(posted, wanted, now);
    if members.is_empty() {
        return;
    }
    let source = first.document.split('/').nth(1).unwrap_or_default();
    let number = number_of(ground, &first.document);
    let Some(document) = next_open(ground, source, &first.currency, &first.document) else {
        let before: Vec<&Share> = posted.iter().flat_map(|member| &member.shares).collect();
        let shares = difference(wanted, &before);
        found.waiting.push(waiting_adjustment(first, &first.currency, &number, &shares));
        return;
    };
    for member in members {
        let (document, adjusts) = (document.clone(), number.clone());
        let member = Member { document, adjusts, ..member };
        sums.add(&member.document, &member.currency, "", &member.adjusts, &member.shares);
        found.members.push(member);
    }
}

/// What brings an entry's members to what is wanted: for each order or refund that they stood for
/// what takes it back, and then what it stands for now.
fn apart(posted: &[&Member], wanted: &[Share], now: &Member) -> Vec<Member> {
    let of = |one: &Member| {
        let own = posted.iter().filter(|member| member.stands_for == one.stands_for);
        own.flat_map(|member| &member.shares).collect::<Vec<&Share>>()
    };
    let mut apart: Vec<Member> = Vec::new();
    for other in posted.iter().filter(|member| member.stands_for != now.stands_for) {
        if !apart.iter().any(|known| known.stands_for == other.stands_for) {
            let shares = difference(&[], &of(other));
            apart.push(Member { shares, adjusts: String::new(), ..(*other).clone() });
        }
    }
    let shares = difference(wanted, &of(now));
    apart.push(Member { shares, adjusts: String::new(), ..now.clone() });
    apart.retain(|member| !member.shares.is_empty());
    apart
}

/// Turns one entry into shares.
struct Writer<'a, 'f> {
    ground: &'a Ground<'a>,
    posted: &'a [Member],
    entry: &'a Entry,
    joined: Joined<'a>,
    findings: &'f mut Vec<Finding>,
}

impl Writer<'_, '_> {
    fn shares(&mut self, charged: &mut Register<Decimal>) -> Vec<Share> {
        let entry = self.entry;
        let amount = round_half_up(entry.amount.0, digits_of(&entry.currency));
        let mut shares = match entry.kind {
            EntryKind::Charge => self.sold(self.joined.order, amount, charged),
            EntryKind::Refund => self.sold(self.joined.refund, amount, charged),
            EntryKind::Fee => self.plain(TakingKind::GatewayFees, amount),
            EntryKind::Dispute => self.plain(TakingKind::Chargebacks, amount),
            EntryKind::Reserve => self.plain(TakingKind::Reserves, amount),
            EntryKind::Transfer => self.plain(TakingKind::Transfers, amount),
            EntryKind::Adjustment if entry.id.ends_with(":rest") => {
                self.plain(TakingKind::Unmatched, amount)
            }
            EntryKind::Adjustment => self.plain(TakingKind::Adjustments, amount),
        };
        let fee = round_half_up(entry.fee.0, digits_of(&entry.currency));
        let booked = self
            .joined
            .order
            .is_some_and(|order| order.fee_booked && order.state == TakingState::Individual);
        let kind = if booked { TakingKind::Invoices } else { TakingKind::GatewayFees };
        shares.extend(self.plain(kind, -fee));
        shares
    }

    /// What a charge or a refund brings: the lines of what it stands for.
    fn sold(
        &mut self,
        taking: Option<&Taking>,
        amount: Decimal,
        charged: &mut Register<Decimal>,
    ) -> Vec<Share> {
        let Some(taking) = taking else {
            let what = if self.joined.order.is_some() {
                "refund that the shop has"
            } else {
                "order of the shop"
            };
            let message = format!("{} of {amount} belongs to no {what}", self.entry.description);
            return self.unmatched(Code::PayoutUnmatched, message, amount);
        };
        let name = format!("{} {}", taking.object.kind, taking.object.id);
        match taking.state {
            TakingState::Individual => self.plain(TakingKind::Invoices, amount),
            TakingState::Ready if !is_paid_out(self.posted, taking) => {
                let message = format!("{name} is in a daily summary, and was paid out too");
                self.unmatched(Code::PayoutInDaily, message, amount)
            }
            TakingState::Ready => self.parts(taking, amount, charged),
            _ => {
                let message = format!("{name} was paid out, but waits: {}", taking.message);
                self.unmatched(Code::PayoutOrderWaits, message, amount)
            }
        }
    }

    /// The part of an order or refund that this entry moved; what is more than it is unmatched.
    fn parts(
        &mut self,
        taking: &Taking,
        amount: Decimal,
        charged: &mut Register<Decimal>,
    ) -> Vec<Share> {
        let digits = digits_of(&self.entry.currency);
        let key = format!("{} {}", taking.object.kind, taking.object.id);
        let same = self.entry.currency == taking.currency;
        let before = charged.get(&key).copied().unwrap_or_default();
        let whole = taking.amount.0;
        // In another currency all of it is there, unless the gateway says which part.
        let sold = sold_amount(self.entry, &taking.currency)
            .map_or(whole, |sold| round_half_up(sold, digits_of(&taking.currency)));
        charged.put(key, before + sold);
        // Of all that was moved so far, what lies between nothing and the whole belongs to it.
        let (low, high) = (whole.min(Decimal::ZERO), whole.max(Decimal::ZERO));
        let covered = before.clamp(low, high);
        let left = (before + sold).clamp(low, high) - covered;
        let own = if left == sold {
            amount
        } else if same {
            left
        } else {
            let scaled = amount.checked_mul(left).and_then(|product| product.checked_div(sold));
            round_half_up(scaled.unwrap_or_default(), digits)
        };
        let found = if same {
            part(&taking.shares, whole, (covered, own), digits)
        } else {
            converted(&taking.shares, left, own, digits)
        };
        let Some(mut shares) = found.filter(|_| !own.is_zero() || amount.is_zero()) else {
            let message =
                format!("{} of {amount} is no part of what it belongs to", self.entry.description);
            return self.unmatched(Code::PayoutAmountDiffers, message, amount);
        };
        if own != amount {
            let name = format!("{} {}", taking.object.kind, taking.object.id);
            let message = format!("{amount} were moved for {name}, of which {own} belong to it");
            shares.extend(self.unmatched(Code::PayoutAmountDiffers, message, amount - own));
        }
        shares
    }

    fn unmatched(&mut self, code: Code, message: String, amount: Decimal) -> Vec<Share> {
        let finding = Finding::new(code, "entry", self.entry.id.clone(), message);
        self.findings.push(finding.with_amount(amount));
        self.plain(TakingKind::Unmatched, amount)
    }

    /// A share that a setting alone decides; none where there is no amount.
    fn plain(&self, kind: TakingKind, amount: Decimal) -> Vec<Share> {
        if amount.is_zero() {
            return Vec::new();
        }
        let settings = self.ground.settings;
        let method = self.joined.order.map(|order| order.method.as_str()).unwrap_or_default();
        let (account, account_rule) = account_of(settings, kind, method, &self.entry.currency);
        let fee = kind == TakingKind::GatewayFees && !settings.gateway_fees.tax_type.is_empty();
        let (tax_type, tax_rule) = if fee {
            (&settings.gateway_fees.tax_type, "gateway_fees.tax_type")
        } else {
            (&settings.tax.no_tax, "tax.no_tax")
        };
        let line =
            TakingLine { kind, account, tax_type: tax_type.clone(), ..TakingLine::default() };
        let (gross, tax_rule) = (Amount(amount), tax_rule.into());
        alloc::vec![Share { line, gross, tax: Amount::default(), account_rule, tax_rule }]
    }
}

/// The shares in another currency: `own` of it, in proportion.
fn converted(shares: &[Share], whole: Decimal, own: Decimal, digits: u32) -> Option<Vec<Share>> {
    let sum: Decimal = shares.iter().map(|share| share.gross.0).sum();
    if sum.is_zero() || whole.is_zero() {
        return None;
    }
    part(shares, sum, (Decimal::ZERO, own), digits)
}

/// The account of lines that are no order's own, with the setting that chose it.
fn account_of(
    settings: &Settings,
    kind: TakingKind,
    method: &str,
    currency: &str,
) -> (String, String) {
    let accounts = &settings.summary.accounts;
    let (code, rule) = match kind {
        TakingKind::GatewayFees if accounts.fees.is_empty() => {
            (&settings.gateway_fees.account, "gateway_fees.account")
        }
        TakingKind::GatewayFees => (&accounts.fees, "summary.accounts.fees"),
        TakingKind::Reserves => (&accounts.reserves, "summary.accounts.reserves"),
        TakingKind::Chargebacks => (&accounts.chargebacks, "summary.accounts.chargebacks"),
        TakingKind::Adjustments => (&accounts.adjustments, "summary.accounts.adjustments"),
        TakingKind::Transfers => (&accounts.transfers, "summary.accounts.transfers"),
        TakingKind::Invoices => {
            let rows = &settings.payments.accounts;
            for key in [format!("{method}/{currency}"), method.into()] {
                if let Some(code) = rows.get(&key) {
                    return (code.clone(), format!("payments.accounts.{key}"));
                }
            }
            (&settings.payments.other, "payments.other")
        }
        _ => (&accounts.unmatched, "summary.accounts.unmatched"),
    };
    (code.clone(), rule.into())
}
