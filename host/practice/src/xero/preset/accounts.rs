//! The chart of accounts that every preset shares.

use chrono::{DateTime, Utc};

use super::super::model::chart::Account;
use super::super::model::organisation::Organisation;
use super::taxes::Defaults;

/// Which of a region's default tax types an account has.
#[derive(Clone, Copy)]
enum Tax {
    Sales,
    Purchases,
    None,
}

use Tax::{None as Untaxed, Purchases, Sales};

/// (code, name, type, tax, system account)
const CHART: &[(&str, &str, &str, Tax, &str)] = &[
    ("200", "Sales", "REVENUE", Sales, ""),
    ("205", "Shipping Income", "REVENUE", Sales, ""),
    ("206", "Discounts Given", "REVENUE", Sales, ""),
    ("207", "Surcharges and Fees Charged", "REVENUE", Sales, ""),
    ("210", "Refunds and Returns", "REVENUE", Sales, ""),
    ("260", "Other Revenue", "REVENUE", Sales, ""),
    ("270", "Interest Income", "REVENUE", Untaxed, ""),
    ("300", "Purchases", "DIRECTCOSTS", Purchases, ""),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", Purchases, ""),
    ("311", "Inventory Adjustments", "DIRECTCOSTS", Untaxed, ""),
    ("400", "Advertising", "EXPENSE", Purchases, ""),
    ("404", "Bank Fees", "EXPENSE", Untaxed, ""),
    ("405", "Payment Gateway Fees", "EXPENSE", Untaxed, ""),
    ("406", "Chargebacks", "EXPENSE", Untaxed, ""),
    ("408", "Cleaning", "EXPENSE", Purchases, ""),
    ("412", "Consulting & Accounting", "EXPENSE", Purchases, ""),
    ("416", "Depreciation", "EXPENSE", Untaxed, ""),
    ("420", "Entertainment", "EXPENSE", Untaxed, ""),
    ("425", "Freight & Courier", "EXPENSE", Purchases, ""),
    ("429", "General Expenses", "EXPENSE", Purchases, ""),
    ("433", "Insurance", "EXPENSE", Purchases, ""),
    ("437", "Interest Expense", "EXPENSE", Untaxed, ""),
    ("445", "Light, Power, Heating", "EXPENSE", Purchases, ""),
    ("449", "Motor Vehicle Expenses", "EXPENSE", Purchases, ""),
    ("453", "Office Expenses", "EXPENSE", Purchases, ""),
    ("461", "Printing & Stationery", "EXPENSE", Purchases, ""),
    ("469", "Rent", "EXPENSE", Purchases, ""),
    ("473", "Repairs and Maintenance", "EXPENSE", Purchases, ""),
    ("477", "Wages and Salaries", "EXPENSE", Untaxed, ""),
    ("485", "Subscriptions", "EXPENSE", Purchases, ""),
    ("489", "Telephone & Internet", "EXPENSE", Purchases, ""),
    ("493", "Travel - National", "EXPENSE", Purchases, ""),
    ("497", "Bank Revaluations", "EXPENSE", Untaxed, "BANKCURRENCYGAIN"),
    ("498", "Unrealised Currency Gains", "EXPENSE", Untaxed, "UNREALISEDCURRENCYGAIN"),
    ("499", "Realised Currency Gains", "EXPENSE", Untaxed, "REALISEDCURRENCYGAIN"),
    ("505", "Income Tax Expense", "EXPENSE", Untaxed, ""),
    ("610", "Accounts Receivable", "CURRENT", Untaxed, "DEBTORS"),
    ("620", "Prepayments", "CURRENT", Untaxed, ""),
    ("625", "Payout Reserves Held", "CURRENT", Untaxed, ""),
    ("630", "Inventory", "INVENTORY", Untaxed, ""),
    ("710", "Office Equipment", "FIXED", Purchases, ""),
    ("720", "Computer Equipment", "FIXED", Purchases, ""),
    ("800", "Accounts Payable", "CURRLIAB", Untaxed, "CREDITORS"),
    ("801", "Unpaid Expense Claims", "CURRLIAB", Untaxed, "UNPAIDEXPCLM"),
    ("820", "Sales Tax", "CURRLIAB", Untaxed, "GST"),
    ("825", "Employee Tax Payable", "CURRLIAB", Untaxed, ""),
    ("830", "Income Tax Payable", "CURRLIAB", Untaxed, ""),
    ("835", "Revenue Received in Advance", "CURRLIAB", Untaxed, ""),
    ("836", "Gift Card Liability", "CURRLIAB", Untaxed, ""),
    ("837", "Tips Payable", "CURRLIAB", Untaxed, ""),
    ("838", "Sales Tax Collected", "CURRLIAB", Untaxed, ""),
    ("840", "Historical Adjustment", "CURRLIAB", Untaxed, "HISTORICAL"),
    ("850", "Suspense", "CURRLIAB", Untaxed, ""),
    ("855", "Clearing Account", "CURRLIAB", Untaxed, ""),
    ("860", "Rounding", "CURRLIAB", Untaxed, "ROUNDING"),
    ("877", "Tracking Transfers", "CURRLIAB", Untaxed, "TRACKINGTRANSFERS"),
    ("880", "Owner A Drawings", "CURRLIAB", Untaxed, ""),
    ("881", "Owner A Funds Introduced", "CURRLIAB", Untaxed, ""),
    ("900", "Loan", "TERMLIAB", Untaxed, ""),
    ("960", "Retained Earnings", "EQUITY", Untaxed, "RETAINEDEARNINGS"),
    ("970", "Owner A Share Capital", "EQUITY", Untaxed, ""),
];

