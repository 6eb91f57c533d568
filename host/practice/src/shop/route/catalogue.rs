//! Everything that is mostly read: products, customers, taxes, settings, gateways, coupons.

use serde_json::{Value, json};

use super::find;
use crate::gateways::imprint;
use crate::shop::corpus;
use crate::shop::listing::{self, Rules};
use crate::shop::order::{set, text};
use crate::shop::reply::Reply;
use crate::shop::route::Request;
use crate::shop::store::Shop;

/// Code and message of controllers without their own words.
const RESOURCE: (&str, &str) = ("woocommerce_rest_invalid_id", "Invalid resource ID.");
const PRODUCT: (&str, &str) = ("woocommerce_rest_product_invalid_id", "Invalid ID.");
const VARIATION: (&str, &str) = ("woocommerce_rest_product_variation_invalid_id", "Invalid ID.");
const COUPON: (&str, &str) = ("woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.");

impl Shop {
    /// Answers the catalogue's routes.
    pub(crate) fn route_catalogue(
        &mut self,
        request: &Request,
        rest: &[&str],
    ) -> Result<Reply, Reply> {
        if request.method == "DELETE"
            && let ["products", id] = rest
        {
            return self.remove_product(id, request.params.flag("force"));
        }
        if request.method != "GET" {
            return Err(Reply::no_route());
        }
        match rest {
            ["products", rest @ ..] => self.read_products(request, rest),
            ["customers", rest @ ..] => {
                self.read(request, rest, listing::CUSTOMERS, self.customers.values(), RESOURCE)
            }
            ["taxes", "classes"] => Ok(Reply::ok(self.rehomed(corpus::tax_classes()))),
            ["taxes", rest @ ..] => {
                let class = request.params.get("class");
                let taxes = self.taxes.values();
                let taxes =
                    taxes.filter(|tax| class.is_none_or(|class| text(tax, "class") == class));
                self.read(request, rest, listing::TAXES, taxes, RESOURCE)
            }
            ["coupons", rest @ ..] => {
                let code = request.params.get("code").map(str::to_lowercase);
                let coupons = self.coupons.values();
                let coupons = coupons.filter(|coupon| {
                    code.as_ref().is_none_or(|code| text(coupon, "code") == *code)
                });
                self.read(request, rest, listing::COUPONS, coupons, COUPON)
            }
            ["settings", rest @ ..] => self.read_settings(rest),
            ["payment_gateways", rest @ ..] => self.read_gateways(rest),
            ["system_status"] => Ok(Reply::ok(self.system_status())),
            _ => Err(Reply::no_route()),
        }
    }

    fn read<'a>(
        &self,
        request: &Request,
        rest: &[&str],
        rules: Rules,
        items: impl Iterator<Item = &'a Value>,
        (code, message): (&str, &str),
    ) -> Result<Reply, Reply> {
        match rest {
            [] => self.list(request, rules, items, Value::clone),
            [id] => Ok(Reply::ok(find(items, id, code, message)?.clone())),
            _ => Err(Reply::no_route()),
        }
    }

    fn read_products(&self, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
        match rest {
            ["categories", rest @ ..] => {
                let categories = corpus::product_categories().iter();
                let code = ("woocommerce_rest_term_invalid", "Resource does not exist.");
                self.read(request, rest, listing::TERMS, categories, code)
            }
            [parent, "variations", rest @ ..] => {
                let (code, message) = PRODUCT;
                find(self.products.values(), parent, code, message)?;
                let of_parent = |item: &&Value| {
                    is_variation(item)
                        && item.get("parent_id").map(Value::to_string).as_deref() == Some(*parent)
                };
                let variations = self.products.values().filter(of_parent);
                self.read(request, rest, listing::PRODUCTS, variations, VARIATION)
            }
            // A single read also gives a variation, as a webhook for one shows.
            [_] => self.read(request, rest, listing::PRODUCTS, self.products.values(), PRODUCT),
            _ => {
                let sku = request.params.get("sku");
                let products = self.products.values().filter(|item| {
                    !is_variation(item) && sku.is_none_or(|sku| text(item, "sku") == sku)
                });
                self.read(request, rest, listing::PRODUCTS, products, PRODUCT)
            }
        }
    }

    fn read_settings(&self, rest: &[&str]) -> Result<Reply, Reply> {
        let groups = corpus::settings(&self.settings);
        match rest {
            [] => Ok(Reply::ok(self.rehomed(corpus::settings_groups()))),
            [group] | [group, _] => {
                let Some(Value::Array(settings)) = groups.get(*group) else {
                    let code = "rest_setting_setting_group_invalid";
                    return Err(Reply::unknown(code, "Invalid setting group."));
                };
                let [_, id] = rest else { return Ok(Reply::ok(self.rehomed(settings))) };
                let one = settings.iter().find(|setting| text(setting, "id") == *id);
                let missing = Reply::unknown("rest_setting_setting_invalid", "Invalid setting.");
                Ok(Reply::ok(one.cloned().ok_or(missing)?))
            }
            _ => Err(Reply::no_route()),
        }
    }

    fn read_gateways(&self, rest: &[&str]) -> Result<Reply, Reply> {
        let mut gateways = corpus::payment_gateways().to_vec();
        let accounts = self.gateways.iter().flat_map(|gateways| &gateways.accounts);
        gateways.extend(accounts.map(imprint::payment_gateway));
        match rest {
            [] => Ok(Reply::ok(self.rehomed(&gateways))),
            [id] => {
                let code = "woocommerce_rest_payment_gateway_invalid";
                let missing = Reply::unknown(code, "Resource does not exist.");
                let one = gateways.iter().find(|gateway| text(gateway, "id") == *id);
                Ok(Reply::ok(one.cloned().ok_or(missing)?))
            }
            _ => Err(Reply::no_route()),
        }
    }

    fn system_status(&self) -> Value {
        let mut status = corpus::system_status(&self.settings);
        for (pointer, value) in [
            ("/environment/home_url", json!(self.home)),
            ("/environment/site_url", json!(self.home)),
        ] {
            if let Some(slot) = status.pointer_mut(pointer) {
                *slot = value;
            }
        }
        status
    }

    /// Trashes a product: product.deleted and, as `$GLOBALS['post_type']` is not set in REST,
    /// coupon.deleted with the same id. With force neither.
    pub(crate) fn remove_product(&mut self, id: &str, force: bool) -> Result<Reply, Reply> {
        let (code, message) = PRODUCT;
        let mut product = find(self.products.values(), id, code, message)?.clone();
        let id = listing::id_of(&product);
        if force {
            self.products.remove(&id);
            self.fire("action.woocommerce_delete_product", id);
            return Ok(Reply::ok(product));
        }
        if text(&product, "status") == "trash" {
            let message = "The product has already been deleted.";
            return Err(Reply::error(410, "woocommerce_rest_already_trashed", message));
        }
        set(&mut product, "status", "trash".into());
        self.stamp(&mut product, "date_modified", self.now());
        self.products.insert(id, product.clone());
        self.fire("product.deleted", id);
        self.fire("coupon.deleted", id);
        Ok(Reply::ok(product))
    }

    fn rehomed(&self, items: &[Value]) -> Value {
        items.iter().map(|item| super::super::store::rehome(item, &self.home)).collect()
    }
}

fn is_variation(item: &Value) -> bool {
    text(item, "type") == "variation"
}
