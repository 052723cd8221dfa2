/** Products, free units and reservations. */
import type { Activity } from './activity';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly priceCents: number;
  /** Units in the warehouse when the shop opens. */
  readonly stock: number;
}

export interface Line {
  readonly productId: string;
  readonly quantity: number;
}

export interface Reservation {
  readonly id: string;
  readonly orderId: string;
  readonly lines: readonly Line[];
}

export class Stock {
  private readonly products: ReadonlyMap<string, Product>;
  private readonly free: Map<string, number>;
  private readonly reservations = new Map<string, Reservation>();

  constructor(
    products: readonly Product[],
    private readonly activity: Activity,
  ) {
    this.products = new Map(products.map((product) => [product.id, product]));
    this.free = new Map(products.map(({ id, stock }) => [id, stock]));
  }

  get size(): number {
    return this.products.size;
  }

  /** @throws Error if the catalogue does not have the product */
  product(id: string): Product {
    const product = this.products.get(id);
    if (!product) throw new Error(`Product ${id} is not in the catalogue`);
    return product;
  }

  available(productId: string): number {
    return this.free.get(productId) ?? 0;
  }

  quoteCents(lines: readonly Line[]): number {
    return lines.reduce((sum, { productId, quantity }) => sum + this.product(productId).priceCents * quantity, 0);
  }

  /** Holds all lines or none. A second call with the same key returns the existing reservation. */
  hold(orderId: string, lines: readonly Line[], { idempotencyKey }: { idempotencyKey: string }): Reservation {
    const id = `rsv-${idempotencyKey.slice(0, 8)}`;
    const existing = this.reservations.get(id);
    if (existing) return existing;
    const missing = lines.find(({ productId, quantity }) => this.available(productId) < quantity);
    if (missing)
      throw new Error(`Only ${this.available(missing.productId)} units of ${missing.productId} are available`);
    this.move(lines, -1);
    const reservation = { id, orderId, lines };
    this.reservations.set(id, reservation);
    this.activity.add(orderId, 'reserved', `${units(lines)} units`);
    return reservation;
  }

  /** Frees the reserved units; a second call has no effect. */
  release(reservationId: string): void {
    const reservation = this.reservations.get(reservationId);
    if (!reservation) return;
    this.reservations.delete(reservationId);
    this.move(reservation.lines, 1);
    this.activity.add(reservation.orderId, 'released', `${units(reservation.lines)} units`);
  }

  levels(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.free);
  }

  get openReservations(): number {
    return this.reservations.size;
  }

  private move(lines: readonly Line[], sign: 1 | -1): void {
    for (const { productId, quantity } of lines) {
      this.free.set(productId, this.available(productId) + sign * quantity);
    }
  }
}

export const units = (lines: readonly Line[]): number => lines.reduce((sum, { quantity }) => sum + quantity, 0);