/// Accounts beside bank accounts that payments may go to.
const TAKES_PAYMENTS: [&str; 4] = ["855", "880", "881", "970"];

/// (code, name, bank account type) of the bank accounts in the base currency.
const BANKS: [(&str, &str, &str); 5] = [
    ("090", "Business Bank Account", "BANK"),
    ("091", "Business Savings Account", "BANK"),
    ("092", "Stripe", "BANK"),
    ("093", "PayPal", "PAYPAL"),
    ("094", "WooPayments", "BANK"),
];

/// Makes the accounts: the chart, and the bank accounts in each currency of the organisation.
pub(super) fn fill(organisation: &mut Organisation, defaults: Defaults, now: DateTime<Utc>) {
    let currencies: Vec<String> =
        organisation.currencies.iter().map(|one| one.code.clone()).collect();
    for (index, currency) in currencies.iter().enumerate() {
        for (code, name, kind) in BANKS {
            let foreign = index > 0;
            if foreign && matches!(code, "090" | "091") {
                continue;
            }
            let mut account = blank(organisation, now);
            account.code = if foreign { format!("{code}{currency}") } else { code.to_owned() };
            account.name = if foreign { format!("{name} {currency}") } else { name.to_owned() };
            "BANK".clone_into(&mut account.account_type);
            defaults.none.clone_into(&mut account.tax_type);
            account.bank_account_number = format!("09080070{:05}", organisation.accounts.len());
            kind.clone_into(&mut account.bank_account_type);
            account.currency.clone_from(currency);
            organisation.accounts.put(account);
        }
    }
    for (code, name, account_type, tax, system) in CHART {
        let mut account = blank(organisation, now);
        (*code).clone_into(&mut account.code);
        (*name).clone_into(&mut account.name);
        (*account_type).clone_into(&mut account.account_type);
        (*system).clone_into(&mut account.system_account);
        let tax_type = match tax {
            Sales => defaults.sales,
            Purchases => defaults.purchases,
            Untaxed => defaults.none,
        };
        tax_type.clone_into(&mut account.tax_type);
        account.enable_payments = TAKES_PAYMENTS.contains(code);
        account.show_in_expense_claims = *account_type == "EXPENSE" && system.is_empty();
        organisation.accounts.put(account);
    }
}

fn blank(organisation: &mut Organisation, now: DateTime<Utc>) -> Account {
    Account {
        id: organisation.new_id(),
        code: String::new(),
        name: String::new(),
        status: "ACTIVE".to_owned(),
        account_type: String::new(),
        tax_type: String::new(),
        description: String::new(),
        system_account: String::new(),
        enable_payments: false,
        show_in_expense_claims: false,
        bank_account_number: String::new(),
        bank_account_type: String::new(),
        currency: String::new(),
        updated: now,
    }
}
