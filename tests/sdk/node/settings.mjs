// What an organisation is: profile, accounts, tax rates, tracking, currencies, themes.
import { day, fact, reason, refusal, same, tenants } from './practice.mjs';

export async function readSettings(api) {
  const { nz } = tenants;
  const [profile] = (await api.getOrganisations(nz)).body.organisations;
  same(profile.organisationID, nz, 'organisation id');
  same(profile.organisationStatus, 'ACTIVE', 'organisation status');
  same(profile.timezone, 'NEWZEALANDSTANDARDTIME', 'time zone');
  const { name, countryCode, baseCurrency, version } = profile;
  fact('organisation', [name, countryCode, baseCurrency, version].join(', '));
  fact('year ends', `${profile.financialYearEndDay}/${profile.financialYearEndMonth}`);
  const { actions } = (await api.getOrganisationActions(nz)).body;
  same(actions.find((one) => one.name === 'CreateApprovedInvoice').status, 'ALLOWED', 'action');

  const { accounts } = (await api.getAccounts(nz)).body;
  const sales = accounts.find((one) => one.code === '200');
  fact(
    'account 200',
    [sales.name, sales.type, sales._class, sales.taxType, sales.status].join(', '),
  );
  same(sales.updatedDateUTC instanceof Date, true, 'account date');
  const system = accounts.find((one) => one.systemAccount === 'DEBTORS');
  fact('debtors account', `${system.code} ${system.name}`);
  const banks = (await api.getAccounts(nz, undefined, 'Type=="BANK"')).body.accounts;
  fact(
    'bank accounts',
    banks
      .map((one) => one.code)
      .sort()
      .join(' '),
  );
  fact(
    'filter that cannot be read',
    reason(await refusal(api.getAccounts(nz, undefined, 'Type=="BA'))),
  );

  const { taxRates } = (await api.getTaxRates(nz)).body;
  const gst = taxRates.find((one) => one.taxType === 'OUTPUT2');
  fact('tax type OUTPUT2', `${gst.name}, ${gst.effectiveRate}, ${gst.canApplyToRevenue}`);
  same(
    gst.taxComponents.map((one) => Number(one.rate)),
    [15],
    'tax components',
  );
  const old = taxRates.filter((one) => one.status === 'DELETED').map((one) => one.taxType);
  fact('tax types no longer in use', old.sort().join(' '));

  const { trackingCategories } = (await api.getTrackingCategories(nz)).body;
  const tracking = trackingCategories.map((one) => {
    same(
      one.options.every((option) => option.status === 'ACTIVE'),
      true,
      'tracking options',
    );
    return `${one.name} (${one.options.map((option) => option.name).join(', ')})`;
  });
  fact('tracking', tracking.join(', '));
  const { currencies } = (await api.getCurrencies(nz)).body;
  fact(
    'currencies',
    currencies
      .map((one) => one.code)
      .sort()
      .join(' '),
  );
  const { brandingThemes } = (await api.getBrandingThemes(nz)).body;
  fact('branding themes', brandingThemes.map((one) => one.name).join(' '));
  same(day(brandingThemes[0].createdDateUTC).length, 10, 'theme date');
}
