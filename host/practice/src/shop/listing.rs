//! Lists as the REST collections give them: filter, sort, cut a page, count.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde_json::Value;

use super::clock::read_naive;
use super::query::{Faults, Params};
use super::reply::Reply;

/// What a collection allows and does when nothing is said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Words of `orderby`; the first is the default.
    pub(crate) orderby: &'static [&'static str],
    /// Whether the default order is ascending.
    pub(crate) ascending: bool,
    /// Whether `after`, `before`, `modified_after`, `modified_before` work. Customers, taxes and
    /// webhooks ignore them and return everything.
    pub(crate) dates: bool,
    /// Words of `status` beside `any`; empty when the collection has no such filter.
    pub(crate) statuses: &'static [&'static str],
}

/// Orders, with the statuses of a shop without plugins.
pub(crate) const ORDERS: Rules = Rules {
    orderby: &["date", "id", "include", "title", "slug", "modified"],
    ascending: false,
    dates: true,
    statuses: &[
        "auto-draft",
        "pending",
        "processing",
        "on-hold",
        "completed",
        "cancelled",
        "refunded",
        "failed",
        "checkout-draft",
    ],
};
/// Refunds, of one order or of all.
pub(crate) const REFUNDS: Rules = Rules {
    orderby: &["date", "id", "include", "title", "slug", "modified"],
    statuses: &[],
    ..ORDERS
};
/// Products and variations.
pub(crate) const PRODUCTS: Rules = Rules {
    orderby: &["date", "id", "include", "title", "slug", "modified", "price", "menu_order"],
    ascending: false,
    dates: true,
    statuses: &["future", "draft", "pending", "private", "publish"],
};
/// Product categories.
pub(crate) const TERMS: Rules = Rules {
    orderby: &["name", "id", "include", "slug", "count"],
    ascending: true,
    dates: false,
    statuses: &[],
};
/// Coupons.
pub(crate) const COUPONS: Rules = Rules {
    orderby: &["date", "id", "include", "title", "slug", "modified"],
    ascending: false,
    dates: true,
    statuses: &[],
};
/// Customers.
pub(crate) const CUSTOMERS: Rules = Rules {
    orderby: &["name", "id", "include", "registered_date"],
    ascending: true,
    dates: false,
    statuses: &[],
};
/// Tax rates.
pub(crate) const TAXES: Rules =
    Rules { orderby: &["order", "id", "priority"], ascending: true, dates: false, statuses: &[] };
/// Webhooks.
pub(crate) const WEBHOOKS: Rules =
    Rules { orderby: &["date", "id", "title"], ascending: false, dates: false, statuses: &[] };

/// Largest page of any collection.
pub(crate) const PER_PAGE_MAX: u64 = 100;
const PER_PAGE_DEFAULT: u64 = 10;

/// A checked list request.
#[derive(Debug)]
pub(crate) struct Listing {
    orderby: &'static str,
    ascending: bool,
    page: u64,
    per_page: u64,
    offset: Option<u64>,
    include: Vec<u64>,
    exclude: Vec<u64>,
    status: Vec<String>,
    search: String,
    dates: Vec<(&'static str, bool, NaiveDateTime)>,
}

impl Listing {
    /// Reads the parameters.
    ///
    /// # Errors
    /// One 400 that names every wrong parameter.
    pub(crate) fn read(params: &Params, rules: Rules, zone: Tz) -> Result<Self, Reply> {
        let mut faults = Faults::default();
        let page = faults.number(params, "page", (1, u64::MAX)).unwrap_or(1);
        let per_page = faults.number(params, "per_page", (1, PER_PAGE_MAX));
        let offset = faults.number(params, "offset", (0, u64::MAX));
        let order = faults.word(params, "order", &["asc", "desc"]);
        let orderby = faults.word(params, "orderby", rules.orderby);
        let mut status = Vec::new();
        if !rules.statuses.is_empty() {
            let words = [&["any", "trash"], rules.statuses].concat();
            status = faults.words(params, "status", &words);
        }
        let dates = if rules.dates { read_dates(&mut faults, params, zone) } else { Vec::new() };
        faults.finish()?;
        let default = rules.orderby.first().copied().unwrap_or("id");
        Ok(Self {
            orderby: orderby.unwrap_or(default),
            ascending: order.map_or(rules.ascending, |order| order == "asc"),
            page,
            per_page: per_page.unwrap_or(PER_PAGE_DEFAULT),
            offset,
            include: params.ids("include"),
            exclude: params.ids("exclude"),
            status,
            search: params.get("search").unwrap_or_default().to_lowercase(),
            dates,
        })
    }

    /// Gives the page and the number of all that match.
    pub(crate) fn cut<'a>(&self, items: impl Iterator<Item = &'a Value>) -> (Vec<&'a Value>, u64) {
        let mut found: Vec<&Value> = items.filter(|item| self.matches(item)).collect();
        self.sort(&mut found);
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let start = self.offset.unwrap_or_else(|| (self.page - 1).saturating_mul(self.per_page));
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let size = usize::try_from(self.per_page).unwrap_or(usize::MAX);
        (found.into_iter().skip(start).take(size).collect(), total)
    }

