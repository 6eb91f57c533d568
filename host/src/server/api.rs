//! The API below `/api/v1`, and its document.

mod body;
pub(crate) mod completeness;
mod context;
pub(crate) mod matching;
mod matching_items;
mod object;
mod objects;
mod organisation;
mod pair;
mod payout;
mod plan;
mod queue;
mod sale;
mod setting;
mod shop;
mod shop_plan;
mod status;
mod token;
mod xero;

use std::sync::Arc;

use axum::{Json, Router, middleware::from_fn_with_state};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    App,
    access::{Gate, authorise, rules},
    answer,
};

/// What stands in the document beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tillbook",
        description = "What a server of Tillbook does, for people who watch over it and for \
            programs of theirs. Every operation says in `x-role` which role its token needs (view \
            < operate < configure) and in `x-reach` what a token that is bound to one shop may do \
            with it: see its own part, its own shop only, or nothing.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Token),
    components(schemas(answer::ErrorBody)),
    tags(
        (name = "queue", description = "What is to be done, and what became of it"),
        (name = "shops", description = "The shops that are worked for"),
        (name = "organisations", description = "The Xero organisations that are worked for"),
        (name = "plans", description = "What was sent, and what is on its way"),
        (name = "access", description = "Tokens")
    )
)]
struct Described;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

fn described() -> (Router<Arc<App>>, Document) {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(shop::list))
        .routes(routes!(shop::read))
        .routes(routes!(shop::pause))
        .routes(routes!(shop::resume))
        .routes(routes!(shop::sync))
        .routes(routes!(pair::pair))
        .routes(routes!(status::read))
        .routes(routes!(context::read))
        .routes(routes!(sale::list))
        .routes(routes!(sale::read))
        .routes(routes!(setting::put))
        .routes(routes!(setting::activate))
        .routes(routes!(xero::custom))
        .routes(routes!(xero::consent))
        .routes(routes!(xero::organisations))
        .routes(routes!(xero::choose))
        .routes(routes!(organisation::list))
        .routes(routes!(organisation::pause))
        .routes(routes!(organisation::resume))
        .routes(routes!(organisation::limits))
        .routes(routes!(queue::list))
        .routes(routes!(queue::counts))
        .routes(routes!(queue::held))
        .routes(routes!(objects::list))
        .routes(routes!(objects::log))
        .routes(routes!(object::read))
        .routes(routes!(object::retry))
        .routes(routes!(object::exclude))
        .routes(routes!(object::include))
        .routes(routes!(object::push))
        .routes(routes!(plan::list))
        .routes(routes!(plan::read))
        .routes(routes!(shop_plan::make))
        .routes(routes!(shop_plan::read))
        .routes(routes!(shop_plan::apply))
        .routes(routes!(completeness::read))
        .routes(routes!(payout::list))
        .routes(routes!(matching::customers, matching::confirm_customers))
        .routes(routes!(matching::products, matching::confirm_products))
        .routes(routes!(matching::contacts))
        .routes(routes!(matching::items))
        .routes(routes!(token::me))
        .routes(routes!(token::list, token::add))
        .routes(routes!(token::revoke))
        .routes(routes!(document))
        .split_for_parts()
}

/// The API's document.
#[must_use]
pub fn openapi() -> Document {
    described().1
}

/// The routes, each behind what its part of the document says.
pub(super) fn router(app: &Arc<App>) -> (Router, Document) {
    let (router, document) = described();
    let gate = Arc::new(Gate { app: Arc::clone(app), rules: rules(&document) });
    let router =
        router.route_layer(from_fn_with_state(gate, authorise)).with_state(Arc::clone(app));
    (router, document)
}

/// This document
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "access",
    extensions(("x-role" = json!("view")), ("x-reach" = json!("public"))),
    responses((status = 200, description = "The OpenAPI document", body = Object))
)]
async fn document() -> Json<Document> {
    Json(openapi())
}
