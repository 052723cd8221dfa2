import { capabilityTerms, indexTerms } from './capability-terms';

const covers = (capability: string, ...texts: readonly string[]): boolean =>
  indexTerms(texts).covers(capabilityTerms(capability));

describe('a capability is covered by what a service says', () => {
  it.each([
    ['does stock-holder', 'does stock-holder'],
    ['Refund payments', 'refund-payment'],
    ['holds the goods of an order', 'Order: goods hold'],
    ['ship orders', 'Ships an order'],
    ['shipping of orders', 'Ships an order'],
    ['track parcels', 'Parcel tracking'],
    ['rate customers', 'Rating a customer'],
    ['cancel orders', 'Cancelling an order'],
    ['cancel orders', 'Orders are canceled'],
    ['notify customers', 'A customer is notified'],
    ['make inventories', 'Making an inventory'],
    ['check addresses', 'Checks the address'],
    ['fill boxes', 'Fills a box'],
    ["update the customer's email", 'updates the email of a customer'],
    ['LAGERBESTAND PRÜFEN', 'Lagerbestand prüfen'],
    ['在庫を確保する', '在庫を確保する。'],
  ])('"%s" by "%s"', (capability, text) => {
    expect(covers(capability, text)).toBe(true);
  });

  it('whose words are spread over several strings', () => {
    expect(covers('find orders by customer', 'order-finder', 'Finds what was ordered', 'The customer who bought')).toBe(
      true,
    );
  });

  it('whose words are all function words', () => {
    expect(covers('do it', 'does what you want')).toBe(false);
    expect(covers('do it', 'I do it')).toBe(true);
  });
});

describe('a capability is not covered', () => {
  it.each([
    ['sails', 'does stock-holder'],
    ['refund payments', 'Refunds'],
    ['refund payments', 'Takes payments'],
    ['take care', 'Takes a car'],
    ['check the rating', 'Checks for a rat'],
    ['ship strings', 'Ships a str'],
    ['read news feed', 'Reads a new fe'],
    ['show status', 'Shows a statu'],
    ['use bees', 'Used for being'],
    ['pay', 'Payment'],
    ['!?', 'anything!?'],
  ])('"%s" by "%s"', (capability, text) => {
    expect(covers(capability, text)).toBe(false);
  });

  it.each([
    'Ships orders. It does not refund payments.',
    "Ships orders and doesn't refund payments",
    'Never refunds a payment',
    'Everything except refunds of payments',
    'Ships orders but cannot refund payments',
  ])('if the service negates it: %s', (text) => {
    expect(covers('refund payments', text)).toBe(false);
    expect(covers('ship orders', 'order shipping', text)).toBe(true);
  });

  it('if only another sentence negates it, it is covered', () => {
    expect(covers('refund payments', 'Refunds payments. Never ships.')).toBe(true);
    expect(covers('refund payments', 'Never ships but refunds payments')).toBe(true);
    expect(covers('refund without receipt', 'Refunds without a receipt')).toBe(true);
    expect(covers('refund without receipt', 'Refunds with a receipt')).toBe(false);
  });
});

it('long strings take time linear in their length', () => {
  const long = ['a', 'e', 's', '.'].map((unit) => unit.repeat(200_000));
  expect(covers('refund', ...long, `${'ai'.repeat(100_000)}x`)).toBe(false);
  expect(covers(`${'ab'.repeat(100_000)}ing`, ...long)).toBe(false);
});
