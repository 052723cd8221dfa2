/** The three orders, their expected outcomes, and the check of the outcomes. */
import type { OrchestrationInspection } from '@orra-ts/sdk';
import type { Order } from './dto/order';
import { compensated } from './orchestration';
import type { Deed } from './shop/activity';
import type { Books, Shop } from './shop/shop';
import type { Line } from './shop/stock';

export interface Scenario {
  readonly orderId: string;
  readonly customerId: string;
  readonly story: string;
  readonly lines: readonly Line[];
  readonly expected: {
    readonly status: OrchestrationInspection['status'];
    /** Services whose tasks are compensated, in order. */
    readonly compensated: readonly string[];
    /** Changes in the shop, in order. */
    readonly deeds: readonly Deed[];
  };
}

export const scenarios: readonly Scenario[] = [
  {
    orderId: 'A-1001',
    customerId: 'cus-1001',
    story: 'all items are in stock and a courier delivers to Bergen: completes',
    lines: [
      { productId: 'lamp-desk-oak', quantity: 2 },
      { productId: 'bulb-filament-e27', quantity: 4 },
    ],
    expected: { status: 'completed', compensated: [], deeds: ['charged', 'reserved', 'shipped'] },
  },
  {
    orderId: 'A-1002',
    customerId: 'cus-1005',
    story: 'more chairs than in stock: aborted after the payment, which is refunded',
    lines: [
      { productId: 'blanket-wool-grey', quantity: 1 },
      { productId: 'chair-reading-oak', quantity: 5 },
    ],
    expected: { status: 'aborted', compensated: ['payment-service'], deeds: ['charged', 'refunded'] },
  },
  {
    orderId: 'A-1003',
    customerId: 'cus-1011',
    story: 'no courier delivers to Ny-Alesund: fails after payment and reservation, which are undone in reverse order',
    lines: [
      { productId: 'kettle-gooseneck', quantity: 1 },
      { productId: 'mug-stoneware-moss', quantity: 6 },
    ],
    expected: {
      status: 'failed',
      compensated: ['inventory-service', 'payment-service'],
      deeds: ['charged', 'reserved', 'released', 'refunded'],
    },
  },
];

export const orderOf = ({ orderId, customerId, lines }: Scenario, shop: Shop): Order => ({
  orderId,
  customerId,
  lines: [...lines],
  totalCents: shop.stock.quoteCents(lines),
});

/** One line for each difference from the expected outcome. */
export function problemsOf(
  scenario: Scenario,
  inspection: OrchestrationInspection,
  { before, after, shop }: { readonly before: Books; readonly after: Books; readonly shop: Shop },
): readonly string[] {
  const { orderId, lines, expected } = scenario;
  const wanted = expected.status === 'completed' ? sold(before, lines, shop.stock.quoteCents(lines)) : before;
  const checks: readonly (readonly [what: string, found: unknown, wanted: unknown])[] = [
    ['status', inspection.status, expected.status],
    ['compensated', compensated(inspection), expected.compensated],
    ['changes in the shop', shop.activity.of(orderId).map(({ deed }) => deed), expected.deeds],
    ...differences(flat(after), flat(wanted)),
  ];
  return checks
    .filter(([, found, should]) => JSON.stringify(found) !== JSON.stringify(should))
    .map(([what, found, should]) => `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(should)}`);
}

const flat = ({ stock, ...rest }: Books): Readonly<Record<string, number>> => ({ ...stock, ...rest });

const differences = (
  found: Readonly<Record<string, number>>,
  wanted: Readonly<Record<string, number>>,
): (readonly [string, unknown, unknown])[] =>
  Object.keys(wanted).map((name) => [`books, ${name}`, found[name], wanted[name]]);

function sold(before: Books, lines: readonly Line[], totalCents: number): Books {
  const stock = { ...before.stock };
  for (const { productId, quantity } of lines) stock[productId] = (stock[productId] ?? 0) - quantity;
  return {
    stock,
    openReservations: before.openReservations + 1,
    balanceCents: before.balanceCents + totalCents,
  };
}