    /// Puts `X-WP-Total`, `X-WP-TotalPages` and `Link` on an answer.
    pub(crate) fn head(&self, reply: &mut Reply, total: u64, url: &str, params: &Params) {
        let pages = total.div_ceil(self.per_page);
        reply.headers.push(("X-WP-Total", total.to_string()));
        reply.headers.push(("X-WP-TotalPages", pages.to_string()));
        let mut links = Vec::new();
        let mut link = |page: u64, rel: &str| {
            let query = params.with("page", &page.to_string());
            let text = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(query.pairs())
                .finish();
            links.push(format!("<{url}?{text}>; rel=\"{rel}\""));
        };
        if self.page > 1 {
            link((self.page - 1).min(pages.max(1)), "prev");
        }
        if self.page < pages {
            link(self.page + 1, "next");
        }
        if !links.is_empty() {
            reply.headers.push(("Link", links.join(", ")));
        }
    }

    fn matches(&self, item: &Value) -> bool {
        let id = id_of(item);
        let status = item.get("status").and_then(Value::as_str).unwrap_or_default();
        // `any` beside other words wins: `any,trash` leaves out the trash.
        let any = self.status.is_empty() || self.status.iter().any(|wanted| wanted == "any");
        (self.include.is_empty() || self.include.contains(&id))
            && !self.exclude.contains(&id)
            && if any {
                !matches!(status, "trash" | "auto-draft")
            } else {
                self.status.iter().any(|wanted| wanted == status)
            }
            && self.dates.iter().all(|(field, after, bound)| date_fits(item, field, *after, *bound))
            && (self.search.is_empty() || found_in(item, &self.search))
    }

    fn sort(&self, items: &mut [&Value]) {
        let text = |item: &Value, name: &str| {
            item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let number = |item: &Value, name: &str| item.get(name).and_then(Value::as_u64);
        match self.orderby {
            "date" | "registered_date" => {
                items.sort_by_key(|item| (text(item, "date_created_gmt"), id_of(item)));
            }
            "modified" => items.sort_by_key(|item| (text(item, "date_modified_gmt"), id_of(item))),
            "title" | "name" | "slug" => {
                items.sort_by_key(|item| (text(item, "name").to_lowercase(), id_of(item)));
            }
            "order" | "priority" | "count" | "menu_order" => {
                items.sort_by_key(|item| (number(item, self.orderby), id_of(item)));
            }
            "include" => {
                items.sort_by_key(|item| self.include.iter().position(|id| *id == id_of(item)));
                return;
            }
            _ => items.sort_by_key(|item| id_of(item)),
        }
        if !self.ascending {
            items.reverse();
        }
    }
}

/// The id of an object, 0 when it has none.
pub(crate) fn id_of(item: &Value) -> u64 {
    item.get("id").and_then(Value::as_u64).unwrap_or_default()
}

/// Reads the four date bounds against the site-local or, with `dates_are_gmt`, the UTC column.
fn read_dates(
    faults: &mut Faults,
    params: &Params,
    zone: Tz,
) -> Vec<(&'static str, bool, NaiveDateTime)> {
    let gmt = params.flag("dates_are_gmt");
    let created = if gmt { "date_created_gmt" } else { "date_created" };
    let modified = if gmt { "date_modified_gmt" } else { "date_modified" };
    let bounds = [
        ("after", created, true),
        ("before", created, false),
        ("modified_after", modified, true),
        ("modified_before", modified, false),
    ];
    bounds
        .into_iter()
        .filter_map(|(name, field, after)| {
            faults.date(params, name, zone).map(|bound| (field, after, bound))
        })
        .collect()
}

/// Both bounds are exclusive. Refunds have no date of change: their own date counts.
fn date_fits(item: &Value, field: &str, after: bool, bound: NaiveDateTime) -> bool {
    let created = field.replace("modified", "created");
    let text = item.get(field).or_else(|| item.get(&created)).and_then(Value::as_str);
    let Some(date) = text.and_then(read_naive) else { return false };
    if after { date > bound } else { date < bound }
}

/// The search of WooCommerce's order tables: id, number, billing and shipping, line names; for
/// other objects name, SKU, code and e-mail address.
fn found_in(item: &Value, search: &str) -> bool {
    if id_of(item).to_string() == search {
        return true;
    }
    let own = ["number", "name", "sku", "code", "email", "first_name", "last_name", "username"];
    let holds =
        |value: &Value| value.as_str().is_some_and(|text| text.to_lowercase().contains(search));
    own.iter().filter_map(|name| item.get(name)).any(holds)
        || ["billing", "shipping"]
            .iter()
            .filter_map(|name| item.get(name).and_then(Value::as_object))
            .any(|address| address.values().any(holds))
        || item
            .get("line_items")
            .and_then(Value::as_array)
            .is_some_and(|lines| lines.iter().filter_map(|line| line.get("name")).any(holds))
}
