"""What an organisation is: profile, accounts, tax rates, tracking, currencies, themes."""

from datetime import datetime

from practice import NZ, day, fact, reason, refusal, same


def read_settings(api):
    profile = api.get_organisations(NZ).organisations[0]
    same(profile.organisation_id, NZ, "organisation id")
    same(profile.organisation_status, "ACTIVE", "organisation status")
    same(profile.timezone.value, "NEWZEALANDSTANDARDTIME", "time zone")
    named = [profile.name, profile.country_code.value, profile.base_currency.value, profile.version]
    fact("organisation", ", ".join(named))
    fact("year ends", f"{profile.financial_year_end_day}/{profile.financial_year_end_month}")
    actions = {one.name: one.status for one in api.get_organisation_actions(NZ).actions}
    same(actions["CreateApprovedInvoice"], "ALLOWED", "action")

    accounts = api.get_accounts(NZ).accounts
    sales = next(one for one in accounts if one.code == "200")
    named = [sales.name, sales.type.value, sales._class, sales.tax_type, sales.status]
    fact("account 200", ", ".join(named))
    same(isinstance(sales.updated_date_utc, datetime), True, "account date")
    system = next(one for one in accounts if one.system_account == "DEBTORS")
    fact("debtors account", f"{system.code} {system.name}")
    banks = api.get_accounts(NZ, where='Type=="BANK"').accounts
    fact("bank accounts", " ".join(sorted(one.code for one in banks)))
    fact("filter that cannot be read", reason(refusal(api.get_accounts, NZ, where='Type=="BA')))

    tax_rates = api.get_tax_rates(NZ).tax_rates
    gst = next(one for one in tax_rates if one.tax_type == "OUTPUT2")
    applies = str(gst.can_apply_to_revenue).lower()
    fact("tax type OUTPUT2", f"{gst.name}, {float(gst.effective_rate):g}, {applies}")
    same([float(one.rate) for one in gst.tax_components], [15.0], "tax components")
    old = sorted(one.tax_type for one in tax_rates if one.status == "DELETED")
    fact("tax types no longer in use", " ".join(old))

    tracking = []
    for one in api.get_tracking_categories(NZ).tracking_categories:
        same({option.status for option in one.options}, {"ACTIVE"}, "tracking options")
        tracking.append(f"{one.name} ({', '.join(option.name for option in one.options)})")
    fact("tracking", ", ".join(tracking))
    currencies = api.get_currencies(NZ).currencies
    fact("currencies", " ".join(sorted(one.code.value for one in currencies)))
    themes = api.get_branding_themes(NZ).branding_themes
    fact("branding themes", " ".join(one.name for one in themes))
    same(len(day(themes[0].created_date_utc)), 10, "theme date")
